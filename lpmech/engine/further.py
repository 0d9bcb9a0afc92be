"""Questions with further requirements: the verdict at z = 0, the margin and the value beside it, each with its argument.

With bounds on payments or linear requirements, lower z need not be met where a higher one is (C13): under balance the
levels that can be met are an interval that may lie above 0. So the verdict is decided at z = 0, by a program of its own
where the margin does not settle it.

Every answer rests on programs that are feasible and bounded: the question's own where it is, the relaxed program (the
least violation of all constraints, positive exactly if they cannot be met) and the recession program.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lpmech.answer.arguments import FEASIBILITY, MARGIN, OBJECTIVE, REQUIREMENTS, Argument, Cases, Leaf
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.base.errors import UndecidedError
from lpmech.base.exact import from_flint
from lpmech.base.phase import phase
from lpmech.certify import ExactSolution, optimum
from lpmech.certify.solver import Solver
from lpmech.programs.full_rows import FullRows
from lpmech.programs.linear_program import LinearProgram
from lpmech.question.constraints import Relation
from lpmech.question.model import Instance
from lpmech.question.objective import Objective


@dataclass(frozen=True)
class Found:
    """The best of a program, or why there is none: a value and a mechanism that attains it, or a ray from a mechanism.

    ``tree`` shows that nothing is better, or that nothing exists (then ``mechanism`` is None). ``level`` is z.
    """

    tree: Leaf | Cases | None
    mechanism: Mechanism | None = None
    value: Fraction | None = None
    level: Fraction = Fraction(0)
    ray: Mechanism | None = None


Search = Callable[[Instance, bool], Found]
"""The largest z or, with z = 0, the largest objective (of an instance; whether z = 0)."""


def decide(instance: Instance, search: Search) -> Proof:
    """A proof of the verdict, with margin or value."""
    if instance.objective.maximize != MARGIN:
        return _objective(instance, search)
    zero = None
    if not instance.requirements.levelled:  # z stands nowhere: it is infinite if a mechanism exists
        zero = search(instance.with_objective(Objective("welfare")), True)
        return _settled(instance, zero)
    best = search(instance, False)
    if best.mechanism is None:
        return _impossible(instance, -math.inf, FEASIBILITY, best)
    if best.value is not None and best.value < 0:
        return _impossible(instance, best.value, MARGIN, best)
    mechanism = best.mechanism if best.value == 0 or not _equal(instance) else None
    if mechanism is None or (best.value is None and best.level < 0):
        zero = search(instance.with_objective(Objective("welfare")), True)
        mechanism = zero.mechanism
    margin = math.inf if best.value is None else best.value
    arguments = [] if best.tree is None else [Argument(MARGIN, best.tree)]
    if zero is not None and mechanism is None:
        assert zero.tree is not None
        shown = (Argument(REQUIREMENTS, zero.tree), *arguments)
        return _proof(instance, "impossible", margin, margin, None, shown, best)
    return _proof(instance, "exists", margin, margin, mechanism, tuple(arguments), best)


def _equal(instance: Instance) -> bool:
    """Whether z stands in equalities, so that a mechanism of a higher level is none of level 0."""
    rule = instance.requirements.budget_rule
    return rule is not None and rule.relation is Relation.EQUAL


def _settled(instance: Instance, zero: Found) -> Proof:
    """Neither budget nor participation: all or nothing."""
    if zero.mechanism is None:
        assert zero.tree is not None
        return _impossible(instance, -math.inf, FEASIBILITY, Found(_at_any_level(zero.tree)))
    return _proof(instance, "exists", math.inf, math.inf, zero.mechanism, (), None)


def _at_any_level(tree: Leaf | Cases) -> Leaf | Cases:
    """What contradicts the requirements as they stand does so at every z, if z stands in none of them."""
    if isinstance(tree, Leaf):
        assert tree.bounds == REQUIREMENTS
        return Leaf(FEASIBILITY, tree.multipliers)
    return Cases(tree.profile, tuple((x, _at_any_level(below)) for x, below in tree.cases))


def _objective(instance: Instance, search: Search) -> Proof:
    best = search(instance, True)
    if best.mechanism is None:
        assert best.tree is not None
        return _proof(instance, "impossible", None, None, None, (Argument(REQUIREMENTS, best.tree),), None)
    value = math.inf if best.value is None else best.value
    shown = () if best.tree is None else (Argument(OBJECTIVE, best.tree),)
    return _proof(instance, "exists", None, value, best.mechanism, shown, best if best.ray is not None else None)


def _impossible(instance: Instance, margin: Fraction | float, shows: str, best: Found) -> Proof:
    assert best.tree is not None
    return _proof(instance, "impossible", margin, margin, None, (Argument(shows, best.tree),), best)


def _proof(
    instance: Instance,
    verdict: str,
    margin: Fraction | float | None,
    value: Fraction | float | None,
    mechanism: Mechanism | None,
    arguments: tuple[Argument, ...],
    best: Found | None,
) -> Proof:
    """``best``: what attains the margin, or the ray that it grows along; left out where ``mechanism`` shows the same."""
    ray = None if best is None else best.ray
    shown = None if best is None or best.mechanism is mechanism or best.mechanism is None else best.mechanism
    leaf = arguments[0].tree if arguments and isinstance(arguments[0].tree, Leaf) else None
    return Proof(
        instance,
        verdict,
        margin,
        value,
        mechanism,
        ray=ray,
        multipliers=None if leaf is None else leaf.multipliers,
        bounds=None if leaf is None else leaf.bounds,
        arguments=arguments,
        best=shown,
        best_level=None if shown is None or best is None else best.level,
    )


class Programs:
    """Searches without cases: one program, its relaxed program, its recession program."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver

    def search(self, instance: Instance, level: bool, decided: dict[int, int] | None = None) -> Found:
        """The best mechanism whose decided profiles have these outcomes, with z = 0 or of largest z."""
        with phase("writing the program"):
            form = FullRows(instance, decided)
            lp = form.linear_program(level)
        best = self.optimum(form, lp)
        if best is not None:
            return self.optimal(form, lp, best, level)
        relaxed = self.optimum(form, lp.relaxed(form.relaxable), certain=True)
        if relaxed is None:
            raise UndecidedError(
                "no basis of the program that says whether the requirements can be met could be proved optimal with the"
                " effort allowed"
            )
        if relaxed.value != 0:
            y = lp.unrelaxed_duals(relaxed.y, form.relaxable)
            return Found(Leaf(REQUIREMENTS if level else FEASIBILITY, form.multipliers(lp.duals(y))))
        recession = self.optimum(form, lp.recession(), certain=True)
        if recession is not None and recession.value != 0:
            point = relaxed.x[:-1]
            z = _level(form, point)
            if not level and z < 0:
                point = point - recession.x * point[form.of.z]
            ray = form.directions(lp.primal(recession.x))
            return Found(None, form.mechanism(lp.primal(point)), None, max(z, Fraction(0)), ray)
        best = None if recession is None else self.optimum(form, lp, certain=True)
        if best is None:
            raise UndecidedError("no basis of the question's program could be proved optimal with the effort allowed")
        return self.optimal(form, lp, best, level)

    def optimum(self, form: FullRows, lp: LinearProgram, *, certain: bool = False) -> ExactSolution | None:
        """Exact optimum of a program, None if there is none or none was found."""
        return optimum(lp, self.solver, certain=certain, strategy=form.strategy)

    def optimal(self, form: FullRows, lp: LinearProgram, best: ExactSolution, level: bool) -> Found:
        """The answer of a program that has one."""
        leaf = Leaf(OBJECTIVE if level else MARGIN, form.multipliers(lp.duals(best.y)))
        mechanism = form.mechanism(lp.primal(best.x))
        return Found(leaf, mechanism, from_flint(best.value), _level(form, best.x))


def _level(form: FullRows, point: np.ndarray) -> Fraction:
    return from_flint(point[form.of.z])
