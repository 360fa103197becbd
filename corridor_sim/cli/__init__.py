"""What people type: `corridor-sim VERB ...`, one file a verb; heavy imports inside the verbs."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives its exit code. A planner's mistake is one message, no traceback."""
    from corridor_sim.cli import verbs

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        verbs.app(args=arguments)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    return 0
