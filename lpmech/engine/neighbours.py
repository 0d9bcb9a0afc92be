"""Instances one after another: neighbours that ask one question are answered together, in arrays."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from lpmech.base.errors import InputError
from lpmech.engine.batch import kernel, solve_batch
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.requirements import Requirements

if TYPE_CHECKING:
    from lpmech.answer.result import Result

TOGETHER = 4096
"""Instances that ``results`` answers in one go."""


def solve_many(
    instances: Iterable[Instance], *, method: str = "auto", proof: Literal["always", "on-request"] = "always"
) -> Iterator[Result]:
    """Results in order, each program from the last one's basis; on request, see ``results`` (``lpmech.solve_many``)."""
    from lpmech import engine

    if proof not in ("always", "on-request"):
        raise InputError("when to make proofs", value=repr(proof), expected='"always" or "on-request"')
    if proof == "on-request" and method == "auto":
        return results(instances)
    memory = engine.Memory()
    return (engine.solve(instance, method=method, memory=memory) for instance in instances)


def results(instances: Iterable[Instance]) -> Iterator[Result]:
    """Results in order: neighbours with one question and shape together where a closed form answers them, without proofs;
    the others one by one, with proofs."""
    from lpmech import engine

    memory = engine.Memory()
    for shared, group in groupby(instances, question):
        if shared is None:
            yield from (engine.solve(instance, memory=memory) for instance in group)
        else:
            while some := list(islice(group, TOGETHER)):
                yield from _together(some)


def question(instance: Instance) -> tuple[Requirements, tuple[int, ...]] | None:
    """What neighbours have to share to be answered together; None if no closed form can do that."""
    env, need = instance.environment, instance.requirements
    suits = isinstance(env, BilateralTrade) and env.prior is None and instance.objective.maximize == "margin"
    return (need, env.sizes) if suits and need.allocation == "efficient" and kernel(need) is not None else None


def _whole(rows: list[list[int]]) -> np.ndarray:
    """As 64-bit integers if they fit."""
    try:
        return np.array(rows, dtype=np.int64)
    except OverflowError:
        return np.array(rows, dtype=object)


def _together(instances: list[Instance]) -> Iterator[Result]:
    from lpmech.answer.result import Result

    start = time.perf_counter()
    worlds = [cast(BilateralTrade, instance.environment) for instance in instances]
    units = [math.lcm(one.buyer.scaled[0].over, one.seller.scaled[0].over) for one in worlds]
    sides = []
    for given in ([one.buyer.scaled for one in worlds], [one.seller.scaled for one in worlds]):
        values = [[v * (by // x.over) for v in x.of] for by, (x, _) in zip(units, given, strict=True)]
        sides.append((_whole(values), _whole([list(masses.of) for _, masses in given])))
    batch = solve_batch(instances[0].requirements, sides[0], sides[1], unit=units)
    margins = list(map(batch.margin, range(len(batch))))
    each = (time.perf_counter() - start) / len(batch)
    for row, (instance, exists, margin) in enumerate(zip(instances, batch.exists.tolist(), margins, strict=True)):
        verdict = "exists" if exists else "impossible"
        yield Result(instance, verdict, margin, margin, batch.method_of(row), False, each)
