"""Files to questions: TOML and CSV, every complaint with file, line and key."""
