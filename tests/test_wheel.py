"""The wheel carries its scenarios and networks, and runs from any folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOT_SOURCE = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "dist", "runs")

pytestmark = pytest.mark.slow


def command(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed package; needs hatchling, which builds it, and pip."""
    pytest.importorskip("hatchling")
    pytest.importorskip("pip")
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=NOT_SOURCE)
    command("-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=folder / "source")
    (wheel,) = (folder / "dist").glob("*.whl")
    options = ("--quiet", "--no-deps", "--no-index", "--target", folder / "site")
    command("-m", "pip", "install", *options, wheel, cwd=folder)
    shutil.rmtree(folder / "source")
    return folder / "site"


def test_scenarios_are_found_from_another_folder(installed: Path, tmp_path: Path) -> None:
    """Study scenarios by `list`, textbook cases when asked for."""
    env = {"PYTHONPATH": str(installed)}
    where = command(
        "-c", "import corridor_sim; print(corridor_sim.__file__)", cwd=tmp_path, env=env
    )
    assert Path(where.strip()).is_relative_to(installed)
    listed = command("-m", "corridor_sim", "list", cwd=tmp_path, env=env)
    assert {path.stem for path in (ROOT / "scenarios").glob("*.yaml")} <= set(listed.split())
    more = command("-m", "corridor_sim", "list", "--textbook", cwd=tmp_path, env=env)
    assert {"mm1", "gridlock_two_stations"} <= set(more.split())


def test_the_base_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    """With its network, and the schema and docs that verbs read."""
    env = {"PYTHONPATH": str(installed)}
    short = ("--set", "simulation.warm_up_d=5", "--set", "simulation.window_d=5")
    options = (*short, "--set", "simulation.drain_d=1", "--reps", "1", "--quiet")
    command("-m", "corridor_sim", "run", "base_2024", *options, cwd=tmp_path, env=env)
    assert (tmp_path / "runs" / "base_2024" / "manifest.json").is_file()
    for verb in (("schema",), ("describe", "F124"), ("validate", "zangezur_open")):
        assert command("-m", "corridor_sim", *verb, cwd=tmp_path, env=env)


def test_a_study_folder_is_made_and_read_from_another_folder(
    installed: Path, tmp_path: Path
) -> None:
    """With the schema for editors, the description of the tables, and the map."""
    env = {"PYTHONPATH": str(installed)}
    schema = installed / "corridor_sim" / "data" / "scenarios" / "scenario.schema.json"
    assert schema.read_bytes() == (ROOT / "scenarios" / schema.name).read_bytes()
    command("-m", "corridor_sim", "new", "st", cwd=tmp_path, env=env)
    network = tmp_path / "st" / "networks" / "middle_corridor"
    assert {"datapackage.json", "network.vrt"} <= {path.name for path in network.iterdir()}
    said = command("-m", "corridor_sim", "validate", "my_study", cwd=tmp_path / "st", env=env)
    assert said.startswith("my_study: valid")
