"""A border crossing point, one side and direction: papers, physical work and acceptance in a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import Field

from corridor_sim.facilities.record import Record, Share, Slug, law_columns
from corridor_sim.facilities.server import Visit
from corridor_sim.primitives import Counter, Line, Primitives, Quantity, Stage

DocumentsLaw: Any = law_columns("documents", "the work on a train's documents")
InspectionLaw: Any = law_columns("inspection", "an inspection, where there is one")
DocumentErrorLaw: Any = law_columns(
    "document_error", "the wait for corrected documents or a new consignment note"
)
PhysicalLaw: Any = law_columns("physical", "shunting, traction, handing over of the train")

FORMAL = ("documents", "inspection", "document_error")
"""What a regime changes; all of it is done in the hours of `open_daily`."""

COMPONENTS = (*FORMAL, "physical", "acceptance")
"""In the order in which a train passes them."""


class Work(NamedTuple):
    """What the compiler knows of one component: the stream of its seconds, and its calendar."""

    column: str | None = None
    calendar: str | None = None


class BorderCrossing(Record, PhysicalLaw, DocumentErrorLaw, InspectionLaw, DocumentsLaw):
    """Named in `via`; a train passes documents, inspection, document_error, physical, acceptance.

    A component without its columns is not there. The ledger has `service:<id> <component>`, waits
    `wait:<id> <component>`; `facility_kpi` a row `<id> <component>` each.
    """

    type: Literal["border_crossing"] = "border_crossing"
    node: Slug
    """Where it stands."""
    servers: int = Field(1, ge=1)
    """Desks: trains whose documents are in work at once."""
    inspection_share: Share = 0.0
    """The share of trains that are inspected; inspections are not limited in number."""
    document_error_share: Share = 0.0
    """The share of trains with an error in their documents; nobody else waits for the correction."""
    tracks: int = Field(1, ge=1)
    """Trains in physical work at once."""
    per_day: int | None = Field(None, ge=1)
    """Trains that the other side accepts a day, from midnight UTC of the start; none: no limit."""
    open_daily: str | None = Field(None, pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    """Local hours of documents, inspection and corrections; work begun goes on the next day."""
    physical_open_daily: str | None = Field(None, pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    """Local hours of the physical work; none: round the clock."""
    utc_offset_h: float = Field(0, ge=-12, le=14)
    """Local time less UTC."""
    regime: Literal["separate", "joint", "digital", "digital_joint"] = "separate"
    """digital: documents by `digital_factor`; joint: papers once for both sides (`joint_with`)."""
    digital_factor: Share = 0.5
    """digital: factor on the time of documents, inspection_share and document_error_share."""
    joint_with: Slug | None = None
    """joint: the crossing of the other side. Of the two, the one that comes second in a `via` has
    neither documents nor inspection nor errors: they were dealt with at the first."""

    def components(self, before: tuple[str, ...] = ()) -> tuple[str, ...]:
        """What a train passes here, in order, that has passed the facilities `before`."""
        is_done = "joint" in self.regime and self.joint_with in before
        return tuple(
            what for what in COMPONENTS if self.has(what) and not (is_done and what in FORMAL)
        )

    def has(self, what: str) -> bool:
        """Whether the row gives a component its columns."""
        if what == "acceptance":
            return self.per_day is not None
        columns = (f"{what}_law", f"{what}_mean_h", f"{what}_rate_per_h")
        return any(getattr(self, column) is not None for column in columns)

    def share(self, what: str) -> float:
        """The share of trains to which a component happens, under the regime."""
        if what not in ("inspection", "document_error"):
            return 1.0
        share: float = getattr(self, f"{what}_share")
        return share * self._formal_factor

    def scale(self, what: str) -> float:
        """The factor on the time of a component, under the regime."""
        return self._formal_factor if what == "documents" else 1.0

    @property
    def _formal_factor(self) -> float:
        return self.digital_factor if "digital" in self.regime else 1.0

    @property
    def limits(self) -> dict[str, int]:
        """How many trains at once, by component that has a limit."""
        # SIMPLIFIED: inspections and corrections have none (docs/assumptions.md#border-papers)
        limits = {"documents": self.servers, "physical": self.tracks}
        return {what: n for what, n in limits.items() if self.has(what)}

    def counters(self) -> list[Counter]:
        """Its desks, its tracks, and its acceptances a day, as `<id> <component>`."""
        made = [(name := f"{self.id} {what}", n, f"wait:{name}") for what, n in self.limits.items()]
        counters = [Counter(name, n, cause=cause) for name, n, cause in made]
        if self.per_day is not None:
            name = f"{self.id} acceptance"
            counters.append(Counter(name, self.per_day, period_s=86_400, cause=f"wait:{name}"))
        return counters

    def expand(
        self, parts: Primitives, visit: Visit, work: Mapping[str, Work]
    ) -> tuple[Quantity, ...]:
        """Add one itinerary's lines and stages for the components in `work`, in its order.

        The first line is `<visit.name>`, the others, and all stages, `<visit.name> <component>`.
        Gives what it still holds after: with `visit.hold` its track.
        """
        names = [f"{visit.name} {what}" for what in work]
        lines = [visit.name, *names[1:]]
        held = [Quantity(f"{self.id} physical")] if visit.hold and "physical" in work else []
        for i, (what, (column, calendar)) in enumerate(work.items()):
            first, last = i == 0, i + 1 == len(work)
            own = [Quantity(f"{self.id} {what}")]
            is_gate = what == "acceptance"
            parts.lines.append(Line(lines[i], (names[i],)))
            parts.stages.append(
                Stage(
                    names[i],
                    state=f"service:{self.id} {what}",
                    gate=calendar if is_gate else None,
                    needs=tuple(own) if is_gate or what in self.limits else (),
                    work_column=column,
                    clock=None if is_gate else calendar,
                    place=visit.place if last else None,
                    puts_start=visit.release if first else (),
                    puts_end=tuple(own) if what in self.limits and own != held else (),
                    next_line=visit.next_line if last else lines[i + 1],
                    spawn=visit.spawn if first else None,
                    turn_cause=f"wait:{self.id} {what}",
                )
            )
        return tuple(held)
