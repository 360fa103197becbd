"""Random numbers, here and nowhere else: one named stream for each owner and purpose.

A stream's k-th number belongs to the k-th ordinal of its owner (the k-th lot of a demand row, the
k-th departure of a service), so a stream added, removed or made longer changes no other number.

>>> u = uniforms(seed=0, replication=3, name="services.aktau_alat.sea_time", n=4)
>>> bool((u[:2] == uniforms(0, 3, "services.aktau_alat.sea_time", 2)).all())
True
"""

from hashlib import blake2b

import numpy as np
from numpy.random import Philox, SeedSequence
from numpy.typing import ArrayLike, NDArray

from corridor_sim.laws import Law, sampler

_S_PER_H = 3600


def hash64(name: str) -> int:
    """A stable 64-bit number for a name (Python's own `hash` differs from run to run).

    64 bits because 32-bit hashes of 10,000 names collide with a chance of 1 %.

    >>> hash64("services.aktau_alat.sea_time") == hash64("services.aktau_alat.sea_time")
    True
    """
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def uniforms(seed: int, replication: int, name: str, n: int) -> NDArray[np.float64]:
    """The first n numbers of a stream, uniform in the open interval (0, 1).

    The middles of 2**52 equal cells: never 0 or 1, and 1 - u is as good as u. Made from the raw
    words of Philox, which numpy keeps from version to version as it does not keep `random`.

    Parameters
    ----------
    seed           >= 0; 0 is a seed like any other
    replication    0 to 2**32 - 1
    name           what the stream belongs to and what it is for
    n              how many; a longer stream begins with the shorter one

    Returns
    -------
    (n,) float64

    Raises
    ------
    ValueError    no seed, or a seed or replication out of range

    >>> uniforms(seed=0, replication=0, name="demand.xian_absheron.ready", n=2).round(4).tolist()
    [0.4588, 0.8088]
    """
    if seed is None:
        raise ValueError("a stream needs a seed, or no run could be repeated")
    if not 0 <= replication < 2**32:
        raise ValueError(f"replication must be in 0 to 2**32 - 1 (found {replication})")
    high, low = divmod(hash64(name), 2**32)  # a spawn key is made of 32-bit words
    words = Philox(SeedSequence(seed, spawn_key=(replication, low, high))).random_raw(n)
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def draw_seconds(law_in_hours: Law, u: ArrayLike) -> NDArray[np.int64]:
    """Durations from uniforms: the law's value at each u, to the nearest second (half to even).

    Parameters
    ----------
    law_in_hours    a law without `problems`, h
    u               (n,), in (0, 1)

    Returns
    -------
    (n,) int64, s; >= 0

    >>> draw_seconds(Law("uniform", low=1.0, high=3.0), [0.25, 0.5]).tolist()
    [5400, 7200]
    """
    seconds = np.rint(_S_PER_H * sampler(law_in_hours)(u))
    assert np.all((seconds >= 0) & (seconds < 2.0**62)), f"no durations: {law_in_hours}"
    return seconds.astype(np.int64)
