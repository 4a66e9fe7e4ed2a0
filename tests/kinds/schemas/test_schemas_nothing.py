from time import perf_counter

import jsonschema
import pytest

from suffice.kinds.schemas.nothing import why_nothing


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (False, "it is false"),
        ({"enum": []}, "none of its choices fits"),
        ({"type": "integer", "enum": ["a", 1.5]}, "none of its choices fits"),
        ({"type": "string", "const": 3}, "none of its choices fits"),
        ({"type": "number", "minimum": 5, "maximum": 3}, "bounds leave no number"),
        ({"type": "number", "exclusiveMinimum": 3, "maximum": 3}, "bounds leave no number"),
        ({"type": "integer", "minimum": 1.2, "maximum": 1.8}, "bounds leave no number"),
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, "bounds leave no number"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "minLength is above its maxLength"),
        ({"type": "array", "minItems": 1, "maxItems": 0}, "minItems is above its maxItems"),
        ({"type": "array", "minItems": 1, "items": False}, "items allow nothing: it is false"),
        ({"type": "object", "minProperties": 2, "maxProperties": 1}, "minProperties is above"),
        ({"type": "object", "required": ["a"], "properties": {"a": {"enum": []}}}, "required 'a' allows nothing"),
        ({"type": "object", "required": ["a"], "additionalProperties": False}, "required 'a' allows nothing"),
        ({"anyOf": [False, {"enum": []}]}, "no branch of its anyOf"),
        ({"oneOf": [False]}, "no branch of its oneOf"),
        ({"allOf": [{"type": "string"}, False]}, "a branch of its allOf"),
        ({"not": {}}, "not even what is anything"),
        ({"enum": ["b"], "pattern": "^a"}, "none of its choices fits"),
        ({"enum": ["b"], "allOf": [{"pattern": "^a"}]}, "none of its choices fits"),
        ({"type": ["integer", "string"], "minimum": 2, "maximum": 1, "minLength": 2, "maxLength": 1}, "bounds leave"),
    ],
)
def test_a_schema_that_no_value_satisfies_is_told(schema, why):
    assert why in (why_nothing(schema) or "")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (True, 1),
        ({}, 1),
        ({"minimum": 5, "maximum": 3}, "a string has no minimum"),
        ({"type": ["integer", "string"], "minimum": 5, "maximum": 3}, "a string"),
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3}, 2),
        ({"type": "integer", "minimum": 2, "maximum": 2}, 2),
        ({"type": "array", "items": False}, []),
        ({"type": "array", "minItems": 1, "prefixItems": [{}], "items": False}, [1]),
        ({"type": "object", "properties": {"a": False}}, {}),
        ({"type": "object", "required": ["a"]}, {"a": 1}),
        ({"anyOf": [False, {"type": "null"}]}, None),
        ({"enum": [1, "a"], "type": "string"}, "a"),
        ({"type": "string", "enum": ["a"], "pattern": "(a+)+$"}, "a"),
        ({"type": "integer", "enum": [1.0]}, 1),
    ],
)
def test_a_schema_that_a_value_satisfies_passes(schema, value):
    assert jsonschema.Draft202012Validator(schema).is_valid(value)
    assert why_nothing(schema) is None


SLOW = "(?:(?:[ab]?[bc]?){500}){2}z"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"enum": ["a" * 40 + "!"], "allOf": [{"pattern": "^(a+)+$"}]}, "none of its choices fits"),
        ({"enum": ["a" * 40 + "!"], "not": {"not": {"pattern": "^(a+)+$"}}}, "none of its choices fits"),
        # Where it takes too long to tell, a choice may fit.
        ({"enum": [["abc" * 100] * 1_000], "items": {"pattern": SLOW}}, None),
        ({"enum": list(range(2_000)), "allOf": [{"enum": list(range(-2_000, 0))}]}, None),
    ],
)
def test_choices_are_held_against_the_rest_in_bounded_work(schema, said):
    start = perf_counter()
    why = why_nothing(schema)
    assert perf_counter() - start < 60
    assert (why is None) if said is None else (said in (why or ""))
