"""Random questions decided here, with proof, and by mechaudit in floating point: private and interdependent values,
bounds on payments, linear requirements.

    python -m benchmarks.against_mechaudit --count 60

Needs the extra [bench]. The questions are those of tests/support/further_questions.py that mechaudit can state: an
objective, independent types of positive probability, no margin, no lotteries excluded, no tie rules.
"""

from __future__ import annotations

import argparse
import math
import sys
from itertools import product
from pathlib import Path
from typing import Any

import lpmech

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.brute import Question
from support.further_questions import Draw


def stated(question: Question) -> bool:
    """Whether mechaudit can state it."""
    positive = question.independent is not None and all(p > 0 for own in question.independent for p in own)
    at_profile = all(rule["at"] == "profile" and "u" not in rule and "revenue" not in rule for rule in question.linear)
    plain = question.lotteries and not question.groves and not question.free_shares and question.deviations == "all"
    dominant = question.interdependent and "DSIC" in question.incentives  # it has no DSIC then
    return (
        positive
        and at_profile
        and plain
        and not dominant
        and question.weights is not None
        and question.allocation == "free"
    )


def by_mechaudit(question: Question) -> float | None:
    """The optimum; None if there is none."""
    import mechaudit as ma

    q, N = question, len(question.sizes)
    agents, outcomes = [f"a{i}" for i in range(N)], [f"x{x}" for x in range(q.outcomes)]
    profiles = list(product(*map(range, q.sizes)))

    def number(agent: str) -> int:
        return int(agent[1:])

    def value(agent: Any, types: Any, outcome: Any) -> float:
        theta = tuple(int(types[a]) for a in agents)
        worth = q.value(number(str(agent)), int(str(outcome)[1:]), theta)
        return float(worth) - float(q.costs[int(str(outcome)[1:])]) / N  # costs shared: payments are net of them

    assert q.independent is not None
    marginals = {a: {k: float(p) for k, p in enumerate(q.independent[i])} for i, a in enumerate(agents)}
    env = ma.FiniteEnvironment(
        agents={a: list(range(q.sizes[i])) for i, a in enumerate(agents)},
        outcomes=outcomes,
        prior=ma.JointPrior.from_independent(marginals),
        values=ma.InterdependentValues(value),
    )
    need: list[Any] = []
    notions = {"BIC": ma.BIC, "DSIC": ma.ExPostIC, "ex-post": ma.ExPostIC}  # with private values the same
    levels = {"ex-post": ma.ExPostIR, "interim": ma.InterimIR, "ex-ante": ma.ExAnteIR}
    for i, a in enumerate(agents):
        if q.incentives[i] != "none":
            need.append(notions[q.incentives[i]](agents=[a]))
        if q.participation[i] != "none":
            left = {b: dict.fromkeys(env.profiles, 0.0) for b in agents}
            for theta, t in zip(profiles, env.profiles, strict=True):
                left[a][t] = float(q.outside(i, theta))
            need.append(levels[q.participation[i]](ma.ProfileOutsideOptions(left), agents=[a]))
    budgets = {"no-deficit": "ex_post", "no-expected-deficit": "ex_ante"}
    if q.budget in budgets:
        need.append(ma.WeakBudgetBalance(timing=budgets[q.budget], floor=float(q.floor)))
    elif q.budget == "balanced":
        for k, report in enumerate(env.report_profiles):
            row = {ma.PaymentCoordinate(report, a): 1.0 for a in agents}
            need.append(ma.CustomLinearConstraint(f"balance {k}", row, sense="==", rhs=float(q.floor)))
    need += _rows(ma, env, q, agents, outcomes, profiles)
    utility, revenue = q.weights or ([], 0)
    goal = {(1, 1): ma.ExpectedSocialWelfare(), (0, 1): ma.ExpectedRevenue()}.get((int(utility[0]), int(revenue)))
    if goal is None:
        goal = ma.WeightedAgentUtilities(dict.fromkeys(agents, 1.0))
    try:
        return float(env.design(objective=goal, requirements=tuple(need)).solve().objective_value)
    except ma.InfeasibleDesignError:
        return None
    except ma.UnboundedDesignError:
        return math.inf


def _rows(ma: Any, env: Any, q: Question, agents: list[str], outcomes: list[str], profiles: list[Any]) -> list[Any]:
    """Bounds on payments and linear requirements. Payments here are net of each agent's share of the cost."""
    out = []
    N = len(agents)
    signs = {"at-least": ">=", "at-most": "<=", "equal": "=="}

    def paid(report: Any, a: str, c: float) -> dict[Any, float]:
        row = {ma.PaymentCoordinate(report, a): c}
        return row | {ma.AllocationCoordinate(report, x): c * float(q.costs[k]) / N for k, x in enumerate(outcomes)}

    for p, (theta, report) in enumerate(zip(profiles, env.report_profiles, strict=True)):
        for i, bounds in enumerate(q.payments):
            for key, bound in bounds.items():
                row = {k: c for k, c in paid(report, agents[i], 1.0).items() if c}
                out.append(ma.CustomLinearConstraint(f"{key} {i} {p}", row, sense=signs[key], rhs=float(bound)))
        for n, rule in enumerate(q.linear):
            if not all(theta[i] in types for i, types in rule.get("where", {}).items()):
                continue
            total: dict[Any, float] = {}
            parts = [paid(report, agents[i], float(c)) for i, c in rule.get("t", {}).items()]
            parts += [{ma.AllocationCoordinate(report, outcomes[x]): float(c)} for x, c in rule.get("q", {}).items()]
            for part in parts:
                for key, c in part.items():
                    total[key] = total.get(key, 0.0) + c
            rhs = float(rule["bound"] - rule.get("constant", 0))
            out.append(ma.CustomLinearConstraint(f"rule {n} {p}", total, sense=signs[rule["compared"]], rhs=rhs))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60)
    asked = parser.parse_args()
    done, seed, interdependent, bounded, ruled = 0, 0, 0, 0, 0
    while done < asked.count:
        text, question = Draw(seed).question()
        seed += 1
        if not stated(question):
            continue
        result = lpmech.solve(lpmech.loads(text))
        theirs = by_mechaudit(question)
        mine = None if result.value is None else float(result.value)
        same = mine == theirs if mine is None or theirs is None else math.isclose(mine, theirs, abs_tol=1e-7)
        if not same or not result.proved:
            raise SystemExit(f"seed {seed - 1}: {result.value} (proved: {result.proved}), mechaudit {theirs}\n{text}")
        done += 1
        interdependent += question.interdependent
        bounded += bool(question.payments)
        ruled += bool(question.linear)
    print(
        f"{done} questions ({interdependent} interdependent, {bounded} with bounds on payments, {ruled} with linear"
        " requirements): all equal to 1e-7, all proved"
    )


if __name__ == "__main__":
    main()
