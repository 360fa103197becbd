"""All benchmarks: python -m benchmarks [--smoke]."""

from __future__ import annotations

import sys

from benchmarks import base_year, cost_core, engine
from benchmarks.timing import format_table


def main(smoke: bool) -> None:
    """Print every table; `smoke`: at a tiny size, to see that all still runs."""
    if smoke:
        print("cost core, smoke run")
        print(format_table(cost_core.shown(cost_core.run_smoke())))
    else:
        cost_core.main()
    print()
    engine.main(smoke)
    print()
    base_year.main(smoke)


if __name__ == "__main__":
    main("--smoke" in sys.argv[1:])
