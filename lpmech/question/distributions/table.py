"""Laws as instance files write them: { family = ... }, { atom = ... }, { mixture = [...] }."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

from lpmech.base.errors import Complaints, InputError
from lpmech.base.exact import rational
from lpmech.base.fields import Context, ExactNumber, Reader, one_of, written
from lpmech.question.distributions import Law, exact_families
from lpmech.question.distributions.atom import Atom
from lpmech.question.distributions.mixture import Mixture
from lpmech.question.distributions.scipy_family import ScipyFamily
from lpmech.question.distributions.truncated import Truncated


def law(table: object, number: Callable[[object], Fraction] = rational) -> Law:
    """Read a law, its numbers by ``number``. Raises InputError with keys relative to the table."""
    if not isinstance(table, Mapping):
        raise InputError("not a table", value=written(table), expected=f"a table with one of {one_of(tuple(_READERS))}")
    kinds = [kind for kind in _READERS if kind in table]
    if len(kinds) != 1:
        problem = f"{' and '.join(kinds)} together" if kinds else "no distribution"
        raise InputError(problem, value=written(table), expected=f"exactly one of {one_of(tuple(_READERS))}")
    entries = {key: value for key, value in table.items() if key not in {kinds[0], "truncate"}}
    truncate = table.get("truncate", False)
    if not isinstance(truncate, bool):
        raise InputError("not a truth value", key="truncate", value=written(truncate), expected="true or false")
    found = _READERS[kinds[0]](table[kinds[0]], entries, number)
    return Truncated(found) if truncate else found


def _atom(at: object, entries: Mapping[str, object], number: Callable[[object], Fraction]) -> Law:
    _nothing_but(("truncate",), entries)
    try:
        return Atom(number(at))
    except InputError as error:
        raise error.under("atom") from None


def _family(name: object, entries: Mapping[str, object], number: Callable[[object], Fraction]) -> Law:
    if not isinstance(name, str):
        raise InputError("not the name of a family", key="family", value=written(name), expected="such as 'beta'")
    exact = exact_families().get(name)
    if exact is not None:
        _nothing_but((*exact.parameters, "truncate"), entries)
    numbers, complaints = {}, Complaints()
    for key, value in entries.items():
        with complaints.about(key):
            numbers[key] = number(value)
    complaints.settle()
    return exact(**numbers) if exact is not None else ScipyFamily(name, **numbers)


def _mixture(parts: object, entries: Mapping[str, object], number: Callable[[object], Fraction]) -> Law:
    _nothing_but(("truncate",), entries)
    if not isinstance(parts, list | tuple) or not parts:
        raise InputError("not a list of parts", key="mixture", value=written(parts), expected="[{ weight, ... }, ...]")
    weights, laws, complaints = [], [], Complaints()
    for j, part in enumerate(parts):
        with complaints.about(f"mixture[{j}]"):
            if not isinstance(part, Mapping) or "weight" not in part:
                raise InputError("a part without a weight", value=written(part), expected="weight, and atom or family")
            laws.append(law({key: value for key, value in part.items() if key != "weight"}, number))
            with complaints.about(f"mixture[{j}].weight"):
                weights.append(number(part["weight"]))
    complaints.settle()
    return Mixture(zip(weights, laws, strict=True))


_READERS = {"family": _family, "atom": _atom, "mixture": _mixture}


def _nothing_but(allowed: Sequence[str], entries: Mapping[str, object]) -> None:
    complaints = Complaints()
    for key in entries:
        with complaints.about(key):
            if key not in allowed:
                raise InputError("unknown key", expected=one_of(allowed, key))
    complaints.settle()


class LawTable(Reader):
    """Field of an instance file that holds a law."""

    def read(self, source: Any, context: Context) -> Law:
        return law(source, context.number)

    def json_schema(self) -> dict[str, Any]:
        number = ExactNumber().json_schema()
        part = {"type": "object", "required": ["weight"], "properties": {"weight": number}}
        return {
            "type": "object",
            "description": "A family by name with its parameters, an atom, or a mixture of such parts",
            "properties": {
                "family": {"type": "string", "description": "uniform, or a continuous family of scipy.stats"},
                "atom": number,
                "mixture": {"type": "array", "items": part, "minItems": 1},
                "truncate": {"type": "boolean", "description": "Whether to condition on the interval of the grid"},
            },
            "additionalProperties": number,
            "oneOf": [{"required": [kind]} for kind in _READERS],
        }


LawField = Annotated[Law, LawTable()]
