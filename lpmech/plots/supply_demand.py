"""Supply and demand: values in decreasing and costs in increasing order, and the price at which they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from lpmech.closed_forms import one_price
from lpmech.closed_forms._trade import Trade
from lpmech.errors import InputError
from lpmech.exact import decimal, rational
from lpmech.model import Agent, Environment, Instance
from lpmech.plots import _types, style
from lpmech.plots._things import instance_of
from lpmech.result import Result

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
        for level in sorted({p for _, p in (*self.demand, *self.supply)}):
            wanted = sum((mass for mass, p in self.demand if p > level), Fraction(0))
            if wanted <= sum((mass for mass, p in self.supply if p <= level), Fraction(0)):
                return level
        raise AssertionError("nobody wants a unit above the highest value")

    @property
    def gains(self) -> Fraction:
        total, (ask, cost), supply = Fraction(0), self.supply[0], iter(self.supply[1:])
        for want, value in self.demand:
            while want and value > cost:
                moved = min(want, ask)
                total += moved * (value - cost)
                want, ask = want - moved, ask - moved
                if not ask:
                    following = next(supply, None)
                    if following is None:
                        return total
                    ask, cost = following
        return total


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
    levels = sorted({p for _, p in (*market.demand, *market.supply)})
    axis = _types.TypeAxis("", tuple(map(str, levels)), tuple(levels), (), True)
    _types.mark(ax.yaxis, axis, 150)
    shown = sorted({*_ends(market.demand), *_ends(market.supply)})
    _types.mark(ax.xaxis, _types.TypeAxis("", tuple(map(str, shown)), tuple(shown), (), True), 40)
    ax.set_title("Supply and demand", loc="left")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False)
    return ax


def market_of(environment: Environment) -> Market:
    """Steps of demand (values from the highest) and supply (costs from the lowest), of all agents together."""
    if environment.kind not in {"bilateral-trade", "exchange"}:
        raise InputError(
            f"supply and demand of a {environment.kind}",
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
    gains = market.gains
    ends = sorted({*_ends(market.demand), *_ends(market.supply)})
    xs, low, high = [], [], []
    for start, end in pairwise(ends):
        value, cost = _at(market.demand, start), _at(market.supply, start)
        if value is None or cost is None or value <= cost:
            break
        xs += [decimal(start), decimal(end)]
        low += [decimal(cost)] * 2
        high += [decimal(value)] * 2
    if xs:
        ax.fill_between(
            xs, low, high, color="#009E73", alpha=0.15, linewidth=0, label=f"area = {_types.short(gains, 12)}"
        )


def _ends(steps: Sequence[tuple[Fraction, Fraction]]) -> list[Fraction]:
    out = [Fraction(0)]
    for mass, _ in steps:
        out.append(out[-1] + mass)
    return out


def _at(steps: Sequence[tuple[Fraction, Fraction]], quantity: Fraction) -> Fraction | None:
    """Price of the unit just above a quantity."""
    for mass, price in steps:
        if quantity < mass:
            return price
        quantity -= mass
    return None


def _prices(instance: Instance, market: Market, given: Fraction | None) -> list[tuple[str, Fraction, str]]:
    """Prices to draw: p*, the one price where that is the question, and the one given."""
    out = [("p*", market.price, "--")]
    if one_price.accepts(instance) is None:
        trade = Trade.of(instance)
        out.append(("one price", Fraction(one_price.Sides(trade).price(), trade.unit), ":"))
    if given is not None:
        out.append(("price", given, "-."))
    return out
