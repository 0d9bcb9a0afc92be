"""Claims about bilateral trade shown by compact parts."""

from __future__ import annotations

from fractions import Fraction

from lpmech.verify.kernel.claim import Claim
from lpmech.verify.kernel.mechanism import Mechanism
from lpmech.verify.report import Refusal
from lpmech.verify.shortcuts.trade import Trade
from lpmech.verify.shortcuts.trade_lagrangian import CompactLagrangian
from lpmech.verify.shortcuts.trade_mechanism import CompactMechanism


class CompactClaim(Claim):
    """A claim shown by compact parts."""

    lagrangian = CompactLagrangian
    rows = "constraints or averages"

    def mechanism(self) -> Mechanism:
        assert isinstance(self.instance, Trade)
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return CompactMechanism(self.instance, self.take("mechanism"), more)

    def ray(self, rate: Fraction) -> Mechanism:
        raise Refusal("ray: there is no compact form; write the whole proof in full")
