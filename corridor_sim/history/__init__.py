"""What happened, second by second: read off the compiled model and the event log alone."""
