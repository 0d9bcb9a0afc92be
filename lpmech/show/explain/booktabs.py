"""Tables for papers: LaTeX ``tabular`` with the rules of booktabs, exact fractions or decimals at will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.answer.tables import payment
from lpmech.base.errors import InputError
from lpmech.show.explain.latex import escaped, number
from lpmech.show.explain.words import too_long
from lpmech.show.frames import Column, interim, multipliers

TALL = 45
"""Rows beyond which a table goes over pages (``longtable``)."""


def tex(x: Fraction | float, decimals: int | None) -> str:
    """A number in TeX, with its dollars: a fraction, or rounded exactly (half to even) to so many decimals."""
    if isinstance(x, float) or (decimals is None and too_long(x)):
        return f"${number(x)}$"
    if decimals is None:
        return f"${x}$"
    if decimals < 0:
        raise InputError("decimals", value=decimals, expected="a number from 0, or None for exact fractions")
    whole = round(abs(x) * 10**decimals)
    digits = str(whole).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"${'-' if x < 0 and whole else ''}{text}$"


def tabular(head: Sequence[str], columns: str, groups: Sequence[Sequence[Sequence[str]]]) -> str:
    """Rows of cells in TeX, groups of them parted by rules; ``head`` may have several lines with rules of their own."""
    long = sum(map(len, groups)) > TALL
    name = "longtable" if long else "tabular"
    lines = [rf"\begin{{{name}}}{{{columns}}}", r"\toprule", *head]
    for group in groups:
        lines += [r"\midrule", *(" & ".join(row) + r" \\" for row in group)]
        if long and group is groups[0]:
            lines.insert(len(head) + 3, r"\endhead")
    return "\n".join([*lines, r"\bottomrule", rf"\end{{{name}}}"])


def table(columns: Mapping[str, Column], decimals: int | None, heads: Mapping[str, str], by: str | None = None) -> str:
    """A table of named columns: numbers flush right, empty columns left out; a rule where the entry of ``by`` changes."""
    kept = {name: rows for name, rows in columns.items() if any(x is not None for x in rows)}
    numeric = [any(isinstance(x, Fraction) for x in rows) for rows in kept.values()]
    right = "".join("r" if one else "l" for one in numeric)
    head = " & ".join(heads.get(name, escaped(name)) for name in kept) + r" \\"
    groups: list[list[list[str]]] = []
    for n, row in enumerate(zip(*kept.values(), strict=True)):
        if not groups or (by is not None and columns[by][n] != columns[by][n - 1]):
            groups.append([])
        groups[-1].append([_cell(x, decimals) for x in row])
    return tabular([head], right, groups)


def _cell(x: str | Fraction | None, decimals: int | None) -> str:
    if isinstance(x, Fraction):
        return tex(x, decimals)
    return "" if x is None else f"$-${escaped(x[1:])}" if x.startswith("-") else escaped(x)


def mechanism(found: Mechanism, decimals: int | None, by: str) -> str:
    """By profile: types, outcome, what each pays. By type: probability, expected payment and utility."""
    if by == "type":
        heads = {"payment": "expected payment", "utility": "expected utility"}
        return table(interim(found), decimals, heads, "agent")
    env, names = found.environment, [agent.name for agent in found.environment.agents]
    columns: dict[str, Column] = {name: found.columns()[name] for name in names}
    columns["outcome"] = [
        " + ".join(env.outcomes[x] if w == 1 else f"{w} {env.outcomes[x]}" for x, w in sorted(q.items()))
        for q in found.lotteries
    ]
    heads = {}
    for name, paid in zip(names, found.transfers, strict=True):
        columns[payment(name)] = list(paid)
        heads[payment(name)] = rf"$t_{{\text{{{escaped(name)}}}}}$"
    return table(columns, decimals, heads, names[0] if len(names) > 1 else None)


def proof(found: Proof, decimals: int | None) -> str:
    """The multipliers: constraint, agent, true type and report, where, types at the profile, weight."""
    columns = multipliers(found)
    if all(where in {"profile", "type"} for where in columns["where"]):
        del columns["where"]
    return table(columns, decimals, {}, "agent")
