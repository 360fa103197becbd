"""Time and memory of the base year: `corridor-sim run base_2024` as a planner starts it.

Run: python -m benchmarks.base_year [--smoke]

Wall and CPU time of whole processes, and the largest one's memory; then the CPU seconds of one
replication by part, which says what dominates. Unix only (getrusage).
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.replication import replication_rows
from benchmarks.timing import Row, format_table


def run_row(reps: int, jobs: int, sets: tuple[str, ...] = ()) -> Row:
    """One whole run into a folder that is thrown away."""
    options = [word for s in sets for word in ("--set", s)]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "corridor_sim", "run", "base_2024", "--quiet"),
            *("--reps", str(reps), "--jobs", str(jobs), "--out", str(Path(folder) / "run")),
            *options,
        ]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return {
        "replications": reps,
        "processes": jobs,
        "wall s": wall,
        "CPU s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "largest process MB": after.ru_maxrss / 1024,
        "folder MB": size / 1e6,
    }


def main(smoke: bool = False) -> None:
    """Print both tables."""
    sets = ("simulation.window_d=20", "simulation.warm_up_d=5") if smoke else ()
    print("base_2024, whole processes")
    print(format_table([run_row(2 if smoke else 20, 2, sets)]))
    print("\none replication, CPU seconds by part (tables by place come on top)")
    print(format_table(replication_rows("base_2024", sets, 1 if smoke else 3)))


if __name__ == "__main__":
    main("--smoke" in sys.argv[1:])
