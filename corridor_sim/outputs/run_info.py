"""When, where and how a run was made: outside every promise of equal bytes."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from typing import Any


def run_info() -> dict[str, Any]:
    """Clock, machine, Python and command line."""
    return {
        "written_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "argv": sys.argv[1:],
    }
