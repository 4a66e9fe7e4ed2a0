import json
from time import perf_counter

import jsonschema
import jsonschema_specifications
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.schemas.keywords import NAMED, ONE, PLAIN, REFUSED, SEVERAL, VALIDATOR, Patience, faults
from suffice.kinds.schemas.tools import read_tools

DRAFT = "https://json-schema.org/draft/2020-12/meta/"


def found(value, schema, patience=None):
    return [error.message for error in faults(value, schema, validator=VALIDATOR, patience=patience or Patience())]


def test_every_keyword_that_jsonschema_looks_at_is_known():
    known = {*ONE, *SEVERAL, *NAMED, *PLAIN, *REFUSED, "$ref"}
    assert set(jsonschema.Draft202012Validator.VALIDATORS) <= known


@pytest.mark.parametrize("vocabulary", ["applicator", "unevaluated"])
def test_every_keyword_with_schemas_below_it_is_walked_or_refused(vocabulary):
    # The keywords as JSON Schema's own description of itself lists them.
    keywords = jsonschema_specifications.REGISTRY.contents(f"{DRAFT}{vocabulary}")["properties"]
    assert set(keywords) <= {*ONE, *SEVERAL, *NAMED, *REFUSED}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 2.0]) | st.sampled_from(["a", "ab", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=6,
)
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", "array", "object", "boolean", "null"]),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "pattern": st.sampled_from(["a", "^b", "a$"]),
        "multipleOf": st.sampled_from([2, 0.5]),
        "minimum": st.integers(-2, 2),
        "maxLength": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "required": st.just(["a"]),
        "dependentRequired": st.just({"a": ["b"]}),
    },
)
SCHEMAS = st.recursive(
    LEAVES | st.booleans(),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("items", "not", "if", "then", "else", "contains", "additionalProperties"), inner),
            **{key: st.lists(inner, min_size=1, max_size=2) for key in ("allOf", "anyOf", "oneOf", "prefixItems")},
            **{key: st.dictionaries(st.just("a"), inner, max_size=1) for key in ("properties", "dependentSchemas")},
            "propertyNames": LEAVES,
        },
    ),
    max_leaves=6,
)


@given(VALUES, SCHEMAS)
def test_what_fits_is_what_jsonschema_says_fits(value, schema):
    assert (found(value, schema) == []) == jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("value", "step", "is_multiple"),
    # By hand: a power of ten is a multiple of a half and of no third; 0.01 is, as a float, no hundredth.
    [(10**400, 0.5, True), (10**400, 3, False), (10**400, 0.01, False), (1e300, 5e-324, True), (7, 3.5, True)],
)
def test_numbers_that_no_float_holds_are_multiples_or_not(value, step, is_multiple):
    assert (found(value, {"multipleOf": step}) == []) == is_multiple


@pytest.mark.parametrize("key", ["$ref", *REFUSED])
def test_what_a_normalised_schema_does_not_have_fits_nothing_and_is_not_looked_up(key, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_: pytest.fail("something is fetched"))
    assert found({"a": 1}, {key: "https://example.org/a"}) == ["is held to a keyword that is not supported"]


BRANCHING: dict = {}
for _ in range(60):
    BRANCHING = {"contains": BRANCHING, "items": BRANCHING, "not": {"not": BRANCHING}}
NESTED: list = []
for _ in range(60):
    NESTED = [NESTED, 1]


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (NESTED, BRANCHING),
        (list(range(50_000)), {"items": {"enum": list(range(-50_000, 0))}}),
        ([[0] * 1_000 + [-1]] * 300, {"items": {"enum": [[0] * 1_000 + [one] for one in range(900)]}}),
        (list(range(50_000)), {"allOf": [{"maxItems": 0}] * 9_000}),
        (list(range(50_000)), {"allOf": [{"uniqueItems": True}] * 9_000}),
        (list(range(50_000)), {"allOf": [{"items": {}}] * 9_000}),
        ([{}] * 30_000, {"items": {"properties": {f"p{one}": {} for one in range(9_000)}}}),
        (["abc" * 100] * 5_000, {"items": {"pattern": "(?:(?:[ab]?[bc]?){500}){2}z"}}),
    ],
    ids=["branches", "choices", "long choices", "long messages", "unique", "items", "properties", "patterns"],
)
def test_what_would_take_too_long_is_given_up(value, schema):
    patience, start = Patience(), perf_counter()
    found(value, schema, patience)
    assert patience.is_over
    assert perf_counter() - start < 60


def test_calls_that_share_their_patience_share_its_end():
    patience = Patience(10)
    assert found("ab", {"pattern": "^a"}, patience) == []
    assert not patience.is_over
    found([1] * 10, {"items": {"type": "integer"}}, patience)
    assert patience.is_over
    assert found("ab", {"pattern": "^b"}, patience) == []


def test_the_most_that_a_row_of_tools_may_be_is_read_in_bounded_time():
    branches = [{"type": "integer", "minimum": one, "maximum": one + 1} for one in range(2_000)]
    parameters = {"type": "object", "properties": {"a": {"anyOf": branches}}, "required": ["a"]}
    start = perf_counter()
    (tool,) = read_tools([{"name": "f", "parameters": parameters}], where="tools")
    assert len(json.dumps(tool.parameters)) > 100_000
    assert perf_counter() - start < 60
