"""What units cost, and what their carriage costs the carriers."""

from __future__ import annotations

from corridor_sim.outputs.columns.table import Table


class CostsTable(Table):
    """One row a demand row, route, ledger, part and tariff: mean over delivered units.

    Rows of one ledger with `part` all are its total; those with `item` all that of a part; ledgers
    are not to be added up, but shipper_price and time_cost: their sum is the cost in od_kpi.csv.
    """

    keys = ("od", "route", "ledger", "part", "item")
    od: str
    """Row of demand."""
    direction: str
    """west, east or none."""
    route: str
    """Row of routes; `all` sums up several."""
    ledger: str
    """shipper_price: on invoices; resource_cost: spent by carriers, empty running included;
    time_cost: value of time and of reliability, and stock."""
    part: str
    """Part of the ledger; `all`: the ledger."""
    item: str
    """Row of tariffs; `all`: the part."""
    n: int
    """Replications with a value."""
    usd_per_unit: float
    """Mean of a delivered unit of the demand row that was ready in the window."""
    ci_lo: float | None
    """Lower end of the 95 % t interval of usd_per_unit."""
    ci_hi: float | None
    """Upper end of the 95 % t interval of usd_per_unit."""
    usd_per_teu: float | None
    """The same where the unit is a TEU; blank for others."""
    usd_per_tonne: float | None
    """Of a tonne of cargo; blank for empties."""
    share: float | None
    """Of the ledger's total of this demand row and route."""
