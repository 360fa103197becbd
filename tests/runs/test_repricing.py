"""Re-pricing: what only changes the bill is priced from one simulation, to the last bit."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks import repricing
from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from corridor_sim.inputs.reprice import with_prices
from corridor_sim.studies import replicate
from corridor_sim.studies.run import run
from corridor_sim.studies.sweep import Axis, is_repriced, sweep
from tests.runs.conftest import SMALL, Cli

MORE = """\
  yard: {part: storage, basis: per_teu_day, nodes: [aktau, alat], free_d: 0.1, value_usd: 8}
  vessel: {part: capital, basis: per_vessel_day, value_usd: 9000}
  spread: {part: reliability, basis: ratio, value_usd: 0.8}
  off: {part: line_haul, basis: share, legs: [sea], value_usd: -0.1}
  toll: {part: border, basis: per_unit, nodes: [baku], value: 100, currency: chf}
exchange_rates: [{id: chf, usd_per_unit: 1.25, rate_year: 2024}]
"""
PRICES = {
    "tariffs.rail_rate.value_usd": "1.9",
    "tariffs.yard.value_usd": "80",
    "tariffs.off.value_usd": "-0.3",
    "tariffs.spread.value_usd": "1.3",
    "tariffs.toll.value": "300",
    "tariffs.delay.value_usd": "0.03",
    "exchange_rates.chf.usd_per_unit": "2.5",
    "demand.boxes.value_usd_per_unit": "70000",
    "tariffs.*_rate.value_usd": "{times: 2}",
}


@pytest.fixture
def priced(tmp_path: Path) -> Path:
    """The small study with every kind of tariff."""
    path = tmp_path / "study" / "scenarios" / "small.yaml"
    path.parent.mkdir(parents=True)
    text = SMALL.replace("simulation:", MORE + "simulation:")
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The replications that were simulated, as they are."""
    calls: list[int] = []
    real = replicate.simulate

    def counted(scenario: Any, rep: int, *rest: Any) -> Any:
        calls.append(rep)
        return real(scenario, rep, *rest)

    monkeypatch.setattr(replicate, "simulate", counted)
    return calls


def costs(rows: list[dict[str, Any]], key: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(value, OD) -> mean, sd, interval of the cost."""
    return {
        (r[key], r["od"]): (r["mean"], r["sd"], r["ci_lo"], r["ci_hi"])
        for r in rows
        if r["measure"] == "usd_per_unit"
    }


@pytest.mark.parametrize("key", PRICES)
def test_repricing_equals_running_again_to_the_last_bit(priced: Path, key: str) -> None:
    """Beside another point, which must not show: `==`. The price does change the bill."""
    value = PRICES[key]
    beside = "{times: 1}" if value.startswith("{") else "0.5"
    found = costs(sweep(str(priced), [Axis(key, (beside, value))], reps=2), key)
    again = run(str(priced), (f"{key}={value}",), reps=2, detail="measures")
    for od in ("boxes", "goods"):
        values = again.values(f"od_kpi.{od}.shipper.usd_per_unit")
        assert found[value, od][0] == pytest.approx(values.mean(), rel=1e-15)
        assert found[value, od][1] == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert found[value, "boxes"] != found[beside, "boxes"]


def test_a_sweep_of_prices_writes_the_bytes_of_runs_of_their_own(
    cli: Cli, priced: Path, tmp_path: Path
) -> None:
    """Three prices in one sweep, and each in a sweep alone."""

    def lines(values: str, out: Path) -> list[list[str]]:
        options = ("--reps", "2", "--jobs", "1", "--quiet", "--out", out)
        assert (
            cli("sweep", priced, "--vary", f"tariffs.yard.value_usd={values}", *options).code == 0
        )
        with (out / "sweep.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]

    together = lines("0,8,80", tmp_path / "together")
    apart = [row for v in ("0", "8", "80") for row in lines(v, tmp_path / v)]
    assert together == apart


def test_a_thousand_prices_take_one_simulation(priced: Path, simulated: list[int]) -> None:
    """And a third of the CPU time, or far less, that a thousand of this tiny study would (60 ms each)."""
    values = tuple(f"{0.001 * i:.3f}" for i in range(1000))
    start = time.process_time()
    rows = sweep(str(priced), [Axis("tariffs.sea_rate.value_usd", values)], reps=1)
    assert simulated == [0]
    assert len(rows) == 1000 * 2 * 7
    assert time.process_time() - start < 20
    usd = [r["mean"] for r in rows if r["measure"] == "usd_per_unit" and r["od"] == "goods"]
    steps = [b - a for a, b in zip(usd[:-1], usd[1:], strict=True)]
    assert steps == pytest.approx([0.001 * 9 * 470 * 0.9] * 999)  # 9 t x 470 km, less a tenth


def test_points_are_grouped_by_what_is_simulated(priced: Path, simulated: list[int]) -> None:
    """Two fleets by two free times by three prices: four simulations."""
    axes = [
        Axis("tariffs.yard.value_usd", ("1", "2", "3")),
        Axis("fleets.ferry.vessels", ("2", "3")),
        Axis("tariffs.yard.free_d", ("0", "1")),
    ]
    rows = sweep(str(priced), axes, reps=1)
    assert simulated == [0] * 4
    assert len({tuple(r[a.key] for a in axes) for r in rows}) == 12


def test_what_a_tariff_counts_is_counted_anew(priced: Path) -> None:
    """Free days change amounts: fewer of them cost more, as a run of its own says."""
    key = "tariffs.yard.free_d"
    assert not is_repriced(key)
    found = costs(sweep(str(priced), [Axis(key, ("0", "1"))], reps=1), key)
    again = run(str(priced), (f"{key}=0",), reps=1, detail="measures")
    assert found["0", "boxes"][0] == again.values("od_kpi.boxes.shipper.usd_per_unit")[0]
    assert found["0", "boxes"][0] > found["1", "boxes"][0]


def test_a_scenario_with_other_prices_is_the_one_read_with_them(priced: Path) -> None:
    """Row by row, stars and changes included."""
    base = read_scenario(str(priced)).scenario
    for key, value in PRICES.items():
        sets = (f"{key}={value}", "tariffs.lift.value_usd=3")
        assert with_prices(base, sets) == read_scenario(str(priced), sets).scenario, key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tariffs.yard.value_usd=-1", "must be >= 0"),
        ("tariffs.yard.value_usd=much", "must be a number"),
        ("tariffs.yart.value_usd=1", "no row of tariffs is called"),
        ("tariffs.yard.value=1", "value_usd and value are both given"),
        ("exchange_rates.chf.usd_per_unit=0", "must be > 0"),
    ],
)
def test_a_bad_price_is_refused_as_in_a_run(priced: Path, text: str, words: str) -> None:
    """With its place, before anything is simulated."""
    with pytest.raises(InputError) as refused:
        sweep(str(priced), [Axis.parse(text)], reps=1)
    assert words in str(refused.value)
    assert str(refused.value).startswith(("--set:1:1: ", "scenarios/small.yaml:"))


def test_the_benchmark_still_runs(priced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With few points of the small study; it holds one point against a run of its own."""
    repricing.main(str(priced), 3, "tariffs.delay.value_usd")
    assert "3 prices of tariffs.delay.value_usd on top, 2 ODs each" in capsys.readouterr().out


def test_the_manifest_says_of_what_money_costs_are(cli: Cli, priced: Path, tmp_path: Path) -> None:
    """Currency, price years, exchange rates."""
    out = tmp_path / "out"
    dated = "tariffs.toll.price_year=2022"
    assert cli("run", priced, "--set", dated, "--reps", "1", "--jobs", "1", "--out", out).code == 0
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["money"] == {
        "currency": "USD",
        "price_years": [2022],
        "exchange_rates": {"chf": {"usd_per_unit": 1.25, "year": 2024}},
    }


def test_the_tables_of_a_run_agree_on_its_costs(cli: Cli, priced: Path, tmp_path: Path) -> None:
    """costs.csv: parts sum to the ledger, price and time to the mean of od_kpi.csv, shares to 1."""
    out = tmp_path / "out"
    assert cli("run", priced, "--reps", "2", "--jobs", "1", "--out", out).code == 0
    with (out / "costs.csv").open(encoding="utf-8", newline="") as file:
        rows = [row | {"usd": float(row["usd_per_unit"])} for row in csv.DictReader(file)]
    with (out / "od_kpi.csv").open(encoding="utf-8", newline="") as file:
        kpi = [row for row in csv.DictReader(file) if row["clock"] == "shipper"]
    for od in ("boxes", "goods"):
        mine = [row for row in rows if row["od"] == od]
        total = {row["ledger"]: row["usd"] for row in mine if row["part"] == "all"}
        assert set(total) == {"shipper_price", "resource_cost", "time_cost"}
        for ledger, usd in total.items():
            parts = [r for r in mine if r["ledger"] == ledger and r["part"] != "all"]
            assert sum(r["usd"] for r in parts if r["item"] == "all") == pytest.approx(usd)
            assert sum(r["usd"] for r in parts if r["item"] != "all") == pytest.approx(usd)
            assert sum(float(r["share"]) for r in parts if r["item"] != "all") == pytest.approx(1)
        mean = sum(float(row["usd_per_unit"]) for row in kpi if row["od"] == od) / 2
        assert total["shipper_price"] + total["time_cost"] == pytest.approx(mean, rel=1e-12)
    assert {row["usd_per_tonne"] for row in rows if row["od"] == "boxes"} != {""}
