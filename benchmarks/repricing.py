"""A cost-only sweep of 1,000 points over one simulated scenario, against simulating it.

Run: python -m benchmarks.repricing [SCENARIO]

CPU seconds; the priced points and the simulation are timed apart, and one point is held against a
run of its own before any time is said.
"""

from __future__ import annotations

import sys
import time

from corridor_sim.inputs.reprice import with_prices
from corridor_sim.studies.replicate import replicate_one
from corridor_sim.studies.run import Run, read_many
from corridor_sim.studies.sweep import reprice


def main(name: str = "base_2024", points: int = 1000, key: str = "tariffs.vot.value_usd") -> None:
    """Simulate once, price so many values of one tariff, print both times."""
    (resolved,) = read_many([(name, ())], reps=1)
    start = time.process_time()
    one = replicate_one(resolved.scenario, 0, "measures")
    simulated = time.process_time() - start
    start = time.process_time()
    values = [0.03 * i / points for i in range(points)]
    scenarios = [with_prices(resolved.scenario, (f"{key}={v:.8f}",)) for v in values]
    usd = reprice(Run(resolved, (one,)), [s for s in scenarios if s is not None])
    priced = time.process_time() - start
    last = scenarios[-1]
    assert last is not None
    again = replicate_one(last, 0, "measures").tables["od_kpi"]
    found = {r["od"]: r["usd_per_unit"] for r in reversed(again) if r["clock"] == "shipper"}
    wrong = [od for od in usd if usd[od][0, -1] != found[od] and found[od] == found[od]]
    assert not wrong, wrong
    print(f"{name}: one replication simulated and measured in {simulated:.2f} CPU s")
    print(f"{points} prices of {key} on top, {len(usd)} ODs each: {priced:.2f} CPU s")
    print(f"simulating all points would take {points * simulated:,.0f} CPU s, ", end="")
    print(f"{points * simulated / (simulated + priced):,.0f} times as long")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "base_2024")
