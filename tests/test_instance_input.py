"""Input on its way in: standard input, --set, control characters, names, equality of what was read."""

from __future__ import annotations

import io
import pickle
import sys

import pytest

from lpmech.base.errors import InputError
from lpmech.cli._options import read_instance
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.reading.instance import MAX_BYTES, loads

TEXT = """format = "lpmech-instance/1"
title = "TITLE"
[parameters]
k = 3
[environment]
kind = "social-choice"
outcomes = ["OUTCOME", "b"]
[[environment.agents]]
name = "AGENT"
types = [{ name = "TYPE", probability = 1, utility = [0, "k"] }]
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "none"
budget = "none"
"""


class Stdin:
    def __init__(self, raw: bytes) -> None:
        self.buffer = io.BytesIO(raw)


def test_standard_input_may_have_a_byte_order_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b"\xef\xbb\xbf" + TEXT.encode()))
    assert read_instance("-", {}) == loads(TEXT)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a = 1\nb = \xff", "<stdin>:2: not text in UTF-8 (got byte 0xff)"),
        (b" " * (MAX_BYTES + 1), "<stdin>: a file of more than 16 MB; expected a smaller one"),
    ],
)
def test_bad_standard_input(monkeypatch: pytest.MonkeyPatch, raw: bytes, message: str) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(raw))
    with pytest.raises(InputError) as caught:
        read_instance("-", {})
    assert str(caught.value) == message


@pytest.mark.parametrize(("value", "read"), [("2*3", "6"), ("1/3", "1/3"), ("(1 - 0.25)**2", "9/16")])
def test_set_takes_arithmetic(monkeypatch: pytest.MonkeyPatch, value: str, read: str) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(TEXT.encode()))
    assert str(read_instance("-", {"k": value}).environment.valuation(0)[0][1]) == read


@pytest.mark.parametrize(
    ("value", "problem"), [("1/0", "division by zero"), ("2*j", "unknown parameter 'j'"), ("3 +", "the end where")]
)
def test_set_refuses_what_is_no_number(value: str, problem: str) -> None:
    with pytest.raises(InputError, match=f"^--set k: {problem}.*got"):
        read_instance("-", {"k": value})


@pytest.mark.parametrize("character", ["\\u001b", "\\n", "\\t", "\\u007f", "\\u0085", "\\u2028"])
@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("TITLE", "title"),
        ("OUTCOME", "environment.outcomes[0]"),
        ("AGENT", "environment.agents[0].name"),
        ("TYPE", "environment.agents[0].types[0].name"),
    ],
)
def test_control_characters_are_refused(word: str, key: str, character: str) -> None:
    with pytest.raises(InputError, match="a control character in a text") as caught:
        loads(TEXT.replace(word, f"x{character}y"))
    assert caught.value.key == key
    assert str(caught.value).isprintable()


def test_other_characters_are_not() -> None:
    assert loads(TEXT.replace("TITLE", "Čech, “ß” ≥ 日本")).title == "Čech, “ß” ≥ 日本"


@pytest.mark.parametrize("names", [("ann", "ann"), ("agent-2", None), (None, "agent-1")])
def test_partners_have_distinct_names(names: tuple[str | None, ...]) -> None:
    with pytest.raises(InputError, match="two agents called") as caught:
        Partnership([Partner("1/2", Distribution([0, 1]), name) for name in names])
    assert caught.value.key == "agents[1].name"


def test_environments_are_equal_by_what_they_say() -> None:
    two = Distribution([0, 1])
    env = BilateralTrade(two, two)
    correlated = BilateralTrade(two, two, {(0, 0): "1/2", (1, 1): "1/2"})
    again = BilateralTrade(two, two, {(1, 1): "1/2", (0, 0): "1/2"})
    _ = env.agents, env.sizes
    assert env == BilateralTrade(Distribution([0, 1]), two)
    assert env != correlated
    assert correlated == again
    assert env != BilateralTrade(two, Distribution([0, 2]))
    assert env != Partnership([Partner("1/2", two)] * 2)
    assert env != 3
    assert len({env, BilateralTrade(two, two), correlated, again}) == 2


def test_instances_survive_pickling() -> None:
    instance = loads(TEXT)
    copy = pickle.loads(pickle.dumps(instance))
    assert copy == instance
    assert hash(copy.environment) == hash(instance.environment)
