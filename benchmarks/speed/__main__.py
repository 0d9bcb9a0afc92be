"""``python -m benchmarks.speed``: measure, print, save; see docs/speed.md."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.speed import claims, peers, report
from benchmarks.speed.questions import QUESTIONS
from benchmarks.speed.runner import ROOT, Grid, Runner, grid

PAGE = ROOT / "docs" / "speed.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description="Speed of lpmech and of other tools."
    )
    parser.add_argument("--sizes", type=lambda s: [int(n) for n in s.split(",")], help="such as 3,10,40")
    parser.add_argument("--only", action="append", choices=list(QUESTIONS), help="one question; may be repeated")
    parser.add_argument("--against", action="append", choices=peers.names(), help="one peer; may be repeated")
    parser.add_argument("--repeat", type=int, default=5, help="instances a subject and size (default 5)")
    parser.add_argument("--seconds", type=float, default=20.0, help="time budget a subject and size (default 20)")
    parser.add_argument("--quick", action="store_true", help="sizes 3 and 40, two instances each: a minute or two")
    parser.add_argument("--must-show", action="store_true", help="only the table of claims")
    parser.add_argument("--markdown", action="store_true", help="claims as markdown, written into docs/speed.md too")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "speed" / "results", help="where results go")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    only = args.only or list(QUESTIONS)
    sizes, repeat, seconds = args.sizes, args.repeat, args.seconds
    if args.quick:
        sizes, repeat, seconds = sizes or [3, 40], min(repeat, 2), min(seconds, 3.0)

    runner = Runner(lambda text: print(text, file=sys.stderr, flush=True))
    head = report.heading(repeat)
    print(head, flush=True)
    text = [head]
    measured: Grid = {}
    if not args.must_show:
        for name in only:
            measured |= (one := grid(runner, [name], sizes, repeat, seconds, args.against))
            text.append(report.grid_text(one))
            print(f"\n{text[-1]}", flush=True)
    budget, largest = (20.0, max(sizes)) if args.quick else (max(seconds, 60.0), None)
    top, line = (
        (report.CLAIMS_MARKDOWN, report.claim_markdown) if args.markdown else (report.CLAIMS_TEXT, report.claim_text)
    )
    print(f"\n{top}", flush=True)
    rows = []
    for row in claims.table(runner, only, repeat, budget, largest):
        rows.append(row)
        print(line(row), flush=True)
    text.append("\n".join([top, *map(line, rows)]))
    if args.markdown and not args.quick and args.only is None:
        write_page(head, text[-1])
    args.out.mkdir(parents=True, exist_ok=True)
    name = args.out / time.strftime("speed-%Y%m%d-%H%M%S")
    name.with_suffix(".json").write_text(report.as_json(measured, rows, repeat), encoding="utf-8")
    name.with_suffix(".txt").write_text("\n\n".join(text) + "\n", encoding="utf-8")
    print(f"\nsaved: {name}.json, {name.name}.txt", file=sys.stderr)


def write_page(head: str, table: str) -> None:
    """Replace the figures of docs/speed.md."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n```text\n{head}\n```\n\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
