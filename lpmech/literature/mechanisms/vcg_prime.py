"""VCG': a trader pays, or gets, the value of his marginal type that would still trade.

Against the others' types a buyer who trades pays the smallest of his values that trades, a seller gets the largest of
his costs that does; with lotteries over tied outcomes each further piece of probability is paid for at the type where
it comes in. Any number of buyers and sellers, any tie rule. DSIC and ex post IR: an efficient lottery gives a higher
value no less.

Source: kos-manea-2009, Definition 2, Section 5 (many buyers) and Section 7.2 (many sellers).
"""

from __future__ import annotations

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._groves import efficient
from lpmech.literature.mechanisms._units import no_market, tight_payments
from lpmech.question.model import Instance

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Bilateral trade and exchange, any prior."""
    return no_market(instance)


def build(instance: Instance) -> Mechanism:
    """VCG'."""
    return tight_payments(Mechanism(instance.environment, (), efficient(instance)))
