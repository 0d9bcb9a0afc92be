"""Agents keep their names: digits and signs at the end are part of a name unless several agents are numbered."""

from __future__ import annotations

import pytest

import lpmech
from lpmech import Distribution, Exchange, Instance, Partner, Partnership, Requirements, SocialChoice, Type
from lpmech.question.words import environment_words, shared_names
from lpmech.show.explain.words import together

NEEDS = Requirements("BIC", "interim", "balanced")


def project(*names):
    types = [Type("low", "1/2", [0, 0]), Type("high", "1/2", [0, 1])]
    return SocialChoice(["no", "yes"], dict.fromkeys(names, types))


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (("covid-19", "x-1"), ("covid-19", "x-1")),
        (("x-1", "x-2"), ("x", "x")),
        (("x-2", "x-1"), ("x-2", "x-1")),
        (("covid-19", "covid-20"), ("covid-19", "covid-20")),
        (("x1", "x2"), ("x1", "x2")),
        (("x-", "2-"), ("x-", "2-")),
        (("3", "-4"), ("3", "-4")),
        (("ann", "agent-2", "agent-3"), ("ann", "agent", "agent")),
        (("agent-2", "agent-3"), ("agent-2", "agent-3")),
        (("x-01", "x-02"), ("x-01", "x-02")),
        (("a-1-1", "a-1-2", "b-1"), ("a-1", "a-1", "b-1")),
    ],
)
def test_names_that_are_shared(names, shared):
    assert shared_names(project(*names)) == shared


def test_environments_in_words():
    assert environment_words(project("covid-19", "x-1")) == (
        "social-choice: covid-19 of 2 types, x-1 of 2 types (4 profiles)"
    )
    one, two = Distribution([1]), Distribution([1, 2])
    assert environment_words(Exchange([two, two, one], [two])) == (
        "exchange: 2 x buyer of 2 types, buyer-3 of 1 types, seller of 2 types (8 profiles)"
    )
    thirds = Partnership([Partner("1/3", two)] * 3)
    assert environment_words(thirds) == "partnership: 3 x agent of 2 types (8 profiles)"


def test_agents_together():
    env = project("covid-19", "x-1", "ann")
    assert together(env, (0, 1)) == "covid-19 and x-1 together"
    assert together(env, (0, 1, 2)) == "covid-19, x-1 and ann together"
    assert together(project("x-1", "x-2"), (0, 1)) == "the 2 xs together"


@pytest.mark.parametrize("budget", ["balanced", "no-deficit"])
def test_identical_agents_keep_their_names_everywhere(budget):
    """Two agents alike are one class of a symmetric proof."""
    instance = Instance(project("covid-19", "x-1"), Requirements("DSIC", "ex-post", budget))
    result = lpmech.solve(instance)
    for shown in (instance._repr_html_(), result._repr_html_(), result.explain(), result.proof._repr_html_()):
        assert "covid-19" in shown
        assert "x-1" in shown
        assert "covid of" not in shown


def test_identical_buyers_are_each_buyer():
    """The proof about any number of identical buyers says each constraint once."""
    two = Distribution([1, 2])
    instance = Instance(Exchange([two, two], [Distribution([0, 1])]), NEEDS)
    result = lpmech.solve(instance)
    assert result.method == "vcg_prime_buyers"
    assert "each buyer" in set(result.proof.to_frame()["agent"])
    assert "each buyer" in result.proof._repr_html_()
