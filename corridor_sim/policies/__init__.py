"""Policies that are static settings; each a word in a column of `calls` or `facilities`."""
