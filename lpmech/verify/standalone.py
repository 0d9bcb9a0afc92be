"""The verifier as one file that runs wherever Python does: ``python OUT.pyz PROOF.json``."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipapp
from pathlib import Path

START = """import sys

from lpmech.verify.command import main

sys.exit(main())
"""
DAY = 315_532_800
"""1 January 1980, the first day that an archive can name: the same verifier gives the same bytes."""


def archive() -> bytes:
    """This folder as a zip archive that Python runs, with nothing else of the package in it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(
            Path(__file__).parent, root / "lpmech" / "verify", ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
        (root / "lpmech" / "__init__.py").write_text('"""The verifier of lpmech alone."""\n', encoding="utf-8")
        (root / "__main__.py").write_text(START, encoding="utf-8")
        for path in sorted(root.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.utime(path, (DAY, DAY))
        target = io.BytesIO()
        zipapp.create_archive(root, target, interpreter="/usr/bin/env python3", compressed=True)
    return target.getvalue()
