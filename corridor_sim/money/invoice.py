"""One lot's invoice: what it used of each tariff, at what rate, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from corridor_sim.history.replay import Replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.inputs.tariff import Ledger, Part
from corridor_sim.model.compile import Built
from corridor_sim.money.activities import Uses
from corridor_sim.money.pricing import Item, items_of, rates_of, values_of


class Line(NamedTuple):
    """One line: `amount` of what `basis` counts, times `rate_usd`."""

    ledger: Ledger
    part: Part
    item: str
    """Row of tariffs."""
    basis: str
    amount: float
    """Of days whose rate is a share of the cargo's value: that value x days, USD x days."""
    rate_usd: float
    usd: float


def invoice(scenario: Scenario, built: Built, replay: Replay, lot: int) -> list[Line]:
    """Lines of one delivered lot, in the order of ledgers and parts; what it did not use is left out.

    lot    number of the lot in the model

    Raises
    ------
    ValueError    the lot was not delivered
    """
    if replay.delivered_s[lot] < 0:
        raise ValueError(f"lot {lot}: was not delivered, so its invoice is not complete")
    uses, items = Uses(scenario, built, replay), items_of(scenario.tariffs)
    flow = uses.flow_of(lot)
    value = values_of(scenario, [built.meaning.flows[flow]], items)[0]
    amounts = [uses.of_lot(item, lot) * v for item, v in zip(items, value, strict=True)]
    return lines_of(items, amounts, rates_of(scenario, items))


def lines_of(
    items: Sequence[Item], amounts: Iterable[float], rates_usd: Iterable[float]
) -> list[Line]:
    """Amounts and rates of items as lines, those of 0 left out.

    A box of half a FEU with cargo of 20 000 USD crosses the sea from Aktau to Alat and goes on by
    rail to Absheron. It stands 7.5 days in the yard of Alat, of which 5 are free, and is 12 days
    under way; transit times of its row have a standard deviation of 2 days. The ferry took 1.5
    vessel-days for the round trip of ten boxes, and came back empty, so each box pays a tenth.

    ==============  =========================================  ==========
    shipper_price   sea: 0.5 FEU x 550                          275.00
    shipper_price   rail: 0.5 FEU x 90 km x 0.55                 24.75
    shipper_price   lifts at Alat: 0.5 FEU x 150                 75.00
    shipper_price   storage: (7.5 - 5) TEU-days x 8              20.00
    shipper_price   together                                    394.75
    resource_cost   vessel: 1.5 / 10 vessel-days x 9 000      1 350.00
    time_cost       20 000 x 12 d x 0.001                       240.00
    time_cost       20 000 x 2 d x 0.001 x ratio 0.8             32.00
    generalised     394.75 + 272                                666.75
    ==============  =========================================  ==========

    >>> from corridor_sim.inputs.tariff import Tariff
    >>> def row(id, part, basis, usd, **places):
    ...     return Tariff(id=id, part=part, basis=basis, value_usd=usd, **places)
    >>> tariffs = [
    ...     row("sea", "line_haul", "per_feu", 550.0, legs=("sea",)),
    ...     row("rail", "line_haul", "per_feu_km", 0.55, legs=("coast",)),
    ...     row("lifts", "handling", "per_feu", 150.0, nodes=("alat",)),
    ...     row("yard", "storage", "per_teu_day", 8.0, nodes=("alat",), free_d=5.0),
    ...     row("vessel", "capital", "per_vessel_day", 9000.0),
    ...     row("vot", "time", "share_of_value_per_day", 0.001),
    ...     row("spread", "reliability", "ratio", 0.8),
    ... ]
    >>> items = items_of({tariff.id: tariff for tariff in tariffs})
    >>> [item.name for item in items]
    ['rail', 'sea', 'lifts', 'yard', 'vessel', 'vot', 'spread']
    >>> amounts = [0.5 * 90, 0.5, 0.5, 7.5 - 5, 1.5 / 10, 20_000 * 12, 20_000 * 2]
    >>> lines = lines_of(items, amounts, [0.55, 550, 150, 8, 9000, 0.001, 0.001 * 0.8])
    >>> [round(line.usd, 2) for line in lines]
    [24.75, 275.0, 75.0, 20.0, 1350.0, 240.0, 32.0]
    >>> round(sum(line.usd for line in lines if line.ledger != "resource_cost"), 2)
    666.75
    """
    return [
        Line(i.ledger, i.part, i.name, i.tariff.basis, float(amount), float(rate), amount * rate)
        for i, amount, rate in zip(items, amounts, rates_usd, strict=True)
        if amount * rate
    ]
