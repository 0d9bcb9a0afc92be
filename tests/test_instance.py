"""Instance files that are in order: what they mean, exactly."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lpmech.question.distribution import Distribution
from lpmech.question.environments import EnvironmentTable, kinds
from lpmech.question.objective import Objective
from lpmech.question.requirements import AllocationTable, PostedPrice, Requirements
from lpmech.reading.instance import load, loads, schema

F = Fraction

REQUIREMENTS = """
[requirements]
incentive_compatibility = "BIC"
individual_rationality  = "interim"
budget                  = "balanced"
"""

BILATERAL = """
format = "lpmech-instance/1"
title  = "Three by three"
source = "kos-manea-2009, Example 2"
claim  = "exists"

[parameters]
k = 3
half = "1/2"
sum = "k + half"

[environment]
kind = "bilateral-trade"

[environment.buyer]
values        = ["7*k", "8*k + 1", 28.1]
probabilities = ["1/3", "half - 1/6", "1/3"]

[environment.seller]
values  = ["3*k", "8*k", "9*k"]
weights = [1, 0, 3]
"""

EXCHANGE = """
format = "lpmech-instance/1"
[environment]
kind = "exchange"
[[environment.buyers]]
count = 2
values = [0, 1]
weights = [1, 3]
[[environment.buyers]]
values = [2]
probabilities = [1]
[[environment.sellers]]
values = [0, "1/2"]
probabilities = [0.5, 0.5]
"""

PARTNERSHIP = """
format = "lpmech-instance/1"
[environment]
kind = "partnership"
[[environment.agents]]
name = "ann"
share = "1/2"
values = [0, 1]
weights = [1, 1]
[[environment.agents]]
count = 2
name = "bob"
share = "1/8"
values = [0, 2]
weights = [1, 1]
[[environment.agents]]
count = 2
share = "1/8"
values = [3]
weights = [1]
"""

SOCIAL_CHOICE = """
format = "lpmech-instance/1"
[environment]
kind = "social-choice"
outcomes = ["none", "pool", "bridge"]
costs    = [0, "3/2", 1]
[[environment.agents]]
name = "ann"
types = [ { name = "low",  probability = "1/2", utility = [0, 1, "1/4"], outside = 0 },
          { name = "high", probability = "1/2", utility = [0, 2, "3/4"], outside = 0.1 } ]
[[environment.agents]]
count = 2
types = [ { name = "only", probability = 1, utility = [0, 0, 1] } ]
"""

AUCTION = """
format = "lpmech-instance/1"
[environment]
kind = "auction"
objects = ["car", "the boat"]
costs = { car = "3/2" }
[[environment.bidders]]
count = 2
preferences = "unit-demand"
[environment.bidders.components]
car = { values = [1, 2], weights = [1, 3] }
"the boat" = { values = [0, 1], probabilities = [0.5, 0.5] }
"""

EVERY_KIND = {
    "auction": AUCTION,
    "bilateral-trade": BILATERAL,
    "exchange": EXCHANGE,
    "partnership": PARTNERSHIP,
    "social-choice": SOCIAL_CHOICE,
}


def test_bilateral_trade() -> None:
    instance = loads(BILATERAL + REQUIREMENTS)
    assert (instance.title, instance.source, instance.claim) == (
        "Three by three",
        "kos-manea-2009, Example 2",
        "exists",
    )
    assert instance.environment.table() == {
        "kind": "bilateral-trade",
        "buyer": Distribution([21, 25, "28.1"], ["1/3", "1/3", "1/3"]).table(),
        "seller": Distribution([9, 24, 27], ["1/4", 0, "3/4"]).table(),
    }
    assert instance.requirements == Requirements("BIC", "interim", "balanced")
    assert instance.objective == Objective("margin")


def test_decimals_are_exact_as_written() -> None:
    text = BILATERAL.replace("28.1", "28.100000000000000000000000000000000001") + REQUIREMENTS
    assert loads(text).environment.agents[0].types[2] == str(F(281, 10) + F(1, 10**36))


def test_parameters_are_overridden_exactly() -> None:
    buyer, seller = loads(BILATERAL + REQUIREMENTS, parameters={"k": "10/3"}).environment.agents
    assert buyer.types == ("70/3", "83/3", "281/10")
    assert seller.types == ("10", "80/3", "30")


def test_an_override_may_use_earlier_parameters_and_later_ones_follow_it() -> None:
    text = BILATERAL.replace('"3*k"', '"sum"').replace("28.1", "90") + REQUIREMENTS
    assert loads(text, parameters={"half": "k/6"}).environment.agents[1].types[0] == "7/2"
    assert loads(text, parameters={"k": 4}).environment.agents[1].types[0] == "9/2"


def test_requirements_in_full() -> None:
    text = BILATERAL + REQUIREMENTS + 'allocation = "free"\nties = "last"\ntransfers = "groves"\n'
    assert loads(text).requirements == Requirements("BIC", "interim", "balanced", "free", "last", "groves")


def test_posted_price() -> None:
    text = BILATERAL + REQUIREMENTS + 'allocation = { posted-price = "8*k - half" }\n'
    assert loads(text).requirements.allocation == PostedPrice("47/2")


@pytest.mark.parametrize(
    ("text", "objective"),
    [
        ('"welfare"', Objective("welfare")),
        ('"agents-utility"', Objective("agents-utility")),
        ('{ utility = ["1", "half"], revenue = 0.25 }', Objective(utility=[1, "1/2"], revenue="1/4")),
        ("{ utility = [0, 1] }", Objective(utility=[0, 1], revenue=0)),
    ],
)
def test_objective(text: str, objective: Objective) -> None:
    assert loads(f"{BILATERAL}{REQUIREMENTS}[objective]\nmaximize = {text}\n").objective == objective


def test_exchange_with_replicated_agents() -> None:
    env = loads(EXCHANGE + REQUIREMENTS).environment
    assert [agent.name for agent in env.agents] == ["buyer-1", "buyer-2", "buyer-3", "seller"]
    assert [agent.probabilities for agent in env.agents] == [
        (F(1, 4), F(3, 4)),
        (F(1, 4), F(3, 4)),
        (1,),
        (F(1, 2), F(1, 2)),
    ]
    assert env.outcomes == ("no-trade", "seller -> buyer-1", "seller -> buyer-2", "seller -> buyer-3")


def test_partnership_with_replicated_agents() -> None:
    env = loads(PARTNERSHIP + REQUIREMENTS).environment
    assert [agent.name for agent in env.agents] == ["ann", "bob-1", "bob-2", "agent-4", "agent-5"]
    assert [agent.outside for agent in env.agents] == [
        (0, F(1, 2)),
        (0, F(1, 4)),
        (0, F(1, 4)),
        (F(3, 8),),
        (F(3, 8),),
    ]


def test_social_choice() -> None:
    env = loads(SOCIAL_CHOICE + REQUIREMENTS).environment
    assert env.outcomes == ("none", "pool", "bridge")
    assert env.costs == (0, F(3, 2), 1)
    assert [agent.name for agent in env.agents] == ["ann", "agent-2", "agent-3"]
    assert env.agents[0].types == ("low", "high")
    assert env.agents[0].outside == (0, F(1, 10))
    assert env.valuation(0) == ((0, 1, F(1, 4)), (0, 2, F(3, 4)))
    assert env.valuation(2) == ((0, 0, 1),)


def test_a_distribution_on_a_grid() -> None:
    buyer = """
grid         = { low = 0, high = 1, points = "2*k - 1", placement = "endpoints" }
distribution = { mixture = [ { weight = "0.8", atom = 0 }, { weight = 0.1, atom = "half*2" },
                             { weight = "0.1", family = "uniform", low = 0, high = 1 } ] }
"""
    start, end = BILATERAL.index("values "), BILATERAL.index("[environment.seller]")
    agent = loads(BILATERAL[:start] + buyer + BILATERAL[end:] + REQUIREMENTS).environment.agents[0]
    assert agent.types == ("0", "1/4", "1/2", "3/4", "1")
    assert agent.probabilities == (F(13, 16), F(1, 40), F(1, 40), F(1, 40), F(9, 80))


PRIOR = """
[environment.prior]
profiles = [ { types = [0, 0], probability = "1/8" }, { types = [2, 1], probability = "7/8" } ]
"""


def test_a_joint_prior_replaces_the_agents_own_probabilities() -> None:
    env = loads(BILATERAL + PRIOR + REQUIREMENTS).environment
    assert env.prior == {(0, 0): F(1, 8), (2, 1): F(7, 8)}
    assert [agent.probabilities for agent in env.agents] == [(F(1, 8), 0, F(7, 8)), (F(1, 8), F(7, 8), 0)]


def test_under_a_joint_prior_probabilities_may_be_left_out() -> None:
    lines = [line for line in BILATERAL.splitlines() if not line.startswith(("probabilities", "weights"))]
    assert loads("\n".join(lines) + PRIOR + REQUIREMENTS).environment.prior == {(0, 0): F(1, 8), (2, 1): F(7, 8)}
    prior = "[environment.prior]\nprofiles = [ { types = [1, 0, 0], probability = 1 } ]\n"
    env = loads(SOCIAL_CHOICE.replace('probability = "1/2", ', "") + prior + REQUIREMENTS).environment
    assert env.agents[0].probabilities == (0, 1)


SMALL = """
format = "lpmech-instance/1"
[parameters]
p = "1/4"
[environment]
kind = "bilateral-trade"
[environment.buyer]
values = ["1/2", 1]
weights = [1, 1]
[environment.seller]
values = [0, "3*p"]
weights = [1, 1]
"""

TABLE = """trade, buyer,no-trade,seller

0.75,1,1/4,0
p,0.5,1 - p,0
0,1/2,1,3/4
1,1,0,0.75
"""

LOTTERIES = AllocationTable([["3/4", "1/4"], [1, 0], ["1/4", "3/4"], [0, 1]])


def test_allocation_table_in_a_csv_file(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "rule.csv").write_text("\ufeff" + TABLE.replace("\n", "\r\n"), encoding="utf-8")
    (tmp_path / "small.toml").write_text(SMALL + REQUIREMENTS + 'allocation = { table = "tables/rule.csv" }\n')
    assert load(tmp_path / "small.toml").requirements.allocation == LOTTERIES
    text = SMALL + REQUIREMENTS + 'allocation = { table = "rule.csv" }\n'
    assert loads(text, base=tmp_path / "tables").requirements.allocation == LOTTERIES


def test_allocation_table_in_line() -> None:
    rule = 'allocation = { table = [["3/4", "1 - 3*p"], [1, 0], ["p", 0.75], [0, 1]] }\n'
    assert loads(SMALL + REQUIREMENTS + rule).requirements.allocation == LOTTERIES


def test_load_takes_text_and_path_objects(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("\ufeff" + BILATERAL + REQUIREMENTS, encoding="utf-8")
    assert load(path).table() == load(str(path)).table() == loads(BILATERAL + REQUIREMENTS).table()


def _toml(value: Any) -> str:
    """Data as TOML in line; JSON's strings, numbers and lists are TOML's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_the_restated_instance_reads_back_as_itself(kind: str) -> None:
    instance = loads(EVERY_KIND[kind] + REQUIREMENTS + 'allocation = "free"\n[objective]\nmaximize = "revenue"\n')
    restated = "\n".join(f"{key} = {_toml(value)}" for key, value in instance.table().items())
    assert loads('format = "lpmech-instance/1"\n' + restated).table() == instance.table()


def test_the_restated_prior_and_table_read_back_as_themselves() -> None:
    prior = PRIOR.replace("[2, 1]", "[1, 1]")
    rule = 'allocation = { table = [["3/4", "1/4"], [1, 0], ["1/4", "3/4"], [0, 1]] }\n'
    small = SMALL.replace("weights = [1, 1]", "")
    instance = loads(small + prior + REQUIREMENTS + rule + "[objective]\nmaximize = { utility = [1, 2] }\n")
    restated = "\n".join(f"{key} = {_toml(value)}" for key, value in instance.table().items())
    assert loads('format = "lpmech-instance/1"\n' + restated).table() == instance.table()


def test_profiles_are_not_enumerated() -> None:
    text = EXCHANGE.replace("count = 2", "count = 40") + REQUIREMENTS
    assert loads(text).environment.profile_count == 2**41


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_has_a_contract_that_holds(kind: str) -> None:
    table = kinds()[kind]
    assert issubclass(table, EnvironmentTable)
    assert table.__doc__
    env = loads(EVERY_KIND[kind] + REQUIREMENTS).environment
    assert env.kind == kind
    for i, agent in enumerate(env.agents):
        assert sum(agent.probabilities) == 1
        assert [len(row) for row in env.valuation(i)] == [len(env.outcomes)] * len(agent.types)


def _run(script: str) -> str:
    """Output of a fresh interpreter."""
    root = Path(__file__).parent.parent
    return subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True).stdout


def test_a_new_kind_is_one_new_file(tmp_path: Path) -> None:
    """A module on the package's path is found, read, explained in the schema and named in messages."""
    (tmp_path / "nothing.py").write_text(
        '''
from __future__ import annotations
from dataclasses import dataclass
from typing import Literal
from lpmech.question.environments import EnvironmentTable
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.distribution import Distribution

@dataclass(frozen=True, kw_only=True)
class NothingTable(EnvironmentTable):
    """Nothing at all."""
    kind: Literal["nothing"]
    def build(self) -> BilateralTrade:
        return BilateralTrade(Distribution([1]), Distribution([0]))
'''
    )
    script = f'''
import lpmech.question.environments
lpmech.question.environments.__path__.append({str(tmp_path)!r})
from lpmech.reading.instance import loads, schema
text = """format = "lpmech-instance/1"
[environment]
kind = "nothing"
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "none"
budget = "none"
"""
print(loads(text).environment.sizes, schema()["$defs"]["NothingTable"]["description"])
'''
    assert _run(script) == "(1, 1) Nothing at all.\n"


def test_environments_do_not_import_pydantic_or_scipy() -> None:
    script = (
        "import sys, lpmech.question.environments.bilateral_trade as _; print({'pydantic', 'scipy'} & set(sys.modules))"
    )
    assert _run(script) == "set()\n"


PAGE = (Path(__file__).parent.parent / "docs" / "instance-files.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_page_are_instances(example: str) -> None:
    assert loads(example).environment.agents


def test_the_page_shows_every_kind_and_key() -> None:
    keys = {key for table in schema()["$defs"].values() for key in table["properties"]}
    assert [word for word in sorted(keys | set(kinds())) if not re.search(rf"\b{word}\b", PAGE)] == []


def test_the_table_of_the_page_is_an_allocation(tmp_path: Path) -> None:
    (found,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "file.csv").write_text(found)
    instance = loads(SMALL + REQUIREMENTS + 'allocation = { table = "file.csv" }\n', base=tmp_path)
    assert instance.requirements.allocation == AllocationTable([["1/4", "3/4"], [1, 0], [0, 1], ["3/4", "1/4"]])


def test_uniform_distributions_do_not_import_scipy() -> None:
    script = """
import sys
from lpmech.question.distributions import Grid
from lpmech.question.distribution import discretize
from lpmech.question.distributions.table import law
discretize(law({"mixture": [{"weight": 1, "family": "uniform"}]}), Grid(0, 1, 3))
print("scipy" in sys.modules)
"""
    assert _run(script) == "False\n"


def _walk(node: Any, visit: Callable[[dict[str, Any]], None]) -> None:
    if isinstance(node, dict):
        visit(node)
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _walk(item, visit)


def test_schema() -> None:
    whole = schema()
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert whole["required"] == ["format", "environment", "requirements"]
    assert sorted(whole["properties"]["environment"]["discriminator"]["mapping"]) == sorted(kinds())
    assert json.loads(json.dumps(whole)) == whole
    requirements = whole["$defs"]["RequirementsTable"]
    assert requirements["required"] == ["incentive_compatibility", "individual_rationality", "budget"]
    assert requirements["properties"]["ties"]["enum"] == ["any", "first", "last", "uniform"]
    assert "posted-price" in whole["$defs"]["AllocationRuleTable"]["properties"]


def test_schema_refers_to_what_it_defines_and_describes_every_key() -> None:
    whole = schema()
    bare: list[str] = []

    def visit(node: dict[str, Any]) -> None:
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/$defs/") in whole["$defs"]
        assert node.get("type") != "null"
        if node.get("additionalProperties") is False:
            assert node["description"]
            bare.extend(key for key, item in node["properties"].items() if "description" not in item)

    _walk(whole, visit)
    assert set(bare) <= {"kind"}


def test_schema_is_a_copy() -> None:
    schema()["properties"].clear()
    assert schema()["properties"]
