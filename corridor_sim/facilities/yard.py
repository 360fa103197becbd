"""A yard: room for lots between two rides, shared or split, slower when it is crowded."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import Field

from corridor_sim.facilities.record import Count, Hours, Record, Share, Slug
from corridor_sim.primitives import Counter

PARTS = ("import", "export", "empty")
REST = "not import"
"""What a reserve keeps out of its places: all lots but imports."""


class Lots(Protocol):
    """What a yard asks about lots: a row of demand says it."""

    @property
    def unit(self) -> str:
        """teu, wagon, truck or unit."""

    @property
    def direction(self) -> str:
        """west, east or none."""

    @property
    def laden(self) -> bool:
        """False: empties."""


class Yard(Record):
    """Named as `yard` in a call: unloading takes room for each lot, loading gives it back.

    With a part of their own (`import_places` and so on), lots ask for room in the yard and in their
    part. Imports are the lots of `import_direction`, exports all others; empties, whatever their
    direction, are of neither where `empty_places` is given.
    """

    type: Literal["yard"] = "yard"
    node: Slug
    """Where it lies."""
    places: int = Field(ge=1)
    """Room, in units of the lots that stand here (TEU, wagons or trucks): the hard limit."""
    unit: Literal["teu", "wagon", "truck", "unit"] | None = None
    """Only lots of this unit take room here, others of the same call do not; none: all."""
    import_places: Count | None = None
    """Of these for imports at most; none: they share."""
    export_places: Count | None = None
    """Of these for exports at most; none: they share."""
    empty_places: Count | None = None
    """Of these for empties at most; none: empties are imports or exports as laden lots are."""
    import_reserve: Count = 0
    """Places that only imports may use: one discharge at least, where both directions share."""
    swap_places: Count = 0
    """Places that trains leave free, so that vessels alongside can unload a part, load as much, and
    go on: one part of a discharge at least (`unload_max_units`), better one a berth."""
    import_direction: Literal["west", "east"] | None = None
    """Which lots are imports: off a vessel, say."""
    soft_share: Share | None = None
    """Share of the places in use from which on lots are handled more than once."""
    rehandle_k: Hours = 0.0
    """Work begun while the share in use is u > soft_share takes 1 / (1 - k (u - soft_share)) times
    as long."""

    def counters(self) -> list[Counter]:
        """The yard's own, and one for each limited part."""
        cause = f"wait:{self.id}"
        parts = [Counter(f"{self.id} {part}", n, cause=cause) for part, n in self.parts.items()]
        return [Counter(self.id, self.places, cause=cause), *parts]

    @property
    def parts(self) -> dict[str, int]:
        """Limited part -> its places."""
        given = {part: getattr(self, f"{part}_places") for part in PARTS}
        found = {part: n for part, n in given.items() if n is not None}
        return found | ({REST: self.places - self.import_reserve} if self.import_reserve else {})

    @property
    def told_apart(self) -> tuple[str, ...]:
        """Parts, or the whole (""), that do not count all lots."""
        return ("", *self.parts) if self.unit else tuple(self.parts)

    def counts(self, part: str, lots: Lots) -> bool:
        """Whether such lots take room in a part; in the yard as a whole: part ""."""
        if self.unit not in (None, lots.unit):
            return False
        kind = "import" if lots.direction == self.import_direction else "export"
        if self.empty_places is not None and not lots.laden:
            kind = "empty"
        return part in ("", kind) or (part == REST and kind != "import")

    def slow_steps(self) -> tuple[tuple[int, int], ...]:
        """(places in use, per mille of the work) from each level on; one step a place.

        >>> Yard(id="y", node="n", places=4, soft_share=0.5, rehandle_k=1).slow_steps()
        ((3, 1333), (4, 2000))
        """
        if self.soft_share is None or not self.rehandle_k:
            return ()
        steps: list[tuple[int, int]] = []
        for level in range(1, self.places + 1):
            over = level / self.places - self.soft_share
            per_mille = round(1000 / (1 - self.rehandle_k * over)) if over > 1e-9 else 1000
            if per_mille != (steps[-1][1] if steps else 1000):
                steps.append((level, per_mille))
        return tuple(steps)
