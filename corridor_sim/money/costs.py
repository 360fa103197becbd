"""What lots cost: money plus the price of time, for many tariff sets at once.

Money is born here, after the simulation. Every term of a cost is (a number of the lot) x (a price
of the tariff set): the numbers are columns of `activity`, the *items*; the prices are rows of
`rate_usd`; a tariff set is one column of it. So pricing 200 sets is one matrix product.

- `generalised_cost`: USD by lot and set. `cost_blocks`: the same in blocks, never all at once.
- `cost_parts`: the same split by `PARTS`, by a part number of each item.
- `time_items` and `time_rates`: inventory, value of time and of reliability as three more items.
- Totals by OD for many sets: `cost_totals`. Days beyond a free time, which is no product:
  `free_time`.

The two ledgers are never added: what a shipper pays holds what the carriers spend.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from corridor_sim.errors import ShapeError
from corridor_sim.inputs.tariff import LEDGER_OF
from corridor_sim.money.cost_kernel import block_lots, product
from corridor_sim.money.cost_loops import FloatArray
from corridor_sim.primitives import IntArray

#: All parts in the order in which they are reported; a part number is a place in this tuple.
PARTS = tuple(LEDGER_OF)
#: The part numbers of the three columns of `time_items`.
TIME_PARTS = tuple(PARTS.index(part) for part in ("inventory", "time", "reliability"))


def generalised_cost(
    activity: npt.ArrayLike,
    rate_usd: npt.ArrayLike,
    out: FloatArray | None = None,
    fast: bool = False,
) -> FloatArray:
    """Cost per lot and tariff set: sum over items of activity x rate.

    Give the items of one ledger, and those of `time_items`: what shippers pay and what carriers
    spend do not add up to anything.

    Parameters
    ----------
    activity    (n_lot, n_item), how much of each item the lot uses: FEU-km of a leg, handlings x
                FEU, border crossings x FEU, value x days; a NaN in a row: lot undelivered
    rate_usd    (n_item, n_set), USD per unit of the item
    out         (n_lot, n_set) float64, written to instead of a new array
    fast        by the compiled kernel, if numba is installed (`cost_kernel`)

    Returns
    -------
    (n_lot, n_set) float64, USD; NaN where undelivered

    Raises
    ------
    ShapeError    shapes do not fit together, or `out` is not float64

    Own formula: docs/assumptions.md#vot

    One 40-foot container (1 FEU = 2 TEU, cargo of 50 000 USD) is 20 days on the way, and transit
    times of its OD have a standard deviation of 5 days:

    =============================================  =========
    3 000 FEU-km of rail at 0.60 USD                1 800 USD
    2 handlings at 80 USD                             160 USD
    1 border crossing at 100 USD                      100 USD
    20 d x 50 000 USD x 0.0003 per day                300 USD
    20 d x 2 TEU x 15 USD/(TEU d)                     600 USD
    5 d x 2 TEU x 15 USD/(TEU d) x ratio 0.8          120 USD
    generalised cost                                3 080 USD
    =============================================  =========

    >>> activity = np.hstack([[[3000, 2, 1]], time_items([20], [5], [50_000], [2])])
    >>> rate_usd = np.vstack([[[0.6], [80], [100]], time_rates([0.0003], [15], [0.8])])
    >>> generalised_cost(activity, rate_usd)
    array([[3080.]])
    """
    use, rate = _matrices(activity, rate_usd)
    shape = (use.shape[0], rate.shape[1])
    if out is None:
        out = np.empty(shape)
    _require("out", out, shape)
    if out.dtype != np.float64:
        raise ShapeError(f"out: must be float64 (found {out.dtype}). Fix: np.empty(shape)")
    size, price = block_lots(*rate.shape), product(rate, fast)
    for start in range(0, len(use), size):
        price(use[start : start + size], out[start : start + size])
    return out


def cost_blocks(
    activity: npt.ArrayLike, rate_usd: npt.ArrayLike, fast: bool = False
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield `generalised_cost` block by block: (lots, USD of these lots), in order.

    The block is overwritten by the next one: reduce it or copy it. A million lots under 200 sets
    are 1.6 GB; a block is 0.4 MB.

    >>> [usd.tolist() for lots, usd in cost_blocks([[1.0], [2.0]], [[10.0, 20.0]])]
    [[[10.0, 20.0], [20.0, 40.0]]]
    """
    use, rate = _matrices(activity, rate_usd)
    size, price = block_lots(*rate.shape), product(rate, fast)
    block = np.empty((min(size, len(use)), rate.shape[1]))
    for start in range(0, len(use), size):
        lots = slice(start, min(start + size, len(use)))
        usd = block[: lots.stop - start]
        price(use[lots], usd)
        yield lots, usd


def cost_parts(
    activity: npt.ArrayLike, rate_usd: npt.ArrayLike, part: npt.ArrayLike
) -> dict[str, FloatArray]:
    """`generalised_cost` split by part: each is the product over its own items alone.

    So the parts sum to the total (rtol 1e-12: only the order of the additions differs).

    Parameters
    ----------
    part    (n_item,) int, place of each item's part in `PARTS`; the others as in
            `generalised_cost`

    Returns
    -------
    part -> (n_lot, n_set) float64, USD; NaN where undelivered; parts without items are left out

    Raises
    ------
    ShapeError    shapes do not fit together, or a part is not in `PARTS`

    >>> parts = cost_parts([[3000, 2, 1]], [[0.6], [80], [100]], [0, 1, 2])
    >>> {name: usd.item() for name, usd in parts.items()}
    {'line_haul': 1800.0, 'handling': 160.0, 'border': 100.0}
    """
    use, rate = _matrices(activity, rate_usd)
    number = part_numbers(part, rate.shape[0])
    lost = np.isnan(use).any(axis=1)
    found = {
        PARTS[p]: generalised_cost(use[:, number == p], rate[number == p])
        for p in np.unique(number)
    }
    for usd in found.values():
        usd[lost] = np.nan
    return found


def time_items(
    transit_d: npt.ArrayLike, sigma_d: npt.ArrayLike, value_usd: npt.ArrayLike, teu: npt.ArrayLike
) -> FloatArray:
    """Activities of time: value x days, TEU x days, TEU x standard deviation of days.

    Parameters
    ----------
    transit_d    (n_lot,), days; NaN where undelivered
    sigma_d      (n_lot,), days, standard deviation of the transit times of the lot's OD
                 (`transit_sigma_d`); or P95 - P50, with a reliability ratio made for that
    value_usd    (n_lot,), USD, value of the lot's cargo
    teu          (n_lot,), TEU; or the value again, if time is priced as a share of it

    Returns
    -------
    (n_lot, 3) float64, items of the parts `TIME_PARTS`; NaN where undelivered

    >>> time_items([20], [5], [50_000], [2]).tolist()
    [[1000000.0, 40.0, 10.0]]
    """
    columns = {"transit_d": transit_d, "sigma_d": sigma_d, "value_usd": value_usd, "teu": teu}
    days, sigma, value, size = _vectors(columns)
    spread = np.where(np.isnan(days), np.nan, size * sigma)
    return np.column_stack([value * days, size * days, spread])


def time_rates(
    inventory_share_per_day: npt.ArrayLike,
    vot_usd_per_teu_d: npt.ArrayLike,
    reliability_ratio: npt.ArrayLike,
) -> FloatArray:
    """Prices of `time_items`: inventory share, value of time, value of reliability.

    The value of reliability is the value of time x the reliability ratio, per day of standard
    deviation. A value of time that already holds the cost of capital needs an inventory share
    of 0, or it counts twice.

    Parameters
    ----------
    inventory_share_per_day    (n_set,), share of the value lost per day
    vot_usd_per_teu_d          (n_set,), USD/(TEU day)
    reliability_ratio          (n_set,), value of a day of standard deviation over that of a day

    Returns
    -------
    (3, n_set) float64

    Source: definition of the ratio: de Jong, Kouwenhoven, Kroes, Rietveld, Warffemius 2009,
    European Journal of Transport and Infrastructure Research 9(2), 83-99

    >>> time_rates([0.0003], [15], [0.8]).ravel().tolist()
    [0.0003, 15.0, 12.0]
    """
    columns = {
        "inventory_share_per_day": inventory_share_per_day,
        "vot_usd_per_teu_d": vot_usd_per_teu_d,
        "reliability_ratio": reliability_ratio,
    }
    share, vot, ratio = _vectors(columns)
    return np.vstack([share, vot, vot * ratio])


def transit_sigma_d(group: IntArray, transit_d: npt.ArrayLike, n_group: int) -> FloatArray:
    """Standard deviation of the transit times of each lot's group (its OD), (n_lot,), days.

    Over delivered lots, all of them (divided by n). A group whose slowest lots are undelivered
    looks more reliable than it is; one that delivered none has NaN.

    >>> transit_sigma_d(np.array([0, 0, 1]), [10.0, 20.0, 5.0], 2).tolist()
    [5.0, 5.0, 0.0]
    """
    days = np.asarray(transit_d, np.float64)
    _require("group", group, days.shape)
    done = ~np.isnan(days)
    of, known = group[done], days[done]
    n = np.bincount(of, minlength=n_group).astype(np.float64)
    n[n == 0] = np.nan
    mean = np.bincount(of, known, n_group) / n
    squares = np.bincount(of, (known - mean[of]) ** 2, n_group)
    sigma: FloatArray = np.sqrt(squares / n)[group]
    return sigma


def is_cost_only(key: str) -> bool:
    """Whether a key path may change without a new simulation.

    True for what is read after the run alone: columns of `tariffs` (values of time are rows of
    it), of `exchange_rates` and of `emission_factors`, and the cargo value of a demand row. No
    routing rule reads a price; the first one that does has to be asked here.

    >>> is_cost_only("tariffs.aktau_alat.value_usd")
    True
    >>> is_cost_only("demand.xian_absheron.value_usd_per_unit")
    True
    >>> is_cost_only("fleets.kmtf_225.vessels")
    False
    """
    match key.split("."):
        case ["tariffs" | "exchange_rates" | "emission_factors", first, *rest]:
            return all([first, *rest])
        case ["demand", row, "value_usd_per_unit"]:
            return bool(row)
        case _:
            return False


def part_numbers(part: npt.ArrayLike, n_item: int) -> IntArray:
    """(n_item,) int64 places in `PARTS`, or raise `ShapeError`."""
    number = np.asarray(part)
    _require("part", number, (n_item,))
    if not np.isin(number, np.arange(len(PARTS))).all():
        raise ShapeError(f"part: must be 0 to {len(PARTS) - 1} (places in {PARTS})")
    return number.astype(np.int64)


def _matrices(activity: npt.ArrayLike, rate: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both as float64 of (n_lot, n_item) and (n_item, n_set), or raise `ShapeError`."""
    use, price = np.asarray(activity, np.float64), np.asarray(rate, np.float64)
    if use.ndim != 2 or price.ndim != 2 or use.shape[1] != price.shape[0]:
        raise ShapeError(
            "activity, rate_usd: must be (n_lot, n_item) and (n_item, n_set) "
            f"(found {use.shape} and {price.shape}). Fix: one row of rates per item"
        )
    return use, price


def _vectors(columns: dict[str, npt.ArrayLike]) -> list[FloatArray]:
    """All as float64 of one length, or raise `ShapeError`: broadcasting would hide a mistake."""
    found = {name: np.asarray(column, np.float64) for name, column in columns.items()}
    first = next(iter(found.values()))
    for name, column in found.items():
        _require(name, column, (first.size,))
    return list(found.values())


def _require(name: str, array: npt.NDArray[np.generic], shape: tuple[int, ...]) -> None:
    """Raise `ShapeError` unless the array has this shape."""
    if array.shape != shape:
        raise ShapeError(f"{name}: must have shape {shape} (found {array.shape})")
