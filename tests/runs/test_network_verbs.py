"""`network export` and `network package`: other tools can read what they write, and it is current."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from corridor_sim.errors import ExitCode
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.schema_json import schema_text
from corridor_sim.outputs.network_files import network_files

ROOT = Path(__file__).parents[2]
NETWORK = ROOT / "networks" / "middle_corridor"
BASE = Place("middle_corridor", NETWORK, ROOT)
Cli = Callable[..., Any]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder: networks come from the package."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["datapackage.json", "network.vrt"])
def test_files_beside_the_tables_are_current(name: str) -> None:
    """After a change of the schema or of a header: `corridor-sim network package middle_corridor`."""
    assert (NETWORK / name).read_text(encoding="utf-8") == network_files(BASE)[name]


def test_the_schema_for_editors_is_current() -> None:
    """After a change of the schema: `corridor-sim schema > scenarios/scenario.schema.json`."""
    committed = (ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text()


def test_the_package_of_the_base_is_valid() -> None:
    """By frictionless: every table, type, bound, key and reference."""
    import frictionless  # slow to load; the extra `test` has it

    report = frictionless.validate(str(NETWORK / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])
    assert {task.name for task in report.tasks} == {path.stem for path in NETWORK.glob("*.csv")}


def test_frictionless_sees_what_the_package_forbids(cli: Cli, study: Path) -> None:
    """A valid report means something: an unknown node, a bad number and a doubled id are found."""
    import frictionless  # slow to load; the extra `test` has it

    assert cli("network", "package", "net").code == 0
    package = study / "networks" / "net" / "datapackage.json"
    assert frictionless.validate(str(package)).valid
    link = study / "networks" / "net" / "link.csv"
    text = link.read_text(encoding="utf-8")
    spoilt = text + "sea,aktau,nowhere,sea,-5,25\nrail,alat,baku,rail,many,30\n"
    link.write_text(spoilt, encoding="utf-8", newline="")
    kinds = {row[0] for row in frictionless.validate(str(package)).flatten(["type"])}
    assert kinds == {"constraint-error", "foreign-key", "primary-key", "type-error"}


def test_every_column_of_a_table_is_described() -> None:
    """From the docstrings; only the months of the weather speak for themselves."""
    package = network_files(BASE)["datapackage.json"]
    for resource in json.loads(package)["resources"]:
        for field in resource["schema"]["fields"]:
            is_month = field["name"][:1] in "mrs" and field["name"][1:].isdigit()
            assert is_month or field.get("description"), (resource["name"], field["name"])


def test_the_vrt_names_files_beside_it_and_columns_that_are_there() -> None:
    """Well formed, relative, and complete; GDAL itself is not needed for this test."""
    root = ElementTree.parse(NETWORK / "network.vrt").getroot()
    layers = {layer.get("name"): layer for layer in root}
    assert set(layers) == {"nodes", "legs"}
    for source in root.iter("SrcDataSource"):
        assert source.get("relativeToVRT") == "1"
        assert (NETWORK / str(source.text)).exists()
    for layer, name in (("nodes", "node"), ("legs", "link")):
        header = next(csv.reader((NETWORK / f"{name}.csv").open(encoding="utf-8", newline="")))
        assert [field.get("src") for field in layers[layer].iter("Field")] == header


def test_the_vrt_opens_in_gdal() -> None:
    """Where a GDAL for Python is installed: points and lines of the base, as many as rows."""
    pyogrio = pytest.importorskip("pyogrio")
    for layer, name, shape in (("nodes", "node", "Point"), ("legs", "link", "LineString")):
        info = pyogrio.read_info(NETWORK / "network.vrt", layer=layer, force_feature_count=True)
        assert (info["geometry_type"], info["crs"]) == (shape, "EPSG:4326")
        assert info["features"] == len(rows(NETWORK / f"{name}.csv"))


NODES = (
    "node_id,name,x_coord,y_coord\naktau,=Aktau,51.2,43.6\nalat,Alat,49.4,40\nbaku,Baku,49.9,40.4\n"
)
LEGS = (
    "link_id,from_node_id,to_node_id,mode,length_km,speed_kmh\n"
    "sea,aktau,alat,sea,470,25\nrail,alat,baku,rail,70.5,30\n"
)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study folder, which is the working folder, with a network of three nodes."""
    folder = tmp_path / "networks" / "net"
    folder.mkdir(parents=True)
    (folder / "node.csv").write_text(NODES, encoding="utf-8", newline="")
    (folder / "link.csv").write_text(LEGS, encoding="utf-8", newline="")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_people_keep_what_they_wrote_into_the_package(cli: Cli, study: Path) -> None:
    """Title and licence stay; columns follow the tables."""
    path = study / "networks" / "net" / "datapackage.json"
    assert cli("network", "package", "net").code == 0
    content = json.loads(path.read_text(encoding="utf-8"))
    content["title"] = "Our network"
    path.write_text(json.dumps(content), encoding="utf-8", newline="")
    link = study / "networks" / "net" / "link.csv"
    link.write_text(LEGS.replace(",mode,", ",mode,").replace("speed_kmh\n", "speed_kmh,note\n")
        .replace(",25\n", ",25,a\n").replace(",30\n", ",30,\n"), encoding="utf-8", newline="")  # fmt: skip
    assert cli("network", "package", "net").code == 0
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["title"] == "Our network"
    assert [f["name"] for f in content["resources"][0]["schema"]["fields"]][-1] == "note"


def test_geojson_has_a_feature_for_every_node_and_leg(cli: Cli, study: Path) -> None:
    """Longitude first, as RFC 7946 says; a node without coordinates has no geometry."""
    node = study / "networks" / "net" / "node.csv"
    node.write_text(NODES + "z,Zharyk,,\n", encoding="utf-8", newline="")
    answer = cli("network", "export", "net", "--to", "geojson", "--out", "map.geojson")
    assert (answer.code, answer.out) == (0, "map.geojson\n")
    assert answer.err == "net: networks/net (this folder)\n"
    content = json.loads(Path("map.geojson").read_text(encoding="utf-8"))
    features = {feature["id"]: feature for feature in content["features"]}
    assert list(features) == ["nodes.aktau", "nodes.alat", "nodes.baku", "nodes.z", "legs.rail", "legs.sea"]  # fmt: skip
    assert features["nodes.aktau"]["geometry"] == {"type": "Point", "coordinates": [51.2, 43.6]}
    assert features["nodes.z"]["geometry"] is None
    line = features["legs.sea"]
    assert line["geometry"]["coordinates"] == [[51.2, 43.6], [49.4, 40.0]]
    assert line["properties"]["length_km"] == 470
    assert line["properties"]["table"] == "legs"


def test_a_package_that_is_no_json_is_refused_where_it_stands(cli: Cli, study: Path) -> None:
    """What people edit by hand they also break."""
    path = study / "networks" / "net" / "datapackage.json"
    for text in ('{"title": "a",\n oops}', "[1]"):
        path.write_text(text, encoding="utf-8", newline="")
        answer = cli("network", "package", "net")
        assert answer.code == ExitCode.BAD_INPUT
        line = answer.err.splitlines()[-1]
        assert line.startswith("networks/net/datapackage.json:2:2" if "oops" in text else "networks/net/datapackage.json:1:1")  # fmt: skip
        assert path.read_text(encoding="utf-8") == text


def test_files_of_any_name_beside_the_tables_are_described(cli: Cli, study: Path) -> None:
    """Names of resources are plain; paths are those of the files."""
    other = study / "networks" / "net" / "My Notes (2).csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8", newline="")
    assert cli("network", "package", "net").code == 0
    package = study / "networks" / "net" / "datapackage.json"
    resources = json.loads(package.read_text(encoding="utf-8"))["resources"]
    assert ("my_notes__2_", other.name) in [(r["name"], r["path"]) for r in resources]
    answer = cli("network", "export", "net", "--to", "xlsx")
    assert answer.code == 0, answer.err
    other.rename(other.with_name("a table whose name is far too long.csv"))
    answer = cli("network", "export", "net", "--to", "xlsx", "--out", "b.xlsx")
    assert answer.code == ExitCode.BAD_INPUT
    assert "a table whose name is far too long: is no name of a sheet" in answer.err


def test_gmns_has_the_columns_and_units_of_the_specification(cli: Cli, study: Path) -> None:
    """node and link with what GMNS requires, config with the units; nothing of our own."""
    assert cli("network", "export", "net", "--to", "gmns-strict").code == 0
    node, link, (config,) = (
        rows(Path("net_gmns") / f"{n}.csv") for n in ("node", "link", "config")
    )
    assert node[0] == {"node_id": "aktau", "name": "'=Aktau", "x_coord": "51.2", "y_coord": "43.6",
        "node_type": ""}  # fmt: skip
    assert link[0] == {"link_id": "rail", "from_node_id": "alat", "to_node_id": "baku",
        "directed": "false", "geometry": "LINESTRING (49.4 40.0, 49.9 40.4)", "dir_flag": "1",
        "length": "70.5", "facility_type": "rail", "free_speed": "30.0"}  # fmt: skip
    assert (config["long_length"], config["speed"], config["id_type"]) == ("km", "km/h", "string")


def test_gmns_without_coordinates_is_refused_where_they_are_missing(cli: Cli, study: Path) -> None:
    """GMNS requires them; nothing is written."""
    node = study / "networks" / "net" / "node.csv"
    node.write_text(NODES.replace("51.2,43.6", ","), encoding="utf-8", newline="")
    answer = cli("network", "export", "net", "--to", "gmns-strict")
    assert answer.code == ExitCode.BAD_INPUT
    assert answer.err.splitlines()[-1].startswith("networks/net/node.csv:2:1: nodes.aktau: GMNS")
    assert not Path("net_gmns").exists()


@pytest.mark.parametrize("form", ["geojson", "gmns-strict", "xlsx", "csv"])
def test_a_network_with_problems_is_not_exported(cli: Cli, study: Path, form: str) -> None:
    """All problems, located; nothing written."""
    link = study / "networks" / "net" / "link.csv"
    link.write_text(LEGS.replace("alat,baku", "alat,bakku").replace("470", "far"), encoding="utf-8",
        newline="")  # fmt: skip
    answer = cli("network", "export", "net", "--to", form)
    assert answer.code == ExitCode.BAD_INPUT
    first, second = answer.err.splitlines()[1:]
    assert first.startswith("networks/net/link.csv:2:5: legs.sea.length_km: must be a number")
    assert second.startswith("networks/net/link.csv:3:3: legs.rail.to_node_id: unknown node")
    assert [path.name for path in study.iterdir()] == ["networks"]


@pytest.mark.parametrize("form", ["geojson", "gmns-strict", "xlsx", "csv"])
def test_an_export_never_writes_over_a_file(cli: Cli, here: Path, form: str) -> None:
    """A workbook may hold an afternoon's edits."""
    first = cli("network", "export", "middle_corridor", "--to", form)
    assert first.code == 0, first.err
    assert "(packaged)" in first.err
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    again = cli("network", "export", "middle_corridor", "--to", form)
    assert again.code == ExitCode.BAD_INPUT
    assert "Fix: another name" in again.err
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "middle_corridor", "--to", "geojsn"), "did you mean 'geojson'?"),
        (("export", "middle_coridor", "--to", "csv"), "did you mean 'middle_corridor'?"),
        (("export", "../secret", "--to", "csv"), "not by a path"),
        (("package", "middle_corridor"), "belongs to the installed package"),
    ],
)
def test_mistakes_of_the_command_line_say_what_to_type(
    cli: Cli, here: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, nothing written."""
    answer = cli("network", *arguments)
    assert answer.code == ExitCode.BAD_INPUT
    assert said in answer.err
    assert not list(here.iterdir())
