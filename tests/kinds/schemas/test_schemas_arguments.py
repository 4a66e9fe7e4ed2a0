from time import perf_counter

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.schemas.arguments import violations
from suffice.kinds.schemas.keywords import Patience
from suffice.kinds.schemas.tools import normalised

SCHEMA = normalised(
    {
        "type": "dict",
        "properties": {
            "n": {"type": "integer", "minimum": 1},
            "x": {"type": "float"},
            "word": {"type": "string", "enum": ["a", "b"]},
            "area": {"type": "dict", "properties": {"width": {"type": "integer"}}, "required": ["width"]},
            "points": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
            "code": {"type": "string", "pattern": "^[A-Z]{2}$"},
        },
        "required": ["n"],
    },
    where="a tool",
)


@pytest.mark.parametrize(
    ("arguments", "places"),
    [
        ({"n": 1}, []),
        ({"n": 1, "x": 2, "word": "a", "area": {"width": 1}, "points": [1, 2], "code": "NO"}, []),
        ({}, ["n"]),
        ({"n": True}, ["n"]),
        ({"n": 1.0}, ["n"]),
        ({"n": 0}, ["n"]),
        ({"n": 1, "x": True}, ["x"]),
        ({"n": 1, "word": "c"}, ["word"]),
        ({"n": 1, "area": {}}, ["area.width"]),
        ({"n": 1, "area": {"width": 1, "depth": 2}}, ["area.depth"]),
        ({"n": 1, "points": [1, "2"]}, ["points[1]"]),
        ({"n": 1, "points": [1, 1]}, ["points"]),
        ({"n": 1, "code": "no"}, ["code"]),
        ({"n": 1, "unit": "m", "word": 3}, ["unit", "word", "word"]),
    ],
)
def test_each_violation_is_told_with_its_place(arguments, places):
    found = violations(arguments, SCHEMA)
    assert [one.place for one in found] == places
    assert [one.argument for one in found] == [place.partition(".")[0].partition("[")[0] for place in places]


def test_what_is_about_all_arguments_names_none():
    (found,) = violations({}, {"type": "object", "minProperties": 1})
    assert (found.argument, found.place) == (None, "")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 2.5]) | st.sampled_from(["a", "NO", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["width", "n"]), inner, max_size=2),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "unit"]), VALUES, max_size=4))
def test_what_is_valid_is_what_jsonschema_finds_valid(arguments):
    # jsonschema's own validator; numbers with a fraction of zero, on which both differ, are not drawn.
    assert (violations(arguments, SCHEMA) == ()) == jsonschema.Draft202012Validator(SCHEMA).is_valid(arguments)


@given(st.lists(VALUES, max_size=4))
def test_items_are_unique_where_jsonschema_finds_them_unique(items):
    schema = {"type": "object", "properties": {"a": {"uniqueItems": True}}}
    assert (violations({"a": items}, schema) == ()) == jsonschema.Draft202012Validator(schema).is_valid({"a": items})


@pytest.mark.parametrize("pattern", ["^(a|a)+$", "^(a+)+$"])
def test_a_pattern_that_runs_for_ever_elsewhere_is_told(pattern):
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
    start = perf_counter()
    (found,) = violations({"a": "a" * 60 + "b"}, schema)
    assert found.place == "a"
    assert perf_counter() - start < 60


def test_many_strings_share_what_one_may_take():
    schema = {"properties": {"a": {"not": {"contains": {"pattern": "(?:(?:[ab]?[bc]?){500}){2}z"}}}}}
    start = perf_counter()
    (found,) = violations({"a": ["abc" * 100] * 5_000}, schema)
    assert (found.argument, found.rule) == (None, "takes too long to be held against the schema")
    assert perf_counter() - start < 60


def test_calls_of_one_completion_share_their_patience():
    patience = Patience(3)
    assert violations({}, {"properties": {"a": {}}}, patience=patience) == ()
    (found,) = violations({}, {"properties": {"a": {}}}, patience=patience)
    assert found.rule == "takes too long to be held against the schema"


def test_a_whole_number_that_no_float_holds_is_held_against_a_fraction():
    schema = {"properties": {"price": {"type": "number", "multipleOf": 0.01}}}
    (found,) = violations({"price": 10**400 - 1}, schema)
    assert (found.place, found.rule) == ("price", "is not a multiple of 0.01")


def test_a_pattern_that_is_none_fits_nothing():
    assert violations({"a": "x"}, {"type": "object", "properties": {"a": {"pattern": "("}}})
