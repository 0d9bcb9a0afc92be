"""Random questions with further requirements: as text of an instance file, and as brute force has them."""

from __future__ import annotations

import random
from fractions import Fraction as F
from itertools import product
from typing import Any

from support.brute import Question

KINDS = ("bilateral-trade", "exchange", "partnership", "social-choice")


def masses(rng: random.Random, n: int) -> list[F]:
    weights = [rng.choice([0, 1, 1, 2, 3]) for _ in range(n)]
    weights = weights if any(weights) else [1] * n
    return [F(w, sum(weights)) for w in weights]


def text_of(x: F) -> str:
    return f'"{x}"'


class Draw:
    """One question."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        self.kind = rng.choice(KINDS)
        count = {"bilateral-trade": 2, "exchange": rng.choice([2, 3]), "partnership": rng.choice([2, 2, 3])}
        self.N = count.get(self.kind, rng.choice([1, 2, 2, 3]))
        most = 3 if self.N < 3 else 2
        self.sizes = [rng.randint(1, most) for _ in range(self.N)]
        self.values = [sorted(rng.sample(range(6), n)) for n in self.sizes]
        self.own = [masses(rng, n) for n in self.sizes]
        self.joint = self.prior() if rng.random() < 0.25 else None
        self.interdependent = rng.random() < 0.35
        self.free = self.kind == "partnership" and rng.random() < 0.4
        self.lines: list[str] = ['format = "lpmech-instance/1"', "[environment]", f'kind = "{self.kind}"']
        self.names: list[str] = []
        self.groups: list[str] = []
        getattr(self, self.kind.replace("-", "_"))()
        if self.joint is not None:
            rows = ", ".join(f"{{ types = {list(p)}, probability = {text_of(w)} }}" for p, w in self.joint.items() if w)
            self.lines += ["[environment.prior]", f"profiles = [ {rows} ]"]

    def prior(self) -> dict[tuple[int, ...], F]:
        profiles = list(product(*map(range, self.sizes)))
        return dict(zip(profiles, masses(self.rng, len(profiles)), strict=True))

    def types(self, i: int) -> list[str]:
        probabilities = ", ".join(map(text_of, self.own[i]))
        return [f"values = {self.values[i]}", f"probabilities = [{probabilities}]"]

    def worth(self, i: int) -> tuple[str | None, Any]:
        """A formula for what the unit is worth to agent i, and the same as a function of the signals."""
        if not self.interdependent or self.rng.random() < 0.3:
            return None, lambda signals: F(signals[i])
        if self.N == 1 or self.rng.random() < 0.5:
            return "own + others/2", lambda signals: signals[i] + F(sum(signals) - signals[i], 2)
        j = self.rng.choice([j for j in range(self.N) if j != i])
        name = self.names[j] if self.names[j].isidentifier() else f'"{self.names[j]}"'
        return f"2*own/3 + {name}.own - 1", lambda signals: F(2 * signals[i], 3) + signals[j] - 1

    def worth_line(self, formula: str | None) -> list[str]:
        return [] if formula is None else [f"worth = '{formula}'"]

    def signals(self, theta: tuple[int, ...]) -> list[int]:
        return [self.values[i][k] for i, k in enumerate(theta)]

    def bilateral_trade(self) -> None:
        self.names = ["buyer", "seller"]
        worths = []
        for i, side in enumerate(self.names):
            formula, function = self.worth(i)
            worths.append(function)
            self.lines += [f"[environment.{side}]", *self.types(i), *self.worth_line(formula)]
        self.outcomes = ["no-trade", "trade"]
        self.costs = [F(0), F(0)]
        self.value = lambda i, x, theta: F(0) if x == 0 else worths[i](self.signals(theta)) * (1 if i == 0 else -1)
        self.outside = lambda i, theta: F(0)

    def exchange(self) -> None:
        buyers = self.rng.randint(1, self.N - 1)
        self.names = [f"buyer-{k + 1}" if buyers > 1 else "buyer" for k in range(buyers)]
        sellers = self.N - buyers
        self.names += [f"seller-{k + 1}" if sellers > 1 else "seller" for k in range(sellers)]
        self.groups = ["buyers", "sellers"]
        worths = []
        for i in range(self.N):
            formula, function = self.worth(i)
            worths.append(function)
            side = "buyers" if i < buyers else "sellers"
            self.lines += [f"[[environment.{side}]]", *self.types(i), *self.worth_line(formula)]
        from itertools import combinations

        trades = [
            (b, s)
            for n in range(min(buyers, sellers) + 1)
            for b in combinations(range(buyers), n)
            for s in combinations(range(buyers, self.N), n)
        ]
        self.outcomes = [
            "no-trade"
            if not b
            else " & ".join(self.names[j] for j in s) + " -> " + " & ".join(self.names[i] for i in b)
            for b, s in trades
        ]
        self.costs = [F(0)] * len(trades)

        def value(i: int, x: int, theta: tuple[int, ...]) -> F:
            b, s = trades[x]
            return worths[i](self.signals(theta)) * (i in b) - worths[i](self.signals(theta)) * (i in s)

        self.value, self.outside = value, lambda i, theta: F(0)

    def partnership(self) -> None:
        self.names = ["ann", "bob", "cy"][: self.N]
        shares = masses(self.rng, self.N)
        worths = []
        for i, name in enumerate(self.names):
            formula, function = self.worth(i)
            worths.append(function)
            share = '"free"' if self.free else text_of(shares[i])
            head = ["[[environment.agents]]", f'name = "{name}"', f"share = {share}"]
            self.lines += [*head, *self.types(i), *self.worth_line(formula)]
        self.outcomes = [f"to {name}" for name in self.names]
        self.costs = [F(0)] * self.N
        self.value = lambda i, x, theta: worths[i](self.signals(theta)) if x == i else F(0)
        self.outside = lambda i, theta: worths[i](self.signals(theta)) * (1 if self.free else shares[i])

    def social_choice(self) -> None:
        rng, X = self.rng, self.rng.choice([2, 3])
        self.outcomes = ["left", "right", "stay"][:X]
        self.costs = [F(rng.choice([0, 0, 1, 2])) for _ in range(X)]
        self.lines += [
            f"outcomes = {self.outcomes}".replace("'", '"'),
            f"costs = [{', '.join(map(text_of, self.costs))}]",
        ]
        same = self.N > 1 and rng.random() < 0.3
        if same:
            self.sizes, self.values, self.own = [[row[0]] * self.N for row in (self.sizes, self.values, self.own)]
            self.joint = None if self.joint is None else self.prior()
            self.names, self.groups = [f"voter-{k + 1}" for k in range(self.N)], ["voter"]
        else:
            self.names = ["ann", "bob", "cy"][: self.N]
        tables = []
        for i in range(self.N):
            if same and i:
                tables.append(tables[0])
                continue
            a, b = [rng.choice([-1, 0, 1, 2]) for _ in range(X)], [rng.choice([0, 0, 1, -1]) for _ in range(X)]
            c = [rng.choice([0, 1]) if self.interdependent and self.N > 1 else 0 for _ in range(X)]
            if not self.interdependent or self.N == 1:
                c = [0] * X
            tables.append((a, b, c))
            formulas = ", ".join(
                f'{x} = "{a[n]}*own + {b[n]}' + (f" + others/{2 * c[n]}" if c[n] else "") + '"'
                for n, x in enumerate(self.outcomes)
            )
            head = ["[[environment.agents]]", f'name = "{"voter" if same else self.names[i]}"']
            head += [f"count = {self.N}"] if same else []
            self.lines += [*head, *self.types(i), f"utility = {{ {formulas} }}", 'outside = "own/4"']

        def value(i: int, x: int, theta: tuple[int, ...]) -> F:
            own, everyone = self.signals(theta)[i], self.signals(theta)
            a, b, c = tables[i]
            return F(a[x] * own + b[x]) + (F(sum(everyone) - own, 2 * c[x]) if c[x] else 0)

        self.value, self.outside = value, lambda i, theta: F(self.signals(theta)[i], 4)

    # ---- requirements ------------------------------------------------------------------------------------------------

    def by_agent(self, words: list[str]) -> tuple[str, list[str]]:
        rng = self.rng
        if rng.random() < 0.5:
            word = rng.choice(words)
            return f'"{word}"', [word] * self.N
        default = rng.choice(words)
        named = {name: rng.choice(words) for name in self.names if rng.random() < 0.5}
        out = [named.get(name, default) for name in self.names]
        keys = ", ".join([f'default = "{default}"', *(f'"{name}" = "{word}"' for name, word in named.items())])
        return f"{{ {keys} }}", out

    def question(self) -> tuple[str, Question]:
        rng = self.rng
        ic_text, ic = self.by_agent(["BIC", "DSIC", "ex-post", "none"])
        ir_text, ir = self.by_agent(["ex-post", "interim", "ex-ante", "none"])
        budget = rng.choice(["no-deficit", "balanced", "no-expected-deficit", "none"])
        allocation = rng.choice(["efficient", "free"])
        lines = ["[requirements]", f"incentive_compatibility = {ic_text}", f"individual_rationality = {ir_text}"]
        lines += [f'budget = "{budget}"', f'allocation = "{allocation}"']
        question = Question(
            self.sizes,
            len(self.outcomes),
            self.value,
            self.outside,
            self.costs,
            self.masses(),
            None if self.joint is not None else self.own,
            ["DSIC" if word == "ex-post" and not self.interdependent else word for word in ic],
            ir,
            budget,
            allocation,
            free_shares=self.free,
            interdependent=self.interdependent,
        )
        if allocation == "efficient" and rng.random() < 0.3:
            question.ties = rng.choice(["first", "last"])
            lines.append(f'ties = "{question.ties}"')
        if rng.random() < 0.25:
            question.deviations = rng.choice(["downward", "upward", "adjacent"])
            lines.append(f'deviations = "{question.deviations}"')
        if budget != "none" and rng.random() < 0.25:
            question.floor = F(rng.randint(-3, 3), 2)
            lines.append(f"budget-floor = {text_of(question.floor)}")
        if not self.interdependent and rng.random() < 0.15:
            question.groves = True
            lines.append('transfers = "groves"')
        if rng.random() < 0.4:
            lines.append(self.payments(question))
        if rng.random() < 0.2 and len(self.outcomes) ** len(self.masses()) <= 10**5:
            question.lotteries = False
            lines.append("lotteries = false")
        rules = [self.rule(number, question) for number in range(rng.choice([0, 0, 1, 2]))]
        goal = rng.choice(["margin", "margin", "welfare", "revenue", "agents-utility"])
        if goal != "margin":
            u, r = {"welfare": (1, 1), "revenue": (0, 1), "agents-utility": (1, 0)}[goal]
            question.weights = [F(u)] * self.N, F(r)
        tail = ["[objective]", f'maximize = "{goal}"']
        return "\n".join([*self.lines, *lines, *rules, *tail]) + "\n", question

    def masses(self) -> dict[tuple[int, ...], F]:
        if self.joint is not None:
            return self.joint
        out = {}
        for theta in product(*map(range, self.sizes)):
            w = F(1)
            for i, k in enumerate(theta):
                w *= self.own[i][k]
            out[theta] = w
        return out

    def payments(self, question: Question) -> str:
        rng = self.rng

        def bounds() -> tuple[str, dict[str, F]]:
            if rng.random() < 0.2:
                return '"none"', {"equal": F(0)}
            low, high = sorted(rng.sample(range(-6, 7), 2))
            out = {"at-least": F(low), "at-most": F(high)}
            kept = rng.choice([["at-least"], ["at-most"], ["at-least", "at-most"]])
            return "{ " + ", ".join(f"{k} = {out[k]}" for k in kept) + " }", {k: out[k] for k in kept}

        if rng.random() < 0.4:
            text, one = bounds()
            question.payments = [one] * self.N
            return f"payments = {text}"
        named = {i: bounds() for i in range(self.N) if rng.random() < 0.6} or {0: bounds()}
        question.payments = [named[i][1] if i in named else {} for i in range(self.N)]
        return "payments = { " + ", ".join(f'"{self.names[i]}" = {text}' for i, (text, _) in named.items()) + " }"

    def rule(self, number: int, question: Question) -> str:
        rng = self.rng
        at = rng.choice(["profile", "prior", rng.randrange(self.N)])
        rule: dict[str, Any] = {"at": at, "compared": rng.choice(["at-least", "at-most", "equal"])}
        rule["bound"] = F(rng.randint(-4, 4), rng.choice([1, 2]))
        parts = []
        for letter, names in (("t", self.names), ("u", self.names), ("q", self.outcomes)):
            if rng.random() < 0.5:
                n, a = rng.randrange(len(names)), F(rng.choice([-2, -1, 1, 3]), rng.choice([1, 2]))
                rule[letter] = {n: a}
                parts.append(f'({a})*{letter}["{names[n]}"]')
        if rng.random() < 0.2 or not parts:
            rule["revenue"] = F(1)
            parts.append("revenue")
        if rng.random() < 0.4:
            rule["constant"] = F(rng.randint(-3, 3), 4)
            parts.append(f"({rule['constant']})")
        lines = ["[[requirements.linear]]", f"of = '{' + '.join(parts)}'"]
        lines.append(f'at = "{at if isinstance(at, str) else self.names[at]}"')
        if rng.random() < 0.3:
            i = at if isinstance(at, int) else rng.randrange(self.N)
            types = [k for k in range(self.sizes[i]) if rng.random() < 0.6] or [0]
            rule["where"] = {i: types}
            listed = ", ".join(f'"{self.values[i][k]}"' for k in types)
            lines.append(f'where = {{ "{self.names[i]}" = [{listed}] }}')
        lines.append(f"{rule['compared']} = {text_of(rule['bound'])}")
        question.linear.append(rule)
        return "\n".join(lines)
