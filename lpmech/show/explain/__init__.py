"""Verdicts for people: the mechanism as a person would read it, or the argument against one as a paper would write it.

A result becomes a ``Document`` once; text, Markdown, LaTeX and HTML are renderings of it, one file each.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lpmech.base.errors import InputError
from lpmech.question.words import question
from lpmech.show.explain.document import Block, Document, Heading, Paragraph

if TYPE_CHECKING:
    from lpmech.answer.proof import Proof
    from lpmech.answer.result import Result

FORMATS = ("text", "markdown", "latex", "html")
"""Renderers: the files of these names define ``render``."""


def document(result: Result, *, everything: bool = False) -> Document:
    """The question, the verdict, and the mechanism or the argument against one."""
    from lpmech.show.explain.argument import argument, verdict
    from lpmech.show.explain.mechanism import mechanism

    instance = result.instance
    blocks: list[Block] = [Paragraph(line) for line in question(instance)]
    if result.verdict == "undecided":
        blocks.append(Paragraph(f"Undecided: {result.reason}."))
    elif result.proof is None:
        blocks.append(Paragraph(f"Verdict: {result.verdict}. Ask for the proof (prove()) to have it explained."))
    elif instance.further:
        blocks += _further(result, everything)
    elif result.verdict == "exists":
        blocks += mechanism(result, everything)
        if result.proof.multipliers is not None and result.proof.bounds == "margin":
            blocks += [Heading("Why the margin is not larger"), *argument(result.proof, everything)]
    else:
        proof, needed = _short(result.proof, result.method)
        blocks += [*verdict(result.margin), Heading("The argument"), *argument(proof, everything, needed)]
    return Document(instance.title or "Untitled instance", tuple(blocks))


def _further(result: Result, everything: bool) -> list[Block]:
    """The mechanism and every argument of a question with further requirements."""
    from lpmech.show.explain import further
    from lpmech.show.explain.mechanism import with_further

    assert result.proof is not None
    told = with_further(result, everything) if result.verdict == "exists" else further.verdict(result.proof)
    return [*told, *further.arguments(result.proof, everything)]


def _short(proof: Proof, method: str) -> tuple[Proof, bool]:
    """An argument with few lines, and whether each is needed; that of a closed form has a structure, and stays as it is."""
    from lpmech.programs import formulations

    if method not in formulations.names():
        return proof, False
    from lpmech.engine.irreducible import shorter  # brings cvxpy along

    found = shorter(proof)
    return (proof, False) if found is None else (found.proof, found.irreducible)


def render(told: Document, style: str) -> str:
    """A document in one of the formats."""
    if style not in FORMATS:
        raise InputError("unknown format", value=repr(style), expected=", ".join(FORMATS))
    return str(import_module(f"{__name__}.{style}").render(told))


def explain(result: Result, style: str = "text", *, everything: bool = False) -> str:
    """A result explained; ``everything`` lists long tables in full."""
    return render(document(result, everything=everything), style)
