"""What lots cost: money plus the price of time, for many tariff sets at once.

Money is born here, after the simulation. A tariff set is one column of prices, so pricing
200 sets is one matrix product and needs no new run.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corridor_sim.errors import ShapeError

FloatArray = npt.NDArray[np.float64]

#: Parts that tariff items belong to; an item's group number is its place in this tuple.
ITEM_PARTS = ("line_haul", "handling", "border")
#: All parts of a generalised cost, in the order in which they are reported.
PARTS = (*ITEM_PARTS, "inventory", "time")

# Lots priced per product: the block and its answer stay in cache. One block of all lots took five
# times as long; larger ones than this wake BLAS threads that burn CPU (benchmarks/cost_core.py).
_BLOCK_LOTS = 1024


def generalised_cost(
    activity: npt.ArrayLike,
    rate_usd: npt.ArrayLike,
    transit_d: npt.ArrayLike,
    value_usd: npt.ArrayLike,
    teu: npt.ArrayLike,
    inventory_share_per_day: npt.ArrayLike,
    vot_usd_per_teu_d: npt.ArrayLike,
    out: FloatArray | None = None,
) -> FloatArray:
    """Money plus inventory cost plus value of time, per lot and tariff set.

    cost = sum over items (activity x rate) + transit x (value x inventory share + TEU x VoT)

    The formula is separable: each term is (a number of the lot) x (a price of the set). So
    ``value x transit`` and ``TEU x transit`` are two more items, and all is one product.
    A VoT that already holds the cost of capital needs an inventory share of 0, or it counts twice.

    Parameters
    ----------
    activity                 (n_lot, n_item), how much of each tariff item the lot uses: FEU-km of
                             a leg, handlings x FEU, border crossings x FEU
    rate_usd                 (n_item, n_set), USD per unit of the item
    transit_d                (n_lot,), days; NaN where undelivered
    value_usd                (n_lot,), USD, value of the cargo of the lot
    teu                      (n_lot,), TEU
    inventory_share_per_day  (n_set,), share of the value lost per day
    vot_usd_per_teu_d        (n_set,), USD/(TEU day)
    out                      (n_lot, n_set) float64, written to instead of a new array

    Returns
    -------
    (n_lot, n_set) float64, USD; NaN where undelivered

    Raises
    ------
    ShapeError    shapes do not fit together, or `out` is not float64

    Own formula: docs/assumptions.md#vot

    One 40-foot container (1 FEU = 2 TEU, cargo of 50 000 USD) is 20 days on the way:

    =====================================  =========
    3 000 FEU-km of rail at 0.60 USD        1 800 USD
    2 handlings at 80 USD                     160 USD
    1 border crossing at 100 USD              100 USD
    20 d x 50 000 USD x 0.0003 per day        300 USD
    20 d x 2 TEU x 15 USD/(TEU d)             600 USD
    generalised cost                        2 960 USD
    =====================================  =========

    >>> generalised_cost([[3000, 2, 1]], [[0.6], [80], [100]], [20], [50_000], [2], [0.0003], [15])
    array([[2960.]])
    """
    use, rate, days, value, size = map(np.asarray, (activity, rate_usd, transit_d, value_usd, teu))
    share, vot = np.asarray(inventory_share_per_day), np.asarray(vot_usd_per_teu_d)
    n_lot, n_item, n_set = _sizes(use, rate)
    _require("transit_d", days, (n_lot,))
    _require("value_usd", value, (n_lot,))
    _require("teu", size, (n_lot,))
    _require("inventory_share_per_day", share, (n_set,))
    _require("vot_usd_per_teu_d", vot, (n_set,))
    if out is None:
        out = np.empty((n_lot, n_set))
    _require("out", out, (n_lot, n_set))
    if out.dtype != np.float64:
        raise ShapeError(f"out: must be float64 (found {out.dtype}). Fix: np.empty(shape)")

    prices = np.vstack([rate, share, vot]).astype(np.float64, copy=False)
    amounts = np.empty((min(n_lot, _BLOCK_LOTS), n_item + 2))
    for start in range(0, n_lot, _BLOCK_LOTS):
        lots = slice(start, start + _BLOCK_LOTS)
        block = amounts[: out[lots].shape[0]]
        block[:, :n_item] = use[lots]
        block[:, n_item] = value[lots] * days[lots]
        block[:, n_item + 1] = size[lots] * days[lots]
        np.matmul(block, prices, out=out[lots])
        # A BLAS may skip a price of 0 and so lose the NaN: say it outright.
        out[lots][np.isnan(days[lots])] = np.nan
    return out


def cost_parts(
    activity: npt.ArrayLike,
    rate_usd: npt.ArrayLike,
    transit_d: npt.ArrayLike,
    value_usd: npt.ArrayLike,
    teu: npt.ArrayLike,
    inventory_share_per_day: npt.ArrayLike,
    vot_usd_per_teu_d: npt.ArrayLike,
    group: npt.ArrayLike,
) -> dict[str, FloatArray]:
    """Generalised cost split into line haul, handling, border, inventory and time.

    Each part is `generalised_cost` with the prices of the other parts left out, so the parts
    sum to the total (rtol 1e-12: only the order of the additions differs).

    Parameters
    ----------
    group    (n_item,) int, place of each item's part in `ITEM_PARTS`; the others as in
             `generalised_cost`

    Returns
    -------
    part of `PARTS` -> (n_lot, n_set) float64, USD; NaN where undelivered

    Raises
    ------
    ShapeError    shapes do not fit together, or a group is not in `ITEM_PARTS`

    >>> parts = cost_parts(
    ...     [[3000, 2, 1]], [[0.6], [80], [100]], [20], [50_000], [2], [0.0003], [15], [0, 1, 2]
    ... )
    >>> {part: round(usd.item(), 6) for part, usd in parts.items()}
    {'line_haul': 1800.0, 'handling': 160.0, 'border': 100.0, 'inventory': 300.0, 'time': 600.0}
    """
    use, rate, part_of = np.asarray(activity), np.asarray(rate_usd), np.asarray(group)
    _, n_item, _ = _sizes(use, rate)
    _require("group", part_of, (n_item,))
    if not np.isin(part_of, np.arange(len(ITEM_PARTS))).all():
        raise ShapeError(f"group: must be 0 to {len(ITEM_PARTS) - 1} (places in {ITEM_PARTS})")

    def price(items: npt.NDArray[np.bool_], share_factor: int, vot_factor: int) -> FloatArray:
        return generalised_cost(
            use[:, items],
            rate[items],
            transit_d,
            value_usd,
            teu,
            np.asarray(inventory_share_per_day) * share_factor,
            np.asarray(vot_usd_per_teu_d) * vot_factor,
        )

    none = np.zeros(n_item, dtype=np.bool_)
    parts = {part: price(part_of == place, 0, 0) for place, part in enumerate(ITEM_PARTS)}
    return {**parts, "inventory": price(none, 1, 0), "time": price(none, 0, 1)}


def is_cost_only(key: str) -> bool:
    """Whether a key path may change without a new simulation.

    True for any column of `tariffs` and for the cargo value of a demand row: both are read
    after the run. A caller whose routing rule reads tariffs has to simulate again all the same.

    >>> is_cost_only("tariffs.aktau_alat.rate_usd_per_feu")
    True
    >>> is_cost_only("demand.xian_absheron.value_usd_per_unit")
    True
    >>> is_cost_only("fleets.kmtf_225.vessels")
    False
    """
    match key.split("."):
        case ["tariffs", first, *rest]:
            return all([first, *rest])
        case ["demand", row, "value_usd_per_unit"]:
            return bool(row)
        case _:
            return False


def _sizes(
    activity: npt.NDArray[np.generic], rate: npt.NDArray[np.generic]
) -> tuple[int, int, int]:
    """Return (n_lot, n_item, n_set), or raise `ShapeError`."""
    if activity.ndim != 2 or rate.ndim != 2 or activity.shape[1] != rate.shape[0]:
        raise ShapeError(
            "activity, rate_usd: must be (n_lot, n_item) and (n_item, n_set) "
            f"(found {activity.shape} and {rate.shape}). Fix: one row of rates per item"
        )
    return activity.shape[0], rate.shape[0], rate.shape[1]


def _require(name: str, array: npt.NDArray[np.generic], shape: tuple[int, ...]) -> None:
    """Raise `ShapeError` unless the array has this shape: broadcasting would hide a mistake."""
    if array.shape != shape:
        raise ShapeError(f"{name}: must have shape {shape} (found {array.shape})")
