"""Networks as workbooks: what Excel's types mean, where its mistakes stand, and back again."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.network import network_lines
from corridor_sim.inputs.places import Place, find_network
from corridor_sim.inputs.problems import Where
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.resolved import to_yaml
from corridor_sim.outputs.network_export import export

ArrayFormula = openpyxl.worksheet.formula.ArrayFormula
ROOT = Path(__file__).parents[2]
Make = Callable[..., Path]
Edit = Callable[[Any], object]


@pytest.fixture
def book_study(make_study: Make, tmp_path: Path) -> Callable[..., Path]:
    """The small study with its network as a workbook, after `edit(workbook)` by openpyxl."""

    def make(edit: Edit | None = None) -> Path:
        path = make_study()
        folder = tmp_path / "networks" / "net"
        (content,) = export(Place("net", folder, tmp_path), "xlsx").values()
        book = tmp_path / "networks" / "net.xlsx"
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        book.write_bytes(content)
        if edit is not None:
            workbook = openpyxl.load_workbook(book)
            edit(workbook)
            workbook.save(book)
        return path

    return make


def cell(sheet: str, where: str, value: Any, number_format: str | None = None) -> Edit:
    """An edit of one cell."""

    def edit(book: Any) -> None:
        book[sheet][where] = value
        if number_format:
            book[sheet][where].number_format = number_format

    return edit


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_scenario(str(path))
    return raised.value.problems


def same(one: Resolved, other: Resolved) -> bool:
    return one.scenario == other.scenario and to_yaml(one.scenario) == to_yaml(other.scenario)


def test_a_workbook_reads_as_the_folder_that_it_was_made_of(
    make_study: Make, book_study: Callable[..., Path]
) -> None:
    """The same scenario; origins name file, sheet and row."""
    folder = read_scenario(str(make_study()))
    book = read_scenario(str(book_study()))
    assert same(folder, book)
    assert book.origin["fleets.ferry.vessels"] == "networks/net.xlsx:fleets:2"
    assert [name for role, name, _ in book.files if role == "network"] == ["networks/net.xlsx"]


def test_the_base_survives_excel_and_back(tmp_path: Path) -> None:
    """Folder -> workbook -> scenario is the same; -> CSV files: the bytes of folder -> CSV files."""
    folder = Place("middle_corridor", ROOT / "networks" / "middle_corridor", ROOT)
    (tmp_path / "networks").mkdir()
    path = tmp_path / "networks" / "middle_corridor.xlsx"
    path.write_bytes(export(folder, "xlsx")[""])
    book = Place("middle_corridor", path, tmp_path)
    assert export(book, "csv") == export(folder, "csv")
    (tmp_path / "scenarios").mkdir()
    scenario = tmp_path / "scenarios" / "base_2024.yaml"
    scenario.write_bytes((ROOT / "scenarios" / "base_2024.yaml").read_bytes())
    read = read_scenario(str(scenario))
    files = ("scenarios/base_2024.yaml", "networks/middle_corridor.xlsx")
    assert read.taken == tuple((file, f"folder {tmp_path.name}") for file in files)
    original = read_scenario(str(ROOT / "scenarios" / "base_2024.yaml"))
    assert same(read, original)
    rules, expected = (
        [rule._replace(where=Where("")) for rule in made.provenance.rules]
        for made in (read, original)
    )
    assert rules == expected
    assert len(rules) > 50
    assert read.observations == original.observations


def test_csv_files_survive_excel_byte_for_byte(make_study: Make, tmp_path: Path) -> None:
    """Trailing zeros, exponents, leading zeros, long numbers, zones and accents too."""
    rows = (
        "node_id,name,x_coord,y_coord,un_locode\n"
        'a,"Kapı, \'007\' ""x""",10.0,0.30000000000000004,007\n'
        "b,=1+1,1e1,12.3456789012345678,  KZAAU\n"
        "c,2024-01-31,-0.50,5,true\n"
    )
    legs = (
        "link_id,from_node_id,to_node_id,directed,length_km,speed_kmh,open_from\n"
        "ab,a,b,true,250.00,30,2024-05-20\n"
        "bc,b,c,false,3e2,30.5,2024-05-20T06:00:00Z\n"
        "ca,c,a,,3000,30,2024-05-20T06:00:00+05:00\n"
    )
    make_study({"node.csv": rows, "link.csv": legs})
    folder = Place("net", tmp_path / "networks" / "net", tmp_path)
    path = tmp_path / "back.xlsx"
    path.write_bytes(export(folder, "xlsx")[""])
    back = export(Place("net", path, tmp_path), "csv")
    for name, content in back.items():
        assert content == (folder.path / name).read_bytes(), name


def test_exported_cells_are_typed_for_excel(make_study: Make, tmp_path: Path) -> None:
    """Numbers as numbers, dates as dates, text as text; headers frozen; a README first."""
    make_study(
        {"link.csv": ("gauge_mm,speed_kmh\nbeyneu_aktau,beyneu,aktau,rail,430,1520,30", "gauge_mm,"
         "speed_kmh,directed,open_from\nbeyneu_aktau,beyneu,aktau,rail,430,1520,30,true,2024-05-20")}
    )  # fmt: skip
    folder = Place("net", tmp_path / "networks" / "net", tmp_path)
    content = export(folder, "xlsx")[""]
    assert content == export(folder, "xlsx")[""]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["README", "facilities", "fleets", "link", "node", "seasons"]
    sheet = book["link"]
    assert sheet.freeze_panes == "B2"
    row = {head.value: value.value for head, value in zip(sheet[1], sheet[2], strict=True)}
    assert row["length_km"] == 430
    assert row["directed"] is True
    assert row["open_from"] == datetime(2024, 5, 20)
    assert row["mode"] == "rail"
    assert "Length" in sheet["E1"].comment.text
    readme = [[cell.value for cell in row] for row in book["README"].iter_rows()]
    assert ["link", "length_km", "kilometres", "Length."] in readme


SAME: list[Edit] = [
    cell("fleets", "C2", 4.0),
    cell("fleets", "C2", "4"),
    cell("fleets", "C2", 4, "0.00"),
    cell("fleets", "B2", " vessel "),
    cell("seasons", "B2", 0.08, "0%"),
    cell("seasons", "B2", 0.08, "0.0"),
    cell("fleets", "Z40", "   "),
    cell("README", "A1", "whatever"),
    cell("fleets", "A1048576", None, "0.0"),
    cell("fleets", "XFD3", None, "0.0"),
    lambda book: book.create_sheet("my notes").append(["=1/0", 5]),
    lambda book: book["fleets"].insert_rows(2),
    lambda book: book["fleets"].insert_rows(1),
    lambda book: book.remove(book["README"]),
]


@pytest.mark.parametrize("edit", SAME)
def test_what_people_do_in_excel_does_not_matter(
    book_study: Callable[..., Path], make_study: Make, edit: Edit
) -> None:
    """Formats, blank rows, other sheets."""
    expected = read_scenario(str(make_study()))
    assert same(read_scenario(str(book_study(edit))), expected)


def test_typed_cells_mean_what_they_show(book_study: Callable[..., Path]) -> None:
    """Dates in date columns; numbers, dates and 007 in text columns stay what one sees."""

    def edit(book: Any) -> None:
        sheet = book["link"]
        sheet["H1"], sheet["H2"] = "open_from", datetime(2024, 5, 20)
        sheet["I1"], sheet["I2"] = "directed", False
        sheet["J1"], sheet["J2"] = "note", 7
        book["node"]["F1"], book["node"]["F2"], book["node"]["F3"] = "un_locode", "007", 12.5

    scenario = read_scenario(str(book_study(edit))).scenario
    leg = scenario.legs["beyneu_aktau"]
    assert leg.open_from is not None
    assert leg.open_from.isoformat() == "2024-05-20T00:00:00+00:00"
    assert (leg.directed, leg.note) == (False, "7")
    assert "directed" in leg.model_fields_set
    assert scenario.nodes["beyneu"].un_locode == "007"
    assert scenario.nodes["aktau"].un_locode == "12.5"


def test_a_formula_counts_with_the_value_that_excel_reckoned(
    book_study: Callable[..., Path], tmp_path: Path
) -> None:
    """Excel keeps it beside the formula."""
    path = book_study(cell("fleets", "C2", "=2+3"))
    book = tmp_path / "networks" / "net.xlsx"
    rewrite(book, b"<f>2+3</f><v />", b"<f>2+3</f><v>5</v>")
    assert read_scenario(str(path)).scenario.fleets["ferry"].vessels == 5


def test_a_formula_that_gives_no_text_is_an_empty_cell(
    book_study: Callable[..., Path], tmp_path: Path
) -> None:
    """`=IF(..., "")` is how people leave a cell empty."""
    path = book_study(cell("fleets", "E2", '=""'))
    rewrite(tmp_path / "networks" / "net.xlsx", b'<f>""</f><v />', b'<f>""</f><v></v>')
    assert "a formula without a value" in problems(path)[0]
    rewrite(tmp_path / "networks" / "net.xlsx", b'<c r="E2"><f>""', b'<c r="E2" t="str"><f>""')
    assert read_scenario(str(path)).scenario.fleets["ferry"].start_at is None


def rewrite(book: Path, old: bytes, new: bytes) -> None:
    """Change the XML of the one sheet that holds `old`."""
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert sum(content.count(old) for content in parts.values()) == 1
    with zipfile.ZipFile(book, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(old, new))


FLEETS = "networks/net.xlsx:fleets"
BAD: list[tuple[Edit, list[str]]] = [
    (cell("fleets", "C2", "=2+3"), [f"{FLEETS}:2:3: fleets.ferry.vessels: a formula without a value"]),
    (cell("fleets", "C2", ArrayFormula("C2:C3", "=A1:A2")), [f"{FLEETS}:2:3: fleets.ferry.vessels: a formula without a value"]),
    (cell("fleets", "C2", "#REF!"), [f"{FLEETS}:2:3: fleets.ferry.vessels: an error of Excel (found '#REF!')"]),
    (cell("fleets", "C2", "six"), [f"{FLEETS}:2:3: fleets.ferry.vessels: must be a whole number"]),
    (cell("fleets", "C2", 2.5), [f"{FLEETS}:2:3: fleets.ferry.vessels: must be a whole number"]),
    (cell("fleets", "C2", 0), [f"{FLEETS}:2:3: fleets.ferry.vessels: must be >= 1"]),
    (cell("fleets", "C2", True), [f"{FLEETS}:2:3: fleets.ferry.vessels: must be a whole number"]),
    (cell("fleets", "C2", "007"), [f"{FLEETS}:2:3: fleets.ferry.vessels: a number with a leading zero"]),
    (cell("fleets", "C2", date(2024, 2, 1)), [f"{FLEETS}:2:3: fleets.ferry.vessels: must be a whole number"]),
    (cell("fleets", "D2", time(4, 30)), [f"{FLEETS}:2:4: fleets.ferry.capacity_units: must be a whole number"]),
    (cell("fleets", "C1", "vesels"), [f"{FLEETS}:1:3: fleets.vesels: unknown column"]),
    (cell("fleets", "C1", None), [f"{FLEETS}:1:3: fleets: a column without a name"]),
    (cell("fleets", "F2", "x"), [f"{FLEETS}:2:6: fleets.ferry: has 6 cells where the header has 5"]),
    (cell("fleets", "XFD3", "x"), [f"{FLEETS}:3:1: is larger than 200,000 rows of 500 columns"]),
    (cell("fleets", "A1", "name"), [f"{FLEETS}:1:1: fleets: the header has no column id"]),
    (cell("fleets", "A2", None), [f"{FLEETS}:2:1: fleets: the row has no id"]),
    (lambda book: setattr(book["fleets"], "title", "Fleet"), ["networks/net.xlsx:Fleet:1:1: no table is called 'Fleet.csv'"]),
    (cell("link", "E2", datetime(2024, 1, 1)), ["networks/net.xlsx:link:2:5: legs.beyneu_aktau.length_km: must be a number"]),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "starts"), BAD)
def test_mistakes_are_located_by_sheet_and_row(
    book_study: Callable[..., Path], edit: Edit, starts: list[str]
) -> None:
    """File, sheet, row, column; then key, what is wrong and how to put it right."""
    found = problems(book_study(edit))
    for start in starts:
        (line,) = [line for line in found if line.startswith(start)]
        assert "Fix: " in line


def test_all_mistakes_of_a_workbook_are_told_at_once(book_study: Callable[..., Path]) -> None:
    """Unreadable cells do not hide the others."""

    def edit(book: Any) -> None:
        book["fleets"]["C2"] = "=1+1"
        book["fleets"]["D2"] = "many"
        book["node"]["C2"] = 500

    starts = [line.split(" must")[0].split(" a formula")[0] for line in problems(book_study(edit))]
    assert starts == [
        f"{FLEETS}:2:3: fleets.ferry.vessels:",
        f"{FLEETS}:2:4: fleets.ferry.capacity_units:",
        "networks/net.xlsx:node:2:3: nodes.beyneu.x_coord:",
    ]


def huge() -> bytes:
    """A small file that unpacks to 200 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return buffer.getvalue()


def truncated() -> bytes:
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()[:2000]


def empty_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (lambda: b"", "is no workbook"),
        (lambda: b"id,name\n", "is no workbook"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is no workbook"),
        (truncated, "is no workbook"),
        (empty_zip, "is no workbook"),
        (huge, "unpacks to 200,000,000 bytes"),
    ],
)
def test_files_that_are_no_workbooks_are_refused(
    book_study: Callable[..., Path], tmp_path: Path, content: Callable[[], bytes], what: str
) -> None:
    """A CSV or an old .xls renamed, a password, half a download, a bomb."""
    path = book_study()
    (tmp_path / "networks" / "net.xlsx").write_bytes(content())
    (line,) = problems(path)
    assert line.startswith(f"networks/net.xlsx:1:1: {what}")
    assert "Fix: " in line


def test_a_folder_and_a_workbook_of_one_name_are_refused(make_study: Make, tmp_path: Path) -> None:
    """Nobody could tell which of them was edited last."""
    path = make_study()
    (tmp_path / "networks" / "net.xlsx").write_bytes(b"")
    (line,) = problems(path)
    assert line.startswith("scenarios/small.yaml:2:1: network: networks/net/ and networks/net.xlsx")


def test_the_first_study_folder_counts_for_networks(tmp_path: Path) -> None:
    """A workbook here before a folder in the package."""
    here, package = tmp_path / "here", tmp_path / "package"
    for folder in (here / "networks", package / "networks" / "net"):
        folder.mkdir(parents=True)
    (here / "networks" / "net.xlsx").write_bytes(b"")
    place = find_network("net", [here, package], Where("x"))
    assert place.display == "networks/net.xlsx"
    assert find_network("net", [package, here], Where("x")).display == "networks/net"


@pytest.mark.parametrize("library", ["openpyxl", "xlsxwriter"])
def test_without_the_extra_the_message_says_what_to_install(
    book_study: Callable[..., Path], tmp_path: Path, library: str
) -> None:
    """Exit code 2 and one line; in a process of its own, where the library cannot be imported."""
    book_study()
    code = f"import sys; sys.modules[{library!r}] = None; from corridor_sim.cli import main; "
    form = "csv" if library == "openpyxl" else "xlsx"
    name = "net" if library == "openpyxl" else "middle_corridor"
    done = subprocess.run(
        [sys.executable, "-c", code + f"sys.exit(main(['network', 'export', {name!r}, '--to', {form!r}]))"],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("Fix: pip install openpyxl xlsxwriter")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["networks", "scenarios"]


def test_lines_of_a_workbook_are_those_of_its_sheets(book_study: Callable[..., Path]) -> None:
    """By name, README left out, each with its row number."""
    book = book_study().parents[1] / "networks" / "net.xlsx"
    lines = network_lines(Place("net", book, book.parents[1]))
    assert list(lines) == ["facilities", "fleets", "link", "node", "seasons"]
    assert [line.number for line in lines["node"]] == [1, 2, 3, 4]
