"""Tariffs that mean nothing are refused with their place and a fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario

Make = Callable[..., Path]
HEAD = "id,ledger,part,basis,legs,nodes,fleets,free_d,value_usd,value,currency\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("t,resource_cost,handling,per_feu,,alat,,,90,,", ":2:2: tariffs.t.ledger: handling is a part of shipper_price (found resource_cost). Fix: ledger: shipper_price"),
        ("t,,storage,per_feu,,alat,,,90,,", "tariffs.t.basis: storage is not priced per_feu. Fix: basis: per_teu_day or per_wagon_day or share"),
        ("t,,time,ratio,,,,,0.8,,", "time is not priced ratio"),
        ("t,,fuel,per_t_km,beyneu_aktau,,,,1,,", "fuel is not priced per_t_km"),
        ("t,,handling,per_feu,,alat,,,,,", "has no price"),
        ("t,,handling,per_feu,,alat,,,90,80,chf", "value_usd and value are both given"),
        ("t,,handling,per_feu,,alat,,,,80,", "value and currency come together"),
        ("t,,handling,per_feu,,alat,,,,80,eur", "unknown exchange rate (found 'eur')"),
        ("t,,handling,per_feu,,alat,,,-1,,", "tariffs.t.value_usd: must be >= 0 (found -1)"),
        ("t,,line_haul,share,,,,,-1.5,,", "must be >= -1 (found -1.5)"),
        ("t,,line_haul,per_feu_km,,,,,1,,", "tariffs.t.legs: per_feu_km of no leg"),
        ("t,,storage,per_teu_day,,,,,8,,", "tariffs.t.nodes: per_teu_day at no node"),
        ("t,,border,per_crossing,,,,,8,,", "per_crossing at no node and on no leg"),
        ("t,,handling,per_feu,,alat,,3,90,,", "tariffs.t.free_d: free days of per_feu"),
        ("t,,handling,per_feu,,alat,ferry,,90,,", "tariffs.t.fleets: per_feu counts no vehicles"),
        ("t,,fuel,per_train_km,,,ferry,,14,,", "counts fleets of kind train_set (found ferry)"),
        ("t,,fuel,per_vessel_day,,,fery,,14,,", "unknown fleet (found 'fery'). Fix: did you mean 'ferry'"),
    ],
)  # fmt: skip
def test_a_tariff_that_means_nothing_is_refused(make_study: Make, row: str, words: str) -> None:
    """Each with the words a planner reads."""
    rates = "id,usd_per_unit,rate_year\nchf,1.25,2024\n"
    with pytest.raises(InputError) as refused:
        read_scenario(
            str(make_study({"tariffs.csv": HEAD + row + "\n", "exchange_rates.csv": rates}))
        )
    assert words in str(refused.value)
    assert "tariffs.csv:2:" in str(refused.value)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("t,,line_haul,share,,,,,-0.3,,", "tariffs.t.part: changes no price of line_haul"),
        ("t,,reliability,ratio,,,,,0.8,,", "a ratio to the value of time, and there is none"),
    ],
)
def test_a_tariff_without_effect_is_warned_of(make_study: Make, row: str, words: str) -> None:
    """The run means something without it."""
    warned = read_scenario(str(make_study({"tariffs.csv": HEAD + row + "\n"}))).warnings
    assert any(words in text for text in warned)


def test_every_kind_of_price_is_read(make_study: Make) -> None:
    """In dollars, in another currency, after free days, of vehicles, as a discount."""
    rows = (
        "a,shipper_price,handling,per_feu,,alat,,,90,,\nb,,storage,per_teu_day,,alat,,5,8,,\n"
        "c,,fuel,per_vessel_day,,,ferry,,9000,,\nd,,handling,share,,,,,-0.3,,\n"
        "e,,border,per_unit,,alat,,,,80,chf\n"
    )
    rates = "id,usd_per_unit,rate_year\nchf,1.25,2024\n"
    resolved = read_scenario(
        str(make_study({"tariffs.csv": HEAD + rows, "exchange_rates.csv": rates}))
    )
    assert sorted(resolved.scenario.tariffs) == ["a", "b", "c", "d", "e"]
    assert not [w for w in resolved.warnings if "tariffs" in w]
