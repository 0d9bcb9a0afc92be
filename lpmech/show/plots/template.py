"""Pages: jinja2 templates in the packages that fill them, and the style that they share."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from lpmech.base.errors import InputError


def template(package: str, what: str) -> Any:
    """The ``page.html`` of a package, with ``page_style``. Raises InputError about ``what`` if there is no jinja2."""
    try:
        import jinja2
    except ImportError:
        raise InputError(f"{what} need jinja2", expected="pip install 'lpmech[plot]'") from None
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals["page_style"] = (
        files("lpmech.show.plots").joinpath("page.css").read_text(encoding="utf-8").rstrip()
    )
    return environment.from_string(files(package).joinpath("page.html").read_text(encoding="utf-8"))
