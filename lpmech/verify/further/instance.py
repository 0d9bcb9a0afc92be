"""The question with what a further one may add: values at profiles, notions by agent, bounds on payments, floors."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.verify.kernel.environments import Agent
from lpmech.verify.kernel.instance import CHOICES, KINDS, Instance
from lpmech.verify.reading.limits import METER, common
from lpmech.verify.reading.numbers import index, indices, keyed, listed, masses, nonempty, number, numbers, unit, word
from lpmech.verify.report import Refusal

EXPLICIT = "explicit"
"""A kind of proof files alone: values and outside options written out at every profile (C11, C15)."""
INCENTIVES, PARTICIPATION = "incentive_compatibility", "individual_rationality"
NOTIONS = {INCENTIVES: ("DSIC", "BIC", "ex-post", "none"), PARTICIPATION: CHOICES[PARTICIPATION]}
DEVIATIONS = ("all", "downward", "upward", "adjacent")
OPTIONAL = ("deviations", "payments", "lotteries", "budget-floor", "linear")
COMPARED = ("at-least", "at-most", "equal")


@dataclass(frozen=True)
class Linear:
    """form compared with bound: at every profile, over the prior (agent None), or given each type of an agent."""

    name: str
    payments: dict[int, Fraction]
    utilities: dict[int, Fraction]
    outcomes: dict[int, Fraction]
    revenue: Fraction
    constant: Fraction
    at_profile: bool
    agent: int | None
    compared: str
    bound: Fraction
    within: list[frozenset[int]]

    def amounts(self) -> list[Fraction]:
        """Every number in it."""
        terms = (self.payments, self.utilities, self.outcomes)
        return [self.revenue, self.constant, self.bound, *(c for form in terms for c in form.values())]


class FurtherInstance(Instance):
    """Amounts as exact numbers: ``value[i][p][x]`` and ``outside_at[i][p]`` at each profile of true types."""

    kinds = (*KINDS, EXPLICIT)
    free = False
    """Shares are free: outside options are shares of ``outside_at``."""

    # -- the environment ----------------------------------------------------------------------------------------------

    def read_agents(self, x: dict[str, Any], at: str) -> list[Agent]:
        self.explicit: list[tuple[Any, Any]] = []
        if self.kind != EXPLICIT:
            return super().read_agents(x, at)
        keyed(x, at, ("kind", "outcomes", "costs", "agents", "free-shares"), {"prior"})
        self.outcomes = [word(o, f"{at}.outcomes") for o in nonempty(x["outcomes"], f"{at}.outcomes")]
        if type(x["free-shares"]) is not bool:
            raise Refusal(f"{at}.free-shares: true or false is needed")
        self.free, given = x["free-shares"], list[Agent]()
        METER.get().agents(len(nonempty(x["agents"], f"{at}.agents")), at)
        zeros = [Fraction(0)] * len(self.outcomes)
        for i, entry in enumerate(x["agents"]):
            place = f"{at}.agents[{i}]"
            keyed(entry, place, ("name", "types", "values", "outside"), {"probabilities"})
            types = [word(name, f"{place}.types") for name in nonempty(entry["types"], f"{place}.types")]
            own = None
            if "probabilities" in entry:
                where = f"{place}.probabilities"
                own = masses(numbers(entry["probabilities"], where, len(types)), where)
            elif "prior" not in x:
                raise Refusal(f"{place}: 'probabilities' is missing")
            self.explicit.append((entry["values"], entry["outside"]))
            table = [zeros for _ in types]
            given.append(Agent(word(entry["name"], f"{place}.name"), types, table, [Fraction(0)] * len(types), own))
        for names in (self.outcomes, [agent.name for agent in given], *(agent.types for agent in given)):
            if len(set(names)) != len(names):
                raise Refusal(f"{at}: a name is used twice among {reprlib.repr(names)}")
        self.sizes, self.agents = [len(agent.types) for agent in given], range(len(given))
        self.names, self.types = [agent.name for agent in given], [agent.types for agent in given]
        self.payers, self.unit = len(given), 1
        self.values = [[[0] * len(self.outcomes) for _ in agent.types] for agent in given]
        self.outside, self.costs = [[0] * n for n in self.sizes], [0] * len(self.outcomes)
        self.given_costs = numbers(x["costs"], f"{at}.costs", len(self.outcomes))
        return given

    def set_values(self) -> None:
        """Values, outside options, costs and surplus at profiles (C5, C11)."""
        METER.get().take(self.count * len(self.names) * len(self.outcomes))
        self.value: list[list[list[Fraction]]] = []
        self.outside_at: list[list[Fraction]] = []
        for i in self.agents:
            at = f"instance.environment.agents[{i}]"
            if self.explicit:
                rows = listed(self.explicit[i][0], f"{at}.values", self.count)
                self.value.append([numbers(row, f"{at}.values[{p}]", len(self.outcomes)) for p, row in enumerate(rows)])
                self.outside_at.append(numbers(self.explicit[i][1], f"{at}.outside", self.count))
                continue
            table = [[Fraction(v, self.unit) for v in row] for row in self.values[i]]
            left = [Fraction(o, self.unit) for o in self.outside[i]]
            self.value.append([table[profile[i]] for profile in self.profiles])
            self.outside_at.append([left[profile[i]] for profile in self.profiles])
        self.cost = self.given_costs if self.explicit else [Fraction(cost, self.unit) for cost in self.costs]
        if self.explicit:
            amounts = [v for table in (*self.value, self.outside_at) for row in table for v in row]
            common(
                (amount.denominator for amount in (*amounts, *self.cost)), self.count, "instance.environment: amounts"
            )
        exact = [
            [sum((self.value[i][p][x] for i in self.agents), -cost) for x, cost in enumerate(self.cost)]
            for p in range(self.count)
        ]
        by = unit(w for row in exact for w in row)
        self.exact_surplus = exact
        self.surplus = [[int(w * by) for w in row] for row in exact]

    def private(self) -> bool:
        """Whether values depend on the own type alone."""
        return all(
            self.value[i][p] == self.value[i][profile[i] * self.strides[i]]
            for i in self.agents
            for p, profile in enumerate(self.profiles)
        )

    # -- requirements -------------------------------------------------------------------------------------------------

    def read_requirements(self, x: Any) -> None:
        self.set_values()
        super().read_requirements(x)
        rule = x["allocation"]
        if self.explicit and type(rule) is dict and "posted-price" in rule:
            raise Refusal("instance.requirements.allocation: a posted price needs bilateral trade with private values")
        if self.groves and not self.private():
            raise Refusal("instance.requirements.transfers: Groves transfers need private values")
        if not self.lotteries and any(len(lottery) > 1 for row in self.choices for lottery in row):
            raise Refusal("instance.requirements.lotteries: the allocation rule prescribes lotteries")

    def read_notions(self, x: Any, at: str) -> str:
        keyed(x, at, [*CHOICES, "allocation"], OPTIONAL)
        said = {}
        for key, allowed in (CHOICES | NOTIONS).items():
            given, where = x[key], f"{at}.{key}"
            if key in NOTIONS:
                words = listed(given, where, len(self.names)) if type(given) is list else [given] * len(self.names)
                said[key] = [word(one, where, allowed) for one in words]
            else:
                said[key] = [word(given, where, allowed)]
        self.incentives, self.participation = said[INCENTIVES], said[PARTICIPATION]
        (self.budget,), (transfers,), (ties,) = said["budget"], said["transfers"], said["ties"]
        self.ic, self.ir = ("/".join(dict.fromkeys(words)) for words in (self.incentives, self.participation))
        self.groves = transfers == "groves"
        some_ir = any(notion != "none" for notion in self.participation)
        self.z_in = "budget" if self.budget != "none" else "IR" if some_ir else None  # where z sits (C9)
        given = x.get("deviations", "all")
        each = listed(given, f"{at}.deviations", len(self.names)) if type(given) is list else [given] * len(self.names)
        self.deviations = [word(one, f"{at}.deviations", DEVIATIONS) for one in each]
        self.floor = number(x["budget-floor"], f"{at}.budget-floor") if "budget-floor" in x else Fraction(0)
        if self.floor and self.budget == "none":
            raise Refusal(f"{at}.budget-floor: there is no budget requirement")
        self.lotteries = x.get("lotteries", True)
        if type(self.lotteries) is not bool:
            raise Refusal(f"{at}.lotteries: true or false is needed")
        self.pays = [self.read_bounds(one, f"{at}.payments[{i}]") for i, one in enumerate(self.payments(x, at))]
        rules = listed(x.get("linear", []), f"{at}.linear")
        METER.get().take(len(rules) * (len(self.names) + len(self.outcomes)))
        self.everyone = {size: frozenset(range(size)) for size in self.sizes}
        self.linear = [self.read_linear(rule, f"{at}.linear[{n}]") for n, rule in enumerate(rules)]
        amounts = [self.floor, *(bound for bounds in self.pays for bound in bounds.values())]
        amounts += [amount for rule in self.linear for amount in rule.amounts()]
        common((amount.denominator for amount in amounts), len(amounts), at)
        return ties

    def payments(self, x: dict[str, Any], at: str) -> list[Any]:
        return listed(x.get("payments", ["any"] * len(self.names)), f"{at}.payments", len(self.names))

    @staticmethod
    def read_bounds(x: Any, where: str) -> dict[str, Fraction]:
        """What is asked of an agent's payments: at least, at most, or equal to 0."""
        if type(x) is str:
            return {"equal": Fraction(0)} if word(x, where, ("any", "none")) == "none" else {}
        keyed(x, where, (), COMPARED[:2])
        return {key: number(bound, where) for key, bound in x.items()}

    def read_linear(self, x: Any, where: str) -> Linear:
        keyed(x, where, ("name", "of", "at"), (*COMPARED, "within"))
        form = keyed(x["of"], f"{where}.of", (), ("t", "u", "q", "revenue", "constant"))
        agents, outcomes = len(self.names), len(self.outcomes)

        def terms(key: str, below: int) -> dict[int, Fraction]:
            given = form.get(key, {})
            if type(given) is not dict:
                raise Refusal(f"{where}.of.{key}: an object is needed")
            known = {str(n): n for n in range(below)}
            for name in given:
                if name not in known:
                    raise Refusal(f"{where}.of.{key}: no number {reprlib.repr(name)}")
            return {known[name]: number(c, f"{where}.of.{key}") for name, c in given.items()}

        one = {
            key: number(form[key], f"{where}.of.{key}") if key in form else Fraction(0)
            for key in ("revenue", "constant")
        }
        at = x["at"]
        agent = None if type(at) is str else index(at, f"{where}.at", agents)
        at_profile = agent is None and word(at, f"{where}.at", ("profile", "prior")) == "profile"
        compared = [key for key in COMPARED if key in x]
        if len(compared) != 1:
            raise Refusal(f"{where}: one of {', '.join(COMPARED)} is needed")
        within = [self.everyone[size] for size in self.sizes]
        if "within" in x:
            rows = [listed(row, f"{where}.within") for row in listed(x["within"], f"{where}.within", agents)]
            within = [
                frozenset(indices(row, f"{where}.within[{i}]", self.sizes[i], len(row))) for i, row in enumerate(rows)
            ]
        return Linear(
            word(x["name"], f"{where}.name"),
            terms("t", agents),
            terms("u", agents),
            terms("q", outcomes),
            one["revenue"],
            one["constant"],
            at_profile,
            agent,
            compared[0],
            number(x[compared[0]], f"{where}.{compared[0]}"),
            within,
        )

    def __str__(self) -> str:
        limited = [one for one in dict.fromkeys(self.deviations) if one != "all"]
        more = [f"deviations {'/'.join(self.deviations)}"] if limited else []
        more += [f"floor {self.floor}"] if self.floor else []
        more += ["bounds on payments"] if any(self.pays) else []
        more += [f"{len(self.linear)} linear requirements"] if self.linear else []
        more += [] if self.lotteries else ["no lotteries"]
        more += ["free shares"] if self.free else []
        return super().__str__() + "".join(f"; {one}" for one in more)
