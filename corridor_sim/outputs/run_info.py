"""When, where and how a run was made: outside every promise of equal bytes."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any


def run_info(taken: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """Clock, machine, Python, command line, and from which study folder each file was taken."""
    return {
        "written_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "argv": sys.argv[1:],
        "taken": dict(taken),
    }
