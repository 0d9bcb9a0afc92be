"""What figures are drawn of: results, instances, mechanisms, proofs."""

from __future__ import annotations

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.base.errors import InputError
from lpmech.question.model import Instance


def instance_of(thing: Instance | Result | Proof) -> Instance:
    """The question."""
    return thing if isinstance(thing, Instance) else thing.instance


def mechanism_of(thing: Result | Mechanism) -> Mechanism:
    """The mechanism of a result that has one; InputError with the way on if there is none."""
    if isinstance(thing, Mechanism):
        return thing
    if thing.mechanism is None:
        helps = (
            "result.proof.mechanism, which attains the margin"
            if _attained(thing) is not None
            else "multipliers(result)"
        )
        raise InputError(f"no mechanism to draw: the verdict is {thing.verdict}", expected=f"a mechanism, or {helps}")
    return thing.mechanism


def _attained(thing: Result) -> Mechanism | None:
    return None if thing.proof is None else thing.proof.mechanism


def proof_of(thing: Result | Proof) -> Proof:
    """The proof of a result, which must have multipliers."""
    found = thing if isinstance(thing, Proof) else thing.proof
    if found is None or found.multipliers is None:
        reason = "no proof is kept" if found is None else "its margin is inf, which needs none"
        raise InputError(f"no multipliers to draw: {reason}", expected="a proved result of finite margin or none")
    return found
