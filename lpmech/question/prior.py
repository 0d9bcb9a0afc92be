"""Profiles of types, and probabilities of them that are no product: joint priors (C2, C3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from numbers import Integral
from typing import Any

from lpmech.base.arguments import need
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, exact_masses, rational

Profile = tuple[int, ...]
"""Type numbers, from 0, in agent order."""


def correlated_prior(
    sizes: Sequence[int],
    masses: Mapping[Any, Rational] | None,
    labels: Sequence[Sequence[str]] | None = None,
) -> dict[Profile, Fraction] | None:
    """Check a joint prior {profile: mass}; profiles left out have mass 0. None, which is no joint prior, stays None.

    Profiles are type numbers from 0, or types by the texts of their ``labels``: {("low", "1/2"): "1/8", ...}.
    """
    if masses is None:
        return None
    prior: dict[Profile, Fraction] = {}
    need(masses, Mapping, "a dictionary", "prior", 'masses by type numbers from 0, such as {(0, 1): "1/8", ...}')
    for number, (given, mass) in enumerate(masses.items()):
        profile = numbered(given, labels) if labels is not None else given
        if not _exists(profile, sizes):
            raise InputError(
                "a profile that does not exist",
                key=f"prior.profiles[{number}].types",
                value=list(given) if isinstance(given, tuple) else repr(given),
                expected=f"type numbers below {list(sizes)}, or labels of types, one an agent",
            )
        prior[tuple(map(int, profile))] = rational(mass)
    exact_masses(list(prior.values()), "prior", "prior.profiles", "prior.profiles[{}].probability")
    return prior


def numbered(profile: Any, labels: Sequence[Sequence[str]]) -> Any:
    """A profile by numbers, where some entries are texts of types' labels; as it is where they are none."""
    if not isinstance(profile, tuple) or len(profile) != len(labels):
        return profile
    pairs = zip(profile, labels, strict=True)
    return tuple(names.index(k) if isinstance(k, str) and k in names else k for k, names in pairs)


def _exists(profile: object, sizes: Sequence[int]) -> bool:
    """Whether a profile is a tuple of whole numbers, one a type of each agent."""
    if not isinstance(profile, tuple) or len(profile) != len(sizes):
        return False
    whole = all(isinstance(k, Integral) and not isinstance(k, bool) for k in profile)
    return whole and all(0 <= k < n for k, n in zip(profile, sizes, strict=True))


def marginals(sizes: Sequence[int], prior: Mapping[Profile, Fraction]) -> tuple[tuple[Fraction, ...], ...]:
    """Each agent's marginal masses under a joint prior."""
    out = [[Fraction(0)] * n for n in sizes]
    for profile, mass in prior.items():
        for i, k in enumerate(profile):
            out[i][k] += mass
    return tuple(tuple(masses) for masses in out)
