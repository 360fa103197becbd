"""What a run measures over its window: by OD, facility, call, leg, node and cause."""

from __future__ import annotations

from pydantic import Field

from corridor_sim.outputs.columns.table import Table


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
    """Units (TEU, wagons, trucks) that became ready in the window."""
    offered: int
    """The same units: what was offered."""
    delivered: int
    """Units delivered in the window, whenever they were ready."""
    censored_share: float | None
    """Share of the units ready in the window that were not delivered before the end of the drain."""
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
    usd_per_unit: float | None
    """Mean generalised cost of a delivered unit of the row (TEU, wagon, truck): shipper_price and
    time_cost of costs.csv."""
    usd_per_teu: float | None
    """The same where the unit is a TEU; blank for wagons, trucks and others."""


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
    wait_ratio: float | None
    """Mean wait / mean time from start to end of service."""
    utilisation_open: float | None
    """Hours in which work went on, of the server hours that were open and there; in the row of
    `all` classes only, as the next."""
    occupancy: float | None
    """Hours for which servers or berths were held, working or not, a server hour of the calendar."""


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
    """Sailings of the window that did not take place, by `cancel_after_h` or since the vessel came
    when a later one was due."""
    wait_mean_h: float | None
    """Mean wait of units in the stock of this call, from entering it to being loaded."""
    vehicle_utilisation: float | None
    """Share of vehicle hours that are not spent waiting to load at home, 0 to 1."""
    round_trips_per_h: float
    """Departures from this call, an hour of the window."""
    sailings_per_week: float
    """Departures from this call a week."""
    headway_cv: float | None
    """Standard deviation / mean of the times between departures; 0 as a clock, 1 as if at random."""
    fill_mean_share: float | None
    """Share of the vehicle that is taken at departure, mean; empty where vehicles have no limit."""
    empty_share: float | None
    """Share of the departures with nothing aboard: also empty km of all km from here."""
    rolled_share: float | None
    """Units still in the stock when a loading had begun, of those and the units loaded."""
    cancelled_share: float | None
    """Sailings `cancelled`, of those and the loadings."""


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
    fill_max_share: float
    """The largest share in use."""


class LedgerTable(Table):
    """One row an OD, route, month, clock, place and cause: where the hours of delivered units went.

    Of units ready in the window, mean of replications. Hours of one clock add up to its transit.
    """

    keys = ("od", "route", "cohort", "clock", "place", "cause")
    od: str
    """Row of demand."""
    route: str
    """Row of routes; `all` sums up several."""
    direction: str
    """Direction of the demand row."""
    cohort: str
    """Month of departure (`2024-03`), when a service first loaded the unit; `all`: every month."""
    clock: str
    """shipper: from ready to delivered; carrier: from first loaded by a service to delivered;
    node: the carrier's hours by node and on the way."""
    place: str
    """shipper: `origin` before a service first loaded it, then `carried`; node: the node, or
    `on_the_way` between two calls. So shipper = origin + carrier, and carrier = nodes + way."""
    cause: str
    """move: on the way; service: work; wait: what was missing; or what was closed. `rest`: what the
    other rows of a quantile's column leave of the quantile."""
    n: float
    """Delivered units of the OD, route and month, mean of replications."""
    mean_h: float
    """Mean hours a unit."""
    share: float | None
    """Part of the clock's mean hours, 0 to 1."""
    p50_h: float | None
    """Mean hours of the units within 2 percentile points of the median of this clock (node: of the
    carrier's). The column adds up to the median; empty where it falls among undelivered units."""
    p95_h: float | None
    """The same around the 95 % quantile."""


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
