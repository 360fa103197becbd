"""The catalogue: every packaged scenario is sound, sourced, listed, and expected before it was run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from corridor_sim.inputs.provenance import ASSUMPTION
from corridor_sim.inputs.read import Resolved
from corridor_sim.inputs.resolved import given
from corridor_sim.inputs.sourced import numbers, rows
from corridor_sim.model.reach import read_checked
from tests.runs.conftest import Cli

FOLDER = Path(__file__).parents[2] / "scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
CHANGED = sorted(set(NAMES) - {"base_2024"})


@cache
def checked(name: str) -> Resolved:
    """A scenario, read and checked as `validate` does, once."""
    return read_checked(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_is_valid_without_a_warning(name: str) -> None:
    """As `validate` says it, the reach of every route and yards that lots never leave included."""
    assert not checked(name).warnings


@pytest.mark.parametrize("name", CHANGED)
def test_every_scenario_says_what_it_is_for_and_expects(name: str) -> None:
    """Question, why, source; and expectations of its own, each with a reason, against another."""
    scenario = checked(name).scenario
    assert scenario.question.endswith("?") and scenario.why and scenario.source
    assert scenario.expect and all(row.because for row in scenario.expect)
    others = {row.than for row in scenario.expect if row.than}
    assert others and others < set(NAMES)


@pytest.mark.parametrize("name", CHANGED)
def test_every_number_that_a_scenario_sets_has_a_source(name: str) -> None:
    """The file's own say, an assumption with its reason, or a figure."""
    resolved = checked(name)
    own = [n for n in numbers(resolved) if n.file == f"scenarios/{name}.yaml"]
    figures = resolved.provenance.figures
    kinds = {"scenario", ASSUMPTION, *figures}
    assert [n.key_path for n in own if n.source not in kinds] == []
    assert [n.key_path for n in own if not (n.reason or n.source in figures)] == []


@pytest.mark.parametrize("name", CHANGED)
def test_every_scenario_changes_its_parent(name: str) -> None:
    """And nothing beside what its own file says: any other value is the parent's."""
    resolved = checked(name)
    parent = dict(rows(checked(_parent(name))))
    changed = {
        f"{key}.{column}"
        for key, row in rows(resolved)
        for column, value in given(row)
        if key not in parent or getattr(parent[key], column) != value
    }
    assert changed
    assert {resolved.origin[key].rpartition(":")[0] for key in changed} == {
        f"scenarios/{name}.yaml"
    }


def test_list_shows_every_scenario_with_its_question(cli: Cli) -> None:
    """One line each."""
    listed = cli("list")
    assert listed.code == 0
    found = {line.split()[0]: line.split(maxsplit=1)[1] for line in listed.out.splitlines()[1:]}
    assert found == {name: checked(name).scenario.question for name in NAMES}


def test_the_readme_of_the_folder_names_every_scenario() -> None:
    """In its first table, by file."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"| `{name}.yaml` |" not in text] == []


def _parent(name: str) -> str:
    for line in (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines():
        if line.startswith("extends: "):
            return line.removeprefix("extends: ")
    raise AssertionError(f"{name} extends nothing")
