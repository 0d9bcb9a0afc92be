"""JSON Schema of instance files, generated from the tables that read them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import is_dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from lpmech.reading.instance_table import InstanceTable

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """TOML has no null, so a key that may be absent is just optional; docstrings under fields become descriptions."""

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        plain = schema.get("default") is None or not isinstance(schema["default"], str | int)
        return self.generate_inner(schema["schema"]) if plain else super().default_schema(schema)

    def dataclass_schema(self, schema: Any) -> dict[str, Any]:
        out = super().dataclass_schema(schema)
        text = schema["cls"].__doc__ or ""
        if not text.startswith(f"{schema['cls'].__name__}("):  # what dataclasses write where there is none
            out["description"] = inspect.cleandoc(text)  # pydantic before 2.14 leaves it out
        texts = field_docstrings(schema["cls"])
        for field in schema["schema"]["fields"]:
            name = field.get("validation_alias", field["name"])
            if field["name"] in texts and name in out["properties"]:
                out["properties"][name]["description"] = texts[field["name"]]
        return out


@cache
def schema_of(table: type, title: str) -> dict[str, Any]:
    """JSON Schema of the files that a table stands for; not to be changed."""
    out = TypeAdapter(table).json_schema(schema_generator=_Generator)
    return {"$schema": DIALECT, "title": title, **{k: v for k, v in out.items() if k != "title"}}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of instance files; the kinds of environment are told apart by ``kind``."""
    from copy import deepcopy

    return deepcopy(schema_of(InstanceTable, "lpmech instance"))


def field_docstrings(table: type) -> dict[str, str]:
    """The text under each field of a dataclass and of those that it derives from."""
    out: dict[str, str] = {}
    for cls in reversed(table.__mro__):
        if not is_dataclass(cls):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, text in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                value = ast.literal_eval(text.value)
                out[field.target.id] = inspect.cleandoc(str(value))
    return out
