"""What is wrong with a law, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from corridor_sim.laws.law import FAMILIES, FIELDS, LARGEST_CV, NUMBERS, SMALLEST_SHAPE, Law


def problems(law: Law) -> list[str]:
    """What is missing or wrong in a law, in words; empty if nothing is.

    >>> problems(Law("lognormal", mean=18.0))
    ['lognormal needs mean and cv (no cv)']
    >>> problems(Law("triangular", low=4.0, mode=3.0, high=9.0))
    ['triangular needs low <= mode <= high (found 4.0, 3.0, 9.0)']
    """
    if law.family not in FIELDS:
        return [f"unknown family {law.family!r}, not one of {', '.join(FAMILIES)}"]
    found = list(_wrong_fields(law)) or list(_wrong_numbers(law))
    return found or list(_wrong_order(law))


def _wrong_fields(law: Law) -> Iterator[str]:
    """Fields that are missing, or that the family would silently ignore."""
    needs, may = FIELDS[law.family]
    given = [name for name in NUMBERS if getattr(law, name) is not None]
    given += [name for name in ("components", "sample") if getattr(law, name)]
    missing = [name for name in needs if name not in given]
    if missing:
        yield f"{law.family} needs {' and '.join(needs)} (no {', no '.join(missing)})"
    for name in given:
        if name not in needs + may:
            yield f"{law.family} takes no {name}"
    if law.family == "weibull" and (law.shape is None) == (law.cv is None):
        yield "weibull needs either shape or cv, not both and not neither"


def _wrong_numbers(law: Law) -> Iterator[str]:
    """Numbers that no law may have."""
    named = [(name, getattr(law, name)) for name in (*NUMBERS, "shift")]
    named += [(f"sample value {k}", value) for k, value in enumerate(law.sample, 1)]
    named += [(f"weight {k}", weight) for k, (weight, _) in enumerate(law.components, 1)]
    for name, value in named:
        if value is not None and not 0 <= value < math.inf:
            yield f"{name} must be a finite number >= 0 (found {value})"
    if law.mean == 0 and law.family != "constant":
        yield f"{law.family} needs a mean above 0 (found {law.mean})"
    if law.cv is not None and LARGEST_CV < law.cv < math.inf:
        yield f"cv must be at most {LARGEST_CV:g}, it is no percentage (found {law.cv})"
    if law.shape is not None and 0 <= law.shape < SMALLEST_SHAPE:
        yield f"shape must be at least {SMALLEST_SHAPE:g} (found {law.shape})"
    if law.family == "erlang" and law.shape is not None and law.shape % 1 != 0:
        yield f"erlang needs a whole shape (found {law.shape}); gamma takes a mean and a cv"


def _wrong_order(law: Law) -> Iterator[str]:
    """Numbers that do not go together, and what is wrong inside a mixture."""
    line = [name for name in ("low", "mean", "mode", "high") if getattr(law, name) is not None]
    values = [getattr(law, name) for name in line]
    if values != sorted(values):
        yield f"{law.family} needs {' <= '.join(line)} (found {', '.join(map(str, values))})"
    total = math.fsum(weight for weight, _ in law.components)
    if law.components and abs(total - 1.0) > 1e-9:
        yield f"the weights of a mixture must sum to 1 (found {total:.12g})"
    for k, (_, part) in enumerate(law.components, 1):
        yield from (f"component {k}: {problem}" for problem in problems(part))
