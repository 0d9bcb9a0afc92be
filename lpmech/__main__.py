"""``python -m lpmech``."""

from lpmech.cli import main

main()
