"""What a run did and when: day by day, trip by trip, closure by closure, lot by lot."""

from __future__ import annotations

from datetime import datetime

from corridor_sim.outputs.columns.table import Table


class StockDaily(Table):
    """One row a stock or yard, load unit and day of the window: level at 00:00 UTC.

    Means and quantiles are over replications. Stocks that stayed empty are left out.
    """

    keys = ("place", "unit", "date_utc")
    place: str
    """Stock (service@node of the call that loads from it, or a desk) or yard."""
    kind: str
    """stock: units that wait; yard: places taken, those kept for a running discharge included."""
    node: str
    """Where it is."""
    unit: str
    """teu, wagon, truck or unit; `places` of a yard."""
    date_utc: datetime
    """The day; the level is that of its first second."""
    n: int
    """Replications."""
    mean_units: float
    """Mean level over replications."""
    lo_units: float
    """10 % of replications were lower."""
    hi_units: float
    """10 % of replications were higher."""
    capacity_units: int | None
    """Places of a yard on that day; empty for a stock, which has no limit of its own."""


class Trips(Table):
    """One row a departure in the window, of the first replication alone (the table is large)."""

    keys = ("service", "call", "vehicle", "trip")
    service: str
    """Row of services."""
    call: str
    """Node of the call that it leaves."""
    to: str
    """Node of the next call."""
    trip: int
    """Number of the trip within its service, from 0 (vessels that berths tell apart are numbered each
    for themselves); it keeps it until it loads at home again."""
    vehicle: str
    """Fleet of the vehicle."""
    arrived_utc: datetime | None
    """End of the ride to this call; empty where the trip begins here (a pooled or new vehicle)."""
    unload_start_utc: datetime | None
    """Start of unloading here (empty: none)."""
    unloaded_utc: datetime | None
    """End of unloading."""
    load_start_utc: datetime | None
    """Start of loading: all that it waits for before is there. Of a train that swaps (it loads while
    it unloads) the start of the loading after that, be it of none."""
    ready_utc: datetime | None
    """End of loading; of a train that swaps, of the loading after that."""
    departed_utc: datetime
    """Start of the ride."""
    arrived_next_utc: datetime
    """End of the ride; border posts on the way and the queue at the next call come after it."""
    unloaded_units: int
    """Load units unloaded here."""
    loaded_units: int
    """Load units loaded here, those of a swap with them."""
    rolled_units: int
    """Load units that stood here when loading began and were left for the next: no room, or too
    late for the cut-off."""
    on_board_teu: int
    """Containers on board at departure."""
    on_board_wagons: int
    """Wagons on board at departure."""
    on_board_trucks: int
    """Trucks on board at departure."""
    on_board_units: int
    """Other units on board at departure (demand rows in `unit`)."""
    fill_share: float | None
    """Part of the vehicle's room that is taken; empty without a limit."""
    queue_h: float
    """Waits since it came to this call: a server, berth or acceptance was taken, others first."""
    yard_h: float
    """Waits: no room in a yard."""
    vehicle_h: float
    """Waits: no vehicle or locomotive of the pool."""
    sail_rule_h: float
    """Waits: fill, timetable or headway."""
    path_h: float
    """Waits: no path was left that day."""
    weather_h: float
    """Waits: weather."""
    embargo_h: float
    """Waits: an embargo."""
    closed_h: float
    """Waits: opening hours, failures, works, or not open yet."""


class WeatherTable(Table):
    """One row a weather zone, replication and spell; one severity includes all before it.

    Spells of one zone overlap: around a closure of the port cranes stop for longer. Only of
    scenarios with weather.
    """

    keys = ("zone", "rep", "start_utc", "end_utc", "severity")
    zone: str
    """Row of weather."""
    rep: int
    """Replication, from 0."""
    start_utc: datetime
    """From."""
    end_utc: datetime
    """Until (not included); a restart lag comes after it."""
    severity: str
    """What stops: cranes, berthing, port; evacuate: ships must leave their berths."""
    foreseen: bool
    """Whether it was forecast, so that nobody came alongside or left just before."""
    origin: str
    """drawn, or replayed from `closures`."""


class EmbargoTable(Table):
    """One row an embargo, replication and order: from when to when new loadings were stopped.

    Orders of the whole run, warm-up and drain too. Only of scenarios with embargoes.
    """

    keys = ("embargo", "rep", "on_utc")
    embargo: str
    """Row of embargoes."""
    rep: int
    """Replication, from 0."""
    on_utc: datetime
    """On from."""
    off_utc: datetime | None
    """Off from; empty: still on at the end of the run."""
    on_level_units: int
    """Units in use when it went on: yards, and trains that stand before them."""
    off_level_units: int | None
    """The same when it went off."""
    lasted_h: float
    """Hours on, up to the end of the run."""
    held_most_units: int
    """Units that waited for it at their origins at once, at most."""


class DisruptionsTable(Table):
    """One row an outage and capacity that it takes from, as compiled (only with outages)."""

    keys = ("id", "capacity")
    id: str
    """Row of disruptions."""
    target: str
    """What is hit."""
    capacity: str
    """Name of the counter; the target itself where there is none to take from, only to close."""
    what: str
    """servers, tracks, places, per_day, paths or vehicles; closed: it has no limit."""
    start_utc: datetime
    """From."""
    end_utc: datetime
    """Until (not included)."""
    severity_share: float
    """Share of the capacity that is lost; 1: closed."""
    shape: str
    """step, linear or s."""
    ramp_h: float
    """Hours of each of the two ramps."""
    cause: str
    """What waiting is called while it is closed."""
    capacity_before: int | None
    """Units of it at the start, without any outage; of paths, what other traffic leaves."""
    capacity_during: int
    """Units of it at the least, with this outage alone."""
    twin: bool
    """Whether the twin runs without it."""


class Lots(Table):
    """One row a lot of every replication (only with --lots), and a column a label of the ledger."""

    keys = ("rep", "od", "route", "lot")
    rep: int
    """Replication, from 0."""
    od: str
    """Row of demand."""
    route: str
    """Row of routes."""
    lot: int
    """Number of the lot within its demand row and route, from 0."""
    units: int
    """Units in it: 1, or the batch that may not be split."""
    ready_s: int
    """When it was ready, seconds from the start."""
    delivered_s: int | None
    """When it was delivered, seconds from the start; empty: not before the horizon."""
