"""Emission factors: what they name fits their basis, one of them counts, and all is well to wheel."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from corridor_sim.inputs.emission_factor import EmissionFactor
from corridor_sim.inputs.problems import Problem, listed
from corridor_sim.inputs.view import View

SELECTORS = {
    "per_t_km": ("legs", "services", "fleets"),
    "per_teu": ("nodes",),
    "per_vessel_h": ("services", "fleets"),
}
"""Basis -> columns that say to what a factor applies."""

LEAST_KG, MOST_KG = 0.001, 1.0
"""Per tonne-km: deep sea has 0.005 kg, a van some 0.5."""


def problems(view: View) -> Iterator[Problem]:
    """Problems of `emission_factors`, beyond names and signs."""
    for key, row in view.items("emission_factors"):
        yield from _basis_problems(view, key, row)
        yield from _scope_problems(view, key, row)
        yield from _mode_problems(view, key, row)
    yield from _tie_problems(view)


def warnings(view: View) -> Iterator[Problem]:
    """Grams taken for kilograms, and what moves freight without a factor or a weight."""
    factors = list(view.tables["emission_factors"].values())
    for key, row in view.items("emission_factors"):
        kg = row.value / 1000 if row.unit == "g" else row.value
        if row.basis == "per_t_km" and row.value and not LEAST_KG <= kg <= MOST_KG:
            other = "kg" if row.unit == "g" else "g"
            what = f"{row.value:g} {row.unit} a tonne-km is far from any transport"
            yield view.problem(key, "value", what, f"unit: {other}, if that was meant")
    if any(row.basis == "per_t_km" for row in factors):
        yield from _uncovered(view, factors)


def _basis_problems(view: View, key: str, row: EmissionFactor) -> Iterator[Problem]:
    """The mode and the columns that name something are those of the basis."""
    if (row.mode == "hub") == (row.basis == "per_t_km"):
        wanted = "rail, sea or road" if row.basis == "per_t_km" else "hub"
        what = f"{row.basis} is of mode {wanted} (found {row.mode!r})"
        yield view.problem(key, "mode", what, f"mode: {wanted.partition(',')[0]}")
    for column in sorted({c for names in SELECTORS.values() for c in names}):
        if getattr(row, column) and column not in SELECTORS[row.basis]:
            what = f"a factor {row.basis} is not chosen by {column}"
            yield view.problem(key, column, what, listed(SELECTORS[row.basis]))


def _scope_problems(view: View, key: str, row: EmissionFactor) -> Iterator[Problem]:
    """What is summed is well to wheel."""
    if row.scope == "TTW" and row.wtw_factor is None:
        what = "a TTW value lacks what its fuel emitted before, and is not summed as it is"
        yield view.problem(key, "wtw_factor", what, "wtw_factor: 1.2 (with its source)")
    if row.scope == "WTW" and row.ghg == "CO2e" and row.wtw_factor is not None:
        what = f"the value is well to wheel already (found {row.wtw_factor:g})"
        yield view.problem(key, "wtw_factor", what, "take it out, or scope: TTW")


def _mode_problems(view: View, key: str, row: EmissionFactor) -> Iterator[Problem]:
    """Legs and services named are of the factor's mode: others are never asked for."""
    if row.basis != "per_t_km" or row.mode == "hub":
        return
    for column in ("legs", "services"):
        for name in getattr(row, column):
            mode = getattr(view.tables[column].get(name), "mode", None)
            if mode not in (None, row.mode):
                what = f"{name} is of mode {mode}, the factor of mode {row.mode}"
                yield view.problem(key, column, what, f"{column} of mode {row.mode}")


def _tie_problems(view: View) -> Iterator[Problem]:
    """Two factors that name the same columns fit one place: none of them is the more special."""
    for (_, one), (key, other) in combinations(view.items("emission_factors"), 2):
        if (one.basis, one.mode) != (other.basis, other.mode):
            continue
        columns = SELECTORS[one.basis]
        pairs = [(getattr(one, c), getattr(other, c)) for c in columns]
        if any(bool(mine) != bool(yours) for mine, yours in pairs):
            continue
        both = [sorted(set(mine) & set(yours)) for mine, yours in pairs if mine]
        if all(both):
            where = f" for {listed(names[0] for names in both)}" if both else ""
            what = f"{one.id} and this row both count{where}: which is meant?"
            column = next((c for c in columns if getattr(other, c)), "")
            yield view.problem(key, column, what, "take it out of one of them")


def _uncovered(view: View, factors: list[Any]) -> Iterator[Problem]:
    """Legs and services that no factor can fit; laden lots that weigh nothing."""
    end = "its tonne-km emit nothing, and count as missing_share in emissions.csv"
    for key, leg in view.items("legs"):
        if not any(_covers(f, leg.mode, "legs", (leg.id,)) for f in factors):
            what = f"no emission factor for this {leg.mode} leg: {end}"
            yield view.problem(key, "", what, "add its name to `legs` of a factor")
    for key, row in view.items("services"):
        if row.mode is None:
            what = "no mode, so no legs and no kilometres: its rides have no emissions"
            yield view.problem(key, "mode", what, "mode: rail, sea or road, and legs")
        elif not any(_covers(f, row.mode, "services", (row.id,), row.fleets) for f in factors):
            what = f"no emission factor for this {row.mode} service: {end}"
            yield view.problem(key, "", what, "name it, or its fleets, in a factor")
    for key, row in view.items("demand"):
        if row.laden and not row.tonnes_per_unit:
            what = "laden lots of 0 t have no tonne-km: their rides emit nothing"
            yield view.problem(key, "tonnes_per_unit", what, "tonnes_per_unit: 14, or laden: false")


def _covers(
    factor: Any, mode: str, column: str, ids: tuple[str, ...], fleets: tuple[str, ...] | None = None
) -> bool:
    """Whether a factor may fit one of these rows; with fleets also one of theirs."""

    def may(name: str, asked: tuple[str, ...]) -> bool:
        named = getattr(factor, name)
        return not named or bool(set(named) & set(asked))

    is_one = factor.basis == "per_t_km" and factor.mode == mode
    return is_one and may(column, ids) and (fleets is None or may("fleets", fleets))
