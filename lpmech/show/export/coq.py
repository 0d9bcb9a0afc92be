"""Coq: the verdict as a theorem, with a proof that ``coqc`` checks by computation.

The file is self-contained: the library ``coq_library/*.v`` (definitions of mechanisms and constraints over the rationals,
and two checkers that are proved sound), then the instance, then its multipliers or its mechanism, then the theorem. The
constraints are not in the file: Coq computes them from the definitions.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Sequence
from fractions import Fraction
from importlib.resources import files
from itertools import product
from pathlib import Path

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.errors import TooLargeError, UndecidedError
from lpmech.base.exact import show
from lpmech.engine import solve
from lpmech.question.constraints import UnknownConstraintError
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles
from lpmech.question.requirements import AllocationTable, PostedPrice
from lpmech.question.words import question
from lpmech.show.export._single import single

MOST_PROFILES = 10_000
"""Coq takes some seconds at 1,600 profiles (docs/export.md)."""

NOTHING = {
    "incentive_compatibility": "NoIncentives",
    "individual_rationality": "NoParticipation",
    "budget": "NoBudget",
}
"""Words of the library where a requirement asks for nothing."""
TIES = {"any": "EfficientAny", "first": "EfficientFirst", "last": "EfficientLast", "uniform": "EfficientUniform"}


def write(instance: Instance, method: str | None) -> str:
    """Decide the instance and state the verdict as a theorem; ``method`` as in ``solve``."""
    return "\n".join((*(text for _, text in library()), theorem(instance, method)))


def theorem(instance: Instance, method: str | None = None) -> str:
    """What comes after the library: the instance, what shows the verdict, and the theorem."""
    instance.classical("the export to Coq")
    count = instance.environment.profile_count
    if count > MOST_PROFILES:
        raise TooLargeError(f"{count:,} profiles are too many for Coq", expected=f"at most {MOST_PROFILES:,}")
    result = solve(instance, method=method or "auto")
    if result.proof is None or not result.proved:
        raise UndecidedError(f"the instance is undecided: {result.reason}")
    proof = result.proof
    margin = "not computed" if proof.margin is None else show(proof.margin)
    about = [instance.title or "untitled", *question(instance), f"{proof.verdict}, margin {margin}"]
    parts = [_comment(about), _environment(instance.environment), _requirements(instance)]
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


def library() -> list[tuple[str, str]]:
    """Name and text of each file of the library, in order."""
    folder = files("lpmech.show.export") / "coq_library"
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
        rows = ";\n       ".join(_over(row, money) for row in table)
        agents.append(
            f"    (* {_plain(agent.name)} *)\n    {{| masses := {_over(agent.probabilities)};\n"
            f"       values := [\n       {rows}];\n       outside := {_over(agent.outside, money)} |}}"
        )
    prior = "None"
    if env.prior is not None:
        profiles = Profiles(env)
        prior = f"Some ({_nested([profiles.mass(p) for p in profiles], env.sizes)})"
    return _definition(
        "situation : environment",
        f"{{|\n  agents := [\n{_SEMICOLON.join(agents)}];\n  costs := {_over(env.costs, money)};\n  prior := {prior} |}}",
    )


def _requirements(instance: Instance) -> str:
    r, env = instance.requirements, instance.environment
    rules = {key: r.rule(key) for key in NOTHING}
    words = {key: NOTHING[key] if rule is None else rule.formal for key, rule in rules.items()}
    rule = TIES[r.ties] if r.allocation == "efficient" else "Free"
    if isinstance(r.allocation, PostedPrice | AllocationTable):
        rule = f"Given ({_lotteries(_given(instance), env)})"
    notions = (
        f"ic := {words['incentive_compatibility']}; ir := {words['individual_rationality']}; bb := {words['budget']}"
    )
    return _definition(
        "need : requirements",
        f"{{|\n  {notions};\n  rule := {rule}; class := {'Groves' if r.groves else 'AnyTransfers'} |}}",
    )


def _given(instance: Instance) -> list[Sequence[Fraction]]:
    """The prescribed lottery at each profile."""
    rule, env = instance.requirements.allocation, instance.environment
    if isinstance(rule, AllocationTable):
        return list(rule.lotteries)
    assert isinstance(rule, PostedPrice)
    buyer, seller = env.valuation(0), env.valuation(1)
    trades = [buyer[b][1] >= rule.price >= -seller[s][1] for b, s in product(*map(range, env.sizes))]
    return [(Fraction(not trade), Fraction(trade)) for trade in trades]


# ---- what shows it -----------------------------------------------------------------------------------------------------


def _impossible(proof: Proof) -> list[str]:
    env = proof.instance.environment
    weights = [(m.weight / _scale(m, env), _name(m)) for m in single(proof)]
    by = math.lcm(*(w.denominator for w, _ in weights))
    lines = ";\n  ".join(f"({w.numerator * (by // w.denominator)}, {name})" for w, name in weights)
    return [
        "(* Weights on constraints: added up they contradict each other. *)",
        _definition("multipliers : list weighted", f"weights {by} [\n  {lines}]"),
        "Theorem no_mechanism : ~ mechanism_exists situation need.\n"
        "Proof. apply (refuted situation need multipliers). vm_cast_no_check (eq_refl true). Qed.",
    ]


def _name(m: Multiplier) -> str:
    """A single constraint in Coq's words."""
    at = m.place
    if m.constraint.formal_row is None:
        raise UnknownConstraintError(m.constraint, "a theorem of Coq")
    where = [_list(at.profile)] if at.profile is not None else [at.type]
    parts = [m.constraint.formal_row, m.agent, *where, at.report]
    return " ".join(str(part) for part in parts if part is not None)


def _scale(m: Multiplier, env: Environment) -> Fraction:
    """With a joint prior the library multiplies what is said of a type with its probability."""
    if env.prior is None or m.agent is None or m.place.type is None:
        return Fraction(1)
    return env.agents[m.agent].probabilities[m.place.type]


def _exists(proof: Proof) -> list[str]:
    mechanism, env = proof.mechanism, proof.instance.environment
    assert mechanism is not None
    lotteries = [[q.get(x, Fraction(0)) for x in range(len(env.outcomes))] for q in mechanism.lotteries]
    money = "charges" if _groves(mechanism, proof) else "transfers"
    return [
        "(* The mechanism: money by agent and profile, probabilities by profile and outcome. *)",
        _definition(f"{money}_table : table", _money(mechanism, proof)),
        _definition("lottery_table : table", _lotteries(lotteries, env)),
        f"Definition h (i : nat) (theta : list nat) : Q := lookup (i :: theta) {money}_table.\n"
        "Definition q (theta : list nat) (x : nat) : Q := lookup (theta ++ [x]) lottery_table.",
        "Theorem this_mechanism : satisfies situation need (payments situation (class need) q h) q.\n"
        "Proof. apply attained. vm_cast_no_check (eq_refl true). Qed.",
        "Corollary a_mechanism : mechanism_exists situation need.\nProof. exact (found _ _ _ _ this_mechanism). Qed.",
    ]


def _groves(mechanism: Mechanism, proof: Proof) -> bool:
    return proof.instance.requirements.groves and mechanism.charges is not None


def _money(mechanism: Mechanism, proof: Proof) -> str:
    sizes = mechanism.environment.sizes
    groves = _groves(mechanism, proof)
    rows = [list(row) for row in ((mechanism.charges if groves else mechanism.transfers) or ())]
    by = math.lcm(*(t.denominator for row in rows for t in row))
    shapes = [[n for j, n in enumerate(sizes) if j != i or not groves] for i in range(len(sizes))]
    return "Rows [\n  " + ";\n  ".join(_nested(row, shape, by) for row, shape in zip(rows, shapes, strict=True)) + "]"


def _lotteries(lotteries: Sequence[Sequence[Fraction]], env: Environment) -> str:
    return _nested([p for row in lotteries for p in row], [*env.sizes, len(env.outcomes)])


# ---- text --------------------------------------------------------------------------------------------------------------


_SEMICOLON = ";\n"


def _definition(what: str, value: str) -> str:
    return f"Definition {what} := {value}%Z."


def _over(numbers: Sequence[Fraction], by: int | None = None) -> str:
    by = by or math.lcm(*(x.denominator for x in numbers))
    return f"over {by} [{'; '.join(str(x.numerator * (by // x.denominator)) for x in numbers)}]"


def _nested(numbers: Sequence[Fraction], sizes: Sequence[int], by: int | None = None) -> str:
    """A table of these sizes, the last index fastest."""
    by = by or math.lcm(*(x.denominator for x in numbers))
    if not sizes:
        return f"Leaf ({numbers[0].numerator * (by // numbers[0].denominator)} # {by})"
    if len(sizes) == 1:
        return "row_of" + _over(numbers, by)[4:]
    step = len(numbers) // sizes[0]
    parts = (_nested(numbers[k * step : (k + 1) * step], sizes[1:], by) for k in range(sizes[0]))
    return "Rows [" + ";\n    ".join(parts) + "]"


def _list(profile: Profile) -> str:
    return f"[{'; '.join(map(str, profile))}]%nat"


def _plain(text: str) -> str:
    """Text that may stand in a comment of Coq, where quotes and comment signs count."""
    return text.replace('"', "'").replace("(*", "( *").replace("*)", "* )")


def _comment(lines: Sequence[str]) -> str:
    return "(* " + "\n   ".join(_plain(" ".join(line.split())) for line in lines) + " *)"
