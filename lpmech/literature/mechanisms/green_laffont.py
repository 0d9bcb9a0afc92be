"""Green-Laffont mechanism: the best gets the object with probability 1 - 1/n, the second best with 1/n; DSIC and
balanced.

One agent, drawn with equal probabilities, sits out; the others hold a second-price auction, and he gets the price (0
if only one is left to bid). Payments are the expected ones. Ties are broken as the instance says, in every one of the
auctions.

Source: mishra-2020, Green-Laffont mechanisms; green-laffont-1977.
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.literature.mechanisms._object import no_object, object_values
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Partnerships, any prior, whatever the shares."""
    return no_object(instance)


def build(instance: Instance) -> Mechanism:
    """The Green-Laffont mechanism."""
    values, ties = object_values(instance), instance.requirements.ties
    n = len(values)
    lotteries: list[Lottery] = []
    transfers: list[list[Fraction]] = [[] for _ in range(n)]
    for theta in Mechanism(instance.environment, (), ()).profiles:
        chances, paid = [Fraction(0)] * n, [Fraction(0)] * n
        for out in range(n):
            winners, price = _auction(theta, values, out, ties)
            for i in winners:
                chances[i] += Fraction(1, n * len(winners))
                paid[i] += price / (n * len(winners))
            paid[out] -= price / n
        lotteries.append({i: w for i, w in enumerate(chances) if w})
        for row, t in zip(transfers, paid, strict=True):
            row.append(t)
    return Mechanism(instance.environment, tuple(map(tuple, transfers)), lotteries)


def _auction(
    theta: Profile, values: tuple[tuple[Fraction, ...], ...], out: int, ties: str
) -> tuple[list[int], Fraction]:
    """Who may win without agent ``out``, all equally likely, and the second-highest bid."""
    bids = {i: values[i][k] for i, k in enumerate(theta) if i != out}
    ranked = sorted(bids.values(), reverse=True)
    best = [i for i, bid in bids.items() if bid == ranked[0]]
    winners = best if ties == "uniform" else best[-1:] if ties == "last" else best[:1]
    return winners, ranked[1] if len(ranked) > 1 else Fraction(0)
