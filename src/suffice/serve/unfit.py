"""What is wrong with a body, in words that a client's author reads: by key, and without repeating what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

from suffice.serve.asked import ALONE
from suffice.serve.refusal import Refused

MUST_BE = {
    "missing": "must be given",
    "string_type": "must be text",
    "string_unicode": "must be a valid unicode string: half a surrogate pair is none",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be a name: it must match {pattern}",
    "list_type": "must be a list",
    "too_short": "must be a list with at least {min_length} item",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "greater_than_equal": "must be greater than or equal to {ge:g}",
    "less_than_equal": "must be less than or equal to {le:g}",
    "literal_error": "must be {expected}",
    "dict_type": "must be an object",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
}
"""What pydantic says of a value, in words that name no type of Python's. Others are told as pydantic does."""


def no_json() -> Refused:
    """A body that is no JSON."""
    return Refused(400, "the body must be one JSON object, in UTF-8", code="invalid_json")


def unfit_body(error: RequestValidationError, content_type: str | None, *, why: Mapping[str, str]) -> Refused:
    """The first thing that is wrong, by its key; values are not repeated: they may be messages.

    Args:
        error: what pydantic says of the body.
        content_type: the header.
        why: keys that what was asked cannot honour, and why.
    """
    first = error.errors()[0]
    at = _place(first, error.body)
    key = at[0] if at else None
    if key is None and first["type"] == "missing":
        return Refused(400, "the request has no body: send one JSON object", code="invalid_json")
    if key is None and "json" not in (content_type or ""):
        message = "a body is read as JSON with the header `Content-Type: application/json` alone"
        return Refused(400, message, code="invalid_content_type")
    if first["type"] == "json_invalid":
        return no_json()
    return _unfit_key(at, key, first, why=why) or _unfit_value(key, error)


def _unfit_key(at: list[str], key: str | None, first: dict[str, Any], *, why: Mapping[str, str]) -> Refused | None:
    """What a body has that it should not have, `at` being its place and `key` the first part of that; None where a
    value is to blame.
    """
    if key == "messages" and "content" in at:
        message = f"{'.'.join(at[:3])} must be text, or parts of type text: nothing but text is read"
        return Refused(400, message, code="invalid_value", param=key)
    if key == "structured_outputs" and first["type"] in {"extra_forbidden", "missing"}:
        message = "structured_outputs takes `choice`, a list of labels, and nothing else"
        return Refused(400, message, code="unsupported_value", param=key)
    if first["type"] == "extra_forbidden" and key is not None and key in why and len(at) == 1:
        return Refused(400, f"{key} cannot be honoured: {why[key]}", code="unsupported_parameter", param=key)
    if first["type"] == "extra_forbidden":
        return Refused(
            400, f"{'.'.join(at)} is not known here, and nothing is ignored", code="unknown_parameter", param=key
        )
    if first["type"] == ALONE:
        return Refused(400, first["msg"], code="invalid_value", param=first["ctx"]["key"])
    return None


def _unfit_value(key: str | None, error: RequestValidationError) -> Refused:
    """What is wrong with the value of a key; where it may be of several types, what each of them asks."""
    placed = [(_place(one, error.body), one) for one in error.errors()]
    of_key = [(at, one) for at, one in placed if at[:1] == ([] if key is None else [key])]
    deepest = max((at for at, _ in of_key), key=len)
    rules = dict.fromkeys(_must_be(one) for at, one in of_key if at == deepest)
    return Refused(400, f"{'.'.join(deepest) or 'the body'} {', or '.join(rules)}", code="invalid_value", param=key)


def _must_be(error: Mapping[str, Any]) -> str:
    rule = MUST_BE.get(error["type"])
    return f"is refused: {error['msg']}" if rule is None else rule.format(**error.get("ctx", {}))


def _place(error: Mapping[str, Any], body: object) -> list[str]:
    """Keys and places of a body, from the outermost; pydantic puts between them which of several types it tried."""
    at, inside = [], body
    for part in error["loc"][1:]:
        if isinstance(inside, Mapping | list):
            known = part in inside if isinstance(inside, Mapping) else isinstance(part, int) and part < len(inside)
            if known:
                inside = inside[part]
            if known or error["type"] == "missing":
                at.append(str(part))
    return at
