"""A small study that reads without a problem, to be spoilt in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SCENARIO = """\
name: small
network: net
services:
  crossing: {fleets: [ferry], run_law: lognormal, run_mean_h: 18, run_cv: 0.2}
  train: {fleets: [train_set], mode: rail, gauge_mm: 1520}
calls:
  - {service: train, node: beyneu, sail_rule: at_once}
  - {service: train, node: aktau, yard: aktau_yard}
  - {service: crossing, node: aktau, sail_rule: fill, fill_units: 40, berth: aktau_berth, load_yard: aktau_yard}
  - {service: crossing, node: alat, berth: alat_berth}
demand:
  boxes: {origin: beyneu, destination: alat, units_per_year: 900, season: level}
simulation: {start: 2024-01-01, warm_up_d: 30, window_d: 366, reps: 2}
"""

NETWORK = {
    "node.csv": """\
node_id,name,x_coord,y_coord,country
beyneu,Beyneu,55.20,45.32,KZ
aktau,Aktau,51.15,43.60,KZ
alat,Alat,49.41,39.95,AZ
""",
    "link.csv": """\
link_id,from_node_id,to_node_id,mode,length_km,gauge_mm,speed_kmh
beyneu_aktau,beyneu,aktau,rail,430,1520,30
""",
    "facilities.csv": """\
id,type,node,servers,places,call_mean_h,service_mean_h
aktau_berth,berth,aktau,2,,10,
alat_berth,berth,alat,1,,10,
aktau_yard,yard,aktau,,500,,
aktau_track,terminal,aktau,1,,,4
""",
    "fleets.csv": """\
id,kind,vessels,capacity_units,start_at
ferry,vessel,4,60,aktau
train_set,train_set,unlimited,50,
""",
    "seasons.csv": "id," + ",".join(f"m{m:02d}" for m in range(1, 13)) + "\n"
    "level," + ",".join(["0.08"] * 8 + ["0.09"] * 4) + "\n",
}


Edits = dict[str, tuple[str, str] | str | bytes]
MakeStudy = Callable[..., Path]


@pytest.fixture
def make_study(tmp_path: Path) -> MakeStudy:
    """Writes the study with `edits`: file -> (old, new), or its whole text or bytes.

    `small.yaml` and `<other>.yaml` stand in scenarios/, tables in networks/net/.
    """

    def make(edits: Edits | None = None) -> Path:
        texts: dict[str, str | bytes] = {"small.yaml": SCENARIO, **NETWORK}
        for name, edit in (edits or {}).items():
            texts[name] = changed(str(texts[name]), *edit) if isinstance(edit, tuple) else edit
        for name, text in texts.items():
            folder = tmp_path / ("scenarios" if name.endswith(".yaml") else "networks/net")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "scenarios" / "small.yaml"

    return make


def changed(text: str, old: str, new: str) -> str:
    """`text` with one thing changed, which must be there once."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)
