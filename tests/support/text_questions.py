"""Random instance files of every kind with every key of further requirements, as text; support/from_text.py answers."""

from __future__ import annotations

import random
from fractions import Fraction as F
from math import prod
from typing import Any

from support.from_text import Asked

WEIGHTS = [0, 1, 1, 2, 3]
MOST_PROFILES, MOST_ALLOCATIONS = 12, 64


def toml(x: Any) -> str:
    """A value of an instance file on one line."""
    if isinstance(x, dict):
        return "{ " + ", ".join(f'"{key}" = {toml(entry)}' for key, entry in x.items()) + " }"
    if isinstance(x, list):
        return "[" + ", ".join(map(toml, x)) + "]"
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int):
        return str(x)
    return f"'{x}'" if '"' in str(x) else f'"{x}"'


def text_of(doc: dict[str, Any]) -> str:
    return "".join(f"{key} = {toml(entry)}\n" for key, entry in {"format": "lpmech-instance/1", **doc}.items())


class Asking:
    """One question, drawn by its seed."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        self.sharp = seed % 2 == 1  # one thing asked beside plain requirements, so that every slip shows
        while True:
            kind = rng.choice(
                ["bilateral-trade", "exchange", "partnership", "social-choice", "social-choice", "auction"]
            )
            self.interdependent = kind != "auction" and rng.random() < (0.6 if self.sharp else 0.4)
            self.env: dict[str, Any] = {"kind": kind}
            getattr(self, kind.replace("-", "_"))()
            asked = Asked({"environment": self.env, "requirements": {}})
            if len(asked.profiles) <= MOST_PROFILES and len(asked.outcomes) <= 8:
                break
        if rng.random() < 0.25:
            weights = [rng.choice(WEIGHTS) for _ in asked.profiles]
            weights = weights if any(weights) else [1] * len(weights)
            listed = zip(asked.profiles, weights, strict=True)
            rows = [{"types": list(theta), "probability": F(w, sum(weights))} for theta, w in listed if w]
            self.env["prior"] = {"profiles": rng.sample(rows, len(rows))}
        self.asked = Asked({"environment": self.env, "requirements": {}})
        self.names = [a.name for a in self.asked.agents]
        if self.sharp:
            doc = {"environment": self.env, "requirements": self.one_requirement()}
            goals = ["welfare", "revenue", "revenue"] if doc["requirements"]["budget"] == "none" else ["margin"]
            doc["objective"] = {"maximize": rng.choice(goals)}
        else:
            doc = {"environment": self.env, "requirements": self.requirements()}
            doc["objective"] = {"maximize": self.objective()}
        self.text = text_of(doc)

    # ---- environments ------------------------------------------------------------------------------------------------

    def law(self, n: int | None = None) -> dict[str, Any]:
        rng = self.rng
        n = n or rng.choice([1, 2, 2, 3])
        weights = [rng.choice(WEIGHTS) for _ in range(n)]
        weights = weights if any(weights) else [1] * n
        values = [F(x, 2) for x in sorted(rng.sample(range(-1, 9), n))]
        if rng.random() < 0.5:
            return {"values": values, "weights": weights}
        return {"values": values, "probabilities": [F(w, sum(weights)) for w in weights]}

    def worth(self, others: list[str]) -> dict[str, Any]:
        if not self.interdependent or self.rng.random() < 0.25:
            return {}
        other = self.rng.choice(others)
        one = f'"{other}".own'
        formulas = [
            "own + others/2",
            f"2*own/3 + {one} - 1",
            f"own*{one}/2",
            f"(own - {one})^2/4 + own",
            f"-{one}^2/4 + own",
            "others",
        ]
        return {"worth": self.rng.choice(formulas)}

    def bilateral_trade(self) -> None:
        self.env |= {"buyer": self.law() | self.worth(["seller"]), "seller": self.law() | self.worth(["buyer"])}

    def exchange(self) -> None:
        rng = self.rng
        many = rng.choice(["buyers", "sellers", "both"])
        single = {"buyers": "buyer", "sellers": "seller"}
        for side, one in single.items():
            shown = [f"{one}-1", f"{one}-2"] if many in (side, "both") else [one]
            opposite = "seller" if one == "buyer" else "buyer"
            others = [f"{opposite}-1" if many in (f"{opposite}s", "both") else opposite]
            size = 1 if many == "both" else 2
            if len(shown) == 2 and rng.random() < 0.4:
                self.env[side] = [{"count": 2} | self.law(size) | self.worth(others)]
            else:
                self.env[side] = [
                    self.law(size if len(shown) == 2 else rng.randint(1, 3)) | self.worth(others) for _ in shown
                ]

    def partnership(self) -> None:
        rng = self.rng
        free, same = rng.random() < 0.4, rng.random() < 0.3
        n = rng.choice([2, 2, 3])
        size = 3 if n == 2 else 2
        if same:
            entry = {"name": "partner", "count": n, "share": "free" if free else F(1, n)}
            self.env["agents"] = [
                entry | self.law(rng.randint(1, size)) | self.worth(["partner-2"] if n == 2 else ["partner-3"])
            ]
            return
        names = ["ann", "bob", "c d"][:n]
        weights = [rng.choice([0, 1, 2]) for _ in names]
        weights = weights if any(weights) else [1] * n
        shares = ["free" if free else F(w, sum(weights)) for w in weights]
        self.env["agents"] = [
            {"name": name, "share": share}
            | self.law(rng.randint(1, size))
            | self.worth([x for x in names if x != name])
            for name, share in zip(names, shares, strict=True)
        ]

    def social_choice(self) -> None:
        rng = self.rng
        quantities = rng.random() < 0.25
        if quantities:
            outcomes: Any = {"amount": {"from": 0, "to": 1, "step": rng.choice(["1/2", 1])}}
            costs: Any = rng.choice(["amount", "amount^2/2 + amount/3", "0"])
        else:
            outcomes = ["left", "right hand", "1/2"][: rng.choice([2, 2, 3])]
            costs = [F(rng.choice([0, 0, 1, 3]), 2) for _ in outcomes]
        self.env |= {"outcomes": outcomes, "costs": costs}
        n = rng.choice([1, 2, 2, 3])
        names, entries = ["ann", "bob", "x y"][:n], []
        ways = [rng.choice(["values", "values", "components", "types"]) for _ in names]
        if quantities:
            ways = ["values" if way == "types" else way for way in ways]
        group = n > 1 and rng.random() < 0.3
        if group:
            names, ways = [f"voter-{k + 1}" for k in range(n)], ["values"] * n
        for i, way in enumerate(ways[:1] if group else ways):
            entry: dict[str, Any] = {"name": "voter", "count": n} if group else {"name": names[i]}
            own = ["own"]
            if way == "components":
                entry["components"], own = {"x": self.law(rng.randint(1, 2)), "y": self.law(2)}, ["x", "y"]
            elif way == "values":
                entry |= self.law(rng.randint(1, 2) if n == 3 else None)
            else:
                masses = self.law(rng.randint(1, 2))
                total = masses.get("probabilities") or [F(w, sum(masses["weights"])) for w in masses["weights"]]
                entry["types"] = [
                    {
                        "name": f"kind {k}",
                        "probability": p,
                        "utility": [F(rng.randint(-2, 6), 2) for _ in outcomes],
                        "outside": F(rng.randint(-1, 2), 2),
                    }
                    for k, p in enumerate(total)
                ]
                entries.append(entry)
                continue
            seen = list(own)
            if self.interdependent:
                for j, other in enumerate(names):
                    if j != i and ways[j] != "types" and not (group and j == 0):
                        seen.append(f'"{other}".own' if ways[j] == "values" else f'"{other}".{rng.choice("xy")}')
                if all(w == "values" for j, w in enumerate(ways) if j != i):
                    seen.append("others")

            def formula(seen: list[str] = seen) -> str:
                terms = [
                    f"{rng.choice(['1', '2', '1/2', '-1', '0'])}*{rng.choice(seen)}" for _ in range(rng.randint(1, 2))
                ]
                return " + ".join([*terms, rng.choice(["0", "1", "-1/2"])]) + rng.choice(
                    ["", "", f" - {rng.choice(seen)}^2/4"]
                )

            if quantities:
                entry["utility"] = f"({formula()})*amount - amount^2/2"
            else:
                entry["utility"] = {x: rng.choice(["0", formula()]) for x in outcomes}
            if rng.random() < 0.5:
                entry["outside"] = rng.choice([f"{own[0]}/4", "1/2", formula()])
            entries.append(entry)
        self.env["agents"] = entries

    def auction(self) -> None:
        rng = self.rng
        cost = rng.choice([0, "1/2", 1])
        count = rng.choice([1, 2])
        if rng.random() < 0.5:
            self.env |= {"units": rng.choice([1, 2]), "cost": cost}
            if rng.random() < 0.4:
                self.env["bidders"] = [{"count": count} | self.law() | {"demand": rng.choice([1, 2])}]
            else:
                self.env["bidders"] = [self.law() | {"demand": rng.choice([1, 2])} for _ in range(count)]
        else:
            self.env |= {"objects": ["car", "boat"], "costs": {"car": 1}, "cost": cost}
            self.env["bidders"] = [
                {
                    "components": {"car": self.law(rng.randint(1, 2)), "boat": self.law(rng.randint(1, 2))},
                    "preferences": rng.choice(["additive", "unit-demand"]),
                }
                for _ in range(count)
            ]

    # ---- requirements ------------------------------------------------------------------------------------------------

    def groups(self) -> list[str]:
        return sorted({g for a in self.asked.agents for g in a.groups})  # type: ignore[attr-defined]

    def by_agent(self, draw: Any, default: bool) -> dict[str, Any]:
        """Entries for some agents and groups; ``default``: for the rest."""
        keys = [key for key in [*self.names, *self.groups()] if self.rng.random() < 0.5]
        keys = keys or ([] if default else self.names[:1])
        out = {key: draw() for key in self.rng.sample(keys, len(keys))}
        return out | ({"default": draw()} if default else {})

    def bounds(self) -> Any:
        rng = self.rng
        if rng.random() < 0.2:
            return rng.choice(["none", "none", "any"])
        low, high = sorted(F(x, 2) for x in rng.choices(range(-8, 9), k=2))
        both = {"at-least": low, "at-most": high}
        return {key: both[key] for key in rng.choice([["at-least"], ["at-most"], ["at-least", "at-most"]])}

    def requirements(self) -> dict[str, Any]:
        rng, asked = self.rng, self.asked
        words = {
            "incentive_compatibility": ["BIC", "BIC", "DSIC", "ex-post", "none"],
            "individual_rationality": ["ex-post", "interim", "interim", "ex-ante", "none"],
        }
        need: dict[str, Any] = {}
        for key, notions in words.items():
            mixed = rng.random() < 0.4
            need[key] = self.by_agent(lambda n=notions: rng.choice(n), True) if mixed else rng.choice(notions)
        need["budget"] = rng.choice(["no-deficit", "balanced", "no-expected-deficit", "none"])
        private = not self.interdependent
        need["allocation"] = rng.choice(["efficient", "efficient", "free"])
        if self.env["kind"] == "bilateral-trade" and private and rng.random() < 0.35:
            need["allocation"] = {"posted-price": F(rng.randint(0, 8), 2)}
        elif rng.random() < 0.08:
            need["allocation"] = {"table": [self.lottery() for _ in asked.profiles]}
        if need["allocation"] == "efficient":
            need["ties"] = rng.choice(["any", "any", "first", "last", "uniform"])
        if private and rng.random() < 0.15:
            need["transfers"] = "groves"
        if rng.random() < 0.35 and not any("components" in a.table or "types" in a.table for a in asked.agents):
            need["deviations"] = rng.choice(["downward", "upward", "adjacent"])
        if rng.random() < 0.45:
            need["payments"] = self.bounds() if rng.random() < 0.4 else self.by_agent(self.bounds, rng.random() < 0.3)
        if need["budget"] != "none" and rng.random() < 0.3:
            need["budget-floor"] = F(rng.randint(-4, 4), 2)
        if rng.random() < 0.3 and need.get("ties") != "uniform" and not isinstance(need["allocation"], dict):
            choices = Asked({"environment": self.env, "requirements": need}).lotteries_allowed()
            if prod(map(len, choices)) <= MOST_ALLOCATIONS:
                need["lotteries"] = False
        rules = [self.rule() for _ in range(rng.choice([0, 0, 1, 1, 2]))]
        return need | ({"linear": rules} if rules else {})

    def one_requirement(self) -> dict[str, Any]:
        """Incentives and participation that bind, a number to be had, and one or two further things."""
        rng, asked = self.rng, self.asked
        need: dict[str, Any] = {
            "incentive_compatibility": rng.choice(["BIC", "DSIC", "DSIC", "ex-post"]),
            "individual_rationality": rng.choice(["ex-post", "interim", "interim", "ex-ante"]),
            "budget": rng.choice(["none", "no-deficit", "no-expected-deficit"]),
        }
        further = rng.sample(["allocation", "deviations", "notions", "payments", "lotteries", "floor", "linear"], 2)
        need["allocation"] = "free"
        if "allocation" in further:
            need["allocation"] = rng.choice(
                ["efficient", "efficient", {"table": [self.lottery() for _ in asked.profiles]}]
            )
        if need["allocation"] == "efficient":
            need["ties"] = rng.choice(["any", "first", "last"])
        if "deviations" in further and not any("components" in a.table or "types" in a.table for a in asked.agents):
            need["deviations"] = rng.choice(["downward", "upward", "adjacent", "adjacent"])
            if rng.random() < 0.5:  # lotteries that are not monotone: neighbours do not stand for all
                need["allocation"] = {"table": [self.lottery() for _ in asked.profiles]}
                need.pop("ties", None)
        if "notions" in further:
            need["incentive_compatibility"] = self.by_agent(
                lambda: rng.choice(["BIC", "DSIC", "ex-post", "none"]), True
            )
        if "payments" in further:
            key, sign = rng.choice([("at-most", 1), ("at-least", -1)])
            need["payments"] = {
                name: {key: F(sign * rng.randint(0, 6), 2)} for name in self.names if rng.random() < 0.7
            }
            need["payments"] = need["payments"] or "none"
        if "lotteries" in further and not isinstance(need["allocation"], dict):
            choices = Asked({"environment": self.env, "requirements": need}).lotteries_allowed()
            if prod(map(len, choices)) <= MOST_ALLOCATIONS:
                need["lotteries"] = False
        if "floor" in further and need["budget"] != "none":
            need["budget-floor"] = F(rng.randint(-4, 4), 2)
        if "linear" in further:
            need["linear"] = [self.rule()]
        return need

    def lottery(self) -> list[F]:
        weights = [self.rng.choice([0, 0, 1, 2]) for _ in self.asked.outcomes]
        weights = weights if any(weights) else [1] * len(weights)
        return [F(w, sum(weights)) for w in weights]

    def rule(self) -> dict[str, Any]:
        rng, asked = self.rng, self.asked
        parts = []
        for letter, names in (("t", self.names), ("u", self.names), ("q", asked.outcomes), ("t", self.names)):
            if rng.random() < 0.45:
                name = rng.choice(names)
                shown = name if name.isidentifier() and rng.random() < 0.7 else f'"{name}"'
                sign, size = rng.choice("+-"), rng.choice(["", "2*", "1/2*", "(1 - 1/3)*"])
                parts.append(f"{sign} {size}{letter}[{shown}]{rng.choice(['', '', '/2'])}")
        if rng.random() < 0.25 or not parts:
            parts.append(rng.choice(["+ revenue", "- revenue/2", "- 2*(revenue - 1)"]))
        if rng.random() < 0.4:
            parts.append(rng.choice(["+ 1", "- 3/4", "- 1/2 + 2^2"]))
        at = rng.choice(["profile", "prior", *self.names])
        out: dict[str, Any] = {"of": " ".join(parts).removeprefix("+ "), "at": at}
        if rng.random() < 0.35:
            agents = [at] if at in self.names else rng.sample(self.names, rng.randint(1, len(self.names)))
            where = {}
            for name in agents:
                types = asked.agents[self.names.index(name)].types
                where[name] = rng.sample(types, rng.randint(1, len(types)))
            out["where"] = where
        return out | {rng.choice(["at-least", "at-least", "at-most", "at-most", "equal"]): F(rng.randint(-8, 8), 2)}

    def objective(self) -> Any:
        rng = self.rng
        goal = rng.choice(["margin", "margin", "welfare", "revenue", "agents-utility", "weights"])
        if goal != "weights":
            return goal
        return {"utility": [F(rng.choice([0, 1, 1, 2]), 2) for _ in self.names], "revenue": F(rng.choice([0, 1, 2]), 2)}
