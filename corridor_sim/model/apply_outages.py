"""Outages take their share of a compiled model: counters get steps, nodes are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from corridor_sim.model.build import Bench
from corridor_sim.model.meaning import OutageMeaning
from corridor_sim.model.outages import Outage, Track, left, limited
from corridor_sim.model.profiles import Closure
from corridor_sim.primitives import Stage


def apply_outages(bench: Bench) -> None:
    """Limit the counters, close the nodes, and note what was done; after all else is compiled."""
    if not bench.outages:
        return
    hits = [o.hits(bench.scenario) for o in bench.outages]
    normal = dict(bench.fleet_tracks)
    counters = bench.parts.counters
    for i, counter in enumerate(counters):
        if counter.name in bench.fleet_tracks:
            continue
        track = normal[counter.name] = [(0, counter.cap), *counter.steps]
        mine = [
            outage
            for outage, hit in zip(bench.outages, hits, strict=True)
            if counter.name in hit and outage.takes(hit[counter.name])
        ]
        if mine:
            first, *steps = limited(track, mine)
            counters[i] = replace(counter, cap=first[1], steps=tuple(steps))
    _close_nodes(bench)
    for outage, hit in zip(bench.outages, hits, strict=True):
        bench.meaning.outages += _meaning(outage, hit, normal)


def _meaning(outage: Outage, hit: dict[str, str], normal: dict[str, Track]) -> list[OutageMeaning]:
    """One row a capacity that the model has; one without capacity if it is only closed."""
    rows = []
    for counter, what in sorted(hit.items()):
        if counter in normal:
            at = np.array([outage.start_s, *outage.instants], np.int64)
            times, units = (np.array(c, np.int64) for c in zip(*normal[counter], strict=True))
            before = units[np.maximum(np.searchsorted(times, at, side="right") - 1, 0)]
            least = int(left(before, outage.severity(at)).min())
            rows.append(OutageMeaning(outage.row.id, counter, what, int(before[0]), least))
    if not rows and outage.closed is not None:
        rows.append(OutageMeaning(outage.row.id, outage.row.target, "closed", None, 0))
    return rows


def _close_nodes(bench: Bench) -> None:
    """Nothing starts at a closed node, and no ride from it, to it or over it.

    Nobody claims room who may have to wait for a node to open: the room would stand empty.
    """
    stages, lines, nodes = bench.parts.stages, bench.parts.lines, _nodes_of_stages(bench)
    closed = set()
    for i, stage in enumerate(stages):
        closures = [c for n in sorted(nodes.get(stage.name, ())) for c in bench.works[f"nodes.{n}"]]
        if closures:
            stages[i] = _gated(bench, stage, closures)
            closed.add(stage.name)
    for i, line in enumerate(lines):
        if line.claim and not closed.isdisjoint(line.alternatives):
            lines[i] = replace(line, claim=0)


def _nodes_of_stages(bench: Bench) -> dict[str, set[str]]:
    """stage -> the nodes that must be open for it: where it is, and all that a ride touches."""
    nodes = {stage: {node} for stage, node in bench.meaning.nodes.items()}
    claiming = {name for line in bench.parts.lines if line.claim for name in line.alternatives}
    for stage, node in bench.meaning.work_nodes.items():
        if stage not in claiming:  # else the yard it claims room of is closed, and has none
            nodes[stage].add(node)
    for call in bench.meaning.calls:
        for ride in call.rides:
            nodes.setdefault(ride, set()).update((call.node, call.to))
    for ride, way in bench.meaning.ways.items():
        nodes.setdefault(ride, set()).update(node for _, a, b in way for node in (a, b))
    return nodes


def _gated(bench: Bench, stage: Stage, closures: Sequence[Closure]) -> Stage:
    before = bench.closures(stage.gate) if stage.gate else ()
    return replace(stage, gate=bench.calendar(f"open {stage.name}", {*before, *closures}))
