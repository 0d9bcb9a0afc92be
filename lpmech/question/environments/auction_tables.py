"""How instance files describe auctions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from lpmech.base.errors import InputError
from lpmech.base.fields import Choice, Line, Number, Table, WholeNumber
from lpmech.question.distribution import Distribution
from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.table import LawField
from lpmech.question.environments import Count, EnvironmentTable, TypesTable, replicated_names
from lpmech.question.environments.auction import Auction
from lpmech.question.environments.bidder import PREFERENCES, Bidder

LINE = ("values", "probabilities", "weights", "grid", "distribution")
"""Keys of one-dimensional types."""

Units = Annotated[int, WholeNumber(1, 10**6)]


@dataclass(frozen=True, kw_only=True)
class BidderTable(Table):
    """Identical bidders. Their types are values of a unit, or of each object (components)."""

    values: list[Number] | None = None
    """Value of a unit, strictly increasing."""
    probabilities: list[Number] | None = None
    """Probability of each value; they sum to exactly 1."""
    weights: list[Number] | None = None
    """Instead of probabilities: non-negative weights, which are normalised."""
    grid: Grid | None = None
    """Instead of values: an equally spaced grid."""
    distribution: LawField | None = None
    """With a grid: the distribution to put on it."""
    demand: Units | None = None
    """Most units that he gets, 1 if left out."""
    components: dict[Line, TypesTable] | None = None
    """With objects: his value of each, independent of each other; types list them in the order of objects."""
    preferences: Annotated[str, Choice(PREFERENCES)] | None = None
    """With objects: additive (if left out), or unit-demand: he gets at most one."""
    name: Line | None = None
    """Name; several identical bidders are called name-1, name-2, ..."""
    count: Count = 1
    """How many there are."""

    def __post_init__(self) -> None:
        if self.components is not None and any(getattr(self, key) is not None for key in LINE):
            raise InputError("both components and values", expected="values of a unit, or components by object")
        if self.components is not None and not self.components:
            raise InputError("no components", key="components", expected="one for each object")
        _ = self.parts  # complain now, while the place in the file is known

    @cached_property
    def parts(self) -> Mapping[str, TypesTable]:
        """The tables of one-dimensional values, by object; of a unit, by the key of this table, which is empty."""
        if self.components is not None:
            return self.components
        return {"": TypesTable(**{key: getattr(self, key) for key in LINE})}


@dataclass(frozen=True, kw_only=True)
class AuctionTable(EnvironmentTable):
    """Auction: identical units or distinct objects of the designer. Outcomes: all ways to sell, the fewest sold first."""

    kind: Literal["auction"]
    units: Units | None = None
    """Number of identical units, 1 if neither units nor objects are given."""
    objects: list[Line] | None = None
    """Instead: names of distinct objects."""
    cost: Number = Fraction(0)
    """What each unit, or each object not in costs, is worth to the designer unsold."""
    costs: dict[Line, Number] | None = None
    """The same by object."""
    bidders: list[BidderTable]
    """The bidders, in order."""

    def build(self) -> Auction:
        tables = [table for table in self.bidders for _ in range(table.count)]
        origin = [i for i, table in enumerate(self.bidders) for _ in range(table.count)]
        alone = "bidder" if len(tables) == 1 else None
        names = replicated_names([(table.name or alone, table.count) for table in self.bidders], "bidder")
        built = [self._bidder(i) for i in range(len(self.bidders))]
        try:
            bidders = [Bidder(*built[i], name) for i, name in zip(origin, names, strict=True)]
            objects = None if self.objects is None else list(self.objects)
            return Auction(bidders, self.units, objects=objects, cost=self.cost, costs=self.costs, prior=self.masses)
        except InputError as error:  # about bidder number i of the environment, who may be one of several of one table
            error.key = re.sub(r"^bidders\[(\d+)\]", lambda m: f"bidders[{origin[int(m[1])]}]", error.key or "")
            raise

    def _bidder(self, i: int) -> tuple[Distribution | Mapping[str, Distribution], int | None, str | None]:
        """Values, demand, preferences of one table's bidders."""
        table, key = self.bidders[i], f"bidders[{i}]"
        try:
            if table.components is None:
                values: Distribution | Mapping[str, Distribution] = self.distribution("", table.parts[""])
            else:
                known = {name: self.distribution(f"components.{name}", one) for name, one in table.components.items()}
                values = known
                order = list(known)
                if self.prior is not None and self.objects is not None and order != list(self.objects):
                    raise InputError(
                        "components in another order than the objects",
                        key="components",
                        expected="the order of objects: the joint prior numbers the types by it",
                    )
            Bidder(values, table.demand, table.preferences)  # complains about what does not go together
        except InputError as error:
            error = error.under(key)
            error.key = (error.key or "").replace("..", ".")
            raise error from None
        return values, table.demand, table.preferences
