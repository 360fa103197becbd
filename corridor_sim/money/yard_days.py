"""Days of lots in yards and stations beyond a free time, for storage and demurrage.

A stay runs from the end of unloading to the beginning of the next loading, desks in between
included; at the origin from being ready. Time aboard a vehicle that stands there is not in it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corridor_sim.history.halves import Places
from corridor_sim.history.ledger import stock_until
from corridor_sim.history.replay import Replay
from corridor_sim.history.segments import State
from corridor_sim.history.steps import BoolArray, expand
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S

FloatArray = npt.NDArray[np.float64]


class Used(NamedTuple):
    """Amounts of one item that each lot of a range used (n,)."""

    flow: IntArray
    first: IntArray
    end: IntArray
    amount: FloatArray


class YardStays(NamedTuple):
    """Stays between two rides (n,): those of a block, or of one lot at its origin."""

    node: IntArray
    flow: IntArray
    first: IntArray
    end: IntArray
    days: FloatArray

    def beyond(self, free_d: float, at: BoolArray, of_flow: FloatArray) -> Used:
        """Days beyond the free ones x a number of each flow (0: not counted).

        at         (n_node,) whether stays there count
        of_flow    (n_flow,)
        """
        over = np.maximum(self.days - free_d, 0.0) * of_flow[self.flow] * at[self.node]
        counts = np.flatnonzero(over > 0)
        return Used(self.flow[counts], self.first[counts], self.end[counts], over[counts])


def yard_stays(replay: Replay, places: Places, flows: BoolArray) -> YardStays:
    """All stays of lots of these flows (n_flow,)."""
    segments = replay.segments
    waits = (segments.stock >= 0) & (segments.state != State.NOT_READY) & flows[segments.flow]
    row = np.flatnonzero(waits)
    block, node = segments.block[row], places.stock[segments.stock[row]]
    begins = np.append(True, (block[1:] != block[:-1]) | (node[1:] != node[:-1]))[: len(row)]
    first = row[begins]
    last = np.append(row[np.flatnonzero(begins)[1:] - 1], row[-1:])
    until, node = stock_until(replay)[last], node[begins]
    later = segments.hop[first] > 0
    some, rest = np.flatnonzero(later), np.flatnonzero(~later)
    which, lot = expand(
        segments.first[first[rest]], np.arange(len(rest)), segments.end[first[rest]]
    )
    of = np.append(some, rest[which])
    begin = np.append(segments.first[first[some]], lot)
    since = np.append(segments.since_s[first[some]], replay.model.cargo.lot_ready_s[lot])
    return YardStays(
        node=node[of],
        flow=segments.flow[first[of]],
        first=begin,
        end=np.append(segments.end[first[some]], lot + 1),
        days=np.maximum(until[of] - since, 0) / DAY_S,
    )


def chargeable(scenario: Scenario, built: Built, units: tuple[str, ...], per: str) -> FloatArray:
    """(n_flow,) TEU or wagons of a lot, by the basis; 0: not of these units.

    A wagon or truck is two TEU, as everywhere; only a wagon is a wagon.
    """
    names = built.model.names.flows
    out = np.zeros(len(names))
    for flow in built.meaning.flows:
        unit = scenario.demand[flow.demand].unit
        if units and unit not in units:
            continue
        each = (1.0 if unit == "teu" else 2.0) if per == "per_teu_day" else float(unit == "wagon")
        index = names.index(flow.flow)
        out[index] = each * built.model.cargo.units_per_lot[index]
    return out
