"""The command line in this process, and a small study that runs in a moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from corridor_sim.cli import main

SHORT = (
    "simulation.start=2024-09-11",
    "simulation.warm_up_d=20",
    "simulation.window_d=20",
    "simulation.drain_d=10",
)
"""Of base_2024: a window in October, when trains are many and storms begin."""

SMALL = """\
name: small
question: "How long does a box wait for one of two ferries?"
network:
  nodes: [{id: aktau}, {id: alat}, {id: baku}]
  legs:
    - {id: sea, from_node_id: aktau, to_node_id: alat, mode: sea, length_km: 470, speed_kmh: 25, speed_cv: 0.2}
    - {id: rail, from_node_id: alat, to_node_id: baku, mode: rail, length_km: 70, speed_kmh: 30}
  facilities:
    - {id: ramp, node: aktau, type: berth, servers: 1, call_law: exponential, call_mean_h: 8}
    - {id: desk, node: aktau, type: server, servers: 1, service_law: exponential, service_mean_h: 0.6}
fleets:
  ferry: {vessels: 2, capacity_units: 40, start_at: aktau}
  wagon: {kind: train_set, vessels: unlimited, capacity_units: 20}
services:
  crossing: {mode: sea, fleets: [ferry]}
  train: {mode: rail, fleets: [wagon]}
calls:
  - {service: crossing, seq: 0, node: aktau, berth: ramp, sail_rule: fill_or_wait, fill_units: 30, max_wait_h: 12}
  - {service: crossing, seq: 1, node: alat, sail_rule: at_once}
  - {service: train, seq: 0, node: alat, sail_rule: fill, fill_units: 10}
  - {service: train, seq: 1, node: baku, sail_rule: at_once}
demand:
  boxes: {origin: aktau, destination: baku, via: [desk], unit: teu, arrival_law: exponential, arrival_rate_per_h: 1, tonnes_per_unit: 12, value_usd_per_unit: 20000}
  goods: {origin: aktau, destination: alat, unit: teu, arrival_law: exponential, arrival_rate_per_h: 0.5, tonnes_per_unit: 9, value_usd_per_unit: 9000}
tariffs:
  rail_rate: {part: line_haul, basis: per_feu_km, legs: [rail], value_usd: 0.7}
  sea_rate: {part: line_haul, basis: per_t_km, legs: [sea], value_usd: 0.05}
  lift: {part: handling, basis: per_feu, nodes: [alat], value_usd: 90}
  stock: {part: inventory, basis: share_per_day, value_usd: 0.0003}
  delay: {part: time, basis: share_of_value_per_day, value_usd: 0.002}
simulation: {start: 2024-01-01, warm_up_d: 4, window_d: 12, drain_d: 8, reps: 3, seed: 7}
"""


class Answer(NamedTuple):
    """What a command gave."""

    code: int
    out: str
    err: str


Cli = Callable[..., Answer]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs `corridor-sim ARGUMENTS` here, with one process; exit code, stdout and stderr."""

    def run(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        return Answer(code, *capsys.readouterr())

    return run


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The small study's scenario file."""
    path = tmp_path / "study" / "scenarios" / "small.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture
def new_study(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh study folder made by `new`, and we are in it."""
    monkeypatch.chdir(tmp_path)
    made = cli("new", "my_corridor")
    assert (made.code, made.err) == (0, "")
    assert "cd my_corridor" in made.out
    monkeypatch.chdir(tmp_path / "my_corridor")
    return tmp_path / "my_corridor"
