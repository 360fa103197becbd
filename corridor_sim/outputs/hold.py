"""One run a folder: the second is told who holds it, and a killed one leaves nothing locked."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corridor_sim.errors import DiskError, FolderInUse
from corridor_sim.outputs.folder import make_folder

HOLDER = ".held_by"
"""File in a folder that is being filled: which process, where, and what it was asked."""


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Make a folder, and keep it for this process until the block ends.

    The lock is the system's own (`flock`) on the folder, so it ends with its process, however that
    ends. Windows has none: there two runs may still write into one folder.

    Raises
    ------
    FolderInUse    another process holds it
    DiskError      it cannot be made, locked or written to
    """
    make_folder(folder)
    if sys.platform == "win32":
        yield folder
        return
    lock = os.open(folder, os.O_RDONLY)
    try:
        _lock(lock, folder)
        with _named(folder / HOLDER):
            yield folder
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FolderInUse(
            f"{folder}: in use by {_holder(folder)}. Fix: wait for it, or --out another folder"
        ) from error
    except OSError as error:
        raise DiskError(
            f"{folder}: cannot be locked ({error.strerror}). Fix: --out a folder on a local disk"
        ) from error


@contextmanager
def _named(path: Path) -> Iterator[None]:
    words = " ".join(["corridor-sim", *sys.argv[1:]])
    try:
        path.write_text(
            f"process {os.getpid()} on {platform.node()} ({words})", encoding="utf-8", newline="\n"
        )
        yield
    finally:
        with suppress(OSError):  # who cannot remove it could not write results either, and said so
            path.unlink(missing_ok=True)


def _holder(folder: Path) -> str:
    """What the holder says of itself, without what a terminal would obey."""
    try:
        text = (folder / HOLDER).read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return "".join(c for c in text if c.isprintable())[:300] or "another run"
