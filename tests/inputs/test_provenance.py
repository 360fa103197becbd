"""Every number has a source: the base covers all, and rules are read as they are meant."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.describe import describe_value, names_a_value
from corridor_sim.inputs.provenance import ASSUMPTION, Source, range_in
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.sourced import Number, numbers
from corridor_sim.outputs.columns import columns_of
from corridor_sim.outputs.inputs_resolved import (
    inputs_of,
    write_inputs_of_comparison,
    write_inputs_resolved,
)

Make = Callable[..., Path]
HEAD = "pattern,source,reason,low,high\n"
RULES = "provenance.csv"


@pytest.fixture(scope="module")
def base() -> Resolved:
    return read_scenario("base_2024")


def known_by_key(resolved: Resolved) -> dict[str, Number]:
    return {number.key_path: number for number in numbers(resolved)}


def test_every_number_of_the_base_has_a_source(base: Resolved) -> None:
    """A figure that exists, or an assumption with its reason; of a default, what it means."""
    found, figures = numbers(base), base.provenance.figures
    by_rule = [n for n in found if base.provenance.rule_of(n.key_path) is not None]
    uncovered = [n.key_path for n in found if n not in by_rule and n.source != "default"]
    assert not uncovered, f"{len(uncovered)}; add a rule to provenance.csv, or a column's rule"
    kinds = {ASSUMPTION, "scenario", "default"}
    unknown = [(n.key_path, n.source) for n in found if n.source not in kinds | figures.keys()]
    assert not unknown, "neither a figure of seeds/figures.csv nor an assumption"
    assert not [n.key_path for n in found if n.source not in figures and not n.reason]
    assert not [n.key_path for n in found if not n.unit and not n.value.endswith("Z")]
    assert len(found) > 900


def test_every_rule_of_the_base_is_used(base: Resolved) -> None:
    """A pattern that matches nothing is a slip of the pen, or a row that was renamed."""
    keys = [number.key_path for number in numbers(base)]
    assert [rule.pattern for rule in base.provenance.unused(keys)] == []
    patterns = [rule.pattern for rule in base.provenance.rules]
    assert sorted(set(patterns)) == sorted(patterns)


def test_a_range_of_the_base_holds_its_value(base: Resolved) -> None:
    """Low <= value <= high, so that a study of sensitivity can start from it."""
    wrong = []
    for n in numbers(base):
        if n.value.replace(".", "").isdigit():
            low, high = float(n.low or n.value), float(n.high or n.value)
            wrong += [(n.key_path, n)] if not low <= float(n.value) <= high else []
    assert not wrong


@pytest.mark.parametrize("name", ["ferries_plus2", "zangezur_open"])
def test_every_number_of_the_other_scenarios_has_a_source(name: str) -> None:
    """What a scenario file sets is its own say, with its `why`."""
    found = numbers(read_scenario(name))
    assert not [n.key_path for n in found if not n.source or not (n.reason or n.grade)]
    own = [n for n in found if n.file == f"scenarios/{name}.yaml"]
    assert own and {n.source for n in own} <= {"scenario", ASSUMPTION}


def sources(make: Make, rules: str, scenario: Any = None) -> dict[str, Number]:
    """The numbers of the small study with these lines of provenance.csv."""
    edits = {RULES: HEAD + rules} | (scenario or {})
    return known_by_key(read_scenario(str(make(edits))))


def test_the_most_specific_rule_counts_then_the_last(make_study: Make) -> None:
    """Fewest stars first; of two alike the later line, as for `set:`."""
    rules = (
        "fleets.ferry.vessels,assumption,one,,\nfleets.*.*,assumption,two,,\n"
        "fleets.*.vessels,assumption,three,1,9\nfleets.ferry.vessel*,assumption,four,,\n"
    )
    found = sources(make_study, rules)
    assert found["fleets.ferry.vessels"].reason == "one"
    assert found["fleets.ferry.capacity_units"].reason == "two"
    again = sources(make_study, rules + "fleets.ferry.vessels,F124,five,,\n")
    assert again["fleets.ferry.vessels"][3:5] == ("F124", "A")


def test_a_star_does_not_cross_a_dot(make_study: Make) -> None:
    """`*` stands within one segment, once."""
    found = sources(make_study, "legs.*_aktau.speed_*,assumption,rail,,\n")
    assert found["legs.beyneu_aktau.speed_kmh"].reason == "rail"
    assert found["legs.beyneu_aktau.length_km"].reason == ""


def test_rows_speak_where_the_rule_says_so(make_study: Make) -> None:
    """`row`: source and note of the row; `row WORD`: the note names the source of one column."""
    link = (
        "link_id,from_node_id,to_node_id,mode,length_km,gauge_mm,speed_kmh,paths_per_day,source,"
        "note\nbeyneu_aktau,beyneu,aktau,rail,430,1520,30,16,X020,reason: map; speed: X036; range "
        "+-10 %; paths: assumption; range 12-20\n"
    )
    rules = (
        "legs.*.length_km,row,,,\nlegs.*.speed_kmh,row speed,guess,note,\n"
        "legs.*.paths_per_day,row paths,guess,note,\n"
    )
    found = sources(make_study, rules, {"link.csv": link})
    leg = "legs.beyneu_aktau"
    note = "map; speed: X036; range +-10 %; paths: assumption; range 12-20"
    assert found[f"{leg}.length_km"][3:8] == ("X020", "B", "", "", note)
    assert found[f"{leg}.speed_kmh"][3:8] == ("X036", "A", "27", "33", f"guess; {note}")
    assert found[f"{leg}.paths_per_day"][3:7] == (ASSUMPTION, "", "12", "20")


def test_ranges_come_from_the_rule_the_note_or_the_figure() -> None:
    """Only a range that holds the value is taken from a text."""
    assert range_in("range 0.5-8 (mean_h); range 2-3", 9) == ("", "")
    assert range_in("1,500 TEU (range 900-3,500; F073)", 1275) == ("900", "3500")
    assert range_in("paths: assumption; range +-25 %", 16) == ("12", "20")
    assert range_in("range 5-15 % a year", 10) == ("", "")
    assert range_in("range 1-2", "unlimited") == ("", "")
    found = known_by_key(read_scenario("base_2024"))
    ramp = found["facilities.kuryk_rail_ramp.call_mode_h"]
    assert (ramp.source, ramp.low, ramp.high) == ("F084", "6", "8")


def test_what_a_scenario_sets_is_its_own_say(make_study: Make) -> None:
    """A child's change does not inherit the source of the number that it replaces."""
    rules = "fleets.*.vessels,F124,,,\nsimulation.seed,assumption,any,,\n"
    child = "extends: small\nwhy: two more\nsource: talk\nset: {fleets.ferry.vessels: 6}\n"
    path = make_study({RULES: HEAD + rules, "child.yaml": child})
    found = known_by_key(read_scenario(str(path.with_name("child.yaml"))))
    ferry = found["fleets.ferry.vessels"]
    assert (ferry.source, ferry.reason, ferry.grade) == ("scenario", "two more Source: talk", "")
    assert (ferry.file, ferry.line) == ("scenarios/child.yaml", "4")
    assert found["simulation.seed"].reason == "any"
    by_hand = read_scenario(str(path), ("fleets.ferry.vessels=9",))
    ferry = known_by_key(by_hand)["fleets.ferry.vessels"]
    assert (ferry.source, ferry.file, ferry.line) == ("set", "command line", "1")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fleets.vessels,row,,,", "table.name.column"),
        ("flets.*.vessels,row,,,", "did you mean 'fleets'?"),
        ("fleets.**.vessels,row,,,", "one `*` in each part"),
        ("fleets.*.vessels,assumption,,,", "an assumption without a reason"),
        ("fleets.*.vessels,F9999,why,,", "an id of seeds/figures.csv"),
        ("fleets.*.vessels,asumption,why,,", "did you mean 'assumption'?"),
        ("fleets.*.vessels,assumption,why,few,", "must be a number"),
        ("fleets.*.vessels,assumption,why", "has 3 cells where the header has 5"),
        ('fleets.*.vessels,assumption,"why', "never ends"),
    ],
)
def test_a_wrong_rule_is_refused_where_it_stands(
    make_study: Make, line: str, expected: str
) -> None:
    """Before anything is simulated, with the line of the file."""
    with pytest.raises(InputError) as caught:
        read_scenario(str(make_study({RULES: f"{HEAD}{line}\n"})))
    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    assert problem.startswith(f"networks/net/{RULES}:2:") and expected in problem


def test_a_study_may_add_figures(make_study: Make, tmp_path: Path) -> None:
    """Its own file comes over the packaged one, row by row; a bad grade is refused."""
    head = "id,value,low,high,unit,date,definition,publisher,title,url,grade\n"
    own = "Y001,4,3,6,vessels,2025,ferries in service,ASCO,letter,,"
    rules = "fleets.ferry.vessels,Y001,,,\nfleets.*.capacity_units,F127,,,\n"
    path = make_study({RULES: HEAD + rules})
    seeds = tmp_path / "seeds" / "figures.csv"
    seeds.parent.mkdir()
    seeds.write_text(f"{head}{own}B\n", encoding="utf-8", newline="")
    found = known_by_key(read_scenario(str(path)))
    assert found["fleets.ferry.vessels"][3:7] == ("Y001", "B", "3", "6")
    assert found["fleets.ferry.capacity_units"][3:5] == ("F127", "A")
    seeds.write_text(f"{head}{own}E\n", encoding="utf-8", newline="")
    with pytest.raises(InputError) as caught:
        read_scenario(str(path))
    assert caught.value.problems[0].startswith("seeds/figures.csv:2:1: Y001.grade: must be a grade")


def test_the_table_of_inputs_reads_back(base: Resolved, tmp_path: Path) -> None:
    """Sorted, the same twice, no path of a machine; each number where it was set."""
    found = numbers(base)
    assert write_inputs_resolved(found, tmp_path) == ["inputs_resolved.csv"]
    text = (tmp_path / "inputs_resolved.csv").read_text(encoding="utf-8")
    head = "key_path,value,unit,source,grade,low,high,reason,file\n"
    assert text.startswith(head) and str(Path.cwd()) not in text
    assert head.strip().split(",") == columns_of("inputs_resolved")
    assert [*columns_of("inputs_resolved"), "line"] == list(Number._fields)
    rows = list(csv.DictReader(text.splitlines()))
    keys = [row["key_path"] for row in rows]
    assert keys == sorted(keys) and len(rows) == len(found)
    (row,) = [row for row in rows if row["key_path"] == "fleets.kmtf_feeder.vessels"]
    assert (row["value"], row["unit"], row["source"]) == ("4", "vehicles", "F124")
    (number,) = [number for number in found if number.key_path == "fleets.kmtf_feeder.vessels"]
    fleets = (Path(__file__).parents[2] / row["file"]).read_text(encoding="utf-8").split("\n")
    assert fleets[int(number.line) - 1].startswith("kmtf_feeder,")
    assert inputs_of(base, tmp_path) == [number._replace(line="") for number in found]
    assert inputs_of(base, tmp_path / "no run") == found


def test_a_comparison_says_what_is_not_the_same(base: Resolved, tmp_path: Path) -> None:
    """One row a number that a scenario has otherwise than the base."""
    other = read_scenario("ferries_plus2")
    both = [(r.scenario.name, numbers(r)) for r in (base, other)]
    write_inputs_of_comparison(both, tmp_path)
    with (tmp_path / "inputs_changed.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["scenario"], row["key_path"]) == (
        "ferries_plus2",
        "fleets.rail_ferry_kuryk.vessels",
    )
    assert (row["base_value"], row["value"], row["source"]) == ("6", "8", "scenario")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("fleets.kmtf_feeder.vessels", ["= 4", "How many", "vehicles", "3 to 5", "F124, grade A",
         "TITR container forecast", "https://sia.az", "networks/middle_corridor/fleets.csv:2"]),
        ("legs.aktau__alat.length_km", ["= 468.0", "kilometres", "F309, grade B", "link.csv:"]),
        ("legs.aktau__alat.incident_mean_h", ["= 6.0", "3 to 12", "not set: the default"]),
        ("calls.kuryk_alat_ferry_kuryk.sail_rule", ["= fill_or_wait", "When a trip leaves", "F123"]),
        ("simulation.seed", ["Root of all random streams", "assumption", "base_2024.yaml:"]),
        ("fleets.kmtf_feeder", ["vessels = 4 vehicles  (F124, 3 to 5;", "capacity_teu = 225"]),
        ("legs.*__alat.length_km", ["legs.aktau__alat.length_km = 468.0 kilometres  (F309"]),
        ("F124", ["F124, grade A: 6 vessels, 2025", "Feeder fleet"]),
        ("tariffs.vot.value_usd", ["share of value per day", "F292"]),
    ],
)  # fmt: skip
def test_describe_says_all_about_a_value(base: Resolved, key: str, expected: list[str]) -> None:
    """Value, unit, source, range, meaning and place."""
    assert names_a_value(key)
    text = describe_value(key, base)
    assert [part for part in expected if part not in text] == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("fleets.kmtf_feder.vessels", "did you mean 'kmtf_feeder'?"),
        ("fleets.kmtf_feeder.vesels", "did you mean 'vessels'?"),
        ("flets.kmtf_feeder.vessels", "did you mean 'fleets'?"),
        ("simulation.sed", "did you mean 'seed'?"),
        ("fleets.kmtf_feeder.vessels.more", "a key path has 3 parts"),
        ("X999", "there is no such figure"),
    ],
)
def test_describe_says_what_was_probably_meant(base: Resolved, key: str, expected: str) -> None:
    """One line that begins with the key as typed."""
    with pytest.raises(InputError) as caught:
        describe_value(key, base)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{key}: ") and expected in problem


def test_nothing_known_is_said_plainly() -> None:
    """A scenario without provenance still describes its numbers."""
    textbook = read_scenario("mm1")
    text = describe_value("facilities.desk.service_mean_h", textbook)
    assert "source  scenario" in text and "The smallest queue" in text
    assert textbook.provenance.source_of("nodes.a.x_coord", 1.0, None, {}) == Source("", "", "", "")
