"""Formulations: linear programs over mechanisms, one file each; the file's name is the name of the method.

A formulation turns an instance into a cvxpy problem (written like the mathematics, every number a Parameter) and
knows the way back: its primal solution becomes a mechanism, its dual solution becomes multipliers on the constraints
of the definition. Laws:

* ``accepts`` looks at the requirements first and at numbers as little as possible: it is asked about every instance;
* every constraint of the definition that the formulation leaves out is implied by a theorem that its docstring names;
* ``mechanism`` of a feasible point meets every requirement with z in the place of 0 (conventions C9), exactly;
* ``multipliers`` of an optimal dual solution, which are weights on the definition's constraints alone, prove the
optimum.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.programs.linear_program import LinearProgram
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.orbits import Symmetry

if TYPE_CHECKING:
    import cvxpy as cp


@dataclass(frozen=True)
class Program:
    """A formulation's cvxpy problem on one instance. Users may solve it or add to it; the numbers are in its
    Parameters.

    ``variables`` and ``constraints`` are named as in the docs ("h_B", "t_S", "z"; "no deficit", "BIC[buyer]").
    ``relaxable`` names the constraints that no lump sum can meet: relaxing them always leaves a feasible program.
    ``level`` names the constraint z = 0 of objectives other than the margin, if there is one.
    """

    problem: cp.Problem
    variables: Mapping[str, cp.Variable]
    constraints: Mapping[str, cp.Constraint]
    allocation: Mapping[str, cp.Expression]
    relaxable: tuple[str, ...]
    level: str | None = None
    labels: Mapping[str, Mapping[tuple[int, ...], str]] = field(default_factory=dict)
    """What entries of variables are about, by variable and place: ``labels["t_B"][1, 0]`` is "buyer 6, seller 1"."""


class Formulation(ABC):
    """One way to write the question as a linear program."""

    name: ClassVar[str]
    strategy: str = "primal"
    """Which simplex solves it quickly, "primal" or "dual" (docs/solver.md)."""

    symmetry: Symmetry | None = None
    """Identical agents that the program treats alike; its mechanisms and multipliers are then up to relabelling them."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def labels(self) -> Mapping[str, Mapping[tuple[int, ...], str]]:
        """What entries of variables are about, by name of the variable and place: types, outcomes; nothing if not said."""
        return {}

    def margin_question(self) -> Formulation:
        """The same program about the margin."""
        return type(self)(self.instance.with_objective(Objective("margin")))

    @classmethod
    @abstractmethod
    def accepts(cls, instance: Instance) -> str | None:
        """None if the formulation answers the instance, else why it does not: "transfers are groves, not any"."""

    @classmethod
    def preferred(cls, instance: Instance) -> bool:
        """Whether "auto" may take the formulation for an instance that it accepts; if not, it answers when it is named."""
        return True

    @classmethod
    @abstractmethod
    def entries(cls, instance: Instance) -> int:
        """About how large the program and its tables are, in variables and rows (about 1 kB each); no table is made."""

    @abstractmethod
    def shape(self) -> tuple[Any, ...]:
        """Everything that decides the form of the program, but no number: programs of one shape are compiled once."""

    @abstractmethod
    def numbers(self) -> dict[str, np.ndarray]:
        """Exact values of the program's parameters, by name."""

    @abstractmethod
    def program(self, sizes: Mapping[str, tuple[int, ...]]) -> Program:
        """The cvxpy problem, no parameter set; ``sizes`` are the shapes of the parameters in ``numbers``."""

    @abstractmethod
    def mechanism(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        """The mechanism of a primal solution {variable: fmpq array}."""

    @abstractmethod
    def directions(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        """The change of transfers (no lotteries) along a direction {variable: fmpq array} of the recession cone."""

    @abstractmethod
    def multipliers(self, duals: Mapping[str, np.ndarray]) -> Sequence[Multiplier]:
        """The non-zero weights on the definition's constraints of a dual solution {constraint: fmpq array}."""


@dataclass(frozen=True)
class Compiled:
    """A formulation with its exact program."""

    formulation: Formulation
    program: Program | None
    """None where the program was written row by row, not in cvxpy."""
    lp: LinearProgram


def names() -> list[str]:
    """Names of the formulations there are: the files of this folder that do not start with an underscore."""
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def named(name: str) -> type[Formulation]:
    """The formulation of that name; its file is imported (and cvxpy with it) only now."""
    return import_module(f"{__name__}.{name}").formulation


def smallest(instance: Instance) -> str:
    """Name of the formulation with the smallest program among those that answer the instance and are preferred."""
    fitting = [kind for kind in map(named, names()) if kind.accepts(instance) is None and kind.preferred(instance)]
    return min(fitting, key=lambda kind: kind.entries(instance)).name
