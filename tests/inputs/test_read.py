"""Good inputs: every lawful way of writing a scenario is read with the right meaning."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.describe import describe
from corridor_sim.inputs.places import list_scenarios
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.resolved import key_paths, to_yaml
from corridor_sim.inputs.schema_json import scenario_schema, schema_text

Make = Callable[..., Path]
VESSELS, BOXES = "vessel,4,60,aktau", "units_per_year: 900"


def test_a_small_study_reads_with_origins(make_study: Make) -> None:
    """Each value knows its file and line; files are listed with their hashes."""
    read = read_scenario(str(make_study()))
    assert read.warnings == ()
    assert read.scenario.fleets["ferry"].vessels == 4
    assert read.origin["fleets.ferry.vessels"] == "networks/net/fleets.csv:2"
    assert read.origin["simulation.reps"] == "scenarios/small.yaml:13"
    assert [file[:2] for file in read.files][:2] == [
        ("scenario", "scenarios/small.yaml"),
        ("network", "networks/net/facilities.csv"),
    ]
    assert all(len(file[2]) == 64 for file in read.files)
    assert list(read.scenario.calls) == sorted(read.scenario.calls)
    assert read.scenario.calls["crossing_alat"].seq == 1


SAME: list[tuple[str, Any]] = [
    ("small.yaml", (BOXES, "units_per_year: 9e2")),
    ("small.yaml", (BOXES, "units_per_year: 900.0")),
    ("small.yaml", (BOXES, "units_per_year: +900")),
    ("small.yaml", ("reps: 2", "reps: 2.0")),
    ("small.yaml", ("2024-01-01", "'2024-01-01'")),
    ("small.yaml", ("2024-01-01", "2024-01-01T00:00:00Z")),
    ("small.yaml", ("2024-01-01", "2024-01-01 05:00:00+05:00")),
    ("small.yaml", ("name: small", "name: 'small' # why not")),
    ("small.yaml", ("network: net", "network: 'net'")),
    ("small.yaml", ("reps: 2", "'reps': 2")),
    ("small.yaml", ("{service: crossing, node: alat,", "{id: crossing_alat, service: crossing,"
        " node: alat, seq: 1,")),
    ("fleets.csv", (VESSELS, '"vessel","4","60","aktau"')),
    ("fleets.csv", (VESSELS, " vessel , 4 , 60 , aktau ")),
    ("fleets.csv", (VESSELS, "vessel,4.0,6e1,aktau")),
    ("fleets.csv", ("train_set,train_set", "\n,,,,\ntrain_set,train_set")),
    ("node.csv", ("node_id,name", "\ufeffnode_id,name")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit"), SAME)
def test_other_spellings_mean_the_same(make_study: Make, name: str, edit: Any) -> None:
    """What is accepted is accepted with the right meaning."""
    expected = read_scenario(str(make_study())).scenario
    assert read_scenario(str(make_study({name: edit}))).scenario == expected


def test_line_ends_and_byte_order_marks_do_not_matter(make_study: Make, tmp_path: Path) -> None:
    """Files saved on Windows."""
    path = make_study()
    expected = read_scenario(str(path)).scenario
    for file in [path, *(tmp_path / "networks/net").glob("*.csv")]:
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_scenario(str(path)).scenario == expected


def test_order_of_keys_and_rows_does_not_matter(make_study: Make, tmp_path: Path) -> None:
    """Only the calls of a service have an order, written or as `seq`."""
    path = make_study()
    expected = read_scenario(str(path)).scenario
    shuffle = random.Random(7).shuffle
    for file in (tmp_path / "networks/net").glob("*.csv"):
        header, *rows = file.read_text(encoding="utf-8").splitlines()
        shuffle(rows)
        order = list(range(len(header.split(","))))
        shuffle(order)
        lines = [",".join(line.split(",")[k] for k in order) for line in [header, *rows]]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    text = path.read_text(encoding="utf-8")
    blocks = text.replace("\n  ", "\0  ").splitlines()
    shuffle(blocks)
    path.write_text("\n".join(blocks).replace("\0", "\n"), encoding="utf-8", newline="")
    assert read_scenario(str(path)).scenario == expected


def test_words_that_yaml_1_1_would_twist_stay_words(make_study: Make) -> None:
    """NO is Norway, 12:30 no number."""
    edit = ("name: small", "why: NO\nquestion: 12:30\nnotes: [on, 'null', 2024-01-01]")
    scenario = read_scenario(str(make_study({"small.yaml": edit}))).scenario
    assert (scenario.why, scenario.question) == ("NO", "12:30")
    assert scenario.notes == ("on", "null", "2024-01-01")


@pytest.mark.parametrize("form", ["[{id: x, vessels: 2}]", "{x: {vessels: 2}}", "{x: {id: x, "
    "vessels: 2}}"])  # fmt: skip
def test_tables_are_lists_or_mappings(make_study: Make, form: str) -> None:
    """Both forms of a table give the same rows, inline or at the top."""
    read = read_scenario(str(make_study({"small.yaml": ("name: small", f"fleets: {form}")})))
    assert read.scenario.fleets["x"].vessels == 2
    text = f"network: {{fleets: {form}}}\nsimulation: {{start: 2024-01-01, window_h: 3}}\n"
    read = read_scenario(str(make_study({"small.yaml": text})))
    assert read.scenario.fleets["x"].vessels == 2


@pytest.mark.parametrize("cell", ["2024-01-01: 4; 2024-07-01: 6", "2024-01-01:4;2024-07-01:6"])
def test_dated_vessels_in_a_cell(make_study: Make, cell: str) -> None:
    """A date may stand in a CSV cell as in YAML."""
    path = make_study({"fleets.csv": (VESSELS, f"vessel,{cell},60,aktau")})
    expected = {"2024-01-01": 4, "2024-07-01": 6}
    assert read_scenario(str(path)).scenario.fleets["ferry"].vessels == expected
    text = "fleets: {ferry: {vessels: {2024-01-01: 4, 2024-07-01: 6}}}"
    path = make_study({"small.yaml": ("name: small", text)})
    assert read_scenario(str(path)).scenario.fleets["ferry"].vessels == expected


def child(make: Make, text: str, sets: tuple[str, ...] = (), parent: Any = None) -> Resolved:
    """A scenario `child` on top of `small`."""
    path = make({"child.yaml": f"extends: small\n{text}", **(parent or {})})
    return read_scenario(str(path.with_name("child.yaml")), sets)


def test_a_child_changes_columns_of_its_parent(make_study: Make) -> None:
    """What it does not say stays; what it says has its own origin."""
    read = child(make_study, "why: more\nfleets: {ferry: {vessels: 6}}\ndemand: {b2: {origin: "
        "aktau, destination: alat, every_h: 8}}\n")  # fmt: skip
    assert (read.scenario.name, read.scenario.why) == ("child", "more")
    assert read.scenario.fleets["ferry"].vessels == 6
    assert read.scenario.fleets["ferry"].capacity_units == 60
    assert read.origin["fleets.ferry.vessels"] == "scenarios/child.yaml:3"
    assert set(read.scenario.demand) == {"boxes", "b2"}
    roles = [file[0] for file in read.files if file[0] not in ("network", "figures")]
    assert roles == ["parent", "scenario"]


def test_set_comes_last_the_parent_first(make_study: Make) -> None:
    """Parent's set, child's rows, child's set, command line."""
    parent = {"small.yaml": ("name: small", "set: {fleets.ferry.vessels: {plus: 1}}")}
    assert child(make_study, "", (), parent).scenario.fleets["ferry"].vessels == 5
    text = "set:\n  fleets.ferry.vessels: {times: 2}\n"
    assert child(make_study, text, (), parent).scenario.fleets["ferry"].vessels == 10
    read = child(make_study, text, ("fleets.ferry.vessels={plus: 1}",), parent)
    assert read.scenario.fleets["ferry"].vessels == 11
    assert read.origin["fleets.ferry.vessels"] == "--set:1"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("fleets.ferry.vessels=6", "fleets.ferry.vessels", 6),
        ("fleets.ferry.vessels=unlimited", "fleets.ferry.vessels", "unlimited"),
        ("facilities.*_berth.servers=3", "facilities.alat_berth.servers", 3),
        ("facilities.*.servers=7", "facilities.aktau_track.servers", 7),
        ("facilities.*_berth.servers={plus: 1}", "facilities.aktau_berth.servers", 3),
        ("facilities.alat_berth.load_share={times: 0.5}", "facilities.alat_berth.load_share", 0.25),
        ("calls.crossing_alat.sail_rule=on_demand", "calls.crossing_alat.sail_rule", "on_demand"),
        ("services.*.fleets=[ferry]", "services.crossing.fleets", ("ferry",)),
        ("simulation.window_h=10", "simulation.window_h", 10.0),
        ("demand.boxes.season=null", "demand.boxes.season", None),
    ],
)  # fmt: skip
def test_one_value_is_set(make_study: Make, text: str, key: str, value: object) -> None:
    """Values are YAML, whole numbers stay whole."""
    found = key_paths(read_scenario(str(make_study()), [text]).scenario).get(key)
    assert found == value and type(found) is type(value)


def test_a_rate_replaces_a_mean_and_hours_replace_days(make_study: Make) -> None:
    """Else an override would leave two contradicting values."""
    sets = ["services.crossing.run_rate_per_h=0.1", "simulation.window_h=99"]
    scenario = read_scenario(str(make_study()), sets).scenario
    assert scenario.services["crossing"].run_mean_h is None
    assert scenario.simulation.window_d is None


@pytest.mark.parametrize(
    ("name", "edit", "phrase"),
    [
        ("link.csv", (",430,", ",4300,"), "the air line between its ends is"),
        ("link.csv", (",430,", ",43,"), "the air line between its ends is"),
        ("node.csv", ("51.15,43.60", "43.60,51.15"), "swapped, they would fit"),
        ("small.yaml", ("run_mean_h: 18", "run_mean_h: 1080"), "minutes?"),
        ("small.yaml", ("run_mean_h: 18", "run_mean_h: 0.001"), "seconds"),
    ],
)
def test_implausible_values_warn(make_study: Make, name: str, edit: Any, phrase: str) -> None:
    """Possible, so the run goes on; the warning says what was perhaps meant."""
    warnings = read_scenario(str(make_study({name: edit}))).warnings
    assert len(warnings) == 1 and phrase in warnings[0]


def test_the_resolved_scenario_reads_back_equal(make_study: Make, tmp_path: Path) -> None:
    """The resolved file is the whole input of a run: it stands alone."""
    sets = ["fleets.ferry.vessels={2024-01-01: 4, 2024-07-01: 6}"]
    extra = "expect: [{metric: a.b.c, equals: 1.5, because: 'a: \"b\" \\ c'}]\nnotes: ['1', 'é']"
    path = make_study({"small.yaml": ("name: small", f"name: small\n{extra}")})
    scenario = read_scenario(str(path), sets).scenario
    text = to_yaml(scenario)
    alone = tmp_path / "scenarios" / "alone.yaml"
    alone.write_text(text, encoding="utf-8", newline="")
    again = read_scenario(str(alone)).scenario
    assert again == scenario
    assert to_yaml(again) == text


@pytest.mark.parametrize("name", list_scenarios())
def test_packaged_scenarios_read_and_read_back(name: str, tmp_path: Path) -> None:
    """Every scenario of the package is valid."""
    scenario = read_scenario(name).scenario
    path = tmp_path / "again.yaml"
    path.write_text(to_yaml(scenario), encoding="utf-8", newline="")
    assert read_scenario(str(path)).scenario == scenario


def test_reading_needs_no_heavy_package(make_study: Make) -> None:
    """`validate` must answer at once; pandas alone takes longer to import than all checks."""
    code = (
        "import sys; from corridor_sim.inputs.read import read_scenario;"
        f"read_scenario({str(make_study())!r});"
        "print([m for m in ('pandas', 'simpy', 'scipy', 'networkx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_describe_says_what_a_column_means() -> None:
    """By key path, table or facility type; what is not there is suggested."""
    assert "How many" in describe("fleets.ferry.vessels")
    assert "Vessels alongside" in describe("berth.servers")
    assert "sail_rule" in describe("calls")
    with pytest.raises(InputError, match="did you mean 'vessels'"):
        describe("fleets.ferry.vesels")


def test_the_schema_knows_every_table() -> None:
    """Editors complete from it; its text is the same each time."""
    schema = scenario_schema()
    assert {"fleets", "simulation", "set"} <= schema["properties"].keys()
    assert json.loads(schema_text()) == schema
