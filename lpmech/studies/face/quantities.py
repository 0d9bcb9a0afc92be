"""What is measured on all optimal mechanisms: revenue, utilities, interim and single payments, probabilities, shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from lpmech.base.exact import to_flint
from lpmech.programs.forms import Form, FormStatements
from lpmech.question.constraints import WHOLE, Place
from lpmech.question.constraints.contract import Within, believing
from lpmech.question.constraints.linear import Linear, LinearForm
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

REVENUE, WELFARE, UTILITY, SHARE = "expected revenue", "expected welfare", "expected utility", "share"
INTERIM_PAYMENT, INTERIM_UTILITY, INTERIM_CHANCE = "interim payment", "interim utility", "interim probability"
CHANCE, PAYMENT = "probability", "payment"
KINDS = (
    REVENUE,
    WELFARE,
    UTILITY,
    SHARE,
    INTERIM_PAYMENT,
    INTERIM_UTILITY,
    INTERIM_CHANCE,
    CHANCE,
    PAYMENT,
)
"""In the order in which they are computed. Utility: v_i - t_i, the outside option not taken off."""

ONE = Fraction(1)


@dataclass(frozen=True)
class Quantity:
    """A linear function of a mechanism: of an agent, of one of his types (interim), at a profile, of an outcome."""

    kind: str
    agent: int | None = None
    type: int | None = None
    outcome: int | None = None
    profile: Profile | None = None

    def words(self, env: Environment) -> str:
        """ "interim payment[buyer: 6]", "probability[trade | buyer 6, seller 1]"."""
        agent = None if self.agent is None else env.agents[self.agent]
        parts = (
            [] if agent is None else [agent.name if self.type is None else f"{agent.name}: {agent.types[self.type]}"]
        )
        if self.outcome is not None:
            parts.insert(0, env.outcomes[self.outcome])
        if self.profile is not None:
            parts.append(", ".join(f"{a.name} {a.types[k]}" for a, k in zip(env.agents, self.profile, strict=True)))
        return self.kind + (f"[{' | '.join(parts)}]" if parts else "")

    def objective(self, agents: int) -> tuple[list[Fraction], Fraction] | None:
        """Weights on expected utilities and on expected revenue, where it is such a sum."""
        if self.kind == REVENUE:
            return [Fraction(0)] * agents, ONE
        if self.kind == WELFARE:
            return [ONE] * agents, ONE
        return ([Fraction(int(j == self.agent)) for j in range(agents)], Fraction(0)) if self.kind == UTILITY else None

    def requirement(self, env: Environment, number: int, compared: str, bound: Fraction) -> Linear | None:
        """The linear requirement that compares it with a number; None for shares, which these cannot name."""
        each, i, x = len(env.sizes), self.agent, self.outcome
        if self.kind == SHARE:
            return None
        if (weights := self.objective(each)) is not None:
            form = LinearForm(utilities=tuple((j, w) for j, w in enumerate(weights[0]) if w), revenue=weights[1])
        elif x is not None:
            form = LinearForm(outcomes=((x, ONE),))
        else:
            assert i is not None
            paid = self.kind in (INTERIM_PAYMENT, PAYMENT)
            form = LinearForm(payments=((i, ONE),)) if paid else LinearForm(utilities=((i, ONE),))
        within: Within | None = None
        if self.profile is not None:
            within = tuple((k,) for k in self.profile)
        elif self.type is not None:
            within = tuple((self.type,) if j == i else tuple(range(n)) for j, n in enumerate(env.sizes))
        given = i if self.type is not None else None
        return Linear(given, number, self.words(env), form, self.profile is not None, compared, bound, within)


class Measured:
    """The quantities of an instance and their forms over the columns of its program."""

    def __init__(self, instance: Instance) -> None:
        self.env, self.of = instance.environment, FormStatements(instance, lift=False)

    def __iter__(self) -> Iterator[Quantity]:
        env = self.env
        yield Quantity(REVENUE)
        yield Quantity(WELFARE)
        agents = range(len(env.sizes))
        yield from (Quantity(UTILITY, i) for i in agents)
        if env.free_shares:
            yield from (Quantity(SHARE, i) for i in agents)
        for kind in (INTERIM_PAYMENT, INTERIM_UTILITY):
            yield from (Quantity(kind, i, k) for i in agents for k in believing(env, i))
        outcomes = range(len(env.outcomes))
        for i in agents:
            yield from (Quantity(INTERIM_CHANCE, i, k, x) for k in believing(env, i) for x in outcomes)
        for theta in self.of.profiles:
            yield from (Quantity(CHANCE, outcome=x, profile=theta) for x in outcomes)
        for i in agents:
            yield from (Quantity(PAYMENT, i, profile=theta) for theta in self.of.profiles)

    def form(self, what: Quantity) -> Form:
        """The quantity as a form."""
        of, i = self.of, what.agent
        if what.kind == SHARE:
            assert i is not None
            return Form({of.columns["shares"][0] + i: to_flint(1)})
        place = WHOLE
        if what.profile is not None:
            place = Place(what.profile)
        elif what.type is not None:
            place = Place(type=what.type)
        if what.kind == REVENUE:
            return of.expected_revenue(None, place)
        if what.kind == WELFARE:
            out = of.expected_revenue(None, place)
            for j in range(of.N):
                out = out + of.utility(j, None, place)
            return out
        given = i if what.type is not None else None
        if what.outcome is not None:
            return of.chance(what.outcome, given, place)
        assert i is not None
        if what.kind in (INTERIM_PAYMENT, PAYMENT):
            return of.payment(i, given, place)
        return of.utility(i, given, place)
