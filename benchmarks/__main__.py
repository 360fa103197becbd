"""All benchmarks: python -m benchmarks [--smoke]."""

from __future__ import annotations

import sys

from benchmarks import base_year, cost_core, cost_totals, engine, group_quantiles


def main(smoke: bool) -> None:
    """Print every table; `smoke`: at a tiny size, to see that all still runs."""
    # base_year first: the largest size of a child begins at the size of the process that starts it
    for each in (base_year, cost_core, cost_totals, group_quantiles, engine):
        each.main(smoke)
        print()


if __name__ == "__main__":
    main("--smoke" in sys.argv[1:])
