"""The README: its commands are those that are tested, its tables are current."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from corridor_sim import errors
from corridor_sim.cli.verbs import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [README, *(p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs").rglob("*.md")))]
MAIN = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/corridor-sim run base_2024 --reps 5"
TESTS = (
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest"
)


def test_readme_has_exactly_two_commands_to_paste() -> None:
    """The main job and the tests, each with all of its set-up."""
    assert re.findall(r"^```sh\n(.*?)\n```$", README, flags=re.MULTILINE | re.DOTALL) == [
        MAIN,
        TESTS,
    ]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """What is checked is what readers are told to type."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == TESTS
    assert not [line for line in lines[:-1] if "pip install" in line or "pytest" in line]


def test_powershell_says_the_same() -> None:
    """One line for each command, with the same arguments."""
    (block,) = re.findall(r"^```powershell\n(.*?)\n```$", README, flags=re.MULTILINE | re.DOTALL)
    said = [
        re.sub(r"^py -3", "python3", line).replace("\\Scripts\\", "/bin/")
        for line in block.splitlines()
    ]
    assert [line.replace("; ", " && ") for line in said] == [MAIN, TESTS]


def test_every_command_is_documented() -> None:
    """A verb that no page shows is a verb that nobody finds."""
    names = [c.name for c in (*app.registered_commands, *app.registered_groups)]
    assert len(names) >= 10
    for name in names:
        assert any(f"corridor-sim {name}" in page for page in PAGES), name


def test_no_page_shows_a_command_that_does_not_exist() -> None:
    """A renamed verb must not live on in a page."""
    names = {c.name for c in (*app.registered_commands, *app.registered_groups)}
    for page in PAGES:
        assert set(re.findall(r"corridor-sim ([a-z_]+)", page)) <= names


def test_exit_codes_are_current() -> None:
    """Codes and meanings are those of `errors.ExitCode`, word for word."""
    tree = ast.parse(Path(errors.__file__).read_text(encoding="utf-8"))
    (codes,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "ExitCode"]
    body = codes.body[1:]
    expected = [
        (str(ast.literal_eval(code.value)), ast.literal_eval(text.value))
        for code, text in zip(body[::2], body[1::2], strict=True)
        if isinstance(code, ast.Assign) and isinstance(text, ast.Expr)
    ]
    assert len(expected) == len(errors.ExitCode)
    assert re.findall(r"^\| (\d+) \| (.*?) \|$", README, flags=re.MULTILINE) == expected


def test_links_lead_somewhere() -> None:
    """Every relative link of README and docs is a file or folder here."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), (path.name, target)


def test_every_anchor_named_in_the_code_is_in_the_assumptions() -> None:
    """`docs/assumptions.md#x` in a comment promises a paragraph."""
    page = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
    anchors = {
        h.strip().lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
    for source in sorted((ROOT / "corridor_sim").rglob("*.py")):
        for anchor in re.findall(
            r"docs/assumptions\.md#([\w-]+)", source.read_text(encoding="utf-8")
        ):
            assert anchor in anchors, (source.name, anchor)
