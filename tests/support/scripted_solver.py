"""Solvers that lie: whatever they say, a verdict must be right or withheld."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from lpmech.certify.solver import Basis, Image, Proposal, highs

Lie = Callable[[Image, dict[str, Any], random.Random], Proposal]


def _honest(image: Image, options: dict[str, Any]) -> Proposal:
    return highs(image, options)


def nothing(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """Fails without a basis."""
    return Proposal("failed", None)


def infeasible(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """Calls everything infeasible."""
    return Proposal("infeasible", None)


def unbounded(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """Calls everything unbounded."""
    return Proposal("unbounded", _honest(image, options).basis)


def empty(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """Calls the empty basis optimal, with zeros as the solution."""
    none = np.zeros(0, dtype=int)
    return Proposal("optimal", Basis(none, none, np.zeros(len(image.cost)), np.zeros(len(image.b))))


def wrong_sign(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """Minimises instead of maximising."""
    from dataclasses import replace

    return _honest(replace(image, cost=-image.cost), options)


def not_a_number(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """A right basis with NaN for its solution."""
    proposal = _honest(image, options)
    if proposal.basis is None:
        return proposal
    nan = np.full(len(image.cost), np.nan)
    return Proposal("optimal", Basis(proposal.basis.active, proposal.basis.basic, nan, np.full(len(image.b), np.nan)))


def shuffled(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """A random choice of rows and columns, called optimal."""
    rows, columns = len(image.b), len(image.cost)
    size = rng.randint(0, min(rows, columns))
    active = np.array(sorted(rng.sample(range(rows), size)), dtype=int)
    basic = np.array(sorted(rng.sample(range(columns), size)), dtype=int)
    return Proposal("optimal", Basis(active, basic, np.ones(columns) * 1e300, np.ones(rows)))


def uneven(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """More active rows than basic columns."""
    return Proposal("optimal", Basis(np.arange(len(image.b)), np.zeros(0, dtype=int)))


def one_row_off(image: Image, options: dict[str, Any], rng: random.Random) -> Proposal:
    """The right basis with one active row exchanged for another."""
    proposal = _honest(image, options)
    if proposal.basis is None or not len(proposal.basis.active):
        return proposal
    active = proposal.basis.active.copy()
    others = np.setdiff1d(np.arange(len(image.b)), active)
    if len(others):
        active[rng.randrange(len(active))] = rng.choice(others.tolist())
    return Proposal("optimal", Basis(np.sort(active), proposal.basis.basic, proposal.basis.x, proposal.basis.y))


LIES: tuple[Lie, ...] = (nothing, infeasible, unbounded, empty, wrong_sign, not_a_number, shuffled, uneven, one_row_off)


def lying(lie: Lie, seed: int = 0) -> Callable[[Image, dict[str, Any]], Proposal]:
    """A solver that tells one lie, always."""
    rng = random.Random(seed)
    return lambda image, options: lie(image, options, rng)
