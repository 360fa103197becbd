"""The command line: help, exit codes, what is imported, and refusals before anything runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from corridor_sim import __version__
from corridor_sim.errors import ExitCode
from corridor_sim.studies import replicate
from tests.runs.conftest import Cli

VERBS = (
    "run",
    "compare",
    "sweep",
    "validate",
    "verify",
    "list",
    "show",
    "diff",
    "describe",
    "explain",
    "schema",
    "new",
    "catalogue",
)
GROUPS = {"network": ("export", "package")}
SLOW = {"pandas", "networkx", "simpy", "scipy"}
"""Libraries that take long to import."""

PROBE = """\
import sys
from corridor_sim.cli import main
code = main(sys.argv[1:])
print(code, *sorted({m.partition(".")[0] for m in sys.modules}))
"""


@pytest.fixture
def no_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails a test that simulates."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("simulated all the same")

    monkeypatch.setattr(replicate, "simulate", refuse)


@pytest.mark.parametrize(
    "verb", [*VERBS, *(f"{group} {verb}" for group, verbs in GROUPS.items() for verb in verbs)]
)
def test_help_of_every_verb_has_an_example(cli: Cli, verb: str) -> None:
    """A planner copies the line; it must begin with the verb it explains."""
    answer = cli(*verb.split(), "--help")
    assert answer.code == 0
    lines = [line.strip() for line in answer.out.splitlines()]
    example = [line for line in lines if line.startswith("Example: ")]
    assert len(example) == 1
    assert example[0].startswith(f"Example: corridor-sim {verb}")


def test_the_list_of_verbs_here_is_the_real_one(cli: Cli) -> None:
    """A new verb must not escape the test above."""
    text = cli("--help").out
    commands = text[text.index("Commands") :].splitlines()[1:]
    names = {line.split()[0] for line in commands if line[:3].strip() or line[2:3].isalpha()}
    assert names >= set(VERBS)
    assert len([n for n in names if n in VERBS]) == len(VERBS)
    from corridor_sim.cli.verbs import app

    assert {command.name for command in app.registered_commands} == set(VERBS)
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    assert {
        name: tuple(command.name for command in made.registered_commands)
        for name, made in groups.items()
        if made is not None
    } == GROUPS


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (("--help",), SLOW),
        (("run", "--help"), SLOW),
        (("--version",), SLOW),
        (("validate", "base_2024"), SLOW - {"networkx"}),
        (("list",), SLOW),
    ],
    ids=lambda a: " ".join(a) if isinstance(a, tuple) else "",
)
def test_slow_libraries_are_imported_only_by_verbs_that_need_them(
    arguments: tuple[str, ...], unwanted: set[str]
) -> None:
    """In a process of its own, since this one has imported everything."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True
    )
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert not unwanted & set(modules)


def test_version_is_the_package_s(cli: Cli) -> None:
    """One number, in one place."""
    assert cli("--version").out == f"corridor-sim {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "mm1", "--bogus"),
        ("nonsense",),
        ("run",),
        ("run", "mm1", "--reps", "0"),
        ("run", "mm1", "--reps", "two"),
        ("run", "mm1", "--set", "simulation.windw_h=3"),
        ("run", "mm1", "--set", "no equals sign"),
        ("run", "no_such_scenario"),
        ("validate", "no_such_scenario"),
        ("describe", "no_such_key"),
        ("verify", "no_such_case"),
        ("sweep", "mm1", "--vary", "simulation.window_h"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("no_simulation")
def test_what_cannot_be_used_exits_2_without_a_traceback(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """And writes nothing."""
    monkeypatch.chdir(tmp_path)
    answer = cli(*arguments)
    assert answer.code == ExitCode.BAD_INPUT == 2
    assert answer.err
    assert "Traceback" not in answer.err
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.parametrize("verb", ["run", "compare", "sweep"])
@pytest.mark.parametrize("is_below", [False, True], ids=["file", "below a file"])
@pytest.mark.usefixtures("no_simulation")
def test_a_file_as_the_output_folder_is_refused_before_simulating(
    cli: Cli, small: Path, tmp_path: Path, verb: str, is_below: bool
) -> None:
    """An hour of simulation must not end in a message that there is nowhere to write."""
    taken = tmp_path / "taken"
    taken.write_text("mine", encoding="utf-8")
    more = {"run": [], "compare": [small], "sweep": ["--vary", "fleets.ferry.vessels=2,3"]}[verb]
    out = taken / "below" if is_below else taken
    answer = cli(verb, small, *more, "--jobs", "1", "--out", out)
    assert answer.code == ExitCode.DISK == 8
    assert "taken" in answer.err
    assert "Fix:" in answer.err
    assert taken.read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("no_simulation")
def test_a_read_only_output_folder_is_refused_before_simulating(
    cli: Cli, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing is made to fail as on a read-only disk, since root may write anywhere."""

    def read_only(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "write_text", read_only)
    answer = cli("run", small, "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == ExitCode.DISK
    assert "Read-only file system" in answer.err


def test_json_parses_strictly(cli: Cli, small: Path, tmp_path: Path) -> None:
    """NaN is no JSON: one replication has no interval, and other programs must still read it."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    answer = cli("run", small, "--reps", "1", "--jobs", "1", "--json", "--out", tmp_path / "out")
    assert answer.code == 0
    content = json.loads(answer.out, parse_constant=refuse)
    assert content["scenario"] == "small"
    assert {"metric", "mean", "ci_lo"} <= set(content["summary"][0])


def test_quiet_prints_only_where_the_files_are(cli: Cli, small: Path, tmp_path: Path) -> None:
    """For scripts."""
    out = tmp_path / "out"
    answer = cli("run", small, "--reps", "1", "--jobs", "1", "--quiet", "--out", out)
    assert answer == (0, f"{out}\n", "")
    assert (out / "manifest.json").is_file()


def test_lots_are_written_on_demand(cli: Cli, small: Path, tmp_path: Path) -> None:
    """One row a lot; without the option no such file."""
    options = ("run", small, "--reps", "1", "--jobs", "1", "--quiet", "--out")
    assert cli(*options, tmp_path / "a").code == 0
    assert cli(*options, tmp_path / "b", "--lots").code == 0
    assert not (tmp_path / "a" / "lots.csv").exists()
    assert (tmp_path / "b" / "lots.csv").read_text(encoding="utf-8").startswith("rep,od,route,lot")


def test_show_resolved_runs_to_the_same_results(cli: Cli, small: Path, tmp_path: Path) -> None:
    """A resolved scenario stands alone."""
    text = cli("show", small, "--resolved").out
    alone = tmp_path / "alone.yaml"
    alone.write_text(text, encoding="utf-8")
    for name, path in (("a", small), ("b", alone)):
        code = cli("run", path, "--reps", "1", "--jobs", "1", "--quiet", "--out", tmp_path / name)
        assert code.code == 0
    for csv in ("od_kpi.csv", "trips.csv", "ledger.csv"):
        assert (tmp_path / "a" / csv).read_bytes() == (tmp_path / "b" / csv).read_bytes()


def test_diff_names_what_differs_and_nothing_else(cli: Cli) -> None:
    """Two ferries more."""
    out = cli("diff", "base_2024", "ferries_plus2").out
    assert "fleets.rail_ferry_kuryk.vessels" in out
    assert len([line for line in out.splitlines() if line.startswith(("fleets", "calls"))]) == 1
    assert cli("diff", "mm1", "mm1").out == "no difference\n"
    out = cli("diff", "base_2024", "zangezur_open").out
    assert "2023-09-01T00:00:00Z" in out, "values are written as a file writes them"
    assert "[cn_train, kz_block_train" in out and "+00:00" not in out


@pytest.mark.parametrize("group", [[], ["network"]])
def test_the_list_of_verbs_cuts_no_sentence(cli: Cli, group: list[str]) -> None:
    """What each verb does fits beside its name on a terminal of 80 columns."""
    _, _, verbs = cli(*group, "--help").out.partition("Commands:\n")
    assert verbs and "..." not in verbs
