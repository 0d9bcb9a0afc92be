"""Lotteries that occur many times."""

from __future__ import annotations

import numpy as np


def distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the lottery in each row of an fmpq array, and the different ones, each a row."""
    flat, known = rows.ravel().tolist(), dict[tuple[int, int], int]()
    objects = {id(x): x for x in flat}  # few: the same objects recur, and fmpq are slow to hash
    code = {key: known.setdefault((int(x.p), int(x.q)), len(known)) for key, x in objects.items()}
    codes = np.array([code[id(x)] for x in flat]).reshape(rows.shape)
    _, first, number = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    return number.ravel(), rows[first]
