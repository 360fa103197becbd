"""Everything reported after a run: numpy functions of the compiled model and the event log."""
