"""Many questions made of one: tables, frontiers, limits, sweeps, agreement with theorems."""
