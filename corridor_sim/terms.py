"""The words of the model: small enumerations whose numbers stand in compiled arrays."""

from __future__ import annotations

from enum import IntEnum


class Amount(IntEnum):
    """How much of a counter a stage takes or puts back."""

    CONSTANT = 0
    """A fixed number of units."""
    ON_BOARD = 1
    """So many for each unit of cargo on board before the stage."""
    UNLOADED = 2
    """So many for each unit that the stage unloads."""
    LOADED = 3
    """So many for each unit that the stage loads."""


class Order(IntEnum):
    """The first part of a trip's key in a line; smaller goes first."""

    FIFO = 1
    """The instant of joining."""
    LIFO = -1
    """Minus the instant of joining."""
    DUE = 0
    """The trip's birth plus its source's due time."""


class CountedFrom(IntEnum):
    """Where the clock of a deadline or a give-up starts."""

    JOINING = 0
    """When the trip joined the line."""
    OLDEST_LOT = 1
    """When the oldest lot that may be loaded entered the stock."""
    MARK = 2
    """The end of the trip's last visit that set its mark (the end of discharge, say)."""
    TIMETABLE = 3
    """The later of joining and the timetable's instant."""


NOBODY = -(2**31)
"""Stands where a trip ordinal stands, when there is none."""
