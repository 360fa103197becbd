"""Observed figures of a network (`observations.csv`): what its runs are held against.

Each figure has one role. `input`: typed into a table, so it comes out again and proves nothing.
`calibration`: an uncertain input may be moved, within its range, to meet it. `check`: never looked
at while building. Inputs need neither a measure nor a tolerance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corridor_sim.inputs.figures import Figure
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.problems import Problem, Where, show
from corridor_sim.inputs.side_table import SideTable, read_network_table, unknown

COLUMNS = (
    "id metric per factor unit observed low high within_share role window_begin window_end source "
    "definition note"
).split()
ROLES = ("input", "calibration", "check")
MEASURED = ("od_kpi", "facility_kpi", "service_kpi", "leg_kpi", "node_dwell", "costs")
"""Tables whose measures can be named."""


@dataclass(frozen=True)
class Observation:
    """One observed figure."""

    id: str
    metric: str
    """Paths of measures joined by ` + `; a `*` in a key sums over all that match. Empty: none."""
    per: str
    """The same; the sum of `metric` is divided by it. Empty: by 1."""
    factor: float
    """Then multiplied by this, which makes it the observed unit."""
    unit: str
    observed: float
    low: float | None
    high: float | None
    role: str
    window: tuple[datetime, datetime] | None
    """The only window (begin, end) of a run that can be compared; None: any."""
    source: str
    definition: str
    note: str

    @property
    def measure(self) -> str:
        """What is compared, as one formula."""
        per = f" / ({self.per})" if self.per else ""
        times = f" x {self.factor:g}" if self.factor != 1 else ""
        return f"{self.metric}{per}{times}"


def read_observations(
    network: Place, figures: Mapping[str, Figure]
) -> tuple[tuple[Observation, ...], SideTable]:
    """The observed figures of a network by id, and what is wrong with the table."""
    table = read_network_table(network, "observations", COLUMNS)
    found: dict[str, Observation] = {}
    for where, row in table.rows:
        problems = [*_problems(where, row, figures)]
        if row["id"] in found:
            problems.append(Problem(where, row["id"], "a second row of this id", "another id"))
        table.problems += problems
        if not problems:
            found[row["id"]] = _observation(row)
    return tuple(found[name] for name in sorted(found)), table


def _observation(row: dict[str, str]) -> Observation:
    observed, low, high = float(row["observed"]), _number(row["low"]), _number(row["high"])
    if row["within_share"]:
        band = float(row["within_share"]) * abs(observed)
        low, high = observed - band, observed + band
    window = (_date(row["window_begin"]), _date(row["window_end"])) if row["window_end"] else None
    return Observation(
        id=row["id"],
        metric=row["metric"],
        per=row["per"],
        factor=float(row["factor"] or 1),
        unit=row["unit"],
        observed=observed,
        low=low,
        high=high,
        role=row["role"],
        window=window,
        source=row["source"],
        definition=row["definition"],
        note=row["note"],
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _problems(
    where: Where, row: dict[str, str], figures: Mapping[str, Figure]
) -> Iterator[Problem]:
    name = row["id"]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        yield Problem(where, f"id {show(name)}", "no id of a-z, 0-9 and _", "such as kuryk_calls")
    for column in ("observed", "factor", "low", "high", "within_share"):
        if (row[column] or column == "observed") and not _is_number(row[column]):
            what = f"must be a number (found {show(row[column])})"
            yield Problem(where, f"{name}.{column}", what, "a number, with a point for decimals")
    if row["role"] not in ROLES:
        yield unknown(where, f"{name}.role", "no such role", row["role"], ROLES)
    elif row["role"] != "input":
        yield from _test_problems(where, name, row)
    for column in ("metric", "per"):
        yield from _path_problems(where, f"{name}.{column}", row[column])
    yield from _window_problems(where, name, row)
    for source in row["source"].split(";"):
        if source.strip() not in {"assumption", *figures}:
            what = "must be `assumption` or an id of seeds/figures.csv"
            known = {"assumption", *figures}
            yield unknown(where, f"{name}.source", what, source.strip(), known)


def _test_problems(where: Where, name: str, row: dict[str, str]) -> Iterator[Problem]:
    """A calibration or a check says what is measured and how far off it may be."""
    if not row["metric"]:
        yield Problem(where, f"{name}.metric", "is empty", "the path of a measure, or role input")
    has_band = bool(row["low"] and row["high"])
    if has_band == bool(row["within_share"]):
        what = "needs either low and high, or within_share"
        yield Problem(where, f"{name}.within_share", what, "within_share: 0.1")


def _path_problems(where: Where, key: str, text: str) -> Iterator[Problem]:
    for path in text.split(" + ") if text else ():
        table, *keys = path.strip().split(".")
        if table not in MEASURED:
            yield unknown(where, key, "no measures are in this table", table, MEASURED)
        elif len(keys) < 2 or "" in keys:
            what = f"a measure is table.id.column (found {show(path)})"
            yield Problem(where, key, what, "service_kpi.kuryk_alat_ferry.kuryk.trips")


def _window_problems(where: Where, name: str, row: dict[str, str]) -> Iterator[Problem]:
    begin, end = row["window_begin"], row["window_end"]
    if bool(begin) != bool(end):
        what, fix = "needs window_begin and window_end, or neither", "both dates"
        yield Problem(where, f"{name}.window_begin", what, fix)
    for column, text in (("window_begin", begin), ("window_end", end)):
        if text and not re.fullmatch(r"\d{4}-[01]\d-[0-3]\d", text):
            what = f"must be a date, year first (found {show(text)})"
            yield Problem(where, f"{name}.{column}", what, "2024-01-31")


def _is_number(text: Any) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
