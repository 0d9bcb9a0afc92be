"""Instance files that are not in order: one clear message each, with file, line, key, value and what was expected."""

# ruff: noqa: E501 (messages are quoted whole)

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from lpmech.base.errors import InputError, InputErrors, TooLargeError
from lpmech.reading.instance import MAX_BYTES, load, loads

GOOD = """format = "lpmech-instance/1"
title  = "Three by three"
claim  = "exists"
[parameters]
k = 3
j = "k - 1"
[environment]
kind = "bilateral-trade"
[environment.buyer]
values        = ["7*k", "8*k + 1", "9*k + 1"]
probabilities = ["1/3", "1/3", "1/3"]
[environment.seller]
values  = ["3*k",
           "8*k",
           "9*k"]
weights = [1, 1, 1]
[requirements]
allocation = "efficient"
ties = "any"
transfers = "any"
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "balanced"
[objective]
maximize = "margin"
"""

HEAD = 'format = "lpmech-instance/1"\n'
TAIL = '[requirements]\nincentive_compatibility = "BIC"\nindividual_rationality = "none"\nbudget = "none"\n'


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def refusal(text: str, **options: object) -> InputError:
    begun = time.process_time()
    with pytest.raises(InputError) as caught:
        loads(text, file="x.toml", **options)  # type: ignore[arg-type]
    assert time.process_time() - begun < 60  # CPU time: work without bound, not slowness
    return caught.value


def test_the_base_of_these_tests_is_in_order() -> None:
    assert loads(GOOD).environment.sizes == (3, 3)


NUMBER = 'an exact number: 3, 0.25, "13/600", or an expression over the parameters such as "8*k + 1"'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "probabilities =",
            "probabilites =",
            "11: environment.buyer.probabilites: unknown key; expected 'values', 'probabilities', 'weights', 'grid', "
            "'distribution', 'worth' (did you mean 'probabilities'?)",
        ),
        ("[objective]", "[objektive]", "24: objektive: unknown key; expected 'format', 'title', 'source', 'claim', "
         "'parameters', 'environment', 'requirements', 'objective' (did you mean 'objective'?)"),
        ("claim  =", '"a.b" =', "3: \"a.b\": unknown key; expected 'format', 'title', 'source', 'claim', 'parameters', "
         "'environment', 'requirements', 'objective'"),
        (
            '"bilateral-trade"',
            '"bilateral-trad"',
            "8: environment.kind: unknown kind (got 'bilateral-trad'); expected 'auction', 'bilateral-trade', 'exchange', "
            "'partnership', 'social-choice' (did you mean 'bilateral-trade'?); other models: docs/what-can-be-asked.md",
        ),
        (
            'kind = "bilateral-trade"\n',
            "",
            "7: environment.kind: missing; expected 'auction', 'bilateral-trade', 'exchange', 'partnership', 'social-choice'",
        ),
        (
            'budget = "balanced"\n',
            "",
            "17: requirements.budget: missing; expected 'no-deficit', 'balanced', 'no-expected-deficit', 'none'",
        ),
        (
            '"interim"',
            '"interem"',
            "22: requirements.individual_rationality: unknown choice (got 'interem'); expected 'ex-post', 'interim', "
            "'ex-ante', 'none' (did you mean 'interim'?), or words by agent, such as { buyer = \"...\", default = \"...\" }",
        ),
        (
            '"exists"',
            "true",
            "3: claim: unknown choice (got true); expected 'exists', 'impossible'",
        ),
        ('"Three by three"', "3", "2: title: not text (got 3); expected text: what the instance shows, in a line"),
        ("k = 3", "k = true", f"5: parameters.k: a truth value where a number is needed (got true); expected {NUMBER}"),
        ("k = 3", "k = [1]", f"5: parameters.k: list where a number is needed (got [1]); expected {NUMBER}"),
        ("k = 3", "k = nan", f"5: parameters.k: not a number (got NaN); expected {NUMBER}"),
        (
            "k = 3",
            'k = "2*j"',
            "5: parameters.k: unknown parameter 'j' (got '2*j'); expected a number; no parameters come before this",
        ),
        ("k = 3", "k-max = 3\nk = 3", "5: parameters.k-max: a name that expressions cannot use; expected a letter, then letters, digits, _"),
        (
            '"8*k + 1"',
            '"8*q + 1"',
            "10: environment.buyer.values[1]: unknown parameter 'q' (got '8*q + 1'); expected one of the parameters: k, j",
        ),
        (
            '"8*k"',
            '"8*k/(j - 2)"',
            "14: environment.seller.values[1]: division by zero (got '8*k/(j - 2)'); expected a divisor other than 0",
        ),
        (
            '"9*k"]',
            '"2*k"]',
            "15: environment.seller.values[2]: values are not strictly increasing: 24 is followed by 6; expected "
            "increasing values",
        ),
        ("[1, 1, 1]", '"1"', "16: environment.seller.weights: not a list (got '1'); expected a list: instead of "
         "probabilities: non-negative weights, which are normalised"),
        ("[1, 1, 1]", "[1, 1, -1]", "16: environment.seller.weights[2]: a negative weight (got -1); expected 0 or more"),
        ("[1, 1, 1]", "[1, 1]", "16: environment.seller.weights: 3 values but 2 weights; expected one for each value"),
        (
            '["1/3", "1/3", "1/3"]',
            '["-1/3", "1", "1/3"]',
            "11: environment.buyer.probabilities[0]: distribution: a negative probability (got -1/3); expected masses >= 0 "
            "that sum to 1",
        ),
        (
            '["1/3", "1/3", "1/3"]',
            '["1/3", "1/3", 0.333]',
            "11: environment.buyer.probabilities: distribution: probabilities sum to 2999/3000, not 1; expected masses "
            "that sum to exactly 1, or weights, which are normalised",
        ),
        (
            '["1/3", "1/3", "1/3"]',
            '["1/3", "2/3"]',
            "11: environment.buyer.probabilities: 3 values but 2 probabilities; expected one mass for each value",
        ),
        (
            'probabilities = ["1/3", "1/3", "1/3"]\n',
            "",
            "9: environment.buyer.probabilities: missing; expected probabilities, weights, or a joint prior "
            "[environment.prior]",
        ),
        ("weights = [1, 1, 1]", "weights = [1, 1, 1]\nprobabilities = [1, 0, 0]",
         "16: environment.seller.weights: both probabilities and weights; expected one of the two"),
        (
            'values        = ["7*k", "8*k + 1", "9*k + 1"]\n',
            "",
            "9: environment.buyer: no types; expected values and probabilities, or grid and distribution",
        ),
        ("weights = [1, 1, 1]", "grid = { low = 0, high = 1, points = 3 }",
         "12: environment.seller: both listed types and a grid; expected one of the two"),
        (
            '"efficient"',
            '"efficent"',
            "18: requirements.allocation: unknown choice (got 'efficent'); expected 'efficient', 'free' (did you mean "
            "'efficient'?), or { posted-price = ... }, or { table = ... }",
        ),
        (
            '"efficient"',
            "{ posted_price = 1 }",
            "18: requirements.allocation.posted_price: unknown key; expected 'posted-price', 'table' (did you mean "
            "'posted-price'?)",
        ),
        ('"efficient"', "{}", "18: requirements.allocation: not an allocation rule; expected either posted-price or table"),
        (
            '"efficient"',
            "{ table = [[1, 0]] }",
            "18: requirements.allocation: an allocation table of the wrong size; expected 9 profiles x 2 outcomes",
        ),
        (
            '"efficient"',
            '{ table = [["1/2", "1/3"]] }',
            "18: requirements.allocation.table[0]: allocation table, profile number 0: probabilities sum to 5/6, not 1; "
            "expected masses that sum to exactly 1, or weights, which are normalised",
        ),
        (
            '"margin"',
            "{ utility = [1] }",
            "25: objective.maximize.utility: 1 utility weights for 2 agents; expected one an agent",
        ),
        (
            '"margin"',
            '"profit"',
            "25: objective.maximize: unknown choice (got 'profit'); expected 'margin', 'welfare', 'revenue', "
            "'agents-utility', or { utility = [...], revenue = ... }",
        ),
        ("lpmech-instance/1", "lpmech-sweep/1", "1: format: another format (got 'lpmech-sweep/1'); expected 'lpmech-instance/1'"),
    ],
)  # fmt: skip
def test_message(old: str, new: str, message: str) -> None:
    assert str(refusal(changed(old, new))) == f"x.toml:{message}"


def test_windows_line_ends_do_not_shift_lines() -> None:
    assert refusal(changed('"9*k"]', '"2*k"]').replace("\n", "\r\n")).line == 15


def test_everything_wrong_is_reported_at_once_in_the_order_of_the_file() -> None:
    text = changed('"BIC"', '"BI"').replace('"7*k"', "true").replace("[1, 1, 1]", "[0, 0, 0]").replace("title", "titel")
    error = refusal(text)
    assert isinstance(error, InputErrors)
    assert [(part.line, part.key) for part in error.parts] == [
        (2, "titel"),
        (10, "environment.buyer.values[0]"),
        (16, "environment.seller.weights"),
        (21, "requirements.incentive_compatibility"),
    ]
    assert str(error) == "\n".join(str(part) for part in error.parts)
    assert str(error).startswith("x.toml:2: titel: unknown key; expected ")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_what_follows_from_a_bad_parameter_is_not_reported_with_it() -> None:
    error = refusal(changed("k = 3", 'k = "3 +"').replace('"margin"', '"most"'))
    assert [part.key for part in error.parts] == ["parameters.k", "objective.maximize"]


def test_very_many_complaints_are_cut_short() -> None:
    error = refusal(changed('["7*k", "8*k + 1", "9*k + 1"]', str(["x"] * 500)))
    assert (len(error.parts), error.more) == (100, 400)
    assert str(error).count("\n") == 20
    assert str(error).endswith("\n... and 480 more")


def test_override_of_a_parameter_that_the_file_does_not_have() -> None:
    error = refusal(GOOD, parameters={"kk": 1})
    assert error.problem == "unknown parameter 'kk'"
    assert error.expected == "one of the parameters: k, j (did you mean 'k'?)"
    assert (error.file, error.key) == ("x.toml", "parameters.kk")


def test_override_that_is_no_number() -> None:
    error = refusal(GOOD, parameters={"k": "five"})
    assert str(error) == (
        "x.toml:5: parameters.k: the value that overrides it: unknown parameter 'five' (got 'five'); expected a number; no "
        "parameters come before this"
    )


@pytest.mark.parametrize(
    ("distribution", "key", "problem"),
    [
        ('{ atom = "1/3" }', ".distribution.atom", "an atom that is not a grid point"),
        ('{ family = "betta" }', ".distribution.family", "unknown family"),
        ('{ family = "beta", a = 1 }', ".distribution.family", "beta needs 'b'"),
        ('{ family = "uniform", low = "x", high = 1 }', ".distribution.low", "unknown parameter 'x'"),
        ('{ family = "norm" }', ".distribution", "mass 0.658655 lies outside [0, 1]"),
        (
            '{ mixture = [{ weight = 1, atom = "1/7" }] }',
            ".distribution.mixture[0].atom",
            "an atom that is not a grid point",
        ),
        ("3", ".distribution", "not a table"),
    ],
)
def test_bad_distribution(distribution: str, key: str, problem: str) -> None:
    grid = f"grid = {{ low = 0, high = 1, points = 21 }}\ndistribution = {distribution}"
    text = changed('values        = ["7*k", "8*k + 1", "9*k + 1"]\nprobabilities = ["1/3", "1/3", "1/3"]', grid)
    error = refusal(text)
    assert (error.line, error.key, error.problem) == (11, f"environment.buyer{key}", problem)


@pytest.mark.parametrize(
    ("grid", "key", "problem"),
    [
        ("{ low = 0, high = 1, points = 100001 }", ".grid.points", "not a whole number in range"),
        ('{ low = 0, high = 1, points = "5/2" }', ".grid.points", "not a whole number in range"),
        ("{ low = 0, high = 1, points = 1 }", ".grid.points", "1 grid points"),
        ("{ low = 1, high = 1, points = 9 }", ".grid.high", "low = 1 is not below high = 1"),
        ('{ low = 0, high = 1, points = 9, placement = "ends" }', ".grid.placement", "unknown choice"),
        ("{ low = 0, points = 9 }", ".grid.high", "missing"),
        ("21", ".grid", "not a table"),
    ],
)
def test_bad_grid(grid: str, key: str, problem: str) -> None:
    new = f"grid = {grid}\ndistribution = {{ atom = 0 }}"
    text = changed('values        = ["7*k", "8*k + 1", "9*k + 1"]\nprobabilities = ["1/3", "1/3", "1/3"]', new)
    error = refusal(text)
    assert (error.line, error.key, error.problem) == (10, f"environment.buyer{key}", problem)


def test_a_grid_needs_a_distribution() -> None:
    new = "grid = { low = 0, high = 1, points = 3 }"
    text = changed('values        = ["7*k", "8*k + 1", "9*k + 1"]\nprobabilities = ["1/3", "1/3", "1/3"]', new)
    assert str(refusal(text)).startswith("x.toml:9: environment.buyer.distribution: no distribution")


@pytest.mark.parametrize(
    ("profiles", "line", "key", "problem"),
    [
        ('{ types = [0, 0], probability = 1 },\n{ types = [0, 0], probability = 0 }', 26, "[1].types", "a profile listed twice"),
        ('{ types = [0, 3], probability = 1 }', 25, "[0].types", "a profile that does not exist"),
        ('{ types = [0], probability = 1 }', 25, "[0].types", "a profile that does not exist"),
        ('{ types = [0, -1], probability = 1 }', 25, "[0].types[1]", "not a whole number in range"),
        (
            '{ types = [0, 0], probability = "3/2" },\n{ types = [0, 1], probability = "-1/2" }',
            26,
            "[1].probability",
            "prior: a negative probability",
        ),
        ('{ types = [0, 0], probability = "1/2" }', 25, "", "prior: probabilities sum to 1/2, not 1"),
        ('{ types = [0, 0] }', 25, "[0].probability", "missing"),
    ],
)  # fmt: skip
def test_bad_prior(profiles: str, line: int, key: str, problem: str) -> None:
    prior = f"[environment.prior]\nprofiles = [{profiles}]\n"
    error = refusal(changed('[objective]\nmaximize = "margin"\n', prior))
    assert (error.line, error.key, error.problem) == (line, f"environment.prior.profiles{key}", problem)


def partnership(*agents: str) -> str:
    tables = "".join(f"[[environment.agents]]\n{agent}\nvalues = [0, 1]\n" for agent in agents)
    return f'{HEAD}[environment]\nkind = "partnership"\n{tables}{TAIL}'


@pytest.mark.parametrize(
    ("agents", "line", "key", "problem", "value"),
    [
        (
            ["share = 0.333\ncount = 3\nweights = [1, 1]"],
            4,
            "",
            "shares must be >= 0 and sum to exactly 1",
            "333/1000 + 333/1000 + 333/1000 = 999/1000",
        ),
        (["share = 1\nweights = [1, 1]"], 4, "", "a partnership of fewer than two agents", None),
        (["share = 1\ncount = 0\nweights = [1, 1]"], 6, "[0].count", "not a whole number in range", "0"),
        (
            ["share = 1\ncount = 1000000000\nweights = [1, 1]"],
            6,
            "[0].count",
            "not a whole number in range",
            "1000000000",
        ),
        (["share = 1\ncount = 1.5\nweights = [1, 1]"], 6, "[0].count", "not a whole number in range", "1.5"),
        (["share = 0.5\nweights = [1, 1]", "share = 0.5"], 8, "[1].probabilities", "missing", None),
        (["weights = [1, 1]", "share = 1\nweights = [1, 1]"], 4, "[0].share", "missing", None),
        (
            ['share = 0.5\nname = "a"\nweights = [1, 1]'] * 2,
            11,
            "[1].name",
            "two agents called 'a'",
            None,
        ),
        (
            ['share = 0.25\ncount = 2\nname = "a"\nweights = [1, 1]', 'share = 0.5\nname = "a-2"\nweights = [1, 1]'],
            12,
            "[1].name",
            "two agents called 'a-2'",
            None,
        ),
    ],
)
def test_bad_partnership(agents: list[str], line: int, key: str, problem: str, value: str | None) -> None:
    error = refusal(partnership(*agents))
    assert (error.line, error.key, error.problem) == (line, f"environment.agents{key}", problem)
    assert (None if error.value is None else str(error.value)) == value


ANN = (
    '{ name = "low", probability = "1/2", utility = [0, 1] },\n{ name = "high", probability = "1/2", utility = [0, 2] }'
)


def social_choice(types: str, extra: str = "") -> str:
    head = f'{HEAD}[environment]\nkind = "social-choice"\noutcomes = ["a", "b"]\n{extra}'
    first = f"[[environment.agents]]\ncount = 3\ntypes = [{ANN}]\n"
    return f"{head}\n{first}[[environment.agents]]\ntypes = [{types}]\n{TAIL}"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "problem"),
    [
        ("[0, 2]", "[0, 2, 3]", 12, "agents[1].types[1].utility", "agent agent-4, type high: 3 utilities for 2 outcomes"),
        ('"high", probability = "1/2"', '"high", probability = "1/3"', 11, "agents[1].types",
         "agent agent-4: probabilities sum to 5/6, not 1"),
        ('"high", probability = "1/2"', '"high", probability = "-1/2"', 12, "agents[1].types[1].probability",
         "agent agent-4: a negative probability"),
        ('"high", probability = "1/2",', '"high",', 12, "agents[1].types[1].probability", "missing"),
        ('"high"', '"low"', 11, "agents[1].types", "agent agent-4 has two types of one name"),
        (ANN, "", 11, "agents[1].types", "agent agent-4 has no types"),
    ],
)  # fmt: skip
def test_bad_social_choice(old: str, new: str, line: int, key: str, problem: str) -> None:
    error = refusal(social_choice(ANN.replace(old, new)))
    assert (error.line, error.key, error.problem) == (line, f"environment.{key}", problem)


def test_bad_costs_and_outcomes() -> None:
    error = refusal(social_choice(ANN, "costs = [1]"))
    assert (error.line, error.key, error.problem) == (5, "environment.costs", "2 outcomes but 1 numbers")
    error = refusal(social_choice(ANN).replace('["a", "b"]', '["a", "a"]'))
    assert (error.line, error.key) == (4, "environment.outcomes")


def exchange(buyers: int, sellers: int) -> str:
    return (
        f'{HEAD}[environment]\nkind = "exchange"\n[[environment.buyers]]\ncount = {buyers}\nvalues = [0, 1]\nweights = [1, 1]\n'
        f"[[environment.sellers]]\ncount = {sellers}\nvalues = [0, 1]\nweights = [1, 1]\n{TAIL}"
    )


def test_too_many_outcomes() -> None:
    error = refusal(exchange(300, 300))
    assert isinstance(error, TooLargeError)
    assert str(error) == (
        "x.toml:2: environment: 300 buyers and 300 sellers have more than 10^179 outcomes; expected at most 200000"
    )
    assert refusal(exchange(10_000, 10_000)).line == 2


def test_an_exchange_without_buyers() -> None:
    start, end = (text := exchange(1, 1)).index("[[environment.buyers]]"), text.index("[[environment.sellers]]")
    error = refusal(text[:start] + "buyers = []\n" + text[end:])
    assert (error.line, error.key, error.problem) == (4, "environment.buyers", "an exchange without buyers")


def test_a_posted_price_needs_bilateral_trade() -> None:
    error = refusal(exchange(1, 1) + "allocation = { posted-price = 1 }\n")
    assert (error.line, error.key) == (16, "requirements.allocation")


WANTED = 'an instance file, whose first line is: format = "lpmech-instance/1"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"x.toml: an empty file; expected {WANTED}"),
        (" \n\n", f"x.toml: an empty file; expected {WANTED}"),
        ("a = 1\nb = = 2\n", f"x.toml:2: not TOML: Invalid value; expected {WANTED}"),
        ("a = 1\na = 2\n", f"x.toml:2: not TOML: Cannot overwrite a value; expected {WANTED}"),
        ("a = [\n1,\n", f"x.toml:3: not TOML: Invalid value; expected {WANTED}"),
        ("\0\0", f"x.toml:1: not TOML: Invalid statement; expected {WANTED}"),
        (f"a = {'[' * 100_000}", f"x.toml: brackets nested too deeply; expected {WANTED}"),
        (f"a = 1\nb = {'7' * 1_000_000}", "x.toml:2: a number of 1000000 digits; expected at most 1000"),
        (
            "# nothing\n",
            "x.toml: format: missing; expected 'lpmech-instance/1'\n"
            "x.toml: environment: missing; expected a table: the agents and the outcomes\n"
            "x.toml: requirements: missing; expected a table: what the mechanism must satisfy",
        ),
        (
            f"{HEAD}environment = 3\nrequirements = []\n",
            "x.toml:2: environment: not a table (got 3); expected a table: the agents and the outcomes\n"
            "x.toml:3: requirements: not a table (got []); expected a table: what the mechanism must satisfy",
        ),
    ],
)
def test_no_instance_at_all(text: str, message: str) -> None:
    assert str(refusal(text)) == message


@pytest.mark.parametrize("number", ["7" * 10_000, "1e1000000000000000000000", "0x" + "f" * 10_000, f'"{"7" * 3000}"'])
def test_a_number_of_too_many_digits(number: str) -> None:
    error = refusal(changed("k = 3", f"k = {number}"))
    assert (error.line, error.key, error.problem) == (5, "parameters.k", "a number of more than 1000 digits")
    assert len(str(error)) < 250


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "large.toml").write_bytes(b"#" * (MAX_BYTES + 1))
    (tmp_path / "binary.toml").write_bytes(b"a = 1\n\xff\xfe\x00")
    (tmp_path / "empty.toml").touch()
    for name, message in [
        ("missing.toml", ": no such file"),
        (".", ": a directory, not a file"),
        ("large.toml", ": a file of more than 16 MB; expected a smaller one"),
        ("binary.toml", ":2: not text in UTF-8 (got byte 0xff)"),
        ("empty.toml", f": an empty file; expected {WANTED}"),
        ("empty.toml/x", ": cannot be read: Not a directory"),
    ]:
        with pytest.raises(InputError) as caught:
            load(str(tmp_path / name))
        assert str(caught.value) == f"{tmp_path / name}{message}"
    with pytest.raises(InputError, match="not the name of a file"):
        load("a\0b")


TABLE = 'buyer,seller,no-trade,trade\n0,0,1,0\n1,0,0,1\n0,1,1,0\n1,1,"1/2",0.5\n'
SMALL = f"""{HEAD}[environment]
kind = "bilateral-trade"
buyer  = {{ values = [0, 1], weights = [1, 1] }}
seller = {{ values = [0, 1], weights = [1, 1] }}
{TAIL}allocation = {{ table = "rule.csv" }}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1,0,0,1\n", "1,0,0,1,1\n", ":3: 5 cells; expected 4, as in the header"),
        ("1,0,0,1\n", "2,0,0,1\n", ":3: buyer: buyer has no such type (got '2'); expected '0', '1'"),
        ("1,0,0,1\n", "0.0,0,0,1\n", ":3: a profile listed twice (got buyer 0, seller 0)"),
        ("1,0,0,1\n", "\n", ": 3 rows, and none for buyer 1, seller 0; expected a row for each profile"),
        ("1,0,0,1\n", "1,0,-1,2\n", ":3: no-trade: a negative probability (got -1); expected 0 or more"),
        ("1,0,0,1\n", "1,0,0,0.9\n", ":3: row: probabilities sum to 9/10, not 1; expected masses that sum to exactly 1, or "
         "weights, which are normalised"),
        ("1,0,0,1\n", "1,0,0,k\n", ":3: trade: unknown parameter 'k' (got 'k'); expected a number; no parameters come before "
         "this"),
        ("1,0,0,1\n", '1,0,0,"1\n', ":5: not CSV: ',' expected after '\"'"),
        ("no-trade", "notrade", ":1: unknown column 'notrade'; expected a column for each agent (buyer, seller) and for each "
         "outcome (no-trade, trade)"),
        (",trade", "", ":1: no column 'trade'; expected a column for each agent (buyer, seller) and for each outcome "
         "(no-trade, trade)"),
        (",trade", ",trade,trade", ":1: a column named twice; expected a column for each agent (buyer, seller) and for each "
         "outcome (no-trade, trade)"),
    ],
)  # fmt: skip
def test_bad_allocation_table(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "rule.csv").write_text(TABLE)
    loads(SMALL, base=tmp_path)
    (tmp_path / "rule.csv").write_text(TABLE.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        loads(SMALL, base=tmp_path)
    assert str(caught.value) == f"{tmp_path / 'rule.csv'}{message}"


def test_empty_allocation_table(tmp_path: Path) -> None:
    (tmp_path / "rule.csv").touch()
    with pytest.raises(InputError, match=r"rule\.csv:1: no column 'buyer'"):
        loads(SMALL, base=tmp_path)


def test_missing_allocation_table(tmp_path: Path) -> None:
    error = refusal(SMALL, base=tmp_path)
    assert str(error) == f"x.toml:10: requirements.allocation.table: {tmp_path / 'rule.csv'}: no such file"


def test_a_table_for_a_gigantic_environment_is_refused_without_enumerating_it(tmp_path: Path) -> None:
    (tmp_path / "rule.csv").write_text(
        ",".join([*(f"agent-{i}" for i in range(1, 41)), *(f"to agent-{i}" for i in range(1, 41))])
        + "\n"
        + ",".join(["0"] * 40 + ["1"] + ["0"] * 39)
    )
    text = partnership('share = "1/40"\ncount = 40\nweights = [1, 1]') + 'allocation = { table = "rule.csv" }\n'
    assert "1 rows, and none for agent-1 0, agent-2 0" in str(refusal(text, base=tmp_path))
