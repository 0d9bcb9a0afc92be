"""Exact arithmetic over parameters (conventions C2)."""

from __future__ import annotations

import ast
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.effort import effort

from lpmech.base.errors import InputError
from lpmech.base.expressions import MAX_DEPTH, evaluate, is_name

K = {"k": Fraction(3), "p": Fraction(1, 4), "lambda": Fraction(2), "e1": Fraction(5)}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (7, Fraction(7)),
        (Fraction(2, 6), Fraction(1, 3)),
        (Decimal("0.10"), Fraction(1, 10)),
        ("13/600", Fraction(13, 600)),
        (" -0.25 ", Fraction(-1, 4)),
        ("1e-9", Fraction(1, 10**9)),
        ("1_000", Fraction(1000)),
        ("8*k + 1", Fraction(25)),
        ("(1 - p)**2", Fraction(9, 16)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("-2**2", Fraction(-4)),
        ("(-2)**2", Fraction(4)),
        ("2**3**2", Fraction(512)),
        ("2**-k", Fraction(1, 8)),
        ("1 - -k", Fraction(4)),
        ("10/4/5", Fraction(1, 2)),
        ("10 - 4 - 5", Fraction(1)),
        ("2*lambda", Fraction(4)),
        ("2*e1", Fraction(10)),
        ("0**0", Fraction(1)),
        ("-k", Fraction(-3)),
        ("p", Fraction(1, 4)),
    ],
)
def test_value(source: object, value: Fraction) -> None:
    assert evaluate(source, K) == value


def test_fraction_of_long_numbers_is_read() -> None:
    assert evaluate(f"{'7' * 900}/{'3' * 800}", {}) == Fraction(int("7" * 900), int("3" * 800))


@pytest.mark.parametrize(
    ("source", "problem", "expected"),
    [
        ("2*q", "unknown parameter 'q'", "one of the parameters: k, p, lambda, e1"),
        ("kk", "unknown parameter 'kk'", "one of the parameters: k, p, lambda, e1 (did you mean 'k'?)"),
        ("1/0", "division by zero", "a divisor other than 0"),
        ("1/(k - 3)", "division by zero", "a divisor other than 0"),
        ("(k - 3)**-1", "division by zero", "a divisor other than 0"),
        ("2**p", "an unusable exponent", "an integer from -1000 to 1000"),
        ("1**1001", "an unusable exponent", "an integer from -1000 to 1000"),
        ("10**1000", "a number of more than 1000 digits", "a shorter number"),
        ("1/10**999/10", "a number of more than 1000 digits", "a shorter number"),
        ("(10**900)**900", "a number of more than 1000 digits", "a smaller power"),
        ("8k", "unexpected 'k'", "an operator (+ - * / ^) or the end before it"),
        ("3+", "the end where a number is needed", "a number, a parameter or '('"),
        ("(1", "a parenthesis that is not closed", "')'"),
        ("1)", "unexpected ')'", "an operator (+ - * / ^) or the end before it"),
        ("2*/3", "'/' where a number is needed", "a number, a parameter or '('"),
    ],
)
def test_refusal(source: str, problem: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(source, K)
    assert (caught.value.problem, caught.value.value, caught.value.expected) == (problem, repr(source), expected)


@pytest.mark.parametrize(
    "source",
    [
        *("", " ", "k^", "k.real", "f(1)", "k if k else 1", "[1]", "1j", "0x10", "1__0", "k;k", "1,2", "'1'", "k//2"),
        *("k%2", "__import__('os')", "lambda: 1", "\0", "1 == 1", "ｋ", "²"),
    ],
)
def test_only_arithmetic_is_arithmetic(source: str) -> None:
    with pytest.raises(InputError):
        evaluate(source, K)


@pytest.mark.parametrize("source", [0.1, True, None, [1], Decimal("inf"), Decimal("nan"), 10**1000, Decimal("1e2000")])
def test_what_is_no_exact_number_is_refused(source: object) -> None:
    with pytest.raises(InputError):
        evaluate(source, K)


def test_without_parameters_the_message_does_not_list_any() -> None:
    with pytest.raises(InputError, match="no parameters come before this"):
        evaluate("k", {})


def test_nesting_is_bounded() -> None:
    nested = "(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH
    assert evaluate(nested, {}) == 1
    with pytest.raises(InputError, match="nested too deeply"):
        evaluate(f"({nested})", {})


@pytest.mark.parametrize("source", ["9" * 10_000, "9" * 3_000, "(" * 100_000, "2**" * 1300 + "2", "9**9**9**9"])
def test_long_text_is_refused_quickly_and_briefly(source: str) -> None:
    with effort(100_000), pytest.raises(InputError) as caught:
        evaluate(source, {})
    assert len(str(caught.value)) < 300


def test_long_sums_are_read() -> None:
    assert evaluate("1+" * 1999 + "1", {}) == 2000
    assert evaluate("-" * 3999 + "1", {}) == -1


def test_names() -> None:
    assert [name for name in ("k", "k_1", "lambda", "θ", "k-max", "1k", "", " k", "a b") if is_name(name)] == [
        "k",
        "k_1",
        "lambda",
        "θ",
    ]


_LEAVES = st.one_of(st.integers(0, 99).map(str), st.sampled_from(["k", "p", "e1"]))
_EXPRESSIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-({text})"),
        st.tuples(_LEAVES, st.integers(0, 3)).map(lambda t: f"{t[0]}**{t[1]}"),
    ),
    max_leaves=8,
)


def _reference(node: ast.AST) -> Fraction:
    """Python's grammar with Fractions at the leaves."""
    match node:
        case ast.Expression(body=body):
            return _reference(body)
        case ast.Constant(value=value):
            return Fraction(value)
        case ast.Name(id=name):
            return K[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_reference(operand)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _reference(left), _reference(right)
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div():
                    return a / b
                case ast.Pow():
                    return Fraction(a ** int(b))
    raise AssertionError(ast.dump(node))


@given(_EXPRESSIONS)
def test_agrees_with_pythons_grammar(source: str) -> None:
    try:
        value = _reference(ast.parse(source, mode="eval"))
    except ZeroDivisionError:
        with pytest.raises(InputError, match="division by zero"):
            evaluate(source, K)
    else:
        assert evaluate(source, K) == value
