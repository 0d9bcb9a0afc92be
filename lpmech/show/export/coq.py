"""Coq: the verdict as a theorem, with a proof that ``coqc`` checks by computation.

The file is self-contained: the library ``coq_library/*.v``, or ``coq_library/further/*.v`` where the question has further
requirements (definitions of mechanisms and constraints over the rationals,
and two checkers that are proved sound), then the instance, then its multipliers or its mechanism, then the theorem. The
constraints are not in the file: Coq computes them from the definitions.
"""

from __future__ import annotations

import math
import re
import shlex
from importlib.resources import files
from pathlib import Path

from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.errors import TooLargeError, UndecidedError
from lpmech.base.exact import show
from lpmech.engine import solve
from lpmech.question.constraints import UnknownConstraintError
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.profiles import Profiles
from lpmech.question.words import question
from lpmech.show.export import _coq_further as further
from lpmech.show.export._coq_parts import (
    SEMICOLON,
    allocation_rule,
    comment,
    definition,
    mechanism_tables,
    naturals,
    nested,
    over,
    plain,
    scale,
)
from lpmech.show.export._single import single

CLASSICAL, FURTHER = "coq_library", "coq_library/further"
"""The fixed part of files: for questions without and with further requirements."""
MOST_PROFILES = 10_000
"""Coq takes some seconds at 1,600 profiles (docs/export.md)."""

NOTHING = {
    "incentive_compatibility": "NoIncentives",
    "individual_rationality": "NoParticipation",
    "budget": "NoBudget",
}
"""Words of the library where a requirement asks for nothing."""


def write(instance: Instance, method: str | None) -> str:
    """Decide the instance and state the verdict as a theorem; ``method`` as in ``solve``."""
    fixed = library(FURTHER if instance.further else CLASSICAL)
    return "\n".join((*(text for _, text in fixed), theorem(instance, method)))


def theorem(instance: Instance, method: str | None = None) -> str:
    """What comes after the library: the instance, what shows the verdict, and the theorem."""
    count = instance.environment.profile_count
    if count > MOST_PROFILES:
        raise TooLargeError(f"{count:,} profiles are too many for Coq", expected=f"at most {MOST_PROFILES:,}")
    result = solve(instance, method=method or "auto")
    if result.proof is None or not result.proved:
        raise UndecidedError(f"the instance is undecided: {result.reason}")
    proof = result.proof
    margin = "not computed" if proof.margin is None else show(proof.margin)
    about = [instance.title or "untitled", *question(instance), f"{proof.verdict}, margin {margin}"]
    if instance.further:
        parts = [comment(about), *further.question(instance), *further.shown(proof)]
    else:
        parts = [comment(about), _environment(instance.environment), _requirements(instance)]
        parts += _impossible(proof) if proof.verdict == "impossible" else _exists(proof)
    parts.append(
        "Theorem question_is_well_posed : well_posed situation need.\n"
        "Proof. apply posed. vm_cast_no_check (eq_refl true). Qed."
    )
    parts.append("Theorem an_outcome : outcomes situation <> [].\nProof. vm_compute. discriminate. Qed.")
    theorems = re.findall(r"^(?:Theorem|Corollary) (\w+)", "\n".join(parts), re.MULTILINE)
    parts.append("\n".join(f"Print Assumptions {name}." for name in theorems))
    return "\n\n".join(parts) + "\n"


def check(file: str) -> str:
    """For people; coqc takes files alone whose names are identifiers."""
    path = Path(file)
    fit = path.with_name(re.sub(r"\W|^(?=\d)", "_", path.stem, flags=re.ASCII) + ".v")
    copy = "" if fit == path else f"cp {shlex.quote(file)} {shlex.quote(str(fit))} && "
    return f"check it with Coq 8.16 or newer: {copy}coqc {shlex.quote(str(fit))}"


def library(folder_name: str = CLASSICAL) -> list[tuple[str, str]]:
    """Name and text of each file of a library, in order."""
    folder = files("lpmech.show.export") / folder_name
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".v")), key=lambda entry: entry.name)
    return [(entry.name, entry.read_text(encoding="utf-8")) for entry in found]


# ---- the question --------------------------------------------------------------------------------------------------------


def _environment(env: Environment) -> str:
    tables = [env.valuation(i) for i in range(len(env.agents))]
    money = math.lcm(*(v.denominator for table in tables for row in table for v in row))
    money = math.lcm(money, *(v.denominator for agent in env.agents for v in agent.outside))
    money = math.lcm(money, *(v.denominator for v in env.costs))
    agents = []
    for agent, table in zip(env.agents, tables, strict=True):
        rows = ";\n       ".join(over(row, money) for row in table)
        agents.append(
            f"    (* {plain(agent.name)} *)\n    {{| masses := {over(agent.probabilities)};\n"
            f"       values := [\n       {rows}];\n       outside := {over(agent.outside, money)} |}}"
        )
    prior = "None"
    if env.prior is not None:
        profiles = Profiles(env)
        prior = f"Some ({nested([profiles.mass(p) for p in profiles], env.sizes)})"
    return definition(
        "situation : environment",
        f"{{|\n  agents := [\n{SEMICOLON.join(agents)}];\n  costs := {over(env.costs, money)};\n  prior := {prior} |}}",
    )


def _requirements(instance: Instance) -> str:
    r = instance.requirements
    rules = {key: r.rule(key) for key in NOTHING}
    words = {key: NOTHING[key] if rule is None else rule.formal for key, rule in rules.items()}
    notions = (
        f"ic := {words['incentive_compatibility']}; ir := {words['individual_rationality']}; bb := {words['budget']}"
    )
    return definition(
        "need : requirements",
        f"{{|\n  {notions};\n  rule := {allocation_rule(instance)};"
        f" class := {'Groves' if r.groves else 'AnyTransfers'} |}}",
    )


# ---- what shows it -----------------------------------------------------------------------------------------------------


def _impossible(proof: Proof) -> list[str]:
    env = proof.instance.environment
    weights = [(m.weight / scale(m, env), _name(m)) for m in single(proof)]
    by = math.lcm(*(w.denominator for w, _ in weights))
    lines = ";\n  ".join(f"({w.numerator * (by // w.denominator)}, {name})" for w, name in weights)
    return [
        "(* Weights on constraints: added up they contradict each other. *)",
        definition("multipliers : list weighted", f"weights {by} [\n  {lines}]"),
        "Theorem no_mechanism : ~ mechanism_exists situation need.\n"
        "Proof. apply (refuted situation need multipliers). vm_cast_no_check (eq_refl true). Qed.",
    ]


def _name(m: Multiplier) -> str:
    """A single constraint in Coq's words."""
    at = m.place
    if m.constraint.formal_row is None:
        raise UnknownConstraintError(m.constraint, "a theorem of Coq")
    where = [naturals(at.profile)] if at.profile is not None else [at.type]
    parts = [m.constraint.formal_row, m.agent, *where, at.report]
    return " ".join(str(part) for part in parts if part is not None)


def _exists(proof: Proof) -> list[str]:
    return [
        *mechanism_tables(proof),
        "Theorem this_mechanism : satisfies situation need (payments situation (class need) q h) q.\n"
        "Proof. apply attained. vm_cast_no_check (eq_refl true). Qed.",
        "Corollary a_mechanism : mechanism_exists situation need.\nProof. exact (found _ _ _ _ this_mechanism). Qed.",
    ]
