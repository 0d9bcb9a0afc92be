"""IR-VCG: the pivot mechanism with the smallest lump sums that make it interim individually rational.

t_i = t_i^vcg - psi_i, psi_i = max over types k with beliefs of outside_i(k) - U_i^vcg(k). Under independent types the
choice of what happens without an agent (option ``without`` of vcg) changes payments and psi_i by the same expected
amount.

Source: efficient-mechanisms-notes, Definition 6.
"""

from __future__ import annotations

from lpmech.answer.audit.checks import interim
from lpmech.answer.audit.integers import Integers
from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms import vcg
from lpmech.question.model import Instance

OPTIONS = vcg.OPTIONS


def applies(instance: Instance, without: str = "every-outcome") -> str | None:
    """Where vcg does."""
    return vcg.applies(instance, without)


def build(instance: Instance, without: str = "every-outcome") -> Mechanism:
    """IR-VCG."""
    mechanism = vcg.build(instance, without)
    numbers, lumps = Integers.read(instance.environment, mechanism), []
    for i, agent in enumerate(instance.environment.agents):
        rows = zip(agent.outside, interim(numbers, i), strict=True)
        lumps.append(-max(outside - row[1] for outside, row in rows if row is not None))
    return mechanism.plus(tuple(lumps))
