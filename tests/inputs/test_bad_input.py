"""Malformed inputs: each gives located lines that say what is wrong, found, and to be typed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corridor_sim.errors import ExitCode, InputError
from corridor_sim.inputs.read import read_scenario

Make = Callable[..., Path]
S, N = "scenarios/small.yaml", "networks/net"
VESSELS, BOXES = "vessel,4,60,aktau", "units_per_year: 900"
SIM = "simulation: {start: 2024-01-01, warm_up_d: 30, window_d: 366, reps: 2}"

# file, edit, start of the expected line, phrase in it
BAD: list[tuple[str, Any, str, str]] = [
    # YAML syntax and types
    ("small.yaml", "", f"{S}:1:", "is empty"),
    ("small.yaml", "# only a comment\n", f"{S}:1:", "is empty"),
    ("small.yaml", "- 1\n- 2\n", f"{S}:1:", "must be a mapping"),
    ("small.yaml", "just words\n", f"{S}:1:", "must be a mapping"),
    ("small.yaml", "name: a\n---\nname: b\n", f"{S}:2:", "second document"),
    ("small.yaml", "%YAML 1.1\n---\nname: a\n", f"{S}:2:", "YAML 1.2"),
    ("small.yaml", ("\n  train:", "\n\ttrain:"), f"{S}:5:", "tab"),
    ("small.yaml", (BOXES, f"{BOXES}, units_per_year: 8"), f"{S}:12:", "is given twice"),
    ("small.yaml", ("name: small", "nam: small"), f"{S}:1:1: nam:", "did you mean 'name'?"),
    ("small.yaml", ("run_cv", "run_cw"), f"{S}:4:", "did you mean 'run_cv'?"),
    ("small.yaml", (BOXES, "units_per_year: !!int 9"), f"{S}:12:", "a tag is not read"),
    ("small.yaml", (BOXES, "units_per_year: &a 9"), f"{S}:12:", "an anchor"),
    ("small.yaml", (BOXES, "units_per_year: *a"), f"{S}:12:", "an alias"),
    ("small.yaml", (BOXES, "units_per_year: 0900"), f"{S}:12:", "leading zero"),
    ("small.yaml", (BOXES, "units_per_year: 0x10"), f"{S}:12:", "in decimal"),
    ("small.yaml", (BOXES, "units_per_year: 1.5.0"), f"{S}:12:", "must be a number"),
    ("small.yaml", (BOXES, "units_per_year: '900'"), f"{S}:12:", "900 without quotes"),
    ("small.yaml", (BOXES, "units_per_year: 900,5"), f"{S}:12:", "unknown key (found '5')"),
    ("small.yaml", (BOXES, "units_per_year: .nan"), f"{S}:12:", "must be a finite number"),
    ("small.yaml", (BOXES, "units_per_year: -.inf"), f"{S}:12:", "must be a finite number"),
    ("small.yaml", (BOXES, "units_per_year: 1e999"), f"{S}:12:", "must be a finite number"),
    ("small.yaml", (BOXES, "units_per_year: true"), f"{S}:12:", "must be a number (found true)"),
    ("small.yaml", (BOXES, f"batch: null, {BOXES}"), f"{S}:12:", "must have a value (found null)"),
    ("small.yaml", ("reps: 2", "reps: " + "9" * 5000), f"{S}:13:", "5000 digits"),
    ("small.yaml", ("reps: 2", "reps: 1000000000"), f"{S}:13:", "must be <= 100000"),
    ("small.yaml", ("reps: 2", "reps: yes"), f"{S}:13:", "must be a whole number (found 'yes')"),
    ("small.yaml", ("2024-01-01", "2024-13-01"), f"{S}:13:", "is no date"),
    ("small.yaml", ("2024-01-01", "01.02.2024"), f"{S}:13:", "year first"),
    ("small.yaml", ("2024-01-01", "12:30"), f"{S}:13:", "must be a date"),
    ("small.yaml", "a: " + "[" * 3000, f"{S}:1:", "deeper than 20"),
    ("small.yaml", "a: [1, 2\nb: 3\n", f"{S}:2:", "is no YAML"),
    ("small.yaml", ("{fleets: [ferry]", "{fleets: ferry"), f"{S}:4:", "fleets: [ferry]"),
    ("small.yaml", ("boxes:", "NO:"), f"{S}:12:3:", "Fix: no"),
    ("small.yaml", (SIM, ""), f"{S}:1:1: simulation:", "is missing"),
    ("small.yaml", (SIM, "simulation: 5"), f"{S}:13:", "must be a mapping"),
    # encodings and files
    ("small.yaml", "name: é\n".encode("latin-1"), f"{S}:1:7:", "is not UTF-8 (found byte 0xe9)"),
    ("small.yaml", "name: a\n".encode("utf-16"), f"{S}:1:", "is UTF-16"),
    ("small.yaml", b"name: a\nwhy: a\0b\n", f"{S}:2:7:", "NUL"),
    ("small.yaml", b"name: a\nwhy: a\x1b[31mb\n", f"{S}:2:7:", "is no YAML"),
    ("small.yaml", ("name: small", "why: a\u202eb"), f"{S}:1:", "invisible character, U+202E"),
    ("small.yaml", ("name: small", "n\u0430me: small"), f"{S}:1:", "CYRILLIC SMALL LETTER A"),
    ("small.yaml", ("name: small", r'why: "\ud800"'), f"{S}:1:", "invisible character, U+D800"),
    ("small.yaml", "#" * 5_000_001, f"{S}:1:", "too large"),
    ("small.yaml", ("network: net", "network: ../net"), f"{S}:2:", "not by a path"),
    ("small.yaml", ("network: net", "network: https://x.org/a"), f"{S}:2:", "not by a path"),
    ("small.yaml", ("network: net", "network: nett"), f"{S}:2:", "did you mean 'net'?"),
    ("small.yaml", ("name: small", "extends: ../../secret"), f"{S}:1:", "not by a path"),
    ("small.yaml", ("name: small", "extends: small"), f"{S}:1:", "extends itself"),
    ("small.yaml", ("name: small", "extends: smal"), f"{S}:1:", "did you mean 'small'?"),
    # CSV
    ("fleets.csv", (VESSELS, "vessel,4,60"), f"{N}/fleets.csv:2:5:", "4 cells where the header"),
    ("fleets.csv", (VESSELS, f"{VESSELS},9"), f"{N}/fleets.csv:2:6:", "6 cells where the header"),
    ("fleets.csv", ("capacity_units", "vessels"), f"{N}/fleets.csv:1:4:", "two columns"),
    ("fleets.csv", ("id,kind", "name,kind"), f"{N}/fleets.csv:1:1:", "no column id"),
    ("fleets.csv", ("capacity_units", "capacity_unit"), f"{N}/fleets.csv:1:4:", "did you mean"),
    ("fleets.csv", ("capacity_units", ""), f"{N}/fleets.csv:1:4:", "a column without a name"),
    ("fleets.csv", "", f"{N}/fleets.csv:1:", "is empty"),
    ("fleets.csv", "id;kind;vessels\nferry;vessel;4\n", f"{N}/fleets.csv:1:", "semicolons"),
    ("link.csv", (",430,", ',"430,5",'), f"{N}/link.csv:2:5:", "430.5 (a point for decimals)"),
    ("link.csv", (",430,", ',"1,430",'), f"{N}/link.csv:2:5:", "no thousands separators"),
    ("link.csv", (",430,", ',"430,'), f"{N}/link.csv:2:5:", "never ends"),
    ("link.csv", (",430,", ",4\x0030,"), f"{N}/link.csv:2:", "NUL"),
    ("link.csv", (",1520,", ",1524,"), f"{N}/link.csv:2:6:", "1524 is none of 1435, 1520"),
    ("link.csv", ("beyneu_aktau,beyneu", "007,beyneu"), f"{N}/link.csv:2:1:", "Fix: x007"),
    ("link.csv", ("beyneu_aktau,beyneu", ",beyneu"), f"{N}/link.csv:2:1:", "no id"),
    ("node.csv", ("aktau,Aktau", "NA,Aktau"), f"{N}/node.csv:3:1:", "found 'NA'"),
    ("node.csv", ("aktau,Aktau", "alat,Aktau"), f"{N}/node.csv:4:1:", "two rows of this name"),
    ("node.csv", (",KZ\naktau", ",Kaz\naktau"), f"{N}/node.csv:2:5:", "two capital letters"),
    ("nodes.csv", "node_id\n", f"{N}/nodes.csv:1:", "rename it node.csv"),
    # numbers and units
    ("fleets.csv", (VESSELS, "vessel,six,60,aktau"), f"{N}/fleets.csv:2:3:", "Fix: 6"),
    ("fleets.csv", (VESSELS, "vessel,0,60,aktau"), f"{N}/fleets.csv:2:3:", "must be >= 1"),
    ("fleets.csv", (VESSELS, "vessel,1.5,60,aktau"), f"{N}/fleets.csv:2:3:", "whole number"),
    ("fleets.csv", (VESSELS, "vessel,4,-60,aktau"), f"{N}/fleets.csv:2:4:", "must be >= 1"),
    ("link.csv", (",430,", ",-430,"), f"{N}/link.csv:2:5:", "must be > 0"),
    ("small.yaml", ("run_mean_h: 18", "run_rate_per_h: 0"), f"{S}:4:", "must be > 0"),
    ("small.yaml", ("fill_units: 40", "fill_min_share: 80"), f"{S}:9:", "fill_min_share: 0.8"),
    ("small.yaml", ("fill_units: 40", "fill_min_share: 80 %"), f"{S}:9:", "80 % is 0.8"),
    ("small.yaml", ("window_d: 366, ", ""), f"{S}:13:", "the window is missing"),
    ("small.yaml", ("warm_up_d: 30", "warm_up_h: 9, warm_up_d: 3"), f"{S}:13:", "both given"),
    ("small.yaml", ("warm_up_d: 30", "warm_up_d: -3"), f"{S}:13:", "must be >= 0"),
    ("seasons.csv", ("level,0.08", "level,0.18"), f"{N}/seasons.csv:2:", "must sum to 1"),
    # graph and logic
    ("small.yaml", ("destination: alat", "destination: alatt"), f"{S}:12:", "unknown node"),
    ("small.yaml", ("season: level", "season: leevl"), f"{S}:12:", "did you mean 'level'?"),
    ("small.yaml", ("[ferry]", "[ferries]"), f"{S}:4:", "unknown fleet (found 'ferries')"),
    ("small.yaml", ("berth: alat_berth", "berth: aktau_yard"), f"{S}:10:", "must name a berth"),
    ("small.yaml", ("berth: alat_berth", "berth: aktau_berth"), f"{S}:10:", "stands at aktau"),
    ("small.yaml", ("berth: alat_berth", "unload: alat_berth"), f"{S}:10:", "a berth)"),
    ("small.yaml", ("fill_units: 40", "fill_units: 400"), f"{S}:9:", "takes 60"),
    ("small.yaml", (", fill_units: 40", ""), f"{S}:9:", "needs fill_units"),
    ("small.yaml", ("sail_rule: fill,", "sail_rule: fill_or_wait,"), f"{S}:9:", "max_wait_h"),
    ("small.yaml", ("sail_rule: at_once", "sail_rule: timetable"), f"{S}:7:", "needs every_h"),
    ("small.yaml", ("sail_rule: at_once", "sail_rule: at_one"), f"{S}:7:", "'at_once'"),
    ("small.yaml", (", run_cv: 0.2", ""), f"{S}:4:", "lognormal needs mean and cv"),
    ("small.yaml", ("run_law: lognormal", "run_law: lognormel"), f"{S}:4:", "'lognormal'"),
    ("small.yaml", ("run_law: lognormal, ", ""), f"{S}:4:", "run_cv without run_law"),
    ("small.yaml", ("gauge_mm: 1520", "gauge_mm: 1435"), f"{S}:5:", "gauge break"),
    ("small.yaml", ("{fleets: [train_set], ", "{"), f"{S}:5:", "without a vehicle"),
    ("small.yaml", ("node: alat,", "node: aktau, id: two,"), f"{S}:", "stands at alat"),
    ("small.yaml", (f"{BOXES}, season: level", "batch: 2"), f"{S}:12:", "nothing ever arrives"),
    ("small.yaml", (BOXES, f"{BOXES}, every_h: 3"), f"{S}:12:", "arrivals are given twice"),
    ("small.yaml", ("name: small", "disruptions: {d: {target: legs.x, start: 2024-02-01,"
        " end: 2024-03-01}}"), f"{S}:1:", "unknown leg (found 'x')"),
    ("small.yaml", ("name: small", "routes: {r: {demand: boxes, rides: [crossing]}}"),
        f"{S}:1:", "crossing does not call where the lots are (beyneu)"),
    ("small.yaml", ("name: small", "routes: {r: {demand: boxes, share: 0.5, rides: [crossing]}}"),
        f"{S}:1:", "must sum to 1 (found 0.5)"),
    ("small.yaml", ("name: small", "facilities: {aktau_track: {open_daily: '08:00-25:00'}}"),
        f"{S}:1:", "no such hours of the day"),
    ("small.yaml", ("name: small", "facilities: {aktau_track: {type: terminl}}"),
        f"{S}:1:", "did you mean 'terminal'?"),
    ("small.yaml", ("name: small", "facilities: {new: {node: alat}}"), f"{S}:1:", "type: one of"),
    ("small.yaml", ("name: small", "facilities: {aktau_yard: {servers: 3}}"),
        f"{S}:1:", "unknown key for this row (found 'servers')"),
    ("small.yaml", ("name: small", "nodes: {con: {}}"), f"{S}:1:", "reserved on Windows"),
    ("small.yaml", ("name: small", "services: {idle: {run_mean_h: 1}}"), f"{S}:", "given twice"),
    ("small.yaml", ("network: net", "network: {nodes: [{id: a}]}"), f"{S}:4:", "unknown fleet"),
    ("small.yaml", ("name: small", "set: {fleets.fery.vessels: 6}"), f"{S}:1:", "'ferry'"),
    ("small.yaml", ("name: small", "set: {fleet.ferry.vessels: 6}"), f"{S}:1:", "'fleets'"),
    ("small.yaml", ("name: small", "set: {fleets.ferry: 6}"), f"{S}:1:", "table.name.column"),
    ("small.yaml", ("name: small", "set: {fleets.x*.vessels: 6}"), f"{S}:1:", "matches 'x*'"),
    ("small.yaml", ("name: small", "set: {fleets.*.capacity_units: {times: 0.33}}"),
        f"{S}:1:", "60 times 0.33 is 19.8"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "edit", "place", "phrase"), BAD)
def test_bad_input_is_located_and_explained(
    make_study: Make, name: str, edit: Any, place: str, phrase: str
) -> None:
    """One line begins with the place and holds the phrase; every line has the form."""
    path = make_study({name: edit})
    with pytest.raises(InputError) as caught:
        read_scenario(str(path))
    lines = caught.value.problems
    assert caught.value.exit_code == ExitCode.BAD_INPUT
    assert any(line.startswith(place) and phrase in line for line in lines), "\n".join(lines)
    for line in lines:
        assert re.match(r"[^:\n]+:\d+:\d+: ", line), line
        assert line.isprintable(), ascii(line)
        assert len(line) < 600


def test_all_problems_come_at_once_in_order_of_lines(make_study: Make) -> None:
    """A planner corrects a file in one go."""
    path = make_study(
        {
            "small.yaml": ("reps: 2", "reps: none"),
            "fleets.csv": (VESSELS, "vessel,six,60,nowhere"),
            "link.csv": (",430,", ",0,"),
        }
    )
    with pytest.raises(InputError) as caught:
        read_scenario(str(path), ["fleets.fery.vessels=3"])
    starts = [line.split(": ")[0] for line in caught.value.problems]
    assert starts == [
        "--set:1:1",
        f"{N}/fleets.csv:2:3",
        f"{N}/fleets.csv:2:5",
        f"{N}/link.csv:2:5",
        f"{S}:13:63",
    ]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("fleets.ferry.vessels", "must be `key=value`"),
        ("fleets.ferry.vesels=3", "did you mean 'vessels'?"),
        ("fleets.ferry.vessels=[", "is no YAML"),
        ("fleets.ferry.vessels={times: 0.3}", "4 times 0.3 is 1.2"),
        ("fleets.ferry.vessels={times: x}", "takes a number"),
        (
            "demand.boxes.units_per_year=900 boxes",
            "Fix: units_per_year: a plain number; the name ends with its unit",
        ),
        ("fleets.ferry.vessels={minus: 1}", "must be a date"),
        ("fleets.train_set.vessels={plus: 1}", "needs a number to change"),
        ("fleets.*f*.vessels=1", "one `*` in each part"),
        ("fleets.ferry.vessels={times: .inf}", "takes a number"),
        ("fleets.ferry.vessels={times: .nan}", "takes a number"),
        ("simulation.window_d=1e300", "is too large"),
        ("simulation.reps=1e300", "must be a whole number"),
        ("fleets.ferry.vessels=3000000000", "is too large"),
        ("fleets.ferry.vessels=", "must have a value"),
        ("fleets.x\x1b[3m.vessels=3", "no row of fleets"),
        ("simulation.start=0001-01-01T00:00:00+05:00", "is no date"),
        ("simulation.start=0024-01-01", "the year must be"),
        ("simulation.window=3", "no column is called 'window'"),
        ("simulation.start=now", "must be a date"),
        ("facilities.aktau_yard.servers=3", "no column is called 'servers'"),
    ],
)
def test_bad_set_is_explained(make_study: Make, text: str, phrase: str) -> None:
    """The command line is located by the number of the option."""
    with pytest.raises(InputError) as caught:
        read_scenario(str(make_study()), ["simulation.seed=3", text])
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith("--set:2:1: ")
    assert caught.value.problems[0].isprintable()
    assert phrase in caught.value.problems[0]


def test_one_mistake_in_a_star_is_one_line(make_study: Make) -> None:
    """`calls.*` of four calls says what is wrong once, and of how many rows."""
    with pytest.raises(InputError) as caught:
        read_scenario(str(make_study()), ["calls.*.holds=null"])
    (line,) = caught.value.problems
    assert line.startswith("--set:1:1: calls.crossing_aktau.holds: must have a value")
    assert "here and in 3 more rows" in line


@pytest.mark.parametrize(
    "name",
    ["no_such", "../x", "a/b", "https://x.org/a.yaml", "no/such.yaml", "", "x" * 300, "a\0.yaml"],
)
def test_a_scenario_that_is_not_there_is_named(name: str) -> None:
    """Whatever is typed as a scenario's name gives one located line."""
    with pytest.raises(InputError) as caught:
        read_scenario(name)
    assert len(caught.value.problems) == 1


def test_a_table_that_cannot_be_read_is_the_only_problem(make_study: Make) -> None:
    """Rows that name its rows are not to blame."""
    path = make_study({"node.csv": "node_id;name\naktau;Aktau\n"})
    with pytest.raises(InputError) as caught:
        read_scenario(str(path))
    assert len(caught.value.problems) == 1, caught.value


def test_very_many_problems_are_cut(make_study: Make) -> None:
    """A terminal shows the first ones, not the last."""
    path = make_study({"laws.csv": "id,family\n" + "9,x\n" * 3000})
    with pytest.raises(InputError, match="more problems are not listed") as caught:
        read_scenario(str(path))
    assert len(caught.value.problems) == 201


def test_folders_and_pipes_are_no_files(make_study: Make, tmp_path: Path) -> None:
    """Reading a pipe would wait for ever."""
    path = make_study({"small.yaml": "network: net\n"})
    (tmp_path / "networks/net/laws.csv").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "networks/net/calls.csv")
    with pytest.raises(InputError, match="is no regular file"):
        read_scenario(str(path))


def test_links_do_not_lead_out_of_the_study(make_study: Make, tmp_path: Path) -> None:
    """A scenario from elsewhere must not read this computer's files."""
    path = make_study()
    outside = tmp_path.parent / f"{tmp_path.name}_outside.csv"
    outside.write_text("id,kind\nferry,vessel\n", encoding="utf-8", newline="")
    (tmp_path / "networks/net/fleets.csv").unlink()
    (tmp_path / "networks/net/fleets.csv").symlink_to(outside)
    with pytest.raises(InputError, match="leads out of the study folder"):
        read_scenario(str(path))


def test_parents_in_a_ring_are_found(make_study: Make) -> None:
    """a extends b extends a."""
    path = make_study({"small.yaml": "extends: two\n", "two.yaml": "extends: small\n"})
    with pytest.raises(InputError, match="extends itself"):
        read_scenario(str(path))


def test_a_misspelt_setting_is_all_that_is_said_of_its_rows(make_study: Make) -> None:
    """A call that may not swap, and a setting that would take it out but for a letter: that the call is
    no good is no second mistake. Of other rows mistakes are told all the same."""
    sets = ["calls.train_aktau.load_yard=aktau_yard", "calls.train_aktau.swap=true"]
    good = [*sets, "calls.*.swap=false", "fleets.ferry.start_at=baku"]
    bad = [*sets, "calls.*.swop=false", "fleets.ferry.start_at=baku"]
    for given, n in ((good, 1), (bad, 2)):
        with pytest.raises(InputError) as caught:
            read_scenario(str(make_study()), given)
        assert len(caught.value.problems) == n, caught.value.problems
    assert any("did you mean 'swap'?" in line for line in caught.value.problems)
