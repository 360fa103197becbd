"""Good inputs that look unusual: `validate` accepts each, and each means what was meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from corridor_sim.cli import main
from corridor_sim.inputs.read import read_scenario
from corridor_sim.inputs.resolved import key_paths
from tests.inputs.conftest import NETWORK, SCENARIO

S = "scenarios/small.yaml"
TOP, BOXES, FERRY = "name: small", "units_per_year: 900", "ferry,vessel,4,60,aktau"
AKTAU = "aktau,Aktau,51.15,43.60,KZ"
DISRUPTIONS = "id,target,start,end\nworks,legs.beyneu_aktau,"


class Good(NamedTuple):
    """One unusual spelling, a key path, and the value that it must have."""

    what: str
    edits: dict[str, Any]
    key: str
    value: Any


def top(text: str) -> dict[str, Any]:
    """An edit that adds a line at the top of the scenario."""
    return {"small.yaml": (TOP, f"{text}\nname: small")}


def boxes(text: str) -> dict[str, Any]:
    """An edit in the scenario's row of demand."""
    return {"small.yaml": (BOXES, text)}


def instant(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def widened(text: str) -> str:
    """A table with two blank columns behind, as a spreadsheet saves it."""
    return "".join(f"{line},,\n" for line in text.splitlines())


G = Good
GOOD = [
    # YAML
    G("byte order mark", {"small.yaml": "\ufeff" + SCENARIO}, "simulation.reps", 2),
    G("CRLF", {"small.yaml": SCENARIO.replace("\n", "\r\n")}, "simulation.reps", 2),
    G("no line end at the end", {"small.yaml": SCENARIO.rstrip()}, "simulation.reps", 2),
    G("marks of the document", {"small.yaml": f"%YAML 1.2\n---\n{SCENARIO}...\n"}, "simulation.reps", 2),
    G("comments and blank lines", {"small.yaml": SCENARIO.replace("\n", "  # why\n\n# more\n")}, "simulation.reps", 2),
    G("simulation first", {"small.yaml": "\n".join(sorted(SCENARIO.splitlines()[-1:])) + "\n" + "\n".join(SCENARIO.splitlines()[:-1]) + "\n"}, "simulation.reps", 2),
    G("quoted keys", {"small.yaml": ("reps: 2", '"reps": 2')}, "simulation.reps", 2),
    G("1e3", boxes("units_per_year: 1e3"), "demand.boxes.units_per_year", 1000.0),
    G("1e3 for a count", {"small.yaml": ("reps: 2", "reps: 1e3")}, "simulation.reps", 1000),
    G("a point first, a point last", boxes(f"{BOXES}, before_factor: .5, after_factor: 2."), "demand.boxes.before_factor", 0.5),
    G("whole number for a share", {"small.yaml": ("fill_units: 40", "fill_min_share: 1")}, "calls.crossing_aktau.fill_min_share", 1.0),
    G("seed of 18 digits", {"small.yaml": ("reps: 2", "seed: " + "7" * 18)}, "simulation.seed", int("7" * 18)),
    G("leap day", {"small.yaml": ("start: 2024-01-01", "start: 2024-02-29")}, "simulation.start", instant(2024, 2, 29)),
    G("instant with Z", {"small.yaml": ("start: 2024-01-01", "start: 2024-01-01T06:30:00Z")}, "simulation.start", instant(2024, 1, 1, 6, 30)),
    G("instant with an offset", {"small.yaml": ("start: 2024-01-01", "start: 2024-01-01T05:00:00+05:00")}, "simulation.start", instant(2024, 1, 1)),
    G("instant over a year's end", {"small.yaml": ("start: 2024-01-01", "start: 2024-01-01 02:00:00+05:00")}, "simulation.start", instant(2023, 12, 31, 21)),
    G("Norway", top("nodes: {aktau: {country: NO}}"), "nodes.aktau.country", "NO"),
    G("folded text", top("question: >-\n  how\n  long?"), "question", "how long?"),
    G("block text", top("why: |\n  one: 1\n  two"), "why", "one: 1\ntwo\n"),
    G("text in Azerbaijani", top("question: Ələtdə nə qədər?"), "question", "Ələtdə nə qədər?"),
    G("one text for a list", top("notes: only one"), "notes", ("only one",)),
    G("empty sections", top("routes:\nlaws: {}\nset:\nexpect: []"), "simulation.reps", 2),
    G("null takes a value out", top("set: {demand.boxes.season: null}"), "demand.boxes.season", None),
    G("a rate for a mean", top("set: {services.crossing.run_rate_per_h: 0.05}"), "services.crossing.run_mean_h", None),
    G("hours for days", top("set: {simulation.window_h: 4800}"), "simulation.window_d", None),
    G("dates in any order", top("set: {fleets.ferry.vessels: {2024-07-01: 6, 2024-01-01: 4}}"), "fleets.ferry.vessels", {"2024-01-01": 4, "2024-07-01": 6}),
    # CSV
    G("byte order mark in a table", {"node.csv": "\ufeff" + NETWORK["node.csv"]}, "nodes.aktau.name", "Aktau"),
    G("CRLF in a table", {"node.csv": NETWORK["node.csv"].replace("\n", "\r\n")}, "nodes.aktau.country", "KZ"),
    G("no line end in a table", {"node.csv": NETWORK["node.csv"].rstrip()}, "nodes.alat.country", "AZ"),
    G("blank lines and rows of commas", {"node.csv": NETWORK["node.csv"].replace("\n", "\n\n,,,,\n")}, "nodes.aktau.name", "Aktau"),
    G("blank columns behind", {"node.csv": widened(NETWORK["node.csv"])}, "nodes.aktau.country", "KZ"),
    G("blank cells behind a row", {"node.csv": (AKTAU, f"{AKTAU},,")}, "nodes.aktau.country", "KZ"),
    G("every cell quoted", {"link.csv": '"link_id","from_node_id","to_node_id","length_km","gauge_mm","speed_kmh"\n"beyneu_aktau","beyneu","aktau","430","1520","30"\n'}, "legs.beyneu_aktau.length_km", 430.0),
    G("columns in another order", {"fleets.csv": "start_at,id,capacity_units,vessels,kind\naktau,ferry,60,4,vessel\n,train_set,50,unlimited,train_set\n"}, "fleets.ferry.capacity_units", 60),
    G("1e3 in a cell", {"link.csv": (",430,", ",4.3e2,")}, "legs.beyneu_aktau.length_km", 430.0),
    G("60.0 for a count", {"fleets.csv": (FERRY, "ferry,vessel,4.0,60.0,aktau")}, "fleets.ferry.capacity_units", 60),
    G("TRUE", {"link.csv": "link_id,from_node_id,to_node_id,length_km,speed_kmh,directed\nbeyneu_aktau,beyneu,aktau,430,30,FALSE\nback,aktau,beyneu,430,30,TRUE\n"}, "legs.back.directed", True),
    G("composed letters", {"node.csv": (AKTAU, AKTAU.replace("Aktau,", "T\u00fcrkmenba\u015fy,"))}, "nodes.aktau.name", "T\u00fcrkmenba\u015fy"),
    G("quotes in quotes", {"node.csv": (AKTAU, AKTAU.replace("Aktau", '"Aktau, ""North"""'))}, "nodes.aktau.name", 'Aktau, "North"'),
    G("two lines in a cell", {"node.csv": (AKTAU, AKTAU.replace("Aktau", '"Ak\r\ntau"'))}, "nodes.aktau.name", "Ak\r\ntau"),
    G("Norway in a cell", {"node.csv": (AKTAU, AKTAU.replace("KZ", "NO"))}, "nodes.aktau.country", "NO"),
    G("date in a cell", {"disruptions.csv": f"{DISRUPTIONS}2024-03-01,2024-03-09T12:00Z\n"}, "disruptions.works.end", instant(2024, 3, 9, 12)),
    G("dates and counts in a cell", {"fleets.csv": (FERRY, "ferry,vessel,2024-01-01: 4; 2024-07-01: 6;,60,aktau")}, "fleets.ferry.vessels", {"2024-01-01": 4, "2024-07-01": 6}),
    G("list with spaces and an end", {"routes.csv": "id,demand,rides\nr,boxes,train ; crossing;\n"}, "routes.r.rides", ("train", "crossing")),
    G("header only", {"laws.csv": "id,family\n"}, "simulation.reps", 2),
    G("other files in the folder", {"my_notes.csv": "anything;at all\n"}, "simulation.reps", 2),
]  # fmt: skip


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.what)
def test_validate_accepts(
    make_study: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    case: Good,
) -> None:
    """Exit 0, no warning, and the value that was meant."""
    path = make_study(case.edits)
    monkeypatch.chdir(tmp_path)
    assert main(["validate", S]) == 0, capsys.readouterr().err
    out, err = capsys.readouterr()
    assert (out, err) == (f"{S}: valid (1 demand rows, 2 services)\n", "")
    found = key_paths(read_scenario(str(path)).scenario).get(case.key)
    assert (found, type(found)) == (case.value, type(case.value))


PLAUSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"small.yaml": ("run_mean_h: 18", "run_mean_h: 1080")}, f"{S}:4:51", "18 if minutes were meant"),
    ({"facilities.csv": ("alat_berth,berth,alat,1,,10", "alat_berth,berth,alat,1,,1200")}, "networks/net/facilities.csv:3:6", "20 if minutes were meant"),
    ({"node.csv": ("51.15,43.60", "43.60,51.15")}, "networks/net/link.csv:2:5", "swapped, they would fit"),
    ({"small.yaml": ("warm_up_d: 30", "warm_up_d: 9000")}, f"{S}:13:33", "most of the run is thrown away"),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "place", "words"), PLAUSIBLE)
def test_validate_accepts_with_a_warning(
    make_study: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    edits: dict[str, Any],
    place: str,
    words: str,
) -> None:
    """Minutes for hours, swapped coordinates, a warm-up far beyond the window: possible, but."""
    make_study(edits)
    monkeypatch.chdir(tmp_path)
    assert main(["validate", S]) == 0
    warnings = [x for x in capsys.readouterr().out.splitlines() if x.startswith("warning: ")]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"warning: {place}") and words in warnings[0]


def test_there_are_enough_good_variants() -> None:
    """Twenty at least."""
    print(f"{len(GOOD)} good variants")
    assert len({case.what for case in GOOD}) == len(GOOD) >= 20
