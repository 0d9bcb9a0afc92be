"""Auctions: identical units, or distinct objects, that the designer owns, and bidders for them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import product
from numbers import Integral
from typing import Any

from lpmech.base.arguments import entries, labels, need
from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import Rational, rational
from lpmech.base.fields import one_of
from lpmech.question.distribution import Distribution
from lpmech.question.environment import Agent, Environment, Valuations
from lpmech.question.environments.bidder import Bidder, bidder_names
from lpmech.question.environments.bundles import Bundle, objects_handed, units_handed, ways_of_objects, ways_of_units
from lpmech.question.prior import Profile, correlated_prior

MAX_OUTCOMES = 200_000
"""Most ways to hand everything out."""

MAX_HANDED = 5_000_000
"""Most outcomes times bidders, and most types of one bidder times outcomes: about a second and 500 MB each."""


class Auction(Environment):
    """Who gets how many of ``units`` identical units, or which of the ``objects``; what is left stays with the designer.

    v_i(x, k) in money: the value of a unit times the units that i gets, or the sum of the values of his objects. No
    outcome gives a bidder more units than his demand, or more than one object if his preferences are unit-demand (he values
    several like the best of them: a further one is worth nothing to him). Cost of an outcome: ``cost`` for each unit sold;
    the sum over the objects sold, ``costs`` of those named there and ``cost`` of the others. Outside options 0.

    Agents: the bidders in the order given, named bidder-1, bidder-2, ... (bidder if alone) unless named. Types: values;
    with objects, lists of values in the order of the objects, the first slowest: "3, 1".
    Outcomes: by how many are sold, from "unsold" up. Units: then by how many the first bidder gets, from the most down,
    then the second, and so on: "bidder-1 2", "bidder-1 1, bidder-2 1", "bidder-2 2". Objects: then by which are sold
    (lexicographically by their numbers), then by who gets the first of them, and so on: "car: bidder-2, boat: unsold".
    Raises InputError, and TooLargeError if there are more than ``MAX_OUTCOMES`` outcomes.
    Source: Myerson 1981, Section 2; with several units or objects, efficient-mechanisms-notes, Section 1.
    """

    kind = "auction"
    proof_format = 2

    def __init__(
        self,
        bidders: Iterable[Bidder],
        units: int | None = None,
        *,
        objects: Iterable[Hashable] | None = None,
        cost: Rational = 0,
        costs: Mapping[Any, Rational] | None = None,
        prior: Mapping[Profile, Rational] | None = None,
    ) -> None:
        one = "lpmech.Bidder(lpmech.Distribution([1, 2]))"
        self.bidders: tuple[Bidder, ...] = entries(bidders, "bidders", f"a list of bidders, such as {one}")
        if not self.bidders:
            raise InputError("an auction without bidders", key="bidders", expected="one or more")
        for i, bidder in enumerate(self.bidders):
            need(bidder, Bidder, "a bidder", f"bidders[{i}]", one)
        if units is not None and objects is not None:
            raise InputError("both units and objects", key="units", expected="identical units, or distinct objects")
        if units is not None and (not isinstance(units, Integral) or isinstance(units, bool) or units < 1):
            raise InputError("not a number of units", key="units", value=units, expected="a whole number from 1")
        self.objects: tuple[str, ...] | None = None
        if objects is not None:
            named = entries(objects, "objects", 'names, such as ["car", "boat"]')
            self.objects = labels(named, "an object", "objects", "objects must be named, once each")
            if not self.objects:
                raise InputError("no objects", key="objects", expected="one or more")
        self.units = int(units or 1)
        self._read_costs(cost, costs)
        for i, bidder in enumerate(self.bidders):
            self._must_fit(bidder, f"bidders[{i}]")
        self._names = bidder_names(self.bidders)
        self._must_be_small()
        if len(set(self.outcomes)) < len(self.outcomes):
            raise InputError("names that make two outcomes the same", key="bidders", expected="names without , and :")
        self.prior = correlated_prior([self._type_count(b) for b in self.bidders], prior)

    def _read_costs(self, cost: Rational, costs: Mapping[Any, Rational] | None) -> None:
        try:
            each = rational(cost)
        except InputError as error:
            raise error.located(key="cost") from None
        self.cost, self.object_costs = each, (each,) * len(self.objects or ())
        if costs is None:
            return
        need(costs, Mapping, "a dictionary", "costs", 'costs by object: {"car": 1, ...}')
        if self.objects is None:
            raise InputError("costs of objects, and there are units", key="costs", expected="cost: of each unit")
        given: dict[str, Fraction] = {}
        for name, amount in costs.items():
            if str(name) not in self.objects:
                raise InputError("no such object", key=f"costs.{name}", expected=one_of(self.objects, str(name)))
            try:
                given[str(name)] = rational(amount)
            except InputError as error:
                raise error.located(key=f"costs.{name}") from None
        self.object_costs = tuple(given.get(name, each) for name in self.objects)

    def _must_fit(self, bidder: Bidder, key: str) -> None:
        """Values are of units or of these objects."""
        if self.objects is None:
            if isinstance(bidder.values, Mapping):
                raise InputError(
                    "components where units are sold", key=f"{key}.components", expected="values of a unit"
                )
            return
        if not isinstance(bidder.values, Mapping):
            wanted = ", ".join(f"{name} = ..." for name in self.objects[:5])
            raise InputError(
                "no values of the objects", key=f"{key}.components", expected=f"components = {{ {wanted} }}"
            )
        for name in bidder.values:
            if name not in self.objects:
                raise InputError("no such object", key=f"{key}.components.{name}", expected=one_of(self.objects, name))
        for name in self.objects:
            if name not in bidder.values:
                raise InputError(
                    f"no values of {name}",
                    key=f"{key}.components.{name}",
                    expected="values, [0] if he has no use for it",
                )

    def _must_be_small(self) -> None:
        """Raise TooLargeError before anything is listed that is too long."""
        count = self._outcome_count()
        if count > MAX_OUTCOMES:
            raise TooLargeError(
                f"{len(self.bidders)} bidders and {self._goods} have more than {MAX_OUTCOMES:,} outcomes",
                expected="fewer bidders, units or objects, or less demand",
            )
        types = max(map(self._type_count, self.bidders))
        if count * max(len(self.bidders), types) > MAX_HANDED:
            largest = (
                f"{len(self.bidders)} bidders, one of {types:,} types" if types > 1 else f"{len(self.bidders)} bidders"
            )
            raise TooLargeError(
                f"{largest}, and {count:,} outcomes",
                expected=f"at most {MAX_HANDED:,} outcomes times bidders, and outcomes times types of one bidder",
            )

    @property
    def called(self) -> str:
        named = " and ".join(self.objects or ())
        return f"auction of {named if named and len(named) <= 40 else self._goods}"

    @property
    def _goods(self) -> str:
        goods, word = (self.units, "unit") if self.objects is None else (len(self.objects), "object")
        return f"{goods} {word}" + ("s" if goods > 1 else "")

    def _type_count(self, bidder: Bidder) -> int:
        return math.prod(map(len, self._parts(bidder)))

    def _parts(self, bidder: Bidder) -> list[Distribution]:
        """Of a unit, or of each object in order."""
        if isinstance(bidder.values, Distribution):
            return [bidder.values]
        return [bidder.values[name] for name in self.objects or ()]

    def _outcome_count(self) -> int:
        """How many outcomes there are; some number above ``MAX_OUTCOMES`` if they are more."""
        if self.objects is None:
            return ways_of_units(self.units, [bidder.demand for bidder in self.bidders], MAX_OUTCOMES)
        return ways_of_objects(len(self.objects), self._single, MAX_OUTCOMES)

    @property
    def _single(self) -> list[bool]:
        """Whether each bidder gets at most one object."""
        return [bidder.preferences == "unit-demand" for bidder in self.bidders]

    @cached_property
    def bundles(self) -> tuple[tuple[Bundle, ...], ...]:
        """What each bidder gets in each outcome, bundles[x][i]: (units,), or the numbers of his objects."""
        if self.objects is None:
            return units_handed(self.units, [bidder.demand for bidder in self.bidders])
        return objects_handed(len(self.objects), self._single)

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        types = [list(product(*(part.values for part in self._parts(bidder)))) for bidder in self.bidders]
        masses = self.believed(
            [math.prod(each, start=Fraction(1)) for each in product(*(part.probabilities for part in self._parts(b)))]
            for b in self.bidders
        )
        return tuple(
            Agent(name, tuple(", ".join(map(str, t)) for t in known), mass, (Fraction(0),) * len(known))
            for name, known, mass in zip(self._names, types, masses, strict=True)
        )

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(map(self._outcome, self.bundles))

    def _outcome(self, got: tuple[Bundle, ...]) -> str:
        if self.objects is None:
            named = [f"{name} {n}" for name, (n,) in zip(self._names, got, strict=True) if n]
            return ", ".join(named) or "unsold"
        owner = {thing: name for name, bundle in zip(self._names, got, strict=True) for thing in bundle}
        if not owner:
            return "unsold"
        return ", ".join(f"{name}: {owner.get(thing, 'unsold')}" for thing, name in enumerate(self.objects))

    @cached_property
    def costs(self) -> tuple[Fraction, ...]:
        if self.objects is None:
            return tuple(self.cost * sum(n for (n,) in got) for got in self.bundles)
        each = self.object_costs
        return tuple(sum((each[thing] for bundle in got for thing in bundle), Fraction(0)) for got in self.bundles)

    def private_valuation(self, agent: int) -> Valuations:
        got, rows = [bundles[agent] for bundles in self.bundles], []
        for values in product(*(part.values for part in self._parts(self.bidders[agent]))):
            worth = {bundle: self._worth(values, bundle) for bundle in set(got)}
            rows.append(tuple(worth[bundle] for bundle in got))
        return tuple(rows)

    def _worth(self, values: tuple[Fraction, ...], bundle: Bundle) -> Fraction:
        if self.objects is None:
            return values[0] * bundle[0]
        return sum((values[thing] for thing in bundle), Fraction(0))

    @cached_property
    def portions(self) -> tuple[tuple[int, ...], ...]:
        """A number for each bundle, in the order in which they come up in the outcomes; 0 for nothing."""
        numbers: dict[Bundle, int] = {}
        return tuple(tuple(numbers.setdefault(bundle, len(numbers)) for bundle in got) for got in self.bundles)

    def names_of(self, agent: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().names_of(agent)[:2], "bidders")))

    def ordered(self, agent: int) -> bool:
        return not self.objects

    def role(self, agent: int) -> str:
        """Bidders who want as much, so that what one gets the other may get."""
        bidder = self.bidders[agent]
        if self.objects is not None:
            return "bidder" if bidder.preferences == "additive" else "bidder of unit demand"
        return "bidder" if bidder.demand == 1 else f"bidder of {bidder.demand} units"

    def table(self) -> dict[str, Any]:
        if self.objects is None:
            what: dict[str, Any] = {"units": self.units, "cost": str(self.cost)}
        else:
            costs = zip(self.objects, map(str, self.object_costs), strict=True)
            what = {"objects": list(self.objects), "costs": dict(costs)}
        rows = zip(self._names, self.bidders, strict=True)
        return {"kind": self.kind, **what, "bidders": [{"name": name, **self._bidder(b)} for name, b in rows]}

    def _bidder(self, bidder: Bidder) -> dict[str, Any]:
        laws = [part.table() for part in self._parts(bidder)]
        if self.prior is not None:  # it says how likely types are, and nothing else does
            laws = [{"values": law["values"]} for law in laws]
        if self.objects is None:
            return {**laws[0], "demand": bidder.demand}
        return {"preferences": bidder.preferences, "components": dict(zip(self.objects, laws, strict=True))}
