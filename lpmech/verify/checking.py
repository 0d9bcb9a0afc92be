"""A proof from beginning to end: read, told apart, checked; nothing unforeseen is accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lpmech.verify.description import described
from lpmech.verify.further.claim import FurtherClaim
from lpmech.verify.further.instance import FurtherInstance
from lpmech.verify.kernel.claim import Claim
from lpmech.verify.kernel.instance import Instance
from lpmech.verify.question import canonical, differences, digest
from lpmech.verify.reading.files import load
from lpmech.verify.reading.limits import METER, Meter, measured
from lpmech.verify.reading.numbers import keyed
from lpmech.verify.report import Refusal, Report
from lpmech.verify.shortcuts.buyers import IdenticalBuyers
from lpmech.verify.shortcuts.buyers_claim import IdenticalBuyersClaim
from lpmech.verify.shortcuts.interim import ByType, is_interim
from lpmech.verify.shortcuts.interim_claim import InterimClaim
from lpmech.verify.shortcuts.symmetric import Symmetric
from lpmech.verify.shortcuts.symmetric_claim import SymmetricClaim
from lpmech.verify.shortcuts.taxation import TaxationClaim
from lpmech.verify.shortcuts.trade import Trade
from lpmech.verify.shortcuts.trade_claim import CompactClaim
from lpmech.verify.shortcuts.two_sided import is_compact, is_exchange

FORMATS = ("lpmech-proof/1", "lpmech-proof/2")
KINDS_OF_FORMAT_2 = ("auction",)
OPTIONAL = ("mechanism", "fees", "ray", "multipliers", "bounds", "symmetry")


def check(proof: Any, report: Report, asked: dict[str, Any] | None = None) -> None:
    """Refuses unless the proof proves its claim, about the question asked if one is given; notes in the report what was
    claimed and established."""
    if type(proof) is not dict or proof.get("format") not in FORMATS:
        wanted = " or ".join(f'"{name}"' for name in FORMATS)
        raise Refusal(f'not a proof: an object with "format": {wanted} is needed', unreadable=True)
    more = ("best", "arguments") if is_further(proof) else ()
    keyed(proof, "proof", ("format", "instance", "claim"), (*OPTIONAL, *more))
    if proof["format"] == FORMATS[0] and (new := beyond_format_1(proof["instance"])):
        raise Refusal(f"format: {new} needs {FORMATS[1]}")
    claimed = proof["claim"] if type(proof["claim"]) is dict else {}
    text = {key: claimed.get(key) for key in ("verdict", "margin", "value")}
    report.verdict, report.margin, report.value = (x if type(x) is str else None for x in text.values())
    title = proof["instance"].get("title") if type(proof["instance"]) is dict else None
    report.title = title if type(title) is str else ""
    reading, instance = read_instance(proof)
    content = canonical(proof["instance"])
    report.question = digest(content)
    report.description = described(content, instance)
    report.checks.append(f"the instance is valid: {instance}; question {report.question}")
    if asked is not None:
        differ = differences(content, canonical(asked))
        if differ:
            raise Refusal("this is a proof of another question", *differ)
        report.checks.append("the question is the one asked")
    reading(proof, instance, report).check()


def beyond_format_1(instance: Any) -> str | None:
    """What an instance asks that format 1 does not know; None if it knows all of it (or the instance cannot be read)."""
    environment = instance.get("environment") if type(instance) is dict else None
    kind = environment.get("kind") if type(environment) is dict else None
    return f"the kind {kind}" if type(kind) is str and kind in KINDS_OF_FORMAT_2 else None


def is_further(proof: dict[str, Any]) -> bool:
    """Whether a proof is about a further question."""
    return proof["format"] == FORMATS[1] and "arguments" in proof


def read_instance(proof: dict[str, Any]) -> tuple[Callable[..., Claim | FurtherClaim], Instance]:
    """How the proof is to be read, and its instance."""
    if is_further(proof):
        return FurtherClaim, FurtherInstance(proof["instance"])
    if proof.get("symmetry") is not None:
        if is_interim(proof):
            return InterimClaim, ByType(proof["instance"], proof["symmetry"])
        if is_compact(proof):
            raise Refusal("symmetry: compact parts without interim payments are about a buyer and a seller")
        return SymmetricClaim, Symmetric(proof["instance"], proof["symmetry"])
    if is_compact(proof) and is_exchange(proof["instance"]):
        return IdenticalBuyersClaim, IdenticalBuyers(proof["instance"])
    if is_compact(proof):
        return CompactClaim, Trade(proof["instance"])
    instance = Instance(proof["instance"])
    return TaxationClaim if instance.ic == "DSIC" and not instance.groves else Claim, instance


def verify(proof: str | Path | dict[str, Any], *, instance: Any = None, limits: bool = True) -> Report:
    """Check a proof, given as a path or as the parsed file. Never raises: what cannot be checked is refused.

    ``instance``: the question it has to be about, restated as in a proof file, or an object whose ``table()`` restates it.
    ``limits``: refuse what asks for too much work or memory, before it is expanded.
    """
    return _verified(proof, Meter(entries=0, lifted=not limits), instance)


def verify_own(proof: dict[str, Any]) -> Report:
    """Check a proof that was made here: no limits but ``MAX_CELLS`` and ``MAX_DIGITS``."""
    return _verified(proof, Meter(), None)


def _verified(proof: str | Path | dict[str, Any], meter: Meter, instance: Any) -> Report:
    report, token = Report(), METER.set(meter)
    try:
        parsed = load(proof) if isinstance(proof, str | Path) else proof
        if meter.entries is not None and not meter.lifted:
            meter.entries = measured(parsed)
        check(parsed, report, instance.table() if hasattr(instance, "table") else instance)
    except Refusal as refusal:
        report.problems.extend(refusal.problems)
        report.unreadable = refusal.unreadable
    except Exception as problem:  # fail closed: nothing that was not foreseen is accepted
        report.problems.append(f"the check broke down ({type(problem).__name__}: {problem}); nothing is proved")
    else:
        report.accepted = True
    finally:
        METER.reset(token)
    return report
