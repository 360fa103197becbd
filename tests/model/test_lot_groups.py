"""Groups of lots that yards count share dimensions wherever that says the same of all lots there."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import compile_scenario
from tests.rules.ports import HEAD
from tests.written import read_text

TWO_PORTS = """\
network: {nodes: [{id: beyneu}, {id: aktau}, {id: alat}, {id: poti}]}
facilities:
  aktau: {type: yard, node: aktau, places: 100, import_direction: east}
  alat: {type: yard, node: alat, places: 100, import_direction: west}
fleets: {train: {kind: train_set, vessels: unlimited, capacity_units: 9}, ship: {vessels: 1, capacity_units: 9, payload_t: 100}}
services:
  kz: {fleets: [train], run_law: constant, run_mean_h: 1}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 1}
  az: {fleets: [train], run_law: constant, run_mean_h: 1}
calls:
  - {service: kz, seq: 0, node: beyneu}
  - {service: kz, seq: 1, node: aktau, yard: aktau, load_yard: aktau}
  - {service: sea, seq: 0, node: aktau, yard: aktau, load_yard: aktau}
  - {service: sea, seq: 1, node: alat, yard: alat, load_yard: alat}
  - {service: az, seq: 0, node: alat, yard: alat, load_yard: alat}
  - {service: az, seq: 1, node: poti}
demand:
  out: {origin: beyneu, destination: poti, direction: west, at_start: 1, tonnes_per_unit: 2}
  back: {origin: poti, destination: beyneu, direction: east, at_start: 1, tonnes_per_unit: 2}
  wagons: {origin: beyneu, destination: poti, direction: west, unit: wagon, at_start: 1}
"""
AKTAU, ALAT = "facilities.aktau.", "facilities.alat."


@pytest.mark.parametrize(
    ("sets", "n_dim"),
    [
        ((), 3),
        ((f"{AKTAU}import_reserve=9",), 3),
        ((f"{AKTAU}import_reserve=9", f"{AKTAU}export_places=50"), 3),
        ((f"{AKTAU}import_reserve=9", f"{ALAT}import_reserve=9"), 4),
        ((f"{AKTAU}import_reserve=9", f"{ALAT}import_places=50"), 3),
        ((f"{AKTAU}unit=wagon", f"{ALAT}import_reserve=9"), 4),
        ((f"{AKTAU}empty_places=9", f"{AKTAU}import_places=9", f"{AKTAU}export_places=9"), 5),
    ],
)
def test_a_group_takes_a_new_dimension_only_if_it_must(
    tmp_path: Path, sets: tuple[str, ...], n_dim: int
) -> None:
    """The first group lies where the ground has no shares; west and east are two; exports at Aktau
    are imports at Alat, so these are one; a third makes the vectors longer."""
    model = compile_scenario(_read(tmp_path, sets), 0).model
    assert model.n_dim == n_dim
    assert (model.cargo.cap[:, 3:] == -1).all(), "only the ground counts in the new dimensions"


def test_vehicles_and_tonnes_do_not_feel_the_groups(tmp_path: Path) -> None:
    """The sizes of lots aboard, and kilograms on the ground, are what they were."""
    plain = compile_scenario(_read(tmp_path, ()), 0).model
    sets = (f"{AKTAU}import_reserve=9", f"{ALAT}import_reserve=9")
    grouped = compile_scenario(_read(tmp_path, sets), 0).model
    assert (grouped.cargo.size[1:, :, :3] == plain.cargo.size[1:]).all()
    assert (grouped.cargo.cap[:, :3] == plain.cargo.cap).all()
    assert (grouped.cargo.size[0][:, [0, 2]] == plain.cargo.size[0][:, [0, 2]]).all()
    flows = {name: grouped.cargo.size[0, i, [1, 3]].tolist() for i, name in enumerate(grouped.names.flows)}  # fmt: skip
    assert flows == {"out direct": [1, 0], "wagons direct": [1, 0], "back direct": [0, 1]}


def _read(folder: Path, sets: tuple[str, ...]) -> Scenario:
    return read_text(folder, HEAD + TWO_PORTS, *sets).scenario
