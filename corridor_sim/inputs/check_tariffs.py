"""Tariffs: a part of its ledger, a basis of its part, one price, and something that it counts."""

from __future__ import annotations

from collections.abc import Iterator

from corridor_sim.inputs.problems import Problem, listed
from corridor_sim.inputs.tariff import LEDGER_OF, Basis, Part, Tariff
from corridor_sim.inputs.view import View

_MOVES: tuple[Basis, ...] = ("per_feu_km", "per_t_km", "per_feu", "per_unit", "per_crossing")
_DAYS: tuple[Basis, ...] = ("per_teu_day", "per_wagon_day")
_VEHICLES: tuple[Basis, ...] = ("per_vessel_day", "per_train_km")
_BASES: dict[Part, tuple[Basis, ...]] = {
    "line_haul": (*_MOVES, "share"),
    "handling": (*_MOVES, "share"),
    "border": (*_MOVES, "share"),
    "broker": (*_MOVES, "share"),
    "storage": (*_DAYS, "share"),
    "demurrage": (*_DAYS, "share"),
    "fuel": (*_VEHICLES, "share"),
    "crew": (*_VEHICLES, "share"),
    "track": (*_VEHICLES, "share"),
    "capital": (*_VEHICLES, "share"),
    "inventory": ("share_per_day",),
    "time": ("share_of_value_per_day",),
    "reliability": ("ratio",),
}
_KINDS = {"per_vessel_day": "vessel", "per_train_km": "train_set"}
"""Basis -> the kind of fleet whose days or kilometres it counts."""


def problems(view: View) -> Iterator[Problem]:
    """Problems of `tariffs`; unknown names are said elsewhere."""
    for key, tariff in view.items("tariffs"):
        yield from _part_problems(view, key, tariff)
        yield from _price_problems(view, key, tariff)
        yield from _place_problems(view, key, tariff)
        yield from _fleet_problems(view, key, tariff)


def _part_problems(view: View, key: str, tariff: Tariff) -> Iterator[Problem]:
    ledger = LEDGER_OF[tariff.part]
    if tariff.ledger not in (None, ledger):
        what = f"{tariff.part} is a part of {ledger} (found {tariff.ledger})"
        yield view.problem(key, "ledger", what, f"ledger: {ledger}")
    bases = _BASES[tariff.part]
    if tariff.basis not in bases:
        what = f"{tariff.part} is not priced {tariff.basis}"
        yield view.problem(key, "basis", what, f"basis: {' or '.join(bases)}")


def _price_problems(view: View, key: str, tariff: Tariff) -> Iterator[Problem]:
    if (tariff.value_usd is None) == (tariff.value is None):
        what = "value_usd and value are both given" if tariff.value is not None else "has no price"
        fix = "value_usd: 90, or value: 90 with a currency"
        yield view.problem(key, "value_usd", what, fix)
    if (tariff.value is None) != (tariff.currency is None):
        what = "value and currency come together: one is missing"
        yield view.problem(key, "currency", what, "value: 90 and currency: chf, or value_usd: 90")
    least = -1.0 if tariff.basis == "share" else 0.0
    for column in ("value_usd", "value"):
        price = getattr(tariff, column)
        if price is not None and price < least:
            what = f"must be >= {least:g} (found {price:g})"
            yield view.problem(key, column, what, f"{column}: {least:g} or more")


def _place_problems(view: View, key: str, tariff: Tariff) -> Iterator[Problem]:
    """A price that counts nothing, or asks for places where none count."""
    if tariff.basis in ("per_feu_km", "per_t_km") and not tariff.legs:
        yield view.problem(key, "legs", f"{tariff.basis} of no leg", "legs: [name of a leg]")
    if tariff.basis in _DAYS and not tariff.nodes:
        yield view.problem(key, "nodes", f"{tariff.basis} at no node", "nodes: [name of a node]")
    on_passage = tariff.basis in ("per_feu", "per_unit", "per_crossing")
    if on_passage and not (tariff.legs or tariff.nodes):
        what = f"{tariff.basis} at no node and on no leg"
        yield view.problem(key, "nodes", what, "nodes: [name of a node]")
    if tariff.free_d and tariff.basis not in _DAYS:
        what = f"free days of {tariff.basis}"
        yield view.problem(key, "free_d", what, f"basis: {' or '.join(_DAYS)}")


def _fleet_problems(view: View, key: str, tariff: Tariff) -> Iterator[Problem]:
    kind = _KINDS.get(tariff.basis)
    if tariff.fleets and kind is None and tariff.basis != "share":
        what = f"{tariff.basis} counts no vehicles"
        yield view.problem(key, "fleets", what, f"basis: {' or '.join(_KINDS)}, or no fleets")
    known = view.tables["fleets"]
    wrong = sorted(n for n in tariff.fleets if kind and n in known and known[n].kind != kind)
    if wrong:
        what = f"{tariff.basis} counts fleets of kind {kind} (found {listed(wrong)})"
        yield view.problem(key, "fleets", what, f"fleets of kind {kind}")


def warnings(view: View) -> Iterator[Problem]:
    """A discount that no price has, and a ratio of no value of time."""
    tariffs = [tariff for _, tariff in view.items("tariffs")]
    for key, tariff in view.items("tariffs"):
        if tariff.basis == "share" and not any(_lowers(tariff, other) for other in tariffs):
            what = f"changes no price of {tariff.part}"
            yield view.problem(key, "part", what, "legs, nodes or units of such a price")
        if tariff.part == "reliability" and not any(t.part == "time" for t in tariffs):
            what = "a ratio to the value of time, and there is none"
            yield view.problem(key, "part", what, "a row of part time")


def _lowers(share: Tariff, other: Tariff) -> bool:
    return other.basis != "share" and narrowed(share, other) is not None


def narrowed(share: Tariff, other: Tariff) -> Tariff | None:
    """What of a price a share of it is about: the price where both apply; None: nowhere."""
    if share.part != other.part:
        return None
    changes: dict[str, object] = {}
    for column in ("legs", "nodes", "fleets", "units"):
        asked, there = getattr(share, column), getattr(other, column)
        if asked and there:
            changes[column] = tuple(name for name in there if name in asked)
            if not changes[column]:
                return None
        elif asked and column in ("legs", "nodes"):
            return None
        elif asked:
            changes[column] = asked
    if share.direction is not None:
        if other.direction not in (None, share.direction):
            return None
        changes["direction"] = share.direction
    return other.model_copy(update=changes)
