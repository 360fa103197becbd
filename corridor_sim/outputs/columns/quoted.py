"""Figures that planners quote: reliability and what development banks publish."""

from __future__ import annotations

from datetime import datetime

from corridor_sim.outputs.columns.table import Table


class Reliability(Table):
    """One row a demand row, route, clock and replication: how far one can count on the time.

    Of units ready in the window; those not delivered before the end of the drain are the slowest.
    The formulas stand in docs/measures.md.
    """

    keys = ("od", "route", "clock", "rep")
    od: str
    """Row of demand."""
    route: str
    """Row of routes; `all` sums up several."""
    clock: str
    """shipper: from ready to delivered; carrier: from first loaded to delivered."""
    rep: int
    """Replication, from 0."""
    n: int
    """Units that became ready in the window."""
    mean_h: float | None
    """Mean of those delivered."""
    p10_h: float | None
    """10 % were faster; empty, as every quantile here, where it falls on an undelivered unit."""
    p50_h: float | None
    """Median."""
    p80_h: float | None
    """80 % were faster."""
    p90_h: float | None
    """90 % were faster."""
    p95_h: float | None
    """95 % were faster."""
    p99_h: float | None
    """99 % were faster."""
    transit_cv: float | None
    """Standard deviation / mean, of those delivered."""
    buffer_ratio: float | None
    """Buffer index: (P95 - mean) / mean."""
    buffer_median_ratio: float | None
    """The same around the median: (P95 - P50) / P50."""
    free_flow_h: float | None
    """Time of an empty corridor: all works and runs at their mean, no wait, storm or incident."""
    planning_time_ratio: float | None
    """Planning time index: P95 / free flow."""
    promise_90_d: float | None
    """Shortest promise in whole days that 90 % of the units keep."""
    promise_95_d: float | None
    """The same for 95 %."""
    promise_98_d: float | None
    """The same for 98 %."""
    promised_d: float | None
    """`promised_days` of the demand row; without one 1.25 times the free flow of its main route,
    rounded up to days. On the shipper's clock only."""
    on_time_share: float | None
    """Share of the units delivered within that promise."""
    tail_ratio: float | None
    """Mean of the slowest 5 %, as a multiple of the mean; empty if one of them was not delivered."""


class Tfi(Table):
    """One row a border, direction and replication, or a route: trade facilitation indicators.

    After CAREC's corridor monitoring (CPMM), of delivered units that were ready in the window. Of a
    border there are TFI1 and TFI2, of a route TFI3 and TFI4 (SWD, SWOD). See docs/measures.md.
    """

    keys = ("id", "kind", "route", "direction", "rep")
    id: str
    """border, port: the node; pair: both nodes of a border on land; route: the row of demand."""
    kind: str
    """border: papers of trains or trucks; port: desks for unloaded lots; pair: both sides; route."""
    route: str
    """Of a route: row of routes; `all` sums up several. Of a border: `all` that pass it."""
    direction: str
    """Direction of the demand rows."""
    rep: int
    """Replication, from 0."""
    n: int
    """Units that passed."""
    tfi1_mean_h: float | None
    """Mean time from coming to the node to leaving it, all that is done and waited for included."""
    tfi1_p50_h: float | None
    """Median."""
    tfi1_p95_h: float | None
    """95 % were faster."""
    tfi2_usd_per_feu: float | None
    """Mean of the prices of the part `border` there, an FEU (a wagon or truck counts as one)."""
    tfi3_usd_per_500km_20t: float | None
    """Line haul, handling, border and broker for 500 km and 20 t."""
    swd_kmh: float | None
    """Speed with delay: km an hour from leaving the origin to delivery."""
    swod_kmh: float | None
    """Speed without delay: km an hour on the move."""


class Tcd(Table):
    """One row a step of a route and replication: time, cost and distance since the origin.

    A leg ends with coming to a node, a stay with leaving it; at the destination with delivery. After
    ESCAP, of delivered units that were ready in the window, each from its own ready time on. Running
    between two calls is spread over the legs by their hours at leg speed.
    """

    keys = ("od", "route", "step", "rep")
    od: str
    """Row of demand."""
    route: str
    """Row of routes."""
    step: int
    """Along the route, from 1."""
    node: str
    """The node that is come to, or left."""
    kind: str
    """leg or stay."""
    leg: str | None
    """Row of link.csv; empty for stays, and where a service runs without legs."""
    rep: int
    """Replication, from 0."""
    n: int
    """Units; of a stay those that stayed (in a hold station not all do)."""
    km: float
    """From the origin, along the route."""
    p10_h: float
    """Hours since ready at the end of the step: 10 % of the units were there sooner."""
    p50_h: float
    """Median."""
    p90_h: float
    """90 % were there sooner."""
    usd_per_unit: float
    """Line haul, handling, border and broker paid so far for a unit."""


class Backlog(Table):
    """One row a demand row and replication: what was served, and whether the stock grows.

    In the system is what is ready and neither delivered nor gone, wherever it stands.
    """

    keys = ("od", "rep")
    od: str
    """Row of demand."""
    unit: str
    """teu, wagon, truck or unit: what is counted."""
    rep: int
    """Replication, from 0."""
    offered: int
    """Units ready in the window."""
    delivered: int
    """Units delivered in the window, whenever they were ready."""
    served_ratio: float | None
    """Delivered / offered; above 1 where a backlog is worked off."""
    begin_units: int
    """In the system at the begin of the window."""
    end_units: int
    """In the system at its end."""
    mean_units: float
    """In the system, mean over time."""
    slope_units_per_day: float | None
    """Growth of what is in the system: a line through its means of 12 stretches of the window;
    empty for windows of less than three weeks."""
    slope_lo_units_per_day: float | None
    """Lower end of its 95 % interval within this replication; summary.csv has that over them."""
    slope_hi_units_per_day: float | None
    """Upper end of it."""


class OdCauses(Table):
    """One row a demand row, cause and replication: mean hours of delivered units by cause.

    Of units ready in the window, on the shipper's clock over all routes; the causes of a demand row
    sum to `od_kpi.mean_h`. ledger.csv tells more, as means over replications.
    """

    keys = ("od", "cause", "rep")
    od: str
    """Row of demand."""
    cause: str
    """move: on the way; service: work; wait: what was missing; or what was closed."""
    rep: int
    """Replication, from 0."""
    mean_h: float
    """Mean hours a unit."""


class DeltaWaterfall(Table):
    """One row a scenario, demand row and cause: its part of the change of the mean transit time.

    Against the first scenario, on the same draws. The parts of a demand row sum to its `total`.
    """

    keys = ("scenario", "od", "cause")
    scenario: str
    """The scenario that is compared with the first."""
    od: str
    """Row of demand."""
    cause: str
    """As in od_causes.csv; `total`: the change of od_kpi.mean_h on the shipper's clock."""
    group: str
    """What the cause belongs to: service, queue, yard, vehicle, sail_rule, path, weather, embargo,
    closed, moving; or `total`."""
    n: int
    """Pairs of replications in which both delivered."""
    base_h: float
    """Mean hours a unit in the first scenario."""
    value_h: float
    """Mean hours in this one."""
    delta_h: float
    """Mean difference, this less the first."""
    ci_lo_h: float | None
    """Lower end of the 95 % t interval of the difference."""
    ci_hi_h: float | None
    """Upper end of it."""


class CapacityChain(Table):
    """One row a route, element and replication: what it could pass a day, and what passed.

    In the order of the way: terminals, yards, berths, borders and desks, fleets and locomotives,
    legs with a limit of paths. Figures are of the stream that the route is part of (the trains or
    ships of one service, in one direction), in its load units; of a yard, of all that comes in.
    Capacity is what could pass if all traffic there grew in proportion and every vehicle were full.
    """

    keys = ("od", "route", "seq", "rep")
    od: str
    """Row of demand."""
    route: str
    """Row of routes."""
    seq: int
    """Along the way, from 1."""
    element: str
    """Row of facilities (with a component of it), fleets (several with +) or link.csv."""
    kind: str
    """facility, desk, yard, fleet, locomotives or leg."""
    node: str
    """Where it stands or begins."""
    rep: int
    """Replication, from 0."""
    nominal_units_per_day: float | None
    """With all servers, vehicles, places or paths round the clock."""
    achievable_units_per_day: float | None
    """With what opening hours, weather, works, other traffic and absent vehicles leave of them."""
    achieved_units_per_day: float
    """What passed in the window."""
    utilisation: float | None
    """Achieved / achievable."""
    busy_share: float | None
    """Time busy, of the time there is; of a leg paths used, of those left."""
    fill_share: float
    """Units on the trips of the stream, as a share of what their vehicles take; of a train that swaps
    where it unloads, by the larger of both ways."""
    is_minimum: bool
    """Whether no element of the route could pass less."""


class Bottlenecks(Table):
    """One row a cause of waiting and replication, the largest first, over all demand.

    Hours of delivered units that were ready in the window; each wait has one cause at a time.
    """

    keys = ("cause", "rep")
    rank: int
    """1 has the most hours."""
    cause: str
    """What was missing or closed, as in ledger.csv."""
    group: str
    """queue, yard, vehicle, sail_rule, path, weather, embargo or closed."""
    element: str
    """The facility, fleet, service, leg, yard, weather zone or embargo that the cause names."""
    rep: int
    """Replication, from 0."""
    wait_unit_h: float
    """Hours waited, summed over units."""
    wait_share: float
    """Part of all hours waited, 0 to 1."""
    root_unit_h: float | None
    """The hours when each wait is followed through those who held what was missing, to what they
    waited for; their sum is the same. Of replication 0 only."""
    busy_share: float | None
    """Of an element of capacity_chain.csv: time busy, of the time there is; a service's vehicles."""


class Marey(Table):
    """One row an end of a ride of replication 0 that began in the window, sorted by instant.

    For time-distance diagrams (Marey): a line from each departure to the arrival behind it. Planned
    rides are those of a timetable. Trucks on roads are left out; at most 50,000 rows, then the rest
    of the window is missing.
    """

    keys = ("service", "vehicle", "kind", "trip", "event", "node")
    service: str
    """Row of services."""
    vehicle: str
    """Fleet of the vehicle; of a plan all fleets of the service."""
    kind: str
    """simulated or planned."""
    trip: int
    """Number of the departure from the first call, of vessels that berths treat alike; the planned
    one of the same number is its plan."""
    event: str
    """departure or arrival."""
    node: str
    """The call."""
    km: float
    """From the first call along the way out; on the way back a node is where it was."""
    at_utc: datetime
    """When; planned: the instant of the timetable, at which loading may begin, and a run at its
    mean time later."""


QUOTED: dict[str, type[Table]] = {
    "reliability": Reliability,
    "backlog": Backlog,
    "od_causes": OdCauses,
    "tfi": Tfi,
    "tcd": Tcd,
    "capacity_chain": CapacityChain,
    "bottlenecks": Bottlenecks,
    "marey": Marey,
}
"""Name of the file without `.csv`, in the order in which a run lists them."""
