"""Plain scalars of YAML 1.2 (core schema), the same rules for YAML values and CSV cells."""

from __future__ import annotations

import re
import unicodedata

from corridor_sim.inputs.problems import Unfit, show

Scalar = None | bool | int | float | str

_WORDS: dict[str, Scalar] = {"": None, "~": None}
for _word in ("null", "Null", "NULL"):
    _WORDS[_word] = None
for _word in ("true", "True", "TRUE"):
    _WORDS[_word] = True
for _word in ("false", "False", "FALSE"):
    _WORDS[_word] = False

_INT = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = {".nan", ".NaN", ".NAN"}
_MOST_DIGITS = 18
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_UNSEEN_ALLOWED = {"\n", "\t", "\u200c", "\u200d"}


def resolve_plain(text: str) -> Scalar:
    """The value of an unquoted word.

    >>> [resolve_plain(word) for word in ("NO", "12:30", "1e3", "null", "True", "2024-01-01")]
    ['NO', '12:30', 1000.0, None, True, '2024-01-01']
    """
    if text in _WORDS:
        return _WORDS[text]
    if _LEADING_ZERO.fullmatch(text):
        plain = text.lstrip("+-").lstrip("0") or "0"
        what = f"a number with a leading zero is octal to some programs (found {text})"
        raise Unfit(what, f"{plain}, or quotes around it if it is a text")
    if _INT.fullmatch(text):
        return _whole(text)
    if _BASED.fullmatch(text):
        raise Unfit(f"numbers are written in decimal (found {show(text)})", "a decimal number")
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float("-inf" if text.startswith("-") else "inf")
    return float("nan") if text in _NAN else text


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise Unfit(
            f"a number of {len(text)} digits; at most {_MOST_DIGITS} are read", "a smaller number"
        )
    return int(text)


def refuse_unseen(text: str) -> None:
    """Characters that cannot be seen hide what a text says: refuse them by name."""
    for letter in text.replace("\r\n", "\n"):
        if unicodedata.category(letter) in _UNSEEN and letter not in _UNSEEN_ALLOWED:
            name = unicodedata.name(letter, "control character")
            found = f"U+{ord(letter):04X} {name} (found {ascii(text)[:60]})"
            raise Unfit(f"holds an invisible character, {found}", "delete it")
