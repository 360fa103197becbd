"""Embargoes: full yards stop new loadings at the origin; and lots that begin in a yard ask for room.

Lots of the rows that an embargo names are born as trips that pass a stage `release` for each of
them, before all facilities of the row: its meter is off, or (second choice) the day's quota has
enough left for them. They wait on the shipper's clock; nothing else of the corridor is held.
"""

from __future__ import annotations

from dataclasses import replace

from corridor_sim.facilities import Yard
from corridor_sim.inputs.schema import Demand, Embargo
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import UNITS
from corridor_sim.model.meaning import Ride
from corridor_sim.model.yards import room
from corridor_sim.primitives import Counter, Line, Meter, Quantity, Stage
from corridor_sim.terms import Amount
from corridor_sim.units import DAY_S, seconds


def add_embargoes(bench: Bench) -> None:
    """Add the meters and quotas."""
    for name, row in sorted(bench.scenario.embargoes.items()):
        weights = [(yard, 1) for yard in row.yards]
        if row.count_held:
            weights += [
                (held, 1) for yard in row.yards for held in bench.meaning.held.get(yard, ())
            ]
        bench.parts.meters.append(
            Meter(
                _meter(name),
                tuple(weights),
                row.on_units,
                row.off_units,
                seconds(row.min_days * 24),
            )
        )
        bench.meaning.embargoes[name] = []
        if row.quota_per_day is not None:
            quota = Counter(f"quota {name}", row.quota_per_day, period_s=DAY_S, cause=_cause(name))
            bench.parts.counters.append(quota)


def embargoes_on(bench: Bench, row: Demand, rides: list[Ride]) -> tuple[str, ...]:
    """Names of the embargoes that stop lots of a row on the way that these rides are."""
    nodes = {node for ride in rides for node in (ride.start, ride.end)}
    return tuple(
        name
        for name, embargo in sorted(bench.scenario.embargoes.items())
        if stops(embargo, row)
        and nodes & {bench.scenario.facilities[y].node for y in embargo.yards}
    )


def stops(embargo: Embargo, row: Demand) -> bool:
    """Whether an embargo is about a row of demand, whichever way its lots take."""
    if row.id in embargo.exempt or (embargo.demand and row.id not in embargo.demand):
        return False
    asked = (embargo.commodity, embargo.unit, embargo.direction)
    has = (row.commodity, row.unit, row.direction)
    return all(a is None or a == b for a, b in zip(asked, has, strict=True))


def has_quota(bench: Bench, names: tuple[str, ...]) -> bool:
    """Whether one of these embargoes counts lots, so that a batch may pass in parts."""
    return any(bench.scenario.embargoes[name].quota_per_day is not None for name in names)


def first_yard(bench: Bench, row: Demand, rides: list[Ride]) -> str | None:
    """The yard in which lots stand before their first ride; None: there is no limit."""
    if not rides:
        return None
    call = next(c for c in bench.calls[rides[0].service] if c.node == rides[0].start)
    yard = bench.scenario.facilities.get(call.load_yard or "")
    return yard.id if isinstance(yard, Yard) and yard.counts("", row) else None


def add_releases(
    bench: Bench,
    row: Demand,
    flow: str,
    names: tuple[str, ...],
    next_line: str | None,
    place: str | None,
) -> str | None:
    """Add the releases of one flow in order; the first line, or `next_line` if there are none.

    place    where its lots get off behind the last of them; None: they go on as trips
    """
    lines = [f"demand {flow} release {name}" for name in names]
    for i, (name, line) in enumerate(zip(names, lines, strict=True)):
        is_last = i + 1 == len(names)
        stage = Stage(
            line,
            _cause(name),
            place=place if is_last else None,
            next_line=next_line if is_last else lines[i + 1],
            turn_cause=_cause(name),
        )
        stages = [replace(stage, meter=_meter(name), meter_cause=_cause(name))]
        if bench.scenario.embargoes[name].quota_per_day is not None:
            quota = Quantity(f"quota {name}", kind=Amount.ON_BOARD, dim=UNITS)
            stages.append(replace(stage, name=f"{line} by quota", needs=(quota,)))
        bench.parts.stages += stages
        bench.parts.lines.append(Line(line, tuple(stage.name for stage in stages)))
        bench.meaning.nodes.update(dict.fromkeys((stage.name for stage in stages), row.origin))
        bench.meaning.embargoes[name].append(line)
    return lines[0] if lines else next_line


def add_entry(bench: Bench, row: Demand, flow: str, yard: str, place: str) -> str:
    """Add the line and stage in which lots take room in the yard at their origin."""
    name = f"demand {flow} into {yard}"
    needs = room(bench, yard, Amount.ON_BOARD)
    bench.parts.lines.append(Line(name, (name,)))
    bench.parts.stages.append(
        Stage(name, f"service:{row.origin}", needs=needs, place=place, turn_cause=f"wait:{yard}")
    )
    bench.meaning.nodes[name] = row.origin
    return name


def _meter(name: str) -> str:
    return f"embargo {name}"


def _cause(name: str) -> str:
    return f"hold:embargo {name}"
