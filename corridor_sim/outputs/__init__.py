"""Results to files: tidy tables, manifest, the resolved scenario. pandas lives only here."""
