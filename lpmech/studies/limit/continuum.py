"""The theorems that have an integral for the continuum, by the question they answer. F and G are the distribution functions
of values and costs; all hold for laws with atoms (docs/limit.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from lpmech.literature.questions import CLASSIC, GROVES_EX_ANTE, GROVES_INTERIM, SOME_BUDGET, unlike
from lpmech.question.distributions import Grid, Law
from lpmech.question.distributions.uniform import Uniform
from lpmech.question.environments.partnership import Partnership
from lpmech.question.model import Instance
from lpmech.studies.limit.integrals import Integral, Line, Number, crossings, integral

Grids = Sequence[tuple[Grid, Law]]


def margin(instance: Instance, grids: Grids) -> Integral | None:
    """The limit of the margin, if a theorem has it."""
    need = instance.requirements
    if instance.objective.maximize != "margin":
        return None
    bayesian = CLASSIC | {"budget": SOME_BUDGET, "transfers": "any"}
    if unlike(instance, "partnership", **bayesian) is None or unlike(instance, "partnership", **GROVES_INTERIM) is None:
        return cramton_gibbons_klemperer(instance, grids)
    if len(grids) != 2 or instance.environment.kind != "bilateral-trade":
        return None
    expected: dict[str, Any] = {
        "incentive_compatibility": ("BIC", "DSIC"),
        "individual_rationality": ("interim", "ex-post"),
        "budget": "no-expected-deficit",
        "transfers": "any",
    }
    if unlike(instance, **bayesian) is None or unlike(instance, **expected) is None:
        return myerson_satterthwaite(*(Line(*one) for one in grids))
    if need.transfers == "groves" and unlike(instance, **GROVES_EX_ANTE) is None:
        return jagadeesan_tordjman(*(Line(*one) for one in grids))
    return None


def first_best(instance: Instance, grids: Grids) -> Integral | None:
    """E[(b - s)^+] = integral of G (1 - F)."""
    if instance.environment.kind != "bilateral-trade" or instance.environment.prior is not None or len(grids) != 2:
        return None
    return _gains(*(Line(*one) for one in grids))


def second_best(instance: Instance, grids: Grids) -> Integral | None:
    """9/64 of the width, for types uniform on one interval. Also of the margin's question, asked with a free allocation."""
    asked = instance.with_requirements(allocation="free").with_objective("welfare")
    bayesian = CLASSIC | {"budget": SOME_BUDGET, "transfers": "any"}
    fits = unlike(asked, "bilateral-trade", objective="welfare", allocation="free", **bayesian) is None
    if not fits or (instance.objective.maximize == "welfare" and instance.requirements.allocation != "free"):
        return None
    if len(grids) != 2:
        return None
    (one, law), (other, seller) = grids
    alike = law == seller and (one.low, one.high) == (other.low, other.high)
    if not alike or not isinstance(law, Uniform) or (law.low, law.high) != (one.low, one.high):
        return None
    return Integral(Fraction(9, 64) * (law.high - law.low), 0.0, "myerson-satterthwaite-1983, Section 5")


def _between(low: Fraction, high: Fraction, *lines: Line) -> list[Fraction]:
    return sorted({low, high, *(x for line in lines for x in line.kinks if low < x < high)})


def _gains(buyer: Line, seller: Line) -> Integral:
    kinks = _between(min(buyer.low, seller.low), max(buyer.high, seller.high), buyer, seller)
    degree = 2 if buyer.linear and seller.linear else None
    return integral(lambda x: seller.at(x) * (1 - buyer.at(x)), kinks, degree, "expected gains from trade")


def myerson_satterthwaite(buyer: Line, seller: Line) -> Integral | None:
    """-(integral of G (1 - F) from the lowest value to the highest cost); their difference if that is negative; and what
    gaps between types add. None if that is not known."""
    source = "myerson-satterthwaite-1983, Corollary 1"
    gaps = _gaps(buyer, seller)
    if gaps is None:
        return None
    if gaps.value:
        source += "; gaps between types: docs/limit.md"
    if seller.high <= buyer.low:
        return Integral(buyer.low - seller.high + gaps.value, gaps.error, source)
    kinks = _between(buyer.low, seller.high, buyer, seller)
    degree = 2 if buyer.linear and seller.linear else None
    found = integral(lambda x: -seller.at(x) * (1 - buyer.at(x)), kinks, degree, source)
    return Integral(found.value + gaps.value, found.error + gaps.error, source)


def _gaps(buyer: Line, seller: Line) -> Integral | None:
    """What need not be left to the types above a gap of the buyer's, or below one of the seller's: nobody is there whom
    they could say they are. (1 - F) times the integral of G less its value at the lower end; G times that of F at the upper
    end less F. None with an atom of the other's at that end, where ties decide, or gaps that are not known."""
    if buyer.gaps is None or seller.gaps is None:
        return None
    if any(seller.has_atom(a) for a, _ in buyer.gaps) or any(buyer.has_atom(b) for _, b in seller.gaps):
        return None
    total: Number = Fraction(0)
    error = 0.0
    for line, other in ((buyer, seller), (seller, buyer)):
        degree = 1 if other.linear else None
        for low, high in line.gaps or ():
            end = low if line is buyer else high
            found = integral(partial(_apart, other, end), _between(low, high, other), degree, "")
            share = 1 - line.at(low) if line is buyer else line.at(low)
            total, error = total + share * found.value, error + float(share) * found.error
    return Integral(total, error, "")


def _apart(line: Line, end: Fraction, x: Fraction) -> Fraction:
    """|F(x) - F(end)|."""
    return abs(line.at(x) - line.at(end))


def jagadeesan_tordjman(buyer: Line, seller: Line) -> Integral:
    """Integral of 2 G (1 - F) - min(G, 1 - F): twice the independent gains less those of the antitone coupling."""
    kinks = _between(min(buyer.low, seller.low), max(buyer.high, seller.high), buyer, seller)
    degree = 2 if buyer.linear and seller.linear else None
    kinks = crossings(lambda x: seller.at(x) + buyer.at(x) - 1, kinks, degree is not None)

    def f(x: Fraction) -> Fraction:
        sold, bought = seller.at(x), 1 - buyer.at(x)
        return 2 * sold * bought - min(sold, bought)

    return integral(f, kinks, degree, "jagadeesan-tordjman-2025, Theorem 1")


def cramton_gibbons_klemperer(instance: Instance, grids: Grids) -> Integral | None:
    """Integral of 1 - sum_i max(r_i, F^(n - 1)) + (n - 1) F^n, for partners who are alike."""
    env = instance.environment
    assert isinstance(env, Partnership)
    shares = [partner.share for partner in env.partners]
    n, alike = len(shares), all(one == grids[0] for one in grids)
    if not alike or len({partner.distribution for partner in env.partners}) > 1 or n < 2:
        return None
    line = Line(*grids[0])
    if line.gaps is None or line.gaps:
        return None
    kinks, exact = line.kinks, line.linear and (n == 2 or set(shares) <= {0, 1})

    def over(share: Fraction, x: Fraction) -> Fraction:
        return line.at(x) ** (n - 1) - share

    for share in sorted(set(shares) - {0, 1}):
        kinks = crossings(partial(over, share), kinks, exact)

    def f(x: Fraction) -> Fraction:
        power = line.at(x) ** (n - 1)
        return 1 - sum(max(r, power) for r in shares) + (n - 1) * power * line.at(x)

    return integral(f, kinks, n if exact else None, "cramton-gibbons-klemperer-1987, Theorem 1")
