"""The house rules: who may import whom, and who may print. Late imports and those for annotations count too."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lpmech"
ROOMS = [
    *("verify", "base", "question", "answer", "reading", "programs", "certify", "closed_forms", "engine", "literature"),
    *("studies", "api", "show", "cli", "__main__", "lpmech"),
]
"""A room imports rooms before it alone; ``lpmech`` is the package's own ``__init__``."""

SHORT = 300
"""Lines of a module."""

LONG: dict[str, str] = {}
"""Longer modules, and why."""


def modules() -> dict[str, Path]:
    """Full name without ``lpmech.`` -> file."""
    out = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        out[".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "lpmech"] = path
    return out


MODULES = modules()
each_module = pytest.mark.parametrize("module", MODULES)


def imports(tree: ast.AST) -> Iterator[str]:
    """Full names of what is imported, wherever the import stands: modules, or names in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are by full names"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, library: str) -> bool:
    return name == library or name.startswith(library + ".")


def own(name: str) -> str:
    """The module of this package that an imported name is, or is in."""
    name = name.removeprefix("lpmech").removeprefix(".")
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or "lpmech"


def parsed(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


GRAPH = {module: {own(name) for name in imports(parsed(module)) if within(name, "lpmech")} for module in MODULES}


def room(module: str) -> str:
    return module.split(".")[0]


def test_every_module_is_in_a_room() -> None:
    assert {room(module) for module in MODULES} == set(ROOMS)


@each_module
def test_imports_point_upward(module: str) -> None:
    here = ROOMS.index(room(module))
    assert [to for to in sorted(GRAPH[module]) if ROOMS.index(room(to)) > here] == []


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other, at any distance, and those that import them."""
    left = {module: to - {module} for module, to in graph.items()}
    while leaves := [module for module, to in left.items() if not to & left.keys()]:
        for module in leaves:
            del left[module]
    return sorted(left)


def test_no_modules_import_each_other() -> None:
    assert circles(GRAPH) == []


def test_circles_are_noticed() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]


@each_module
def test_files_of_other_rooms_that_are_used_have_no_underscore(module: str) -> None:
    private = {to for to in GRAPH[module] if "._" in to and room(to) != room(module)}
    assert private == set()


@pytest.mark.parametrize("name", [n for n in ROOMS if n in MODULES and MODULES[n].name == "__init__.py"])
def test_rooms_say_what_they_are_for(name: str) -> None:
    said = ast.get_docstring(parsed(name))
    assert said
    assert said.split("\n\n")[0].endswith(".") or name == "lpmech"


@each_module
def test_modules_are_short(module: str) -> None:
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= SHORT or module in LONG


ONLY = {
    "cvxpy": ("programs.canonical", "programs.formulations"),
    "highspy": ("certify.solver",),
    "matplotlib": ("show.plots",),
    "click": ("cli",),
    "scipy.stats": ("question.distributions.scipy_family",),
    "joblib": ("studies.sweep",),
    "distributed": ("studies.sweep.pools",),
    "pyarrow": ("studies.sweep",),
}


@pytest.mark.parametrize("library", ONLY)
def test_libraries_are_imported_where_they_belong(library: str) -> None:
    users = [module for module in MODULES if any(within(name, library) for name in imports(parsed(module)))]
    assert [user for user in users if not any(within(user, place) for place in ONLY[library])] == []


def test_the_verifier_imports_the_standard_library_alone() -> None:
    names = {name for module in MODULES if room(module) == "verify" for name in imports(parsed(module))}
    others = {name.split(".")[0] for name in names if not within(name, "lpmech.verify")}
    assert others <= sys.stdlib_module_names


KERNEL = 1000
"""Lines of the verifier's kernel, all its files together."""


def test_the_kernel_is_short_and_knows_no_shortcut() -> None:
    kernel = [module for module in MODULES if within(module, "verify.kernel")]
    assert sum(len(MODULES[module].read_text(encoding="utf-8").splitlines()) for module in kernel) < KERNEL
    used = {to for module in kernel for to in GRAPH[module]}
    assert {to for to in used if not within(to, "verify.kernel")} <= {
        "verify.auctions",  # one more kind of question, from the definition
        "verify.report",
        "verify.reading.numbers",
        "verify.reading.limits",
    }


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) != "cli" and m != "verify.command"])
def test_only_the_command_line_prints(module: str) -> None:
    calls = [
        node.func.id
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert "print" not in calls


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\ntry:\n    from lpmech.cli import main\n    main(['--help'])\n"
        "except SystemExit: pass\nprint(*sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(out.splitlines()[-1].split())
    assert "lpmech.cli.solve" in loaded
    assert loaded.isdisjoint({"numpy", "cvxpy", "pandas", "scipy", "highspy", "pydantic", "flint", "rich"})


def test_importing_the_package_is_quick_and_its_names_all_resolve() -> None:
    code = (
        "import sys, lpmech\n"
        "heavy = {'numpy', 'cvxpy', 'pandas', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "for n in lpmech.__all__: getattr(lpmech, n)\n"
        "assert callable(lpmech.verify) and callable(lpmech.solve)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
