"""What is measured outside the tests: ``python -m benchmarks.speed``, ``python -m benchmarks.agreement``."""
