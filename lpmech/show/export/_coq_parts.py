"""How numbers, tables, allocation rules and mechanisms are written in Coq."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable, PostedPrice

SEMICOLON = ";\n"
TIES = {"any": "EfficientAny", "first": "EfficientFirst", "last": "EfficientLast", "uniform": "EfficientUniform"}


def definition(what: str, value: str) -> str:
    """A definition whose numbers are integers."""
    return f"Definition {what} := {value}%Z."


def over(numbers: Sequence[Fraction], by: int | None = None) -> str:
    """Integers over a common denominator."""
    by = by or math.lcm(*(x.denominator for x in numbers))
    return f"over {by} [{'; '.join(str(x.numerator * (by // x.denominator)) for x in numbers)}]"


def nested(numbers: Sequence[Fraction], sizes: Sequence[int], by: int | None = None) -> str:
    """A table of these sizes, the last index fastest."""
    by = by or math.lcm(*(x.denominator for x in numbers))
    if not sizes:
        return f"Leaf ({numbers[0].numerator * (by // numbers[0].denominator)} # {by})"
    if len(sizes) == 1:
        return "row_of" + over(numbers, by)[4:]
    step = len(numbers) // sizes[0]
    parts = (nested(numbers[k * step : (k + 1) * step], sizes[1:], by) for k in range(sizes[0]))
    return "Rows [" + ";\n    ".join(parts) + "]"


def naturals(profile: Sequence[int]) -> str:
    """A list of numbers from 0."""
    return f"[{'; '.join(map(str, profile))}]%nat"


def plain(text: str) -> str:
    """Text that may stand in a comment of Coq, where quotes and comment signs count."""
    return text.replace('"', "'").replace("(*", "( *").replace("*)", "* )")


def comment(lines: Sequence[str]) -> str:
    """Lines as a comment."""
    return "(* " + "\n   ".join(plain(" ".join(line.split())) for line in lines) + " *)"


def allocation_rule(instance: Instance) -> str:
    """The allocation rule."""
    r, env = instance.requirements, instance.environment
    if isinstance(r.allocation, PostedPrice | AllocationTable):
        return f"Given ({_lotteries(_given(instance), env)})"
    return TIES[r.ties] if r.allocation == "efficient" else "Free"


def _given(instance: Instance) -> list[Sequence[Fraction]]:
    """The prescribed lottery at each profile."""
    rule, env = instance.requirements.allocation, instance.environment
    if isinstance(rule, AllocationTable):
        return list(rule.lotteries)
    assert isinstance(rule, PostedPrice)
    buyer, seller = env.valuation(0), env.valuation(1)
    trades = [buyer[b][1] >= rule.price >= -seller[s][1] for b, s in product(*map(range, env.sizes))]
    return [(Fraction(not trade), Fraction(trade)) for trade in trades]


def scale(m: Multiplier, env: Environment) -> Fraction:
    """With a joint prior the library multiplies what is said of a type with its probability."""
    if env.prior is None or m.agent is None or m.place.type is None:
        return Fraction(1)
    return env.agents[m.agent].probabilities[m.place.type]


def mechanism_tables(proof: Proof) -> list[str]:
    """Definitions of h, payments or Groves charges, and q, lotteries."""
    mechanism, env = proof.mechanism, proof.instance.environment
    assert mechanism is not None
    lotteries = [[q.get(x, Fraction(0)) for x in range(len(env.outcomes))] for q in mechanism.lotteries]
    money = "charges" if _groves(mechanism, proof) else "transfers"
    return [
        "(* The mechanism: money by agent and profile, probabilities by profile and outcome. *)",
        definition(f"{money}_table : table", _money(mechanism, proof)),
        definition("lottery_table : table", _lotteries(lotteries, env)),
        f"Definition h (i : nat) (theta : list nat) : Q := lookup (i :: theta) {money}_table.\n"
        "Definition q (theta : list nat) (x : nat) : Q := lookup (theta ++ [x]) lottery_table.",
    ]


def _groves(mechanism: Mechanism, proof: Proof) -> bool:
    return proof.instance.requirements.groves and mechanism.charges is not None


def _money(mechanism: Mechanism, proof: Proof) -> str:
    sizes = mechanism.environment.sizes
    groves = _groves(mechanism, proof)
    rows = [list(row) for row in ((mechanism.charges if groves else mechanism.transfers) or ())]
    by = math.lcm(*(t.denominator for row in rows for t in row))
    shapes = [[n for j, n in enumerate(sizes) if j != i or not groves] for i in range(len(sizes))]
    return "Rows [\n  " + ";\n  ".join(nested(row, shape, by) for row, shape in zip(rows, shapes, strict=True)) + "]"


def _lotteries(lotteries: Sequence[Sequence[Fraction]], env: Environment) -> str:
    return nested([p for row in lotteries for p in row], [*env.sizes, len(env.outcomes)])
