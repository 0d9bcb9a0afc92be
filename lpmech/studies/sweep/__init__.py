"""Sweeps: families of instances over axes of parameters, decided by any number of workers (``docs/sweeps.md``).

``plan.py`` reads a sweep file; ``loop.py`` hands ranges of rows to workers, which decide them (``rows.py``), and writes one
Parquet part for each (``store.py``); a directory of parts is resumed where it stopped, and read as a DataFrame.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpmech.base.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from lpmech.answer.result import Result
    from lpmech.studies.sweep.plan import Plan

__all__ = ["agreements", "load_sweep", "parts", "plan_of", "row_results", "run", "sweep", "tally"]


def sweep(
    file: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    keep_proofs: bool = False,
    proof: str | None = None,
    repair: bool = False,
    retry_crashes: bool = False,
    allow_paths: bool = False,
) -> pd.DataFrame:
    """Decide every row of a sweep file and return the rows (``load_sweep``).

    ``out`` is the directory of results, resumed if it holds some of this very sweep; without it they are not kept.
    ``workers``: processes on this machine, as many as cores if not given; ``scheduler``: a Dask scheduler's address
    in their place. ``proof`` ("always", "on-request") overrides the file's. ``repair``: what is damaged in ``out`` is moved
    to ``set-aside`` in it, and its rows are decided again; ``retry_crashes``: so are rows that crashed their worker.
    ``allow_paths``: as in ``lpmech.load``.
    """
    if out is None:
        with tempfile.TemporaryDirectory(prefix="lpmech-sweep-") as folder:
            run(file, folder, workers, scheduler, keep_proofs, proof, allow_paths=allow_paths)
            return load_sweep(folder)
    run(
        file,
        out,
        workers,
        scheduler,
        keep_proofs,
        proof,
        repair=repair,
        retry_crashes=retry_crashes,
        allow_paths=allow_paths,
    )
    return load_sweep(out)


def run(
    file: str | os.PathLike[str],
    out: str | os.PathLike[str],
    workers: int | None = None,
    scheduler: str | None = None,
    keep_proofs: bool = False,
    proof: str | None = None,
    progress: Callable[[int, int], None] = lambda done, rows: None,
    repair: bool = False,
    retry_crashes: bool = False,
    allow_paths: bool = False,
    **changes: Any,
) -> None:
    """Decide the rows of a sweep file that ``out`` does not hold yet; ``changes`` are fields of ``loop.Loop``.

    ``repair``: what is damaged in ``out`` is moved to ``set-aside`` in it, and decided again; ``retry_crashes``: so are
    the rows that crashed their worker.
    """
    require_packages()
    from lpmech.studies.sweep.loop import Loop
    from lpmech.studies.sweep.plan import load_plan
    from lpmech.studies.sweep.pools import DaskPool, LocalPool, Pool
    from lpmech.studies.sweep.store import Store

    plan = load_plan(file, allow_paths)
    if proof is not None:
        plan = replace(plan, proof=proof)
    if keep_proofs and plan.proof == "on-request":
        raise InputError("proofs that are not made cannot be kept", expected='proof = "always"')
    if workers is not None and scheduler is not None:
        raise InputError("workers here and on a cluster", expected="either workers or scheduler")
    store = Store(Path(out))
    store.claim(repair)
    with store.locked():
        store.open(plan, keep_proofs, repair)
        if retry_crashes:
            store.set_crashes_aside()
        store.missing(plan.rows)  # complains before any worker starts
        pool: Pool = LocalPool(workers) if scheduler is None else DaskPool(scheduler)
        try:
            Loop(plan, store, pool, keep_proofs, progress, **changes).run()
        except BaseException as problem:
            pool.close(kill=True)
            if isinstance(problem, pool.lost):
                raise InputError(
                    "the scheduler is gone", value=scheduler, expected="to resume, the same again"
                ) from None
            raise
        pool.close(kill=False)


def load_sweep(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """The rows of a directory of results that are done, in order: exact numbers as text, with a column of doubles each.

    ``attrs`` has "title"; "rows", the number that the whole sweep has; "labels", what figures call parameters.
    """
    import pyarrow as pa

    plan = plan_of(folder)
    frame: pd.DataFrame = pa.concat_tables(parts(folder)).to_pandas()
    frame.attrs = {"title": plan.title, "rows": plan.rows, "labels": dict(plan.labels)}
    return frame


def parts(folder: str | os.PathLike[str], columns: Sequence[str] | None = None) -> Iterator[Any]:
    """The rows of a directory of results that are done, as pyarrow tables: an empty one, then part by part, in order."""
    plan = plan_of(folder)
    from lpmech.studies.sweep.rows import schema
    from lpmech.studies.sweep.store import Store

    wanted = schema(plan, keep_proofs=False)
    names = wanted.names if columns is None else list(columns)
    store = Store(Path(folder))
    done = store.parts()
    yield wanted.empty_table().select(names)
    for _, path in done:
        yield store.table(path, names)


def tally(folder: str | os.PathLike[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """How many of the rows that are done have each name of requirements and verdict, and how many of these are proved."""
    keys, found = ["requirements", "verdict"], dict[tuple[str, str], tuple[int, int]]()
    for part in parts(folder, [*keys, "proved"]):
        sums = part.group_by(keys, use_threads=False).aggregate([("proved", "count"), ("proved", "sum")])
        for one in sums.to_pylist():
            key = one["requirements"], one["verdict"]
            rows, proofs = found.get(key, (0, 0))
            found[key] = rows + one["proved_count"], proofs + one["proved_sum"]
    return found


def agreements(folder: str | os.PathLike[str]) -> dict[str, dict[str, int]]:
    """How many of the rows that are done agree with each theorem beside them, do not, and so on: by what the rows say."""
    found: dict[str, dict[str, int]] = {name: {} for name in plan_of(folder).theorems}
    for part in parts(folder, [f"{name}_agrees" for name in found]):
        for name, counts in found.items():
            for one in part[f"{name}_agrees"].drop_null().value_counts().to_pylist():
                counts[one["values"]] = counts.get(one["values"], 0) + one["counts"]
    return found


def plan_of(folder: str | os.PathLike[str]) -> Plan:
    """The sweep that a directory of results holds, from the texts in its manifest."""
    require_packages()
    from lpmech.studies.sweep.plan import restored
    from lpmech.studies.sweep.store import Store

    found = Store(Path(folder)).manifest
    plan = restored(found["pins"], Path(found["base"]), found["allow_paths"])
    return replace(plan, proof=found["proof"], theorems=tuple(found["theorems"]))


def row_results(folder: str | os.PathLike[str], row: int) -> dict[str, Result]:
    """One row decided anew with verified proofs: by "proof", or by "proof_low" and "proof_high" for a threshold."""
    from lpmech.studies.sweep.rows import proved

    plan = plan_of(folder)
    if not 0 <= row < plan.rows:
        raise InputError("no such row", value=row, expected=f"a whole number from 0 to {plan.rows - 1}")
    return proved(plan, row)


def require_packages() -> None:
    """Raise InputError without the packages of the extra ``sweep``."""
    try:
        import joblib  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as problem:
        raise InputError(f"sweeps need {problem.name}", expected="pip install 'lpmech[sweep]'") from None
