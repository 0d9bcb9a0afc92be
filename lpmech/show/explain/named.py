"""Arguments that have a name, written out: a coupling of the two distributions, a cycle of types, one price."""

from __future__ import annotations

from fractions import Fraction

from lpmech.closed_forms import one_price
from lpmech.closed_forms.bilateral.trade import Trade
from lpmech.show.explain.accounts import Accounts, Line
from lpmech.show.explain.document import Block, Cell, Heading, Number, Paragraph, Points, Sum, Table, joined
from lpmech.show.explain.lines import cut, table
from lpmech.show.explain.patterns import Coupling, Cycle
from lpmech.show.explain.words import person

ZERO = Fraction(0)


# ---- the coupling --------------------------------------------------------------------------------------------------------


def by_coupling(accounts: Accounts, found: Coupling, everything: bool) -> list[Block]:
    margin, least = accounts.proof.margin, found.least
    assert isinstance(margin, Fraction)
    assert 2 * found.gains - least == margin
    buyer, seller = (agent.types for agent in accounts.env.agents)
    name = "antitone coupling: high values with low costs" if found.antitone else "coupling"
    blocks: list[Block] = [
        Paragraph(
            "With Groves transfers an agent's charge depends on the other's type alone: the buyer pays h_B(s), the seller"
            " h_S(b), and each gets the whole surplus (b - s)^+ before charges. (The argument is that of Jagadeesan and"
            " Tordjman 2025, Example 1.)"
        ),
        Points(
            (
                (
                    "Ex ante IR: charges come to at most the expected gains, E[h_B] <= ",
                    Number(found.gains, True),
                    " and E[h_S] <= ",
                    Number(found.gains, True),
                    ".",
                ),
                ("No deficit: h_B(s) + h_S(b) >= (b - s)^+ at every pair of types.",),
            )
        ),
        Paragraph(
            f"Add up the second at the pairs below, with weights whose sum for each b is its probability, and for each s"
            f" too (the {name}). On the left stands E[h_B] + E[h_S]:"
        ),
    ]
    paid = [pair for pair in found.pairs if pair.gain > 0]
    idle = [pair for pair in found.pairs if pair.gain == 0]
    rows: list[tuple[Cell, ...]] = [
        _pair_row(buyer[p.profile[0]], seller[p.profile[1]], p.weight, p.gain, p.amount)
        for p in sorted(paid, key=lambda p: (-p.amount, p.profile))
    ]
    rows = cut(rows, sorted((p.amount for p in paid), reverse=True), everything, 3)
    if len(idle) > 3 and not everything:
        heaviest = max(idle, key=lambda p: p.weight)
        rows.append(_pair_row(buyer[heaviest.profile[0]], seller[heaviest.profile[1]], heaviest.weight, ZERO, ZERO))
        rest = sum((p.weight for p in idle), -heaviest.weight)
        rows.append(("", "", Number(rest), f"{len(idle) - 1} more pairs with b <= s", Number(ZERO)))
    else:
        rows += [_pair_row(buyer[p.profile[0]], seller[p.profile[1]], p.weight, ZERO, ZERO) for p in idle]
    total: tuple[Cell, ...] = ("", "", Number(sum((p.weight for p in found.pairs), ZERO)), "sum", Number(least))
    blocks.append(Table(("b", "s", "weight", "(b - s)^+", "weight x gain"), tuple(rows), (0, 1, 2, 4), total))
    short = found.shortest() if margin < 0 else None
    if short is not None:
        named = joined(
            (
                ", " if n else "",
                f"b = {buyer[p.profile[0]]}, s = {seller[p.profile[1]]} (",
                Number(p.weight),
                " x ",
                Number(p.gain),
                ")",
            )
            for n, p in enumerate(short[:3])
        )
        reached = sum((p.amount for p in short), ZERO)
        many = "the pair " if len(short) == 1 else f"the first {len(short)} pairs" if len(short) > 3 else "the pairs "
        first = named if len(short) <= 3 else ()
        ask = "asks" if len(short) == 1 else "ask"
        blocks.append(
            Paragraph(
                f"Already {many}",
                *first,
                f" alone {ask} for ",
                Number(reached, True),
                ", more than ",
                Number(2 * found.gains, True),
                "; all others are worth at least 0.",
            )
        )
    blocks.append(Heading("The contradiction" if margin < 0 else "Gains and charges"))
    blocks.append(
        Sum(
            (
                (2 * found.gains, "what charges may come to: twice the expected gains"),
                (-least, f"what they must come to: E[(b - s)^+] under the {name.split(':')[0]}"),
            ),
            (margin, "most revenue there can be" + (": a deficit" if margin < 0 else "")),
        )
    )
    return blocks


def _pair_row(b: str, s: str, weight: Fraction, gain: Fraction, amount: Fraction) -> tuple[Cell, ...]:
    return b, s, Number(weight), Number(gain), Number(amount)


# ---- cycles --------------------------------------------------------------------------------------------------------------


def around_a_cycle(accounts: Accounts, found: Cycle) -> list[Block]:
    """A cycle of types none of whom may gain from the next one's report."""
    first = found.lines[0].multiplier
    assert first.agent is not None
    agent = accounts.env.agents[first.agent]
    others = ""
    if first.place.profile is not None:
        rest = [
            f"{other.name} {other.types[k]}"
            for j, (other, k) in enumerate(zip(accounts.env.agents, first.place.profile, strict=True))
            if j != first.agent
        ]
        others = f" against {', '.join(rest)}" if rest else ""
    lines = [Line(line.multiplier, line.worth) for line in found.lines]
    rows = table(accounts, lines, True)
    once = tuple((row[1], row[2], Number(line.worth)) for row, line in zip(rows.rows, lines, strict=True))
    return [
        Paragraph(
            f"No payments implement this allocation: it violates cyclical monotonicity. Take the types of"
            f" {person(agent.name)}{others} round a cycle; nobody may gain from the report of the next:"
        ),
        Table(("constraint", "says", "bound"), once, (2,), ("sum", "0 <= ", Number(found.total))),
        Paragraph(
            "Payments cancel round the cycle, and what is left says that 0 is at most ", Number(found.total), "."
        ),
    ]


def least_payments(accounts: Accounts) -> list[Block]:
    """What the sum says where one price is enough (docs/one-price.md): gains against the least that payments come to."""
    instance, margin = accounts.instance, accounts.proof.margin
    if not isinstance(margin, Fraction) or one_price.accepts(instance) is not None:
        return []
    trade = Trade.of(instance)
    price = Fraction(one_price.Sides(trade).price(), trade.unit)
    return [
        Paragraph(
            "This is the argument of one price: no payments take less from both sides in expectation than a posted price p,"
            " clipped to what keeps reports truthful, at its best. Expected payments are least at p = ",
            Number(price, True),
            ", and there they still come to more than the gains from trade:" if margin < 0 else ":",
        ),
        Sum(
            ((accounts.gains, "expected gains"), (margin - accounts.gains, "least that payments of both come to")),
            (margin, "most revenue there can be" + (": a deficit" if margin < 0 else "")),
        ),
    ]
