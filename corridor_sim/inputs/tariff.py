"""Prices: the rows of `tariffs`, and of `exchange_rates` for prices in another currency."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corridor_sim.facilities.record import Hours, Positive, Record, Slug

Ledger = Literal["shipper_price", "resource_cost", "time_cost"]
Part = Literal[
    "line_haul",
    "handling",
    "border",
    "storage",
    "demurrage",
    "broker",
    "fuel",
    "crew",
    "track",
    "capital",
    "inventory",
    "time",
    "reliability",
]
Basis = Literal[
    "per_feu_km",
    "per_t_km",
    "per_feu",
    "per_unit",
    "per_crossing",
    "per_teu_day",
    "per_wagon_day",
    "per_vessel_day",
    "per_train_km",
    "share",
    "share_per_day",
    "share_of_value_per_day",
    "ratio",
]

LEDGER_OF: dict[Part, Ledger] = {
    "line_haul": "shipper_price",
    "handling": "shipper_price",
    "border": "shipper_price",
    "storage": "shipper_price",
    "demurrage": "shipper_price",
    "broker": "shipper_price",
    "fuel": "resource_cost",
    "crew": "resource_cost",
    "track": "resource_cost",
    "capital": "resource_cost",
    "inventory": "time_cost",
    "time": "time_cost",
    "reliability": "time_cost",
}
"""The ledger of each part, in the order in which parts are reported."""


class Tariff(Record):
    """One price."""

    ledger: Ledger | None = None
    """Whose cost it is. shipper_price: on invoices; resource_cost: spent by carriers; time_cost: of
    the shipper's time. None: that of its part."""
    part: Part
    """Which part of the cost it belongs to. shipper_price: line_haul, handling, border, storage,
    demurrage, broker; resource_cost: fuel, crew, track, capital; time_cost: inventory, time,
    reliability."""
    basis: Basis
    """What it is multiplied by. share: of the other prices of its part; share_per_day: inventory;
    share_of_value_per_day: value of time; ratio: reliability, a day of standard deviation over a
    day."""
    legs: tuple[Slug, ...] = ()
    """per_feu_km, per_t_km: on these legs. per_feu, per_unit on a leg: each ride over it. share: of
    prices on these; none: on all."""
    nodes: tuple[Slug, ...] = ()
    """per_feu, per_unit, per_crossing: at each passage of these nodes. per_teu_day, per_wagon_day:
    days there from unloading to loading. share: of prices at these; none: at all."""
    fleets: tuple[Slug, ...] = ()
    """per_vessel_day, per_train_km: of these fleets; none: of all vessels, or all train sets."""
    units: tuple[Literal["teu", "wagon", "truck", "unit"], ...] = ()
    """Only for these units; none: all."""
    direction: Literal["west", "east", "none"] | None = None
    """Only for demand of this direction; none: all."""
    free_d: Hours = 0.0
    """per_teu_day, per_wagon_day: days of each stay that cost nothing."""
    value_usd: float | None = None
    """The price (USD, or a share) ..."""
    value: float | None = None
    """... or the price in `currency`."""
    currency: Slug | None = None
    """Row of `exchange_rates` that turns `value` into USD."""
    price_year: int | None = None
    """Of which year's money."""


class ExchangeRate(Record):
    """What a unit of another currency is worth; the row's name is the currency."""

    usd_per_unit: Positive
    """USD for one unit of the currency."""
    rate_year: int = Field(ge=1900, le=2200)
    """Of which year the rate is (its mean)."""


def usd_of(tariff: Tariff, rates: dict[str, ExchangeRate]) -> float:
    """The price in USD, or the share.

    >>> toll = Tariff(id="toll", part="border", basis="per_unit", value=100.0, currency="chf")
    >>> usd_of(toll, {"chf": ExchangeRate(id="chf", usd_per_unit=1.25, rate_year=2024)})
    125.0
    """
    if tariff.value_usd is not None:
        return tariff.value_usd
    assert tariff.value is not None and tariff.currency is not None
    return tariff.value * rates[tariff.currency].usd_per_unit
