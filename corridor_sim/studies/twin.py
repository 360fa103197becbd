"""Twins: the same replication without its outages, on the same draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from corridor_sim.errors import InputError
from corridor_sim.history.replay import Replay
from corridor_sim.inputs.read import Resolved
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.results.resilience import Deliveries, resilience

Rows = list[dict[str, Any]]


def has_twin(scenario: Scenario) -> bool:
    """Whether any outage asks for an undisturbed twin."""
    return any(row.twin for row in scenario.disruptions.values())


def undisturbed(scenario: Scenario) -> Scenario:
    """The scenario without the outages that ask for a twin."""
    rows = {name: row for name, row in scenario.disruptions.items() if not row.twin}
    return scenario.model_copy(update={"disruptions": rows})


def with_twin(resolved: Resolved) -> Resolved:
    """As if every outage that is not the network's own said `twin: true`, unless some already do.

    Raises
    ------
    InputError    there is none
    """
    scenario = resolved.scenario
    if has_twin(scenario):
        return resolved
    history = {name for role, name, _ in resolved.files if role == "network"}
    own = {
        name: row.model_copy(update={"twin": True})
        for name, row in scenario.disruptions.items()
        if resolved.origin[f"disruptions.{name}"].rpartition(":")[0] not in history
    }
    if not own:
        raise InputError(
            f"run --twin: {scenario.name} has no outage beside those of its network. Fix: add a row "
            "to `disruptions`, or --set disruptions.<id>.twin=true"
        )
    rows = scenario.disruptions | own
    return replace(resolved, scenario=scenario.model_copy(update={"disruptions": rows}))


def resilience_rows(scenario: Scenario, built: Built, found: Replay, twin: Replay) -> Rows:
    """resilience: one row an OD (and all of a unit) and outage with a twin.

    All outages with a twin are taken away together; each row is about what came from its start on.
    """
    groups = list(_groups(scenario, built, found, twin))
    rows: Rows = []
    for name, row in sorted(scenario.disruptions.items()):
        if not row.twin:
            continue
        start, end = (_second(scenario, at) for at in (row.start, row.end))
        if max(0, start) >= min(end, built.model.horizon_s):
            continue
        for od, lots in groups:
            outage = (max(0, start), end)
            measures = resilience(lots, outage, built.window_s[:2], built.model.horizon_s)
            rows.append({"od": od, "disruption": name} | measures._asdict())
    return _ranked(rows)


def _ranked(rows: Rows) -> Rows:
    """With `n1_rank`: 1 has the largest loss of its OD; who ties has one rank."""
    losses: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        losses[row["od"]].append(row["loss_d"])
    return [
        row | {"n1_rank": 1 + sum(x > row["loss_d"] for x in losses[row["od"]])} for row in rows
    ]


def _groups(
    scenario: Scenario, built: Built, found: Replay, twin: Replay
) -> Iterator[tuple[str, Deliveries]]:
    """Lots of every OD, and of all ODs of one unit: `all`, or `all_<unit>` if there are several."""
    by_od: dict[str, list[IntArray]] = defaultdict(list)
    for flow in built.meaning.flows:
        index = built.model.names.flows.index(flow.flow)
        first, end = built.model.cargo.lot_ptr[index : index + 2].tolist()
        by_od[flow.demand].append(np.arange(first, end))
    by_unit: dict[str, list[IntArray]] = defaultdict(list)
    for od, parts in by_od.items():
        by_unit[scenario.demand[od].unit] += parts
    name = "all_{}" if len(by_unit) > 1 else "all"
    total = {name.format(unit): parts for unit, parts in by_unit.items()}
    for od, parts in [*sorted(total.items()), *sorted(by_od.items())]:
        yield od, _deliveries(np.concatenate(parts), found, twin)


def _deliveries(lots: IntArray, found: Replay, twin: Replay) -> Deliveries:
    model = found.model
    flow = np.searchsorted(model.cargo.lot_ptr, lots, side="right") - 1
    units = model.cargo.units_per_lot[flow]
    return Deliveries(units, found.ready_s[lots], found.delivered_s[lots], twin.delivered_s[lots])


def disruption_rows(scenario: Scenario, built: Built) -> Rows:
    """disruptions: every outage as compiled, a row a capacity that it takes from."""
    rows = []
    for o in built.meaning.outages:
        row = scenario.disruptions[o.disruption]
        rows.append(
            {
                "id": o.disruption,
                "target": row.target,
                "capacity": o.capacity,
                "what": o.what,
                "start_utc": _utc(row.start),
                "end_utc": _utc(row.end),
                "severity_share": row.severity_share,
                "shape": row.shape,
                "ramp_h": row.ramp_h,
                "cause": row.cause,
                "capacity_before": o.before,
                "capacity_during": o.least,
                "twin": row.twin,
            }
        )
    return rows


def _second(scenario: Scenario, at: datetime) -> int:
    return round((at - scenario.simulation.start) / timedelta(seconds=1))


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
