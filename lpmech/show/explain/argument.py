"""Why no mechanism does it: the argument of a proof, as a paper would write it."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

from lpmech.answer.proof import Proof
from lpmech.show.explain.accounts import Accounts, Line
from lpmech.show.explain.document import Block, Cell, Formula, Heading, Number, Paragraph, Points, Span, Sum, Table
from lpmech.show.explain.lines import cut, groups, label, reading_order, sentence, symbols, table
from lpmech.show.explain.named import around_a_cycle, by_coupling, least_payments
from lpmech.show.explain.patterns import coupling, cycle, payments_cancel, square, virtual_surplus
from lpmech.show.explain.rents import Rent, by_type, rents
from lpmech.show.explain.words import person, together

ZERO = Fraction(0)


def argument(proof: Proof, everything: bool, needed: bool = False) -> list[Block]:
    """The argument against any mechanism, or against any larger margin; ``needed``: none of its constraints can go."""
    accounts = Accounts(proof)
    if (loop := cycle(accounts)) is not None:
        return around_a_cycle(accounts, loop)
    if (pairs := coupling(accounts)) is not None:
        return by_coupling(accounts, pairs, everything)
    left = rents(accounts)
    if left is not None and (statements := _by_rents(accounts, left, everything, needed)) is not None:
        return statements
    blocks: list[Block] = [*_recipe(accounts, needed)]
    if accounts.lines is None:
        return [*blocks, *_weights(accounts, everything)]
    lines = sorted(accounts.lines, key=reading_order)
    if proof.bounds == "feasibility" and square(lines) is not None:
        blocks.insert(0, Paragraph(_SQUARE))
    explained = symbols(accounts)
    if explained:
        blocks.append(Paragraph(f"In the table, {explained}."))
    if not payments_cancel(accounts):
        blocks.append(Paragraph(_TAXATION))
    if accounts.chooses:
        blocks.append(Paragraph("Where several outcomes are allowed, bounds are at those that make the sum largest."))
    blocks.append(table(accounts, lines, everything))
    if left is not None:
        return [*blocks, *_balance(accounts, left)]
    return [*blocks, _conclusion(accounts), *least_payments(accounts)]


_SQUARE = (
    "This is the argument of Green and Laffont: dominant strategies tie down how payments move with each report, so that"
    " revenue, added up over the four corners of a square of two types of each of two agents with alternating signs, is"
    " settled by the allocation. A balanced budget asks for 0."
)


_TAXATION = (
    "Types of an agent who get the same lottery against the same types of the others pay the same there, or the one who"
    " pays more would report the other; so payments of such types are one, and cancel as one."
)


def _recipe(accounts: Accounts, needed: bool) -> list[Block]:
    """Which constraints with which weights."""
    used = tuple(Line(m, ZERO, accounts.copies(m)) for m in accounts.multipliers)
    kinds = Counter(line.multiplier.constraint.code for line in used)
    counted = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    blocks: list[Block] = []
    alike = any(m.place.alike for m in accounts.multipliers)
    if not alike and any(len(members) > 1 for members in accounts.proof.symmetry or ()):
        blocks.append(Paragraph("Each constraint stands for its average over relabelling identical agents."))
    blocks.append(Paragraph(f"Multiply each of these constraints ({counted}) by its weight and add them up:"))
    blocks.append(Points(tuple(sentence(accounts, group) for group in groups(used))))
    if needed and len(used) > 1:
        blocks.append(
            Paragraph("None of these can be left out: the others, however weighted, do not give this result.")
        )
    return blocks


def _weights(accounts: Accounts, everything: bool) -> list[Block]:
    """The generic account, where there are too many profiles to say what each line is worth."""
    lines = sorted((Line(m, ZERO, accounts.copies(m)) for m in accounts.multipliers), key=reading_order)
    rows: list[tuple[Cell, ...]] = [(Number(line.weight), label(accounts.env, line), "") for line in lines]
    shown = cut([(*row, "") for row in rows], [ZERO] * len(rows), everything)
    rows = [row[:2] for row in shown]
    return [Table(("weight", "constraint"), tuple(rows), (0,)), _conclusion(accounts)]


def _conclusion(accounts: Accounts) -> Block:
    if accounts.proof.bounds == "feasibility":
        total = None if accounts.lines is None else sum((line.amount for line in accounts.lines), ZERO)
        which: tuple[Span, ...] = () if total is None else (", ", Number(total), ",")
        return Paragraph("All payments cancel, and what is left says that a negative number", *which, " is at least 0.")
    return Paragraph(
        "All payments cancel, and what is left says that the margin is at most ",
        Number(accounts.proof.margin or ZERO),
        ".",
    )


# ---- rents against gains -------------------------------------------------------------------------------------------------


def _by_rents(accounts: Accounts, left: list[Rent], everything: bool, needed: bool) -> list[Block] | None:
    """Interim utilities type by type, and their sum against the gains; None where that is not how the proof goes."""
    tables = [by_type(accounts, rent, everything) for rent in left]
    if any(one is None for one in tables):
        return None
    blocks: list[Block] = []
    named = virtual_surplus(accounts)
    if named:
        blocks.append(
            Paragraph(
                "The weights are those of Kos and Manea (2009, Theorem 1): nobody extracts more than VCG', which leaves the"
                " lowest buyer and the highest seller nothing and makes every other type indifferent to the report next to"
                " his own on their side."
            )
        )
    blocks += _recipe(accounts, needed)
    blocks.append(
        Paragraph("U(k) is the expected utility of type k. Agent by agent, the utilities add up to his expected one:")
    )
    for rent, rows in zip(left, tables, strict=True):
        assert rows is not None
        if len(rent.lines) == 1 and rent.least == 0:
            continue
        blocks += [Heading(f"The rent of {_who(accounts, rent)}", 3), rows]
    return [*blocks, *_balance(accounts, left), *(_surplus(accounts, left) if named else [])]


def _who(accounts: Accounts, rent: Rent) -> str:
    name = accounts.env.agents[rent.agent].name
    if rent.count == 1:
        return person(name)
    classes = accounts.proof.symmetry or ()
    members = next((m for m in classes if rent.agent in m), range(rent.agent, rent.agent + rent.count))
    return together(accounts.env, members)


def _balance(accounts: Accounts, left: list[Rent]) -> list[Block]:
    """Gains less rents."""
    total, margin = sum((rent.least for rent in left), ZERO), accounts.proof.margin
    assert isinstance(margin, Fraction)
    terms: list[tuple[Fraction | float, Cell]] = [(accounts.gains, "expected gains: the surplus of the allocation")]
    terms += [(-rent.least, f"rent left to {_who(accounts, rent)}, at least") for rent in left]
    what = "most revenue there can be" if margin >= 0 else "most revenue there can be: a deficit"
    spans: list[Span] = ["Rents of at least ", Number(total, True), ", gains of at most ", Number(accounts.gains, True)]
    spans += [": ", Number(-margin, True), " is missing."] if margin < 0 else [": ", Number(margin, True), " is left."]
    return [
        Heading("The contradiction" if margin < 0 else "Gains and rents"),
        Sum(tuple(terms), (margin, what)),
        Paragraph(*spans),
    ]


def _surplus(accounts: Accounts, left: list[Rent]) -> list[Block]:
    """The same sum as virtual surplus, buyers' part and seller's."""
    lines = accounts.lines or ()
    seller = len(accounts.env.agents) - 1
    parts = [
        sum(
            (
                line.amount
                for line in lines
                if line.multiplier.agent is not None and (line.multiplier.agent == seller) == sells
            ),
            ZERO,
        )
        for sells in (False, True)
    ]
    n = seller
    text = "sum_i (1 - F_b(B_{i-1})) (X_i - X_{i-1}) B_i - sum_j F_s(S_j) (Y_j - Y_{j+1}) S_j"
    tex = r"\sum_i (1 - F_b(B_{i-1}))\,(X_i - X_{i-1})\,B_i - \sum_j F_s(S_j)\,(Y_j - Y_{j+1})\,S_j"
    if n > 1:
        text, tex = f"{n} {text}", rf"{n} {tex}"
    assert isinstance(accounts.proof.margin, Fraction)
    return [
        Heading("The same as virtual surplus"),
        Paragraph(
            *(
                "In payments, with ",
                Formula("X_i", "X_i"),
                ", ",
                Formula("Y_j", "Y_j"),
                " the probabilities that types ",
            ),
            *(Formula("B_i", "B_i"), ", ", Formula("S_j", "S_j"), " trade, the constraints add up to"),
        ),
        Paragraph(Formula(text, tex), "."),
        Sum(
            ((parts[0], "most that buyers pay in expectation"), (parts[1], "less the least that the seller gets")),
            (accounts.proof.margin, "virtual surplus, the margin"),
        ),
    ]


# ---- the verdict --------------------------------------------------------------------------------------------------


def verdict(margin: Fraction | float | None) -> list[Block]:
    """What the margin means."""
    if margin == -math.inf:
        return [
            Paragraph("No such mechanism exists."),
            Paragraph(
                "No subsidy helps: the incentive and budget constraints contradict each other by themselves (margin -inf)."
            ),
        ]
    if margin is None:
        return [Paragraph("No such mechanism exists.")]
    return [
        Paragraph("No such mechanism exists."),
        Paragraph(
            "The margin is ", Number(margin, True), ": a subsidy of ", Number(-margin, True), " is what it takes."
        ),
    ]
