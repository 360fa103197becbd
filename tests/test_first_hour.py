"""The tutorial: its commands run as written, and its typo gives the message that it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "first-hour.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """Fenced blocks of the page, in order."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]
MESSAGE = blocks("text")[0].strip()


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, subprocess.CompletedProcess[str]]:
    """Every command of the page, run once in one empty folder that holds the page's files."""
    folder = tmp_path_factory.mktemp("first_hour")
    for text in blocks("yaml"):
        name = text.splitlines()[0].removeprefix("# ")
        (folder / name).write_text(text, encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "PYTHONUTF8": "1"}
    done = {}
    for command in COMMANDS:
        program, *arguments = shlex.split(command)
        assert program == "corridor-sim"
        done[command] = subprocess.run(
            [sys.executable, "-m", "corridor_sim", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
    return done


def one(outcomes: dict[str, subprocess.CompletedProcess[str]], part: str) -> str:
    """The screen of the one command that contains this."""
    (found,) = [done.stdout for command, done in outcomes.items() if part in command]
    return found


def test_every_command_ends_as_the_page_says(
    outcomes: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    """Exit 0, and 2 for the typo; no traceback."""
    for command, done in outcomes.items():
        expected = 2 if "vesels" in command else 0
        assert done.returncode == expected, (command, done.stderr)
        assert "Traceback" not in done.stderr


def test_the_typo_prints_the_message_of_the_page(
    outcomes: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    """A reader compares screen and page letter by letter."""
    (typo,) = [done for command, done in outcomes.items() if "vesels" in command]
    assert (typo.stdout, typo.stderr.strip()) == ("", MESSAGE)


def test_the_run_shows_the_columns_that_the_page_reads(
    outcomes: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    """The page explains three columns by name, and the note on expectations."""
    screen = one(outcomes, " run ")
    for column in ("top causes of waiting", "median d", "P90 d"):
        assert column in screen and f"**{column}**" in PAGE
    assert re.search(r"^cn_az_import +\S", screen, flags=re.MULTILINE)
    judged = re.findall(
        r"^expected \S+ \S+: found \S+, (?:NOT )?as expected$", screen, re.MULTILINE
    )
    assert len(judged) >= 4 and "NOT as expected" in PAGE


def test_two_ferries_move_dry_cargo_less_than_trucks(
    outcomes: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    """The page says that dry cargo moves by a hair, and trucks more, both without a verdict."""
    assert "fleets.rail_ferry_kuryk.vessels" in one(outcomes, " diff ")
    screen = one(outcomes, " compare ")
    dry, trucks = (
        next(line.split() for line in screen.splitlines() if line.startswith(od))
        for od in ("dry_tm_alat", "trucks_w_laden")
    )
    assert dry[1:3] == trucks[1:3] == ["median", "days"]
    assert dry[-2:] == trucks[-2:] == ["not", "distinguishable"]
    assert abs(float(dry[5])) < 0.05 < abs(float(trucks[5]))
