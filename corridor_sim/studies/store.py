"""Finished replications of a long study, kept in a folder and read back only where nothing changed.

One JSON file a scenario, of the values of a few metrics: no whole run is kept. A file is written
beside and renamed, so who kills the study finds the file of before or the new one, never half.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from corridor_sim import __version__
from corridor_sim.errors import DiskError
from corridor_sim.inputs.schema import TABLES, Scenario

TEXTS = ("name", "question", "why", "source", "valid_for", "not_valid_for", "notes")
ROOMS = (
    *(
        "primitives.py",
        "laws",
        "facilities",
        "policies",
        "model",
        "engine",
        "history",
        "money",
        "results",
    ),
    *("studies/replicate.py", "studies/run.py", "studies/twin.py"),
)
"""Whose source decides what a replication of a scenario comes to."""


@dataclass(frozen=True)
class Kept:
    """What is left of one replication.

    values    metric path -> value; None where the replication has none
    stuck     gridlock, starved, or empty; and in `story` who waits for whom
    """

    values: Mapping[str, float | None]
    stuck: str = ""
    story: str = ""


class Store:
    """The kept replications of a study, in a folder that is made when the first is kept."""

    def __init__(self, folder: Path):
        self.folder = folder

    def read(self, scenario: Scenario, metrics: Collection[str]) -> tuple[list[Kept], str]:
        """Replications from 0 on that still hold; and why not, if some were kept that do not."""
        path = self._path(scenario)
        if not path.is_file():
            return [], ""
        found = _content(path)
        if found is None:
            return [], f"{path.name} is damaged"
        if found["program"] != program():
            return [], "the program changed"
        if found["inputs"] != inputs(scenario):
            return [], "its inputs changed"
        kept = [Kept(**row) for row in found["replications"]]
        if not all(set(metrics) <= set(row.values) for row in kept):
            return [], "more metrics are asked for"
        return kept[: scenario.simulation.reps], ""

    def write(self, scenario: Scenario, kept: Sequence[Kept]) -> None:
        """Keep these replications, the first is 0, instead of what was kept of the scenario.

        Raises
        ------
        DiskError    the file cannot be written
        """
        rows = [asdict(row) for row in kept]
        content = {"program": program(), "inputs": inputs(scenario), "replications": rows}
        path = self._path(scenario)
        beside = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(_sealed(content), encoding="utf-8", newline="\n")
            os.replace(beside, path)
        except OSError as error:
            raise DiskError(f"{path.name}: cannot be written ({error.strerror})") from error

    def _path(self, scenario: Scenario) -> Path:
        return self.folder / f"{scenario.name}.json"


def inputs(scenario: Scenario) -> str:
    """SHA-256 of all that a replication is made of: neither its texts nor how many there are."""
    words = {table: {"__all__": {"source", "note"}} for table in TABLES}
    left_out: Any = dict.fromkeys((*TEXTS, "expect"), True) | words | {"simulation": {"reps"}}
    return _digest(scenario.model_dump_json(exclude=left_out))


@cache
def program() -> str:
    """Version, and SHA-256 of the source that decides: a checkout changes between versions."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in (file for room in ROOMS for file in _sources(package / room)):
        digest.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    return f"{__version__} {digest.hexdigest()}"


def number(value: float) -> float | None:
    """As it is kept: JSON has no NaN."""
    return value if math.isfinite(value) else None


def _sources(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _content(path: Path) -> dict[str, Any] | None:
    """None: torn, or changed by another hand."""
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
    except (OSError, ValueError):
        return None
    sealed = isinstance(content, dict) and "replications" in content
    return content if sealed and _sealed(_unsealed(content)) == text else None


def _unsealed(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != "sha256"}


def _sealed(content: dict[str, Any]) -> str:
    """As text, with its own digest."""
    seal = {"sha256": _digest(json.dumps(content, sort_keys=True))}
    return json.dumps(content | seal, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
