"""The how-to pages: every file, change and command on them is carried out as it stands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
IN_A_CLONE = {"add-a-facility-type"}
"""Pages whose reader works in a clone of the repository, not in a folder of her own."""

PROMISED = {
    "add-a-facility-type": [("runs/scanner/facility_kpi.csv", "scanner,")],
    "add-a-port": [("runs/lankaran/od_kpi.csv", "lankaran_boxes,")],
    "bring-your-own-closure-log": [
        ("runs/observed/ledger.csv", "cn_az_import,all,west,all,shipper,carried,weather aktau"),
        (
            "runs/observed/weather.csv",
            "aktau,0,2024-01-12T03:00:00Z,2024-01-14T18:00:00Z,port,False,replayed",
        ),
    ],
    "explain-a-slow-box": [
        ("runs/autumn/ledger.csv", "cn_az_import,all,west,all,node,on_the_way,move:cn_train"),
        ("slow_box.csv", "0,ready,"),
    ],
    "judge-what-you-expected": [
        ("runs/catalogue/catalogue.csv", "one_ferry_less,0,service_kpi.kuryk_alat_ferry.kuryk."),
    ],
    "study-an-outage": [
        ("runs/half/resilience.csv", "all_teu,shut,1,"),
        (
            "runs/half/disruptions.csv",
            "half,facilities.aktau_container_berth,aktau_container_berth,servers,"
            "2024-06-17T00:00:00Z,2024-07-17T00:00:00Z,0.5,linear,48.0,works,2,1,True",
        ),
    ],
}
"""What a page says that its runs write: a table and the beginning of a row."""


def blocks(page: str) -> list[tuple[str, str]]:
    """Kind and text of each fenced block, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


class Reader:
    """Somebody who does what a page says, in a folder."""

    def __init__(self, folder: Path, path: Path):
        self.folder, self.path, self.screen = folder, path, ""

    def follow(self, kind: str, text: str, fails: bool) -> None:
        """Write a file, change one, run commands, or look for a text on the screen."""
        if kind in ("yaml", "python"):
            self.write(text)
        elif kind == "diff":
            self.change(text)
        elif kind == "text":
            assert text.strip() in self.screen
        else:
            assert kind == "sh", f"nobody can follow a block of {kind}"
            for line in text.splitlines():
                self.run(line, fails)

    def write(self, text: str) -> None:
        """The first line names the file."""
        name = text.splitlines()[0].removeprefix("# ")
        target = self.folder / name
        assert target.parent.is_dir() and not target.exists(), name
        body = text if target.suffix == ".yaml" else text.partition("\n")[2]
        target.write_text(body, encoding="utf-8", newline="\n")

    def change(self, text: str) -> None:
        """The first line names the file; each hunk must be there once."""
        name, _, rest = text.partition("\n")
        target = self.folder / name.removeprefix("# ")
        content = target.read_text(encoding="utf-8")
        for hunk in rest.split("@@\n"):
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[0] in " -")
            new = "".join(line[1:] for line in lines if line[0] in " +")
            assert content.count(old) == 1, hunk
            content = content.replace(old, new)
        target.write_text(content, encoding="utf-8", newline="\n")

    def run(self, line: str, fails: bool) -> None:
        """One command; a message with a fix comes with exit code 2."""
        program, *arguments = shlex.split(line)
        if program == "cd":
            self.folder = self.folder / arguments[0]
            return
        if program == "python":
            assert arguments[0] == "-m"
        else:
            assert program == "corridor-sim", line
            arguments = ["-m", "corridor_sim", *arguments]
        path = os.pathsep.join(filter(None, (str(self.path), os.environ.get("PYTHONPATH"))))
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": path, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
        self.screen = done.stdout + done.stderr
        assert done.returncode == (2 if fails else 0), f"{line}\n{self.screen}"
        assert "Traceback" not in self.screen


def clone(folder: Path) -> None:
    """What a clone has and the pages need."""
    without_caches = shutil.ignore_patterns("__pycache__")
    for name in ("corridor_sim", "networks", "scenarios", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=without_caches)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_page_works_as_written(path: Path, tmp_path: Path) -> None:
    """A reader who types everything gets what the page says."""
    steps = blocks(path.read_text(encoding="utf-8"))
    assert sum(kind == "sh" for kind, _ in steps) >= 2
    if path.stem in IN_A_CLONE:
        clone(tmp_path)
    reader = Reader(tmp_path, tmp_path if path.stem in IN_A_CLONE else ROOT)
    for number, (kind, text) in enumerate(steps):
        after = steps[number + 1] if number + 1 < len(steps) else ("", "")
        reader.follow(kind, text, fails=after[0] == "text" and "Fix:" in after[1])
    for table, row in PROMISED.get(path.stem, ()):
        lines = (reader.folder / table).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.startswith(row)], (table, row)


def test_the_index_names_every_page() -> None:
    """Decisions by their folder: they are for who changes the code."""
    docs = ROOT / "docs"
    index = (docs / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(([^)#:]+)\)", index))
    pages = {path.relative_to(docs) for path in docs.rglob("*.md")} - {Path("README.md")}
    assert len(PAGES) >= 4
    assert named == {p.as_posix() for p in pages if p.parts[0] != "decisions"} | {"decisions"}
