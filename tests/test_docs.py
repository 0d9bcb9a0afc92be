"""Documentation that drifts from the code is a failing test."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import lpmech
from lpmech import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, *DOCS, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "instances" / "README.md"]
MODULES = sorted((ROOT / "lpmech").rglob("*.py"))
COMMANDS = cli.group.list_commands(click.Context(cli.group))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TIME = re.compile(r"\b\d+\.\d+ s\b")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    """Code blocks of a language, each at its line of the page: blank lines stand for what comes before."""
    text = page.read_text(encoding="utf-8")
    return [
        "\n" * (text[: found.start(2)].count("\n")) + found[2] if language == "python" else found[2]
        for found in FENCE.finditer(text)
        if found[1] == language
    ]


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory where the repository's relative paths work and whatever is written is thrown away."""
    shutil.copytree(ROOT / "instances", tmp_path / "instances")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- code -----------------------------------------------------------------------------------------------------------


def run(code: str, where: str, names: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Run a block; for each expression with a comment ``# -> text``: the expression, the text, and what it is."""
    lines = code.splitlines()
    for statement in ast.parse(code).body:
        source = compile(ast.Module([statement], []), where, "exec")
        said = re.search(r"# -> (.*)$", lines[(statement.end_lineno or 1) - 1])
        if isinstance(statement, ast.Expr) and said:
            value = eval(compile(ast.Expression(statement.value), where, "eval"), names)
            yield ast.unparse(statement.value), said[1].strip(), repr(value)
        else:
            exec(source, names)


@pytest.mark.parametrize("page", [p for p in [README, *DOCS] if blocks(p, "python")], ids=name)
def test_python_blocks_run(page: Path, desk: Path) -> None:
    """The blocks of a page run one after another, and expressions are what their comments say."""
    names: dict[str, Any] = {"__name__": "page"}
    examples = blocks(page, "toml")
    if examples:  # a page's first instance is the file or the text that its code speaks of
        names["text"] = examples[0]
        (desk / "three-by-three.toml").write_text(examples[0], encoding="utf-8")
    found = [one for code in blocks(page, "python") for one in run(code, name(page), names)]
    assert [(what, is_) for what, _, is_ in found] == [(what, said) for what, said, _ in found]


def test_comments_in_python_blocks_are_checked() -> None:
    assert list(run("x = 1\nx + 1  # -> 3\n", "here", {})) == [("x + 1", "3", "2")]


def test_readme_shows_expressions_with_their_values() -> None:
    assert sum(code.count("# -> ") for code in blocks(README, "python")) >= 8


@pytest.mark.parametrize("example", blocks(README, "toml"))
def test_readme_instances_are_instances(example: str) -> None:
    from lpmech.reading.instance import loads

    assert loads(example).environment.agents


def sessions(page: Path) -> list[list[tuple[str, str]]]:
    """Console blocks as lists of (command, output)."""
    return [
        [
            (part.split("\n", 1)[0], part.split("\n", 1)[1].rstrip())
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        ]
        for block in blocks(page, "console")
    ]


def output(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    program, *arguments = shlex.split(command)
    if program == "python":
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8")
        return done.stdout
    assert program == "lpmech", f"{command}: only lpmech and python run here"
    capsys.readouterr()
    with pytest.raises(SystemExit):
        cli.main(arguments)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "session", [one for page in [README, *DOCS] for one in sessions(page)], ids=lambda session: session[0][0]
)
def test_console_examples_print_what_they_show(
    session: list[tuple[str, str]], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Word for word, up to timings."""
    for command, shown in session:
        assert TIME.sub("T s", output(command, capsys).rstrip()) == TIME.sub("T s", shown), command


def test_every_lpmech_example_is_in_a_console_block() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(re.findall(r"^\$ lpmech ", text, re.MULTILINE)) >= 2
    assert text.count("\n$ ") == sum(len(session) for session in sessions(README))


@pytest.mark.parametrize(
    "command",
    [
        "pip install -e . && lpmech solve instances/jagadeesan-tordjman-2025/example-1.toml",
        'pip install -e ".[test]" && pytest',
    ],
)
def test_the_two_commands_of_the_readme(command: str) -> None:
    assert [command] in [block.splitlines() for block in blocks(README, "")]


# ---- links ----------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


def broken_links(page: Path) -> list[str]:
    """Relative links of a page whose file or heading is not there."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_resolve(page: Path) -> None:
    assert broken_links(page) == []


def test_broken_links_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One word\n[a](#one-word) [b](#two) [c](none.md) [d](page.md#one-word) [e](https://x.y)\n")
    assert broken_links(page) == ["#two", "none.md"]


@pytest.mark.parametrize("page", DOCS, ids=name)
def test_every_page_can_be_reached_from_the_readme(page: Path) -> None:
    assert f"({name(page)})" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_formula_starts_a_list_or_a_quotation(page: Path) -> None:
    """Markdown takes a line that begins with + or > for a list or a quotation, even amid a sentence."""
    lines = re.findall(r"(?<=[^\n]\n)^ *(?:[+>=]|\* ).*$", prose(page), re.MULTILINE)
    assert lines == []


def test_pages_that_the_code_cites_are_there() -> None:
    cited = {page for file in MODULES for page in re.findall(r"docs/[\w-]+\.md", file.read_text(encoding="utf-8"))}
    assert [page for page in sorted(cited) if not (ROOT / page).exists()] == []


def missing_files(page: Path) -> list[str]:
    """Python files that a page speaks of and that are not in the repository."""
    here = [name(file) for folder in ("lpmech", "tests", "benchmarks") for file in (ROOT / folder).rglob("*.py")]
    named = re.findall(r"`([\w/]+\.py)`", prose(page))
    return [file for file in named if not any(f"/{known}".endswith(f"/{file}") for known in here)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_that_pages_speak_of_exist(page: Path) -> None:
    assert missing_files(page) == []


def test_missing_files_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`solver.py`, `certify/lu.py`, `lpmech/engine/batch.py`, `lpmech/lu.py`, `nothing.py`\n")
    assert missing_files(page) == ["lpmech/lu.py", "nothing.py"]


# ---- commands, names, modules ---------------------------------------------------------------------------------------


def table_of_commands() -> dict[str, str]:
    return dict(re.findall(r"^\| `lpmech ([\w-]+)[^`]*` \|(.*)$", README.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_readme_lists_the_commands_that_exist() -> None:
    assert sorted(table_of_commands()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_and_options_have_help(command: str) -> None:
    found = cli.group.get_command(click.Context(cli.group), command)
    assert found is not None
    assert found.help
    options = [p for p in found.params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_options_in_the_readme_exist(command: str) -> None:
    found = cli.group.get_command(click.Context(cli.group), command)
    assert found is not None
    known = {flag for parameter in found.params for flag in parameter.opts}
    assert set(re.findall(r"--[\w-]+", table_of_commands()[command])) <= known


@pytest.mark.parametrize("public", [n for n in lpmech.__all__ if n != "__version__"])
def test_public_names_have_docstrings(public: str) -> None:
    thing = getattr(lpmech, public)
    own = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    assert own
    assert not own.startswith(f"{public}(")  # what dataclasses write when there is none


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_modules_have_docstrings(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_how_it_works_lists_the_rooms_that_exist() -> None:
    """Files and rooms of the package; files inside the rooms are found by being there and need no entry."""
    page = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    layout = page[page.index("## The rooms") :]
    first_cells = re.findall(r"^\| (`[^|]*`) \|", layout, re.MULTILINE)
    listed = {entry for cell in first_cells for entry in re.findall(r"`([^`]+)`", cell)}
    folders = {f"{f.parent.name}/" for f in (ROOT / "lpmech").glob("*/__init__.py")}
    assert listed == folders | {f.name for f in (ROOT / "lpmech").glob("*.py")}


# ---- words ----------------------------------------------------------------------------------------------------------


def test_conventions_that_are_cited_exist() -> None:
    page = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    numbered = re.findall(r"^## C(\d+) ", page, re.MULTILINE)
    assert numbered == [str(n) for n in range(1, len(numbered) + 1)]
    cited = {n for file in [*MODULES, *PAGES] for n in re.findall(r"\bC(\d+)\b", file.read_text(encoding="utf-8"))}
    assert cited <= set(numbered)


PROGRAMS: list[dict[str, str]] = [
    {"incentive_compatibility": "DSIC", "individual_rationality": "ex-post", "budget": "no-deficit"},
    {"incentive_compatibility": "BIC", "individual_rationality": "interim", "budget": "balanced", "allocation": "free"},
    {"incentive_compatibility": "DSIC", "individual_rationality": "ex-ante", "budget": "no-expected-deficit"},
    {"transfers": "groves"},
]


def named(text: str) -> str:
    """A name without its agent and outcome: ``BIC[buyer]`` and ``BIC[seller]`` are one, and so are t_B and t_S."""
    return re.sub(r"^([tThA])_\w+", r"\1_NAME", text.split("[")[0])


def test_formulations_name_the_constraints_and_variables_of_the_programs() -> None:
    page = (ROOT / "docs" / "formulations.md").read_text(encoding="utf-8")
    documented = {named(entry) for entry in re.findall(r"`([^`\n]+)`", page)}
    instance = lpmech.load(ROOT / "instances" / "kos-manea-2009" / "example-2-one-buyer.toml")
    for changes in PROGRAMS:
        for goal in ("margin", "welfare"):
            program = lpmech.program(instance.with_requirements(**changes).with_objective(goal))
            names = {named(entry) for entry in (*program.variables, *program.constraints)} - {"z"}
            assert names <= documented


def test_the_changelog_has_its_sections() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = text[text.index("## Unreleased") :].split("\n## ")[0]
    sections = re.findall(r"^### (.*)$", newest, re.MULTILINE)
    assert sections == ["Added", "Changed", "Fixed", "Removed", "Verdicts"]


def test_the_version_of_the_package_is_that_of_pyproject() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert lpmech.__version__ == project["version"]
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{project['license']} License")


def test_public_names_can_be_imported() -> None:
    assert [n for n in lpmech.__all__ if getattr(importlib.import_module("lpmech"), n, None) is None] == []
