"""A document of OpenAPI 3.1 as the judge of the messages that pass.

Rule 1: it knows just the words of JSON Schema that our document uses; a word that it does not know is an error.
Rule 2: it is stricter than JSON Schema: a member that the document does not describe is a fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

Schema = Mapping[str, Any]

TYPES: Final = {"object": dict, "array": list, "string": str, "integer": int}
# What says something to people only, and what its neighbour reads.
SILENT: Final = frozenset({"description", "examples", "then"})


class Api:
    """The document, and what is wrong with a message by it."""

    def __init__(self, document: Schema) -> None:
        self.document = document

    def resolved(self, node: Schema) -> Schema:
        """What a reference stands for; members beside `$ref` win."""
        if "$ref" not in node:
            return node
        target: Any = self.document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return {**self.resolved(target), **{key: value for key, value in node.items() if key != "$ref"}}

    def operation(self, method: str, path: str) -> tuple[Schema, dict[str, str]] | None:
        """The operation at a path, and what its variable parts stand for."""
        for template, item in self.document["paths"].items():
            matched = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template), path)
            if matched and method.lower() in item:
                shared = item.get("parameters", [])
                operation = item[method.lower()]
                return {**operation, "parameters": [*shared, *operation.get("parameters", [])]}, matched.groupdict()
        return None

    def parameter_faults(self, operation: Schema, given: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
        """*given* is path, query and header, each with its names in the document's spelling."""
        for parameter in map(self.resolved, operation["parameters"]):
            name, values = parameter["name"], given[parameter["in"]]
            if name in values:
                yield from self.faults(parameter["schema"], values[name], name)
            elif parameter.get("required"):
                yield f"{name} is missing"

    def content_faults(self, message: Schema, content_type: str, value: object) -> Iterator[str]:
        """A body of a request or of an answer; *value* is None where there is none."""
        content = message.get("content", {})
        if content_type in content:
            yield from self.faults(content[content_type]["schema"], value, "body")
        elif content:
            yield f"the type {content_type} is not described"

    def faults(self, schema: Schema, value: Any, at: str) -> Iterator[str]:
        """What is wrong with *value*."""
        schema = self.resolved(schema)
        for word, wanted in schema.items():
            if word not in SILENT:
                yield from getattr(self, f"_{word.lower()}")(schema, wanted, value, at)

    def _type(self, _: Schema, wanted: str, value: Any, at: str) -> Iterator[str]:
        if type(value) is not TYPES[wanted]:
            yield f"{at} is no {wanted}"

    def _const(self, _: Schema, wanted: object, value: Any, at: str) -> Iterator[str]:
        if (type(value), value) != (type(wanted), wanted):
            yield f"{at} is not {wanted!r}"

    def _enum(self, _: Schema, wanted: list[object], value: Any, at: str) -> Iterator[str]:
        if value not in wanted:
            yield f"{at} is none of {wanted}"

    def _pattern(self, _: Schema, wanted: str, value: Any, at: str) -> Iterator[str]:
        if not re.search(wanted.replace("$", r"\Z"), value):
            yield f"{at} does not match {wanted}"

    def _format(self, _: Schema, wanted: str, value: Any, at: str) -> Iterator[str]:
        if wanted == "date-time" and datetime.fromisoformat(value).tzinfo is None:
            yield f"{at} has no offset"

    def _minlength(self, _: Schema, wanted: int, value: Any, at: str) -> Iterator[str]:
        if len(value) < wanted:
            yield f"{at} is too short"

    def _maxlength(self, _: Schema, wanted: int, value: Any, at: str) -> Iterator[str]:
        if len(value) > wanted:
            yield f"{at} is too long"

    def _minimum(self, _: Schema, wanted: int, value: Any, at: str) -> Iterator[str]:
        if value < wanted:
            yield f"{at} is too small"

    def _maximum(self, _: Schema, wanted: int, value: Any, at: str) -> Iterator[str]:
        if value > wanted:
            yield f"{at} is too large"

    _minproperties = _minlength

    def _items(self, _: Schema, wanted: Schema, value: Any, at: str) -> Iterator[str]:
        for place, item in enumerate(value):
            yield from self.faults(wanted, item, f"{at}[{place}]")

    def _required(self, _: Schema, wanted: list[str], value: Any, at: str) -> Iterator[str]:
        yield from (f"{at}.{key} is missing" for key in wanted if key not in value)

    def _properties(self, schema: Schema, wanted: Schema, value: Any, at: str) -> Iterator[str]:
        yield from (f"{at}.{key} is not described" for key in value if key not in wanted and "type" in schema)
        for key, inner in wanted.items():
            if key in value:
                yield from self.faults(inner, value[key], f"{at}.{key}")

    def _additionalproperties(self, _: Schema, wanted: Schema, value: Any, at: str) -> Iterator[str]:
        for key, item in value.items():
            yield from self.faults(wanted, item, f"{at}.{key}")

    def _if(self, schema: Schema, wanted: Schema, value: Any, at: str) -> Iterator[str]:
        if not list(self.faults(wanted, value, at)):
            yield from self.faults(schema["then"], value, at)


def nodes(node: object, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Every object of the document, with its place."""
    if isinstance(node, dict):
        yield path, node
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in pairs:
        yield from nodes(inner, f"{path}/{key}")


JSON_API: Final = Api(json.loads((Path(__file__).parents[2] / "docs/protocols/json.openapi.json").read_text("utf-8")))
