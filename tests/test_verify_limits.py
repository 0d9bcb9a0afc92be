"""Proof files that ask for too much: each is refused within 5 s of processor time and 1 GB of memory.

The limits are the operating system's (RLIMIT_CPU, RLIMIT_AS), on a process that runs the verifier alone.
"""

from __future__ import annotations

import copy
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lpmech.verify import verify
from lpmech.verify.standalone import archive

GOOD = json.loads((Path(__file__).parent / "cases" / "proof-independent.json").read_text(encoding="utf-8"))


def proof(**environment: Any) -> dict[str, Any]:
    """A proof whose environment is another one."""
    out = copy.deepcopy(GOOD)
    out["instance"]["environment"] |= environment
    return out  # type: ignore[no-any-return]


def side(n: int) -> dict[str, Any]:
    """n types, all of the mass on the first."""
    return {"values": [str(v) for v in range(n)], "probabilities": ["1"] + ["0"] * (n - 1)}


def many_keys() -> str:
    keys = ", ".join(f'"k{n}": 0' for n in range(60_000))
    return f'{{"format": "lpmech-proof/1", {keys}, "k59999": 1}}'


def distinct_denominators() -> dict[str, Any]:
    values = [f"1/{10**99 + n}" for n in range(10_000)]
    wrong = proof(buyer=side(5000))
    wrong["mechanism"]["transfers"] = [values, values]
    return wrong | {
        "multipliers": None,
        "bounds": None,
        "claim": GOOD["claim"] | {"verdict": "exists", "margin": None, "value": None},
    }


def masses_of_distinct_denominators() -> dict[str, Any]:
    masses = [f"1/{10**99 + n}" for n in range(10_000)]
    return proof(buyer={"values": [str(v) for v in range(10_000)], "probabilities": masses})


def one_long_denominator() -> dict[str, Any]:
    units = {"over": "7" * 90_000, "of": ["1"] * 10_000}
    return proof(buyer={"values": [str(v) for v in range(10_000)], "probabilities": units})


def exchange(buyers: int, sellers: int) -> dict[str, Any]:
    wrong = copy.deepcopy(GOOD)
    wrong["instance"]["environment"] = {
        "kind": "exchange",
        "buyers": [side(2)] * buyers,
        "sellers": [side(2)] * sellers,
    }
    return wrong  # type: ignore[no-any-return]


def powers_of_masses() -> dict[str, Any]:
    long = 10**60_000
    buyer = {
        "values": [str(v) for v in range(20_000)],
        "probabilities": {"over": str(long), "of": [str(long - 19_999)]},
    }
    buyer["probabilities"]["of"] += ["1"] * 19_999  # type: ignore[index]
    wrong = exchange(2, 1)
    wrong["instance"]["environment"]["buyers"] = [buyer, buyer]
    wrong["mechanism"] = {"interim": [[], []], "allocation": "symmetric"}
    return wrong


def identical_agents() -> dict[str, Any]:
    wrong = exchange(3000, 3000)
    agent = {
        "name": "a",
        "types": [{"name": str(k), "probability": "1/2", "utility": ["0"], "outside": "0"} for k in (0, 1)],
    }
    agents = [agent | {"name": f"a{n}"} for n in range(3000)]
    wrong["instance"]["environment"] = {"kind": "social-choice", "outcomes": ["x"], "costs": ["0"], "agents": agents}
    return wrong | {"symmetry": [list(range(3000))]}


def repeated_multiplier() -> dict[str, Any]:
    wrong = proof(
        buyer=side(100),
        seller={"values": [str(v) for v in range(1500)], "probabilities": {"over": "1500", "of": ["1"] * 1500}},
    )
    many = 30_000
    rows = {"constraint": "BIC", "agent": 0, "type": [0] * many, "report": [1] * many, "weight": ["1"] * many}
    claim = GOOD["claim"] | {"margin": None, "value": None}
    return wrong | {"multipliers": [rows], "mechanism": None, "claim": claim}


def many_types_in_dominant_strategies() -> dict[str, Any]:
    wrong = proof(buyer=side(20_000), seller=side(2))
    wrong["instance"]["requirements"] |= {
        "incentive_compatibility": "DSIC",
        "allocation": "free",
        "individual_rationality": "none",
    }
    paid = [str(n) for n in range(40_000)]
    wrong["mechanism"] = {"transfers": [paid, paid], "allocation": [0] * 40_000}
    claim = {"verdict": "exists", "objective": "margin", "margin": None, "value": None}
    return wrong | {"claim": claim, "multipliers": None, "bounds": None}


def repeated_prior_budget() -> dict[str, Any]:
    """Small entries, each one a constraint on average."""
    wrong = proof()
    entry = {"constraint": "budget", "profile": "prior", "weight": "1"}
    claim = GOOD["claim"] | {"margin": None, "value": None}
    return wrong | {"multipliers": [entry] * 700_000, "mechanism": None, "claim": claim}


def long_masses() -> dict[str, Any]:
    """Two types, probabilities with 60,000 digits."""
    over = 10**60_000
    return {"values": ["0", "1"], "probabilities": {"over": str(over), "of": ["1", str(over - 1)]}}


def many_weights_times_long_masses(many: int, *compact: dict[str, Any]) -> dict[str, Any]:
    wrong = proof(buyer=long_masses(), seller=long_masses())
    rows = {"constraint": "BIC", "agent": 0, "type": [0] * many, "report": [1] * many, "weight": ["1"] * many}
    claim = GOOD["claim"] | {"margin": None, "value": None}
    return wrong | {"multipliers": [rows, *compact], "mechanism": None, "claim": claim}


def budgets_times_long_masses(weight: str) -> dict[str, Any]:
    entry = {"constraint": "budget", "profile": "prior", "weight": weight}
    return many_weights_times_long_masses(1) | {"multipliers": [entry] * 50_000}


HOSTILE: dict[str, tuple[Callable[[], Any], str]] = {
    "60,000 keys, one of them twice": (many_keys, "given twice: 'k59999'"),
    "payments over 10,000 distinct denominators": (distinct_denominators, "common denominator"),
    "masses over 10,000 distinct denominators": (masses_of_distinct_denominators, "common denominator"),
    "10,000 masses over one denominator of 90,000 digits": (one_long_denominator, "common denominator"),
    "3,000 x 3,000 types in a small file": (
        lambda: proof(buyer=side(3000), seller=side(3000)),
        "too many to enumerate",
    ),
    "30 buyers and 30 sellers": (lambda: exchange(30, 30), "too many to enumerate"),
    "50,000 agents": (lambda: exchange(25_000, 25_000), "50,000 agents"),
    "a number of 200,000 digits": (
        lambda: proof(buyer=side(2) | {"values": ["1", "9" * 200_000]}),
        "200,000 characters",
    ),
    "200 numbers of 90,000 digits": (
        lambda: proof(buyer=side(200) | {"values": ["9" * 90_000] * 200}),
        "squared lengths",
    ),
    "30 lists within each other": (lambda: "[" * 30 + "]" * 30, "nested too deeply"),
    "100,000 lists within each other": (lambda: "[" * 100_000, "nested too deeply"),
    "6,000,000 empty lists": (lambda: "[" + "[]," * 6_000_000 + "[]]", "entries"),
    "a file of more than 64 MB": (lambda: '"' + "x" * (2**26 + 1) + '"', "64 MB"),
    "powers of masses of 60,000 digits": (powers_of_masses, "common denominator"),
    "3,000 identical agents": (identical_agents, "too many to enumerate"),
    "one constraint 30,000 times": (repeated_multiplier, "steps"),
    "the budget on average 700,000 times": (repeated_prior_budget, "steps"),
    "the budget on average 50,000 times, masses of 60,000 digits": (
        lambda: budgets_times_long_masses("7" * 900),
        "common denominator",
    ),
    "1,000,000 weights, masses of 60,000 digits": (
        lambda: many_weights_times_long_masses(1_000_000),
        "common denominator",
    ),
    "1,000,000 weights in a compact proof, masses of 60,000 digits": (
        lambda: many_weights_times_long_masses(1_000_000, {"constraint": "budget", "profile": "prior", "weight": "1"}),
        "common denominator",
    ),
    "20,000 types with 20,000 different payments": (many_types_in_dominant_strategies, "steps"),
}


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier as one file."""
    file = tmp_path_factory.mktemp("verifier") / "verify.pyz"
    file.write_bytes(archive())
    return file


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
    resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_within_bounds(name: str, verifier: Path, tmp_path: Path) -> None:
    make, words = HOSTILE[name]
    made = make()
    path = tmp_path / "proof.json"
    path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(verifier), str(path)], capture_output=True, text=True, preexec_fn=bounded
    )
    said = run.stdout + run.stderr
    assert run.returncode in {1, 2}, said[:2000]
    assert words in said, said[:2000]
    assert "broke down" not in said


def test_limits_can_be_lifted() -> None:
    """A limit on cells that is lifted: the same proof is looked at in full, and refused for what it says."""
    wrong = proof(buyer=side(600), seller=side(600))
    wrong |= {"mechanism": None, "multipliers": [], "claim": GOOD["claim"] | {"margin": None, "value": None}}
    assert "too many to enumerate" in verify(wrong).problems[0]
    assert verify(wrong, limits=False).problems == ["multipliers: z keeps the coefficient 1, must be 0"]
