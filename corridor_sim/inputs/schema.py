"""The tables of a scenario and their columns: one frozen record a row.

Field docstrings are the documentation, the JSON Schema and `describe`. Dates are UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corridor_sim.facilities import Facility
from corridor_sim.facilities.record import Count, Hours, Positive, Record, Share, Slug, law_columns
from corridor_sim.inputs.emission_factor import EmissionFactor
from corridor_sim.inputs.tariff import ExchangeRate, Tariff
from corridor_sim.policies.sail_rule import SailRule

RunLaw: Any = law_columns("run", "the running time between two calls")
HeadwayLaw: Any = law_columns("headway", "the time between two departures")
ArrivalLaw: Any = law_columns("arrival", "the time between two arrivals")

MONTHS = tuple(f"m{month:02d}" for month in range(1, 13))

Speed = Annotated[float, Field(gt=0, le=1)]
"""A share of the usual speed."""


class Node(Record):
    """A station, port or terminal."""

    name: str | None = None
    """For people."""
    x_coord: float | None = Field(None, ge=-180, le=180)
    """Longitude, degrees east."""
    y_coord: float | None = Field(None, ge=-90, le=90)
    """Latitude, degrees north."""
    node_type: str | None = None
    """port, border_station, gauge_node, rail_terminal, rail_junction, dry_port, hold_station."""
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")
    """ISO 3166 two letters."""
    un_locode: str | None = None
    """Where one exists."""
    movements_per_h: Positive | None = None
    """Ports: vessels that come alongside or leave in an hour at most; none: no limit."""


class Leg(Record):
    """A link of one mode between two nodes; both ways unless `directed`."""

    from_node_id: Slug
    """One end."""
    to_node_id: Slug
    """The other."""
    directed: bool = False
    """True: from -> to only."""
    mode: Literal["rail", "sea", "road"] = "rail"
    """Who may use it."""
    length_km: Positive
    """Length."""
    gauge_mm: Literal[1435, 1520] | None = None
    """Rail only."""
    speed_kmh: Positive
    """Commercial running speed, stops on the way included."""
    speed_cv: Hours = 0.0
    """Coefficient of variation of the running time."""
    paths_per_day: Count | None = None
    """Trains a day and direction that the section can take; none: no limit."""
    background_paths_per_day: Count = 0
    """Of these, used by other traffic."""
    incident_share: Share = 0.0
    """Probability that a passage has an incident."""
    incident_mean_h: Hours = 6.0
    """Mean delay of an incident (lognormal). An assumption."""
    incident_cv: Hours = 1.5
    """Its coefficient of variation. An assumption."""
    open_from: datetime | None = None
    """No train starts before; none: open."""
    weather_zone: Slug | None = None
    """Zone whose months and storms slow who sets out on it; ports close by zones of their own."""
    status: Literal["open", "works", "prospective"] = "open"
    """For people; what counts is `open_from` and `disruptions`."""
    country: str | None = None
    """For people and tariffs."""


class Fleet(Record):
    """Vehicles of one class: vessels, train sets, platforms, locomotives, trucks."""

    kind: Literal["vessel", "train_set", "platform", "locomotive", "truck"] = "vessel"
    """What it is; vessels and train sets carry lots, locomotives are only needed."""
    vessels: int | Literal["unlimited"] | dict[str, int] = "unlimited"
    """How many, or `unlimited`, or dated: `{2024-01-01: 4, 2024-07-01: 6}`."""
    in_service_share: float = Field(1.0, gt=0, le=1)
    """Long-run share of vehicle-days in service, made of dated absences of whole vehicles."""
    capacity_units: int | None = Field(None, ge=1)
    """Units of any kind (textbook cases)."""
    capacity_teu: int | None = Field(None, ge=1)
    """TEU."""
    capacity_wagons: Count | None = None
    """Rail wagons; 0: no tracks. With trucks: wagons / this + trucks / that <= 1."""
    capacity_trucks: Count | None = None
    """Trucks."""
    payload_t: Positive | dict[str, float] | None = None
    """Tonnes of cargo at most, or dated (a draught limit): `{2024-01-01: 3500, 2024-10-01: 2900}`."""
    decks: int = Field(1, ge=1, le=2)
    """Decks of a ferry: with two, a ramp's `two_deck` law is the time of its call."""
    draught_m: Positive | None = None
    """Draught in metres; it comes alongside only where `depth_m` of the berth allows."""
    allocation: Literal["fixed", "pooled"] = "fixed"
    """Of a fleet that several services use. fixed: one pool at their common first call. pooled: a
    pool at each first call; a vessel that ends its round may be sent to another one."""
    redeploy_over_units: Count | None = None
    """pooled: it is sent where the `load_yard` of the first call holds so many units more than at
    home; of several such places to the first by name."""
    reposition_h: Hours = 0.0
    """pooled: hours of the empty voyage to another first call."""
    speed_kmh: Positive | None = None
    """Overrides the speed of the legs it runs on."""
    start_at: Slug | None = None
    """The node where it is at the start; none: the first call of its service."""

    @property
    def capacity(self) -> tuple[int | None, ...]:
        """Units of any kind, TEU, wagons, trucks that a vehicle takes; None: not said."""
        return self.capacity_units, self.capacity_teu, self.capacity_wagons, self.capacity_trucks


class Service(Record, RunLaw):
    """A repeated offer between calls; trips run its calls in order and begin again."""

    mode: Literal["rail", "sea", "road"] | None = None
    """Legs it runs on; none: no path is looked for, the run law says how long."""
    fleets: tuple[Slug, ...] = ()
    """Vehicles. A fleet of this service alone: vehicles that cycle, first come first loaded.
    A fleet that other services use too: a pool at the first call."""
    needs: tuple[Slug, ...] = ()
    """Fleets of which each ride also needs one (locomotives)."""
    gauge_mm: Literal[1435, 1520] | None = None
    """Rail only: which legs it may run on."""
    open_from: datetime | None = None
    """No departure before."""
    path: tuple[Slug, ...] = ()
    """Nodes that every ride passes, in order, where the quickest path is not meant."""


class Call(Record, HeadwayLaw):
    """One stop of a service: what happens on arrival, and the rule by which a trip leaves."""

    service: Slug
    """Whose call it is."""
    seq: int | None = Field(None, ge=0)
    """Order of the calls; none: as written."""
    node: Slug
    """Where."""
    sail_rule: SailRule = "at_once"
    """When a trip leaves: fill, fill_or_wait, timetable, hybrid, on_demand, at_once."""
    fill_units: int | None = Field(None, ge=0)
    """Threshold in units ..."""
    fill_min_share: Share | None = None
    """... or as a share of the vehicle's capacity."""
    max_wait_h: Hours | None = None
    """fill_or_wait, on_demand: how long at most."""
    counted_from: Literal["arrival", "first_unit", "discharge_end"] = "discharge_end"
    """Where max_wait_h starts."""
    every_h: Positive | None = None
    """timetable: one instant every so many hours from the start."""
    offset_h: Hours = 0.0
    """timetable: the first instant."""
    cutoff_h: Hours | None = None
    """timetable: lots must be here so long before."""
    min_headway_h: Hours = 0.0
    """hybrid: least time between two departures."""
    full_leaves: bool | None = None
    """A vessel into which the next lot does not fit is filled, whatever the threshold says; none:
    so where a fleet's payload is dated."""
    cancel_after_h: Hours | None = None
    """timetable: a sailing whose port the weather closes for longer than this from its instant on
    does not take place; vessel and lots take the next."""
    via: tuple[Slug, ...] = ()
    """Facilities that an arriving trip passes before it unloads, in order."""
    berth: Slug | None = None
    """Berth held for discharge and loading."""
    berths: tuple[Slug, ...] = ()
    """Several berths instead of one: the first that is free and takes the vessel, in this order."""
    grace_h: Hours | None = None
    """The call has a window: for so long after its arrival the vessel goes before those without,
    then first come first served."""
    yield_h: Hours = 0.0
    """A vessel that waits for cargo leaves the berth after so long."""
    unload: Slug | None = None
    """Facility whose server unloads the trip."""
    load: Slug | None = None
    """Facility whose server loads it."""
    yard: Slug | None = None
    """Yard that takes the lots unloaded here."""
    load_yard: Slug | None = None
    """Yard that the lots loaded here leave."""
    unload_max_units: int | None = Field(None, ge=1)
    """A vessel discharges by instalments of so many units, each as soon as the yard has room for
    it, and keeps the berth between them; none: all at once."""
    load_first: bool = False
    """A vessel that finds no room for its discharge first loads what is here and fits, and so makes
    room; it then leaves when full, or by its sail rule."""
    swap: bool = False
    """A train that finds no room for all it brings is let in, too, if what it takes away at once makes
    up for the rest: boxes change places one for one."""
    holds: tuple[Slug, ...] = ()
    """Hold stations, the nearest first, in which an arriving train waits for a track and room."""
    approach_trains: int | None = Field(None, ge=1)
    """Trains that have left the previous call and are neither in the port nor in a hold, at most:
    the next waits where it is; none: no limit."""
    desks: tuple[Slug, ...] = ()
    """Desks that lots unloaded here pass before they go on."""

    @property
    def berth_ids(self) -> tuple[str, ...]:
        """Its berth, or its berths in order; () if it has none."""
        return self.berths if self.berth is None else (self.berth,)


class Demand(Record, ArrivalLaw):
    """One flow offered: origin x destination x commodity x unit."""

    origin: Slug
    """Node where it becomes ready."""
    destination: Slug
    """Node where it is delivered."""
    via: tuple[Slug, ...] = ()
    """Facilities that it passes at its origin, lot by lot (or `together`), before any ride."""
    together: bool = False
    """A batch passes `via` as one trip (a block train), not lot by lot."""
    unit: Literal["teu", "wagon", "truck", "unit"] = "unit"
    """What is counted: one lot is one of these, or a whole batch of them (`split`)."""
    arrival_law: str | None = None
    """Law of the time between arrivals, or `saturated` (there is always one more).
    With `units_per_year` its mean is 1 / the season's rate and only its cv counts."""
    batch: int = Field(1, ge=1)
    """Units that arrive together (a train)."""
    split: bool = True
    """False: a batch stays whole from door to door, one lot that no vehicle takes in part; it must
    fit in every vehicle, yard and desk on its way."""
    at_start: Count = 0
    """Units there at the start."""
    lots_limit: Count | None = None
    """No more units than this."""
    every_h: Positive | None = None
    """Timetabled arrivals: one batch every so many hours."""
    offset_h: Hours = 0.0
    """The first of them."""
    units_per_year: Hours | None = None
    """Units a year, spread over the months by `season`."""
    season: Slug | None = None
    """Row of `seasons`; none: level."""
    before_factor: Hours = 1.0
    """Factor on the same month before the window (warm-up)."""
    after_factor: Hours = 1.0
    """Factor on the same month after the window (drain)."""
    commodity: str = "general"
    """Commodity class."""
    direction: Literal["west", "east", "none"] = "none"
    """Along the corridor."""
    laden: bool = True
    """False: empties."""
    tonnes_per_unit: Hours = 0.0
    """Cargo weight of a unit, tonnes."""
    value_usd_per_unit: Hours = 0.0
    """Value of a unit, for inventory cost and value of time."""
    value_low_usd_per_unit: Hours | None = None
    """Low end of the band of values in this row; for sensitivity, not read by a run."""
    value_high_usd_per_unit: Hours | None = None
    """High end of the band."""
    promised_days: Positive | None = None
    """What the shipper was promised; own assumption, never a published schedule."""
    priority: int = Field(1, ge=1, le=9)
    """1 goes first where a queue is by priority."""

    @property
    def units_per_lot(self) -> int:
        """Units that no vehicle can part: 1, or the batch."""
        return 1 if self.split else self.batch


class Route(Record):
    """A way through the corridor for one row of demand: the services it rides, in order."""

    demand: Slug
    """Whose route."""
    share: Share = 1.0
    """Share of the row's lots; the shares of a row sum to 1."""
    rides: tuple[Slug, ...]
    """Services, in order; where to change follows from their calls."""
    open_from: datetime | None = None
    """Lots ready before take the row's other routes; none: always."""


class LawRow(Record):
    """A named law: a mixture or an observed sample, or any family."""

    family: str
    """constant, exponential, lognormal, gamma, erlang, weibull, uniform, triangular, pert,
    mixture, empirical."""
    mean_h: Hours | None = None
    """Mean, hours."""
    cv: Hours | None = None
    """Coefficient of variation."""
    shape: Positive | None = None
    """Erlang, Weibull."""
    low_h: Hours | None = None
    """Least, or truncation."""
    mode_h: Hours | None = None
    """Most likely."""
    high_h: Hours | None = None
    """Largest, or truncation."""
    weights: tuple[float, ...] = ()
    """mixture: shares, sum 1."""
    of: tuple[Slug, ...] = ()
    """mixture: rows of `laws`."""
    sample_h: tuple[float, ...] = ()
    """empirical: observed hours."""


class MonthShares(Record):
    """Twelve numbers, one a month."""

    m01: Hours
    m02: Hours
    m03: Hours
    m04: Hours
    m05: Hours
    m06: Hours
    m07: Hours
    m08: Hours
    m09: Hours
    m10: Hours
    m11: Hours
    m12: Hours


class Season(MonthShares):
    """Shares of a year's lots by month (sum 1)."""


class Weather(MonthShares):
    """A zone's closures: m01 .. m12 are the shares of hours closed in each month (climatology)."""

    mean_closure_h: Positive = 36.0
    """Mean length of a closure."""
    closure_shape: Positive = 1.3
    """Weibull shape of its length."""
    severity_year_sd: Hours = 0.0
    """Year effect on the climatology, as a standard deviation of its logarithm."""
    storm_group: str | None = None
    """Zones of one group share a storm driver."""
    group_correlation: Share = 0.0
    """Share of the zone's closed time that comes from the driver."""
    cranes_stop_share: Share = 0.0
    """Hours in which cranes stand still though the port is open, as a share of the closed hours."""
    berthing_stop_share: Share = 0.0
    """Likewise hours in which nobody comes alongside; at most `cranes_stop_share`."""
    evacuate_share: Share = 0.0
    """Share of the closures at whose start ships must leave their berths."""
    restart_lag_h: Hours = 0.0
    """So long after the end of a closure the port still admits no movement."""
    forecast_skill: Share = 0.0
    """Share of the closures that are foreseen; 0: captains are blind."""
    forecast_h: Hours = 0.0
    """So long before a foreseen closure nobody comes alongside or leaves, nor sets out for here
    where a voyage of that length would end in it."""
    storm_speed_share: Speed = 1.0
    """Share of the usual speed on legs of this zone, of rides that set out in a closure."""
    s01: Speed | None = None
    """s01 .. s12: the same, of rides that set out in that month (none: 1); a storm comes on top."""
    s02: Speed | None = None
    s03: Speed | None = None
    s04: Speed | None = None
    s05: Speed | None = None
    s06: Speed | None = None
    s07: Speed | None = None
    s08: Speed | None = None
    s09: Speed | None = None
    s10: Speed | None = None
    s11: Speed | None = None
    s12: Speed | None = None
    replay_year: int | None = None
    """The year for which r01 .. r12 hold instead, without a year effect."""
    r01: Share | None = None
    r02: Share | None = None
    r03: Share | None = None
    r04: Share | None = None
    r05: Share | None = None
    r06: Share | None = None
    r07: Share | None = None
    r08: Share | None = None
    r09: Share | None = None
    r10: Share | None = None
    r11: Share | None = None
    r12: Share | None = None


class DatedClosure(Record):
    """One dated closure of a weather zone; with any that starts in a year, none is drawn for it."""

    zone: Slug
    """Row of `weather`."""
    start: datetime
    """From."""
    end: datetime
    """Until (half-open)."""
    severity: Literal["cranes", "berthing", "port", "evacuate"] = "port"
    """What stops, each with all before it: cranes, coming alongside, leaving; then ships must go."""


class Disruption(Record):
    """A dated outage of a node, leg, fleet or facility: closed, or with less of its capacity."""

    target: str = Field(pattern=r"^(nodes|legs|fleets|facilities)\.[a-z][a-z0-9_]*$")
    """`nodes.<id>` (its facilities, and rides from, to and over it), `legs.<id>`, `fleets.<id>`
    or `facilities.<id>`."""
    start: datetime
    """From."""
    end: datetime
    """Until (half-open): then all is as before."""
    severity_share: Share = 1.0
    """Share of the capacity that is lost; what is left is rounded to whole units, halves up.
    1: closed, and work stops."""
    shape: Literal["step", "linear", "s"] = "step"
    """How capacity goes and comes back: at once, evenly, or slowly at both ends of the ramp."""
    ramp_h: Hours = 0.0
    """linear, s: hours from `start` to the full severity, and again from it to `end`."""
    what: Literal["servers", "tracks", "places", "per_day", "paths", "vehicles"] | None = None
    """Which capacity; none: the main one, and with severity 1 the whole target is closed.
    Main are: yards places, border posts per_day (servers without one), other facilities servers,
    legs paths, fleets vehicles."""
    twin: bool = False
    """True: each replication also runs without such rows, on the same draws (resilience.csv)."""
    cause: str = "works"
    """What waiting is called while it is closed."""


class Embargo(Record):
    """Full yards stop new loadings at the origin, until there is less before them again.

    Lots wait at their origin before anything else is done with them; those on the way go on.
    """

    yards: tuple[Slug, ...]
    """Yards whose places in use count; an embargo is about lots that call at their nodes."""
    count_held: bool = True
    """Units on trains that stand in hold stations, on their way to one of these yards, count too."""
    demand: tuple[Slug, ...] = ()
    """Rows of demand that are stopped; none: all that fit the next three."""
    commodity: str | None = None
    """Only rows of this commodity class."""
    unit: Literal["teu", "wagon", "truck", "unit"] | None = None
    """Only rows of this unit."""
    direction: Literal["west", "east", "none"] | None = None
    """Only rows of this direction."""
    exempt: tuple[Slug, ...] = ()
    """Rows of demand that pass all the same."""
    on_units: int = Field(ge=1)
    """On when so many units are in use, or more."""
    off_units: Count
    """Off again when so many or fewer are, `min_days` after it went on at the earliest."""
    min_days: Hours = 7.0
    """An order holds so long at least (orders are renewed weekly)."""
    quota_per_day: int | None = Field(None, ge=1)
    """Units a day that pass while it is on, counted from midnight UTC of the start; none: no unit."""


class Alternative(Record):
    """A way outside the corridor, as days and price by itself: never simulated, only compared."""

    name: str
    """For people: the true ends of the way and the mode."""
    origin: Slug
    """The OD of the corridor for which it stands: from ..."""
    destination: Slug
    """... to."""
    days_low: Positive
    """Door to door, days: a good case ..."""
    days_mode: Positive
    """... the most likely ..."""
    days_high: Positive
    """... and a bad case (low, mode and high of a PERT law)."""
    usd_per_feu_low: Positive
    """Price of a 40-foot box, USD: low ..."""
    usd_per_feu_mode: Positive
    """... most likely ..."""
    usd_per_feu_high: Positive
    """... high."""


class Simulation(BaseModel):
    """When, how long, how often."""

    model_config = Record.model_config
    start: datetime
    """Start of the warm-up, UTC."""
    warm_up_h: Hours | None = None
    """Before the window, hours ..."""
    warm_up_d: Hours | None = None
    """... or days."""
    window_h: Positive | None = None
    """What is reported, hours ..."""
    window_d: Positive | None = None
    """... or days."""
    drain_h: Hours | None = None
    """After the window, so that its lots can arrive; arrivals go on."""
    drain_d: Hours | None = None
    """... or days."""
    reps: int = Field(20, ge=1, le=100_000)
    """Replications."""
    seed: int = Field(1, ge=0)
    """Root of all random streams."""


class Expectation(BaseModel):
    """What the author expects, written before the run."""

    model_config = Record.model_config
    metric: str
    """table.id.column, e.g. `facility_kpi.desk.wait_mean_h`."""
    equals: float | None = None
    """The value expected ..."""
    within_share: Share | None = None
    """... to within this share (statistical rows), else exactly."""
    than: str | None = None
    """The scenario to compare with ..."""
    direction: Literal["lower", "higher", "same"] | None = None
    """... and which way it should differ ..."""
    at_least_h: Hours | None = None
    """... by how much at least."""
    because: str = ""
    """Why."""


TABLES: dict[str, Any] = {
    "nodes": Node,
    "legs": Leg,
    "facilities": Facility,
    "fleets": Fleet,
    "services": Service,
    "calls": Call,
    "demand": Demand,
    "routes": Route,
    "laws": LawRow,
    "seasons": Season,
    "weather": Weather,
    "closures": DatedClosure,
    "tariffs": Tariff,
    "exchange_rates": ExchangeRate,
    "emission_factors": EmissionFactor,
    "disruptions": Disruption,
    "embargoes": Embargo,
    "alternatives": Alternative,
}
"""Roots of key paths that are tables: id -> record. `facilities` is told apart by `type`."""


class Scenario(BaseModel):
    """A whole scenario, resolved: what `model.compile` reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    name: str
    question: str = ""
    why: str = ""
    source: str = ""
    extends: str | None = None
    network: str | None = None
    valid_for: tuple[str, ...] = ()
    not_valid_for: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    nodes: dict[str, Node] = {}
    legs: dict[str, Leg] = {}
    facilities: dict[str, Facility] = {}
    fleets: dict[str, Fleet] = {}
    services: dict[str, Service] = {}
    calls: dict[str, Call] = {}
    demand: dict[str, Demand] = {}
    routes: dict[str, Route] = {}
    laws: dict[str, LawRow] = {}
    seasons: dict[str, Season] = {}
    weather: dict[str, Weather] = {}
    closures: dict[str, DatedClosure] = {}
    tariffs: dict[str, Tariff] = {}
    exchange_rates: dict[str, ExchangeRate] = {}
    emission_factors: dict[str, EmissionFactor] = {}
    disruptions: dict[str, Disruption] = {}
    embargoes: dict[str, Embargo] = {}
    alternatives: dict[str, Alternative] = {}
    simulation: Simulation
    expect: tuple[Expectation, ...] = ()
