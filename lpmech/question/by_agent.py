"""What a question says of one agent at a time: by an agent's name, by a group, or by default (C12, C13)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lpmech.base.errors import InputError
from lpmech.base.near import hint

DEFAULT = "default"
"""In the place of a name: every agent who is not named, and whose groups are not."""


class Named(Protocol):
    """An environment, as far as names are looked up in it."""

    def names_of(self, agent: int) -> tuple[str, ...]:
        """What an agent may be called, his own name first, then his groups."""

    @property
    def sizes(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class ByAgent:
    """Values by name, as written: {"buyer": "DSIC", "default": "BIC"}."""

    given: tuple[tuple[str, Any], ...]

    @classmethod
    def read(cls, given: Mapping[Hashable, Any]) -> ByAgent:
        """A mapping whose keys are names."""
        return cls(tuple((str(name), str(word) if isinstance(word, str) else word) for name, word in given.items()))

    def resolved(self, environment: Named, key: str, missing: Any = None) -> tuple[Any, ...]:
        """A value for each agent: his own, that of the first of his groups that has one, the default, or ``missing``.

        Raises InputError about names that nobody has, and about agents without a value if ``missing`` is None.
        """
        table, agents = dict(self.given), range(len(environment.sizes))
        known = dict.fromkeys(name for i in agents for name in environment.names_of(i))
        for name in table:
            if name not in known and name != DEFAULT:
                listed = ", ".join(repr(one) for one in [*known, DEFAULT][:20])
                raise InputError(f"no agent or group called {name!r}", key=key, expected=listed + hint(name, known))
        out = []
        for i in agents:
            found = next((one for one in (*environment.names_of(i), DEFAULT) if one in table), None)
            if found is None and missing is None:
                raise InputError(
                    f"nothing is said of {environment.names_of(i)[0]}", key=key, expected='his name, or default = "..."'
                )
            out.append(missing if found is None else table[found])
        return tuple(out)
