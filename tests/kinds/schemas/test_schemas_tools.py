import jsonschema
import pytest

from suffice.errors import DataError
from suffice.kinds.schemas.tools import normalised, read_tools


def tool(name="f", **parameters):
    return {"name": name, "description": "Does it.", "parameters": {"type": "dict", **parameters}}


def schema_of(**parameters):
    return normalised({"type": "object", **parameters}, where="a tool")


def test_both_forms_are_one_tool():
    inner = tool(properties={"a": {"type": "float"}}, required=["a"])
    (bare,) = read_tools([inner], where="row 1")
    (wrapped,) = read_tools([{"type": "function", "function": inner}], where="row 1")
    assert bare == wrapped
    assert (bare.name, bare.description) == ("f", "Does it.")
    assert bare.parameters == {
        "type": "object",
        "properties": {"a": {"type": "number"}},
        "required": ["a"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"type": "dict"}, {"type": "object"}),
        ({"type": "float"}, {"type": "number"}),
        ({"type": "tuple", "items": {"type": "float"}}, {"type": "array", "items": {"type": "number"}}),
        ({"type": "any", "description": "x"}, {"description": "x"}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": ["int", "integer"]}, {"type": ["integer"]}),
        ({"items": [{"type": "str"}]}, {"prefixItems": [{"type": "string"}]}),
        # BFCL has rows whose choices of items stand beside the list.
        (
            {"type": "array", "items": {"type": "string"}, "enum": ["a"]},
            {"type": "array", "items": {"enum": ["a"], "type": "string"}},
        ),
        ({"type": "array", "enum": [["a"]]}, {"type": "array", "enum": [["a"]]}),
    ],
)
def test_the_dialect_of_bfcl_is_told_in_json_schema(theirs, ours):
    assert schema_of(properties={"a": theirs})["properties"]["a"] == ours


def test_an_argument_may_be_named_like_a_keyword():
    found = schema_of(properties={"type": {"type": "str"}, "$ref": {"type": "int"}, "properties": {"type": "dict"}})
    assert found["properties"] == {
        "type": {"type": "string"},
        "$ref": {"type": "integer"},
        "properties": {"type": "object"},
    }


def test_references_are_written_out():
    point = {"type": "object", "properties": {"x": {"$ref": "#/$defs/n~1a"}}}
    found = schema_of(
        properties={"a": {"$ref": "#/$defs/point", "description": "Here."}, "b": {"$ref": "#/$defs/point"}},
        **{"$defs": {"point": point, "n/a": {"type": "number"}}},
    )
    written = {"type": "object", "properties": {"x": {"type": "number"}}, "additionalProperties": False}
    assert found["properties"] == {"a": {**written, "description": "Here."}, "b": written}
    assert "$defs" not in found


def test_a_reference_with_rules_beside_it_keeps_both():
    found = schema_of(
        properties={"a": {"$ref": "#/$defs/n", "minimum": 3}}, **{"$defs": {"n": {"type": "number", "maximum": 5}}}
    )
    assert [jsonschema.Draft202012Validator(found).is_valid({"a": a}) for a in (2, 4, 6)] == [False, True, False]


def test_a_tool_that_lists_no_arguments_takes_none():
    assert schema_of() == schema_of(additionalProperties=False)
    assert normalised({}, where="a tool") == {"type": "object", "additionalProperties": False}


def test_only_what_lists_its_keys_alone_is_closed():
    keys = {"properties": {"x": {}}}
    found = schema_of(
        properties={
            "open": {"type": "dict"},
            "said": {**keys, "additionalProperties": True},
            "all": {"allOf": [keys, {}]},
            "any": {"anyOf": [keys, {"type": "null"}]},
        }
    )["properties"]
    assert found["open"] == {"type": "object"}
    assert found["said"]["additionalProperties"] is True
    assert found["all"] == {"allOf": [keys, {}]}
    assert found["any"]["anyOf"][0] == {**keys, "additionalProperties": False}


LIST = {"$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}}
POINT = {"$defs": {"point": {}}}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, r"tools: must be a list of at least one tool\n  got: None\n  fix: give the tools"),
        ([], "must be a list of at least one tool"),
        ([7], r"tools\[0\]: a tool is an object with a name\n  got: 7"),
        ([{"parameters": {}}], "a tool is an object with a name"),
        ([{"name": "f"}], r"\(f\): a tool needs a schema of its arguments.*\n  got: None\n  fix: give `parameters`"),
        ([tool(), tool()], r"tools\[1\] \(f\): no two tools have one name, .*\n  got: 'f'\n  fix: rename one"),
        ([tool("a.b"), tool("a_b")], r"no two tools have one name, .*\n  got: 'a_b'"),
        ([tool() | {"description": 3}], "a description is text"),
    ],
)
def test_tools_that_are_none_are_refused(raw, said):
    with pytest.raises(DataError, match=said):
        read_tools(raw, where="calls.jsonl:3: tools")


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"type": "array"}, r"arguments are an object\n  got: type 'array'"),
        ({"properties": {"a": {"type": "intger"}}}, r"a: a type is one of .*\n  got: 'intger' \(nearest: 'integer'\)"),
        ({"properties": {"a": 3}}, r"parameters\.a: a schema is an object, true or false\n  got: 3"),
        ({"required": "a"}, r"required must be valid JSON Schema\n  got: .*is not of type 'array'"),
        ({"properties": {"a": {"enum": []}}, "required": ["a"]}, r"must allow some arguments\n  got: its required 'a'"),
        ({"properties": {"b": {}}, "required": ["a"]}, "required 'a' allows nothing: it is false"),
        ({"properties": {"a": {"$ref": "#"}}}, r"must not refer to itself\n  got: \$ref '#'\n  fix: write out"),
        ({"$ref": "#"}, "must not refer to itself"),
        ({"properties": {"a": {"$ref": "#/$defs/node"}}, **LIST}, r"a\.next: a schema must not refer to itself"),
        (
            {"properties": {"a": {"$ref": "#/$defs/pont"}}, **POINT},
            r"must lead somewhere\n.*pont' \(nearest: 'point'\)",
        ),
        ({"properties": {"a": {"$ref": "https://example.org/a"}}}, "a reference is into the schema itself"),
        ({"properties": {"a": {"type": "integer", "minimum": float("nan")}}}, "every number is finite"),
        ({"patternProperties": {"^a": {}}}, "`patternProperties` is not supported"),
        (
            {"unevaluatedProperties": {"$ref": "#/nowhere"}},
            "`unevaluatedProperties` is not supported.*\\n.*\\n  fix: name",
        ),
        (
            {"properties": {"a": {"unevaluatedItems": False}}},
            "`unevaluatedItems` is not supported.*\\n.*\\n  fix: list",
        ),
        ({"dependencies": {"a": ["b"]}}, r"`dependencies` is not supported.*\n.*\n  fix: write `dependentRequired`"),
        (
            {"properties": {"a": {"pattern": "(?=b)"}}},
            r"a: .* no look-around.*\n  got: .*\(\?=.*\n  fix: write",
        ),
        ({"properties": {"a": {"pattern": "a" * 1_001}}}, r"at most 1,000 characters.*\n  got: '1,001 characters'"),
        ({"properties": {"a": {"$ref": "#/" + "ab" * 20_000}}, "ba" * 20_000: {}}, "must lead somewhere"),
    ],
)
def test_schemas_that_cannot_be_used_are_refused(parameters, said):
    with pytest.raises(DataError, match=said):
        read_tools([tool(**parameters)], where="calls.jsonl:3: tools")


ELSEWHERE = {"$ref": "https://example.org/a"}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        *(
            ({key: ELSEWHERE}, f"a.{key}: a reference is into")
            for key in ("items", "contains", "propertyNames", "if", "then", "else", "not", "additionalProperties")
        ),
        *(({key: [ELSEWHERE]}, rf"a.{key}\[0\]: a reference is into") for key in ("allOf", "anyOf", "oneOf")),
        ({"items": [ELSEWHERE]}, r"a.prefixItems\[0\]: a reference is into"),
        *(({key: {"b": ELSEWHERE}}, "a.b: a reference is into") for key in ("properties", "dependentSchemas")),
        *(
            ({key: ELSEWHERE}, f"`{key}` is not supported")
            for key in ("unevaluatedProperties", "unevaluatedItems", "patternProperties", "dependencies")
        ),
        *(
            ({f"${key}": "https://example.org/a"}, rf"`\${key}` is not supported")
            for key in ("dynamicRef", "recursiveRef")
        ),
    ],
)
def test_a_reference_elsewhere_is_refused_wherever_it_stands_and_nothing_is_fetched(schema, said, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_: pytest.fail("something is fetched"))
    with pytest.raises(DataError, match=said):
        schema_of(properties={"a": {"enum": [{"x": 1}, [1]], **schema}}, required=["a"])


def test_what_names_a_schema_anew_is_left_out():
    named = {
        "$id": "http://[",
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$anchor": "b",
        "$dynamicAnchor": "c",
    }
    found = schema_of(properties={"a": {"enum": ["x"], "allOf": [{**named, "pattern": "^x"}]}}, required=["a"])
    assert found["properties"]["a"] == {"enum": ["x"], "allOf": [{"pattern": "^x"}]}


def test_what_an_older_draft_says_of_further_items_is_told_in_the_newer_one():
    found = schema_of(properties={"a": {"items": [{"type": "str"}], "additionalItems": {"type": "int"}}})
    assert found["properties"]["a"] == {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(DataError) as caught:
        read_tools([tool(), {"name": "g"}, tool()], where="tools")
    assert len(caught.value.problems) == 2


def test_references_that_double_end_in_an_error():
    doubling = {
        f"d{k}": {"properties": {"l": {"$ref": f"#/$defs/d{k + 1}"}, "r": {"$ref": f"#/$defs/d{k + 1}"}}}
        for k in range(20)
    }
    with pytest.raises(DataError, match="more than 10,000 parts once references are written out"):
        schema_of(properties={"a": {"$ref": "#/$defs/d0"}}, **{"$defs": {**doubling, "d20": {}}})


def test_references_that_repeat_long_texts_end_in_an_error():
    parts = {
        f"d{k}": {"description": "x" * 50_000, "properties": {side: {"$ref": f"#/$defs/d{k + 1}"} for side in "lr"}}
        for k in range(12)
    }
    with pytest.raises(DataError, match="more than 1,000,000 characters once references are written out"):
        schema_of(properties={"a": {"$ref": "#/$defs/d0"}}, **{"$defs": {**parts, "d12": {}}})


def test_the_tools_of_a_row_share_their_bounds():
    long = {"type": "object", "title": "x" * 300_000}
    with pytest.raises(DataError, match=r"tools\[3\] \(f3\): the schemas of a row's tools must be of a size"):
        read_tools([{"name": f"f{k}", "parameters": long} for k in range(4)], where="tools")
    with pytest.raises(DataError, match=r"at most 10,000 tools\n  got: 10,001"):
        read_tools([tool()] * 10_001, where="tools")


def test_the_tools_of_a_row_share_the_work_that_goes_into_their_choices():
    far_apart = {"enum": list(range(400)), "allOf": [{"enum": list(range(-400, 0))}]}
    tools = [tool(f"f{k}", properties={"a": far_apart}, required=["a"]) for k in range(3)]
    # 400 choices against 400 are 160,000 steps, and some for what is told: two tools' are more than 250,000.
    with pytest.raises(DataError) as caught:
        read_tools(tools, where="tools")
    (problem,) = caught.value.problems
    assert problem.where == "tools[0] (f0)"


@pytest.mark.parametrize("key", ["enum", "const"])
def test_choices_that_are_too_deep_to_compare_are_refused(key):
    deep: list = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(DataError, match="nest at most 64 deep"):
        schema_of(properties={"a": {key: [deep]}})


@pytest.mark.parametrize(("depth", "said"), [(70, "nest at most 64 deep"), (10_000, "nests at most 256 deep")])
def test_a_schema_that_is_too_deep_is_refused(depth, said):
    schema: dict = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    with pytest.raises(DataError, match=said):
        read_tools([tool(properties={"a": schema})], where="tools")
