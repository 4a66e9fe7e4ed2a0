"""Whatever a model says that is held to something is that, and what cannot be held to is told first."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from suffice.errors import ModelError, TaskError
from suffice.predict.completer import Asked, Completer, shared_beginning
from suffice.predict.grammar import Grammars, took
from suffice.records.completion import Completion, Decoding
from suffice.records.constraint import Constraint
from tiny_completers import completed, loaded, prompts_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"enum": ["get_weather", "send_money"]},
        "arguments": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "maxLength": 6},
                "days": {"type": "integer", "minimum": -3, "maximum": 40},
                "units": {"type": ["string", "null"], "enum": ["C", "F", None]},
                "tags": {"type": "array", "items": {"type": "boolean"}, "maxItems": 3},
            },
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
    "required": ["name", "arguments"],
    "additionalProperties": False,
}
DEEP: dict[str, Any] = {
    "$defs": {
        "node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}, "additionalProperties": False}
    },
    "$ref": "#/$defs/node",
}
"""It may go on as deep as it likes."""


@pytest.fixture(params=["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def completer(request: pytest.FixtureRequest) -> Completer:
    return Completer(loaded(request.getfixturevalue(request.param)), n_rows=4)


def held(completer: Completer, constraint: Constraint, **decoding: Any) -> list[Completion]:
    asked = [Asked(id=one.id, tokens=one.tokens, constraint=constraint) for one in prompts_of(completer.tokenizer)]
    before = shared_beginning([one.tokens for one in asked])
    return list(completed(completer, asked, before=before, **decoding).values())


@pytest.mark.parametrize("temperature", [0.0, 1.0, 5.0])
def test_whatever_a_random_model_says_parses_under_its_schema(completer: Completer, temperature: float) -> None:
    for found in held(
        completer, Constraint(schema=json.dumps(SCHEMA)), max_new_tokens=180, temperature=temperature, top_p=0.95
    ):
        assert found.stop_reason == "end", found
        jsonschema.validate(json.loads(found.text), SCHEMA)
        if "\\" not in found.text:  # What may be written with an escape has more than one form.
            assert json.dumps(json.loads(found.text), ensure_ascii=False) == found.text


def test_a_schema_that_refers_to_itself_is_held_to(completer: Completer) -> None:
    ended = [
        found
        for found in held(completer, Constraint(schema=json.dumps(DEEP)), max_new_tokens=60, temperature=1.0)
        if found.stop_reason == "end"
    ]
    for found in ended:
        jsonschema.validate(json.loads(found.text), DEEP)
    assert ended


def test_one_of_a_set_is_said_whole_and_nothing_else(completer: Completer) -> None:
    choices = ("yes", "yes, but", "no (not [at] all)\n", "12.5 %", "größer", 'say "no"')
    found = held(completer, Constraint(choices=choices), max_new_tokens=30, temperature=3.0)
    assert {one.text for one in found} <= set(choices)
    assert {one.stop_reason for one in found} == {"end"}
    assert len({one.text for one in found}) > 1


def test_a_pattern_is_matched_whole(completer: Completer) -> None:
    found = held(completer, Constraint(pattern="-?[0-9]{1,4}(\\.[0-9]{2})?"), max_new_tokens=30, temperature=2.0)
    assert all(re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{2})?", one.text) for one in found)


def test_rows_that_are_held_and_rows_that_are_free_are_written_side_by_side(completer: Completer) -> None:
    asked = prompts_of(completer.tokenizer)
    free = completed(completer, asked, before=(), max_new_tokens=12)
    mixed = [
        Asked(id=one.id, tokens=one.tokens, constraint=Constraint(choices=("A", "B")) if number % 2 else None)
        for number, one in enumerate(asked)
    ]
    found = completed(completer, mixed, before=(), max_new_tokens=12)
    for number, one in enumerate(asked):
        if number % 2:
            assert found[one.id].text in ("A", "B")
        else:
            assert found[one.id].text == free[one.id].text


def test_a_completion_that_is_cut_off_says_so(completer: Completer) -> None:
    assert {one.stop_reason for one in held(completer, Constraint(schema=json.dumps(SCHEMA)), max_new_tokens=5)} == {
        "length"
    }


@pytest.mark.parametrize(
    ("constraint", "got"),
    [
        (Constraint(choices=()), "no choice at all"),
        (Constraint(pattern="a[^\\s\\S]"), "nothing that it allows"),
        (Constraint(pattern="(a"), "unclosed group"),
        (Constraint(pattern="(?=a)b"), "look-around"),
        (Constraint(schema="{"), "no JSON"),
        (Constraint(schema="[" * 100_000), "no JSON"),
        (Constraint(schema="false"), "False, which is no object"),
        (Constraint(schema='{"enum": []}'), "anyOf is empty"),
        (Constraint(schema='{"type": "integer", "minimum": 3, "maximum": 2}'), "greater than maximum"),
        (Constraint(schema='{"allOf": [{"type": "string"}, {"type": "integer"}]}'), "incompatible types"),
        (Constraint(schema='{"type": "array", "items": false, "minItems": 1}'), "required item is unsatisfiable"),
        (Constraint(schema='{"type": "text"}'), "Invalid type: text"),
        (Constraint(schema='{"not": {"type": "string"}}'), "Unimplemented keys"),
        (Constraint(schema='{"$ref": "https://example.org/schema.json"}'), "not present in a registry"),
        (Constraint(schema='{"items": ' * 300 + "{}" + "}" * 300), "recursion limit"),
        (Constraint(schema='{"$ref": "#/nowhere"}'), "does not exist"),
        (Constraint(schema='{"type": "string", "pattern": "(?=a)b"}'), "look-around"),
    ],
)
def test_what_cannot_be_held_to_is_refused_before_anything_is_written(
    tiny_llama: Path, constraint: Constraint, got: str
) -> None:
    completer = Completer(loaded(tiny_llama))
    with pytest.raises(TaskError, match=re.escape(got)) as refused:
        completer.complete(
            [Asked(id="one", tokens=(5, 6)), Asked(id="two", tokens=(5, 6), constraint=constraint)],
            before=(),
            decoding=Decoding(max_new_tokens=3),
        )
    assert "let completions be free and judge them afterwards" in str(refused.value)


def test_no_more_constraints_stay_worked_out_than_are_kept(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suffice.predict.grammar.MAX_KEPT", 2)
    completer = Completer(loaded(tiny_llama))
    kept = completer._grammars._fresh
    one, two, three = (Constraint(choices=(name,)) for name in ("A", "B", "C"))
    for constraint in (one, two, one, three):
        assert completer.can_hold(constraint)
    assert list(kept) == [one, three]
    # What made way is worked out again, in the middle of a call as well.
    asked = [Asked(id=str(k), tokens=(5, 6), constraint=c) for k, c in enumerate((one, two, three))]
    found = {c.id: c.text for c in completer.complete(asked, before=(), decoding=Decoding(max_new_tokens=3))}
    assert found == {"0": "A", "1": "B", "2": "C"}
    assert not completer.can_hold(Constraint(choices=()))


def test_all_that_cannot_be_held_to_is_told_at_once_and_each_once(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama))
    wrong = [Constraint(choices=()), Constraint(pattern="("), Constraint(choices=())]
    asked = [Asked(id=str(number), tokens=(5, 6), constraint=one) for number, one in enumerate(wrong)]
    with pytest.raises(TaskError) as refused:
        completer.complete(asked, before=(), decoding=Decoding(max_new_tokens=3))
    assert [problem.where for problem in refused.value.problems] == ["choices ()", "pattern '('"]


def test_a_token_that_is_not_allowed_ends_in_an_error_and_not_in_a_completion(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama))
    grammars = Grammars(completer.tokenizer, n_tokens=640, ends=completer.ends)
    (other,) = completer.tokenizer("C", add_special_tokens=False).input_ids
    with pytest.raises(ModelError, match="hold completions to something simpler"):
        took(grammars.begin(Constraint(choices=("A", "B"))), other)
