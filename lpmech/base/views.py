"""What objects ask when they are to be shown, and the one place where whoever shows them is named.

``lpmech/__init__.py`` names ``lpmech.show.views``. It runs before any other module of the package, so that a question, a
mechanism or a proof has ``to_frame``, ``explain`` and what notebooks show, and no room imports one below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Views(Protocol):
    """What ``lpmech.show.views`` defines. Each raises TypeError for a thing of a kind that has no such view."""

    def frame(self, thing: object, /, **how: Any) -> Any:
        """A pandas table."""

    def latex(self, thing: object, /, **how: Any) -> str:
        """A booktabs table."""
        ...

    def markdown(self, thing: object, /) -> str:
        """A Markdown table."""
        ...

    def html(self, thing: object, /) -> str:
        """What a notebook shows."""
        ...

    def explained(self, thing: object, /, style: str = "text") -> str:
        """In words: "text", "markdown", "latex" or "html"."""
        ...

    def prove(self, result: Any, /) -> Any:
        """The result's instance decided again, with a verified proof."""

    def mechanism(self, instance: Any, frame: Any, /) -> Any:
        """The mechanism of a pandas table."""

    def readable(self, result: Any, /) -> Any:
        """A mechanism with small, round payments."""


_load: Callable[[], Views] | None = None


def install(load: Callable[[], Any]) -> None:
    """Name whoever shows things; ``load`` is called when something is to be shown."""
    global _load
    _load = load


def views() -> Views:
    """Whoever shows things."""
    assert _load is not None, "lpmech/__init__.py names one"
    return _load()
