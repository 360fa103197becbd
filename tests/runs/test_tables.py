"""The tables of a run's folder: complete, described, and right on a run small enough to follow."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from corridor_sim.outputs.columns import TABLES, about_table, columns_of
from tests.results.test_validation import GOOD, study
from tests.results.tiny import TINY
from tests.runs.conftest import Cli


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def tiny_run(cli: Cli, tmp_path: Path) -> Path:
    """The folder of the tiny corridor."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    out = tmp_path / "out"
    assert cli("run", path, "--jobs", "1", "--out", out).code == 0
    return out


def test_no_table_of_an_earlier_run_stays(cli: Cli, tmp_path: Path) -> None:
    """`lots.csv` of a run with --lots is gone after a run without; what is not ours stays."""
    path, out = tmp_path / "tiny.yaml", tmp_path / "out"
    path.write_text(TINY, encoding="utf-8")
    cli("run", path, "--jobs", "1", "--out", out, "--lots")
    (out / "notes.csv").write_text("mine\n", encoding="utf-8")
    assert (out / "lots.csv").exists()
    cli("run", path, "--jobs", "1", "--out", out)
    assert not (out / "lots.csv").exists()
    assert (out / "notes.csv").exists()


def test_costs_are_said_in_dollars(tiny_run: Path) -> None:
    """The unit of `usd_per_teu` is not TEU."""
    package = json.loads((tiny_run / "datapackage.json").read_text(encoding="utf-8"))
    od_kpi = next(r for r in package["resources"] if r["name"] == "od_kpi")
    units = {f["name"]: f.get("unit") for f in od_kpi["schema"]["fields"]}
    assert units["usd_per_teu"] == "US dollars a TEU"
    assert (units["p50_h"], units["od"]) == ("hours", None)


def test_a_trip_shows_its_call_from_arrival_to_the_next(tiny_run: Path) -> None:
    """The ferry's second departure from Aktau: back at 12 h, discharged at 13, loaded at 14 h."""
    trips = {(r["service"], r["call"], r["trip"]): r for r in table(tiny_run, "trips")}
    second = trips["crossing", "aktau", "1"]
    hours = {
        name: second[f"{name}_utc"][8:13].replace("T", " ")
        for name in ("arrived", "unloaded", "load_start", "ready", "departed", "arrived_next")
    }
    assert hours == {
        "arrived": "01 12",
        "unloaded": "01 13",
        "load_start": "01 13",
        "ready": "01 14",
        "departed": "01 14",
        "arrived_next": "01 18",
    }
    assert (second["to"], second["vehicle"]) == ("alat", "ferry")
    assert (second["unloaded_units"], second["loaded_units"]) == ("0", "4")
    assert (second["on_board_teu"], second["fill_share"]) == ("4", "1.0")


def test_a_trip_shows_what_it_waited_for_since_it_came(tiny_run: Path) -> None:
    """The first ferry waits 3 h for a fourth box; the second train 6 h for the next day's path."""
    trips = {(r["service"], r["call"], r["trip"]): r for r in table(tiny_run, "trips")}
    first, train = trips["crossing", "aktau", "0"], trips["train", "alat", "1"]
    assert (first["arrived_utc"], first["sail_rule_h"], first["path_h"]) == ("", "3.0", "0.0")
    assert (train["path_h"], train["departed_utc"]) == ("6.0", "2024-01-02T00:00:00Z")
    assert trips["crossing", "alat", "0"]["unloaded_units"] == "4"


SOMETIMES = {
    "costs",
    "emissions",
    "anchorage",
    "validation",
    "weather",
    "embargo",
    "disruptions",
    "resilience",
    "lots",
    "story",
    "delta",
    "delta_waterfall",
    "catalogue",
    "inputs_changed",
}
"""Only of a scenario or a command that has some."""


def test_every_table_has_the_columns_that_are_described(tiny_run: Path) -> None:
    """In the order of the description."""
    names = {path.stem for path in tiny_run.glob("*.csv")}
    assert names == set(TABLES) - SOMETIMES
    for name in names:
        with (tiny_run / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == columns_of(name), name


def test_every_column_is_said_in_words() -> None:
    """One line a column and a table; keys are columns."""
    for name, cls in TABLES.items():
        assert about_table(name).endswith((".", ":")), name
        assert set(cls.keys) <= set(columns_of(name)), name
        for column, field in cls.model_fields.items():
            assert (field.description or "").strip().endswith("."), f"{name}.{column}"


def test_keys_name_one_row_each(tiny_run: Path) -> None:
    """Two rows of the same key would be summed twice by whoever joins tables."""
    for path in tiny_run.glob("*.csv"):
        keys = [tuple(row[k] for k in TABLES[path.stem].keys) for row in table(tiny_run, path.stem)]
        assert len(set(keys)) == len(keys) > 0, path.stem


def test_a_folder_is_valid_for_frictionless_with_every_file_in_it(cli: Cli, tmp_path: Path) -> None:
    """Types, missing values and keys, also of lots.csv and validation.csv, for two replications."""
    import frictionless  # slow to load; the extra `test` has it

    scenario, out = study(tmp_path, GOOD), tmp_path / "out"
    answer = cli("run", scenario, "--reps", "2", "--jobs", "1", "--lots", "--out", out)
    assert answer.code == 0
    assert answer.out.count("validation: 0 of 1 checks inside; misses: boxes (validation.csv)") == 1
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    assert {r["path"] for r in package["resources"]} == {p.name for p in out.glob("*.csv")}
    for made in package["resources"]:
        assert made["description"], made["name"]
        assert all(f["description"] for f in made["schema"]["fields"]), made["name"]
    report = frictionless.validate(str(out / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])[:5]


def test_frictionless_sees_a_file_that_is_not_as_described(tiny_run: Path) -> None:
    """The test above can fail: a word where a number should stand."""
    import frictionless  # slow to load; the extra `test` has it

    path = tiny_run / "leg_kpi.csv"
    text = path.read_text(encoding="utf-8").replace(",240.0,", ",heavy,", 1)
    path.write_text(text, encoding="utf-8")
    assert not frictionless.validate(str(tiny_run / "datapackage.json")).valid


def test_medians_that_are_not_known_well_are_marked(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Three replications of a random study: half-widths beyond 3 % of the median."""
    noisy = cli("run", small, "--jobs", "1", "--out", tmp_path / "noisy").out
    assert "± at most 3%" in noisy and "not reached" in noisy
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    sets = ("--set", "simulation.window_h=4", "--reps", "2", "--jobs", "1")
    steady = cli("run", path, *sets, "--out", tmp_path / "steady").out
    assert "not reached" not in steady and "0.0%" in steady
