"""Supply and demand: values in decreasing and costs in increasing order, and the price at which they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from lpmech.answer.result import Result
from lpmech.base.errors import InputError
from lpmech.base.exact import decimal, rational
from lpmech.closed_forms import one_price
from lpmech.closed_forms.bilateral.trade import Trade
from lpmech.question.environment import Agent, Environment
from lpmech.question.model import Instance
from lpmech.show.plots import _types, style
from lpmech.show.plots._things import instance_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEMAND, SUPPLY, PRICE = "#0072B2", "#D55E00", "#000000"


@dataclass(frozen=True)
class Market:
    """Expected demand and supply as steps: ``demand`` and ``supply`` list (quantity, price), the next so many units at the
    price. ``gains``: the area between them, E[(b - s)^+] under the antitone coupling for one buyer and one seller."""

    demand: tuple[tuple[Fraction, Fraction], ...]
    supply: tuple[tuple[Fraction, Fraction], ...]

    @property
    def price(self) -> Fraction:
        """p*, the smallest value or cost with (units wanted above it) <= (units offered up to it)."""
        changes = sorted((p, mass) for mass, p in (*self.demand, *self.supply))
        missing = sum((mass for mass, _ in self.demand), Fraction(0))
        for level, mass in changes:
            missing -= mass
            if missing <= 0:
                return level
        raise AssertionError("nobody wants a unit above the highest value")

    @cached_property
    def matched(self) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
        """Units of decreasing values with units of increasing costs: (quantity, value, cost), while there are both."""
        out: list[tuple[Fraction, Fraction, Fraction]] = []
        supply, ask, cost = iter(self.supply), Fraction(0), Fraction(0)
        for want, value in self.demand:
            while want:
                if not ask:
                    ask, cost = next(supply, (Fraction(0), cost))
                if not ask:
                    return tuple(out)
                moved = min(want, ask)
                out.append((moved, value, cost))
                want, ask = want - moved, ask - moved
        return tuple(out)

    @property
    def gains(self) -> Fraction:
        return sum((mass * max(value - cost, Fraction(0)) for mass, value, cost in self.matched), Fraction(0))


def supply_demand(
    thing: Instance | Result, *, price: Fraction | int | str | None = None, ax: Axes | None = None
) -> Axes:
    """Expected demand and supply of an exchange, as quantity against price, and the price p* at which they meet.

    For one buyer and one seller quantities are probabilities, P(b >= price) and P(s <= price), and p* is the smallest value
    or cost with P(b <= p*) + P(s <= p*) >= 1, the price of the kinked charges. Where the question is that of the
    one-price mechanism, its price is drawn too; ``price`` draws another. The shaded area is what a large economy of
    such buyers and sellers gains, per copy of these.
    """
    instance = instance_of(thing)
    market = market_of(instance.environment)
    ax = style.axes(ax, size=(5.0, 3.8))
    for steps, colour, label in ((market.demand, DEMAND, "demand: values"), (market.supply, SUPPLY, "supply: costs")):
        ax.plot(*_stairs(steps), color=colour, linewidth=1.8, label=label)
    _shade(ax, market)
    for said, p, style_ in _prices(instance, market, None if price is None else rational(price)):
        ax.axhline(decimal(p), color=PRICE, linewidth=1, linestyle=style_, label=f"{said} = {_types.short(p, 12)}")
    single = instance.environment.kind == "bilateral-trade" or len(instance.environment.agents) == 2
    ax.set_xlabel("cumulative probability" if single else "expected quantity (units)")
    ax.set_ylabel("price (money)")
    wanted, offered = _ends(market.demand)[-1], _ends(market.supply)[-1]
    ax.set_xlim(0, decimal(min(max(wanted, offered), 2 * min(wanted, offered))) * 1.02)
    _types.mark(ax.yaxis, _types.numbers(p for _, p in (*market.demand, *market.supply)), 19, lines=True)
    _types.mark(ax.xaxis, _types.numbers((*_ends(market.demand), *_ends(market.supply))), 36)
    ax.set_title("Supply and demand", loc="left")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False)
    return ax


def market_of(environment: Environment) -> Market:
    """Steps of demand (values from the highest) and supply (costs from the lowest), of all agents together."""
    if environment.kind not in {"bilateral-trade", "exchange"}:
        raise InputError(
            f"supply and demand of {'an' if environment.kind[0] in 'aeiou' else 'a'} {environment.kind}",
            expected="bilateral trade or an exchange, which have two sides",
        )
    sides: tuple[list[Agent], list[Agent]] = ([], [])
    for i, agent in enumerate(environment.agents):
        sells = i == 1 if environment.kind == "bilateral-trade" else environment.role(i) == "seller"
        sides[sells].append(agent)
    buyers, sellers = (_steps(side) for side in sides)
    return Market(tuple(reversed(buyers)), tuple(sellers))


def _steps(agents: Sequence[Agent]) -> list[tuple[Fraction, Fraction]]:
    """Expected number of units at each price, from the lowest; types of mass 0 are left out."""
    masses: dict[Fraction, Fraction] = {}
    for agent in agents:
        for name, mass in zip(agent.types, agent.probabilities, strict=True):
            masses[Fraction(name)] = masses.get(Fraction(name), Fraction(0)) + mass
    return [(mass, value) for value, mass in sorted(masses.items()) if mass]


def _stairs(steps: Sequence[tuple[Fraction, Fraction]]) -> tuple[list[float], list[float]]:
    quantities, prices, sold = [], [], Fraction(0)
    for mass, price in steps:
        quantities += [decimal(sold), decimal(sold + mass)]
        prices += [decimal(price)] * 2
        sold += mass
    return quantities, prices


def _shade(ax: Axes, market: Market) -> None:
    """The area between the curves as far as demand is above."""
    xs, low, high, sold = [], [], [], Fraction(0)
    for mass, value, cost in market.matched:
        if value <= cost:
            break
        xs += [decimal(sold), decimal(sold + mass)]
        low += [decimal(cost)] * 2
        high += [decimal(value)] * 2
        sold += mass
    if xs:
        label = f"area = {_types.short(market.gains, 12)}"
        ax.fill_between(xs, low, high, color="#009E73", alpha=0.15, linewidth=0, label=label)


def _ends(steps: Sequence[tuple[Fraction, Fraction]]) -> list[Fraction]:
    out = [Fraction(0)]
    for mass, _ in steps:
        out.append(out[-1] + mass)
    return out


def _prices(instance: Instance, market: Market, given: Fraction | None) -> list[tuple[str, Fraction, str]]:
    """Prices to draw: p*, the one price where that is the question, and the one given."""
    out = [("p*", market.price, "--")]
    if one_price.accepts(instance) is None:
        trade = Trade.of(instance)
        out.append(("one price", Fraction(one_price.Sides(trade).price(), trade.unit), ":"))
    if given is not None:
        out.append(("price", given, "-."))
    return out
