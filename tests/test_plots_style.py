"""Figures as files: the same bytes each time, whole or not at all, and no window."""

from __future__ import annotations

import sys

import pytest

from lpmech.base.errors import InputError
from lpmech.show.plots import style


def drawn():
    ax = style.axes()
    ax.plot([0, 1], [1, 0], color=style.EXISTS)
    ax.set_title("b ≥ s")
    return ax.figure


@pytest.mark.parametrize("kind", style.FORMATS)
def test_a_figure_is_the_same_file_each_time(tmp_path, kind):
    first, second = (style.save(drawn(), tmp_path / f"{n}.{kind}").read_bytes() for n in (1, 2))
    assert first == second
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"1.{kind}", f"2.{kind}"]


def test_svg_text_is_one_element_with_readable_words():
    text = style.svg(drawn())
    assert text.startswith("<svg")
    assert "b ≥ s" in text


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"fig\.gif.*png, \.svg or \.pdf"):
        style.save(drawn(), tmp_path / "fig.gif")


def test_axes_given_are_used():
    ax = style.axes()
    assert style.axes(ax) is ax


def test_a_machine_without_matplotlib_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"pip install 'lpmech\[plot\]'"):
        style.axes()
