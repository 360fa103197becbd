"""The pages of docs/reference, from the code: `python -m corridor_sim.cli.reference [FOLDER]`.

Nothing here is said a second time: words come from docstrings, options and the enum of exit codes.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from typer import Context
from typer.models import OptionInfo

from corridor_sim import errors
from corridor_sim.cli.verbs import app
from corridor_sim.facilities import TYPES
from corridor_sim.inputs.csv_table import FILES
from corridor_sim.inputs.kinds import Kind, classes, kind_of
from corridor_sim.inputs.schema import TABLES
from corridor_sim.inputs.schema_json import rules
from corridor_sim.outputs.columns import TABLES as OUTPUTS
from corridor_sim.units import unit_of

NOTE = "<!-- Made by `python -m corridor_sim.cli.reference`; change the code, not this page. -->"

HEADER = {
    "name": "Its name: letters, digits, `_` and `-`; without it the file's name.",
    "question": "What it answers, in one sentence.",
    "why": "Why it was made.",
    "source": "Where its numbers come from.",
    "valid_for, not_valid_for": "What its answers may be used for, and what not; inherited.",
    "notes": "Anything else for people.",
    "extends": "The name of one parent: everything it says holds, but for what is said here.",
    "network": "The name of a folder or workbook in `networks/`, or its tables inline.",
    "(a table)": "Any table below: rows by name (`fleets: {ferry: {vessels: 6}}`) or in a list.",
    "simulation": "When, how long, how often.",
    "set": (
        "Key paths and their values, on top of everything above. One `*` a part stands for "
        "any name; `{times: 0.5}` and `{plus: 2}` change the number that is there."
    ),
    "expect": "What the author expects, written before the run; a child does not inherit it.",
}
"""The keys at the top of a scenario file; `inputs.read.KEYS` has the same (a test)."""

KINDS = {
    "int": "whole number",
    "float": "number",
    "bool": "true, false",
    "date": "date, UTC",
    "text": "text",
    "choice": "word",
    "dated": "whole number, `unlimited`, or dates with whole numbers",
    "dated_float": "number, or dates with numbers",
}


def pages() -> dict[str, str]:
    """File name -> text of each page."""
    return {
        "cli.md": _page("Command line", _cli()),
        "exit-codes.md": _page("Exit codes", _exit_codes()),
        "scenario-keys.md": _page("Keys of scenarios and columns of networks", _keys()),
        "columns.md": _page("Columns of the tables that a run writes", _columns()),
    }


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", NOTE, "", *lines]) + "\n"


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row]
        yield f"| {' | '.join(cells)} |"
    yield ""


def _cli() -> Iterator[str]:
    yield "`--help` after any verb says the same. Key paths (`KEY`) are in"
    yield "[scenario-keys.md](scenario-keys.md), exit codes in [exit-codes.md](exit-codes.md)."
    yield ""
    verbs = {str(c.name): c.callback for c in app.registered_commands}
    for group in app.registered_groups:
        inner = group.typer_instance.registered_commands if group.typer_instance else []
        verbs |= {f"{group.name} {c.name}": c.callback for c in inner}
    for name, function in sorted(verbs.items()):
        assert function is not None
        yield from _verb(name, function)


def _verb(name: str, function: Callable[..., Any]) -> Iterator[str]:
    said, _, example = inspect.cleandoc(function.__doc__ or "").partition("Example: ")
    yield f"## {name}"
    yield ""
    yield " ".join(said.split())
    yield ""
    yield f"Example: `{example.strip()}`"
    yield ""
    hints = get_type_hints(inspect.unwrap(function), include_extras=True)
    every = inspect.signature(function).parameters.values()
    parameters = [p for p in every if hints[p.name] is not Context]  # that one is nobody's to give
    yield from (
        _table(
            ("argument or option", "default", "what it does"),
            (_parameter(p, hints[p.name]) for p in parameters),
        )
        if parameters
        else iter(())
    )


def _parameter(parameter: inspect.Parameter, hint: Any) -> tuple[str, str, str]:
    kind, info = get_args(hint)[:2]
    default, many = parameter.default, "list[" in str(kind)
    if not isinstance(info, OptionInfo):
        word = parameter.name.rstrip("_").upper()
        needed = "required" if default is inspect.Parameter.empty else ""
        return f"`{word}{' ...' if many else ''}`", needed, info.help or ""
    # typer keeps the first name of an option in `Annotated` where its default would stand
    words = " ".join(str(word) for word in (info.default, *(info.param_decls or ())))
    value = "" if kind is bool else f" {_placeholder(str(kind))}"
    given = "required" if default is inspect.Parameter.empty else ""
    if not given and default is not None and default is not False:
        given = f"`{default}`"
    return f"`{words}{value}`", given, info.help or ""


def _placeholder(kind: str) -> str:
    return "NUMBER" if "int" in kind or "float" in kind else "PATH" if "Path" in kind else "TEXT"


def _exit_codes() -> Iterator[str]:
    yield "What `corridor-sim` tells the shell; one meaning each. With a code other than 0 the"
    yield "reason is on stderr. Code 2 always comes before anything is written."
    yield ""
    yield from _table(
        ("code", "name", "meaning"), ((str(int(c)), c.name, text) for c, text in _meanings())
    )


def _meanings() -> Iterator[tuple[errors.ExitCode, str]]:
    """Members of the enum with the docstrings below them."""
    (tree,) = ast.parse(inspect.getsource(errors.ExitCode)).body
    assert isinstance(tree, ast.ClassDef)
    texts = [n.value.value for n in tree.body[1:] if isinstance(n, ast.Expr)
             and isinstance(n.value, ast.Constant)]  # fmt: skip
    yield from zip(errors.ExitCode, map(str, texts), strict=True)


def _keys() -> Iterator[str]:
    yield "One key path, `table.name.column`, names a value everywhere: in `set:`, in `--set` and"
    yield "`--vary`, in messages and in results. `corridor-sim describe KEY` prints the same words,"
    yield "and for a key path of a scenario its value and source. Any row of a table may also have a"
    yield "`source` (an id of `seeds/figures.csv`, or `assumption`) and a `note` for people."
    yield ""
    yield "## A scenario file"
    yield ""
    yield from _table(("key", "what it says"), ((f"`{k}`", text) for k, text in HEADER.items()))
    files = {table: (file, column) for file, (table, column) in FILES.items()}
    for table in TABLES:
        yield from _one_table(table, *files[table])
    for table in ("simulation", "expect"):
        yield from _records(table, classes(table))


def _one_table(table: str, file: str, id_column: str) -> Iterator[str]:
    if table != "facilities":
        yield from _records(table, classes(table), f"In a network: `{file}`, the name in the column"
                            f" `{id_column}`.")  # fmt: skip
        return
    yield "## facilities"
    yield ""
    yield f"In a network: `{file}`, the name in the column `{id_column}`. The column `type` says"
    yield "which of the following a row is."
    yield ""
    for name, cls in zip(TYPES, classes("facilities"), strict=True):
        yield f"### {name}"
        yield ""
        yield from _record("facilities", cls)


def _records(table: str, made: Sequence[type[BaseModel]], more: str = "") -> Iterator[str]:
    yield f"## {table}"
    yield ""
    if more:
        yield more
        yield ""
    for cls in made:
        yield from _record(table, cls)


def _record(table: str, cls: type[BaseModel]) -> Iterator[str]:
    yield inspect.cleandoc(cls.__doc__ or "")
    yield ""
    yield from _table(
        ("column", "kind", "default", "meaning"),
        (_column(table, cls, name) for name in cls.model_fields if _is_shown(name)),
    )


def _is_shown(name: str) -> bool:
    """Of twelve columns, one a month, the first stands for all."""
    return name not in ("id", "type", "source", "note") and not re.fullmatch(
        r"[mrs](0[2-9]|1[0-2])", name
    )


def _column(table: str, cls: type[BaseModel], name: str) -> tuple[str, str, str, str]:
    about = cls.model_fields[name]
    default = "required" if about.is_required() else _default(about.default)
    shown = f"`{name}` ... `{name[0]}12`" if re.fullmatch("[mrs]01", name) else f"`{name}`"
    return shown, _kind(table, name, kind_of(about.annotation)), default, about.description or ""


def _default(value: Any) -> str:
    if value is None or value in ((), ""):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(table: str, column: str, kind: Kind) -> str:
    """Kind, unit and limits of a column."""
    limits = rules(table, column)
    if "enum" in limits:
        return ", ".join(f"`{choice}`" for choice in limits["enum"])
    said = KINDS.get(kind.name) or f"list of {_plural(kind.item)}"
    unit = unit_of(column) if kind.name in ("int", "float") else ""
    unit = unit.removeprefix("number without unit")
    bounds = ""
    if kind.name in ("int", "float") and "0 to 1" not in unit:
        words = {"minimum": "from", "maximum": "to"}
        bounds = " ".join(f"{words[key]} {limits[key]:g}" for key in words if key in limits)
    return ", ".join(filter(None, [said, unit, bounds]))


def _plural(kind: Kind | None) -> str:
    return "numbers" if kind is not None and kind.name == "float" else "names"


def _columns() -> Iterator[str]:
    yield "CSV, UTF-8, commas, LF. An empty cell means that there is no value. The unit is the end of"
    yield "a column's name. The same words stand in the `datapackage.json` of each run."
    yield ""
    for file, cls in OUTPUTS.items():
        yield f"## {file}.csv"
        yield ""
        yield inspect.cleandoc(cls.__doc__ or "")
        yield ""
        rows = (
            (f"`{name}`", unit_of(name).removeprefix("number without unit"), f.description or "")
            for name, f in ((f.alias or name, f) for name, f in cls.model_fields.items())
        )
        yield from _table(("column", "unit", "meaning"), rows)


def write(folder: Path) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print(folder / name)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/reference"))
