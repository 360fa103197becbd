"""Where a value was written, what is wrong with it, and what was probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_COMPARED = 2_000
"""Names that a misspelt one is compared with, at most."""


class Where(NamedTuple):
    """A place in a file: its display name, line and column (1-based; CSV: row and field)."""

    file: str
    line: int = 1
    col: int = 1

    @property
    def short(self) -> str:
        """`file:line`, as origins are given."""
        return f"{self.file}:{self.line}"


class Problem(NamedTuple):
    """One thing that cannot be used; sorts by file and line."""

    where: Where
    key: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        end = "" if self.what.endswith(".") else "."
        fix = f" Fix: {self.fix}" if self.fix else ""
        text = f"{self.where.file}:{self.where.line}:{self.where.col}: {key}{self.what}{end}{fix}"
        # what a file says must not move a terminal's cursor
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def located(lines: Iterable[str], origin: Mapping[str, str]) -> list[str]:
    """Problems that begin with a key path, with the place where it was written in front.

    >>> located(["fleets.ferry.vessels: are few"], {"fleets.ferry": "a.yaml:3"})
    ['a.yaml:3:1: fleets.ferry.vessels: are few']
    """
    found = []
    for line in lines:
        key = line.split(": ")[0]
        while key and key not in origin:
            key = key.rpartition(".")[0]
        found.append(f"{origin[key]}:1: {line}" if key else line)
    return found


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, by file and line; what one `*` did to many rows of a table as one.

    >>> here = Where("a.yaml", 3)
    >>> many = [Problem(here, f"calls.{n}.holds", "must have a value") for n in "abc"]
    >>> [str(problem) for problem in gathered(many)]
    ['a.yaml:3:1: calls.a.holds: must have a value, here and in 2 more rows.']
    """
    alike: dict[tuple[Any, ...], list[Problem]] = {}
    for problem in sorted(set(problems)):
        table, _, rest = problem.key.partition(".")
        column = rest.rpartition(".")[2]
        alike.setdefault((problem.where, table, column, problem.what, problem.fix), []).append(
            problem
        )
    return [_as_one(group) for group in alike.values()]


def _as_one(group: list[Problem]) -> Problem:
    first, n = group[0], len(group) - 1
    if not n:
        return first
    rows = f"here and in {n} more row{'s' if n > 1 else ''}"
    return first._replace(what=f"{first.what.rstrip('.')}, {rows}")


class Unfit(ValueError):
    """A value that does not fit its column: what is wrong and what to type."""

    def __init__(self, what: str, fix: str = ""):
        self.what, self.fix = what, fix
        super().__init__(what)


def show(value: Any, longest: int = 60) -> str:
    """A value for an error message: short, one line, no control characters.

    >>> show(None), show(True), show("six")
    ('null', 'true', "'six'")
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = repr(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names with commas; cut where there are many."""
    names = list(names)
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant.

    >>> closest("server", ["servers", "places"])
    'servers'
    """
    plain = unicodedata.normalize("NFKD", word[:100]).lower()
    # slow, and no help, among very many
    names = sorted(known)[:_COMPARED]
    found = difflib.get_close_matches(plain, names, n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str], what: str = "one") -> str:
    """`did you mean 'x'?`, or the words there are."""
    names = sorted(known)
    meant = closest(word, names)
    if meant is not None:
        return f"did you mean '{meant}'?{_strange_letters(word)}"
    if not names:
        return f"there is none yet; add {word!r}, or take this out"
    return f"use {what} of {listed(names)}{_strange_letters(word)}"


def _strange_letters(word: str) -> str:
    """Letters that only look like Latin ones, by name."""
    strange = [letter for letter in word if ord(letter) > 126]
    if not strange:
        return ""
    names = ", ".join(unicodedata.name(c, f"U+{ord(c):04X}") for c in dict.fromkeys(strange))
    return f" (it holds {names})"
