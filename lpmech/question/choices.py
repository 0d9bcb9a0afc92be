"""Words that a question may choose from."""

from __future__ import annotations

from collections.abc import Sequence

from lpmech.base.errors import InputError


def choice(key: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InputError("unknown choice", key=key, value=repr(value), expected=", ".join(repr(a) for a in allowed))
