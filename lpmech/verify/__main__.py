"""``python -m lpmech.verify``."""

import sys

from lpmech.verify.command import main

sys.exit(main())
