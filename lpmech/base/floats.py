"""Whether floating-point numbers may stand for exact ones: refused, or on request read as the decimals they print as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lpmech.base.errors import InputError

DECIMAL = "decimal"
_reading: ContextVar[str | None] = ContextVar("floats", default=None)


def as_decimals() -> bool:
    """Whether a float is read as the decimal that it prints as."""
    return _reading.get() == DECIMAL


@contextmanager
def floats(how: str | None) -> Iterator[None]:
    """Within: how floats are read, "decimal" (0.1 is one tenth) or None (refused).

    ``with lpmech.floats("decimal"): lpmech.Distribution([0.1, 0.5])``
    """
    if how not in (None, DECIMAL):
        raise InputError("an unknown way to read floats", value=repr(how), expected=f'"{DECIMAL}", or None')
    token = _reading.set(how)
    try:
        yield
    finally:
        _reading.reset(token)
