"""The same bytes whatever the number of processes, hash seed, time zone, folder or order of rows."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corridor_sim.inputs.places import packaged_study
from tests.runs.conftest import SHORT, Cli

ROOT = Path(__file__).parents[2]
SMALL_RUN = [part for text in SHORT for part in ("--set", text)] + ["--reps", "2", "--quiet"]
SURROUNDINGS = [
    # processes, PYTHONHASHSEED, TZ, working folder
    ("1", "0", "UTC", "here"),
    ("2", "1", "Asia/Baku", "there"),
    ("1", "12345", "Asia/Baku", "here"),
]


def digest(folder: Path) -> str:
    """One SHA-256 over all tables and the manifest."""
    found = hashlib.sha256()
    for path in sorted([*folder.glob("*.csv"), folder / "manifest.json"]):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def test_surroundings_change_no_byte(tmp_path: Path) -> None:
    """Each of the four things differs between some two of the runs; each run is a process."""
    digests = {}
    for jobs, hash_seed, zone, folder in SURROUNDINGS:
        cwd, out = tmp_path / folder, tmp_path / f"out {len(digests)}"
        cwd.mkdir(exist_ok=True)
        env = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "corridor_sim", "run", "base_2024", *SMALL_RUN]
        done = subprocess.run(
            [*command, "--jobs", jobs, "--out", str(out)],
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        digests[jobs, hash_seed, zone, folder] = digest(out)
    print("\n".join(f"{value[:16]} {key}" for key, value in digests.items()))
    assert len(set(digests.values())) == 1


def tables(folder: Path) -> dict[str, bytes]:
    """Every CSV, and the fingerprints of the models; hashes of inputs are left out."""
    found = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found | {"models": str(manifest["models"]).encode()}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the packaged base scenario and its network."""
    folder = tmp_path / "study"
    (folder / "scenarios").mkdir(parents=True)
    shutil.copy(packaged_study() / "scenarios" / "base_2024.yaml", folder / "scenarios")
    network = "networks/middle_corridor"
    shutil.copytree(packaged_study() / network, folder / network)
    return folder


def run(cli: Cli, study: Path, out: Path) -> dict[str, bytes]:
    scenario = study / "scenarios" / "base_2024.yaml"
    answer = cli("run", scenario, *SMALL_RUN, "--jobs", "1", "--out", out)
    assert answer.code == 0, answer.err
    return tables(out)


def shuffle_rows(path: Path, rng: random.Random) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    rng.shuffle(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")


def reverse_keys(path: Path) -> None:
    """The blocks of the top level backwards, and the keys of `simulation`."""
    blocks = re.split(r"(?m)^(?=[a-z_]+:)", path.read_text(encoding="utf-8"))[1:]
    assert len(blocks) > 5
    text = "".join(reversed(blocks))
    inner = re.search(r"simulation: \{(.*)\}", text)
    assert inner is not None
    keys = ", ".join(reversed(inner[1].split(", ")))
    path.write_text(text.replace(inner[1], keys), encoding="utf-8")


def test_order_of_keys_and_rows_and_an_unrelated_node_change_no_table(
    cli: Cli, study: Path, tmp_path: Path
) -> None:
    """Ids decide, not where a row stands; streams are named, so a newcomer takes no number.

    All three at once: to find which of them changed a table, leave out the others.
    """
    plain = run(cli, study, tmp_path / "plain")
    node = study / "networks" / "middle_corridor" / "node.csv"
    text = node.read_text(encoding="utf-8")
    head = next(csv.reader(io.StringIO(text)))
    node.write_text(text.rstrip("\n") + "\naaa_island" + "," * (len(head) - 1) + "\n", "utf-8")
    rng = random.Random(1)
    for path in sorted(node.parent.glob("*.csv")):
        if path.name != "provenance.csv":  # of equal rules the last counts, as it says
            shuffle_rows(path, rng)
    reverse_keys(study / "scenarios" / "base_2024.yaml")
    changed = run(cli, study, tmp_path / "changed")
    assert [name for name in plain if changed[name] != plain[name]] == []
