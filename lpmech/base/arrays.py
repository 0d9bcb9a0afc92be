"""Exact arrays: fmpq in numpy object arrays, for programs and linear algebra.

Apart from ``lpmech.base.exact`` so that reading files does not import numpy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from lpmech.base.exact import to_flint


def array(values: Iterable[Any], shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Object array of fmpq from Fractions or ints (C order), optionally reshaped."""
    flat = [to_flint(x) for x in values]
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return out if shape is None else out.reshape(shape)


def zeros(shape: int | tuple[int, ...]) -> np.ndarray:
    """Object array of fmpq zeros."""
    from flint import fmpq

    out = np.empty(shape, dtype=object)
    out[...] = fmpq(0)
    return out


def common_integers(values: np.ndarray, terms: int) -> tuple[np.ndarray, int]:
    """An array of Fractions in units of 1/scale: integers (int64 if sums of so many terms fit, else Python ints), and the
    scale."""
    flat = list(values.ravel())
    scale = math.lcm(*(x.denominator for x in flat)) if flat else 1
    ints = [x.numerator * (scale // x.denominator) for x in flat]
    fits = max(map(abs, ints), default=0) * terms < 2**62
    out = np.array(ints, dtype=np.int64 if fits else object)
    return out.reshape(values.shape), scale


def integer_dot(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """table @ weights, exactly, as fmpq: a matrix of integers and a vector of fmpq.

    The weights are brought to a common denominator first: integers multiply ten times faster than fmpq.
    """
    by = math.lcm(*(int(w.q) for w in weights))
    whole = [int(w.p) * (by // int(w.q)) for w in weights]
    largest = int(np.abs(table).max(initial=1)) if table.dtype == np.int64 else 1  # 1: weights alone have to fit too
    small = table.dtype == np.int64 and largest * sum(map(abs, whole)) < 2**62
    total = table.dot(np.array(whole, dtype=np.int64)) if small else table.astype(object).dot(np.array(whole, object))
    return array(map(int, total)) / to_flint(by)
