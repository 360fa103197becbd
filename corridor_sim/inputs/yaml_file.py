"""YAML 1.2 with the line and column of every key, and none of YAML's traps.

Built on ruamel.yaml's events, not its objects: tags, aliases and duplicate keys are refused
where they stand, depth is bounded while reading, and scalars follow `scalars.resolve_plain`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from corridor_sim.errors import InputError
from corridor_sim.inputs.problems import Problem, Unfit, Where, show
from corridor_sim.inputs.scalars import resolve_plain

LARGEST_BYTES = 5_000_000
DEEPEST = 20
MOST_VALUES = 100_000


@dataclass
class Node:
    """A value and where it stands; in a mapping, where its key stands."""

    value: Any
    where: Where
    refused: bool = False
    """A value that was complained of while reading; None stands in its place."""

    def holds_refused(self) -> bool:
        """Whether this value, or one inside it, was complained of already."""
        inside = self.value.values() if isinstance(self.value, dict) else self.value
        nested = isinstance(self.value, (dict, list))
        return self.refused or (nested and any(node.holds_refused() for node in inside))

    def plain(self) -> Any:
        """Ordinary Python data."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_bytes(path: Path, display: str) -> bytes:
    """A file's bytes; no directories, pipes, or files too large to be meant."""
    start = Where(display)
    try:
        if not path.is_file():
            raise InputError(str(Problem(start, "", "is no regular file", "name a text file")))
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            what = f"is too large ({size:,} bytes; at most {LARGEST_BYTES:,} are read)"
            raise InputError(str(Problem(start, "", what, "put large tables into networks/")))
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise InputError(
            str(Problem(start, "", f"cannot be read: {reason}", "check its name and rights"))
        ) from None


def decode(data: bytes, display: str) -> str:
    """Text of a UTF-8 file, its byte order mark removed."""
    fix = "save it as UTF-8"
    # text in Latin letters has no zero bytes, but as UTF-16 without a mark every second is one
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in (data[:1], data[1:2]):
        raise InputError(str(Problem(Where(display), "", "is UTF-16, not UTF-8", fix)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        col = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        what = f"is not UTF-8 (found byte 0x{data[error.start]:02x})"
        raise InputError(str(Problem(Where(display, line, col), "", what, fix))) from None
    if "\0" in text:
        at = text.index("\0")
        where = Where(display, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        raise InputError(str(Problem(where, "", "holds a NUL character", "delete it")))
    return text


def read_yaml(path: Path, display: str) -> tuple[Node, bytes, list[Problem]]:
    """The mapping in a file, the file's bytes, and its duplicate keys and the like.

    Raises `InputError` where the file is no YAML mapping at all.
    """
    data = read_bytes(path, display)
    root, problems = parse(decode(data, display), display)
    if root is None or root.value is None:
        fix = "write at least `simulation:` and what to simulate"
        raise InputError(str(Problem(Where(display), "", "is empty", fix)))
    if not isinstance(root.value, dict):
        what = f"must be a mapping `key: value` at the top (found {show(root.value)})"
        raise InputError(str(Problem(root.where, "", what, "begin with keys such as `demand:`")))
    return root, data, problems


def parse(text: str, display: str, line: int = 0) -> tuple[Node | None, list[Problem]]:
    """The tree of a YAML text; `line` replaces line numbers where the text is no file."""
    builder = _Builder(display, line)
    try:
        events = YAML(typ="safe", pure=True).parse(text)
        return builder.document(iter(events)), builder.problems
    except MarkedYAMLError as error:
        raise InputError(str(_syntax_problem(error, text, display, line))) from None
    except YAMLError as error:
        what = f"is no YAML: {' '.join(str(error).split())[:150]}"
        where = _where_unprintable(text, display)
        raise InputError(str(Problem(where, "", what, "delete the character"))) from None


def _where_unprintable(text: str, display: str) -> Where:
    match = re.search(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe]", text
    )
    at = match.start() if match else 0
    return Where(display, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _syntax_problem(error: MarkedYAMLError, text: str, display: str, line: int) -> Problem:
    mark = error.problem_mark or error.context_mark
    at_line, col = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.split("\n")
    written = lines[at_line - 1] if at_line <= len(lines) else ""
    where = Where(display, line or at_line, col)
    if re.match(r" *\t", written):
        col = written.index("\t") + 1
        return Problem(
            Where(display, line or at_line, col),
            "",
            "a tab in the indentation (YAML takes spaces only)",
            "replace each tab by two spaces",
        )
    what = " ".join(f"{error.context or ''} {error.problem or ''}".split())
    return Problem(where, "", f"is no YAML: {what}", _syntax_fix(written))


def _syntax_fix(written: str) -> str:
    if re.search(r":\s.*:\s", written):
        return "put quotes around a text that holds `: `"
    if re.search(r"\w:[^\s/]", written):
        return "a space after the colon"
    return "check brackets, quotes and indentation here and on the line before"


class _Builder:
    """Builds the tree of one document from events."""

    def __init__(self, display: str, line: int):
        self.display, self.line, self.problems = display, line, list[Problem]()
        self.n_values = 0

    def document(self, events: Iterator[Any]) -> Node | None:
        root, n_documents = None, 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                n_documents += 1
                self._refuse_document(event, n_documents)
            elif isinstance(
                event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)
            ):
                root = self.node(event, events, "", 1)
        return root

    def _refuse_document(self, event: Any, n_documents: int) -> None:
        if n_documents > 1:
            self._stop(event, "", "a second document (`---`)", "one file for each scenario")
        if event.version and tuple(event.version) != (1, 2):
            self._stop(event, "", "files are YAML 1.2 (found a %YAML line)", "delete the line")

    def node(self, event: Any, events: Iterator[Any], path: str, depth: int) -> Node:
        self._refuse_traps(event, path)
        self.n_values += 1
        if self.n_values > MOST_VALUES:
            what = f"more than {MOST_VALUES:,} values in one file"
            self._stop(event, path, what, "put large tables into networks/")
        where = self.where(event)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path, where)
        if depth > DEEPEST:
            self._stop(event, path, f"is nested deeper than {DEEPEST}", "fewer brackets")
        if isinstance(event, SequenceStartEvent):
            return Node(self._sequence(events, path, depth), where)
        return Node(self._mapping(events, path, depth), where)

    def _sequence(self, events: Iterator[Any], path: str, depth: int) -> list[Node]:
        members: list[Node] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            members.append(
                self.node(event, events, f"{path}.{len(members)}".lstrip("."), depth + 1)
            )
        return members

    def _mapping(self, events: Iterator[Any], path: str, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                self._stop(event, path, "a key must be a word", "a name before the colon")
            self._refuse_traps(event, path)
            key, where = event.value, self.where(event)
            inner = f"{path}.{key}".lstrip(".")
            node = self.node(next(events), events, inner, depth + 1)
            if key in members:
                first = members[key].where.line
                what = f"is given twice (first on line {first})"
                self.problems.append(Problem(where, inner, what, "keep one of the two"))
            else:
                members[key] = Node(node.value, where, node.refused)
        return members

    def _scalar(self, event: Any, path: str, where: Where) -> Node:
        if event.style in ("'", '"', "|", ">"):
            return Node(event.value, where)
        try:
            return Node(resolve_plain(event.value), where)
        except Unfit as unfit:
            self.problems.append(Problem(where, path, unfit.what, unfit.fix))
            return Node(None, where, refused=True)

    def _refuse_traps(self, event: Any, path: str) -> None:
        if isinstance(event, AliasEvent):
            self._stop(event, path, "an alias (`*name`) is not read", "write the value itself")
        if event.anchor is not None:
            self._stop(event, path, "an anchor (`&name`) is not read", "delete it")
        tag = getattr(event, "ctag", None) or getattr(event, "tag", None)
        if tag is not None and str(tag) != "None":
            self._stop(event, path, f"a tag is not read (found {show(str(tag))})", "delete it")

    def where(self, event: Any) -> Where:
        mark = event.start_mark
        return Where(self.display, self.line or mark.line + 1, mark.column + 1)

    def _stop(self, event: Any, path: str, what: str, fix: str) -> None:
        raise InputError(str(Problem(self.where(event), path, what, fix)))
