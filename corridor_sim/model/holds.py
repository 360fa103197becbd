"""Trains before a full port: hold stations, and behind them the line itself (spill-back).

A train is taken into the port only when a track and the room for its lots, or for what these are
more than it takes away (`swap`), are there together. Else it stands in the nearest hold station that
has a place; when all are full it stays where it is, with its locomotive, and so do those behind it:
their departures wait for a place on the approach.
"""

from __future__ import annotations

from dataclasses import replace

from corridor_sim.errors import ModelError
from corridor_sim.facilities import HoldStation
from corridor_sim.inputs.schema import Call
from corridor_sim.model.carriers import UNITS
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.model.swap import swapped
from corridor_sim.model.yards import room
from corridor_sim.primitives import Counter, Line, Quantity, Stage
from corridor_sim.terms import Amount
from corridor_sim.units import seconds

NO_LIMIT = 10**9
"""Units that only a meter counts."""


def keeps_locomotive(call: Call) -> bool:
    """Whether a train that comes to this call keeps its locomotive until it is taken in."""
    return bool(call.holds) or call.approach_trains is not None


def approach(it: Itinerary, i: int) -> tuple[Quantity, ...]:
    """The place on the approach of a call that a departure towards it takes; () without a limit."""
    limit, name = it.calls[i].approach_trains, f"approach {it.at(i)}"
    if limit is None:
        return ()
    if not any(counter.name == name for counter in it.bench.parts.counters):
        it.bench.parts.counters.append(Counter(name, limit, cause=f"wait:{name}"))
    return (Quantity(name),)


def taken_in(it: Itinerary, i: int) -> tuple[Quantity, ...]:
    """What a train gives back when it comes straight into the port."""
    if not keeps_locomotive(it.calls[i]):
        return ()
    return (*approach(it, i), *_locomotives(it))


def add_holds(it: Itinerary, i: int, stages: list[Stage]) -> None:
    """Add the line of arriving trains, and their ways over the hold stations.

    stages   the unloading of a train that comes straight into the port, and its exchange if it may

    A train that is not taken in, nor into a hold, when it comes stands on the line behind those in
    the holds: it can only move up into one of them.
    """
    line, behind = f"{it.label(i)} unload", f"{it.label(i)} on the line"
    into = tuple(_add_hold(it, i, stages[0], _hold(it, name)) for name in it.calls[i].holds)
    it.bench.parts.lines += [
        Line(line, (*(s.name for s in stages), *into), give_up_s=0, else_line=behind),
        Line(behind, into),
    ]


def _add_hold(it: Itinerary, i: int, stage: Stage, hold: HoldStation) -> str:
    """In, perhaps off the locomotive, and on: who has held longest goes first."""
    into, held = f"{it.label(i)} into {hold.id}", f"{it.label(i)} held {hold.id}"
    place, units, locomotives = Quantity(hold.id), _units_held(it, i), _locomotives(it)
    parts = it.bench.parts
    stage, claim = _room_first(it, i, stage)
    on = replace(
        stage,
        name=f"{held} on",
        puts_start=(place, *units, *_later(locomotives, hold)),
        work_s=stage.work_s + seconds(hold.move_h),
        turn_cause=f"hold:{hold.id}",
    )
    ways = [on, *swapped(it, i, on)]
    state = f"hold:{hold.id}"
    parts.stages += [
        Stage(into, state, needs=(place, *units), puts_start=approach(it, i), next_line=held),
        *ways,
    ]
    line = Line(held, _names(ways), claim=claim)
    if locomotives:
        ways += _add_detaching(it, i, line, on, hold, locomotives)
    else:
        parts.lines.append(line)
    ways_on = _names(ways)
    it.bench.meaning.nodes.update(dict.fromkeys((into, *ways_on), hold.node))
    # it waits in the hold; the way into the port (`move_h`) and the unloading are the port's
    it.bench.meaning.work_nodes.update(dict.fromkeys(ways_on, it.calls[i].node))
    if track := it.calls[i].unload:
        it.bench.meaning.visits += [
            FacilityVisit(track, it.name, f"{it.label(i)} unload", name, enter=into)
            for name in ways_on
        ]
    return into


def _add_detaching(
    it: Itinerary,
    i: int,
    held: Line,
    on: Stage,
    hold: HoldStation,
    locomotives: tuple[Quantity, ...],
) -> list[Stage]:
    """After `detach_h` the locomotive goes; to go on the train asks for one with all the rest."""
    parts, detach_s = it.bench.parts, seconds(hold.detach_h)
    off, parked = f"{held.name} off", f"{held.name} parked"
    alone = replace(on, name=parked, needs=(*on.needs, *locomotives))
    ways = [alone, *swapped(it, i, alone)]
    parts.lines += [
        replace(held, give_up_s=detach_s, else_line=off),
        Line(off, (off,)),
        # it has waited since it came into the hold
        Line(parked, _names(ways), offset_s=-detach_s, claim=held.claim),
    ]
    parts.stages += [
        Stage(off, f"hold:{hold.id}", puts_start=locomotives, next_line=parked),
        *ways,
    ]
    it.bench.meaning.nodes[off] = hold.node
    return ways


def _names(stages: list[Stage]) -> tuple[str, ...]:
    return tuple(stage.name for stage in stages)


def _room_first(it: Itinerary, i: int, stage: Stage) -> tuple[Stage, int]:
    """The stage with what it needs of the yard in front, and how much of it a held train claims.

    So room that comes free is kept for who has waited longest, and a shorter train does not pass
    by; tracks and locomotives are not kept. Nothing is claimed where a train waits for a date or for
    a number a day too: the room would stand empty until then. Nor of a yard that other services
    fill: a ship that cannot discharge keeps its berth from those that would empty the yard. Nor by
    who may be let in for what it takes away.
    """
    names = {q.counter for q in room(it.bench, it.calls[i].yard, Amount.ON_BOARD)}
    needs = sorted(stage.needs, key=lambda q: q.counter not in names)
    by_day = {counter.name for counter in it.bench.parts.counters if counter.period_s}
    waits = (stage.gate, stage.cut, stage.table, stage.meter, stage.stock)
    is_plain = (
        not any(waits) and not it.calls[i].swap and not any(q.counter in by_day for q in needs)
    )
    yard, calls = it.calls[i].yard, it.bench.scenario.calls.values()
    is_alone = all(call.service == it.name for call in calls if call.yard == yard)
    return replace(stage, needs=tuple(needs)), len(names) if is_plain and is_alone else 0


def _units_held(it: Itinerary, i: int) -> tuple[Quantity, ...]:
    """The units on board, counted for an embargo that asks what is held before the call's yard."""
    yard, name = it.calls[i].yard, f"held {it.at(i)}"
    rows = it.bench.scenario.embargoes.values()
    if yard is None or not any(row.count_held and yard in row.yards for row in rows):
        return ()
    counters = it.bench.meaning.held.setdefault(yard, [])
    if name not in counters:
        counters.append(name)
        it.bench.parts.counters.append(Counter(name, NO_LIMIT))
    return (Quantity(name, kind=Amount.ON_BOARD, dim=UNITS),)


def _later(locomotives: tuple[Quantity, ...], hold: HoldStation) -> tuple[Quantity, ...]:
    """Locomotives are free again when they have brought the train in."""
    return tuple(replace(q, lag_s=seconds(hold.move_h)) for q in locomotives)


def _locomotives(it: Itinerary) -> tuple[Quantity, ...]:
    return tuple(Quantity(f"fleet {fleet}") for fleet in it.service.needs)


def _hold(it: Itinerary, name: str) -> HoldStation:
    row = it.bench.scenario.facilities[name]
    if not isinstance(row, HoldStation):
        raise ModelError(
            f"calls of {it.name}: {name} is a {row.type}. Fix: name a hold_station in `holds`"
        )
    return row
