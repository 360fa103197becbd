"""Explain: one lot's story in words and hours, beside the ledgers of its OD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from corridor_sim.errors import InputError
from corridor_sim.history.freed import Freed, How
from corridor_sim.history.halves import ON_THE_WAY, Places, places_of
from corridor_sim.history.hours import REST
from corridor_sim.history.ledger import Ledger, ledger
from corridor_sim.history.ordered import Ordered
from corridor_sim.history.replay import Replay, replay
from corridor_sim.inputs.problems import did_you_mean
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.results.ledger_rows import hours_of, ledger_rows
from corridor_sim.results.story import Ahead, Step, Story, What
from corridor_sim.studies.replicate import Rows, simulate
from corridor_sim.units import HOUR_S

NAMED = 3
"""Trips or groups of lots that are named; the rest is counted."""
TRIPS = {"sea": "sailing", "rail": "train", "road": "convoy"}
"""What one departure of a service is called, by mode."""


@dataclass(frozen=True)
class Wanted:
    """Which lot is asked for: its number, or the one nearest a quantile of an OD."""

    od: str | None = None
    """Row of demand, or `A-B` where just one goes from node A to node B."""
    lot: int | None = None
    """Number from 0 within the OD, all its routes in their order; without an OD among all lots."""
    quantile: float | None = None
    """0 to 1, of the shipper's clock of units ready in the window."""
    rep: int = 0


@dataclass(frozen=True)
class Explained:
    """One lot's story, and where the hours of its OD went."""

    scenario: str
    rep: int
    lot: int
    """Among all lots of the run."""
    od: str
    route: str
    number: int
    """Within its OD and route, as in lots.csv."""
    hours: float
    """From ready to delivered (or to the end of the run); the steps' hours add up to it."""
    is_delivered: bool
    quantile: float | None
    quantile_h: float | None
    steps: Rows
    """story: see its columns."""
    ledger: Rows
    """cause, lot_h, and of the OD mean_h, p50_h and, at a quantile, near_h; `rest` last."""


def explain(
    scenario: Scenario, wanted: Wanted, models: Sequence[str] | None = None, where: str = ""
) -> Explained:
    """Simulate the replication again and tell the lot's story.

    models: the fingerprint of each replication of the run that is explained; where: its name.

    Raises
    ------
    InputError    something that is not there is asked for, or the run was another
    """
    od = _checked(scenario, wanted, where)
    built, log, _ = simulate(scenario, wanted.rep)
    if models is not None:
        _require_same(built, models, wanted.rep, where)
    replayed = replay(built.model, log)
    lot, value = _lot(built, replayed, wanted, od, where)
    book = ledger(replayed)
    places = places_of(scenario, built)
    found = Story(book, places).steps(lot)
    if not found:
        raise InputError(
            f"{where}: --lot: lot {wanted.lot} is not ready before the end of the run. "
            "Fix: a smaller --lot"
        )
    words = _Words(scenario, built, replayed, places)
    flow = int(np.searchsorted(built.model.cargo.lot_ptr, lot, side="right")) - 1
    meaning = next(f for f in built.meaning.flows if f.flow == built.model.names.flows[flow])
    return Explained(
        scenario=scenario.name,
        rep=wanted.rep,
        lot=lot,
        od=meaning.demand,
        route=meaning.route,
        number=lot - int(built.model.cargo.lot_ptr[flow]),
        hours=(found[-1].to_s - found[0].from_s) / HOUR_S,
        is_delivered=found[-1].what == What.DELIVERED,
        quantile=wanted.quantile,
        quantile_h=value,
        steps=[words.row(i, step) for i, step in enumerate(found)],
        ledger=_ledger(scenario, built, book, meaning.demand, found, wanted.quantile),
    )


def _checked(scenario: Scenario, wanted: Wanted, where: str) -> str | None:
    """The OD that is meant; everything that can be refused before the simulation, at once."""
    problems = []
    reps, q = scenario.simulation.reps, wanted.quantile
    if not 0 <= wanted.rep < reps:
        last = reps - 1
        problems.append(
            f"--rep: the run has replications 0 to {last} (found {wanted.rep}). Fix: --rep 0"
        )
    if q is not None and not 0 < q < 1:
        problems.append(f"--quantile: must lie between 0 and 1 (found {q:g}). Fix: --quantile 0.95")
    if wanted.lot is not None and wanted.lot < 0:
        problems.append(f"--lot: lots are counted from 0 (found {wanted.lot}). Fix: --lot 0")
    if (q is None) == (wanted.lot is None) or (q is not None and wanted.od is None):
        problems.append("say which lot. Fix: --lot N, or --od OD --quantile 0.95")
    od = None
    try:
        od = None if wanted.od is None else _od(scenario, wanted.od)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError([f"{where}: {problem}" for problem in problems])
    return od


def _od(scenario: Scenario, name: str) -> str:
    """A row of demand by its id, or by its nodes."""
    if name in scenario.demand:
        return name
    by_nodes: dict[str, list[str]] = {}
    for row in scenario.demand.values():
        by_nodes.setdefault(f"{row.origin}-{row.destination}", []).append(row.id)
    found = sorted(by_nodes.get(name, []))
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"--od: {len(found)} rows of demand go from {name.replace('-', ' to ')} "
            f"({', '.join(found)}). Fix: --od {found[0]}"
        )
    fix = did_you_mean(name, sorted(scenario.demand))
    raise InputError(f"--od: no row of demand is called {name!r}. Fix: {fix}")


def _require_same(built: Built, models: Sequence[str], rep: int, where: str) -> None:
    """Refuse a story about another run than the one whose tables are there."""
    found, written = built.model.fingerprint(), models[rep] if rep < len(models) else "none"
    if found != written:
        raise InputError(
            f"{where}/manifest.json: models.{rep}: scenario.resolved.yaml compiles to another model "
            f"than the one that was run (found {found}, was {written}): the file was changed, or "
            "the version of corridor_sim or of a package was another. Fix: run the scenario again"
        )


def _lot(
    built: Built, replayed: Replay, wanted: Wanted, od: str | None, where: str
) -> tuple[int, float | None]:
    """The lot that is meant (number among all), and the quantile in hours."""
    ptr = built.model.cargo.lot_ptr
    lots = np.arange(int(ptr[-1])) if od is None else _lots_of(built, od)
    if wanted.lot is not None:
        if wanted.lot >= len(lots):
            whose = "the run" if od is None else od
            last = len(lots) - 1
            raise InputError(
                f"{where}: --lot: {whose} has lots 0 to {last} (found {wanted.lot}). "
                f"Fix: --lot {last}"
            )
        return int(lots[wanted.lot]), None
    assert wanted.quantile is not None
    begin, until, _ = built.window_s
    ready = replayed.ready_s[lots]
    lots = lots[(ready >= begin) & (ready < until)]
    return _nearest(built, replayed, lots, wanted.quantile, f"{where}: --quantile: {od}")


def _lots_of(built: Built, od: str) -> IntArray:
    """Lots of an OD, its routes in their order."""
    names, ptr = built.model.names.flows, built.model.cargo.lot_ptr
    flows = sorted(names.index(f.flow) for f in built.meaning.flows if f.demand == od)
    return np.concatenate([np.arange(int(ptr[f]), int(ptr[f + 1])) for f in flows])


def _nearest(
    built: Built, replayed: Replay, lots: IntArray, q: float, what: str
) -> tuple[int, float]:
    """The delivered lot whose time is nearest the quantile (h); of several the first."""
    ready, delivered = replayed.ready_s[lots], replayed.delivered_s[lots]
    seconds = np.where(delivered >= 0, delivered - ready, -1)
    flow = np.searchsorted(built.model.cargo.lot_ptr, lots, side="right") - 1
    units = built.model.cargo.units_per_lot[flow]
    ordered = Ordered(np.zeros(len(lots), np.int64), seconds, 1, units)
    value = float(ordered.quantile_h(_percent(q))[0])
    if np.isnan(value):
        lost = float((units * (seconds < 0)).sum() / units.sum()) if len(lots) else 0.0
        why = f"{lost:.1%} were not delivered" if len(lots) else "none was ready in the window"
        raise InputError(
            f"{what} has no such quantile: {why}. Fix: a smaller --quantile, another --rep, or --lot"
        )
    off = np.where(seconds >= 0, np.abs(seconds - value * HOUR_S), np.inf)
    return int(lots[np.argmin(off)]), value


def _percent(q: float) -> float:
    return round(100 * q, 9)


def _ledger(
    scenario: Scenario, built: Built, book: Ledger, od: str, steps: list[Step], q: float | None
) -> Rows:
    """Hours by cause of the lot and of its OD (all routes, the shipper's clock); largest first."""
    near = None if q is None else _percent(q)
    asked = tuple({50.0, 50.0 if near is None else near})
    _, hours = hours_of(scenario, built, book, asked, by_month=False)
    own: dict[str, float] = {}
    for step in steps:
        if step.to_s > step.from_s:
            label = book.labels[step.label]
            own[label] = own.get(label, 0.0) + (step.to_s - step.from_s) / HOUR_S
    known = {r["cause"]: r for r in ledger_rows(scenario, built, hours, True) if r["od"] == od}
    rows: Rows = []
    for cause in {*own, *known}:
        row = known.get(cause, {})
        about = {"cause": cause, "lot_h": own.get(cause, 0.0), "mean_h": row.get("mean_h", 0.0)}
        about["p50_h"] = row.get("p50_h", 0.0)
        rows.append(about | ({} if q is None else {"near_h": row.get(f"p{near:g}_h", 0.0)}))
    return sorted(rows, key=lambda r: (r["cause"] == REST, -r["lot_h"], -r["mean_h"], r["cause"]))


class _Words:
    """Steps as rows of text."""

    def __init__(self, scenario: Scenario, built: Built, replayed: Replay, places: Places):
        self._scenario, self._replay, self._places = scenario, replayed, places
        self._names = built.model.names
        self._ways = {ride: (c.node, c.to) for c in built.meaning.calls for ride in c.rides}
        self._ods = {f.flow: f.demand for f in built.meaning.flows}

    def row(self, number: int, step: Step) -> dict[str, Any]:
        """One row of story.csv."""
        return {
            "step": number,
            "what": step.what.value,
            "from_utc": self._utc(step.from_s),
            "to_utc": self._utc(step.to_s),
            "hours": (step.to_s - step.from_s) / HOUR_S,
            "place": self._place(step),
            "cause": self._names.labels[step.label] if step.label >= 0 else None,
            "trip": self.trip(step.row) if step.row >= 0 else None,
            "lots_aboard": step.lots or None,
            "ahead_trips": len(step.ahead.trips),
            "ahead_lots": step.ahead.lots,
            "ahead": self.ahead(step.ahead) or None,
            "freed_by": self.freed(step) or None,
        }

    def _utc(self, t: int) -> str:
        start = self._scenario.simulation.start
        return (start + timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _place(self, step: Step) -> str | None:
        if step.node != ON_THE_WAY:
            return self._places.nodes[step.node]
        if step.row < 0:
            return None
        stage = self._names.stages[self._replay.itinerary.wanted[step.row]]
        return ">".join(self._ways[stage]) if stage in self._ways else None

    def trip(self, row: int) -> str:
        """One departure: `sailing 17 of kuryk_alat_ferry`."""
        it, births = self._replay.itinerary, self._replay.log.births
        kind, _, name = self._names.sources[it.source[row]].partition(" ")
        k = int(births.k[it.trip[row]])
        if kind == "service":
            word = TRIPS.get(self._scenario.services[name].mode or "", "trip")
            # a vehicle has no number of a trip before it loads at home for the first time
            return f"{word} {k} of {name}" if k >= 0 else f"vehicle {-k} of {name}"
        return f"batch {k} of {self._ods.get(name, name)}"

    def trips(self, rows: Sequence[int]) -> str:
        """The first few, and how many more."""
        named = [self.trip(row) for row in rows[:NAMED]]
        more = len(rows) - len(named)
        return ", ".join([*named, *([f"{more} more"] if more else [])])

    def ahead(self, ahead: Ahead) -> str:
        """Trips, then lots, that were before it."""
        parts = [self.trips(ahead.trips.tolist())] if len(ahead.trips) else []
        arrivals, segments = self._replay.arrivals, self._replay.segments
        counted: dict[str, int] = {}
        for a in ahead.arrivals.tolist():
            od = self._ods[self._names.flows[segments.flow[arrivals.segment[a]]]]
            counted[od] = counted.get(od, 0) + int(arrivals.lots[a])
        named = list(counted.items())[:NAMED]
        parts += [f"{_lots(n)} of {od}" for od, n in named]
        more = ahead.lots - sum(n for _, n in named)
        return ", ".join([*parts, *([f"{_lots(more)} more"] if more else [])])

    def freed(self, step: Step) -> str:
        """What ended a wait."""
        freed = step.freed
        hours = f"{freed.lasted_s / HOUR_S:.1f} h"
        label = self._names.labels[step.label] if step.label >= 0 else ""
        counter = self._names.counters[freed.counter] if freed.counter >= 0 else ""
        who = self.trips(freed.rows)
        return {
            How.NOTHING: "",
            How.PUT_BACK: f"{counter} freed by {who}",
            How.MORE: f"more of {counter}",
            How.NEW_PERIOD: f"a new {hours} of {counter}",
            How.REOPENED: f"reopened after {hours} of {label}",
            How.TIMETABLE: "its time in the timetable came",
            How.LIFTED: f"embargo lifted after {hours}",
            How.LOTS: self._came(freed, who),
            How.DEADLINE: f"had waited {hours}, its longest",
            How.WENT: f"{who} went",
            How.GAVE_UP: f"{who} left the line after {hours}",
            How.ARRIVED: f"{who} came",
        }[freed.how]

    def _came(self, freed: Freed, who: str) -> str:
        by = f"with {who}" if freed.rows else "ready here"
        return f"{_lots(freed.lots)} came, {by}"


def _lots(n: int) -> str:
    return f"{n} lot{'s' if n != 1 else ''}"
