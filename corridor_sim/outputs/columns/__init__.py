"""Every column of every table that a run or a comparison writes: one line each, in its order.

A class is a table, its docstring what a row is; a field is a column, its docstring what it means.
The unit is the suffix of the name (`units.SUFFIXES`). From here come the order of columns, the
`datapackage.json` of a run, and the comments in its workbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from corridor_sim.outputs import data_package
from corridor_sim.outputs.columns.comparisons import (
    CatalogueTable,
    DeltaTable,
    ResilienceTable,
)
from corridor_sim.outputs.columns.costs import CostsTable
from corridor_sim.outputs.columns.dated import (
    DisruptionsTable,
    EmbargoTable,
    Lots,
    StockDaily,
    Trips,
    WeatherTable,
)
from corridor_sim.outputs.columns.emissions import Anchorage, Emissions
from corridor_sim.outputs.columns.inputs import (
    InputsChanged,
    InputsResolved,
)
from corridor_sim.outputs.columns.measures import (
    Checks,
    FacilityKpi,
    LedgerTable,
    LegKpi,
    NodeDwell,
    OdKpi,
    ServiceKpi,
    Summary,
    Validation,
    YardHours,
)
from corridor_sim.outputs.columns.quoted import QUOTED, DeltaWaterfall
from corridor_sim.outputs.columns.story import StoryTable
from corridor_sim.outputs.columns.table import Table
from corridor_sim.outputs.data_package import FieldType

TABLES: dict[str, type[Table]] = {
    "summary": Summary,
    "od_kpi": OdKpi,
    "ledger": LedgerTable,
    "costs": CostsTable,
    "facility_kpi": FacilityKpi,
    "service_kpi": ServiceKpi,
    **QUOTED,
    "leg_kpi": LegKpi,
    "node_dwell": NodeDwell,
    "stock_daily": StockDaily,
    "trips": Trips,
    "weather": WeatherTable,
    "embargo": EmbargoTable,
    "yard_hours": YardHours,
    "emissions": Emissions,
    "anchorage": Anchorage,
    "validation": Validation,
    "resilience": ResilienceTable,
    "disruptions": DisruptionsTable,
    "checks": Checks,
    "lots": Lots,
    "story": StoryTable,
    "delta": DeltaTable,
    "delta_waterfall": DeltaWaterfall,
    "catalogue": CatalogueTable,
    "inputs_resolved": InputsResolved,
    "inputs_changed": InputsChanged,
}
"""Name of the file without `.csv`, in the order in which a run lists them."""


def columns_of(table: str) -> list[str]:
    """Names of the columns, in order.

    >>> columns_of("ledger")[:6]
    ['od', 'route', 'direction', 'cohort', 'clock', 'place']
    """
    fields = TABLES[table].model_fields
    return [about.alias or name for name, about in fields.items()]


def about_table(table: str) -> str:
    """What a row of it is, in one line.

    >>> about_table("checks")
    'One row a check that every replication must pass.'
    """
    return (TABLES[table].__doc__ or "").splitlines()[0]


def fields_of(table: str, columns: Sequence[str]) -> list[data_package.Field]:
    """Description and type of each of the columns; a column of lots.csv that is none of the table's
    is a label of the ledger."""
    known = {f.alias or name: f for name, f in TABLES[table].model_fields.items()}
    return [
        data_package.Field(c, _type(known[c].annotation), _words(known[c].description))
        if c in known
        else data_package.Field(c, "number", f"Hours under `{c.removesuffix('_h')}`.")
        for c in columns
    ]


def package_of(name: str, columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The data package of a folder: table -> columns as they stand in its file."""
    resources = [
        data_package.resource(
            table,
            f"{table}.csv",
            fields_of(table, header),
            _words(TABLES[table].__doc__),
            TABLES[table].keys,
        )
        for table, header in columns.items()
    ]
    return data_package.package(name, resources, {})


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


_TYPES: dict[Any, FieldType] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    datetime: "datetime",
}


def _type(annotation: Any) -> FieldType:
    return _TYPES[next((a for a in get_args(annotation) if a in _TYPES), annotation)]
