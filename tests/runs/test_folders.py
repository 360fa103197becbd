"""One run a folder: the second is told who holds it, and nobody's results are replaced by others'."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corridor_sim.errors import ExitCode, FolderInUse
from corridor_sim.outputs.hold import HOLDER, held
from tests.runs.conftest import Cli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")

HOLD = """\
import sys, time
from pathlib import Path
from corridor_sim.outputs.hold import held
sys.argv = ["corridor-sim", "run", "small"]
with held(Path({folder!r})):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that fills `out`, until it is killed."""
    program = HOLD.format(folder=str(tmp_path / "out"))
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.mark.parametrize(
    "more", [("run",), ("sweep", "--vary", "fleets.ferry.vessels=2,3"), ("compare",)]
)
def test_the_second_run_into_a_folder_is_told_who_holds_it(
    cli: Cli, small: Path, tmp_path: Path, holder: subprocess.Popen[str], more: tuple[str, ...]
) -> None:
    """Exit 4 before anything is simulated or written; process and command are named."""
    before = content(tmp_path / "out")
    verb, *options = more
    which = (small, small) if verb == "compare" else (small,)
    answer = cli(verb, *which, *options, "--reps", "2", "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == ExitCode.FOLDER_IN_USE == 4
    assert f"in use by process {holder.pid} on" in answer.err
    assert "(corridor-sim run small). Fix: wait for it, or --out another folder" in answer.err
    assert content(tmp_path / "out") == before


def test_a_killed_holder_leaves_nothing_to_clean_up(
    cli: Cli, small: Path, tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    """kill -9: the next run goes ahead, and what the other left is gone."""
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "out" / HOLDER).exists()
    answer = cli("run", small, "--reps", "1", "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    assert not (tmp_path / "out" / HOLDER).exists()


def test_of_many_at_once_exactly_one_wins(tmp_path: Path) -> None:
    """Six processes ask for one folder in the same moment and keep it: one has it, five exit 4."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom corridor_sim.errors import FolderInUse\n"
        "from corridor_sim.outputs.hold import held\nsys.stdin.readline()\ntry:\n"
        f"    with held(Path({str(tmp_path / 'out')!r})):\n"
        "        print('won', flush=True)\n        sys.stdin.readline()\n"
        "except FolderInUse as error:\n    print(error, flush=True)\n    sys.exit(error.exit_code)\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    runs = [subprocess.Popen([sys.executable, "-c", program], **pipes) for _ in range(6)]
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    said = [run.stdout.readline() for run in runs if run.stdout is not None]
    codes = sorted(run.wait() if "won" not in line else _end(run) for run, line in zip(runs, said, strict=True))  # fmt: skip
    assert codes == [0, 4, 4, 4, 4, 4]
    assert sum("in use by" in line for line in said) == 5


def _end(run: subprocess.Popen[str]) -> int:
    assert run.stdin is not None
    run.stdin.write("end\n")
    run.stdin.flush()
    return run.wait()


def test_a_folder_is_free_again_after_the_verb(tmp_path: Path) -> None:
    """Also in one process, and after an error inside."""
    with pytest.raises(RuntimeError), held(tmp_path):
        raise RuntimeError
    with held(tmp_path) as folder, pytest.raises(FolderInUse, match="in use by process"):
        with held(folder):
            pass
    assert content(tmp_path) == {}


def test_what_a_holder_says_cannot_move_the_cursor(tmp_path: Path) -> None:
    """Text of another process is shown without what a terminal would obey."""
    with held(tmp_path):
        (tmp_path / HOLDER).write_text("process \x1b[31m7\n", encoding="utf-8")
        with pytest.raises(FolderInUse, match=r"in use by process \[31m7\. Fix"), held(tmp_path):
            pass


def test_another_scenarios_results_are_not_replaced(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Exit 5 and not a byte changed; --force replaces them; the same scenario may run again."""
    out = tmp_path / "out"
    other = small.with_name("other.yaml")
    other.write_text(small.read_text("utf-8").replace("name: small", "name: other"), "utf-8")
    plain = ("--reps", "1", "--jobs", "1", "--quiet", "--out", out)
    assert cli("run", small, *plain).code == 0
    before = content(out)
    answer = cli("run", other, *plain)
    assert answer.code == ExitCode.RESUME_MISMATCH == 5
    assert "holds results of 'small', not of 'other'. Fix: --out another folder, or --force" in (
        answer.err
    )
    assert content(out) == before
    assert cli("run", small, *plain, "--set", "fleets.ferry.vessels=3").code == 0
    assert content(out)["summary.csv"] != before["summary.csv"]
    assert cli("run", other, *plain, "--force").code == 0
    assert b'"scenario": "other"' in content(out)["manifest.json"]


@pytest.mark.parametrize("text", ["", "[]", '{"seed": 1}', "\xff"])
def test_a_manifest_that_says_nothing_is_nobodys(
    cli: Cli, small: Path, tmp_path: Path, text: str
) -> None:
    """Refused: it may be anybody's."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text(text, encoding="latin-1")
    answer = cli("run", small, "--reps", "1", "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == 5 and "holds results of another run" in answer.err
