"""Shorter ways to what the kernel shows."""
