"""A module imports only rooms below its own, or its own; heavy packages have one home each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "corridor_sim"

ROOMS = (
    {"terms", "units", "errors"},
    {"primitives", "laws"},
    {"facilities", "policies"},
    {"inputs"},
    {"model"},
    {"engine"},
    {"history"},
    {"money"},
    {"results"},
    {"studies"},
    {"outputs"},
    {"api", "cli"},
)
LEVELS = {name: level for level, names in enumerate(ROOMS) for name in names}
# The package's own two files stand above the rooms; from the package itself a room may take:
ENTRANCES = {"__init__", "__main__"}
ROOT_NAMES = {"__version__"}

# outside package -> the only places (a room, or one module) that import it
HOMES = {
    "networkx": "model",
    "simpy": "engine",
    "pandas": "outputs",
    "typer": "cli",
    "rich": "cli",
    "openpyxl": "inputs.xlsx_table",
    "xlsxwriter": "outputs",
    "numpy.random": "model.draws",
}
SCIPY_ALLOWED = "scipy.special"


class Import(NamedTuple):
    line: int
    target: str  # dotted and absolute: for `from a.b import c` it is a.b.c


def problems_of(source: str, module: str, is_package: bool = False) -> list[str]:
    """Every breach of the rules in the source of `module` (dotted, below corridor_sim)."""
    tree = ast.parse(source)
    imports = [*imports_of(tree, module, is_package), *numpy_random_uses(tree)]
    found = []
    for line, target in sorted(set(imports)):
        reason = (
            room_problem(target, module)
            if is_inside(target, "corridor_sim")
            else home_problem(target, module)
        )
        if reason:
            found.append(f"corridor_sim.{module}:{line}: {reason}")
    return found


def imports_of(tree: ast.AST, module: str, is_package: bool) -> Iterator[Import]:
    """All imports, at any depth, absolute or relative, also by `import_module("...")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = base_of(node, module, is_package)
            yield from (Import(node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and is_dynamic_import(node.func):
            if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield Import(node.lineno, node.args[0].value)


def base_of(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """The absolute name of what stands after `from`."""
    if not node.level:
        return node.module or ""
    parts = ["corridor_sim", *module.split(".")]
    up = node.level - is_package
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def is_dynamic_import(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def numpy_random_uses(tree: ast.AST) -> Iterator[Import]:
    """`np.random` needs no import of its own, so it is looked for as an attribute."""
    aliases = {
        alias.asname or "numpy"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "numpy"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "random":
            if isinstance(node.value, ast.Name) and node.value.id in aliases:
                yield Import(node.lineno, "numpy.random")


def room_problem(target: str, module: str) -> str | None:
    """Why a module may not import `target` of our own package, or None."""
    own, other = module.split(".")[0], (target.split(".") + [""])[1]
    if own in ENTRANCES or not other or other in ROOT_NAMES:
        return None
    if own not in LEVELS:
        return f"the room {own!r} is not in the table ROOMS"
    if other not in LEVELS:
        return f"imports {target}, and {other!r} is not in the table ROOMS"
    if LEVELS[other] > LEVELS[own]:
        return f"imports {target} (level {LEVELS[other]}) from level {LEVELS[own]}"
    return None


def home_problem(target: str, module: str) -> str | None:
    """Why a module may not import `target` of another package, or None."""
    for package, home in HOMES.items():
        if is_inside(target, package) and not is_inside(module, home):
            return f"imports {target}; {package} lives only in {home}"
    if is_inside(target, "scipy") and not is_inside(target, SCIPY_ALLOWED):
        return f"imports {target}; of scipy only {SCIPY_ALLOWED} is used"
    return None


def is_inside(name: str, outer: str) -> bool:
    return name == outer or name.startswith(outer + ".")


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def test_modules_import_only_lower_rooms() -> None:
    """The table of rooms holds for every module of the package."""
    paths = sorted(PACKAGE.rglob("*.py"))
    found = []
    for path in paths:
        name = module_name(path)
        if name.split(".")[0] not in LEVELS.keys() | ENTRANCES:
            found.append(f"corridor_sim.{name}: is in no room of the table ROOMS")
        # the package's own __init__ keeps its name, so for it `.` goes up one as for a module
        is_package = path.name == "__init__.py" and name != "__init__"
        found += problems_of(path.read_text(encoding="utf-8"), name, is_package)
    print(f"{len(paths)} modules seen")
    assert len(paths) >= len(ENTRANCES), f"{len(paths)} modules seen: looked in the wrong folder?"
    assert not found, f"{len(paths)} modules seen\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("laws", "import corridor_sim.model.compile"),
        ("laws", "from corridor_sim import model"),
        ("inputs.tables", "def f():\n    from ..engine import log"),
        ("inputs.tables", "from .. import outputs"),
        ("units", "from . import cli"),
        ("engine.log", "from corridor_sim.history.replay import causes"),
        ("studies.run", "from corridor_sim import simulate"),
        ("studies.run", "if True:\n    import importlib\n    importlib.import_module('simpy')"),
        ("cellar.wine", "from corridor_sim import terms"),
        ("money.costs", "import pandas as pd"),
        ("money.costs", "import scipy.stats"),
        ("money.costs", "from scipy import special, stats"),
        ("money.costs", "import scipy"),
        ("model.routes", "def f():\n    import simpy"),
        ("inputs.scenario", "from networkx.algorithms import has_path"),
        ("api", "import typer"),
        ("outputs.tables", "from rich.console import Console"),
        ("outputs.workbook", "import openpyxl"),
        ("inputs.xlsx_table", "import xlsxwriter"),
        ("model.routes", "import numpy as np\nx = np.random.default_rng(1)"),
        ("model.routes", "from numpy import random"),
        ("model.routes", "from numpy.random import Philox"),
    ],
)
def test_a_breach_of_the_rooms_is_seen(module: str, source: str) -> None:
    """A test that cannot fail proves nothing: each of these sources breaks one rule."""
    assert len(problems_of(source, module)) == 1


def test_a_package_file_counts_its_dots_from_itself() -> None:
    """In `results/__init__.py` one dot is `results`, two are the package."""
    assert problems_of("from . import replay", "results", is_package=True) == []
    assert len(problems_of("from ..outputs import tables", "results", is_package=True)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("model.draws", "import numpy as np\nx = np.random.Philox(1)"),
        ("model.draws", "from numpy.random import Philox"),
        ("model.routes", "import networkx as nx\nfrom ..facilities import berth"),
        ("facilities.berth", "from corridor_sim.policies.queue import key\nfrom . import yard"),
        ("engine.simpy_engine", "import simpy\nfrom simpy.core import Environment"),
        ("laws", "from scipy.special import ndtri\nfrom scipy import special"),
        ("outputs.tables", "import pandas as pd\nfrom corridor_sim import __version__"),
        ("cli.run", "import rich.progress, typer\nfrom corridor_sim.api import run"),
        ("__main__", "from corridor_sim.cli import main"),
    ],
)
def test_what_the_rooms_allow_passes(module: str, source: str) -> None:
    """The test must not cry at lawful imports, or it would be switched off."""
    assert problems_of(source, module) == []
