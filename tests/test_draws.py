"""Draws: streams are named, repeatable, independent of each other, and open at both ends."""

import math
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from corridor_sim.laws import Law
from corridor_sim.model.draws import draw_seconds, hash64, uniforms

SEA = "services.aktau_alat.sea_time"
READY = "demand.xian_absheron.ready"


def test_hash64_is_the_same_on_every_machine() -> None:
    """Stored: a changed hash would change every result ever published."""
    assert hash64("") == 0xB4B2797457A0A6E4
    assert hash64(SEA) == 0x45D3D5DE72297A08


def test_hash64_of_100_000_names_has_no_collision() -> None:
    """The chance of one is n^2 / 2^65 = 3e-10."""
    assert len({hash64(f"services.s{k}.sea_time") for k in range(100_000)}) == 100_000


def test_uniforms_are_the_same_on_every_machine() -> None:
    """Stored: SeedSequence and the raw words of Philox are promised stable by numpy (NEP 19)."""
    expected = [0.45877634375233745, 0.8087942059491767, 0.8868239988271743]
    assert uniforms(0, 0, READY, 3).tolist() == expected


@pytest.mark.parametrize("m", [0, 1, 2, 3, 4, 5, 7, 64, 999])
def test_longer_stream_begins_with_the_shorter(m: int) -> None:
    """A guessed length can be doubled and the run repeated."""
    assert (uniforms(7, 2, SEA, 1000)[:m] == uniforms(7, 2, SEA, m)).all()


def test_streams_differ_by_seed_replication_and_name() -> None:
    """Seed 0 is a seed; a chance match of 52 bits is 2e-16 a pair."""
    streams = [uniforms(s, r, name, 8) for s in (0, 1) for r in (0, 1) for name in (SEA, READY)]
    assert all((a != b).all() for a, b in combinations(streams, 2))


def test_another_stream_changes_no_other() -> None:
    """No global state: what is drawn between, and numpy's own seed, do not matter."""
    alone = uniforms(0, 0, SEA, 100)
    uniforms(0, 0, READY, 12_345)
    np.random.seed(1)  # noqa: NPY002 - on purpose
    assert (uniforms(0, 0, SEA, 100) == alone).all()


def test_uniforms_are_open_and_mirror_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest and largest raw words give neither 0 nor 1, and 1 - u is exact."""

    class Extremes:
        def __init__(self, seed: object) -> None: ...

        def random_raw(self, n: int) -> NDArray[np.uint64]:
            return np.array([0, 2**64 - 1], dtype=np.uint64)

    monkeypatch.setattr("corridor_sim.model.draws.Philox", Extremes)
    assert uniforms(0, 0, SEA, 2).tolist() == [2.0**-53, 1 - 2.0**-53]


def test_missing_seed_is_refused() -> None:
    """numpy would take one from the system, and the run could never be repeated."""
    with pytest.raises(ValueError, match="needs a seed"):
        uniforms(None, 0, SEA, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (0, -1), (0, 2**32)])
def test_seed_or_replication_out_of_range_is_refused(seed: int, replication: int) -> None:
    """A replication of 33 bits would read as two words of the key."""
    with pytest.raises(ValueError, match=r"replication|negative"):
        uniforms(seed, replication, SEA, 1)


def test_uniforms_are_uniform() -> None:
    """Kolmogorov-Smirnov: seeds 0-19, n = 10,000 each, false alarms 1e-6 in all (Bonferroni)."""
    p = [stats.kstest(uniforms(seed, 0, SEA, 10_000), "uniform").pvalue for seed in range(20)]
    assert min(p) > 1e-6 / 20


def test_named_streams_are_uncorrelated() -> None:
    """Seed 0, 20 names and 20 replications, n = 10,000; 780 pairs, false alarms 1e-6 in all."""
    streams = [uniforms(0, 0, f"services.s{k}.sea_time", 10_000) for k in range(20)]
    streams += [uniforms(0, r, SEA, 10_000) for r in range(20)]
    pairs = np.asarray(np.corrcoef(streams))[np.triu_indices(40, k=1)]
    limit = stats.norm.isf(1e-6 / (2 * len(pairs))) / math.sqrt(10_000)
    assert np.abs(pairs).max() < limit


def test_seconds_round_half_to_even() -> None:
    """By hand: 0.5, 1.5, 2.5 and 3.4 s."""
    for seconds, expected in [(0.5, 0), (1.5, 2), (2.5, 2), (3.4, 3)]:
        law = Law("constant", mean=seconds / 3600)
        assert draw_seconds(law, [0.5]).tolist() == [expected]


@pytest.mark.parametrize(
    "law",
    [
        Law("exponential", mean=6.0),
        Law("lognormal", mean=6.0, cv=0.5),
        Law("gamma", mean=6.0, cv=0.5),
        Law("pert", low=2.0, mode=5.0, high=14.0),
    ],
)
def test_drawn_seconds_have_the_mean_of_the_law(law: Law) -> None:
    """Seed 0, n = 100,000; 5 standard errors of the sd 6 h at most: false alarms 6e-7 a law."""
    seconds = draw_seconds(law, uniforms(0, 0, SEA, 100_000))
    assert seconds.dtype == np.int64 and seconds.min() >= 0
    assert seconds.mean() / 3600 == pytest.approx(6.0, abs=5 * 6.0 / math.sqrt(100_000))


def test_larger_uniform_never_gives_a_shorter_time() -> None:
    """One uniform through the quantile function keeps common random numbers in step."""
    u = np.sort(uniforms(0, 0, SEA, 10_000))
    assert (np.diff(draw_seconds(Law("gamma", mean=6.0, cv=0.5), u)) >= 0).all()
