"""From the rows of `tariffs` to items and rates: what is counted, and what one of it costs.

An *item* is one number of a lot (TEU-days in a yard, FEU-km on a railway) with one rate. Most rows
of `tariffs` are one item. A row that changes others (a discount, the ratio of reliability) becomes
one item for each row that it changes, whose rate is the product of both. So a cost stays a sum of
items times rates, and what is counted never depends on a price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corridor_sim.inputs.check_tariffs import narrowed
from corridor_sim.inputs.schema import Scenario
from corridor_sim.inputs.tariff import LEDGER_OF, Ledger, Part, Tariff, usd_of
from corridor_sim.model.meaning import FlowMeaning
from corridor_sim.money.costs import PARTS

FloatArray = npt.NDArray[np.float64]

BORNE: tuple[Ledger, ...] = ("shipper_price", "time_cost")
"""Ledgers that sum to the generalised cost of a shipper. What carriers spend is in their price."""
OF_VALUE = ("share_per_day", "share_of_value_per_day", "ratio")
"""Bases whose amounts are times the value of the cargo."""


@dataclass(frozen=True)
class Item:
    """One thing that is counted, and the rows of `tariffs` whose product is its rate."""

    tariff: Tariff
    """Says what is counted: the row, narrowed to where a discount applies too."""
    rows: tuple[str, ...]
    """Rows of `tariffs` whose values are multiplied; the last one gives the item its name."""

    @property
    def name(self) -> str:
        """The row under which it is reported."""
        return self.rows[-1]

    @property
    def part(self) -> Part:
        """Part of a ledger."""
        return self.tariff.part

    @property
    def ledger(self) -> Ledger:
        """Whose cost it is."""
        return LEDGER_OF[self.tariff.part]


def items_of(tariffs: Mapping[str, Tariff]) -> tuple[Item, ...]:
    """All items, sorted by ledger, part and rows."""
    plain = [t for t in tariffs.values() if t.basis not in ("share", "ratio")]
    items = [Item(t, (t.id,)) for t in plain]
    for share in (t for t in tariffs.values() if t.basis == "share"):
        changed = [(t.id, narrowed(share, t)) for t in plain]
        items += [Item(t, (name, share.id)) for name, t in changed if t is not None]
    for ratio in (t for t in tariffs.values() if t.basis == "ratio"):
        items += [Item(ratio, (t.id, ratio.id)) for t in plain if t.part == "time"]
    return tuple(sorted(items, key=lambda i: (PARTS.index(i.part), i.name, i.rows)))


def rates_of(scenario: Scenario, items: Sequence[Item]) -> FloatArray:
    """(n_item,) USD for one of each item."""
    usd = {name: usd_of(t, scenario.exchange_rates) for name, t in scenario.tariffs.items()}
    return np.array([np.prod([usd[name] for name in item.rows]) for item in items], np.float64)


def values_of(
    scenario: Scenario, flows: Sequence[FlowMeaning], items: Sequence[Item]
) -> FloatArray:
    """(n_flow, n_item) what amounts are times besides: the value of a unit's cargo, USD, or 1."""
    value = np.array([scenario.demand[f.demand].value_usd_per_unit for f in flows], np.float64)
    is_of_value = np.array([item.tariff.basis in OF_VALUE for item in items], bool)
    return np.where(is_of_value, value[:, None], 1.0)
