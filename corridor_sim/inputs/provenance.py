"""Where each number comes from: a figure, an assumption with its reason, or the scenario's say-so.

`provenance.csv` in a network's folder holds rules: a pattern of key paths (one `*` a segment), a
source and a reason. Of the rules that match, the one with the fewest `*` counts, then the last.
A source is a figure's id, `assumption`, `row` (the row's `source` and `note` say it) or `row WORD`
(its note says it: `WORD: X036`; else it is an assumption).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from corridor_sim.inputs.figures import Figure, read_figures
from corridor_sim.inputs.places import Place, studies
from corridor_sim.inputs.problems import Problem, Where
from corridor_sim.inputs.schema import TABLES
from corridor_sim.inputs.side_table import SideTable, read_network_table, unknown

COLUMNS = ("pattern", "source", "reason", "low", "high")
ROW, ASSUMPTION, SCENARIO, SET, DEFAULT = "row", "assumption", "scenario", "set", "default"
NOTE = "note"
"""In `low`: the range that the row's note gives (`range 3-5`, `range +-25 %`)."""


class Rule(NamedTuple):
    """One line of `provenance.csv`."""

    pattern: str
    source: str
    reason: str
    low: str
    high: str
    where: Where

    @property
    def by_row(self) -> bool:
        """The row's own columns speak."""
        return self.source == ROW or self.source.startswith(f"{ROW} ")


class _Indexed(NamedTuple):
    """A rule ready to be matched; the least of those that match counts."""

    n_stars: int
    minus_number: int
    form: re.Pattern[str]
    rule: Rule


class Source(NamedTuple):
    """What stands behind one number."""

    source: str
    """A figure's id, `assumption`, `scenario`, `set`, `default`; empty: nothing is known."""
    reason: str
    low: str
    high: str


@dataclass(frozen=True)
class Provenance:
    """All that is known about the sources of a scenario."""

    rules: tuple[Rule, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    """Display name of a scenario file -> its `why` and `source`."""

    @cached_property
    def _by_end(self) -> dict[str, list[_Indexed]]:
        """Last segment of the pattern (`*` for one with a star) -> rules."""
        found: dict[str, list[_Indexed]] = {}
        for number, rule in enumerate(self.rules):
            last = rule.pattern.rpartition(".")[2]
            form = re.compile(re.escape(rule.pattern).replace(r"\*", "[^.]*"))
            indexed = _Indexed(rule.pattern.count("*"), -number, form, rule)
            found.setdefault("*" if "*" in last else last, []).append(indexed)
        return found

    def rule_of(self, key: str) -> Rule | None:
        """The rule that counts for a key path."""
        matching = list(self._matching(key))
        return min(matching, key=lambda m: (m.n_stars, m.minus_number)).rule if matching else None

    def _matching(self, key: str) -> Iterator[_Indexed]:
        for end in (key.rpartition(".")[2], "*"):
            yield from (m for m in self._by_end.get(end, ()) if m.form.fullmatch(key))

    def unused(self, keys: Iterable[str]) -> list[Rule]:
        """Rules that match none of these key paths."""
        used = {m.rule.where for key in keys for m in self._matching(key)}
        return [rule for rule in self.rules if rule.where not in used]

    def source_of(self, key: str, value: Any, row: Any, origin: Mapping[str, str]) -> Source:
        """What stands behind the value of a key path.

        Parameters
        ----------
        row       the record of the row; its `source` and `note` speak where the rule says `row`
        origin    key path -> `file:line`, as `Resolved.origin`
        """
        file = origin.get(key, "").rpartition(":")[0]
        if file == "--set":
            return Source(SET, "set on the command line", "", "")
        is_scenario = file in self.about
        if is_scenario and not key.startswith("simulation."):
            return self._of_scenario(key, value, row, origin)
        rule = self.rule_of(key)
        if rule is None:
            return Source(SCENARIO, self.about[file], "", "") if is_scenario else self._of_row(row)
        return self._of_rule(rule, value, row)

    def _of_rule(self, rule: Rule, value: Any, row: Any) -> Source:
        note = (getattr(row, "note", None) or "").removeprefix("reason: ")
        part = _part_of(rule, note)
        low, high = range_in(part, value) if rule.low == NOTE else (rule.low, rule.high)
        source = _named_source(rule, row, part)
        if not low and not high:
            low, high = self._range_of(source, value)
        own = note if rule.by_row or not rule.reason else ""
        reason = "; ".join(text for text in (rule.reason, own) if text)
        return Source(source, reason, low, high)

    def _of_scenario(self, key: str, value: Any, row: Any, origin: Mapping[str, str]) -> Source:
        """Set in a scenario file: by a row with its own source, else by the file's own say."""
        said = origin.get(f"{key.rpartition('.')[0]}.source", "").rpartition(":")[0]
        file = origin[key].rpartition(":")[0]
        if said == file:
            rule = self.rule_of(key)
            return self._of_rule(rule, value, row) if rule and rule.by_row else self._of_row(row)
        reason = self.about[file]
        return Source(SCENARIO if reason else "", reason, "", "")

    def _of_row(self, row: Any) -> Source:
        note = (getattr(row, "note", None) or "").removeprefix("reason: ")
        return Source(getattr(row, "source", None) or "", note, "", "")

    def _range_of(self, source: str, value: Any) -> tuple[str, str]:
        """The published range of a figure that gives this very value."""
        figure = self.figures.get(source)
        if figure is None or not _is_number(figure.value) or not _is_number(value):
            return "", ""
        return (figure.low, figure.high) if float(figure.value) == float(value) else ("", "")


def _part_of(rule: Rule, note: str) -> str:
    """The note, or for `row WORD` what it says of that: `speed: X036; range +-15 %`."""
    if not rule.by_row or rule.source == ROW:
        return note
    word = re.escape(rule.source.removeprefix(f"{ROW} "))
    part = re.search(rf"\b{word}: (?:{ASSUMPTION}|[A-Z]\d+)\b(?:; range [^;]*)?", note)
    return part[0] if part else ""


def _named_source(rule: Rule, row: Any, part: str) -> str:
    """The figure or `assumption` that a rule leads to."""
    if rule.source == ROW:
        return getattr(row, "source", None) or ""
    if not rule.by_row:
        return rule.source
    return part.partition(": ")[2].partition(";")[0] or ASSUMPTION


def range_in(note: str, value: Any) -> tuple[str, str]:
    """The range that a note gives, if it holds the value.

    >>> range_in("4 vessels; range 3-5", 4), range_in("range +-25 %", 16), range_in("range 5-8", 2)
    (('3', '5'), ('12', '20'), ('', ''))
    """
    if not _is_number(value):
        return "", ""
    number = float(value)
    if spread := re.search(r"range (?:of all shares )?\+-(\d+(?:\.\d+)?) ?%", note):
        by = float(spread[1]) / 100
        return f"{number * (1 - by):.6g}", f"{number * (1 + by):.6g}"
    for found in re.finditer(r"range (\d[\d,]*(?:\.\d+)?)-(\d[\d,]*(?:\.\d+)?)(?! ?%)", note):
        low, high = (text.replace(",", "").rstrip(".") for text in found.groups())
        if float(low) <= number <= float(high):
            return low, high
    return "", ""


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and float(value) == float(value)
    except (TypeError, ValueError):
        return False


def read_provenance(network: Place) -> tuple[tuple[Rule, ...], dict[str, Figure], SideTable]:
    """Rules of a network, the figures there are, and what is wrong with the files."""
    figures, read = read_figures(studies(network.study))
    table = read_network_table(network, "provenance", COLUMNS)
    rules = tuple(
        Rule(row["pattern"], row["source"], row["reason"], row["low"], row["high"], where)
        for where, row in table.rows
    )
    read.problems += [*table.problems, *_problems(rules, figures)]
    read.files += table.files
    return rules, figures, read


def _problems(rules: Iterable[Rule], figures: Mapping[str, Figure]) -> Iterator[Problem]:
    for rule in rules:
        segments = rule.pattern.split(".")
        n_segments = 2 if segments[0] == "simulation" else 3
        if len(segments) != n_segments or "" in segments:
            what = f"a pattern is table.name.column or simulation.column (found {rule.pattern!r})"
            yield Problem(rule.where, "pattern", what, "such as legs.*.speed_kmh")
        elif any(segment.count("*") > 1 for segment in segments):
            what = f"one `*` in each part of a pattern, not more (found {rule.pattern!r})"
            yield Problem(rule.where, "pattern", what, "two rules")
        elif segments[0] not in {*TABLES, "simulation"}:
            what = "there is no such table"
            yield unknown(rule.where, rule.pattern, what, segments[0], {*TABLES, "simulation"})
        if not rule.by_row and rule.source not in {ASSUMPTION, *figures}:
            known = {ROW, ASSUMPTION, *figures}
            what = "must be `row`, `assumption` or an id of seeds/figures.csv"
            yield unknown(rule.where, f"{rule.pattern}: source", what, rule.source, known)
        if rule.source == ASSUMPTION and not rule.reason:
            what = "an assumption without a reason"
            yield Problem(rule.where, rule.pattern, what, "say why this number in `reason`")
        yield from _range_problems(rule)


def _range_problems(rule: Rule) -> Iterator[Problem]:
    if rule.low == NOTE and not rule.high:
        return
    for column, text in (("low", rule.low), ("high", rule.high)):
        if text and not _is_number(text):
            what = f"must be a number (found {text!r})"
            yield Problem(rule.where, f"{rule.pattern}: {column}", what, "a number, or leave it")
