"""Any instance file by brute force, in doubles, from its text alone (docs/instance-files.md and the conventions).

``Asked`` reads the parsed TOML by itself: names, formulas, outcomes, priors, requirements. ``answer`` writes the program
with a variable for every payment, charge, probability and share, and has scipy solve it; without lotteries it goes
through every allocation. Nothing of lpmech is used, and nothing of ``brute``: that one is told values, this one reads.
"""

from __future__ import annotations

import re
from fractions import Fraction as F
from itertools import combinations, product
from math import inf, prod
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Profile = tuple[int, ...]
MOST_ALLOCATIONS = 5000


class TooMany(Exception):  # noqa: N818 (nothing is wrong)
    """More allocations without lotteries than one wants to go through."""


TOKEN = re.compile(r'\s*(?:("[^"]*")|([A-Za-z_]\w*)|(\d+(?:\.\d+)?(?:e-?\d+)?)|(\*\*|\^|[-+*/().\[\]]))')


class Linear(dict):  # type: ignore[type-arg]
    """{unknown: coefficient}, "one" for the constant."""

    def __add__(self, other: Any) -> Linear:
        other = other if isinstance(other, Linear) else Linear(one=other)
        return Linear({k: self.get(k, F(0)) + other.get(k, F(0)) for k in {**self, **other}})

    def __mul__(self, other: Any) -> Linear:
        if isinstance(other, Linear):
            assert set(other) <= {"one"}
            other = other.get("one", F(0))
        return Linear({k: c * other for k, c in self.items()})

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Linear:
        return self * F(-1)

    def __sub__(self, other: Any) -> Linear:
        return self + (-other)

    def __rsub__(self, other: Any) -> Linear:
        return -self + other

    def __truediv__(self, other: F) -> Linear:
        return self * (1 / other)


def evaluated(text: Any, names: dict[str, Any], indexed: dict[str, Any] | None = None) -> Any:
    """The value of a number or formula. ``names``: variables, "AGENT.own" among them; ``indexed``: t, u, q."""
    if not isinstance(text, str):
        return F(str(text))
    parts: list[str] = []
    values: list[Any] = []
    at, tokens = 0, []
    while text[at:].strip():
        found = TOKEN.match(text, at)
        assert found, text
        tokens.append((found.lastindex, found.group(found.lastindex or 0).strip()))
        at = found.end()
    k = 0
    while k < len(tokens):
        kind, token = tokens[k]
        if kind == 4:
            parts.append("**" if token == "^" else token)
        elif kind == 3:
            values.append(F(token))
            parts.append(f"V[{len(values) - 1}]")
        else:
            name = token.strip('"')
            if k + 1 < len(tokens) and tokens[k + 1][1] == "[":
                values.append((indexed or {})[name](tokens[k + 2][1].strip('"')))
                k += 3
            elif k + 1 < len(tokens) and tokens[k + 1][1] == ".":
                values.append(names[f"{name}.{tokens[k + 2][1]}"])
                k += 2
            else:
                values.append(names[name])
            parts.append(f"V[{len(values) - 1}]")
        k += 1
    powers = re.sub(r"\*\*\s*V\[(\d+)\]", lambda m: f"**int(V[{m.group(1)}])", " ".join(parts))
    return eval(powers, {"V": values, "int": int})


class Agent:
    """Names of his types, their variables, masses of his own."""

    def __init__(self, name: str, group: str | None, table: dict[str, Any]) -> None:
        self.name, self.group, self.table = name, group, table
        self.types: list[str] = []
        self.variables: list[dict[str, F]] = []
        if "types" in table:
            self.types = [kind["name"] for kind in table["types"]]
            self.variables = [{} for _ in self.types]
            self.masses = [F(str(kind.get("probability", 0))) for kind in table["types"]]
        elif "components" in table:
            keys, parts = list(table["components"]), [self.law(x) for x in table["components"].values()]
            spots = list(product(*(range(len(values)) for values, _ in parts)))
            for spot in spots:
                own = [parts[c][0][k] for c, k in enumerate(spot)]
                self.types.append(", ".join(map(str, own)))
                self.variables.append(dict(zip(keys, own, strict=True)))
            self.masses = [prod((parts[c][1][k] for c, k in enumerate(s)), start=F(1)) for s in spots]
        else:
            values, self.masses = self.law(table)
            self.types, self.variables = [str(x) for x in values], [{"own": x} for x in values]

    @staticmethod
    def law(table: dict[str, Any]) -> tuple[list[F], list[F]]:
        values = [F(str(x)) for x in table["values"]]
        masses = [F(str(x)) for x in table.get("probabilities", table.get("weights", [1] * len(values)))]
        return values, [x / sum(masses) for x in masses] if "weights" in table else masses


class Asked:
    """The question: v, outside, cost by numbers of agents, outcomes and profiles."""

    def __init__(self, doc: dict[str, Any]) -> None:
        self.env, self.need = doc["environment"], doc["requirements"]
        self.goal = doc.get("objective", {}).get("maximize", "margin")
        self.agents: list[Agent] = []
        getattr(self, self.env["kind"].replace("-", "_"))()
        self.N, self.X = len(self.agents), len(self.outcomes)
        self.profiles: list[Profile] = list(product(*(range(len(a.types)) for a in self.agents)))
        self.at = {theta: p for p, theta in enumerate(self.profiles)}
        joint = self.env.get("prior")
        if joint:
            listed = {tuple(e["types"]): F(str(e["probability"])) for e in joint["profiles"]}
            self.mass = [listed.get(theta, F(0)) for theta in self.profiles]
        else:
            self.mass = [
                prod((a.masses[k] for a, k in zip(self.agents, theta, strict=True)), start=F(1))
                for theta in self.profiles
            ]
        self.joint = bool(joint)
        seen = [self.signals(theta) for theta in self.profiles]
        self.v = [
            [[self.value(i, x, theta, s) for x in range(self.X)] for theta, s in zip(self.profiles, seen, strict=True)]
            for i in range(self.N)
        ]
        self.out = [
            [self.outside(i, theta, s) for theta, s in zip(self.profiles, seen, strict=True)] for i in range(self.N)
        ]

    # ---- environments ------------------------------------------------------------------------------------------------

    def group(self, entries: list[dict[str, Any]], called: str, group: str | None) -> None:
        """Agents of a list of entries. ``called``: what those without a name are called; by number in their list."""
        total = sum(entry.get("count", 1) for entry in entries)
        number = 0
        for entry in entries:
            count = entry.get("count")
            for k in range(count or 1):
                number += 1
                if "name" in entry:
                    name = f"{entry['name']}-{k + 1}" if count is not None and count > 1 else entry["name"]
                elif called == "agent":
                    name = f"agent-{number}"
                else:
                    name = called if total == 1 else f"{called}-{number}"
                self.agents.append(Agent(name, entry.get("name") if count else group, entry))
                self.agents[-1].groups = {x for x in (group, entry.get("name") if count else None) if x}  # type: ignore[attr-defined]

    def signals(self, theta: Profile) -> dict[str, F]:
        """AGENT.variable for every agent."""
        out = {}
        for agent, k in zip(self.agents, theta, strict=True):
            out.update({f"{agent.name}.{key}": x for key, x in agent.variables[k].items()})
        return out

    def names(self, i: int, theta: Profile, seen: dict[str, F]) -> dict[str, F]:
        out = {**seen, **self.agents[i].variables[theta[i]]}
        others = [seen.get(f"{a.name}.own") for j, a in enumerate(self.agents) if j != i]
        if None not in others:
            out["others"] = sum(others, F(0))  # type: ignore[arg-type]
        return out

    def worth(self, i: int, theta: Profile, seen: dict[str, F]) -> F:
        formula = self.agents[i].table.get("worth", "own")
        return F(evaluated(formula, self.names(i, theta, seen)))

    def bilateral_trade(self) -> None:
        for side in ("buyer", "seller"):
            self.agents.append(Agent(side, None, self.env[side]))
            self.agents[-1].groups = set()  # type: ignore[attr-defined]
        self.outcomes, self.costs = ["no-trade", "trade"], [F(0)] * 2
        self.value = lambda i, x, theta, s: x * self.worth(i, theta, s) * (1 if i == 0 else -1)
        self.outside = lambda i, theta, s: F(0)

    def exchange(self) -> None:
        self.group(self.env["buyers"], "buyer", "buyers")
        buyers = len(self.agents)
        self.group(self.env["sellers"], "seller", "sellers")
        sides = range(buyers), range(buyers, len(self.agents))
        trades = [
            (set(b), set(s))
            for n in range(min(map(len, sides)) + 1)
            for b in combinations(sides[0], n)
            for s in combinations(sides[1], n)
        ]
        self.outcomes = []
        for b, s in trades:
            sold, bought = (" & ".join(self.agents[i].name for i in sorted(x)) for x in (s, b))
            self.outcomes.append(f"{sold} -> {bought}" if b else "no-trade")
        self.costs = [F(0)] * len(trades)
        self.value = lambda i, x, theta, s: self.worth(i, theta, s) * ((i in trades[x][0]) - (i in trades[x][1]))
        self.outside = lambda i, theta, s: F(0)

    def partnership(self) -> None:
        self.group(self.env["agents"], "agent", None)
        self.outcomes = [f"to {a.name}" for a in self.agents]
        self.costs = [F(0)] * len(self.agents)
        self.value = lambda i, x, theta, s: self.worth(i, theta, s) if x == i else F(0)
        self.outside = lambda i, theta, s: (
            self.worth(i, theta, s) * (1 if self.free_shares else F(str(self.agents[i].table["share"])))
        )

    def explicit(self) -> None:
        """The kind of proof files: values and outside options at each profile."""
        for entry in self.env["agents"]:
            masses = entry.get("probabilities", ["0"] * len(entry["types"]))
            types = [{"name": name, "probability": p} for name, p in zip(entry["types"], masses, strict=True)]
            self.agents.append(Agent(entry["name"], None, {"types": types}))
            self.agents[-1].groups = set()  # type: ignore[attr-defined]
        self.outcomes, self.costs = self.env["outcomes"], [F(x) for x in self.env["costs"]]
        self.value = lambda i, x, theta, s: F(self.env["agents"][i]["values"][self.at[theta]][x])
        self.outside = lambda i, theta, s: F(self.env["agents"][i]["outside"][self.at[theta]])

    @property
    def free_shares(self) -> bool:
        if self.env["kind"] == "explicit":
            return bool(self.env["free-shares"])
        return self.env["kind"] == "partnership" and self.env["agents"][0]["share"] == "free"

    def social_choice(self) -> None:
        self.group(self.env["agents"], "agent", None)
        listed, variables = self.env["outcomes"], [{}]
        if isinstance(listed, dict):
            ((name, steps),) = listed.items()
            low, high, step = (F(str(steps[key])) for key in ("from", "to", "step"))
            values = [low + k * step for k in range(int((high - low) / step) + 1)]
            self.outcomes, variables = [str(x) for x in values], [{name: x} for x in values]
        else:
            self.outcomes, variables = listed, [{} for _ in listed]
        costs = self.env.get("costs", [0] * len(self.outcomes))
        if isinstance(costs, str):
            self.costs = [F(evaluated(costs, own)) for own in variables]
        else:
            self.costs = [F(str(x)) for x in costs]

        def value(i: int, x: int, theta: Profile, seen: dict[str, F]) -> F:
            table = self.agents[i].table
            if "types" in table:
                return F(str(table["types"][theta[i]]["utility"][x]))
            formula = table["utility"]
            formula = formula[self.outcomes[x]] if isinstance(formula, dict) else formula
            return F(evaluated(formula, {**self.names(i, theta, seen), **variables[x]}))

        def outside(i: int, theta: Profile, seen: dict[str, F]) -> F:
            table = self.agents[i].table
            if "types" in table:
                return F(str(table["types"][theta[i]].get("outside", 0)))
            return F(evaluated(table.get("outside", 0), self.names(i, theta, seen)))

        self.value, self.outside = value, outside

    def auction(self) -> None:
        self.group(self.env["bidders"], "bidder", "bidders")
        bidders, cost = range(len(self.agents)), F(str(self.env.get("cost", 0)))
        if "objects" not in self.env:
            units = self.env.get("units", 1)
            most = [a.table.get("demand", 1) for a in self.agents]
            ways = [w for w in product(*(range(m + 1) for m in most)) if sum(w) <= units]
            ways.sort(key=lambda w: (sum(w), [-n for n in w]))
            self.outcomes = [
                ", ".join(f"{self.agents[i].name} {n}" for i, n in enumerate(w) if n) or "unsold" for w in ways
            ]
            self.costs = [cost * sum(w) for w in ways]
            self.value = lambda i, x, theta, s: ways[x][i] * s[f"{self.agents[i].name}.own"]
        else:
            objects = self.env["objects"]
            single = [a.table.get("preferences", "additive") == "unit-demand" for a in self.agents]
            handed = [
                w
                for w in product((-1, *bidders), repeat=len(objects))
                if all(w.count(i) <= 1 for i in bidders if single[i])
            ]
            handed.sort(
                key=lambda w: (sum(j >= 0 for j in w), [k for k, j in enumerate(w) if j >= 0], [j for j in w if j >= 0])
            )
            priced = [F(str(self.env.get("costs", {}).get(o, cost))) for o in objects]
            self.outcomes = [
                ", ".join(
                    f"{o}: {self.agents[j].name if j >= 0 else 'unsold'}" for o, j in zip(objects, w, strict=True)
                )
                if any(j >= 0 for j in w)
                else "unsold"
                for w in handed
            ]
            self.costs = [sum((c for c, j in zip(priced, w, strict=True) if j >= 0), F(0)) for w in handed]

            def value(i: int, x: int, theta: Profile, seen: dict[str, F]) -> F:
                return sum(
                    (seen[f"{self.agents[i].name}.{o}"] for o, j in zip(objects, handed[x], strict=True) if j == i),
                    F(0),
                )

            self.value = value
        self.outside = lambda i, theta, s: F(0)

    # ---- the program -------------------------------------------------------------------------------------------------

    def by_agent(self, key: str) -> list[Any]:
        """A name stands above its group, ``default`` below all."""
        said = self.need.get(key, "any")
        if not isinstance(said, dict) or (key == "payments" and set(said) <= {"at-least", "at-most"}):
            return [said] * self.N
        out = []
        for a in self.agents:
            groups = [g for g in a.groups if g in said]  # type: ignore[attr-defined]
            out.append(said[a.name] if a.name in said else said[groups[0]] if groups else said.get("default", "any"))
        return out

    def lotteries_allowed(self) -> list[list[dict[int, F]]]:
        """At each profile: lotteries whose mixtures are allowed."""
        rule, out = self.need.get("allocation", "efficient"), []
        for p, theta in enumerate(self.profiles):
            if rule == "free":
                out.append([{x: F(1)} for x in range(self.X)])
            elif rule == "efficient":
                surplus = [sum(self.v[i][p][x] for i in range(self.N)) - self.costs[x] for x in range(self.X)]
                best = [x for x in range(self.X) if surplus[x] == max(surplus)]
                ties = self.need.get("ties", "any")
                kept = {"first": best[:1], "last": best[-1:]}.get(ties, best)
                out.append([{x: F(1, len(best)) for x in best}] if ties == "uniform" else [{x: F(1)} for x in kept])
            elif "posted-price" in rule:
                price, (b, s) = F(str(rule["posted-price"])), theta
                trade = self.agents[0].variables[b]["own"] >= price >= self.agents[1].variables[s]["own"]
                out.append([{int(trade): F(1)}])
            else:
                out.append([{x: F(str(q)) for x, q in enumerate(rule["table"][p])}])
        return out

    def given(self, i: int, k: int) -> list[tuple[int, F]] | None:
        mine = [p for p, theta in enumerate(self.profiles) if theta[i] == k]
        if not self.joint:
            rest = [
                prod((a.masses[self.profiles[p][j]] for j, a in enumerate(self.agents) if j != i), start=F(1))
                for p in mine
            ]
            return list(zip(mine, rest, strict=True))
        total = sum(self.mass[p] for p in mine)
        return [(p, self.mass[p] / total) for p in mine] if total else None


class Rows:
    """Forms over ("t", i, p), ("q", p, x), ("h", i, p), ("r", i), "z", "one"; >= 0, or = 0."""

    def __init__(self, asked: Asked) -> None:
        self.a, self.rows = asked, []
        a, need = asked, asked.need
        self.everywhere = list(enumerate(a.mass))
        self.z_in = (
            "budget"
            if need["budget"] != "none"
            else "ir"
            if set(a.by_agent("individual_rationality")) != {"none"}
            else ""
        )
        for i in range(a.N):
            self.incentives(i, a.by_agent("incentive_compatibility")[i])
            notion = a.by_agent("individual_rationality")[i]
            spots = {"ex-post": [[(p, F(1))] for p in range(len(a.profiles))], "ex-ante": [self.everywhere], "none": []}
            spots["interim"] = [g for k in range(len(a.agents[i].types)) if (g := a.given(i, k)) is not None]
            for group in spots[notion]:
                out = Linear()
                for p, w in group:
                    unknown = ("r", i) if a.free_shares else "one"
                    out = out + self.utility(i, p, p) * w + Linear({unknown: -w * a.out[i][p]})
                self.keep(out + Linear(z=F(-1)) if self.z_in == "ir" else out)
            bounds = a.by_agent("payments")[i]
            for p in range(len(a.profiles)):
                t = Linear({("t", i, p): F(1)})
                if bounds == "none":
                    self.keep(t, True)
                elif bounds != "any":
                    if "at-least" in bounds:
                        self.keep(t - F(str(bounds["at-least"])))
                    if "at-most" in bounds:
                        self.keep(F(str(bounds["at-most"])) - t)
        floor = F(str(need.get("budget-floor", 0)))
        if need["budget"] in ("no-deficit", "balanced"):
            for p in range(len(a.profiles)):
                self.keep(self.revenue(p) - floor - Linear(z=F(1)), need["budget"] == "balanced")
        elif need["budget"] == "no-expected-deficit":
            self.keep(self.mean(self.revenue, self.everywhere) - floor - Linear(z=F(1)))
        for rule in need.get("linear", []):
            self.rule(rule)
        if need.get("transfers") == "groves":
            for i in range(a.N):
                for p, theta in enumerate(a.profiles):
                    h = ("h", i, a.at[(*theta[:i], 0, *theta[i + 1 :])])
                    rest = [sum((a.v[j][p][x] for j in range(a.N) if j != i), F(0)) - a.costs[x] for x in range(a.X)]
                    self.keep(
                        Linear({("t", i, p): F(1), h: F(-1)} | {("q", p, x): w for x, w in enumerate(rest)}), True
                    )
        if a.free_shares:
            self.keep(Linear({("r", i): F(1) for i in range(a.N)}) - F(1), True)

    def keep(self, form: Linear, equal: bool = False) -> None:
        self.rows.append((form, equal))

    def mean(self, of: Any, group: list[tuple[int, F]]) -> Linear:
        out = Linear()
        for p, w in group:
            out = out + of(p) * w
        return out

    def utility(self, i: int, told: int, true: int) -> Linear:
        return Linear({("q", told, x): c for x, c in enumerate(self.a.v[i][true])} | {("t", i, told): F(-1)})

    def revenue(self, p: int) -> Linear:
        a = self.a
        return Linear({("t", i, p): F(1) for i in range(a.N)} | {("q", p, x): -c for x, c in enumerate(a.costs)})

    def incentives(self, i: int, notion: str) -> None:
        a, n = self.a, len(self.a.agents[i].types)
        which = {"all": lambda k, r: r != k, "downward": lambda k, r: r < k, "upward": lambda k, r: r > k,
                 "adjacent": lambda k, r: abs(k - r) == 1}[a.need.get("deviations", "all")]  # fmt: skip

        def gap(told: int, true: int, r: int) -> Linear:
            theta = a.profiles[told]
            return self.utility(i, told, true) - self.utility(i, a.at[(*theta[:i], r, *theta[i + 1 :])], true)

        for k in range(n):
            for r in (r for r in range(n) if which(k, r)):
                mine = [p for p, theta in enumerate(a.profiles) if theta[i] == k]
                if notion == "BIC" and (group := a.given(i, k)) is not None:
                    self.keep(self.mean(lambda p, r=r: gap(p, p, r), group))
                elif notion == "ex-post":
                    for p in mine:
                        self.keep(gap(p, p, r))
                elif notion == "DSIC":
                    for p, told in product(mine, mine):
                        self.keep(gap(told, p, r))

    def rule(self, rule: dict[str, Any]) -> None:
        a = self.a
        number = {agent.name: i for i, agent in enumerate(a.agents)}
        where = {number[name]: set(types) for name, types in rule.get("where", {}).items()}

        def counts(p: int) -> bool:
            return all(a.agents[i].types[a.profiles[p][i]] in types for i, types in where.items())

        def form(p: int) -> Linear:
            out = evaluated(rule["of"], {"revenue": self.revenue(p)}, {
                "t": lambda name: Linear({("t", number[name], p): F(1)}),
                "u": lambda name: self.utility(number[name], p, p),
                "q": lambda name: Linear({("q", p, a.outcomes.index(name)): F(1)}),
            })  # fmt: skip
            return out if isinstance(out, Linear) else Linear(one=out)

        at = rule.get("at", "profile")
        if at == "profile":
            groups = [[(p, F(1))] for p in range(len(a.profiles)) if counts(p)]
        elif at == "prior":
            groups = [[(p, w) for p, w in self.everywhere if counts(p)]]
        else:
            i = number[at]
            kept = [k for k, name in enumerate(a.agents[i].types) if i not in where or name in where[i]]
            groups = [g for k in kept if (g := a.given(i, k)) is not None]
        for group in groups:
            got = self.mean(form, group)
            if "at-most" in rule:
                self.keep(F(str(rule["at-most"])) - got)
            else:
                self.keep(got - F(str(rule.get("at-least", rule.get("equal")))), "equal" in rule)

    def objective(self) -> Linear:
        a, goal = self.a, self.a.goal
        if goal == "margin":
            return Linear(z=F(1))
        words = {"welfare": (1, 1), "revenue": (0, 1), "agents-utility": (1, 0)}
        if isinstance(goal, str):
            on_u, on_r = [F(words[goal][0])] * a.N, F(words[goal][1])
        else:
            on_u, on_r = [F(str(x)) for x in goal["utility"]], F(str(goal.get("revenue", 0)))
        out = self.mean(self.revenue, self.everywhere) * on_r
        for i, w in enumerate(on_u):
            out = out + self.mean(lambda p, i=i: self.utility(i, p, p), self.everywhere) * w
        return out


def asked_in(instance: dict[str, Any]) -> dict[str, Any]:
    """The instance of a proof file as an instance file says it: names in the place of numbers."""
    need = dict(instance["requirements"])
    asked = Asked({"environment": instance["environment"], "requirements": {}})
    names = [a.name for a in asked.agents]
    for key in ("incentive_compatibility", "individual_rationality", "payments"):
        if isinstance(need.get(key), list):
            need[key] = dict(zip(names, need[key], strict=True))
    rules = []
    for rule in need.pop("linear", []):
        form = rule["of"]
        terms = [f"({c})*t[{names[int(i)]!r}]" for i, c in form.get("t", {}).items()]
        terms += [f"({c})*u[{names[int(i)]!r}]" for i, c in form.get("u", {}).items()]
        terms += [f"({c})*q[{asked.outcomes[int(x)]!r}]" for x, c in form.get("q", {}).items()]
        terms += [f"({form.get('revenue', 0)})*revenue", f"({form.get('constant', 0)})"]
        one = {
            "of": " + ".join(terms).replace("'", '"'),
            "at": rule["at"] if isinstance(rule["at"], str) else names[rule["at"]],
        }
        one |= {key: rule[key] for key in ("at-least", "at-most", "equal") if key in rule}
        if "within" in rule:
            one["where"] = {
                name: [a.types[k] for k in ks] for name, a, ks in zip(names, asked.agents, rule["within"], strict=True)
            }
        rules.append(one)
    return {
        "environment": instance["environment"],
        "requirements": need | {"linear": rules},
        "objective": instance["objective"],
    }


def best(rows: list[tuple[Linear, bool]], goal: Linear, fixed: dict[Any, F]) -> float:
    """The largest value of a linear form; inf without bound, -inf where there is nothing. Exact until scipy has it."""

    def put(form: Linear) -> Linear:
        out = Linear(one=form.get("one", F(0)))
        for k, c in form.items():
            if k in fixed:
                out["one"] += c * fixed[k]
            elif k != "one" and c:
                out[k] = c
        return out

    kept = [(put(form), equal) for form, equal in rows]
    goal = put(goal)
    for form, equal in kept:
        if len(form) == 1 and (form["one"] < 0 or (equal and form["one"])):
            return -inf
    kept = [(form, equal) for form, equal in kept if len(form) > 1]
    columns = {
        k: n
        for n, k in enumerate(sorted({k for form, _ in [*kept, (goal, True)] for k in form if k != "one"}, key=repr))
    }
    if not columns:
        return float(goal["one"])
    bounds = [(0, None) if k[0] in ("q", "r") else (None, None) for k in columns]

    def matrix(equal: bool) -> tuple[Any, Any]:
        mine = [form for form, e in kept if e == equal]
        if not mine:
            return None, None
        sign = 1 if equal else -1
        spots = [(n, columns[k], sign * float(c)) for n, form in enumerate(mine) for k, c in form.items() if k != "one"]
        n, k, c = zip(*spots, strict=True)
        return csr_matrix((c, (n, k)), shape=(len(mine), len(columns))), np.array(
            [-sign * float(form["one"]) for form in mine]
        )

    (A, b), (E, e) = matrix(False), matrix(True)
    c = np.zeros(len(columns))
    for presolve in (True, False):
        feasible = linprog(c, A, b, E, e, bounds, method="highs", options={"presolve": presolve})
        if feasible.status in (0, 2):
            break
    assert feasible.status in (0, 2), feasible.message
    if feasible.status == 2:
        return -inf
    for k, x in goal.items():
        if k != "one":
            c[columns[k]] = -float(x)
    for presolve in (True, False):
        found = linprog(c, A, b, E, e, bounds, method="highs", options={"presolve": presolve})
        if found.status in (0, 3):
            break
    assert found.status in (0, 3), found.message
    return inf if found.status == 3 else float(goal["one"]) - found.fun


def answer(doc: dict[str, Any]) -> tuple[str, float | None]:
    """Verdict at z = 0, and the margin or the value (None where nothing meets the requirements)."""
    asked = Asked(doc)
    written, allowed = Rows(asked), asked.lotteries_allowed()
    goal = written.objective()

    def program(choices: list[list[dict[int, F]]], z: bool, of: Linear) -> float:
        fixed: dict[Any, F] = {} if z else {"z": F(0)}
        rows = list(written.rows)
        for p, lotteries in enumerate(choices):
            if len(lotteries) == 1:
                fixed |= {("q", p, x): lotteries[0].get(x, F(0)) for x in range(asked.X)}
            else:
                inside = {x for lottery in lotteries for x in lottery}
                fixed |= {("q", p, x): F(0) for x in range(asked.X) if x not in inside}
                rows.append((Linear({("q", p, x): F(1) for x in inside}) - F(1), True))
        return best(rows, of, fixed)

    if not asked.need.get("lotteries", True) and prod(map(len, allowed)) > MOST_ALLOCATIONS:
        raise TooMany
    every = [allowed] if asked.need.get("lotteries", True) else [[[x] for x in way] for way in product(*allowed)]
    exists = any(program(way, False, Linear()) == 0 for way in every)
    verdict = "exists" if exists else "impossible"
    if asked.goal == "margin":
        if not written.z_in:
            return verdict, inf if exists else -inf
        return verdict, max(program(way, True, goal) for way in every)
    return verdict, max(program(way, False, goal) for way in every) if exists else None
