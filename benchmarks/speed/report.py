"""Results in words: text of 100 columns, markdown, and JSON."""

from __future__ import annotations

import json
import os
import platform
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.speed.child import Outcome
from benchmarks.speed.claims import Row
from benchmarks.speed.questions import QUESTIONS, Size
from benchmarks.speed.runner import Grid, exponent

WIDTH = 100
PHASES = ("parse", "build", "solve", "certify", "verify", "other")
PACKAGES = ("lpmech", "numpy", "scipy", "cvxpy", "highspy", "linopy", "mechaudit")


def machine() -> dict[str, str]:
    """Processor, cores, memory, versions, day."""
    cpu, info = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), cpu)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name)))
    return {
        "machine": f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}",
        "versions": f"Python {platform.python_version()}, {packages}",
        "date": date.today().isoformat(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def heading(repeat: int) -> str:
    lines = [f"{key}: {value}" for key, value in machine().items()]
    lines.append(
        f"medians of at most {repeat} random instances, processor time of one thread; one process for each subject and "
        "size; imports and drawing of instances not counted"
    )
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)


def grid_text(grid: Grid) -> str:
    return "\n\n".join(question_text(name, rows) for name, rows in grid.items())


def question_text(name: str, rows: dict[Size, dict[str, Outcome]]) -> str:
    """Times, ratios to ``auto``, growth, phases, and why there is nothing where there is nothing."""
    question = QUESTIONS[name]
    subjects = list(next(iter(rows.values()), {}))
    notes: list[str] = []
    first = [["milliseconds", *subjects]]
    second = [["times auto", *subjects]]
    for size, row in rows.items():
        label = f"{size[0]:,}"
        first.append([label, *(_cell(row[s], notes) for s in subjects)])
        own = row["auto"].cpu
        second.append([label, *(_times(row[s].cpu, own) for s in subjects)])
    growth = ["exponent"]
    for s in subjects:
        found = exponent([(size[0], row[s].cpu or 0.0) for size, row in rows.items() if row[s].cpu])
        growth.append("-" if found is None else f"{found:.2f}")
    parts = [f"{name}: {question.words}; {question.unit}", columns([*first, growth]), columns(second)]
    parts.append(columns([*_phases(rows, question.methods)]))
    return "\n".join([*parts, *(textwrap.fill(note, WIDTH, subsequent_indent="      ") for note in notes)])


def _cell(out: Outcome, notes: list[str]) -> str:
    if out.cpu is not None:
        return f"{1e3 * out.cpu:,.3g}" if out.cpu < 1 else f"{1e3 * out.cpu:,.0f}"
    reasons = [note.split("] ", 1)[1] for note in notes]
    reason = out.reason or "not run"
    if reason not in reasons:
        notes.append(f"  -[{len(notes) + 1}] {reason}")
        reasons.append(reason)
    return f"-[{reasons.index(reason) + 1}]"


def _times(other: float | None, own: float | None) -> str:
    if not other or not own:
        return "-"
    return f"{other / own:,.0f}" if other >= 10 * own else f"{other / own:.2g}"


def _phases(rows: dict[Size, dict[str, Outcome]], methods: Iterable[str]) -> Iterable[list[str]]:
    yield ["phases, ms", "method", *PHASES, "whole", "cold", "wall", "MB", "runs"]
    for size, row in rows.items():
        for method in methods:
            out = row[method]
            if out.cpu is not None and (method == "auto" or out.method != row["auto"].method):
                spent = [f"{1e3 * out.phases[p]:.3g}" if p in out.phases else "-" for p in PHASES]
                ends = [f"{1e3 * x:.3g}" if x is not None else "-" for x in (out.cpu, out.cold, out.wall)]
                yield [f"{size[0]:,}", out.method, *spent, *ends, f"{out.memory:.0f}", str(out.repetitions)]


def columns(table: Sequence[Sequence[str]]) -> str:
    """Right-aligned columns; long heads are broken at underscores into two lines."""
    heads = [head.rsplit("_", 1) if len(head) > 9 and "_" in head else ["", head] for head in table[0]]
    body = [[head[i] for head in heads] for i in (0, 1) if i or any(head[0] for head in heads)]
    body += [list(row) for row in table[1:]]
    widths = [max(len(row[i]) for row in body) for i in range(len(table[0]))]
    return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in body)


CLAIMS_TEXT = "what must show (question | size | against | measured | wanted)"
CLAIMS_MARKDOWN = "| question | size | against | measured | wanted | how |\n|---|---|---|---|---|---|"


def claim_text(row: Row) -> str:
    place = f"{row.question} | {row.size}" + (f" | {row.against}" if row.against else "")
    told = f"    measured {row.measured}, wanted {row.wanted}" + (f"  ({row.note})" if row.note else "")
    lines = textwrap.wrap(place, WIDTH, subsequent_indent="    ") + textwrap.wrap(
        told, WIDTH, subsequent_indent="      "
    )
    return "\n".join(lines)


def claim_markdown(row: Row) -> str:
    cells = (row.question, row.size, row.against or "-", row.measured, row.wanted, row.note or "-")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def as_json(grid: Grid, rows: Sequence[Row], repeat: int) -> str:
    """Everything measured; answers left out."""

    def plain(out: Outcome) -> dict[str, Any]:
        return {key: value for key, value in asdict(out).items() if key != "answers"}

    measured = [
        {"question": name, "size": list(size), "subject": subject, **plain(out)}
        for name, sizes in grid.items()
        for size, row in sizes.items()
        for subject, out in row.items()
    ]
    everything = {**machine(), "repeat": repeat, "subjects": measured, "claims": [asdict(row) for row in rows]}
    return json.dumps(everything, indent=1, ensure_ascii=False) + "\n"
