"""Drawn closures: a storm driver shared by a group of ports, and local spells on top."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from corridor_sim.inputs.schema import MONTHS, Weather
from corridor_sim.laws import Law, quantile
from corridor_sim.model.draws import uniforms
from corridor_sim.model.weather_thresholds import Span, union
from corridor_sim.units import DAY_S, HOUR_S

N_SPELL = 4_000
"""Spells drawn at first; a stream that ends before the run is made twice as long."""

MOST_LIFTED = 0.9
"""The effect of a bad year closes no month for more than this (or than its climatology)."""

SHORTEST_S = 60.0

Shares = npt.NDArray[np.float64]


class Zones:
    """Closed spans of every zone in one replication.

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

    def closed(self) -> dict[str, list[Span]]:
        """zone -> spans in which its port is closed, apart from each other, sorted."""
        shares = {name: self._shares(name) for name in self.zones}
        groups = sorted({z.storm_group for z in self.zones.values() if z.storm_group})
        storms = {group: self._storms(group, shares) for group in groups}
        out = {}
        for name, zone in self.zones.items():
            joined: list[Span] = []
            local = shares[name]
            if zone.storm_group:
                joined, local = self._joined(name, shares[name], *storms[zone.storm_group])
            own = self._spells(f"weather.{name}", local, zone.mean_closure_h, zone.closure_shape)
            out[name] = union(joined + own)
        return out

    def _storms(self, group: str, shares: dict[str, Shares]) -> tuple[list[Span], Shares]:
        """The spells of a group's driver and its share by month."""
        members = [n for n, z in sorted(self.zones.items()) if z.storm_group == group]
        share = np.max([self.zones[n].group_correlation * shares[n] for n in members], axis=0)
        mean_h = float(np.mean([self.zones[n].mean_closure_h for n in members]))
        shape = self.zones[members[0]].closure_shape
        return self._spells(f"weather.{group}", share, mean_h, shape), share

    def _joined(
        self, name: str, share: Shares, storms: list[Span], driver: Shares
    ) -> tuple[list[Span], Shares]:
        """The storms that a zone joins, and the share by month that its own spells must have."""
        correlation = self.zones[name].group_correlation
        p = np.where(driver > 0, correlation * share / np.maximum(driver, 1e-12), 0)
        u = uniforms(self.seed, self.rep, f"weather.{name}.joins", max(N_SPELL, len(storms)))
        joined = [s for i, s in enumerate(storms) if u[i] < p[self._month(s[0])]]
        local = (share - p * driver) / np.maximum(1 - p * driver, 1e-12)
        return joined, np.clip(local, 0.0, 1.0)

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

    def _shares(self, name: str) -> Shares:
        """Share of closed time by month of the run."""
        from scipy.special import ndtri  # late: `validate` imports this module and draws nothing

        zone = self.zones[name]
        years = sorted({year for _, year, _ in self.edges})
        stream = f"weather.{zone.storm_group or name}.severity"
        z = ndtri(uniforms(self.seed, self.rep, stream, len(years)))
        effect = np.exp(zone.severity_year_sd * z - zone.severity_year_sd**2 / 2)
        shares = []
        for _, year, month in self.edges:
            base = getattr(zone, MONTHS[month - 1])
            replayed = getattr(zone, f"r{month:02d}") if year == zone.replay_year else None
            lifted = min(base * effect[years.index(year)], max(base, MOST_LIFTED))
            shares.append(lifted if replayed is None else replayed)
        return np.array(shares, np.float64)

    def _spells(self, name: str, share: Shares, mean_h: float, shape: float) -> list[Span]:
        """Closed spells up to the horizon, and the next one."""
        n = N_SPELL
        while True:
            calm = -np.log1p(-uniforms(self.seed, self.rep, f"{name}.calm", n))
            law = Law("weibull", mean=mean_h, shape=shape)
            u = uniforms(self.seed, self.rep, f"{name}.closure", n)
            lengths = np.maximum(quantile(law, u) * HOUR_S, SHORTEST_S)
            with np.errstate(divide="ignore"):  # closed all month: calm ends at once
                rates = share / (mean_h * HOUR_S * (1 - share))
            spells = self._renewal(calm.tolist(), lengths.tolist(), rates.tolist())
            if spells is not None:
                return spells
            n *= 2

    def _renewal(
        self, calm: list[float], lengths: list[float], rates: list[float]
    ) -> list[Span] | None:
        """Calm ends when the integrated monthly rate reaches an exponential number.

        None if the numbers end before the run.
        """
        starts = [e[0] for e in self.edges] + [self.edges[-1][0] + 400 * DAY_S]
        spells: list[Span] = []
        t = 0.0
        for need, length in zip(calm, lengths, strict=True):
            month = self._month(int(t))
            while need > (starts[month + 1] - t) * rates[month]:
                need -= (starts[month + 1] - t) * rates[month]
                t = float(starts[month + 1])
                month += 1
                if month >= len(rates):
                    return spells
            t += need / rates[month]
            spells.append((round(t), round(t + length)))
            t += length
            if t >= self.horizon_s:
                return spells
        return None
