"""Proofs about DSIC without the taxation principle: incentive constraints in its place, from the definition."""

from __future__ import annotations

import copy
from fractions import Fraction as F
from typing import Any

from lpmech.verify.kernel.instance import Instance
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.multipliers import read_multiplier


class Left(Lagrangian):
    """What is left on each transfer: ``left[i][theta]``."""

    def transfers_vanish(self, i: int, on_t: list[int]) -> None:
        self.__dict__.setdefault("left", {})[i] = [F(w, self.unit) for w in on_t]


def expand(proof: dict[str, Any]) -> dict[str, Any]:
    """The same proof, every transfer's coefficient 0 by itself.

    Types k and r with one lottery q against theta_-i: DSIC[k -> r] is v_i(q, k) - t_i(k) - v_i(q, k) + t_i(r) = t_i(r) -
    t_i(k) >= 0, and with DSIC[r -> k] these two are equal. What is left on t_i(k) is moved to the last such type.
    """
    full = copy.deepcopy(proof)
    if proof.get("multipliers") is None:
        return full
    instance = Instance(proof["instance"])
    groups = [read_multiplier(instance, entry, "multipliers") for entry in proof["multipliers"]]
    lagrangian = Left(instance, groups, proof["bounds"])
    lagrangian.bound()
    for i in instance.agents:
        left = lagrangian.__dict__["left"][i]
        for base in instance.bases[i]:
            spots = [base + k * instance.strides[i] for k in range(instance.sizes[i])]
            for k, p in enumerate(spots):
                alike = [r for r, other in enumerate(spots) if instance.choices[other] == instance.choices[p]]
                r = alike[-1]
                if len(instance.choices[p]) > 1 or r == k or left[p] == 0:
                    continue
                true, report = (k, r) if left[p] > 0 else (r, k)
                profile = list(instance.profiles[p])
                profile[i] = true
                full["multipliers"].append(
                    {
                        "constraint": "DSIC",
                        "agent": i,
                        "profile": profile,
                        "report": report,
                        "weight": str(abs(left[p])),
                    }
                )
    return full
