"""How each kind of thing is shown: the functions of ``lpmech.base.views.Views``, one case a kind."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, NoReturn

from lpmech import engine
from lpmech.answer.audit import Audit
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.base.errors import InputError
from lpmech.engine.batch import Batch
from lpmech.question.model import Instance
from lpmech.reading import mechanism_csv
from lpmech.show import existence, explain, frames
from lpmech.show.explain import audit, booktabs, findings, notebook, subsidies
from lpmech.show.explain import face as faces
from lpmech.show.explain import html as page
from lpmech.studies.blame import Blame
from lpmech.studies.existence import ExistenceTable
from lpmech.studies.face.found import Face
from lpmech.studies.subsidies.curve import Frontier


def _unknown(thing: object) -> NoReturn:
    raise TypeError(f"nothing says how a {type(thing).__name__} is shown")


# ---- tables in pandas --------------------------------------------------------------------------------------------------


@singledispatch
def frame(thing: object, /, **how: Any) -> Any:
    """A pandas table."""
    _unknown(thing)


@frame.register(Mechanism)
def _mechanism_frame(thing: Mechanism, /, *, by: str, exact: bool) -> Any:
    if by == "type":
        return frames.frame(frames.interim(thing), exact, {})
    return frames.frame(thing.columns(), exact, frames.labels(thing.environment))


@frame.register(Proof)
def _proof_frame(thing: Proof, /, *, exact: bool) -> Any:
    return frames.frame(frames.multipliers(thing), exact, frames.labels(thing.instance.environment))


@frame.register(Instance)
def _instance_frame(thing: Instance, /, *, joint: bool, exact: bool) -> Any:
    if joint:
        return frames.frame(frames.joint(thing), exact, frames.labels(thing.environment))
    return frames.frame(frames.types(thing), exact, {})


@frame.register(Audit)
def _audit_frame(thing: Audit, /, *, what: str, exact: bool) -> Any:
    columns = frames.properties(thing) if what == "properties" else frames.deviations(thing)
    return frames.frame(columns, exact, {})


@frame.register(Result)
def _result_frame(thing: Result, /, *, what: str, exact: bool) -> Any:
    if what == "constraints":
        return frames.frame(frames.constraints(thing), exact, {})
    found = thing.mechanism
    if found is not None:
        return _mechanism_frame(found, by="profile", exact=exact)
    if thing.proof is None:
        raise InputError(f"a result without a proof: {thing.verdict}", expected="result.prove(), which makes one")
    return _proof_frame(thing.proof, exact=exact)


# ---- tables for papers and pages ---------------------------------------------------------------------------------------


@singledispatch
def latex(thing: object, /, **how: Any) -> str:
    """A booktabs table."""
    _unknown(thing)


@latex.register(Mechanism)
def _mechanism_latex(thing: Mechanism, /, *, decimals: int | None, by: str) -> str:
    return booktabs.mechanism(thing, decimals, by)


@latex.register(Proof)
def _proof_latex(thing: Proof, /, *, decimals: int | None) -> str:
    return booktabs.proof(thing, decimals)


@latex.register(ExistenceTable)
def _existence_latex(thing: ExistenceTable, /, *, decimals: int | None) -> str:
    return existence.latex(thing, decimals)


@singledispatch
def markdown(thing: object, /) -> str:
    """A Markdown table."""
    _unknown(thing)


markdown.register(ExistenceTable, existence.markdown)


# ---- notebooks ---------------------------------------------------------------------------------------------------------


@singledispatch
def html(thing: object, /) -> str:
    """What a notebook shows."""
    _unknown(thing)


html.register(Result, notebook.result)
html.register(Mechanism, notebook.mechanism)
html.register(Proof, notebook.proof)
html.register(Instance, notebook.instance)
html.register(Audit, notebook.audit)
html.register(Batch, notebook.batch)
html.register(ExistenceTable, existence.html)


@html.register(Blame)
def _blame_html(thing: Blame, /) -> str:
    return page.fragment(findings.document(thing))


@html.register(Frontier)
def _frontier_html(thing: Frontier, /) -> str:
    return page.fragment(subsidies.document(thing))


@html.register(Face)
def _face_html(thing: Face, /) -> str:
    return page.fragment(faces.document(thing))


# ---- words -------------------------------------------------------------------------------------------------------------


@singledispatch
def explained(thing: object, /, style: str = "text") -> str:
    """In words."""
    _unknown(thing)


explained.register(Result, explain.explain)


@explained.register(Audit)
def _audit_explained(thing: Audit, /, style: str = "text") -> str:
    return audit.explain(thing)


@explained.register(Blame)
def _blame_explained(thing: Blame, /, style: str = "text") -> str:
    return explain.render(findings.document(thing), style)


@explained.register(Frontier)
def _frontier_explained(thing: Frontier, /, style: str = "text") -> str:
    return explain.render(subsidies.document(thing), style)


@explained.register(Face)
def _face_explained(thing: Face, /, style: str = "text") -> str:
    return explain.render(faces.document(thing), style)


# ---- what a result asks of the engine ----------------------------------------------------------------------------------


def prove(result: Result, /) -> Result:
    """The result's instance decided again, with a verified proof."""
    return engine.solve(result.instance)


def mechanism(instance: Any, frame: Any, /) -> Mechanism:
    """The mechanism of a pandas table (``lpmech.reading.mechanism_csv``)."""
    environment = instance.environment if isinstance(instance, Instance) else instance
    return mechanism_csv.from_table(environment, frame)


def readable(result: Result, /) -> Mechanism:
    """A mechanism with small, round payments (``lpmech.engine.rounding``)."""
    from lpmech.engine import rounding  # brings cvxpy along

    return rounding.readable(result)
