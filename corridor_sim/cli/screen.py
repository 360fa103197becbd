"""What verbs print: short aligned tables on stdout, progress and notes on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Columns aligned: the first `left` to the left, the rest to the right.

    >>> print(table(["od", "days"], [["a", "1.5"], ["long", "12.0"]]))
    od    days
    a      1.5
    long  12.0
    """
    cells = [list(map(clean, head)), *(list(map(clean, row)) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        parts = [
            c.ljust(w) if i < left else c.rjust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def clean(text: Any) -> str:
    """Text without control characters (no escape sequence of a file reaches the terminal)."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def number(value: float, digits: int = 1) -> str:
    """A number for people; `-` where there is none.

    >>> number(1234.56), number(float("nan"))
    ('1,234.6', '-')
    """
    return "-" if value != value else f"{value:,.{digits}f}"


def say_taken(name: str, taken: Iterable[tuple[str, str]]) -> None:
    """One line on stderr: which files stand behind a name, and in which study folder."""
    homes: dict[str, list[str]] = {}
    for file, home in taken:
        homes.setdefault(home, []).append(file)
    parts = [f"{', '.join(files)} ({home})" for home, files in homes.items()]
    print(clean(f"{name}: {'; '.join(parts)}"), file=sys.stderr)


PRECISION_SHARE = 0.03
"""The half-width of a median's interval, of the median, that a run should reach."""


def precision(half: float, value: float) -> str:
    """Whether the half-width of an interval is small enough; `-` where there is no interval.

    >>> precision(2.0, 100.0), precision(4.2, 100.0), precision(float("nan"), 100.0)
    ('2.0%', 'not reached', '-')
    """
    share = half / value if value else float("nan")
    if share != share:
        return "-"
    return f"{share:.1%}" if share <= PRECISION_SHARE else "not reached"


class Progress:
    """A progress bar on stderr, only where somebody watches."""

    def __init__(self, what: str, quiet: bool):
        self.what, self.bar, self.task = what, None, None
        self.watched = sys.stderr.isatty() and not quiet

    def __enter__(self) -> Callable[[int, int], None]:
        return self.step

    def step(self, done: int, total: int) -> None:
        """So many of so many are done."""
        if not self.watched:
            return
        if self.bar is None:
            from rich.console import Console
            from rich.progress import Progress as Bar

            self.bar = Bar(console=Console(stderr=True), transient=True)  # type: ignore[assignment]
            self.bar.start()  # type: ignore[attr-defined]
            self.task = self.bar.add_task(self.what, total=total)  # type: ignore[attr-defined]
        self.bar.update(self.task, completed=done)  # type: ignore[attr-defined]

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.bar is not None:
            self.bar.stop()
