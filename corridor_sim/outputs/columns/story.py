"""One lot's story, as `explain --csv` writes it."""

from __future__ import annotations

from datetime import datetime

from corridor_sim.outputs.columns.table import Table


class StoryTable(Table):
    """One row a step of one lot, in order (only of `explain --csv`): they touch, none is left out.

    Hours add up to the time from ready to delivered, or to the end of the run.
    """

    keys = ("step",)
    step: int
    """Number of the step, from 0."""
    what: str
    """ready, wait, service, move, boards, leaves (it is put down), delivered, not delivered."""
    from_utc: datetime
    """Beginning."""
    to_utc: datetime
    """End."""
    hours: float
    """Between them; 0 of what takes no time."""
    place: str | None
    """Node where it waits or is worked on; of a move from>to."""
    cause: str | None
    """Label of the ledger; empty of what takes no time."""
    trip: str | None
    """The trip that it is on; in a stock the foremost that waits to load there."""
    lots_aboard: int | None
    """Lots on that trip, itself included; of `boards` those loaded with it; empty in a stock."""
    ahead_trips: int
    """Trips that waited when the step began and were to go first: those before its own in line, and
    those of other lines that need the same and got it first."""
    ahead_lots: int
    """Lots that were in the same stock when the step began and stood before it."""
    ahead: str | None
    """The first of both, in the order in which they were to go, and how many more."""
    freed_by: str | None
    """What ended the wait; empty where another cause, or another foremost trip, came before it was
    over, and at the end of the run."""
