"""Random questions with further requirements against brute force written from the conventions alone (support/brute.py)."""

from __future__ import annotations

import math
import os

import pytest
from support.brute import decide
from support.further_questions import Draw

import lpmech

BLOCK = 20
COUNT = int(os.environ.get("LPMECH_BRUTE", "300"))
"""How many questions are drawn: more by LPMECH_BRUTE=3000."""


@pytest.mark.parametrize("block", range(COUNT // BLOCK))
def test_random_questions(block: int) -> None:
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        text, question = Draw(seed).question()
        result = lpmech.solve(lpmech.loads(text), method="auto")
        verdict, number = decide(question)
        assert result.proved, f"seed {seed}: {result.reason}\n{text}"
        assert result.verdict == verdict, f"seed {seed}: {result.verdict}, by brute force {verdict}\n{text}"
        if number is None or result.value is None:
            assert result.value is None or number is None or verdict == "impossible", f"seed {seed}\n{text}"
            continue
        same = result.value == number if math.isinf(number) else math.isclose(result.value, number, abs_tol=1e-6)
        assert same, f"seed {seed}: {result.value}, by brute force {number}\n{text}"
