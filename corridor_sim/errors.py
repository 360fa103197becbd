"""The error tree and the exit codes: what may go wrong, and how a shell learns of it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell is told; one meaning each."""

    OK = 0
    """Finished; a missed `expect:` of a study is a finding, not a failure."""
    INTERNAL = 1
    """A fault of corridor_sim itself."""
    BAD_INPUT = 2
    """A file, key, value or option that cannot be used."""
    CHECK_FAILED = 3
    """Finished, but `verify`, an invariant or some points failed."""
    FOLDER_IN_USE = 4
    """Another run holds the output folder; its process is named, and nothing was written."""
    RESUME_MISMATCH = 5
    """The folder holds another scenario's results; `--force` replaces them."""
    GRIDLOCK = 6
    """The model stood still: gridlock or starvation; results are INCOMPLETE."""
    LIMIT = 7
    """A limit on events at one instant was hit; no results."""
    DISK = 8
    """A file could not be written or read."""
    INTERRUPTED = 130
    """Ctrl-C."""
    TERMINATED = 143
    """SIGTERM."""


class CorridorError(Exception):
    """Anything that corridor_sim reports in one line; carries its exit code."""

    exit_code = ExitCode.INTERNAL


class InputError(CorridorError):
    """One or more located problems in files, keys, values or options.

    Each line reads `FILE:LINE:COL: KEY.PATH: what is wrong (what was found). Fix: what to type.`
    """

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, problems: list[str] | str):
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class ModelError(InputError):
    """The files are well formed, but the model they describe cannot run."""


class EngineError(CorridorError):
    """A fault of an engine: should never reach a planner."""


class RoundLimit(CorridorError):
    """A storm of events at one instant."""

    exit_code = ExitCode.LIMIT


class DrawsExhausted(CorridorError):
    """A run reached the end of a compiled stream: compile a longer one and run again."""

    def __init__(self, source: int, column: int):
        self.source, self.column = source, column
        super().__init__(f"the stream of source {source}, column {column} is used up")


class ShapeError(CorridorError, ValueError):
    """Arrays whose lengths do not fit together."""


class DiskError(CorridorError):
    """A file operation failed: says which path and why."""

    exit_code = ExitCode.DISK


class FolderInUse(CorridorError):
    """Another process is filling the folder: says which."""

    exit_code = ExitCode.FOLDER_IN_USE


class OtherResults(CorridorError):
    """The folder holds results that this run would replace, but are not its own."""

    exit_code = ExitCode.RESUME_MISMATCH
