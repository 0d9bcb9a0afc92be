"""Taxation against the kernel: proofs that need it, written out without it."""

from __future__ import annotations

import random
from typing import Any

from support import random_instances
from support.expand import expand as written_out
from support.expand_taxation import expand
from support.tampering import changed, leaves, others

from lpmech.engine import solve
from lpmech.question.model import Instance as Question
from lpmech.question.requirements import Requirements
from lpmech.verify import Refusal, Report, verify
from lpmech.verify.kernel.claim import Claim
from lpmech.verify.kernel.instance import Instance
from lpmech.verify.shortcuts.two_sided import is_compact


def proved(proof: dict[str, Any]) -> bool:
    """By the kernel alone."""
    try:
        Claim(proof, Instance(proof["instance"]), Report()).check()
    except Refusal:
        return False
    return True


def question(seed: int) -> Question:
    rng = random.Random(seed)
    env = random_instances.bilateral(rng) if seed % 3 else random_instances.environment(rng)
    ties = rng.choice(["any", "first", "last"])
    ir, budget = rng.choice(["ex-post", "interim", "ex-ante"]), rng.choice(["no-deficit", "no-expected-deficit"])
    return Question(env, Requirements("DSIC", ir, budget, ties=ties))


def test_proofs_by_taxation_are_proofs_without_it() -> None:
    taxed = refused = 0
    for seed in range(40):
        asked = question(seed)
        try:
            result = solve(asked, method="menu")
        except ValueError:  # open ties have no menu
            continue
        assert result.proof is not None
        proof = result.proof.table()
        if is_compact(proof):
            proof = written_out(proof)
        assert verify(proof)
        assert proved(expand(proof)), seed
        taxed += not proved(proof)
        rng = random.Random(seed)
        places = [place for place in leaves(proof) if place[0][0] == "multipliers"]
        for path, old in rng.sample(places, min(len(places), 12)):
            for other in others(old, rng):
                wrong = changed(proof, path, other)
                if verify(wrong):
                    assert proved(expand(wrong)), (seed, path, other)
                refused += not verify(wrong)
    assert taxed >= 5
    assert refused >= 100
