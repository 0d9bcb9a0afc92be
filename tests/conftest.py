"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lpmech.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[object, str, str]]:
    """The command line: ``run("solve", file)`` gives the exit status, standard output and standard error."""

    def call(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as stop:
            main([str(a) for a in arguments])
        return stop.value.code, *capsys.readouterr()

    return call
