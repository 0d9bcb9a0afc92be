"""Mutants of the verifier: one operator, constant or refusal changed at a time; do the tests notice?

    python -m benchmarks.mutants --count 100 --seed 0

Each mutant is a copy of ``lpmech/verify`` with one change, put in front of the package for its tests, which stop at the
first failure. A survivor is printed with its place and change: it is equivalent, changes messages or limits on effort
alone, or shows a hole in the tests. What must never survive is a mutant that accepts more.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("kernel", "shortcuts", "further", "reading")
TESTS = (
    "test_verify.py",
    "test_further_proofs.py",
    "test_verify_questions.py",
    "test_verify_compact.py",
    "test_verify_taxation.py",
    "test_verify_symmetric.py",
    "test_buyers.py",
    "test_verify_limits.py",
)
"""In the order in which they are run."""

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
WORDS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in",
    ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.And: "and", ast.Or: "or",
}  # fmt: skip


def changes(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Every mutant of a module: line, what was changed, the tree."""
    places = [(n, node) for n, node in enumerate(ast.walk(tree))]
    for n, node in places:
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Compare):
            for k, op in enumerate(node.ops):
                if type(op) in SWAPS:
                    yield line, _said(op), _with(tree, n, lambda x, k=k, op=op: x.ops.__setitem__(k, SWAPS[type(op)]()))
        elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPS:
            new = SWAPS[type(node.op)]
            yield line, _said(node.op), _with(tree, n, lambda x, new=new: setattr(x, "op", new()))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
            word = "not" if isinstance(node.op, ast.Not) else "-"
            yield (
                line,
                f"{word} dropped",
                _with(tree, n, lambda x: setattr(x, "op", ast.UAdd()) if isinstance(x.op, ast.USub) else _negate(x)),
            )
        elif isinstance(node, ast.Constant) and type(node.value) is int and node.value in (0, 1):
            other = 1 - node.value
            yield line, f"{node.value} -> {other}", _with(tree, n, lambda x, other=other: setattr(x, "value", other))
        elif isinstance(node, ast.If | ast.IfExp):
            yield (
                line,
                "condition negated",
                _with(tree, n, lambda x: setattr(x, "test", ast.UnaryOp(ast.Not(), x.test))),
            )
        elif isinstance(node, ast.Raise):
            yield line, "refusal dropped", _with(tree, n, None)


def _negate(node: ast.UnaryOp) -> None:
    """``not x`` becomes ``not not x``."""
    node.operand = ast.UnaryOp(ast.Not(), node.operand)


def _said(op: ast.AST) -> str:
    return f"{WORDS[type(op)]} -> {WORDS[SWAPS[type(op)]]}"


def _with(tree: ast.Module, number: int, change: object) -> ast.Module:
    out = copy.deepcopy(tree)
    node = list(ast.walk(out))[number]
    if change is None:
        for parent in ast.walk(out):
            for field in ("body", "orelse", "finalbody"):
                rows = getattr(parent, field, None)
                if isinstance(rows, list) and node in rows:
                    rows[rows.index(node)] = ast.copy_location(ast.Pass(), node)
    else:
        change(node)  # type: ignore[operator]
    return ast.fix_missing_locations(out)


def sampled(count: int, seed: int) -> list[tuple[Path, int, str, str]]:
    """Mutants spread evenly over the files: file, line, change, source."""
    rng, by_file = random.Random(seed), []
    for folder in FOLDERS:
        for path in sorted((ROOT / "lpmech" / "verify" / folder).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found = [(path, line, said, mutant) for line, said, mutant in changes(tree) if line]
            if found:
                rng.shuffle(found)
                by_file.append(found)
    chosen = []
    while len(chosen) < count and any(by_file):
        for found in by_file:
            if found and len(chosen) < count:
                path, line, said, mutant = found.pop()
                chosen.append((path, line, said, ast.unparse(mutant)))
    return chosen


def killed(path: Path, source: str, tests: tuple[str, ...]) -> str | None:
    """The test file that notices a mutant, None if none does."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "lpmech", Path(folder) / "lpmech", ignore=shutil.ignore_patterns("__pycache__"))
        target = Path(folder) / path.relative_to(ROOT)
        target.write_text(source, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        for name in tests:
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
            run = subprocess.run(
                [*command, str(ROOT / "tests" / name)], env=environment, cwd=folder, capture_output=True, check=False
            )
            if run.returncode:
                return name
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", default=",".join(TESTS), help="test files, in the order in which they are run")
    chosen = parser.parse_args()
    mutants = sampled(chosen.count, chosen.seed)
    survivors = 0
    for number, (path, line, said, source) in enumerate(mutants, 1):
        by = killed(path, source, tuple(chosen.tests.split(",")))
        survivors += by is None
        where = f"{path.relative_to(ROOT / 'lpmech' / 'verify')}:{line}: {said}"
        print(f"{number}/{len(mutants)} {'SURVIVES' if by is None else 'killed by ' + by}: {where}", flush=True)
    print(f"{len(mutants)} mutants, {survivors} survivors")


if __name__ == "__main__":
    main()
