"""mechaudit 0.1.0: labelled programs in floating point, solved by HiGHS and audited; no proofs.

It has no margin. Efficiency is stated as one linear row a profile, and the margin of "BIC, interim IR, balanced" is the
largest expected revenue (independent types: any expected revenue can be had at every profile), which is the smallest
program that gives the number.
"""

from __future__ import annotations

import mechaudit as ma

from benchmarks.speed.peers import Trade

OUTCOMES = ("no-trade", "trade")


def _environment(d: Trade) -> ma.FiniteEnvironment:
    buyer, seller = range(len(d.b)), range(len(d.s))
    values = {
        "buyer": {i: {"no-trade": 0.0, "trade": float(d.b[i])} for i in buyer},
        "seller": {j: {"no-trade": 0.0, "trade": -float(d.s[j])} for j in seller},
    }
    marginals = {"buyer": dict(enumerate(map(float, d.p))), "seller": dict(enumerate(map(float, d.q)))}
    return ma.FiniteEnvironment(
        agents={"buyer": list(buyer), "seller": list(seller)},
        outcomes=OUTCOMES,
        prior=ma.JointPrior.from_independent(marginals),
        values=ma.PrivateValues.from_mapping(values),
    )


def bic(d: Trade) -> float:
    env = _environment(d)
    efficient = [
        ma.CustomLinearConstraint(
            f"efficient {number}",
            {ma.AllocationCoordinate(report, "trade"): 1.0},
            sense="==",
            rhs=float(trade),
        )
        for number, (report, trade) in enumerate(zip(env.report_profiles, d.trade.ravel(), strict=True))
    ]
    design = env.design(objective=ma.ExpectedRevenue(), requirements=(ma.BIC(), ma.InterimIR(), *efficient))
    return float(design.solve().objective_value)


def second_best(d: Trade) -> float:
    requirements = (ma.BIC(), ma.InterimIR(), ma.StrongBudgetBalance())
    design = _environment(d).design(objective=ma.ExpectedSocialWelfare(), requirements=requirements)
    return float(design.solve().objective_value)


SOLVE = {"bic": bic, "second_best": second_best}
