"""Deciding rows: what runs in a worker. A range of rows of a plan -> the bytes of a Parquet part."""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lpmech import engine
from lpmech.answer.result import Result
from lpmech.base.errors import InputError, LpmechError, UndecidedError
from lpmech.base.exact import decimal, show
from lpmech.engine.neighbours import solve_many
from lpmech.question.model import Instance
from lpmech.studies.sweep.bisect import threshold
from lpmech.studies.sweep.plan import DECIMAL, Plan
from lpmech.studies.sweep.theory import cells, columns
from lpmech.studies.sweep.together import Answers, answers

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """Rows as a Parquet file, and the seconds that they took."""

    data: bytes
    seconds: float


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> Plan:
    plan: Plan = pickle.loads(packed)
    return plan


def decide(packed: bytes, start: int, stop: int, keep_proofs: bool) -> Part:
    """Rows start, ..., stop - 1 of a pickled plan."""
    begun = time.perf_counter()
    plan = _unpacked(packed)
    together = [] if plan.bisect or plan.theorems else _together(plan, start, stop)
    rows = sorted(set(range(start, stop)).difference(*(found.rows.tolist() for found in together)))
    decided = _thresholds(plan, rows, keep_proofs) if plan.bisect else _verdicts(plan, rows, keep_proofs)
    return Part(parquet(plan, decided, keep_proofs, together), time.perf_counter() - begun)


def parquet(plan: Plan, rows: list[Row], keep_proofs: bool, together: Sequence[Answers] = ()) -> bytes:
    """Rows in the schema of the plan, in order; what a row does not say is null."""
    form, stream = schema(plan, keep_proofs), io.BytesIO()
    table = pa.Table.from_pylist(rows, schema=form)
    if together:
        parts = [pa.Table.from_pylist([], schema=form), table]
        for found in together:
            given = {"row": found.rows, **found.columns}
            parts.append(pa.table([_array(given.get(one.name), len(found.rows), one.type) for one in form], form))
        table = pa.concat_tables(parts).sort_by("row")
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def _array(given: Any, count: int, kind: Any) -> Any:
    return pa.nulls(count, kind) if given is None else pa.array(given, kind)


def schema(plan: Plan, keep_proofs: bool) -> Any:
    """Columns: exact numbers as text, each with the nearest double beside it."""
    fields: list[tuple[str, Any]] = [("row", pa.int64())]

    def number(name: str) -> list[tuple[str, Any]]:
        return [(name, pa.string()), (name + DECIMAL, pa.float64())]

    for name in plan.names:
        fields += number(name)
    fields += [("requirements", pa.string()), ("verdict", pa.string())]
    proofs = ["proof"]
    if plan.bisect is None:
        fields += [*number("margin"), *number("value")]
    else:
        proofs = ["proof_low", "proof_high"]
        for end in ("low", "high"):
            fields += [*number(end), (f"verdict_{end}", pa.string()), *number(f"margin_{end}")]
        fields += number("root")
    for name in plan.theorems:
        for column, exact in columns(name).items():
            fields += number(column) if exact else [(column, pa.string())]
    fields += [("method", pa.string()), ("proved", pa.bool_()), ("seconds", pa.float64()), ("reason", pa.string())]
    return pa.schema(fields + [(name, pa.binary()) for name in proofs if keep_proofs])


def unanswered(plan: Plan, row: int, verdict: str, reason: str, point: dict[str, Fraction] | None = None) -> Row:
    """A row without an answer: its point, and why."""
    out = _head(plan, row, plan.point(row) if point is None else point)
    return out | {"verdict": verdict, "proved": False, "reason": reason}


def packed_proof(result: Result) -> bytes | None:
    """The proof file, compressed."""
    return None if result.proof is None else zlib.compress(json.dumps(result.proof.table()).encode())


def _head(plan: Plan, row: int, point: dict[str, Fraction]) -> Row:
    out: Row = {"row": row, "requirements": plan.set_name(row)}
    for name, x in point.items():
        out |= _number(name, x)
    return out


def _number(name: str, x: Fraction | float | None) -> Row:
    return {} if x is None else {name: show(x), name + DECIMAL: decimal(x)}


def _together(plan: Plan, start: int, stop: int) -> list[Answers]:
    """What can be answered in arrays, set by set."""
    sets = len(plan.sets)
    return [one for n in range(sets) for one in answers(plan, n, -((n - start) // sets), -((n - stop) // sets))]


def _verdicts(plan: Plan, rows: Iterable[int], keep_proofs: bool) -> list[Row]:
    """Each requirement set's rows one after the other, so that neighbours ask one question; then in order."""
    out: dict[int, Row] = {}
    memory = engine.Memory()
    for which in range(len(plan.sets)):
        instances: dict[int, Instance] = {}
        for row in (row for row in rows if row % len(plan.sets) == which):
            try:
                instances[row] = plan.instance(row)
            except InputError as problem:
                out[row] = unanswered(plan, row, "invalid", str(problem))
        for (row, _), found in zip(instances.items(), _results(plan, list(instances.values())), strict=True):
            if isinstance(found, Result):
                out[row] = _answer(plan, row, found, keep_proofs) | _theory(plan, row, found, memory)
            else:
                out[row] = unanswered(plan, row, *found)
    return [out[row] for row in sorted(out)]


def _results(plan: Plan, instances: list[Instance]) -> Iterator[Result | tuple[str, str]]:
    """Results in order; in the place of one that could not be had, what happened and why."""
    later = plan.proof == "on-request"
    if later:
        try:
            yield from list(solve_many(instances, method=plan.method, proof="on-request"))
            return
        except Exception:  # one of them is bad: one by one shows which
            pass
    memory = engine.Memory()
    for instance in instances:
        try:
            if later:
                yield next(solve_many([instance], method=plan.method, proof="on-request"))
            else:
                yield engine.solve(instance, method=plan.method, memory=memory)
        except UndecidedError as problem:
            yield "undecided", str(problem)
        except LpmechError as problem:
            yield "invalid", str(problem)
        except Exception as problem:
            yield "error", f"{type(problem).__name__}: {problem}"


def _answer(plan: Plan, row: int, result: Result, keep_proofs: bool) -> Row:
    out = _head(plan, row, plan.point(row)) | {"verdict": result.verdict}
    out |= _number("margin", result.margin) | _number("value", result.value)
    out |= {"method": result.method, "proved": result.proved, "seconds": result.seconds, "reason": result.reason}
    return out | ({"proof": packed_proof(result)} if keep_proofs else {})


def _theory(plan: Plan, row: int, result: Result, memory: engine.Memory) -> Row:
    out: Row = {}
    grids = plan.grids(row) if plan.theorems else ()
    for name in plan.theorems:
        for column, cell in cells(name, result.instance, result, memory, grids).items():
            out |= {column: cell} if isinstance(cell, str) else _number(column, cell)
    return out


def _at(plan: Plan, row: int, memory: engine.Memory, x: Fraction) -> Result:
    assert plan.bisect is not None
    return engine.solve(plan.instance(row, {plan.bisect.name: x}), method=plan.method, memory=memory)


def _thresholds(plan: Plan, rows: Iterable[int], keep_proofs: bool) -> list[Row]:
    bisect = plan.bisect
    assert bisect is not None
    out, memory = [], engine.Memory()
    for row in rows:
        begun = time.perf_counter()
        try:
            found = threshold(partial(_at, plan, row, memory), bisect.low, bisect.high, bisect.width)
        except LpmechError as problem:
            out.append(unanswered(plan, row, "invalid", str(problem)))
            continue
        except Exception as problem:
            out.append(unanswered(plan, row, "error", f"{type(problem).__name__}: {problem}"))
            continue
        one = _head(plan, row, plan.point(row)) | {"verdict": found.verdict} | _number("root", found.root)
        for end, side in (("low", found.low), ("high", found.high)):
            one |= _number(end, side.at) | {f"verdict_{end}": side.result.verdict}
            one |= _number(f"margin_{end}", side.result.margin)
            one |= {f"proof_{end}": packed_proof(side.result)} if keep_proofs else {}
        one |= {"method": found.low.result.method, "proved": found.proved}
        out.append(one | {"seconds": time.perf_counter() - begun})
    return out


def proved(plan: Plan, row: int) -> dict[str, Result]:
    """A row decided anew with verified proofs, by the name of the column that would hold them."""
    if plan.bisect is None:
        return {"proof": engine.solve(plan.instance(row), method=plan.method)}
    found = threshold(partial(_at, plan, row, engine.Memory()), plan.bisect.low, plan.bisect.high, plan.bisect.width)
    return {"proof_low": found.low.result, "proof_high": found.high.result}


def start_worker(parent: int) -> None:
    """Leave Ctrl-C to the driver, and end soon after it does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    if os.name == "posix":
        threading.Thread(target=watch, daemon=True).start()
