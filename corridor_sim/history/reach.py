"""What a trip may come to from where it waits: lines, stages, what it would put back."""

from __future__ import annotations

from corridor_sim.model.compiled import CompiledModel


class Reach:
    """What a trip in a line may come to: the lines and stages ahead of it, spawned trips too."""

    def __init__(self, model: CompiledModel):
        self.model = model
        self._stages: dict[int, frozenset[int]] = {}
        self._brings: dict[tuple[int, int], bool] = {}

    def stages(self, line: int) -> frozenset[int]:
        """All stages ahead."""
        if line not in self._stages:
            seen, open_, found = {line}, [line], set()
            while open_:
                here = open_.pop()
                stages = self._alternatives(here)
                found |= stages
                new = self._next(here, stages) - seen
                seen |= new
                open_ += sorted(new)
            self._stages[line] = frozenset(found)
        return self._stages[line]

    def brings(self, line: int, counter: int) -> bool:
        """Whether a trip in a line comes to where it puts a counter before it would need it."""
        if (line, counter) not in self._brings:
            self._brings[line, counter] = self._comes_to_put(line, counter)
        return self._brings[line, counter]

    def _comes_to_put(self, line: int, counter: int) -> bool:
        seen, open_ = {line}, [line]
        while open_:
            here = open_.pop()
            free = {s for s in self._alternatives(here) if counter not in self.needs(s)}
            if any(counter in self._puts(s) for s in free):
                return True
            new = self._next(here, free) - seen
            seen |= new
            open_ += sorted(new)
        return False

    def needs(self, stage: int) -> set[int]:
        """Counters that a stage asks for."""
        stages = self.model.stages
        return set(
            stages.need_counter[stages.need_ptr[stage] : stages.need_ptr[stage + 1]].tolist()
        )

    def _puts(self, stage: int) -> set[int]:
        stages = self.model.stages
        starts = stages.start_counter[stages.start_ptr[stage] : stages.start_ptr[stage + 1]]
        ends = stages.end_counter[stages.end_ptr[stage] : stages.end_ptr[stage + 1]]
        return {*starts.tolist(), *ends.tolist()}

    def stocks(self, line: int) -> set[int]:
        """Stocks that are loaded from somewhere ahead."""
        return {int(self.model.stages.stock[s]) for s in self.stages(line)} - {-1}

    def _alternatives(self, line: int) -> set[int]:
        lines = self.model.lines
        return set(lines.alt_stage[lines.alt_ptr[line] : lines.alt_ptr[line + 1]].tolist())

    def _next(self, line: int, alternatives: set[int]) -> set[int]:
        stages, lines, sources = self.model.stages, self.model.lines, self.model.sources
        found = {int(lines.else_line[line])}
        for s in alternatives:
            found |= {int(c[s]) for c in (stages.next_line, stages.loop_line, stages.cut_line)}
            if stages.spawn[s] >= 0:
                found.add(int(sources.line[stages.spawn[s]]))
        return found - {-1}
