"""Progress: where lots are along their route, and when, on the shipper's clock.

A *place* of a flow is a node that its route passes, with its km from the origin. The log has a ride
between two calls as a whole, and what is passed on the way (borders, changes of locomotive, hold
stations) after it. Here each of these stays stands at its node, and the running between two calls is
spread over the legs by their hours at leg speed: no second is added or taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corridor_sim.history.halves import Places
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import BoolArray, expand
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import FlowMeaning
from corridor_sim.primitives import IntArray
from corridor_sim.results.dwell import Stays


class Path(NamedTuple):
    """The places of a flow in order (n,); `leg` leads to a place, "" to the origin."""

    nodes: tuple[str, ...]
    legs: tuple[str, ...]
    km: np.ndarray
    """From the origin."""
    run_h: np.ndarray
    """From the origin, at leg speed; without legs each run counts as one."""
    calls: tuple[int, ...]
    """The places at which some ride calls, origin and destination among them."""
    rides: tuple[int, ...]
    """The place at which each ride begins, and last that of the destination."""


def path_of(scenario: Scenario, built: Built, flow: FlowMeaning) -> Path:
    """Origin, every node that the rides pass, destination."""
    nodes, legs, calls, rides = [scenario.demand[flow.demand].origin], [""], [0], [0]
    to = {(call.service, call.node): call for call in built.meaning.calls}
    for ride in flow.rides:
        at = ride.start
        while at != ride.end:
            call = to[ride.service, at]
            hops = built.meaning.ways[call.rides[0]] or (("", at, call.to),)
            nodes += [b for _, _, b in hops]
            legs += [leg for leg, _, _ in hops]
            at = call.to
            calls.append(len(nodes) - 1)
        rides.append(len(nodes) - 1)
    rows = [scenario.legs[leg] if leg else None for leg in legs[1:]]
    km = np.cumsum([0.0, *(row.length_km if row else 0.0 for row in rows)])
    run_h = np.cumsum([0.0, *(row.length_km / row.speed_kmh if row else 1.0 for row in rows)])
    return Path(tuple(nodes), tuple(legs), km, run_h, tuple(calls), tuple(rides))


class Blocks(NamedTuple):
    """Stays in the order of blocks: those of block b are ptr[b] <= stay < ptr[b + 1]."""

    ptr: IntArray
    node: IntArray
    """(n_stay,)"""
    hop: IntArray
    """(n_stay,) in which each began."""
    from_s: IntArray
    to_s: IntArray


def blocks_of(replay: Replay, stays: Stays) -> Blocks:
    """The stays of every block, those on the way left out.

    At the origin `from_s` is the ready time of the block's first lot.
    """
    number, row = np.unique(stays.stay, return_index=True)
    part = np.searchsorted(stays.of_part, number)
    segment = stays.parts.segment[part]
    block = replay.segments.block[segment]
    n_block = int(replay.segments.block.max(initial=-1)) + 1
    ptr = np.searchsorted(block, np.arange(n_block + 1))
    hop = replay.segments.hop[segment]
    return Blocks(ptr, stays.node[row], hop, stays.from_s[row], stays.to_s[row])


class Runs(NamedTuple):
    """Units of one flow that were ready at one instant and went together all the way (n,)."""

    block: IntArray
    ready_s: IntArray
    delivered_s: IntArray
    units: IntArray


class Journey(NamedTuple):
    """Of one flow: seconds since ready at which each run came to each place and left it."""

    flow: FlowMeaning
    path: Path
    stayed: IntArray
    """(n_place,) units that stayed there."""
    units: IntArray
    """(n_run,)"""
    arrive_s: np.ndarray
    """(n_run, n_place)"""
    leave_s: np.ndarray
    """(n_run, n_place); at the destination: delivered."""


def journeys(
    scenario: Scenario, built: Built, replay: Replay, places: Places, stays: Stays
) -> Iterator[Journey]:
    """Of every flow with rides: its delivered units that were ready in the window."""
    blocks, names = blocks_of(replay, stays), built.model.names
    runs, flow_of_run = _runs(built, replay)
    for flow in sorted(built.meaning.flows, key=lambda f: (f.demand, f.route)):
        if not flow.rides:
            continue
        index = names.flows.index(flow.flow)
        mine = Runs(*(column[flow_of_run == index] for column in runs))
        if len(mine.block):
            ride = _ride_of_hop(built, index)
            path = path_of(scenario, built, flow)
            yield _journey(flow, path, mine, blocks, ride, places)


def _runs(built: Built, replay: Replay) -> tuple[Runs, IntArray]:
    """Delivered units that were ready in the window, by block and instant; the flow of each run."""
    begin, until, _ = built.window_s
    cargo, segments = built.model.cargo, replay.segments
    lots = np.flatnonzero(
        (replay.delivered_s >= 0) & (replay.ready_s >= begin) & (replay.ready_s < until)
    )
    opens = np.flatnonzero(segments.hop == 0)
    block = segments.block[opens][np.searchsorted(segments.first[opens], lots, side="right") - 1]
    flow = np.searchsorted(cargo.lot_ptr, lots, side="right") - 1
    ready = replay.ready_s[lots]
    is_new = np.ones(len(lots), bool)
    is_new[1:] = (block[1:] != block[:-1]) | (ready[1:] != ready[:-1])
    first = np.flatnonzero(is_new)
    n_lot = np.diff(np.append(first, len(lots)))
    units = n_lot * cargo.size[0, flow[first], 0]
    delivered = replay.delivered_s[lots[first]]
    return Runs(block[first], ready[first], delivered, units), flow[first]


def _ride_of_hop(built: Built, flow: int) -> IntArray:
    """By hop of a flow, the ride to which its stays belong; what is before the first is its."""
    cargo, names = built.model.cargo, built.model.names
    stocks = cargo.hop_stock[int(cargo.hop_ptr[flow]) : int(cargo.hop_ptr[flow + 1])]
    is_ride = [stock >= 0 and "@" in names.stocks[stock] for stock in stocks.tolist()]
    return np.asarray(np.maximum(np.cumsum(is_ride) - 1, 0))


def _journey(
    flow: FlowMeaning, path: Path, runs: Runs, blocks: Blocks, ride: IntArray, places: Places
) -> Journey:
    which, stay = expand(blocks.ptr, runs.block)
    number = {name: i for i, name in enumerate(places.nodes)}
    at = np.array([number[node] for node in path.nodes], np.int64)
    is_first = stay == blocks.ptr[runs.block[which]]
    place = _places_of(path, at, ride[blocks.hop[stay]], blocks.node[stay], is_first)
    shape, ready = (len(runs.block), len(path.nodes)), runs.ready_s[:, None]
    leave, lasts = np.full(shape, -1), np.zeros(shape, np.int64)
    from_s = np.where(is_first, runs.ready_s[which], blocks.from_s[stay])
    np.maximum.at(leave, (which, place), blocks.to_s[stay])
    # a train that was sent to a hold station has been at the port before: its stays are summed
    np.add.at(lasts, (which, place), blocks.to_s[stay] - from_s)
    has = leave >= 0
    stayed = (has * runs.units[:, None]).sum(axis=0)
    leave[:, 0] = np.where(has[:, 0], leave[:, 0], runs.ready_s)
    leave[:, -1] = runs.delivered_s
    has[:, [0, -1]] = True
    left = (leave - ready).astype(float)
    came = left - lasts
    known = [place for place in path.calls if has[:, place].all()]
    for a, b in zip(known[:-1], known[1:], strict=True):
        _spread(came[:, a : b + 1], left[:, a : b + 1], lasts[:, a : b + 1], path.run_h[a : b + 1])
    return Journey(flow, path, stayed, runs.units, came, left)


def _spread(arrive: np.ndarray, leave: np.ndarray, lasts: IntArray, run_h: np.ndarray) -> None:
    """Stand the stays between two calls (first and last column) where they belong, in place."""
    inside = slice(1, -1)
    stays = lasts[:, inside]
    running = arrive[:, -1] - leave[:, 0] - stays.sum(axis=1)
    share = (run_h[inside] - run_h[0]) / (run_h[-1] - run_h[0])
    arrive[:, inside] = leave[:, :1] + running[:, None] * share + np.cumsum(stays, axis=1) - stays
    leave[:, inside] = arrive[:, inside] + stays


def _places_of(
    path: Path, at: IntArray, ride: IntArray, node: IntArray, is_first: BoolArray
) -> IntArray:
    """The place of each stay (n,): its node on the way of its ride, else where the ride ends.

    Who is back at the node where the ride began stands in a hold station there, after the ride.
    """
    n_node = int(max(at.max(initial=0), node.max(initial=0))) + 1
    ends = np.array(path.rides[1:])
    table = np.repeat(ends[:, None], n_node, axis=1)
    for r, (first, last) in enumerate(zip(path.rides[:-1], path.rides[1:], strict=True)):
        table[r, at[first + 1 : last + 1]] = np.arange(first + 1, last + 1)
    return np.where(is_first, 0, table[ride, node])
