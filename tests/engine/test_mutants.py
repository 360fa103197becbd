"""The random models tell a wrong engine from a right one: each rule is broken once."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from corridor_sim.engine.heap_engine import Run
from corridor_sim.engine.heap_parts import Entry, Plan, Rank, Stage, Trip
from corridor_sim.engine.log import EventLog
from corridor_sim.errors import RoundLimit
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.model.pack import pack
from corridor_sim.terms import Order
from tests.engine.random_models import random_model

N_MODEL = 60


class NoPhaseC(Run):
    """Grants as events come, in their order."""

    def events(self) -> None:
        for act, what in self.pool:
            act(what)
            self.dispatch()
        self.pool.clear()


class ClaimsIgnored(Run):
    """Small requests overtake a large one for ever."""

    def claimed(self, counter: int, rank: Rank) -> int:
        return 0


class OnePass(Run):
    """What a grant frees or lets come forward is offered a round late."""

    def dispatch(self) -> None:
        heap: list[tuple[Rank, Entry]] = []
        self.collect(heap)
        for rank, entry in sorted(heap):
            self.is_touched[rank[1]] = False
            plan = self.feasible(rank, entry[4])
            if plan is not None:
                self.grant(rank[1], entry[4], plan)


class LineOrder(Run):
    """Favours whoever is listed first."""

    def rank(self, line: int, entry: Entry) -> Rank:
        return (0, line, entry[1], entry[2])


class LostGiveUp(Run):
    """One trip of the run is forgotten when its patience ends."""

    is_lost = False

    def leave(self, trip: Trip) -> None:
        if self.is_lost:
            super().leave(trip)
        self.is_lost = True


class GiveUpFirst(Run):
    """A give-up wins over a grant of the same instant."""

    def dispatch(self) -> None:
        super().give_ups()
        super().dispatch()


class LifoForFifo(Run):
    """The last comes first."""

    def key(self, trip: Trip, line: int) -> int:
        turn = 2 * trip.joined if self.order[line] == Order.FIFO else 0
        return super().key(trip, line) - turn


class LostTimer(Run):
    """Every fourth look does not come."""

    n_looks = 0

    def look(self, line: int) -> None:
        self.n_looks += 1
        if self.n_looks % 4 and self.look_at[line] == self.t:
            super().look(line)


class LagIgnored(Run):
    """Everything is put back at once."""

    def put_back(self, counter: int, amount: int, lag: int) -> None:
        super().put_back(counter, amount, 0)


class EndAtOnce(Run):
    """Work that takes no time ends within the grant, not in the next round."""

    def schedule(self, at: int, act: Any, what: Any) -> None:
        if at == self.t and act == self.over:
            act(what)
        else:
            super().schedule(at, act, what)


class StockOnlyGrows(Run):
    """Nobody looks when lots leave a stock, though less to load may need less room."""

    def unstock(self, stock: int, loads: list[tuple[int, int]]) -> None:
        seen = [line for line in self.stock_lines[stock] if not self.is_touched[line]]
        super().unstock(stock, loads)
        for line in seen:
            self.is_touched[line] = False
            self.touched.remove(line)


class ClaimsNotWatched(Run):
    """Nobody looks when a claim ends or becomes smaller."""

    def claim_anew(self, line: int) -> None:
        touched = list(self.touched)
        super().claim_anew(line)
        for other in self.touched[len(touched) :]:
            self.is_touched[other] = False
        self.touched[:] = touched


class DeadlineIgnored(Run):
    """Waits for a full load for ever."""

    def is_late(self, stage: Stage, trip: Trip, vehicle: int, ordinal: int) -> bool:
        return False


class FullIgnored(Run):
    """A vehicle that has no room left waits for more."""

    def loadable(self, stage: Stage, trip: Trip, gone: Any, vehicle: int, ordinal: int) -> Any:
        loads, loaded, _ = super().loadable(stage, trip, gone, vehicle, ordinal)
        return loads, loaded, False


class LimitIgnored(Run):
    """The draught is that of the first day."""

    def limit(self, what: tuple[int, list[int]]) -> None:
        pass


class NeverCrowded(Run):
    """Work takes its time however full it is."""

    def work(self, trip: Trip, plan: Plan) -> int:
        return super().work(trip, plan._replace(stage=replace(plan.stage, slow=-1)))


class CutMovesAll(Run):
    """All lots are aboard, or off, when the vessel is sent away."""

    def broken_off(self, plan: Plan, trip: Trip, end: int, work: int) -> Plan:
        super().broken_off(plan, trip, end, work)
        return plan


class CutForgets(Run):
    """Who comes back begins anew."""

    def broken_off(self, plan: Plan, trip: Trip, end: int, work: int) -> Plan:
        plan = super().broken_off(plan, trip, end, work)
        trip.left = 0
        return plan


class SlotsNotSkipped(Run):
    """Who is late sails at once, by the cut-off of a sailing long past."""

    def ordinal(self, stage: Stage, trip: Trip) -> int:
        return self.next_k[trip.source] if stage.cycle else trip.k


class SlotOfNow(Run):
    """Who was there in time and was held loses its slot to the latest."""

    def ordinal(self, stage: Stage, trip: Trip) -> int:
        joined, trip.joined = trip.joined, self.t
        found = super().ordinal(stage, trip)
        trip.joined = joined
        return found


class SpareIgnored(Run):
    """Takes the last of what it should leave."""

    def has_free(self, counter: int, amount: int, rank: Rank) -> bool:
        spare = {need.spare for need in self.tested.needs if need.counter == counter}
        return super().has_free(counter, amount - max(spare), rank)

    def test(self, stage: Stage, trip: Trip, rank: Rank) -> Plan | None:
        self.tested = stage
        return super().test(stage, trip, rank)


class SpareNotClaimed(Run):
    """What the head of a claiming line would leave is free for others."""

    def claimed(self, counter: int, rank: Rank) -> int:
        total = super().claimed(counter, rank)
        for line in self.claimed_by[counter]:
            claim = self.claim[line]
            if claim is not None and claim[0] < rank and claim[1][counter]:
                needs = self.alternatives[line][0].needs
                total -= sum(need.spare for need in needs if need.counter == counter)
        return total


class SwapNeedsAll(Run):
    """Who swaps asks for room as if it took nothing away."""

    def amount(self, stage: Stage, q: Any, aboard: Any, gone: Any, loaded: Any) -> int:
        return super().amount(replace(stage, swap=0), q, aboard, gone, loaded)


class BoardNotCounted(Run):
    """Who is full waits for as much again."""

    def counted(self, stage: Stage, trip: Trip, vehicle: int) -> int:
        return 0


class SwapIntoNoRoom(Run):
    """What will be unloaded keeps its room on board from what is loaded."""

    def room(self, stage: Stage, trip: Trip, gone: Any, vehicle: int) -> Any:
        return super().room(replace(stage, swap=0), trip, gone, vehicle)


# mutant -> the least number of the 60 models whose log it must change
FLOORS: dict[type[Run], int] = {
    NoPhaseC: 45,
    ClaimsIgnored: 40,
    OnePass: 35,
    LineOrder: 45,
    LostGiveUp: 40,
    GiveUpFirst: 30,
    LifoForFifo: 45,
    LostTimer: 25,
    LagIgnored: 40,
    EndAtOnce: 30,
    StockOnlyGrows: 1,
    ClaimsNotWatched: 5,
    DeadlineIgnored: 30,
    FullIgnored: 20,
    LimitIgnored: 15,
    NeverCrowded: 40,
    CutMovesAll: 20,
    CutForgets: 30,
    SlotsNotSkipped: 30,
    SlotOfNow: 30,
    SpareIgnored: 30,
    SpareNotClaimed: 3,
    SwapNeedsAll: 5,
    BoardNotCounted: 10,
    SwapIntoNoRoom: 15,
}


@cache
def models() -> list[tuple[CompiledModel, EventLog]]:
    packed = [pack(random_model(seed)) for seed in range(N_MODEL)]
    return [(model, Run(model, 10_000, None).log()) for model in packed]


def differs(mutant: type[Run], model: CompiledModel, log: EventLog) -> bool:
    """A storm is a difference too."""
    try:
        return not mutant(model, 10_000, None).log().same(log)
    except RoundLimit:
        return True


@pytest.mark.parametrize("mutant", FLOORS, ids=lambda m: m.__name__)
def test_a_broken_rule_shows_in_the_random_models(mutant: type[Run]) -> None:
    """An identity suite that lets a broken engine pass proves nothing of the others.

    No more models are run once enough differ.
    """
    differ = (seed for seed, case in enumerate(models()) if differs(mutant, *case))
    killed = list(itertools.islice(differ, FLOORS[mutant]))
    print(f"{mutant.__name__}: of {N_MODEL} models differ those of seeds {killed}")
    assert len(killed) == FLOORS[mutant]
