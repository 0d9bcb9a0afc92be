"""The house rules: who may import whom, and who may print."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lpmech"
MODULES = sorted(PACKAGE.rglob("*.py"))


def name(path):
    return path.relative_to(PACKAGE).as_posix()


def imports(path, *, at_run_time=True):
    """Top-level names imported anywhere in a file, and modules of this package with their full names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checked = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)]
    skipped = {id(n) for block in checked for n in ast.walk(block)} if at_run_time else set()
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


ONLY = {
    "cvxpy": ("canonical.py", "formulations/"),
    "highspy": ("solver.py",),
    "matplotlib": ("plots/",),
    "click": ("cli/",),
    "scipy.stats": ("distributions/scipy_family.py",),
    "joblib": ("sweep/",),
    "distributed": ("sweep/pools.py",),
    "pyarrow": ("sweep/",),
}


@pytest.mark.parametrize("library", ONLY)
def test_libraries_are_imported_where_they_belong(library):
    users = [name(p) for p in MODULES if any(m == library or m.startswith(library + ".") for m in imports(p))]
    assert [u for u in users if not u.startswith(ONLY[library])] == []


LAYERS = [
    {"near", "phase", "shown", "spreadsheets", "verify"},
    {"errors"},
    {"files", "names"},
    {"catalogue", "exact"},
    {"arrays", "arguments"},
    {"requirements", "expressions", "toml_positions"},
    {"prior"},
    {"model"},
    {"fields", "distributions", "complaints"},
    {"environments"},
    {"theorems"},
    {"allocation", "allocation_csv", "instance_table", "schema", "orbits"},
    {"instance"},
    {"mechanism", "multipliers", "linear_program"},
    {"compact", "symmetric"},
    {"audit", "compact_buyers", "mechanism_csv"},
    {"formulations"},
    {"canonical", "solver"},
    {"certify"},
    {"proof"},
    {"closed_forms"},
    {"mechanisms"},
    {"frames"},
    {"result"},
    {"engine"},
    {"subsidies", "rounding", "irreducible"},
    {"explain", "batch", "existence", "agreement", "limit"},
    {"export"},
    {"neighbours"},
    {"api"},
    {"sweep"},
    {"plots"},
    {"report"},
    {"cli", "__main__"},
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}
LATE = {("result", "engine"), ("result", "rounding"), ("subsidies", "explain")} | {
    (room, to) for to in ("explain", "frames") for room in ("audit", "mechanism", "model", "proof", "result")
}
"""Imports inside a method that lead down on purpose: explanations, tables, what notebooks show, ``prove`` and ``readable``
are conveniences."""


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_upward(path):
    room = name(path).split("/")[0].removesuffix(".py")
    if room == "__init__":
        return
    assert room in LEVEL, f"{room} has no place in the house: add it to LAYERS"
    for module in imports(path):
        if module.startswith("lpmech."):
            other = module.split(".")[1]
            if other != room and (room, other) not in LATE:
                assert LEVEL[other] <= LEVEL[room], f"{name(path)} imports {module}, which is further down"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if name(p) != "verify.py" and not name(p).startswith("cli/")], ids=name
)
def test_only_the_command_line_prints(path):
    calls = [
        n.func.id
        for n in ast.walk(ast.parse(path.read_text()))
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    ]
    assert "print" not in calls


def test_help_imports_nothing_heavy():
    code = (
        "import sys\ntry:\n    from lpmech.cli import main\n    main(['--help'])\n"
        "except SystemExit: pass\nprint(*sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(out.splitlines()[-1].split())
    assert "lpmech.cli.solve" in loaded
    assert loaded.isdisjoint({"numpy", "cvxpy", "pandas", "scipy", "highspy", "pydantic", "flint", "rich"})


def test_importing_the_package_is_quick_and_its_names_all_resolve():
    code = (
        "import sys, lpmech\n"
        "heavy = {'numpy', 'cvxpy', 'pandas', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "for n in lpmech.__all__: getattr(lpmech, n)\n"
        "assert callable(lpmech.verify) and callable(lpmech.solve)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
