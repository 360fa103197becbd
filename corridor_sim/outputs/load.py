"""Read a run's folder back, as far as a comparison needs it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from corridor_sim.errors import InputError
from corridor_sim.history.stuck import Stuck
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.studies.replicate import Replication, Rows
from corridor_sim.studies.run import KEYS, Run


def load_run(folder: Path) -> Run:
    """The measures of a run, by replication: all tables that a metric path may name.

    Raises
    ------
    InputError    the folder holds no run
    """
    resolved, models = load_inputs(folder, "od_kpi.csv")
    frames = {name: _frame(folder / f"{name}.csv", keys) for name, keys in KEYS.items()}
    replications = tuple(
        Replication(rep, _tables(frames, rep), Stuck("none"), model)
        for rep, model in enumerate(models)
    )
    return Run(resolved, replications)


def load_inputs(folder: Path, *tables: str) -> tuple[Resolved, list[str]]:
    """What a run was made from, and the fingerprint of each replication's model.

    Raises
    ------
    InputError    the folder holds no run, or lacks one of the tables
    """
    manifest, scenario = folder / "manifest.json", folder / "scenario.resolved.yaml"
    needed = [manifest, *(folder / table for table in tables), scenario]
    missing = [path.name for path in needed if not path.is_file()]
    if missing:
        raise InputError(
            f"{folder}: no run is here (missing {', '.join(missing)}). Fix: name a folder that `run` wrote"
        )
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        reps, seed, models = found["replications"], found["seed"], list(found["models"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{manifest}: is not what `run` wrote ({error}). Fix: run the scenario again"
        ) from error
    sets = (f"simulation.reps={reps}", f"simulation.seed={seed}")
    return read_scenario(str(scenario), sets), models


def _frame(path: Path, keys: tuple[str, ...]) -> pd.DataFrame | None:
    """A table as it was written; None: it has no replications, or the run had none."""
    if not path.is_file():
        return None
    text = dict.fromkeys(keys, str)
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=text)
    return frame if "rep" in frame else None


def _tables(frames: dict[str, pd.DataFrame | None], rep: int) -> dict[str, Rows]:
    return {
        name: _rows(frame[frame["rep"] == rep])
        for name, frame in frames.items()
        if frame is not None
    }


def _rows(frame: pd.DataFrame) -> Rows:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
