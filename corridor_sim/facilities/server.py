"""A server: trips wait, are served one at a time by each of its servers, and go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from corridor_sim.facilities.record import Count, Record, Share, Slug, law_columns
from corridor_sim.primitives import Counter, Line, Primitives, Quantity, Stage
from corridor_sim.terms import Order

ServiceLaw: Any = law_columns("service", "the service time")
UpLaw: Any = law_columns("up", "the time between failures")
DownLaw: Any = law_columns("down", "the time to repair")


@dataclass(frozen=True)
class Visit:
    """How one itinerary passes through a facility; names are made by the compiler.

    `release` is what the trip still holds from the facility before (blocking after service) and
    gives back on being admitted here; with `hold` it keeps this facility's own until the next.
    """

    name: str
    next_line: str | None
    place: str | None = None
    clock: str | None = None
    gate: str | None = None
    column: str | None = None
    release: tuple[Quantity, ...] = ()
    hold: bool = False
    give: tuple[Quantity, ...] = ()
    """Put back at the end of the visit, besides the facility's own."""
    spawn: str | None = None
    """The next trip of this source is born when the service starts (a saturated source)."""


class Server(Record, ServiceLaw, UpLaw, DownLaw):
    """A desk, a track with a crew, a workshop: `servers` trips at once, the others wait."""

    type: Literal["server"] = "server"
    node: Slug
    """Where it stands."""
    servers: int = Field(1, ge=1)
    """How many trips it serves at once."""
    queue: Literal["fifo", "lifo", "priority"] = "fifo"
    """Who is next: first come, last come, or the lowest `priority` number first."""
    places: int | None = Field(None, ge=1)
    """Trips it can hold, those in service included; none: no limit."""
    when_full: Literal["block", "turn_away"] = "block"
    """What happens to a trip that finds no place: it waits where it was, or it is lost."""
    open_daily: str | None = Field(None, pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    """Local opening hours, `08:00-20:00`; work begun goes on the next day."""
    utc_offset_h: float = Field(0, ge=-12, le=14)
    """Local time less UTC."""
    per_day: Count | None = None
    """Trips it accepts a day, counted from midnight UTC of the start; none: no limit."""
    weather_zone: Slug | None = None
    """Closed, work suspended, while this zone of `weather` is closed."""
    happens_share: Share = 1.0
    """The share of trips that are served at all; the others pass in no time (inspections)."""

    @property
    def blocks(self) -> bool:
        """Whether a trip before it must wait with what it holds."""
        return self.places is not None and self.when_full == "block"

    @property
    def needs(self) -> tuple[Quantity, ...]:
        """What one trip asks for: a server, and one of the day's acceptances if they are counted."""
        day = (Quantity(f"{self.id} a day"),) if self.per_day else ()
        return (Quantity(self.id), *day)

    def expand(self, parts: Primitives, visit: Visit) -> tuple[Quantity, ...]:
        """Add the lines and stages of one itinerary's visit; gives what it still holds after.

        The first line is `<visit.name>`. Counters are `<id>` (servers), `<id> place`, `<id> a day`.
        """
        own = [Quantity(self.id)]
        serve_line = visit.name
        if self.places is not None:
            serve_line = f"{visit.name} serve"
            own.append(Quantity(f"{self.id} place"))
            self._entry(parts, visit, serve_line)
        parts.lines.append(Line(serve_line, (f"{visit.name} serve",), **self._order()))
        parts.stages.append(
            Stage(
                f"{visit.name} serve",
                state=f"service:{self.id}",
                gate=visit.gate,
                needs=self.needs,
                work_column=visit.column,
                clock=visit.clock,
                place=visit.place,
                puts_start=() if self.places is not None else visit.release,
                puts_end=(() if visit.hold else tuple(own)) + visit.give,
                next_line=visit.next_line,
                spawn=visit.spawn,
                turn_cause=f"wait:{self.id}",
            )
        )
        return tuple(own) if visit.hold else ()

    def _entry(self, parts: Primitives, visit: Visit, serve_line: str) -> None:
        give_up = 0 if self.when_full == "turn_away" else -1
        parts.lines.append(
            Line(visit.name, (f"{visit.name} enter",), give_up_s=give_up, **self._order())
        )
        parts.stages.append(
            Stage(
                f"{visit.name} enter",
                state=f"service:{self.id}",
                needs=(Quantity(f"{self.id} place"),),
                puts_start=visit.release,
                next_line=serve_line,
            )
        )

    def counters(self) -> list[Counter]:
        """Its own counters, once for all itineraries."""
        made = [Counter(self.id, self.servers, cause=f"wait:{self.id}")]
        if self.places is not None:
            made.append(Counter(f"{self.id} place", self.places, cause=f"wait:{self.id} place"))
        if self.per_day:
            cause = f"wait:{self.id} a day"
            made.append(Counter(f"{self.id} a day", self.per_day, period_s=86_400, cause=cause))
        return made

    def _order(self) -> dict[str, Any]:
        order = Order.LIFO if self.queue == "lifo" else Order.FIFO
        return {"order": order, "by_class": self.queue == "priority"}
