"""Questions with further requirements, and what shows the verdict, as terms of ``coq_library/further/`` (C11 to C15)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from lpmech.answer.arguments import FEASIBILITY, MARGIN, REQUIREMENTS, Argument, Cases, Leaf
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.question.constraints import Constraint, UnknownConstraintError
from lpmech.question.constraints.linear import LinearForm
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.profiles import Profiles
from lpmech.show.export._coq_parts import (
    SEMICOLON,
    allocation_rule,
    definition,
    mechanism_tables,
    naturals,
    nested,
    over,
    plain,
    scale,
)

# ---- the question --------------------------------------------------------------------------------------------------------


def question(instance: Instance) -> list[str]:
    """The environment, and what is asked."""
    env, need = instance.environment, instance.requirements
    asked = [f"    {_requirement(c, env)}" for c in instance.constraints]
    asked += [] if need.lotteries else ["    NoLotteries"]
    lines = [
        f"  asked := [\n{SEMICOLON.join(asked)}]",
        f"  rule := {allocation_rule(instance)}",
        f"  class := {'Groves' if need.groves else 'AnyTransfers'} |}}",
    ]
    return [_environment(env), definition("need : requirements", "{|\n" + SEMICOLON.join(lines))]


def _environment(env: Environment) -> str:
    agents = []
    for i, agent in enumerate(env.agents):
        values = [v for row in env.value_at(i) for v in row]
        agents.append(
            f"    (* {plain(agent.name)} *)\n    {{| masses := {over(agent.probabilities)};\n"
            f"       values := {nested(values, [*env.sizes, len(env.outcomes)])};\n"
            f"       outside := {nested(list(env.outside_at(i)), env.sizes)} |}}"
        )
    prior = "None"
    if env.prior is not None:
        profiles = Profiles(env)
        prior = f"Some ({nested([profiles.mass(p) for p in profiles], env.sizes)})"
    lines = [
        f"  agents := [\n{SEMICOLON.join(agents)}]",
        f"  costs := {over(env.costs)}",
        f"  prior := {prior}",
        f"  free_shares := {'true' if env.free_shares else 'false'} |}}",
    ]
    return definition("situation : environment", "{|\n" + SEMICOLON.join(lines))


def _requirement(constraint: Constraint, env: Environment) -> str:
    word, *said = constraint.formal_statement()
    return " ".join([word, *(_term(x, env) for x in said)])


def _term(x: Any, env: Environment) -> str:
    """What a constraint says of itself: numbers of agents, amounts, words, forms, sets of types."""
    if isinstance(x, LinearForm):
        return _form(x, env)
    if isinstance(x, Fraction):
        return f"({x.numerator} # {x.denominator})"
    if x is None:
        return "None"
    if isinstance(x, tuple):
        return f"(Some [{'; '.join(map(naturals, x))}])"
    return f"{x}%nat" if isinstance(x, int) else str(x)


def _form(form: LinearForm, env: Environment) -> str:
    def numbers(terms: Sequence[tuple[int, Fraction]], count: int) -> str:
        given = dict(terms)
        return over([given.get(n, Fraction(0)) for n in range(count)])

    agents = len(env.agents)
    return (
        f"{{| on_payments := {numbers(form.payments, agents)}; on_utilities := {numbers(form.utilities, agents)};\n"
        f"       on_outcomes := {numbers(form.outcomes, len(env.outcomes))};"
        f" on_revenue := {_term(form.revenue, env)}; constant := {_term(form.constant, env)} |}}"
    )


# ---- what shows the verdict ----------------------------------------------------------------------------------------------


def shown(proof: Proof) -> list[str]:
    """The mechanism, or the argument that there is none, and the theorem."""
    return _impossible(proof) if proof.verdict == "impossible" else _exists(proof)


def _exists(proof: Proof) -> list[str]:
    mechanism = proof.mechanism
    assert mechanism is not None
    shares = f"nth i ({over(mechanism.shares)}%Z) 0" if mechanism.shares is not None else "0"
    return [
        *mechanism_tables(proof),
        f"Definition s (i : nat) : Q := {shares}.",
        "Theorem this_mechanism : satisfies situation need (payments situation (class need) q h) q s.\n"
        "Proof. apply attained. vm_cast_no_check (eq_refl true). Qed.",
        "Corollary a_mechanism : mechanism_exists situation need.\nProof. exact (found _ _ _ _ _ this_mechanism). Qed.",
    ]


def _impossible(proof: Proof) -> list[str]:
    what = "(* Weights on requirements, by their number in the list, from 0: added up they contradict each other. *)"
    return [
        what,
        definition("reason : argument", _tree(_argument(proof).tree, proof.instance)),
        "Theorem no_mechanism : ~ mechanism_exists situation need.\n"
        "Proof. apply (refuted situation need reason). vm_cast_no_check (eq_refl true). Qed.",
    ]


def _argument(proof: Proof) -> Argument:
    """What shows that there is no mechanism at z = 0; a margin below 0 bounds 0 from above, and is no less."""
    found = {argument.shows: argument for argument in proof.arguments or ()}
    return next(found[shows] for shows in (REQUIREMENTS, MARGIN, FEASIBILITY) if shows in found)


def _tree(tree: Leaf | Cases, instance: Instance) -> str:
    if isinstance(tree, Leaf):
        return _weights(tree.multipliers, instance)
    cases = ";\n  ".join(f"({x}%nat, {_tree(below, instance)})" for x, below in tree.cases)
    return f"Cases {naturals(tree.profile)} [\n  {cases}]"


def _weights(multipliers: Sequence[Multiplier], instance: Instance) -> str:
    env, number = instance.environment, {c: k for k, c in enumerate(instance.constraints)}
    found = [(m.weight / scale(m, env), m) for m in multipliers if m.weight]
    by = math.lcm(*(w.denominator for w, _ in found))
    lines = [
        f"  ({w.numerator * (by // w.denominator)}, {number[m.constraint]}%nat, {_spot(m)}){';' * (k + 1 < len(found))}"
        f" (* {plain(m.label(env))} *)"
        for k, (w, m) in enumerate(found)
    ]
    return f"weights {by} [\n" + "\n".join(lines) + "]"


def _spot(m: Multiplier) -> str:
    """The single row of a constraint."""
    at = m.place
    if at.averaged or at.alike:
        raise UnknownConstraintError(m.constraint, "a theorem of Coq where it stands for several rows")
    report = "" if at.report is None else f" {at.report}%nat"
    if at.profile is None:
        return "Once" if at.type is None else f"{'TypeReport' if report else 'OfType'} {at.type}%nat{report}"
    if not report:
        return f"At {naturals(at.profile)}"
    return f"Report {naturals(at.profile)} {naturals(at.profile if at.others is None else at.others)}{report}"
