"""A run's folder: made, filled, and described by a manifest that any machine repeats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from corridor_sim import __version__
from corridor_sim.engine.log import LOG_VERSION
from corridor_sim.errors import DiskError, OtherResults
from corridor_sim.inputs.resolved import to_yaml
from corridor_sim.inputs.schema import Scenario
from corridor_sim.inputs.sourced import numbers
from corridor_sim.outputs.columns import TABLES, columns_of, package_of
from corridor_sim.outputs.data_package import package_text
from corridor_sim.outputs.inputs_resolved import write_inputs_resolved
from corridor_sim.outputs.run_workbook import WORKBOOK, run_workbook
from corridor_sim.outputs.tables import frame_of, frames_of, write_tables
from corridor_sim.studies.run import Run

PACKAGE = "datapackage.json"
MANIFEST = "manifest.json"


def make_folder(folder: Path) -> Path:
    """Create the folder, or refuse before anything is simulated.

    Raises
    ------
    DiskError    it cannot be made, or cannot be written to
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_text("", encoding="utf-8", newline="")
        probe.unlink(missing_ok=True)  # another run may be trying the same
    except OSError as error:
        raise DiskError(
            f"{folder}: cannot be written ({error.strerror}). Fix: --out another folder"
        ) from error
    return folder


def require_own(folder: Path, name: str) -> None:
    """Refuse a folder with the results of another scenario; those of the same may be replaced.

    Raises
    ------
    OtherResults    its manifest is another scenario's, or cannot be read
    """
    path = folder / MANIFEST
    if not path.is_file():
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["scenario"]
    except (OSError, ValueError, KeyError, TypeError):
        found = None
    if found != name:
        whose = "another run" if found is None else f"{found!r}"
        raise OtherResults(
            f"{folder}: holds results of {whose}, not of {name!r}. Fix: --out another folder, or "
            "--force to replace them"
        )


def write_file(path: Path, text: str) -> None:
    """Write a text file, LF line ends."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DiskError(f"{path.name}: cannot be written ({error.strerror})") from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that is not text."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise DiskError(f"{path.name}: cannot be written ({error.strerror})") from error


def write_run_folder(
    run: Run, folder: Path, run_info: dict[str, Any], excel: bool = False
) -> list[str]:
    """Tables, what their columns mean, resolved scenario, manifest, run_info; names of the files.

    With `excel` also one workbook of all tables.

    `manifest.json` is the same on every machine with the same versions; clock, host and command
    line are in `run_info.json`, outside every promise.
    """
    frames, inputs = frames_of(run), numbers(run.resolved)
    names = [
        *write_tables(frames, folder),
        *write_inputs_resolved(inputs, folder),
        *write_package(folder, run.scenario.name, {n: list(f.columns) for n, f in frames.items()}),
    ]
    if excel:
        rows = [number._asdict() for number in inputs]
        frames["inputs_resolved"] = frame_of(rows, columns_of("inputs_resolved"))
        write_bytes(folder / WORKBOOK, run_workbook(run, frames))
        names.append(WORKBOOK)
    _remove_older(folder, names)
    write_file(folder / "scenario.resolved.yaml", to_yaml(run.scenario))
    hashes = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in sorted(names)}
    write_file(folder / MANIFEST, _json(manifest(run) | {"outputs": hashes}))
    write_file(folder / "run_info.json", _json(run_info))
    return [*names, "scenario.resolved.yaml", MANIFEST, "run_info.json"]


def _remove_older(folder: Path, written: Sequence[str]) -> None:
    """Tables of an earlier run that this one did not write: they would pass for its own."""
    for name in {*(f"{table}.csv" for table in TABLES), WORKBOOK} - set(written):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise DiskError(f"{name}: an older one cannot be removed ({error.strerror})") from error


def write_package(folder: Path, name: str, columns: Mapping[str, Sequence[str]]) -> list[str]:
    """`datapackage.json`: every table and column in words; the name of the file."""
    resolved = {"inputs_resolved": columns_of("inputs_resolved")}
    text = package_text(package_of(name.lower(), {**columns, **resolved}))
    write_file(folder / PACKAGE, text)
    return [PACKAGE]


def manifest(run: Run) -> dict[str, Any]:
    """What determines the results."""
    simulation = run.scenario.simulation
    return {
        "corridor_sim": __version__,
        "log_version": LOG_VERSION,
        "scenario": run.scenario.name,
        "seed": simulation.seed,
        "replications": simulation.reps,
        "inputs": [
            {"role": role, "file": name, "sha256": digest}
            for role, name, digest in run.resolved.files
        ],
        "models": [r.fingerprint for r in run.replications],
        "packages": {name: version(name) for name in ("networkx", "numpy", "scipy", "simpy")},
        "money": _money(run.scenario),
        "warnings": list(run.resolved.warnings),
        "stuck": {str(r.rep): r.stuck.story for r in run.replications if r.stuck.kind != "none"},
    }


def _money(scenario: Scenario) -> dict[str, Any]:
    """The currency of all costs, of which years the prices are, and what other money was worth.

    Prices of different years are not brought to one.
    """
    years = {t.price_year for t in scenario.tariffs.values() if t.price_year is not None}
    return {
        "currency": "USD",
        "price_years": sorted(years),
        "exchange_rates": {
            name: {"usd_per_unit": rate.usd_per_unit, "year": rate.rate_year}
            for name, rate in sorted(scenario.exchange_rates.items())
        },
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
