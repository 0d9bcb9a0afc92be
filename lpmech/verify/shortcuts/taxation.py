"""Taxation: with DSIC, less is asked of the coefficients of transfers."""

from __future__ import annotations

from lpmech.verify.kernel.claim import Claim
from lpmech.verify.kernel.instance import Lottery
from lpmech.verify.kernel.lagrangian import Lagrangian


class TaxationLagrangian(Lagrangian):
    """DSIC makes payments against theta_-i equal for types with the same prescribed lottery, so that the sum of their
    coefficients has to vanish."""

    def transfers_vanish(self, i: int, on_t: list[int]) -> None:
        instance = self.instance
        for base in instance.bases[i]:
            found = dict[Lottery | int, tuple[int, int]]()  # by lottery, or profile if it is open: sum, a profile
            for k in range(instance.sizes[i]):
                p = base + k * instance.strides[i]
                choices = instance.choices[p]
                item = choices[0] if len(choices) == 1 else p
                found[item] = (found[item][0] if item in found else 0) + on_t[p], p
            for w, p in found.values():
                self.must_vanish(w, "the payment of {} for the outcome at {}", i, p)


class TaxationClaim(Claim):
    """A claim about DSIC mechanisms with any transfers, the proof written out in full."""

    lagrangian = TaxationLagrangian
