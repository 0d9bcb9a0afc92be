"""Classes of identical agents with their values, masses and outside options in whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from lpmech.base.exact import Scaled
from lpmech.question.environment import Environment
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.partnership import Partnership

Classes = tuple[tuple[int, ...], ...]


@dataclass
class Types:
    """Values, masses and outside options in whole numbers: worth[c][k][slot] and outside[c][k] in units of 1/unit, masses
    own[c] in units of 1/units[c]. Slots are the outcomes. Where there are ``goods`` (a partnership's object, the sellers'
    units) there is one slot, to get the good, or for sellers (``sells[c]``) to give it away."""

    environment: Environment
    classes: Classes
    worth: list[list[list[int]]]
    outside: list[list[int]]
    unit: int
    costs: list[int]
    own: list[list[int]]
    units: list[int]
    goods: int
    """How many goods there are to hold; 0 in social choice."""
    sells: list[bool]

    @property
    def alone(self) -> bool:
        """Whether an agent minds what happens to himself alone."""
        return self.goods > 0

    @property
    def held(self) -> list[list[int]]:
        """What it is worth to hold a good, for each class and type, where there are goods."""
        rows = zip(self.sells, self.worth, strict=True)
        return [[-v if sells else v for (v,) in table] for sells, table in rows]

    @classmethod
    def of(cls, env: Environment, classes: Classes) -> Types:
        """Read off the environment."""
        first = [members[0] for members in classes]
        goods, sells = 0, [False for _ in first]
        if isinstance(env, Partnership):
            goods = 1
            rows = [[[v] for v in env.partners[i].distribution.values] for i in first]
        elif isinstance(env, Exchange):
            goods, buyers = len(env.sellers), len(env.buyers)
            sells = [i >= buyers for i in first]
            sides = [*env.buyers, *env.sellers]
            rows = [[[-v if i >= buyers else v] for v in sides[i].values] for i in first]
        else:
            rows = [[list(row) for row in env.valuation(i)] for i in first]
        outside = [env.agents[i].outside for i in first]
        amounts = [v for table in rows for row in table for v in row] + [o for row in outside for o in row]
        costs = () if goods else env.costs
        unit = math.lcm(*{x.denominator for x in (*amounts, *costs)})

        def whole(x: Fraction) -> int:
            return x.numerator * (unit // x.denominator)

        masses = [Scaled.read(env.agents[i].probabilities) for i in first]
        return cls(
            env,
            classes,
            [[[whole(v) for v in row] for row in table] for table in rows],
            [[whole(o) for o in row] for row in outside],
            unit,
            [whole(c) for c in costs],
            [list(scaled.of) for scaled in masses],
            [scaled.over for scaled in masses],
            goods,
            sells,
        )

    @property
    def members(self) -> list[int]:
        """How many agents each class has."""
        return [len(members) for members in self.classes]
