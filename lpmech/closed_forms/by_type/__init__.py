"""Interim payments: the largest ones, what tied outcomes count, and mixtures of ways to break ties."""
