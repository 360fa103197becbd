"""Rules of style that protect users: encodings, clocks, error handling, safety of input."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "corridor_sim"

# Only these files may read the wall clock: nothing they write is part of a result.
MAY_READ_THE_CLOCK = {"run_info.py", "progress.py"}
CLOCKS = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "Timestamp.now",
    "Timestamp.today",
}
UNSAFE_PACKAGES = {"yaml", "pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}
UNSAFE_CALLS = {"eval", "exec", "ruamel.yaml.load", "ruamel.yaml.load_all"}
UNSAFE_ENDS = {"read_pickle", "to_pickle"}
MUTABLE_CALLS = {"list", "dict", "set", "bytearray", "defaultdict", "deque"}
MUTABLE_NODES = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MACHINE_PATH = re.compile(
    r"(?<![\w.:/*-])/(?:etc|home|media|mnt|opt|private|root|srv|tmp|Users|usr|var|work)/\w"
    r"|\b[A-Za-z]:[\\/]+(?:Documents|Program|Projects|Temp|Users|Windows|home|work)\b"
)

Problem = tuple[int, str]


def problems_of(source: str, file_name: str = "module.py") -> list[Problem]:
    """Line and reason of every breach in one module's source."""
    tree = ast.parse(source)
    names = imported_names(tree)
    found = list(machine_paths(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += call_problems(node, dotted_name(node.func, names), file_name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found += import_problems(node)
        elif isinstance(node, ast.ExceptHandler):
            found += handler_problems(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            found += default_problems(node, names)
    return sorted(found)


def imported_names(tree: ast.AST) -> dict[str, str]:
    """What each imported local name stands for: `from time import time as t` gives t: time.time."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return names


def dotted_name(node: ast.expr, names: dict[str, str]) -> str:
    """`a.b.c` with `a` resolved by the imports; a part that is no plain name gives `?`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else "?"


def last(name: str, parts: int = 1) -> str:
    return ".".join(name.split(".")[-parts:])


def call_problems(node: ast.Call, name: str, file_name: str) -> Iterator[Problem]:
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    if needs_encoding(node, name, keywords) and "encoding" not in keywords:
        yield node.lineno, f"{name}() without encoding="
    if writes_text(node, name, keywords) and "newline" not in keywords:
        yield node.lineno, f"{name}() writes without newline= (Windows would write other bytes)"
    if name in UNSAFE_CALLS or last(name) in UNSAFE_ENDS:
        yield node.lineno, f"{name}() runs or trusts what it reads"
    if last(name) == "YAML" and getattr(keywords.get("typ"), "value", None) == "unsafe":
        yield node.lineno, "YAML(typ='unsafe')"
    if getattr(keywords.get("allow_pickle"), "value", False):
        yield node.lineno, "allow_pickle=True"
    if last(name, 2) in CLOCKS and file_name not in MAY_READ_THE_CLOCK:
        yield node.lineno, f"{name}() reads the clock; only {sorted(MAY_READ_THE_CLOCK)} may"


def is_open(name: str) -> bool:
    """The builtin, or a path's method; os.open and the like give no text file."""
    return last(name) == "open" and name not in {"os.open", "webbrowser.open"}


def open_mode(node: ast.Call, name: str, keywords: dict[str | None, ast.expr]) -> str:
    """The mode as written: a path's method has it first, every other open second."""
    given = [keywords["mode"]] if "mode" in keywords else node.args[name in {"open", "io.open"} :]
    texts = [value.value for value in given if isinstance(value, ast.Constant)]
    return next((t for t in texts if isinstance(t, str) and re.fullmatch("[rwxabt+]+", t)), "r")


def needs_encoding(node: ast.Call, name: str, keywords: dict[str | None, ast.expr]) -> bool:
    if is_open(name):
        return "b" not in open_mode(node, name, keywords)
    return last(name) in {"read_text", "write_text"}


def writes_text(node: ast.Call, name: str, keywords: dict[str | None, ast.expr]) -> bool:
    if is_open(name):
        mode = open_mode(node, name, keywords)
        return "b" not in mode and any(letter in mode for letter in "wxa+")
    return last(name) == "write_text"


def import_problems(node: ast.Import | ast.ImportFrom) -> Iterator[Problem]:
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        yield node.lineno, "import *"
    is_relative = isinstance(node, ast.ImportFrom) and node.level > 0
    targets = (
        [node.module or ""]
        if isinstance(node, ast.ImportFrom)
        else [alias.name for alias in node.names]
    )
    for target in targets:
        if target.split(".")[0] in UNSAFE_PACKAGES and not is_relative:
            yield node.lineno, f"import of {target} (YAML is read by ruamel.yaml, nothing pickled)"


def handler_problems(node: ast.ExceptHandler) -> Iterator[Problem]:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if node.type is None:
        yield node.lineno, "bare except"
    for kind in caught:
        name = getattr(kind, "id", "")
        # `except BaseException: tidy up; raise` hides nothing
        is_passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        if name == "Exception" or (name == "BaseException" and not is_passed_on):
            yield node.lineno, f"except {name}: name the errors that are expected"


def default_problems(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, names: dict[str, str]
) -> Iterator[Problem]:
    for default in [*node.args.defaults, *node.args.kw_defaults]:
        if isinstance(default, ast.Call):
            is_mutable = last(dotted_name(default.func, names)) in MUTABLE_CALLS
        else:
            is_mutable = isinstance(default, MUTABLE_NODES)
        if default is not None and is_mutable:
            yield default.lineno, "mutable default argument"


def machine_paths(source: str) -> Iterator[Problem]:
    """Absolute paths of some machine, in code, texts and comments alike."""
    for number, line in enumerate(source.splitlines(), start=1):
        if match := MACHINE_PATH.search(line):
            yield number, f"absolute path of a machine ({match.group()}...)"


def test_every_module_keeps_the_source_rules() -> None:
    """The rules hold for every module of the package."""
    paths = sorted(PACKAGE.rglob("*.py"))
    found = [
        f"{path.relative_to(PACKAGE.parent).as_posix()}:{line}: {reason}"
        for path in paths
        for line, reason in problems_of(path.read_text(encoding="utf-8"), path.name)
    ]
    assert (PACKAGE / "__init__.py") in paths, "looked in the wrong folder"
    assert not found, f"{len(paths)} modules seen\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "open('a.csv')",
        "open('a', mode='r')",
        "path.open()",
        "path.open('w', newline='')",
        "open('a.csv', 'w', encoding='utf-8')",
        "path.read_text()",
        "path.write_text('x', encoding='utf-8')",
        "(folder / 'a').write_text('x', newline='')",
        "import yaml",
        "from yaml import safe_load",
        "import ruamel.yaml\nruamel.yaml.load(f)",
        "YAML(typ='unsafe')",
        "import pickle",
        "np.load(f, allow_pickle=True)",
        "pd.read_pickle(f)",
        "eval('1')",
        "exec('1')",
        "from math import *",
        "try:\n    f()\nexcept:\n    pass",
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept (OSError, Exception) as error:\n    raise",
        "try:\n    f()\nexcept BaseException:\n    pass",
        "from datetime import datetime\ndatetime.now()",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "import time\ntime.time()",
        "from time import time as t\nt()",
        "pd.Timestamp.now()",
        "def f(a=[]): ...",
        "def f(*, a={}): ...",
        "f = lambda a=set(): a",
        "from collections import deque as q\ndef f(a=q()): ...",
        "x = '/" + "home/someone/a.csv'",
        "# see /" + "tmp/notes",
        "x = r'C:" + r"\Users\someone'",
    ],
)
def test_a_breach_of_the_source_rules_is_seen(source: str) -> None:
    """A test that cannot fail proves nothing: each of these sources breaks one rule."""
    assert len(problems_of(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "open('a.csv', encoding='utf-8', newline='')",
        "open('a', 'rb')",
        "path.open('wb')",
        "import gzip\ngzip.open(path, 'rb')",
        "import os\nos.open(path, flags)",
        "path.read_text(encoding='utf-8')",
        "path.write_text('x', encoding='utf-8', newline='')",
        "from ruamel.yaml import YAML\nyaml = YAML()\nyaml.load(f)",
        "from corridor_sim.inputs import yaml",
        "from .yaml import read",
        "frame.eval",
        "np.load(f, allow_pickle=False)",
        "try:\n    f()\nexcept OSError:\n    pass",
        "try:\n    f()\nexcept BaseException:\n    tidy()\n    raise",
        "import time\ntime.perf_counter()",
        "def f(a=(), b=None, c=frozenset()): ...",
        "x = 'https://example.org/home/a'",
        "x = 'lots/home/day, km/h, a:b'",
    ],
)
def test_what_the_source_rules_allow_passes(source: str) -> None:
    """The test must not cry at lawful code, or it would be switched off."""
    assert problems_of(source) == []


@pytest.mark.parametrize("file_name", sorted(MAY_READ_THE_CLOCK))
def test_listed_files_may_read_the_clock(file_name: str) -> None:
    """`run_info.json` and progress lie outside every byte promise."""
    assert problems_of("import time\ntime.time()", file_name) == []
