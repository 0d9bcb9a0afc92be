"""The way through, written once: instance -> program -> basis -> exact solution -> proof -> verified verdict.

Whatever the solver says, a verdict rests on a program that is always feasible and bounded: the margin program where
it is, else the relaxed program (the least violation of incentive and balance constraints, whose optimum is positive
exactly if no subsidy helps) and the recession program (whose optimum is 1 exactly if the objective grows without
bound).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lpmech import closed_forms
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.base.errors import InputError, UndecidedError
from lpmech.base.exact import from_flint
from lpmech.base.phase import phase
from lpmech.certify import ExactSolution, optimum
from lpmech.certify.solver import Basis, Solver, highs
from lpmech.engine.cases import Deterministic
from lpmech.engine.compiling import MAX_ENTRIES as MAX_ENTRIES
from lpmech.engine.compiling import compile_program as compile_program
from lpmech.engine.compiling import formulation as formulation
from lpmech.engine.compiling import program as program
from lpmech.engine.further import Programs, Search
from lpmech.engine.further import decide as decide_further
from lpmech.programs.formulations import Compiled
from lpmech.programs.linear_program import LinearProgram
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.model import Instance
from lpmech.question.objective import Objective

QUESTIONS = {
    "margin": "the margin",
    "welfare": "the largest expected welfare",
    "revenue": "the largest expected revenue",
    "agents-utility": "the largest expected utility of the agents",
    "weighted": "the largest weighted sum",
}
"""What was asked for, by objective: a reason for ``undecided`` begins with it."""


class Memory:
    """Optimal bases of programs solved before, by form of the program: where the search for the next one starts."""

    MOST = 256

    def __init__(self) -> None:
        self._bases: OrderedDict[Any, Basis] = OrderedDict()

    def get(self, key: Any) -> Basis | None:
        """The last optimal basis of a program of this form."""
        return self._bases.get(key)

    def keep(self, key: Any, basis: Basis) -> None:
        """The newest one, without the solver's doubles."""
        self._bases[key] = Basis(basis.active, basis.basic)
        self._bases.move_to_end(key)
        if len(self._bases) > self.MOST:
            self._bases.popitem(last=False)


def solve(instance: Instance, *, method: str = "auto", solver: Solver = highs, memory: Memory | None = None) -> Result:
    """Decide an instance, with proof.

    ``method`` is "auto", or the name of a closed form or of a formulation; "auto" prefers closed forms. ``memory`` starts
    programs from bases of earlier ones and keeps theirs; without it the answer hangs on nothing before. Raises InputError
    (TooLargeError) if the instance is none for the method; never raises for what the solver does, and never answers
    without a proof that the verifier accepted.
    """
    name, decide, looked = _way(
        instance, method, solver, memory
    )  # imports what the method needs: not part of the time to decide
    start = time.perf_counter() - looked
    proof, reason = None, None
    try:
        proof = decide()
        with phase("verifying the proof"):
            report = proof.verify()
        if not report:
            reason = "the verifier refused the proof: " + "; ".join(report.problems[:3])
    except UndecidedError as why:
        reason = str(why)
    seconds = time.perf_counter() - start
    if proof is None or reason is not None:
        return Result(instance, "undecided", None, None, name, False, seconds, None, reason)
    return Result(instance, proof.verdict, proof.margin, proof.value, name, True, seconds, proof)


def _way(
    instance: Instance, method: str, solver: Solver, memory: Memory | None
) -> tuple[str, Callable[[], Proof], float]:
    """Name of the method, and what makes the proof: a closed form asked for or, with "auto", applicable; else a program.
    And how many seconds closed forms took to say whether they apply: some do so by answering."""
    closed_forms.load()
    begun = time.perf_counter()
    closed = closed_forms.applicable(instance) if method == "auto" else str(method).replace("-", "_")
    looked = time.perf_counter() - begun
    if closed is None or closed not in closed_forms.names():
        form = formulation(instance, method)
        if instance.further:
            return form.name, lambda: decide_further(instance, _search(instance, solver)), looked
        classes = None if form.symmetry is None else form.symmetry.classes

        def decide() -> Proof:
            return replace(_Decision(compile_program(form), solver, memory).decide(), symmetry=classes)

        return form.name, decide, looked
    begun = time.perf_counter()
    reason = None if method == "auto" else closed_forms.named(closed).accepts(instance)
    looked += time.perf_counter() - begun
    if reason is not None:
        raise InputError(f"closed form {method} does not apply: {reason}", value=repr(method), expected="auto")
    return closed, lambda: closed_forms.named(closed).solve(instance), looked


def _search(instance: Instance, solver: Solver) -> Search:
    """How the best mechanism is found for a question with further requirements."""
    programs = Programs(solver)
    return programs.search if instance.requirements.lotteries else Deterministic(programs).search


class _Decision:
    """One instance on its way to a proof."""

    def __init__(
        self, compiled: Compiled, solver: Solver, memory: Memory | None, asked: Objective | None = None
    ) -> None:
        """``asked`` is the objective of the question, where this one is only a step towards its answer."""
        assert compiled.program is not None  # questions with further requirements are decided elsewhere
        self.form, self.program, self.lp = compiled.formulation, compiled.program, compiled.lp
        self.instance, self.solver, self.memory = self.form.instance, solver, memory
        self.asked = asked or self.instance.objective
        r = self.instance.requirements
        self.open_ended = r.budget_rule is None or r.participation_rule is None
        """Money can be taken without bound, or no money is at stake: a margin is infinite, one way or the other."""

    def decide(self) -> Proof:
        if self.program.level is not None:
            return self.decide_objective()
        if not self.open_ended:
            best = self.optimum(self.lp, "program")
            if best is not None:
                return self.finite_margin(best)
        return self.without_margin()

    def optimum(self, lp: LinearProgram, which: str, *, certain: bool = False) -> ExactSolution | None:
        """Optimum of the program or of one derived from it, starting from the basis of its predecessor if there is one."""
        key = (self.form.name, self.form.shape(), which)
        start = None if self.memory is None else self.memory.get(key)
        best = optimum(lp, self.solver, certain=certain, start=start, strategy=self.form.strategy)
        if best is not None and self.memory is not None:
            self.memory.keep(key, best.basis)
        return best

    # ---- the margin ----------------------------------------------------------------------------------------------

    def finite_margin(self, best: ExactSolution) -> Proof:
        margin = from_flint(best.value)
        multipliers = self.form.multipliers(self.lp.duals(best.y))
        mechanism, fees = self.form.mechanism(self.lp.primal(best.x)), None
        if margin > 0 and self.instance.requirements.budget_rule is Balanced:
            each = margin / len(self.instance.environment.agents)
            fees = (each,) * len(self.instance.environment.agents)
            mechanism = mechanism.plus(tuple(-fee for fee in fees))
        verdict = "exists" if margin >= 0 else "impossible"
        return Proof(self.instance, verdict, margin, margin, mechanism, fees, None, multipliers, "margin")

    def without_margin(self) -> Proof:
        """The margin is infinite, or was not found: relax, and see whether any mechanism exists at any subsidy."""
        feasible = self.relaxed()
        if isinstance(feasible, Proof):
            return feasible
        if self.instance.requirements.level_rule is None:
            mechanism = self.form.mechanism(self.lp.primal(feasible))
            return Proof(self.instance, "exists", math.inf, math.inf, mechanism)
        move = self.ray()
        if move is None:
            return self.finite_margin(self.certain_optimum())
        z = feasible[self.lp.columns["z"][0]]
        point = feasible - move * z if z < 0 else feasible
        mechanism = self.at_level_zero(self.form.mechanism(self.lp.primal(point)), point)
        ray = self.form.directions(self.lp.primal(move))
        return Proof(self.instance, "exists", math.inf, math.inf, mechanism, None, ray)

    def relaxed(self) -> Proof | np.ndarray:
        """A point that meets every requirement at some z, or the proof that there is none at any z."""
        names = self.program.relaxable
        best = self.optimum(self.lp.relaxed(names), "relaxed", certain=True)
        if best is None:
            raise self.undecided("the program that says whether the requirements can be met")
        if best.value == 0:
            return best.x[:-1]
        y = self.lp.unrelaxed_duals(best.y, names)
        multipliers = self.form.multipliers(self.lp.duals(y))
        return Proof(self.instance, "impossible", -math.inf, -math.inf, None, None, None, multipliers, "feasibility")

    def ray(self) -> np.ndarray | None:
        """Direction of the recession cone that raises the objective by 1, or None if there is none."""
        best = self.optimum(self.lp.recession(), "recession", certain=True)
        if best is None:
            raise self.undecided("the program that says whether it is bounded")
        return best.x if best.value != 0 else None

    def at_level_zero(self, mechanism: Mechanism, point: np.ndarray) -> Mechanism:
        """On balance, hand z back in equal lump sums; elsewhere a mechanism with z >= 0 stands as it is."""
        z = from_flint(point[self.lp.columns["z"][0]])
        if z == 0 or self.instance.requirements.budget_rule is not Balanced:
            return mechanism
        count = len(self.instance.environment.agents)
        return mechanism.plus((-z / count,) * count)

    # ---- other objectives ----------------------------------------------------------------------------------------

    def decide_objective(self) -> Proof:
        best = self.optimum(self.lp, "program")
        if best is not None:
            return self.finite_value(best)
        margin = self._margin_question()
        if margin.verdict == "impossible":
            return replace(margin, instance=self.instance, value=None)
        move = self.ray()
        if move is None:
            return self.finite_value(self.certain_optimum())
        ray = self.form.directions(self.lp.primal(move))
        return Proof(self.instance, "exists", None, math.inf, margin.mechanism, None, ray)

    def finite_value(self, best: ExactSolution) -> Proof:
        multipliers = self.form.multipliers(self.lp.duals(best.y))
        mechanism = self.form.mechanism(self.lp.primal(best.x))
        value = from_flint(best.value)
        return Proof(self.instance, "exists", None, value, mechanism, None, None, multipliers, "objective")

    def certain_optimum(self) -> ExactSolution:
        """Solve the program again, now that it is known to be feasible and bounded."""
        best = self.optimum(self.lp, "program", certain=True)
        if best is None:
            step = self.asked is not self.instance.objective
            raise self.undecided("the program of " + ("a step towards it" if step else "this question"))
        return best

    def undecided(self, program: str) -> UndecidedError:
        """Where the search ended, in words that begin with the question asked."""
        question = QUESTIONS.get(self.asked.maximize, QUESTIONS["weighted"])
        return UndecidedError(
            f"{question} was not found: no basis of {program} could be proved optimal with the effort allowed"
        )

    def _margin_question(self) -> Proof:
        compiled = compile_program(self.form.margin_question())
        return _Decision(compiled, self.solver, self.memory, self.asked).decide()
