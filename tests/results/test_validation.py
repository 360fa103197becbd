"""Observed figures: how they are read, measured and judged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.errors import InputError
from corridor_sim.history.stuck import Stuck
from corridor_sim.inputs.observations import COLUMNS, Observation
from corridor_sim.inputs.read import read_scenario
from corridor_sim.results.validation import held_against
from corridor_sim.studies.replicate import Replication
from corridor_sim.studies.validation import observed_in, summed
from tests.results.tiny import TINY

YEAR = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))


def observation(**changes: Any) -> Observation:
    """287 trains, 258.3 to 315.7 allowed, a check."""
    plain: dict[str, Any] = {
        "id": "trains",
        "metric": "od_kpi.a.delivered",
        "per": "",
        "factor": 1.0,
        "unit": "trains",
        "observed": 287.0,
        "low": 258.3,
        "high": 315.7,
        "role": "check",
        "window": None,
        "source": "assumption",
        "definition": "",
        "note": "",
    }
    return Observation(**plain | changes)


def test_the_mean_over_replications_is_inside_or_a_miss() -> None:
    """Means of 313 and 319; the interval of the second reaches into the tolerance, which is no excuse."""
    assert held_against(observation(), np.array([303.0, 323.0]), YEAR).verdict == "inside"
    held = held_against(observation(), np.array([300.0, 338.0]), YEAR)
    assert (held.verdict, held.simulated.mean) == ("miss", 319)
    assert held.simulated.lo < 315.7


def test_an_input_is_never_met() -> None:
    """It was typed in, so it comes out."""
    held = held_against(observation(role="input"), np.array([287.0, 287.0]), YEAR)
    assert held.verdict == "not a test"


def test_a_figure_of_one_window_says_nothing_of_another() -> None:
    """A year's count is not that of 20 days; what belongs to no window is always compared."""
    short = (YEAR[0], datetime(2024, 1, 21, tzinfo=UTC))
    held = held_against(observation(window=YEAR), np.array([16.0]), short)
    assert (held.verdict, held.simulated.n) == ("other period", 0)
    typed = held_against(observation(window=YEAR, role="input"), np.array([16.0]), short)
    assert (typed.verdict, typed.simulated.n) == ("not a test", 0)
    assert held_against(observation(window=YEAR), np.array([300.0]), YEAR).verdict == "inside"


def test_a_measure_that_does_not_exist_is_neither_met_nor_missed() -> None:
    """NaN in every replication."""
    assert held_against(observation(), np.array([np.nan]), YEAR).verdict == "not measured"


def replication() -> Replication:
    """Deliveries of two China rows and another, and calls."""
    od = {"commodity": "box", "direction": "west", "clock": "shipper"}
    rows = [
        {"od": "cn_a", "route": "all", "delivered": 10, **od},
        {"od": "cn_a", "route": "north", "delivered": 4, **od},
        {"od": "cn_a", "route": "south", "delivered": 6, **od},
        {"od": "cn_b", "route": "only", "delivered": 5, **od},
        {"od": "kz_a", "route": "only", "delivered": 100, **od},
    ]
    legs = [
        {"leg": "sea", "from_node": "aktau", "cargo_teu": 7},
        {"leg": "sea", "from_node": "alat", "cargo_teu": 3},
    ]
    services = [{"service": "ferry", "call": "kuryk", "trips": 60}]
    tables = {"od_kpi": rows, "leg_kpi": legs, "service_kpi": services}
    return Replication(0, tables, Stuck("none"), "")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("od_kpi.cn_a.delivered", 10),
        ("od_kpi.cn_*.delivered", 15),  # `all` of cn_a, the only one of cn_b
        ("od_kpi.cn_*.south.delivered", 6),
        ("leg_kpi.sea.*.cargo_teu", 10),
        ("od_kpi.kz_a.delivered + leg_kpi.sea.alat.cargo_teu", 103),
        ("od_kpi.kz_a.delivered + od_kpi.nobody.delivered", 100),
    ],
)
def test_a_star_and_a_plus_sum_over_rows(metric: str, expected: float) -> None:
    """Each row once: routes of one demand row are in its `all`."""
    assert summed(replication(), metric) == expected


def test_what_matches_nothing_is_not_zero() -> None:
    """NaN, so that a renamed row is not a miss."""
    assert np.isnan(summed(replication(), "od_kpi.tr_*.delivered"))
    assert np.isnan(observed_in(replication(), observation(metric="")))


def test_a_measure_may_be_a_ratio_and_change_its_unit() -> None:
    """15 boxes on 60 calls, times 12: 3 a month."""
    asked = observation(
        metric="od_kpi.cn_*.delivered", per="service_kpi.ferry.kuryk.trips", factor=12.0
    )
    assert observed_in(replication(), asked) == 3
    assert asked.measure == "od_kpi.cn_*.delivered / (service_kpi.ferry.kuryk.trips) x 12"


GOOD = {
    "id": "boxes",
    "metric": "od_kpi.boxes.delivered",
    "observed": "40",
    "within_share": "0.1",
    "role": "check",
    "source": "assumption",
}


def study(folder: Path, *rows: dict[str, str]) -> str:
    """A study of the tiny network with these observations; the scenario's path."""
    network = folder / "networks" / "sea"
    network.mkdir(parents=True, exist_ok=True)
    lines = [",".join(COLUMNS), *(",".join(row.get(c, "") for c in COLUMNS) for row in rows)]
    (network / "observations.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = folder / "scenarios" / "tiny.yaml"
    path.parent.mkdir(exist_ok=True)
    tables = TINY.replace("\n  nodes:", " sea\nnodes:").replace("\n  legs:", "\nlegs:")
    tables = tables.replace("\n  facilities:", "\nfacilities:")
    path.write_text(tables, encoding="utf-8")
    return str(path)


def test_a_share_of_the_figure_is_its_band(tmp_path: Path) -> None:
    """40 within a tenth: 36 to 44; the file is named among the inputs."""
    resolved = read_scenario(study(tmp_path, GOOD))
    (found,) = resolved.observations
    assert (found.low, found.high, found.factor) == (36, 44, 1)
    assert "networks/sea/observations.csv" in [name for _, name, _ in resolved.files]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"observed": "forty"}, "boxes.observed: must be a number"),
        ({"role": "proof"}, "boxes.role: no such role"),
        ({"within_share": ""}, "needs either low and high, or within_share"),
        ({"low": "30", "high": "50"}, "needs either low and high, or within_share"),
        ({"metric": ""}, "boxes.metric: is empty"),
        ({"metric": "od_kpy.boxes.delivered"}, "did you mean 'od_kpi'"),
        ({"metric": "od_kpi.boxes"}, "a measure is table.id.column"),
        ({"window_begin": "2024-01-01"}, "needs window_begin and window_end"),
        ({"window_begin": "1.1.2024", "window_end": "2025-01-01"}, "must be a date"),
        ({"source": "F9999"}, "boxes.source: must be `assumption` or an id"),
        ({"id": "Boxes!"}, "no id of a-z"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, str], says: str
) -> None:
    """Before anything is simulated; the second line of the file."""
    with pytest.raises(InputError) as refused:
        read_scenario(study(tmp_path, GOOD | change))
    (problem,) = refused.value.problems
    assert problem.startswith("networks/sea/observations.csv:2:1: ")
    assert says in problem


def test_two_rows_of_one_id_are_refused(tmp_path: Path) -> None:
    """Which of them counts would be a guess."""
    with pytest.raises(InputError, match="a second row of this id"):
        read_scenario(study(tmp_path, GOOD, GOOD))


def test_the_base_network_says_where_each_figure_comes_from() -> None:
    """Inputs need no tolerance, the others have one; volumes are never a calibration."""
    found = read_scenario("base_2024").observations
    assert len(found) >= 10
    for o in found:
        assert o.definition and o.source != "assumption", o.id
        assert o.role == "input" or (o.low is not None and o.high is not None), o.id
        assert o.role != "calibration" or o.unit in ("calls a month", "wagons a call", "USD/FEU"), (
            o.id
        )
