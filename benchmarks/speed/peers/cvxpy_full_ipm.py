"""The programs of cvxpy_full, by the interior point method of HiGHS without crossover."""

from __future__ import annotations

from functools import partial

import cvxpy as cp

from benchmarks.speed.peers import cvxpy_full

OPTIONS = {"solver": cp.HIGHS, "highs_options": {"solver": "ipm", "run_crossover": "off"}}

SOLVE = {name: partial(solve, options=OPTIONS) for name, solve in cvxpy_full.SOLVE.items()}
