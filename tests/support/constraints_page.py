"""docs/constraints.md, written from the classes: in tests/, python -m support.constraints_page > ../docs/constraints.md"""

from __future__ import annotations

import sys

from lpmech.question import constraints
from lpmech.question.constraints import Constraint
from lpmech.question.constraints.linear import Linear

HEAD = """# Constraints

A requirement of an instance file asks for a constraint by a word. A constraint is a family of linear rows over what a
mechanism does, one row for each place of its scope. `lpmech/question/constraints/` has one class for each, and this page is
written from them; [the conventions](conventions.md) say why the definitions are as they are.

Rows of a constraint whose scope is a type are not imposed for types without beliefs (conventions C3). The margin z stands
in the place of 0 in the budget; without a budget in participation (C9).
"""

KEYS = {
    "incentive_compatibility": "Incentives",
    "individual_rationality": "Participation",
    "budget": "Budget",
    "payments": "Payments",
    "linear": "Linear requirements",
}

TITLES = {Linear: "a linear requirement, by its name"}
SCOPES = {Linear: "at each profile; or in expectation; or in expectation, for each type of an agent"}
COQ = {Linear: "`AtProfiles`, `InExpectation`, `GivenType`"}
RELATIONS = {Linear: ">=, = or <="}


def section(kind: type[Constraint]) -> str:
    formula = (kind.__doc__ or "").strip()
    weaker = "" if kind.weaker is None else f" Whatever meets it meets {kind.weaker.title}."
    word = f'`{kind.key} = "{kind.word}"`'
    if kind.key in ("payments", "linear"):
        word = f"`{kind.key}`" if kind is Linear else f"`{kind.word}` in `{kind.key}`"
    named = "its own name" if kind.key in ("payments", "linear") else f"`{kind.property_name()}`"
    rows = "" if kind.formal_row is None else f", rows `{kind.formal_row}`"
    coq = COQ.get(kind, f"`{kind.formal}`{rows}")
    lumps = "can" if kind.lump_sums else "cannot"
    one = kind()
    beliefs = "; asks for beliefs" if one.needs_beliefs else ""
    return f"""### {TITLES.get(kind, kind.title)}

{kind.meaning[0].upper()}{kind.meaning[1:]}.{weaker}

    {formula}

| | |
|---|---|
| scope | {SCOPES.get(kind, one.scope.value)}{beliefs} |
| relation | `{RELATIONS.get(kind, one.relation.value)}` |
| word in instance files | {word} |
| word in proof files | `{kind.code}` |
| property in audits | {named} |
| names in Coq | {coq} |
| lump sums | {lumps} meet it |
"""


def page() -> str:
    parts = [HEAD]
    for key in KEYS:
        parts.append(f"## {KEYS[key]}\n")
        parts += [section(kind) for kind in constraints.of_key(key)]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
