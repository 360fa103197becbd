"""Bad emission factors: one located line, and what to type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.sourced import numbers

Make = Callable[..., Path]
S = "scenarios/small.yaml"
RAIL = {"mode": "rail", "basis": "per_t_km", "value": "25", "unit": "g", "ghg": "CO2e", "scope": "WTW"}  # fmt: skip


def factors(*rows: dict[str, str]) -> tuple[str, str]:
    """Factors a, b, ... put on line 2: a rail factor with these columns changed (empty: left out)."""
    text = []
    for name, row in zip("abc", rows, strict=False):
        given = {key: value for key, value in (RAIL | row).items() if value}
        text.append(f"{name}: {{{', '.join(f'{k}: {v}' for k, v in given.items())}}}")
    return "name: small", f"name: small\nemission_factors: {{{', '.join(text)}}}"


HUB = {"mode": "hub", "basis": "per_teu", "unit": "kg"}
BAD: list[tuple[tuple[dict[str, str], ...], str, str]] = [
    (({"value": "-1"},), "a.value", "must be >= 0"),
    (({"value": ""},), "a.value", "`value` is missing"),
    (({"scope": ""},), "a.scope", "`scope` is missing"),
    (({"unit": "t"},), "a.unit", "'t' is none of g, kg"),
    (({"legs": "[beyneu_aktua]"},), "a.legs", "did you mean 'beyneu_aktau'?"),
    (({"services": "[trian]"},), "a.services", "did you mean 'train'?"),
    (({"fleets": "[fery]"},), "a.fleets", "did you mean 'ferry'?"),
    (({**HUB, "nodes": "[aktua]"},), "a.nodes", "did you mean 'aktau'?"),
    (({"scope": "TTW"},), "a.wtw_factor", "Fix: wtw_factor: 1.2"),
    (({"scope": "TTW", "wtw_factor": "0.8"},), "a.wtw_factor", "must be >= 1"),
    (({"wtw_factor": "1.2"},), "a.wtw_factor", "well to wheel already (found 1.2)"),
    (({"mode": "hub"},), "a.mode", "per_t_km is of mode rail, sea or road (found 'hub')"),
    (({"basis": "per_teu"},), "a.mode", "per_teu is of mode hub (found 'rail')"),
    (({"nodes": "[aktau]"},), "a.nodes", "is not chosen by nodes. Fix: legs, services, fleets"),
    (({**HUB, "legs": "[beyneu_aktau]"},), "a.legs", "is not chosen by legs. Fix: nodes"),
    (({"mode": "sea", "legs": "[beyneu_aktau]"},), "a.legs", "beyneu_aktau is of mode rail"),
    (({"mode": "sea", "services": "[train]"},), "a.services", "train is of mode rail"),
    (({}, {"value": "30"}), "b", "a and this row both count: which is meant?"),
    (({"legs": "[beyneu_aktau]"}, {"legs": "[beyneu_aktau]"}), "b.legs", "a and this row both count for beyneu_aktau"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "key", "phrase"), BAD)
def test_bad_factors_are_located_and_explained(
    make_study: Make, rows: tuple[dict[str, str], ...], key: str, phrase: str
) -> None:
    """One line begins with the place and the key path, and holds the phrase."""
    with pytest.raises(InputError) as caught:
        read_scenario(str(make_study({"small.yaml": factors(*rows)})))
    lines = caught.value.problems
    mine = [x for x in lines if x.startswith(f"{S}:2:") and f" emission_factors.{key}: " in x]
    assert any(phrase in line for line in mine), "\n".join(lines)


def test_factors_of_another_rank_or_place_do_not_tie(make_study: Make) -> None:
    """One for all rails, one for a leg, one for a fleet: the most special counts."""
    rows = ({}, {"legs": "[beyneu_aktau]"}, {"fleets": "[train_set]"})
    assert set(_read(make_study, *rows).scenario.emission_factors) == {"a", "b", "c"}


def test_grams_for_kilograms_are_warned_of(make_study: Make) -> None:
    """0.025 g a tonne-km: kilograms were meant; 25 kg: grams."""
    for value, unit, other in (("0.025", "g", "kg"), ("25", "kg", "g")):
        (line,) = _warnings(make_study, "a.value", {"value": value, "unit": unit})
        assert f"{value} {unit} a tonne-km is far from any" in line
        assert line.endswith(f"Fix: unit: {other}, if that was meant")
    assert _warnings(make_study, "a.value", {}) == []


def test_a_leg_that_no_factor_fits_is_warned_of_at_its_row(make_study: Make) -> None:
    """The only factor is for another mode: the leg stands in link.csv, the service in the file."""
    lines = _read(make_study, {"mode": "sea"}).warnings
    (leg,) = [line for line in lines if "legs.beyneu_aktau: " in line]
    assert leg.startswith("networks/net/link.csv:2:")
    assert "no emission factor for this rail leg" in leg
    (train,) = [line for line in lines if " services.train: " in line]
    assert train.startswith(f"{S}:6:") and "no emission factor for this rail service" in train


def test_rides_without_kilometres_and_laden_lots_without_weight_are_warned_of(
    make_study: Make,
) -> None:
    """The crossing has a law and no mode; the boxes weigh nothing."""
    lines = _read(make_study, {}).warnings
    assert any(" services.crossing.mode: no mode" in line for line in lines)
    assert any("demand.boxes.tonnes_per_unit: laden lots of 0 t" in line for line in lines)


def test_without_factors_nothing_is_warned_of(make_study: Make) -> None:
    """Emissions are not asked for."""
    lines = read_scenario(str(make_study())).warnings
    assert not any("emission" in line or "tonne" in line for line in lines)


def test_a_factor_has_the_unit_of_its_basis(make_study: Make) -> None:
    """As inputs_resolved.csv prints it."""
    units = {n.key_path: n.unit for n in numbers(_read(make_study, {}, HUB))}
    assert units["emission_factors.a.value"] == "g CO2e per t km"
    assert units["emission_factors.b.value"] == "kg CO2e per TEU"


def test_every_leg_and_service_of_the_base_has_a_factor_with_its_source() -> None:
    """No warning of a leg without one; each number has a source, each assumption a range."""
    resolved = read_scenario("base_2024")
    assert not any("emission factor" in line for line in resolved.warnings)
    found = [n for n in numbers(resolved) if n.key_path.startswith("emission_factors.")]
    assert len(found) >= 16
    for number in found:
        assert number.source == "assumption" or number.grade, number
        assert float(number.low) <= float(number.value) <= float(number.high), number


def _read(make_study: Make, *rows: dict[str, str]) -> Resolved:
    return read_scenario(str(make_study({"small.yaml": factors(*rows)})))


def _warnings(make_study: Make, key: str, *rows: dict[str, str]) -> list[str]:
    return [x for x in _read(make_study, *rows).warnings if f" emission_factors.{key}: " in x]
