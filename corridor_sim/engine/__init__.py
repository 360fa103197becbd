"""Engines: pure functions from a compiled model to an event log. CONTRACT.md is normative."""
