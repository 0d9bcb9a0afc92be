"""Agreement with theorems over many seeds (docs/theorems.md)."""
