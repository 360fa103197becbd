"""Emission factors: one frozen record a row, as in `schema`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corridor_sim.facilities.record import Record, Slug


class EmissionFactor(Record):
    """What a tonne-km, a container at a hub, or an hour of a waiting vessel emits.

    Of several that fit a place, the one counts that names fleets, then services, then legs or nodes.
    """

    mode: Literal["rail", "sea", "road", "hub"]
    """per_t_km: the mode of the legs; the others: hub."""
    basis: Literal["per_t_km", "per_teu", "per_vessel_h"]
    """per_t_km: tonnes x km ridden. per_teu: each container that begins, changes or ends its rides
    at a node. per_vessel_h: each hour of a vessel in a port or before it."""
    legs: tuple[Slug, ...] = ()
    """per_t_km: on these legs only; none: on all of the mode."""
    nodes: tuple[Slug, ...] = ()
    """per_teu: at these nodes only; none: at all."""
    services: tuple[Slug, ...] = ()
    """per_t_km, per_vessel_h: of these services only; none: of all."""
    fleets: tuple[Slug, ...] = ()
    """per_t_km, per_vessel_h: on vehicles of these fleets only; none: of all."""
    value: float = Field(ge=0)
    """How much is emitted, in `unit` of `ghg`. An intensity a tonne-km holds average load and empty
    running."""
    unit: Literal["g", "kg"]
    """Of `value`: grams or kilograms."""
    scope: Literal["WTW", "TTW"]
    """What `value` counts: well to wheel, or from tank to wheel alone."""
    ghg: Literal["CO2e", "CO2"]
    """What `value` counts: all greenhouse gases, or CO2 alone."""
    wtw_factor: float | None = Field(None, ge=1)
    """TTW: times this it is well to wheel, in CO2e."""
