"""Files in, validated frozen records out: YAML and CSV with positions, all problems at once."""
