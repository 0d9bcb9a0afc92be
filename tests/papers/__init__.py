"""What the papers say, one file a source, tests named after statements. Exact equality throughout."""
