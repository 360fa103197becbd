"""What the rows of demand add up to, beside every published total of 2024.

Nothing is scaled to a total here; the page `docs/base_2024.md` shows the same sums, and says of
each published figure what it counts. Sums of what was typed in prove nothing but that nothing
was lost.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NETWORK = ROOT / "networks" / "middle_corridor"
PAGE = (ROOT / "docs" / "base_2024.md").read_text(encoding="utf-8")

Row = dict[str, str]
TITR_OTHERS = {
    "kz_metals_export",
    "kz_general_export",
    "uz_export_istanbul",
    "tr_ca_import",
    "eu_ca_import",
    "az_cn_export",
    "empties_east",
}
CHINA_IMPORT = {"cn_az_import"}


def table(path: Path) -> dict[str, Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


DEMAND, SEASONS = table(NETWORK / "demand.csv"), table(NETWORK / "seasons.csv")
FIGURES = table(ROOT / "seeds" / "figures.csv")
CHINA = {name for name in DEMAND if name.startswith("cn_")}
TRANSIT = CHINA - CHINA_IMPORT
TITR = CHINA | TITR_OTHERS


def units(names: Iterable[str], months: int = 12) -> float:
    """Units a year of these rows, or those of the first months."""
    return sum(float(DEMAND[n]["units_per_year"]) * share(n, months) for n in names)


def share(name: str, months: int) -> float:
    """Share of a row's year that falls into the first months."""
    season = SEASONS.get(DEMAND[name]["season"])
    if season is None:
        return months / 12
    return sum(float(season[f"m{month:02d}"]) for month in range(1, months + 1))


def tonnes(names: Iterable[str], months: int = 12) -> float:
    """Tonnes of the laden among these rows."""
    laden = [n for n in names if DEMAND[n]["laden"] == "true"]
    return sum(units([n], months) * float(DEMAND[n]["tonnes_per_unit"]) for n in laden)


def of_unit(unit: str) -> set[str]:
    return {name for name, row in DEMAND.items() if row["unit"] == unit}


KURYK_WAGONS = {name for name in of_unit("wagon") if name.startswith("wagons_")}
KURYK_TRUCKS = {f"trucks_{way}_{load}" for way in "we" for load in ("laden", "empty")}
QUAY = of_unit("teu") - {"empties_exit"}
"""Boxes over the quays of Baku: all but the empties that leave by Poti."""


CASPIAN_KZ = TITR | KURYK_WAGONS | KURYK_TRUCKS | {"dry_aktau_alat"}
"""What crosses between the ports of Kazakhstan and Azerbaijan."""


def china_trains() -> float:
    return sum(float(DEMAND[n]["units_per_year"]) / float(DEMAND[n]["batch"]) for n in CHINA)


SUMS: dict[str, Callable[[], float]] = {
    "F251": china_trains,
    "X001": lambda: sum(units([n]) / float(DEMAND[n]["batch"]) for n in TRANSIT),
    "X002": lambda: units(TRANSIT),
    "X003": lambda: units(CHINA_IMPORT) / float(DEMAND["cn_az_import"]["batch"]),
    "X004": lambda: units(CHINA_IMPORT),
    "F238": lambda: units(CHINA),
    "F237": lambda: units(TITR),
    "F242": lambda: units(TITR, 9),
    "F398": lambda: units(TITR),
    "F397": lambda: units(TITR, 3),
    "X056": lambda: units(TITR, 5),
    "X049": lambda: units(QUAY),
    "F098": lambda: units(QUAY),
    "X050": lambda: units(of_unit("wagon")),
    "X051": lambda: units(of_unit("truck")),
    "F252": lambda: units(KURYK_TRUCKS),
    "X052": lambda: tonnes(of_unit("unit")),
    "F129": lambda: units(TITR),
    "F235": lambda: tonnes(CASPIAN_KZ) / 1e6,
    "F236": lambda: tonnes(CASPIAN_KZ) / 1e6,
    "F001": lambda: tonnes(CHINA),
    "X005": lambda: tonnes(CHINA),
    "X117": lambda: units(CHINA, 11),
    "X122": lambda: tonnes(CHINA, 5),
}
"""Figure of seeds/figures.csv -> what the rows of demand give for it."""

LINE = re.compile(
    r"^\| ([FX]\d{3}) \| ([\d.,]+) ([^|]*?) \|.*\| ([\d.,]+) \| ([+−]?[\d.]+) % \| (.*?) \|$"
)


def page_rows() -> dict[str, tuple[float, float, float, str]]:
    """Figure -> published, sum, difference in per cent, verdict, as the page prints them."""
    found = {}
    for line in PAGE.splitlines():
        if match := LINE.match(line):
            figure, published, _, total, off, verdict = match.groups()
            percent = float(off.replace("−", "-"))
            found[figure] = (number(published), number(total), percent, verdict)
    return found


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_the_page_shows_every_sum() -> None:
    """A total that is left out cannot be held against the rows."""
    assert set(page_rows()) == set(SUMS)


@pytest.mark.parametrize("figure", sorted(SUMS))
def test_the_page_is_what_the_rows_add_up_to(figure: str) -> None:
    """The published value is that of the seeds, the sum that of demand.csv, both as printed."""
    published, total, percent, verdict = page_rows()[figure]
    assert published == float(FIGURES[figure]["value"])
    found = SUMS[figure]()
    assert total == pytest.approx(
        found, abs=0.5 if total >= 1000 else 0.05 if total > 10 else 0.005
    )
    assert percent == pytest.approx(100 * (found / published - 1), abs=0.051)
    if verdict.startswith("inside"):
        assert abs(percent) <= 10
    if verdict.startswith("**miss**"):
        assert abs(percent) > 10


def test_what_was_typed_in_comes_out_again() -> None:
    """Six published totals are sums of the input: exactly, or something was lost."""
    for figure in ("X002", "X004", "F237", "X049", "X050", "X051", "X052", "F252"):
        assert SUMS[figure]() == pytest.approx(float(FIGURES[figure]["value"]), abs=1)
        assert page_rows()[figure][3] == "not a test"


def test_the_founding_figure_is_a_conversion_and_no_input() -> None:
    """378,000 t (grade C) is 27,000 TEU x 14 t, received by early December, import and transit.

    The rows hold what was dispatched in the whole year: 36,248 TEU, at 14 t 507 kt, of which
    import is 293 kt. Neither is scaled to the other.
    """
    assert FIGURES["F001"]["grade"] == "C"
    assert float(FIGURES["F001"]["value"]) == float(FIGURES["X117"]["value"]) * 14
    assert units(CHINA) == 36_248
    assert tonnes(CHINA) == 36_248 * 14 == 507_472
    assert tonnes(CHINA_IMPORT) == 20_956 * 14 == 293_384
    assert {DEMAND[n]["source"] for n in CHINA} <= {"X002", "X004"}
    # received by early December must be fewer than dispatched by then
    assert units(CHINA, 11) > float(FIGURES["X117"]["value"])


def test_no_row_rests_on_the_founding_figure() -> None:
    """Nothing is scaled to it: no row of any table cites it as its source."""
    for path in sorted(NETWORK.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            assert "F001" not in {row.get("source") for row in csv.DictReader(file)}, path.name


def test_trade_by_value_is_not_the_ratio_of_boxes() -> None:
    """189 to 1 by value (F015, F014); by laden boxes 56 to 1 with China, 5.5 to 1 on the route."""
    by_value = float(FIGURES["F015"]["value"]) / float(FIGURES["F014"]["value"])
    with_china = units(CHINA_IMPORT) / units(["az_cn_export"])
    laden = {
        way: units(
            n for n in TITR if DEMAND[n]["direction"] == way and DEMAND[n]["laden"] == "true"
        )
        for way in ("west", "east")
    }
    route = laden["west"] / laden["east"]
    assert round(by_value) == 189
    assert round(with_china) == 56
    assert round(route, 1) == 5.5
    said = re.search(r"189 to 1 by value.*?56 to 1.*?5\.5 to 1", PAGE, re.DOTALL)
    assert said, "the page keeps the three ratios apart"


def test_both_directions_of_wagons_and_trucks_are_equal() -> None:
    """Wagons and trucks come back: half of the count of Baku each way, line by line."""
    for names in (KURYK_WAGONS, of_unit("wagon") - KURYK_WAGONS, KURYK_TRUCKS):
        west, east = (
            units(n for n in names if DEMAND[n]["direction"] == way) for way in ("west", "east")
        )
        assert abs(west - east) <= 1
