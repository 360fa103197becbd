"""The bench on which one replication is built: primitives, calendars and draws by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import numpy as np

from corridor_sim.facilities import Berth, CranePool, HoldStation, Yard
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Scenario
from corridor_sim.laws import Law
from corridor_sim.model import outages, profiles
from corridor_sim.model.draws import draw_seconds, uniforms
from corridor_sim.model.lot_groups import LotGroups
from corridor_sim.model.meaning import Meaning
from corridor_sim.model.profiles import Closure
from corridor_sim.model.routes import calls_of
from corridor_sim.model.weather import PortWeather, spells_of
from corridor_sim.model.weather_thresholds import Span, stops
from corridor_sim.primitives import Primitives
from corridor_sim.units import FOREVER, HOUR_S

CLASS_S = 10**10
"""Offset between two priority classes of a queue: longer than any run, so strict."""

AGEING_S = 5 * 86_400
"""Lots of the next lower priority count as five days younger in a yard (assumption)."""


N_DRAW = 1_024
"""Numbers compiled at first for a stream whose length the run decides."""


class Bench:
    """Everything that the compiler's parts need of one scenario and replication."""

    def __init__(
        self, scenario: Scenario, seed: int, rep: int, stream_length: dict[tuple[str, str], int]
    ):
        sim = scenario.simulation
        self.scenario, self.seed, self.rep, self.stream_length = scenario, seed, rep, stream_length
        self.start = sim.start
        self.window_s = window_s(scenario)
        self.horizon_s = self.window_s[2]
        self.lot_groups = LotGroups(scenario)
        self.parts = Primitives(self.horizon_s, n_dim=self.lot_groups.n_dim)
        self.meaning = Meaning()
        self.calls = calls_of(scenario)
        self.meaning.weather = spells_of(scenario, self.horizon_s, seed, rep)
        self._zones: dict[str, PortWeather] = {}
        self.outages = outages.outages_of(scenario, self.second)
        self.works: dict[str, list[Closure]] = defaultdict(list)
        self.works.update(outages.closures_of(scenario, self.outages))
        self.fleet_tracks: dict[str, outages.Track] = {}
        self._calendars: dict[tuple[Closure, ...], str | None] = {}
        self.facility_clocks: dict[str, str | None] = {}

    def second(self, at: datetime) -> int:
        """Seconds from the scenario start."""
        return round((at - self.start) / timedelta(seconds=1))

    def calendar(self, name: str, closures: Iterable[Closure]) -> str | None:
        """The name of a calendar with these closures (made once); None if always open."""
        key = tuple(sorted(closures))
        if key not in self._calendars:
            made = profiles.calendar(name, key)
            if made is not None:
                self.parts.calendars.append(made)
            self._calendars[key] = name if made is not None else None
        return self._calendars[key]

    def closures(self, calendar: str) -> tuple[Closure, ...]:
        """The closures that a calendar of `calendar` was made of."""
        return next(key for key, name in self._calendars.items() if name == calendar)

    def fleet_track(self, fleet: str, track: outages.Track) -> outages.Track:
        """A fleet's vehicles by date, less those that outages take; the first are kept."""
        self.fleet_tracks[f"fleet {fleet}"] = track
        return outages.limited(track, self.outages_of_fleet(fleet))

    def outages_of_fleet(self, fleet: str) -> list[outages.Outage]:
        """Outages whose target it is."""
        return [o for o in self.outages if o.row.target == f"fleets.{fleet}"]

    def dated(self, value: float | Mapping[str, float]) -> list[tuple[int, float]]:
        """Steps (instant, value from then on), the first at 0: what the first date says holds before."""
        if not isinstance(value, Mapping):
            return [(0, value)]
        zone = self.start.tzinfo
        at = {datetime.fromisoformat(day).replace(tzinfo=zone): x for day, x in value.items()}
        steps = {max(0, self.second(day)): x for day, x in sorted(at.items())}
        return sorted(({0: next(iter(steps.values()))} | steps).items())

    def not_before(self, at: datetime | None, what: str) -> list[Closure]:
        """Closed until a date."""
        if at is None or self.second(at) <= 0:
            return []
        return [Closure(-1, min(self.second(at), FOREVER), "not open", f"not open {what}")]

    def draws(
        self,
        source: str,
        column: str,
        stream: str,
        law: Law | None,
        *,
        scale: float = 1.0,
        happens_share: float = 1.0,
        n: int = 0,
    ) -> str | None:
        """Compile one stream of (source, column); the column's name, or None if it takes no time.

        `n` numbers at least; a run that needs more says so and is repeated with twice as many.
        """
        if law is None or scale == 0 or (law.family == "constant" and not law.mean):
            return None
        n = max(n or N_DRAW, self.stream_length.get((source, column), 0))
        seconds = draw_seconds(law, uniforms(self.seed, self.rep, stream, n))
        if scale != 1.0:
            seconds = np.rint(seconds * scale).astype(np.int64)
        if happens_share < 1.0:
            happens = uniforms(self.seed, self.rep, f"{stream}.happens", n) < happens_share
            seconds = np.where(happens, seconds, 0)
        self.parts.draws[source, column] = seconds
        return column

    def facility_clock(self, name: str) -> str | None:
        """The calendar along which a facility works: hours, failures, weather, works."""
        if name in self.facility_clocks:
            return self.facility_clocks[name]
        row = self.scenario.facilities[name]
        closures = list(self.works[f"facilities.{name}"])
        hours = getattr(row, "open_daily", None)
        if hours and not isinstance(row, Yard | HoldStation | Berth | CranePool):
            closures += profiles.daily(hours, row.utc_offset_h, self.horizon_s, f"closed {name}")
        closures += self.zone(getattr(row, "weather_zone", None)).work
        if getattr(row, "up_law", None) or getattr(row, "up_mean_h", None):
            closures += self._failures(name)
        clock = self.calendar(f"clock {name}", closures)
        self.facility_clocks[name] = clock
        if clock:
            self.meaning.clocks[name] = clock
        return clock

    def zone(self, name: str | None) -> PortWeather:
        """What a weather zone stops, by use; nothing without a zone."""
        if name is None:
            return PortWeather()
        if name not in self._zones:
            self._zones[name] = self._port_weather(name)
        return self._zones[name]

    def _port_weather(self, name: str) -> PortWeather:
        found = stops(self.scenario.weather[name], self.meaning.weather[name])

        def closures(spans: list[Span]) -> tuple[Closure, ...]:
            return tuple(Closure(a, b, "weather", f"weather {name}") for a, b in spans)

        return PortWeather(
            work=closures(found.work),
            berthing=closures(found.berthing),
            departing=closures(found.departing),
            bound=closures(found.bound),
            evacuate=self.calendar(f"evacuate {name}", closures(found.evacuate)),
        )

    def berthing_gate(self, berth: Berth) -> str | None:
        """The calendar that must be open for a vessel to come alongside: works and weather."""
        closures = [*self.works[f"facilities.{berth.id}"], *self.zone(berth.weather_zone).berthing]
        return self.calendar(f"berthing {berth.id}", closures)

    def _failures(self, name: str) -> list[Closure]:
        row, laws = self.scenario.facilities[name], self.scenario.laws
        up, down = law_of(row, "up", laws), law_of(row, "down", laws)
        if up is None or down is None:
            return []
        n = 64
        while True:
            ups = draw_seconds(up, uniforms(self.seed, self.rep, f"facilities.{name}.up", n))
            downs = draw_seconds(down, uniforms(self.seed, self.rep, f"facilities.{name}.down", n))
            if int((ups + downs).sum()) > self.horizon_s:
                return profiles.failures(ups.tolist(), downs.tolist(), f"down {name}")
            n *= 2


def window_s(scenario: Scenario) -> tuple[int, int, int]:
    """Seconds at which the window begins, ends, and the drain ends."""
    sim = scenario.simulation

    def length(what: str) -> int:
        hours = getattr(sim, f"{what}_h")
        days = getattr(sim, f"{what}_d")
        return round((hours if hours is not None else (days or 0.0) * 24) * HOUR_S)

    begin = length("warm_up")
    end = begin + length("window")
    return begin, end, end + length("drain")
