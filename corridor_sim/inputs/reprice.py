"""A scenario with other prices, without reading its files again: for many points of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from corridor_sim.inputs import check_tariffs
from corridor_sim.inputs.kinds import classes
from corridor_sim.inputs.layers import BAD, Cell, Layer, Row
from corridor_sim.inputs.overrides import apply_sets
from corridor_sim.inputs.problems import Where
from corridor_sim.inputs.schema import TABLES, Scenario
from corridor_sim.inputs.view import View

PRICES = {
    "tariffs": ("value_usd", "value"),
    "exchange_rates": ("usd_per_unit",),
    "demand": ("value_usd_per_unit",),
}
"""Columns that change what things cost, and nothing of what is counted."""


def is_price(key: str) -> bool:
    """Whether a key path is a price: amounts counted in a run stay as they are.

    >>> is_price("tariffs.storage_port.value_usd"), is_price("tariffs.storage_port.free_d")
    (True, False)
    """
    table, _, rest = key.partition(".")
    return rest.rpartition(".")[2] in PRICES.get(table, ()) and bool(rest.rpartition(".")[0])


def with_prices(scenario: Scenario, sets: Sequence[str]) -> Scenario | None:
    """The scenario with `key=value` of prices on top, in order; None: read it in full to see why.

    Only the rows that the keys name are made and checked anew.
    """
    layer = Layer()
    for text in sets:
        table, row_id, *_ = f"{text.partition('=')[0].strip()}..".split(".")
        for name, record in getattr(scenario, table).items() if table in PRICES else ():
            if ("*" in row_id or name == row_id) and name not in layer.tables[table]:
                layer.tables[table][name] = _row(record)
    apply_sets(layer, sets)
    if layer.problems:
        return None
    try:
        changed = {t: getattr(scenario, t) | _records(t, layer.tables[t]) for t in PRICES}
    except ValidationError:
        return None
    tables = {t: changed.get(t, getattr(scenario, t)) for t in TABLES}
    view = View(tables, scenario.simulation, {}, Where("--set"), True)
    if any(True for _ in check_tariffs.problems(view)):
        return None
    return scenario.model_copy(update=changed)


def _row(record: Any) -> Row:
    where = Where("--set")
    given = record.model_fields_set - {"id"}
    return Row(where, {name: Cell(getattr(record, name), where) for name in sorted(given)})


def _records(table: str, rows: dict[str, Row]) -> dict[str, Any]:
    (made,) = classes(table)
    values = {
        row_id: {n: c.value for n, c in row.cells.items() if c.value is not None}
        for row_id, row in rows.items()
    }
    assert not any(value is BAD for cells in values.values() for value in cells.values())
    return {row_id: made(id=row_id, **cells) for row_id, cells in values.items()}
