"""Weather closures: a storm driver shared by a group of ports, and local spells on top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from scipy.special import ndtri

from corridor_sim.inputs.schema import MONTHS, Weather
from corridor_sim.laws import Law, quantile
from corridor_sim.model.draws import uniforms
from corridor_sim.model.profiles import Closure
from corridor_sim.units import DAY_S, HOUR_S

N_SPELL = 4_000


@dataclass(frozen=True)
class PortWeather:
    """What the weather of one zone stops, as closures by use; none at all without a zone."""

    work: tuple[Closure, ...] = ()
    """Cranes and ramps stand still: for the clock of work."""
    berthing: tuple[Closure, ...] = ()
    """Nobody comes alongside: for the gate of arrivals and of vessels in the roads."""
    departing: tuple[Closure, ...] = ()
    """Nobody leaves: for the gate of rides."""
    evacuate: str | None = None
    """A calendar for `Stage.cut`: closed from the start of a closure that drives ships out until
    the port admits them again; None if no closure does."""


class Zones:
    """Closures of every zone in one replication.

    The driver of a group is stormy a share d(t) = max over zones of correlation x share of the
    time; a zone joins a storm with probability correlation x share / d, and local spells make up
    what is missing. Storm lengths are Weibull, calm times exponential with the month's rate.
    The year effect moves the climatology only. Own construction; alternating renewal of weather
    windows is usual (docs/assumptions.md#closures).
    """

    def __init__(
        self, zones: dict[str, Weather], start: datetime, horizon_s: int, seed: int, rep: int
    ):
        self.zones, self.start, self.horizon_s = zones, start, horizon_s
        self.seed, self.rep = seed, rep
        self.edges = self._month_edges()

    def closures(self) -> dict[str, list[Closure]]:
        """zone -> closures, label `weather <zone>`."""
        shares = {name: self._shares(name) for name in self.zones}
        drivers: dict[str, list[tuple[int, int]]] = {}
        driver_share: dict[str, np.ndarray] = {}
        for group in sorted({z.storm_group for z in self.zones.values() if z.storm_group}):
            members = [n for n, z in sorted(self.zones.items()) if z.storm_group == group]
            share = np.max([self.zones[n].group_correlation * shares[n] for n in members], axis=0)
            mean_h = float(np.mean([self.zones[n].mean_closure_h for n in members]))
            shape = self.zones[members[0]].closure_shape
            drivers[group] = self._spells(f"weather.{group}", share, mean_h, shape)
            driver_share[group] = share
        out = {}
        for name, zone in self.zones.items():
            share = shares[name]
            joined: list[tuple[int, int]] = []
            local = share
            if zone.storm_group:
                d = driver_share[zone.storm_group]
                p = np.where(d > 0, zone.group_correlation * share / np.maximum(d, 1e-12), 0)
                u = uniforms(self.seed, self.rep, f"weather.{name}.joins", N_SPELL)
                joined = [
                    s
                    for i, s in enumerate(drivers[zone.storm_group])
                    if u[i] < p[self._month(s[0])]
                ]
                local = (share - p * d) / (1 - p * d)
            own = self._spells(f"weather.{name}", local, zone.mean_closure_h, zone.closure_shape)
            cause = f"weather {name}"
            out[name] = [Closure(a, b, "weather", cause) for a, b in sorted(joined + own)]
        return out

    def _month_edges(self) -> list[tuple[int, int, int]]:
        """(second at which a month begins, year, month) up to the horizon."""
        edges = [(0, self.start.year, self.start.month)]
        year, month = self.start.year, self.start.month
        while edges[-1][0] < self.horizon_s:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
            at = datetime(year, month, 1, tzinfo=self.start.tzinfo) - self.start
            edges.append((round(at / timedelta(seconds=1)), year, month))
        return edges

    def _month(self, t: int) -> int:
        return int(np.searchsorted([e[0] for e in self.edges], t, side="right")) - 1

    def _shares(self, name: str) -> np.ndarray:
        zone = self.zones[name]
        years = sorted({year for _, year, _ in self.edges})
        stream = f"weather.{zone.storm_group or name}.severity"
        z = ndtri(uniforms(self.seed, self.rep, stream, len(years)))
        effect = np.exp(zone.severity_year_sd * z - zone.severity_year_sd**2 / 2)
        shares = []
        for _, year, month in self.edges:
            replayed = getattr(zone, f"r{month:02d}") if year == zone.replay_year else None
            base = getattr(zone, MONTHS[month - 1]) * effect[years.index(year)]
            shares.append(base if replayed is None else replayed)
        return np.asarray(np.clip(shares, 0.0, 0.9))

    def _spells(
        self, name: str, share: np.ndarray, mean_h: float, shape: float
    ) -> list[tuple[int, int]]:
        """Closed spells; calm ends when the integrated monthly rate reaches an exponential number."""
        calm = -np.log1p(-uniforms(self.seed, self.rep, f"{name}.calm", N_SPELL))
        law = Law("weibull", mean=mean_h, shape=shape)
        closed = quantile(law, uniforms(self.seed, self.rep, f"{name}.closure", N_SPELL)) * HOUR_S
        rates = share / (mean_h * HOUR_S * (1 - share))
        starts = [e[0] for e in self.edges] + [self.edges[-1][0] + 400 * DAY_S]
        spells: list[tuple[int, int]] = []
        t = 0.0
        for need, length in zip(calm.tolist(), closed.tolist(), strict=True):
            month = self._month(int(t))
            while need > (starts[month + 1] - t) * rates[month]:
                need -= (starts[month + 1] - t) * rates[month]
                t = float(starts[month + 1])
                month += 1
                if month >= len(rates):
                    return spells
            t += need / rates[month]
            spells.append((round(t), round(t + max(length, 60.0))))
            t += max(length, 60.0)
            if t >= self.horizon_s:
                break
        return spells
