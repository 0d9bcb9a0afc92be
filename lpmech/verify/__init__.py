"""The judge: checks a proof file (``lpmech-proof/1``, ``/2``) with the Python standard library alone, in exact arithmetic.

    python -m lpmech.verify [--no-limits] PROOF.json ...   exit status 0 accepted, 1 refused, 2 cannot be read
    lpmech.verify("PROOF.json")                            -> Report

It shares no code with the solver and trusts nothing but the instance restated in the proof. Incentive compatibility,
participation, budget and efficiency are stated here again, from the definitions (conventions C1-C10).
``docs/proof-format.md`` says what each field means and why the checks suffice. What there is, in the order to read it:

    report.py     what is said in the end
    reading/      how a file's texts become exact numbers (``limits.py`` can only refuse: pass over it)
    kernel/       the question, a mechanism, an upper bound, a claim: the definitions, by enumeration
    auctions.py   the question of an auction: one more kind of environment, for the kernel
    checking.py   which of the two, the kernel or a shortcut, checks a proof, and how it ends

A sceptic stops here: what is checked by the kernel needs no more. ``shortcuts/`` is what other proofs need, each file a
theorem of ``docs/proof-format.md``. ``question.py`` and ``description.py`` name and describe a question for people.

Inside, everything is an integer: money in units of 1/D (the instance) or 1/M (a mechanism), masses in units of 1/P.
A profile is its number in the flattened order, last agent fastest; agent i's type k at profile ``base + k * stride``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lpmech.verify.checking import verify, verify_own
    from lpmech.verify.command import main, verify_files
    from lpmech.verify.question import question_of
    from lpmech.verify.report import Refusal, Report

__all__ = ["Refusal", "Report", "main", "question_of", "verify", "verify_files", "verify_own"]

_HOME = {
    "Refusal": "report",
    "Report": "report",
    "main": "command",
    "question_of": "question",
    "verify": "checking",
    "verify_files": "command",
    "verify_own": "checking",
}
"""Name -> module; imported on first use, so that ``import lpmech`` is quick."""


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lpmech.verify' has no attribute {name!r}")
    return getattr(import_module(f"lpmech.verify.{_HOME[name]}"), name)
