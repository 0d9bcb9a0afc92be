"""Proof files about all optimal mechanisms, in a folder, with a list of what each says."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from pathlib import Path

from lpmech.base import files
from lpmech.base.errors import InputError
from lpmech.base.exact import show
from lpmech.studies.face.found import Face

LIST = "claims.csv"


def write(found: Face, folder: Path) -> tuple[int, int]:
    """Write every proof there is; how many there are, and how many finite ends have none."""
    folder.mkdir(parents=True, exist_ok=True)
    env, rows, without = found.instance.environment, list[list[str]](), 0
    if found.proof is not None:
        found.proof.save(folder / "binding.json")
        rows.append(["binding.json", "what binds at every optimal mechanism", "", "", "", ""])
    for r in found.ranges:
        try:
            proved = found.claims(r)
        except InputError:  # the quantity, or the set, is none that proof files can name
            without += sum(end is not None and isinstance(end.value, Fraction) for end in (r.low, r.high))
            continue
        for claim in proved:
            name = f"{len(rows):05}.json"
            claim.proof.save(folder / name)
            side = "largest" if claim.high else "least"
            rows.append([name, r.quantity.words(env), side, show(claim.end), claim.says, show(claim.past)])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["file", "quantity", "end", "value", "says", "past"], *rows])
    files.write(folder / LIST, text.getvalue())
    return len(rows), without
