"""A request's own wishes for the answer: labels to choose from, never others, and the form in which to say one."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from suffice.serve.asked import ChatRequest, CompletionRequest, ResponseFormat
from suffice.serve.refusal import Refused
from suffice.text.normalise import readable


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowed:
    """What an answer is chosen from, and how it is said."""

    among: Collection[str] | None
    """Labels of the set, not all of them; None for all."""
    said: Callable[[str], str]
    """A label to the text of the answer."""


def narrowed(asked: ChatRequest | CompletionRequest, labels: Sequence[str]) -> Narrowed:
    """Reads `response_format`, `structured_outputs` and `guided_choice`.

    Args:
        asked: the request.
        labels: the bundle's.

    Raises:
        Refused: a schema that is not a choice of labels, two ways at once, or none of the bundle's labels is left.
    """
    format_ = asked.response_format
    if format_ is not None and format_.type != "json_schema" and format_.json_schema is not None:
        message = f"response_format of type {format_.type} has no json_schema, and nothing is ignored"
        raise Refused(400, message, code="invalid_value", param="response_format")
    wishes = {
        "structured_outputs": None if asked.structured_outputs is None else asked.structured_outputs.choice,
        "guided_choice": asked.guided_choice,
        "response_format": _choice_of(format_) if format_ is not None and format_.type == "json_schema" else None,
    }
    given = {name: choice for name, choice in wishes.items() if choice is not None}
    if len(given) > 1:
        message = f"one way to narrow the choice at a time: {' and '.join(given)} were given"
        raise Refused(400, message, code="invalid_value", param=list(given)[1])
    said = str if format_ is None or format_.type == "text" else _said_in(_schema_of(format_))
    for name, choice in given.items():
        among = frozenset(choice) & frozenset(labels)
        if not among:
            message = f"{name} must leave one of the model's {len(labels)} labels; it names none of them"
            raise Refused(400, message, code="invalid_value", param=name)
        return Narrowed(among=among if len(among) < len(labels) else None, said=said)
    return Narrowed(among=None, said=said)


def _schema_of(format_: ResponseFormat) -> dict[str, Any]:
    if format_.json_schema is None:
        message = "response_format of type json_schema needs json_schema"
        raise Refused(400, message, code="invalid_value", param="response_format")
    return format_.json_schema.schema_


ASIDE = {"title", "description", "$schema", "$defs", "definitions"}
"""Keys that ask for nothing."""
OF_OBJECT = {"type", "properties", "required", "additionalProperties"} | ASIDE
OF_STRING = {"type", "enum", "const"} | ASIDE
"""Keys that a choice of labels honours; any other may ask for what no label can be."""
MAX_REFERENCES = 8
"""That lead on from one another; more are nobody's."""


def _choice_of(format_: ResponseFormat) -> list[str]:
    """The labels of a schema: a string with an enum, or an object whose one key is such a string."""
    _, place = _place_of(_schema_of(format_))
    choice = place.get("enum", [place["const"]] if "const" in place else None)
    fits = (
        place.keys() <= OF_STRING and place.get("type", "string") == "string" and not {"enum", "const"} <= place.keys()
    )
    if not fits or not isinstance(choice, list) or not choice or not all(isinstance(one, str) for one in choice):
        raise _no_choice()
    return choice


def _place_of(whole: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The key under which the label stands, None for a bare string, and the schema of the label."""
    schema = _resolved(whole, whole)
    if schema.get("type") != "object":
        return None, schema
    properties = schema.get("properties")
    if not isinstance(properties, dict) or len(properties) != 1 or not schema.keys() <= OF_OBJECT:
        raise _no_choice()
    ((key, place),) = properties.items()
    if not isinstance(place, dict) or schema.get("required", [key]) not in ([key], []) or key != readable(key):
        raise _no_choice()  # A key that is half a surrogate pair cannot be said in an answer.
    return key, _resolved(place, whole)


def _resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """What a schema refers to inside the whole one, as pydantic writes a class of its own; itself where it does not.

    Source: JSON Schema 2020-12, section 8.2.3.1 (`$ref`); RFC 6901, JSON Pointer, section 4 and, in a URI, section 6.
    """
    for _ in range(MAX_REFERENCES):
        if "$ref" not in schema:
            return schema
        found = _pointed_at(schema["$ref"], whole)
        if not schema.keys() <= {"$ref"} | ASIDE or not isinstance(found, dict):
            raise _no_choice()
        schema = found
    raise _no_choice()  # One that leads back to itself comes here too.


def _pointed_at(reference: object, whole: dict[str, Any]) -> object:
    """What lies at the end of a reference; None where it leads out of the schema, or to nothing in it."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    found: object = whole
    for part in unquote(reference[1:]).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _said_in(schema: dict[str, Any]) -> Callable[[str], str]:
    key, _ = _place_of(schema)
    return lambda label: json.dumps(label if key is None else {key: label}, ensure_ascii=False)


def _no_choice() -> Refused:
    message = (
        "the schema must be a choice of labels and no more: a string with an enum, or an object whose one property is "
        "such a string"
    )
    return Refused(400, message, code="invalid_value", param="response_format")
