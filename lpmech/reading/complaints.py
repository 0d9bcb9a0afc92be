"""What pydantic found wrong with an instance file, said in the file's own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from lpmech.base.errors import Complaints, InputError
from lpmech.base.fields import FollowsError, one_of, written
from lpmech.reading.toml_positions import Path, dotted

_NOT_A = {
    "dataclass_type": "not a table",
    "dict_type": "not a table",
    "model_attributes_type": "not a table",
    "list_type": "not a list",
    "string_type": "not text",
    "bool_type": "not a truth value",
}
"""Wrong types, by pydantic's name for the error."""


def complaints(error: ValidationError, data: Mapping[str, Any], schema: Mapping[str, Any], found: Complaints) -> None:
    """Note in ``found`` an InputError for each of pydantic's, with keys from the root of the file; ``schema`` says what was
    expected.

    Complaints that only follow from others are left out; of very many, most are only counted.
    """
    for item in error.errors(include_url=False):
        own = item.get("ctx", {}).get("error")
        if isinstance(own, FollowsError):
            continue
        if found.full:
            found.more += 1
            continue
        loc, kind, value = item["loc"], item["type"], item["input"]
        if isinstance(own, InputError):
            found.more += own.more
            found.note(
                *(part.under(dotted(_path(data, loc))) for part in own.parts if not isinstance(part, FollowsError))
            )
        elif kind == "missing":
            key = dotted((*_path(data, loc[:-1]), loc[-1]))
            found.note(InputError("missing", key=key, expected=_accepted(schema, loc)))
        elif kind == "union_tag_not_found":
            key = dotted((*_path(data, loc), "kind"))
            found.note(InputError("missing", key=key, expected=one_of(_kinds(schema, loc))))
        elif kind == "union_tag_invalid":
            key, tag = dotted((*_path(data, loc), "kind")), value["kind"]
            found.note(
                InputError(
                    "unknown kind",
                    key=key,
                    value=written(tag),
                    expected=f"{one_of(_kinds(schema, loc), tag)}; other models: docs/what-can-be-asked.md",
                )
            )
        elif kind == "unexpected_keyword_argument":
            known = list(_node(schema, loc[:-1]).get("properties", {}))
            found.note(InputError("unknown key", key=dotted(_path(data, loc)), expected=one_of(known, loc[-1])))
        else:
            found.note(
                InputError(
                    _NOT_A.get(kind, item["msg"]),
                    key=dotted(_path(data, loc)),
                    value=written(value),
                    expected=_accepted(schema, loc),
                )
            )


def _path(data: Any, loc: Sequence[str | int]) -> Path:
    """The part of pydantic's location that is in the file: without the names of alternatives."""
    path: list[str | int] = []
    for part in loc:
        inside = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if inside:
            data = data[part]
            path.append(part)
    return tuple(path)


def _node(schema: Mapping[str, Any], loc: Sequence[str | int]) -> Mapping[str, Any]:
    """The part of the schema that describes what is at pydantic's location; empty if it has none."""
    node: Mapping[str, Any] = schema
    for part in loc:
        node = _resolved(schema, node)
        alternatives = [_resolved(schema, branch) for branch in node.get("oneOf", ())]
        if part in node.get("properties", {}):
            node = node["properties"][part]
        elif isinstance(part, int) or part == "[key]":
            node = node.get("items", {})
        elif part in node.get("discriminator", {}).get("mapping", {}):
            node = {"$ref": node["discriminator"]["mapping"][part]}
        elif alternatives:
            wanted = {"<table>": "object", "<rows>": "array"}.get(str(part), "string")
            node = next((branch for branch in alternatives if branch.get("type") == wanted), {})
        else:
            node = node.get("additionalProperties") or {}
    return _resolved(schema, node)


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition that a reference refers to, with the reference's own description."""
    if "$ref" not in node:
        return node
    return {**schema["$defs"][node["$ref"].rpartition("/")[2]], **{k: v for k, v in node.items() if k != "$ref"}}


def _accepted(schema: Mapping[str, Any], loc: Sequence[str | int]) -> str | None:
    """What the schema accepts at a location, in words."""
    node = _node(schema, loc)
    if "const" in node:
        return repr(node["const"])
    if "enum" in node:
        return one_of(node["enum"])
    kind = "object" if "discriminator" in node else str(node.get("type"))
    parts = [{"object": "a table", "array": "a list", "string": "text", "boolean": "true or false"}.get(kind)]
    if text := str(node.get("description", "")).split("\n")[0].rstrip("."):
        parts.append(text[0].lower() + text[1:])
    return ": ".join(part for part in parts if part) or None


def _kinds(schema: Mapping[str, Any], loc: Sequence[str | int]) -> list[str]:
    return list(_node(schema, loc).get("discriminator", {}).get("mapping", {}))
