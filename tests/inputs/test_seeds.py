"""The published figures: complete, graded, and cited only where they exist."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from corridor_sim.inputs.figures import Figure, read_figures
from corridor_sim.inputs.places import packaged_study
from corridor_sim.inputs.read import read_scenario

ROOT = packaged_study()
SEEDS = ROOT / "seeds"
CITED = re.compile(r"\b([FX]\d{3})\b")


def table(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    found, read = read_figures([ROOT])
    assert read.problems == []
    return found


def test_the_readme_says_what_seeds_are() -> None:
    """A random seed is something else; the first line tells them apart."""
    first = (SEEDS / "README.md").read_text(encoding="utf-8").split("\n")[0]
    assert first == (
        "Seed figures: the published numbers that this model grows from "
        "(the random seed is `simulation.seed`)."
    )


def test_every_figure_is_complete(figures: dict[str, Figure]) -> None:
    """Unique ids in order; value, date, definition, publisher and grade given; a range holds."""
    rows = table("figures.csv")
    ids = [row["id"] for row in rows]
    assert len(rows) == len(figures) == len(set(ids)) > 400
    assert ids == sorted(ids)
    for row in rows:
        assert None not in row and None not in row.values(), row["id"]
        empty = [c for c in ("value", "date", "definition", "publisher") if not row[c]]
        assert not empty, f"{row['id']}: {empty}"
        assert row["grade"] in "ABCD" and len(row["grade"]) == 1, row["id"]
        if re.fullmatch(r"[\d.]+", row["value"]):
            low, high = row["low"] or row["value"], row["high"] or row["value"]
            assert float(low) <= float(row["value"]) <= float(high), row["id"]


def test_every_address_is_a_page_on_the_web() -> None:
    """A publisher's page, or empty: no file and no machine without a domain."""
    addresses = [row["url"] for row in table("figures.csv") if row["url"]]
    assert len(addresses) > 300
    assert not [url for url in addresses if not re.match(r"https?://[^/]+\.[a-z]+\.?/", url)]


def test_every_figure_cited_exists(figures: dict[str, Figure]) -> None:
    """In networks, scenarios, docs and the other tables of seeds, by id."""
    files: list[Path] = []
    for folder, form in (("networks", "**/*.csv"), ("scenarios", "**/*.yaml"), ("docs", "**/*.md")):
        files += sorted((ROOT / folder).glob(form))
    files += [SEEDS / "articles.csv", SEEDS / "traps.csv", SEEDS / "README.md"]
    cited = {file: set(CITED.findall(file.read_text(encoding="utf-8"))) for file in files}
    missing = {f.name: sorted(ids - figures.keys()) for f, ids in cited.items()}
    assert not {name: ids for name, ids in missing.items() if ids}
    assert len(set.union(*cited.values())) > 100


def test_there_are_five_founding_articles(figures: dict[str, Figure]) -> None:
    """Each names what was used and what it contradicts; its figures say that they are its own."""
    rows = table("articles.csv")
    assert [row["id"] for row in rows] == [f"article_{n}" for n in range(1, 6)]
    for row in rows:
        assert None not in row, row["id"]
        assert row["publisher"] and row["used"] and row["contradicts"]
        for name in row["figures"].split(";"):
            assert row["id"] in figures[name].definition, name


def test_every_trap_names_its_figures(figures: dict[str, Figure]) -> None:
    """So that whoever uses the figure can be warned."""
    rows = table("traps.csv")
    assert len(rows) == len({row["id"] for row in rows}) >= 10
    for row in rows:
        assert None not in row, row["id"]
        assert row["trap"] and set(row["figures"].split(";")) <= figures.keys(), row["id"]


def test_the_china_rows_stand_beside_the_founding_figure(figures: dict[str, Figure]) -> None:
    """378,000 t (F001) is 27,000 TEU carried by early December (X117) at a nominal 14 t; the rows
    of demand are the 36,248 TEU dispatched in 2024 (X002 in transit, X004 import), 507 kt at 14 t,
    import alone 293 kt. Two definitions: nothing is scaled from one to the other."""
    value = {name: float(figures[name].value) for name in ("F001", "X002", "X004", "X117")}
    assert value["F001"] == value["X117"] * 14 == 378_000
    assert figures["F001"].grade == "C"
    demand = read_scenario("base_2024").scenario.demand
    rows = {name: row for name, row in demand.items() if name.startswith("cn_")}
    sent = sum(row.units_per_year or 0 for row in rows.values())
    tonnes = sum((row.units_per_year or 0) * row.tonnes_per_unit for row in rows.values())
    assert sent == pytest.approx(value["X002"] + value["X004"], abs=1) == 36_248
    assert tonnes == pytest.approx(507_472, abs=20)
    assert value["X004"] * 14 == 293_384


def test_trade_by_value_is_no_ratio_of_boxes(figures: dict[str, Figure]) -> None:
    """189 to 1 by value (F014, F015) is behind no number of the network."""
    assert float(figures["F015"].value) / float(figures["F014"].value) == pytest.approx(189, abs=1)
    for file in sorted((ROOT / "networks").glob("**/*.csv")):
        cited = CITED.findall(file.read_text(encoding="utf-8"))
        assert not {"F014", "F015", "F016"} & set(cited), file.name
