"""The closed set: what every facility, service and rule is made of.

Seven things and no eighth: counter, calendar, stock, line, stage, source, meter; beside them two
descriptions of cargo and carriers, flow and vehicle. They refer to each other by name here;
`model.pack` turns names into integers. The meaning of each field is normative in
`engine/CONTRACT.md`; this page is its form. Instants are int seconds from the scenario start.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from corridor_sim.terms import Amount, CountedFrom, Order

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Counter:
    """Units that are taken and put back: servers, berths, tracks, yard space, a pool at a place."""

    name: str
    cap: int
    free: int | None = None
    """Free at the start; None: all of them."""
    period_s: int = 0
    """0, or the counter is full again at every multiple of it (paths or acceptances a day)."""
    steps: tuple[tuple[int, int], ...] = ()
    """(instant, capacity from then on): works, ramps, fleets that grow."""
    cause: str = ""
    """What a wait for it is called; its name if empty."""


@dataclass(frozen=True)
class Calendar:
    """Sorted half-open open intervals; a gate (may it start?) or a work clock (does it go on?)."""

    name: str
    open_s: IntArray
    close_s: IntArray
    gap_causes: tuple[str, ...] = ()
    """One a gap: before the first interval, between them, after the last (n + 1); or just one."""


@dataclass(frozen=True)
class Stock:
    """Lots in a yard that wait for the same service."""

    name: str
    no_vehicle: str = ""
    """What a lot's wait is called while no trip stands here to load; `no vehicle` if empty."""
    others: str = ""
    """What it is called while a trip here lacks nothing but its turn."""


@dataclass(frozen=True)
class Quantity:
    """An amount of a counter: `n` units, or `n` for each unit (in dimension `dim`) of cargo."""

    counter: str
    n: int = 1
    kind: Amount = Amount.CONSTANT
    dim: int = 0
    lag_s: int = 0
    """Only for what is put back: so long after the start or the end of the visit."""
    spare: int = 0
    """Only for what is needed: if any is, so much more must be free, and is left."""


@dataclass(frozen=True)
class Line:
    """A queue. Only its head is looked at; alternatives are tried in their order."""

    name: str
    alternatives: tuple[str, ...]
    order: Order = Order.FIFO
    by_class: bool = False
    """Add the source's class offset to the key (priorities, ageing)."""
    offset_s: int = 0
    """Added to every key: a line that goes before or after its rivals."""
    give_up_s: int = -1
    """-1: never; else the trip leaves after so long, counted from `give_up_from`."""
    give_up_from: CountedFrom = CountedFrom.JOINING
    give_up_table: str | None = None
    else_line: str | None = None
    """Where a trip goes that gives up; None: out of the system, with its cargo."""
    claim: int = 0
    """So many needs of its first alternative, the first ones, count as taken for every request with
    a larger key while its head waits."""


@dataclass(frozen=True)
class Stage:
    """Waits for a conjunction, works for a time known at its start, then gives things back."""

    name: str
    state: str = ""
    """What its work is called in the ledger (`move:rail`, `service:berth`, ...)."""
    # the conjunction, in the order in which a wait is charged
    gate: str | None = None
    cut: str | None = None
    """A calendar: starts only while it is open, and whose end breaks off the visit (evacuation)."""
    table: str | None = None
    meter: str | None = None
    stock: str | None = None
    load_min: int = 0
    load_floor: int = 0
    """Still needed once the deadline has passed."""
    load_max: int = -1
    counts_board: bool = False
    """What is on board already counts for load_min and load_floor."""
    full: bool = False
    """Enough is loaded, too, when the next lot in the stock does not fit."""
    board_min: int = 0
    dim: int = 0
    """The dimension in which load_*, board_min and unload_max are counted."""
    deadline_s: int = -1
    deadline_from: CountedFrom = CountedFrom.JOINING
    cutoff_s: int = -1
    """With a table: only lots in the stock since its instant minus this may be loaded."""
    needs: tuple[Quantity, ...] = ()
    # what happens
    vehicle: str | None = None
    """The trip's vehicle from this stage on; None: as it was."""
    place: str | None = None
    """Unload cargo whose next place is this, at the end."""
    unload_max: int = -1
    swap: bool = False
    """What it unloads makes room on board for what it loads, and amounts by what is unloaded and by
    what is loaded are set off against each other: each is what it is more than the other."""
    puts_start: tuple[Quantity, ...] = ()
    puts_end: tuple[Quantity, ...] = ()
    work_s: int = 0
    work_column: str | None = None
    """Adds the trip's number from the stream (source, column)."""
    unit_s: int = 0
    """Adds so much for each unit moved, in `dim`."""
    clock: str | None = None
    """The calendar along which the work proceeds; None: always."""
    slow: str | None = None
    """The table by which a crowded counter makes the work longer."""
    resume: bool = False
    """Work that a cut left undone is all there is to do."""
    next_line: str | None = None
    """None: the trip leaves the system."""
    loop_line: str | None = None
    """Instead of next_line while cargo for `place` remains on board."""
    cut_line: str | None = None
    """Where a trip goes whose visit was cut."""
    cycle: bool = False
    """The grant makes the trip its source's next ordinal, with visit 0."""
    mark: bool = False
    spawn: str | None = None
    """The grant lets the next trip of this source be born."""
    # what its waits are called
    fill_cause: str = "fill"
    table_cause: str = "timetable"
    meter_cause: str = "embargo"
    turn_cause: str = "turn"


@dataclass(frozen=True)
class Births:
    """Trips that a table brings into being, sorted by instant.

    born_s (n,), vehicle (n,) names, lots (n, 2) half-open range *within the flow* `flow`.
    """

    born_s: IntArray
    vehicle: tuple[str, ...] | None = None
    flow: str | None = None
    lots: IntArray | None = None


@dataclass(frozen=True)
class Source:
    """Where trips come from: a table of arrivals, a service, a fleet."""

    name: str
    line: str
    births: Births
    tokens: bool = False
    """True: those born are vehicles that cycle (ordinals -1, -2, ...); ordinals 0, 1, ... are
    given by cycle stages. False: those born are numbered 0, 1, ...; spawned ones go on."""
    offset_s: int = 0
    due_s: int = 0


@dataclass(frozen=True)
class Meter:
    """On when the weighted units in use reach `on`; off again at `off` after `min_s`: an embargo."""

    name: str
    weights: tuple[tuple[str, int], ...]
    on: int
    off: int
    min_s: int = 0


@dataclass(frozen=True)
class Vehicle:
    """A class of carrier: capacity by dimension, -1 where it has no limit."""

    name: str
    cap: tuple[int, ...]
    steps: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """(instant, capacity from then on): a draught limit by date. Where there is no limit at first
    there is none later."""


@dataclass(frozen=True)
class Slow:
    """How a crowded counter slows work: per mille of the work from each level in use on."""

    name: str
    counter: str
    steps: tuple[tuple[int, int], ...]
    """(units in use, per mille of the work), sorted; below the first: 1,000."""


@dataclass(frozen=True)
class Hop:
    """One ride of a flow: the stock where it waits (None: born aboard), the place it leaves at."""

    stock: str | None
    place: str


@dataclass(frozen=True)
class Flow:
    """Lots of one kind on one route: all of one size, sorted by ready time."""

    name: str
    ready_s: IntArray
    hops: tuple[Hop, ...]
    size: tuple[int, ...]
    """On the ground, by dimension."""
    size_on: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By vehicle, where it differs; -1 in any dimension: that vehicle refuses it."""
    offset_s: int = 0
    """Added to the instant of entering a stock: less urgent cargo."""


@dataclass
class Primitives:
    """Everything a model is made of, by kind; filled by facilities, services and routes."""

    horizon_s: int
    n_dim: int = 1
    counters: list[Counter] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=list)
    stocks: list[Stock] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    slows: list[Slow] = field(default_factory=list)
    vehicles: list[Vehicle] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    tables: dict[str, IntArray] = field(default_factory=dict)
    """Timetables: instants by trip ordinal; beyond its end a trip never leaves."""
    draws: dict[tuple[str, str], IntArray] = field(default_factory=dict)
    """(source, column) -> seconds by trip ordinal."""
