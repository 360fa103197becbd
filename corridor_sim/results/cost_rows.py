"""costs: USD of a unit by demand row, route, ledger, part and tariff; and the sums of od_kpi."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from corridor_sim.inputs.schema import Scenario
from corridor_sim.inputs.tariff import LEDGER_OF
from corridor_sim.money.activities import Activities
from corridor_sim.money.costs import PARTS, generalised_cost
from corridor_sim.money.pricing import BORNE, Item, rates_of, values_of

Rows = list[dict[str, Any]]
FloatArray = npt.NDArray[np.float64]
ALL = "all"


class Group(NamedTuple):
    """A demand row on one route, or on `all`: its flows and their weights (units)."""

    demand: str
    route: str
    flows: tuple[int, ...]


def groups_of(activities: Activities) -> list[Group]:
    """As in od_kpi: `all` first where there are several routes; sorted by demand row."""
    by_demand: dict[str, list[int]] = {}
    for i, flow in enumerate(activities.flows):
        by_demand.setdefault(flow.demand, []).append(i)
    groups = []
    for demand, flows in sorted(by_demand.items()):
        if len(flows) > 1:
            groups.append(Group(demand, ALL, tuple(flows)))
        groups += [Group(demand, activities.flows[i].route, (i,)) for i in flows]
    return groups


def first_groups(activities: Activities) -> list[Group]:
    """One group a demand row: over all its routes."""
    return list({g.demand: g for g in reversed(groups_of(activities))}.values())[::-1]


def generalised(scenario: Scenario, activities: Activities) -> FloatArray:
    """Price and time cost of a unit by flow (n_flow,), USD, with the scenario's own prices."""
    return generalised_sets([scenario], activities)[:, 0]


def generalised_sets(scenarios: Sequence[Scenario], activities: Activities) -> FloatArray:
    """The same for the prices of many scenarios (n_flow, n_scenario).

    One scenario at a time: of many at once the last bit of a product depends on their number.
    """
    borne = np.array([item.ledger in BORNE for item in activities.items], bool)
    out = np.empty((len(activities.flows), len(scenarios)))
    for amounts, mine in _by_value(scenarios, activities):
        used = amounts[:, borne]
        for i in mine:
            rates = rates_of(scenarios[i], activities.items)[borne]
            out[:, i] = generalised_cost(used, rates[:, None])[:, 0]
    return out


def _by_value(
    scenarios: Sequence[Scenario], activities: Activities
) -> Iterator[tuple[FloatArray, list[int]]]:
    """Amounts times the value of the cargo, and the scenarios that have these values."""
    alike: dict[tuple[float, ...], list[int]] = {}
    for i, scenario in enumerate(scenarios):
        values = tuple(scenario.demand[f.demand].value_usd_per_unit for f in activities.flows)
        alike.setdefault(values, []).append(i)
    for mine in alike.values():
        yield _times_value(scenarios[mine[0]], activities), mine


def mean_over(activities: Activities, flows: Sequence[int], usd: FloatArray) -> FloatArray:
    """Mean over the units of several flows; usd (n_flow, ...); NaN where no unit was delivered."""
    n = activities.n[list(flows)]
    known = [i for i, units in zip(flows, n, strict=True) if units]
    if not known:
        return np.full(usd.shape[1:], np.nan)
    total = np.zeros(usd.shape[1:])
    for i in known:
        total += activities.n[i] * usd[i]
    mean: FloatArray = total / n.sum()
    return mean


def cost_rows(scenario: Scenario, activities: Activities) -> Rows:
    """One row a group that delivered, ledger, part and item, `all` of each first.

    Rows of items are of their part, those of parts of their ledger; ledgers are not to be added
    up, but for shipper_price and time_cost, whose sum od_kpi has.
    """
    items = activities.items
    usd = _times_value(scenario, activities) * rates_of(scenario, items)
    sums = list(_sums(items))
    columns = np.stack([usd[:, list(of)].sum(axis=1) for _, of in sums], axis=1) if sums else usd
    rows: Rows = []
    for group in groups_of(activities):
        if not activities.n[list(group.flows)].any():
            continue
        mean = mean_over(activities, group.flows, columns)
        found = {key: value for (key, _), value in zip(sums, mean.tolist(), strict=True)}
        row = scenario.demand[group.demand]
        for (ledger, part, item), value in found.items():
            total = found[ledger, ALL, ALL]
            rows.append(
                {
                    "od": group.demand,
                    "direction": row.direction,
                    "route": group.route,
                    "ledger": ledger,
                    "part": part,
                    "item": item,
                    "usd_per_unit": value,
                    "usd_per_teu": value if row.unit == "teu" else float("nan"),
                    "usd_per_tonne": value / row.tonnes_per_unit
                    if row.laden and row.tonnes_per_unit
                    else float("nan"),
                    "share": value / total if total else float("nan"),
                }
            )
    return rows


Key = tuple[str, str, str]


def _sums(items: Sequence[Item]) -> Iterator[tuple[Key, tuple[int, ...]]]:
    """(ledger, part, item) -> places of the items that it sums up, in the order of the rows."""
    for ledger in dict.fromkeys(LEDGER_OF.values()):
        mine = [i for i, item in enumerate(items) if item.ledger == ledger]
        if not mine:
            continue
        yield (ledger, ALL, ALL), tuple(mine)
        for part in (p for p in PARTS if LEDGER_OF[p] == ledger):
            of_part = [i for i in mine if items[i].part == part]
            if not of_part:
                continue
            yield (ledger, part, ALL), tuple(of_part)
            for name in sorted({items[i].name for i in of_part}):
                yield (ledger, part, name), tuple(i for i in of_part if items[i].name == name)


def _times_value(scenario: Scenario, activities: Activities) -> FloatArray:
    return activities.amounts * values_of(scenario, activities.flows, activities.items)
