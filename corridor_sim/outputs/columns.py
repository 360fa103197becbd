"""Every column of every table that a run or a comparison writes: one line each, in its order.

A class is a table, its docstring what a row is; a field is a column, its docstring what it means.
The unit is the suffix of the name (`units.SUFFIXES`). From here come the order of columns, the
`datapackage.json` of a run, and the comments in its workbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field

from corridor_sim.outputs import data_package
from corridor_sim.outputs.data_package import FieldType


class Table(BaseModel):
    """A table; its fields are never filled, only read."""

    model_config = ConfigDict(use_attribute_docstrings=True)
    keys: ClassVar[tuple[str, ...]] = ()
    """Columns that name a row."""


class Summary(Table):
    """One row a measure: its mean over replications, the spread, and a 95 % interval."""

    keys = ("metric",)
    metric: str
    """Path of the measure: table.id[.key ...].column."""
    unit: str
    """Unit of the value."""
    n: int
    """Replications with a value."""
    mean: float | None
    """Mean over replications."""
    sd: float | None
    """Standard deviation of one replication."""
    ci_lo: float | None
    """Lower end of the 95 % t interval of the mean."""
    ci_hi: float | None
    """Upper end of the 95 % t interval of the mean."""


class OdKpi(Table):
    """One row a demand row, route, clock and replication: transit of lots ready in the window."""

    keys = ("od", "route", "clock", "rep")
    od: str
    """Row of demand."""
    commodity: str | None
    """Commodity class of the demand row."""
    direction: str
    """west, east or none."""
    route: str
    """Row of routes; `all` sums up several."""
    clock: str
    """shipper: from ready to delivered; carrier: from first loaded to delivered."""
    rep: int
    """Replication, from 0."""
    n: int
    """Lots that became ready in the window."""
    offered: int
    """The same lots: what was offered."""
    delivered: int
    """Lots delivered in the window, whenever they were ready."""
    censored_share: float | None
    """Share of the lots ready in the window that were not delivered before the end of the drain."""
    mean_h: float | None
    """Mean transit of those delivered."""
    p10_h: float | None
    """10 % were faster; undelivered lots count as the slowest, as in all quantiles here."""
    p50_h: float | None
    """Median transit."""
    p90_h: float | None
    """90 % were faster."""
    p95_h: float | None
    """95 % were faster."""
    usd_per_teu: float | None
    """Mean cost of a delivered lot, a unit of its demand row (TEU, wagon or truck)."""


class FacilityKpi(Table):
    """One row a facility, class of trips and replication: queue and work over the window."""

    keys = ("facility", "class", "rep")
    facility: str
    """Row of facilities."""
    class_: str = Field(alias="class")
    """Demand row or service whose trips come; `all` sums up several."""
    rep: int
    """Replication, from 0."""
    arrivals: int
    """Trips that came in the window."""
    completed: int
    """Services that ended in the window."""
    turned_away_share: float
    """Share of arrivals that found no place and left."""
    wait_mean_h: float | None
    """Mean wait from coming to the start of service; blank where trips only load: they wait for
    cargo too."""
    wait_p95_h: float | None
    """95 % waited less."""
    sojourn_mean_h: float | None
    """Mean time from coming to the end of service."""
    queue_mean: float
    """Trips that wait, mean over time."""
    in_system_mean: float
    """Trips that wait or are served, mean over time."""
    utilisation: float | None
    """Busy server hours a server hour of the calendar, 0 to 1; blank without a limit of servers."""
    throughput_per_h: float
    """Services that ended, an hour of the window."""


class ServiceKpi(Table):
    """One row a service, call and replication: departures that loaded in the window."""

    keys = ("service", "call", "rep")
    service: str
    """Row of services."""
    call: str
    """Node of the call."""
    rep: int
    """Replication, from 0."""
    trips: int
    """Trips that began to load in the window."""
    load_mean: float | None
    """Load units on board when loading was over, mean."""
    full_share: float | None
    """Share of trips on which not one more lot like those aboard would have fitted."""
    cancelled: int
    """Sailings of the window that did not take place, by `cancel_after_h`."""
    wait_mean_h: float | None
    """Mean wait of lots in the stock of this call, from entering it to being loaded."""
    vehicle_utilisation: float | None
    """Share of vehicle hours that are not spent waiting to load at home, 0 to 1."""
    round_trips_per_h: float
    """Departures from this call, an hour of the window."""


class LegKpi(Table):
    """One row a leg, direction and replication: the rides over it that began in the window.

    The log knows when a ride began and ended, not when it passed from leg to leg.
    """

    keys = ("leg", "from_node", "to_node", "rep")
    leg: str
    """Row of link.csv."""
    from_node: str
    """Node at which the leg is entered."""
    to_node: str
    """Node at which it is left."""
    direction: str | None
    """west, east or both: of the demand rows that ride this way; empty if only vehicles return."""
    mode: str
    """rail, road or sea."""
    rep: int
    """Replication, from 0."""
    trips: int
    """Rides over the leg."""
    empty_trips: int
    """Those with nothing on board."""
    laden_units: int
    """Laden load units carried (TEU, wagons and trucks together)."""
    empty_units: int
    """Empty load units carried."""
    cargo_teu: int
    """Containers carried, laden and empty; wagons and trucks are not in it."""
    cargo_wagons: int
    """Wagons carried as cargo (by ferries and wagon trains), laden and empty."""
    cargo_trucks: int
    """Trucks carried, laden and empty."""
    cargo_t: float
    """Tonnes carried in all units (an empty container counts with its own weight)."""
    run_mean_h: float | None
    """Mean hours of rides over this leg alone; empty where all rides go on over other legs."""
    run_p90_h: float | None
    """90 % of those rides were faster."""
    speed_kmh: float | None
    """Kilometres an hour of the whole rides that use the leg, incidents on the way included."""
    paths_mean_per_day: float | None
    """Paths used a day; empty where the leg has no limit. All count on the day the ride begins."""
    paths_max_per_day: float | None
    """Paths used on the busiest day."""
    paths_used_share: float | None
    """Paths used a day, of those that other traffic leaves."""
    path_wait_h: float
    """Hours that trips waited for a path on this leg, their sum."""


class NodeDwell(Table):
    """One row a node, direction, demand row and replication: stays that began in the window.

    A stay begins when a lot is ready or its ride (or the border post before) ends, and ends when
    the next ride begins, it goes to a facility at another node, or it is delivered.
    """

    keys = ("node", "direction", "od", "rep")
    node: str
    """Row of node.csv."""
    direction: str
    """Direction of the demand row."""
    od: str
    """Row of demand; `all` of this direction together."""
    rep: int
    """Replication, from 0."""
    n: int
    """Lots that arrived in the window."""
    mean_h: float | None
    """Mean stay of those that left before the end of the drain."""
    p50_h: float | None
    """Median stay; lots that never left count as the slowest, as in all quantiles here."""
    p90_h: float | None
    """90 % left sooner."""
    p95_h: float | None
    """95 % left sooner."""
    onward_p50_h: float | None
    """Median from arrival here to delivery at the destination; empty for `all`."""
    onward_p90_h: float | None
    """90 % were delivered sooner."""
    service_share: float
    """Share of the hours: work of facilities and calls (documents, lifting, loading)."""
    queue_share: float
    """Share: a server, berth or acceptance was taken, or others were first."""
    yard_share: float
    """Share: no room in a yard."""
    vehicle_share: float
    """Share: no vehicle or locomotive, or the vehicle loaded others first."""
    sail_rule_share: float
    """Share: the vehicle waited for fill, timetable or headway."""
    path_share: float
    """Share: no path was left that day."""
    weather_share: float
    """Share: closed by weather."""
    embargo_share: float
    """Share: an embargo held it."""
    closed_share: float
    """Share: opening hours, failures, works, or not open yet."""


class StockDaily(Table):
    """One row a stock or yard, load unit and day of the window: level at 00:00 UTC.

    Means and quantiles are over replications. Stocks that stayed empty are left out.
    """

    keys = ("place", "unit", "date_utc")
    place: str
    """Stock (service@node of the call that loads from it, or a desk) or yard."""
    kind: str
    """stock: lots that wait; yard: places taken, those kept for a running discharge included."""
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

    keys = ("service", "call", "trip")
    service: str
    """Row of services."""
    call: str
    """Node of the call that it leaves."""
    to: str
    """Node of the next call."""
    trip: int
    """Number of the trip within its service, from 0; it keeps it until it loads at home again."""
    vehicle: str
    """Fleet of the vehicle."""
    arrived_utc: datetime | None
    """End of the ride to this call; empty where the trip begins here (a pooled or new vehicle)."""
    unload_start_utc: datetime | None
    """Start of unloading here (empty: none)."""
    unloaded_utc: datetime | None
    """End of unloading."""
    load_start_utc: datetime | None
    """Start of loading: all that it waits for before is there."""
    ready_utc: datetime | None
    """End of loading."""
    departed_utc: datetime
    """Start of the ride."""
    arrived_next_utc: datetime
    """End of the ride; border posts on the way and the queue at the next call come after it."""
    unloaded_units: int
    """Load units unloaded here."""
    loaded_units: int
    """Load units loaded here."""
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


class YardHours(Table):
    """One row a yard or hold station and replication: how full it was in the window.

    Only of scenarios with such places.
    """

    keys = ("place", "rep")
    place: str
    """Row of facilities."""
    rep: int
    """Replication, from 0."""
    kind: str
    """yard or hold_station."""
    node: str
    """Where it lies."""
    above_soft_h: float | None
    """Hours with more of its places in use than the soft limit; empty where there is none."""
    full_h: float
    """Hours without a free place. Who needs several waits for them sooner."""
    fill_mean_share: float
    """Share of the places in use, mean over time; room kept for a running discharge is in use."""
    fill_p95_share: float
    """For 95 % of the time no more than this share was in use."""


class LedgerTable(Table):
    """One row a demand row and cause: where the hours of delivered lots went, mean of replications."""

    keys = ("od", "cause")
    od: str
    """Row of demand."""
    direction: str
    """Direction of the demand row."""
    cause: str
    """move: on the way; service: work; wait: what was missing; or what was closed."""
    mean_h: float
    """Mean hours a lot."""
    share: float
    """Part of the hours from ready to delivered, 0 to 1."""


class Checks(Table):
    """One row a check that every replication must pass."""

    keys = ("name",)
    name: str
    """What is checked."""
    tolerance: int
    """The largest sum that passes."""
    found: int
    """Sum over replications of what was found."""
    verdict: str
    """ok, failed, or INCOMPLETE where a replication stood still."""


class Validation(Table):
    """One row an observed figure of the network: what was observed beside what was simulated."""

    keys = ("id",)
    id: str
    """Row of observations.csv."""
    metric: str | None
    """Measures of this run that are summed up, with the factor that makes it the observed unit."""
    unit: str
    """Unit of the figures."""
    definition: str
    """What the observed figure counts, and what the measure counts."""
    role: str
    """input: typed into a table; calibration: an input may be moved to meet it; check: neither."""
    observed: float
    """The published figure."""
    low: float | None
    """Least value that counts as inside; empty for an input, which is no test."""
    high: float | None
    """Largest value that counts as inside."""
    simulated: float | None
    """Mean over replications."""
    ci_lo: float | None
    """Lower end of its 95 % t interval."""
    ci_hi: float | None
    """Upper end of its 95 % t interval."""
    verdict: str
    """inside, miss; not a test (an input), other period (another window), not measured (no value)."""
    source: str
    """Id in seeds/figures.csv, or `assumption`."""
    note: str | None
    """How to read it."""


class DeltaTable(Table):
    """One row a scenario, demand row and measure: paired difference from the first scenario."""

    keys = ("scenario", "od", "measure")
    scenario: str
    """The scenario that is compared with the first."""
    od: str
    """Row of demand."""
    measure: str
    """Column of od_kpi, on the shipper's clock over all routes."""
    unit: str
    """Unit of the values."""
    n: int
    """Pairs of replications with a value on both sides."""
    base: float | None
    """Mean of the first scenario."""
    value: float | None
    """Mean of this one."""
    delta: float | None
    """Mean difference, this less the first."""
    ci_lo: float | None
    """Lower end of the 95 % t interval of the difference."""
    ci_hi: float | None
    """Upper end of it."""
    p_better: float | None
    """Share of replications in which this scenario is better, ties counted half."""
    p_better_lo: float | None
    """Lower end of its 95 % interval."""
    p_better_hi: float | None
    """Upper end of it."""
    p_adjusted: float | None
    """p-value of no difference, adjusted (Holm) for all rows of the table."""
    verdict: str
    """better, worse or not distinguishable."""


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
    ready_s: int
    """When it was ready, seconds from the start."""
    delivered_s: int | None
    """When it was delivered, seconds from the start; empty: not before the horizon."""


class ResilienceTable(Table):
    """One row an OD (and `all`), outage and replication: deliveries beside the undisturbed twin's.

    Only where an outage has `twin: true`, or with --twin. All such outages are taken away together.
    """

    keys = ("od", "disruption", "rep")
    od: str
    """Row of demand; `all`, or `all_<unit>` where demand is in several units."""
    disruption: str
    """Row of disruptions; what follows is from its start on."""
    rep: int
    """Replication, from 0."""
    normal_units_per_day: float
    """Units that the twin delivers a day, mean of the window: a normal day."""
    tolerance_units: float
    """Shortfall that counts as none: 1 % of a normal day, or the twin's largest delivery at once."""
    depth_units: float
    """Largest shortfall of the units delivered so far, against the twin."""
    depth_d: float | None
    """The same in normal days."""
    depth_share: float
    """Largest missing share of a week's deliveries, against the twin's week."""
    loss_d: float
    """Sum over time of that share: days of normal throughput lost until a week after recovery."""
    recover_d: float | None
    """Days from the end of the outage until the shortfall is within the tolerance for a week;
    empty: not before the horizon."""
    clear_d: float | None
    """Days from the end of the outage until units in the system are at most 10 % above the twin's
    for a week; empty: not before the horizon."""
    fluid_d: float | None
    """Beside it: depth / (most delivered in a week after the outage, a day, less a normal day)."""
    ready_units: int
    """Units that were ready during the outage and were delivered in both."""
    extra_mean_h: float | None
    """Their mean transit, less that in the twin."""


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


class InputsResolved(Table):
    """One row a number or date of the scenario: its value, source, range and place."""

    keys: ClassVar[tuple[str, ...]] = ("key_path",)
    key_path: str
    """Key path; with `*` for the row where every row has the default of the column."""
    value: str
    """As the model reads it."""
    unit: str | None
    """Unit of the value."""
    source: str | None
    """Id in seeds/figures.csv, assumption, scenario, set (by --set) or default."""
    grade: str | None
    """Grade of the figure, A (best) to D."""
    low: str | None
    """Low end of the range that the source gives."""
    high: str | None
    """High end of it."""
    reason: str | None
    """Why this number."""
    file: str | None
    """File within its study folder; empty for a default. `describe KEY` tells the line."""


class InputsChanged(InputsResolved):
    """One row a number that a scenario of a comparison has otherwise than the first."""

    keys = ("scenario", "key_path")
    scenario: str
    """The scenario that is compared with the first."""
    base_value: str | None
    """Value in the first scenario; empty: it has none."""


TABLES: dict[str, type[Table]] = {
    "summary": Summary,
    "od_kpi": OdKpi,
    "ledger": LedgerTable,
    "facility_kpi": FacilityKpi,
    "service_kpi": ServiceKpi,
    "leg_kpi": LegKpi,
    "node_dwell": NodeDwell,
    "stock_daily": StockDaily,
    "trips": Trips,
    "weather": WeatherTable,
    "embargo": EmbargoTable,
    "yard_hours": YardHours,
    "validation": Validation,
    "resilience": ResilienceTable,
    "disruptions": DisruptionsTable,
    "checks": Checks,
    "lots": Lots,
    "delta": DeltaTable,
    "inputs_resolved": InputsResolved,
    "inputs_changed": InputsChanged,
}
"""Name of the file without `.csv`, in the order in which a run lists them."""


def columns_of(table: str) -> list[str]:
    """Names of the columns, in order.

    >>> columns_of("ledger")
    ['od', 'direction', 'cause', 'mean_h', 'share']
    """
    fields = TABLES[table].model_fields
    return [about.alias or name for name, about in fields.items()]


def about_table(table: str) -> str:
    """What a row of it is, in one line.

    >>> about_table("checks")
    'One row a check that every replication must pass.'
    """
    return (TABLES[table].__doc__ or "").splitlines()[0]


def fields_of(table: str, columns: Sequence[str]) -> list[data_package.Field]:
    """Description and type of each of the columns; a column of lots.csv that is none of the table's
    is a label of the ledger."""
    known = {f.alias or name: f for name, f in TABLES[table].model_fields.items()}
    return [
        data_package.Field(c, _type(known[c].annotation), _words(known[c].description))
        if c in known
        else data_package.Field(c, "number", f"Hours under `{c.removesuffix('_h')}`.")
        for c in columns
    ]


def package_of(name: str, columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The data package of a folder: table -> columns as they stand in its file."""
    resources = [
        data_package.resource(
            table,
            f"{table}.csv",
            fields_of(table, header),
            _words(TABLES[table].__doc__),
            TABLES[table].keys,
        )
        for table, header in columns.items()
    ]
    return data_package.package(name, resources, {})


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


_TYPES: dict[Any, FieldType] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    datetime: "datetime",
}


def _type(annotation: Any) -> FieldType:
    return _TYPES[next((a for a in get_args(annotation) if a in _TYPES), annotation)]
