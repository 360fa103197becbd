"""Simulates freight on the Middle Corridor: where it waits, why, and what it costs.

Words are compiled into numbers once (`inputs`, `model`), an engine turns the numbers into
an event log (`engine`), and everything reported is computed from the two (`results`,
`studies`, `outputs`). People call `cli`; programs call `api`.
"""

__version__ = "0.1.0"
