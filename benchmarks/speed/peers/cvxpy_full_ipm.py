"""The programs of cvxpy_lifted and cvxpy_full by the interior point method of HiGHS without crossover."""

from __future__ import annotations

from functools import partial

import cvxpy as cp

from benchmarks.speed.peers import cvxpy_full, cvxpy_lifted

OPTIONS = {"solver": cp.HIGHS, "highs_options": {"solver": "ipm", "run_crossover": "off"}}

SOLVE = {
    "bic": partial(cvxpy_lifted.bic, options=OPTIONS),
    "second_best": partial(cvxpy_lifted.second_best, options=OPTIONS),
    "groves": partial(cvxpy_full.groves, options=OPTIONS),
    "one_price": partial(cvxpy_full.one_price, options=OPTIONS),
}
