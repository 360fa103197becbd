"""What freight and waiting vessels emitted in the window."""

from __future__ import annotations

from corridor_sim.outputs.columns.table import Table


class Emissions(Table):
    """One row a demand row, route, emission factor and replication: CO2e of the lots delivered.

    Lots delivered in the window, all their rides and hubs, well to wheel; in each demand row first
    the sum over all routes. Activity x factor as in ISO 14083 and GLEC v3. Rides of empty lots emit
    nothing here, since an intensity holds average load and empty running; their lifts count. Only of
    scenarios with emission factors.
    """

    keys = ("od", "route", "mode", "factor", "rep")
    od: str
    """Row of demand."""
    route: str
    """Row of routes; all: the sum over its routes."""
    direction: str
    """Direction of the demand row."""
    unit: str
    """What one lot is: teu, wagon, truck or unit."""
    mode: str
    """rail, sea, road or hub; all: the sum."""
    factor: str
    """Row of emission_factors: a group of legs or of vessels, or a hub; none: no factor fits."""
    scope: str | None
    """What the factor counted as published: WTW, or TTW (made well to wheel by its wtw_factor)."""
    rep: int
    """Replication, from 0."""
    units: int
    """Lots delivered on this route."""
    t_km: float
    """Tonnes of cargo x km of the legs ridden: no weight of boxes, no detour; 0 for empties."""
    kg_co2e: float | None
    """Emissions of all of them; empty without a factor, and the sum then lacks these tonne-km."""
    kg_co2e_per_unit: float | None
    """A lot of this route."""
    kg_co2e_per_teu: float | None
    """Likewise, where a lot is a TEU; an FEU has twice that."""
    g_co2e_per_t_km: float | None
    """Intensity; in the sum hubs are part of it."""
    share: float | None
    """Part of the emissions of the demand row, 0 to 1."""
    ttw_share: float | None
    """Part of the tonne-km on factors that were published tank to wheel, 0 to 1."""
    missing_share: float | None
    """Part of the tonne-km without a factor, 0 to 1; not in the emissions."""


class Anchorage(Table):
    """One row a service, class of vessels and replication: what they emit when not under way.

    Hours in the window, all vessels of the class together. Apart from emissions.csv, never added to
    it: an intensity a tonne-km holds the fuel of usual port calls. Only of scenarios with such factors.
    """

    keys = ("service", "fleet", "rep")
    service: str
    """Row of services."""
    fleet: str
    """Row of fleets; one that did not sail in the window has no row."""
    factor: str
    """Row of emission_factors."""
    scope: str
    """What it counted as published: WTW or TTW."""
    rep: int
    """Replication, from 0."""
    under_way_h: float
    """Vessel hours between two calls; they do not count here."""
    weather_h: float
    """Vessel hours in which weather forbade what came next, at anchor or alongside."""
    berth_wait_h: float
    """Waiting for a berth, a crane, room in a yard, or opening hours."""
    alongside_h: float
    """Discharge, loading and other work of a call."""
    cargo_wait_h: float
    """Waiting for cargo or for the hour of the timetable."""
    loaded_units: int
    """Lots loaded in the window at all calls of the service."""
    kg_co2e: float
    """Hours but those under way x the factor."""
    kg_co2e_per_teu: float | None
    """Of those loaded; empty where a lot is not a TEU."""
