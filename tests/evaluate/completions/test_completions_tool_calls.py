import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suffice.bundles.calls import read_calls
from suffice.bundles.request_lines import line_of
from suffice.evaluate.completions import Judged, doubted, evaluate_completions, judged_calls
from suffice.evaluate.completions.clusters import cluster_rows
from suffice.evaluate.completions.form import form
from suffice.evaluate.completions.overlays import overlays
from suffice.evaluate.completions.repetition import repetition
from suffice.evaluate.completions.waterfall import waterfall
from suffice.kinds.calls.rows import read_row
from suffice.kinds.schemas.tools import read_tools
from suffice.records.answers import Submission
from suffice.records.completion import Completion
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import NotMeasured
from suffice.records.tool_calls import TOOL_CLASSES, Message, ToolRequest
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.answering import AskedRequest
from suffice.store.strict_json import dumps, loads
from suffice.text.completion_words import form_sentence

FEW = NotMeasured(why="few rows failed")


def evaluated(judged):
    return evaluate_completions(judged, clusters=FEW)


TOOLS = [
    {
        "name": "geo.area",
        "parameters": {
            "type": "object",
            "properties": {"radius": {"type": "integer"}, "unit": {"type": "string"}},
            "required": ["radius"],
        },
    },
    {"name": "weather", "parameters": {"type": "object", "properties": {}}},
]
AREA = [{"geo.area": {"radius": [5], "unit": ["cm", ""]}}]
SAID = '[{"name": "geo.area", "arguments": {"radius": 5}}]'


def judged_of(rows, *, spec=None) -> Judged:
    """Accepted calls, what was written (a list for `tool_calls`, both in a pair), and perhaps why it ended."""
    requests, completions = [], []
    for n, (accepted, said, *reason) in enumerate(rows):
        row = {"messages": [{"role": "user", "content": f"ask {n}"}], "tools": TOOLS, "accepted_calls": accepted}
        requests.append(
            ToolRequest(
                id=f"q{n}",
                source="rows.jsonl",
                row=n,
                text=f"ask {n}",
                example=read_row(row, where="row"),
                group=None,
                split=None,
            )
        )
        text, calls = said if isinstance(said, tuple) else (said, None) if isinstance(said, str) else ("", said)
        calls = None if calls is None else tuple(calls)
        completions.append(
            Submission(id=f"q{n}", text=text, stop_reason=reason[0] if reason else None, tool_calls=calls)
        )
    groups = np.arange(len(rows), dtype=np.int64)
    return judged_calls(requests, completions, groups, spec=spec or ToolSpec(), seed=0, done=lambda n: None)


def given_call(name, **arguments):
    return {"type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


@pytest.mark.parametrize(
    ("said", "graders"),
    [
        (SAID, (True, True, True)),
        (f"<think>hm</think>{SAID}", (True, True, True)),
        (f"Sure: {SAID}", (False, True, True)),
        (f"```json\n{SAID}\n```", (False, True, True)),
        (f"<tool_call>{SAID[1:-1]}</tool_call>", (False, True, True)),
        ("geo.area(radius=5)", (False, True, True)),
        ("```python\ngeo.area(radius=5)\n```", (False, True, True)),
        (f"[TOOL_CALLS] {SAID}", (False, True, True)),
        ('<function=geo.area>{"radius": 5}</function>', (False, True, True)),
        ('{"name": "geo.area", "input": {"radius": 5}}', (False, True, True)),
        ([given_call("geo_area", radius=5)], (True, True, True)),
        (SAID.replace("5", "6"), (False, False, False)),
        ("I cannot.", (False, False, False)),
    ],
)
def test_three_graders_look_at_form_syntax_and_value(said, graders):
    (row,) = judged_of([(AREA, said)]).rows
    assert (row.strict, row.lenient, row.verified) == graders


@pytest.mark.parametrize(
    ("form_asked", "said", "strict"),
    [
        ("tagged", f"<tool_call>{SAID[1:-1]}</tool_call>", True),
        ("tagged", SAID, False),
        ("python", "[geo.area(radius=5)]", True),
        ("python", SAID, False),
    ],
)
def test_the_task_says_which_form_is_strict(form_asked, said, strict):
    assert judged_of([(AREA, said)], spec=ToolSpec(form=form_asked)).rows[0].strict is strict


@pytest.mark.parametrize(
    ("form_asked", "said", "strict"),
    [("json", "[]", True), ("json", "None fits.", False), ("json", [], True), ("tagged", "None fits.", True)],
)
def test_no_call_is_right_where_none_is_and_has_a_form_of_its_own(form_asked, said, strict):
    (row,) = judged_of([([], said)], spec=ToolSpec(form=form_asked)).rows
    assert (row.class_, row.strict, row.lenient, row.verified) == ("right", strict, True, True)


@pytest.mark.parametrize(
    ("said", "class_", "wrong"),
    [
        ("Well.", "silent", "right: geo.area"),
        (SAID.replace("geo.area", "geo.volume"), "invented_tool", "call 0: geo.volume; right: geo.area or weather"),
        (SAID.replace("5", "6"), "wrong_arguments_value", "call 0, radius: 6; right: 5"),
        (SAID[:-3], "broken_syntax", None),
    ],
)
def test_a_row_says_its_class_and_what_was_wrong(said, class_, wrong):
    (row,) = judged_of([(AREA, said)]).rows
    assert row.class_ == class_
    assert row.wrong == wrong if wrong else "at" in row.wrong


FOUND = [given_call("geo.area", radius=5)]


@pytest.mark.parametrize(
    ("accepted", "said", "found"),
    [
        (AREA, SAID, FOUND),
        (AREA, f"Sure: {SAID}", FOUND),
        (AREA, "geo.area(radius=5)", [given_call("geo_area", radius=5)]),
        (AREA, SAID.replace("5", "6"), [given_call("geo.area", radius=6)]),
        (AREA, "I cannot.", []),
        (AREA, SAID[:-3], None),
        ([], "None fits.", []),
        ([], "[]", []),
        ([], 'sing(song="Moon")', [given_call("sing", song="Moon")]),
        ([], 'sing(song="Moon")', []),
    ],
)
def test_calls_that_were_found_in_a_completion_and_stand_beside_it_change_nothing(accepted, said, found):
    alone, beside = judged_of([(accepted, said)]), judged_of([(accepted, (said, found))])
    assert beside.rows == alone.rows
    assert repetition(beside) == repetition(alone)


def test_what_suffice_answer_writes_is_judged_as_the_completion_alone_is():
    messages = (Message(role="user", content="ask 0"),)
    asked = AskedRequest(id="q0", messages=messages, tools=read_tools(TOOLS, where="row"))
    for said in (SAID, f"Sure: {SAID}", SAID[:-3], "geo_area(radius=5)", "I cannot."):
        completion = Completion(id="q0", text=said, n_prompt_tokens=0, n_tokens=0, stop_reason="end", seconds=0.0)
        line = json.loads(line_of(asked, read_calls(asked, completion, ToolSpec())))
        beside = judged_of([(AREA, (line["completion"], line["tool_calls"]))])
        assert beside.rows == judged_of([(AREA, said)]).rows


def test_calls_that_a_server_keeps_apart_from_its_words_are_in_form_beside_them():
    (row,) = judged_of([(AREA, ("Looking it up.", FOUND))]).rows
    assert (row.strict, row.lenient, row.verified) == (True, True, True)
    assert row.text == f"Looking it up.\n{row.answer}"
    (other,) = judged_of([(AREA, (SAID.replace("5", "6"), FOUND))]).rows
    assert (other.strict, other.class_) == (True, "right")


def test_a_flat_call_that_is_given_apart_is_judged_as_openai_s():
    (row,) = judged_of([(AREA, [{"name": "geo.area", "arguments": {"radius": 5}}])]).rows
    assert (row.class_, row.strict) == ("right", True)


def test_a_text_that_calls_something_else_than_stands_beside_it_is_told():
    six = SAID.replace("5", "6")
    found = evaluated(judged_of([(AREA, (SAID, FOUND)), (AREA, ("Well.", FOUND)), (AREA, (six, FOUND))]))
    assert (found.says_other.n, found.says_other.ids) == (1, ("q2",))
    assert loads(dumps(found).encode(), CompletionEvaluation) == found
    assert evaluated(judged_of([(AREA, (SAID, FOUND)), (AREA, (six, []))])).says_other is None


def test_what_is_right_in_another_form_is_told_as_the_waterfall_has_it():
    judged = judged_of([([], "La la la."), (AREA, SAID), (AREA, SAID.replace("5", "6"))])
    found = evaluated(judged)
    assert [one.n for one in found.waterfall.classes if one.name == "right"] == [2]
    assert (found.form.n_right, found.form.ids) == (1, ("q0",))
    told = form_sentence(found.form, n_named=1)
    assert told.startswith("right by value, and lost to the strict grader alone for their form: 33.3% of the rows")
    assert told.endswith("such as q0")


def test_calls_are_no_numbers_and_say_which_argument_was_wrong():
    judged = judged_of([(AREA, SAID), (AREA, SAID.replace("5", "6"))])
    data = cluster_rows(judged, np.ones((2, 1), dtype=np.float32), vectors_of="nothing")
    assert "right answer" not in data.features
    assert "answer" not in data.errors
    assert data.errors["argument"] == ((), ("radius",))


def test_a_right_call_that_nobody_can_make_is_a_suspected_gold():
    impossible = [{"geo.area": {"radius": []}}]
    found = overlays(judged_of([(AREA, SAID), (impossible, SAID)])).suspected_gold
    assert (found.n, found.of, found.ids) == (1, 2, ("q1",))
    assert isinstance(overlays(judged_of([(AREA, SAID)])).suspected_gold, NotMeasured)


def test_a_number_of_any_length_in_a_call_is_broken_syntax_and_no_crash():
    (row,) = judged_of([(AREA, "[geo.area(radius=0x" + "F" * 4_000 + ")]")]).rows
    assert (row.class_, row.wrong) == ("broken_syntax", "a number of too many digits (at 17)")


# Of three rows two are right in words where no call is; each fits one other row of two: a half by chance.
def test_chance_gives_words_where_no_call_is_right_their_credit():
    found = form(judged_of([([], "None fits."), ([], "No tool for that."), (AREA, SAID)]))
    assert (found.n_not_strict, found.share) == (2, pytest.approx(2 / 3))
    assert found.chance == pytest.approx(0.5, abs=0.1)


def test_two_systems_that_call_the_same_wrong_thing_cast_doubt_on_the_gold():
    six = SAID.replace("5", "6")
    first, second = judged_of([(AREA, six), (AREA, six)]), judged_of([(AREA, f"Sure: {six}"), (AREA, "no")])
    assert doubted(first, second) == {"q0"}


def test_all_layers_are_there_and_the_same_when_read_back():
    found = evaluated(judged_of([(AREA, SAID), ([], [given_call("weather")]), (AREA, "x", "length")]))
    assert loads(dumps(found).encode(), CompletionEvaluation) == found
    assert [one.class_ for one in found.examples] == ["right", "called_when_none_right", "truncated"]
    assert found.examples[0].gold == '[{"geo.area": {"radius": [5], "unit": ["cm", ""]}}]'
    assert found.trace.why


PIECES = st.lists(
    st.sampled_from(
        [SAID, "<tool_call>", "</tool_call>", "[]", "geo.area(", "radius=5)", "```", '{"name":', "NaN", "x"]
    )
    | st.text(max_size=4),
    max_size=6,
).map("".join)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from([AREA, []]), PIECES, st.sampled_from([None, "length"])), min_size=1, max_size=6)
)
def test_the_classes_add_up_to_all_rows_whatever_was_called(rows):
    layer = waterfall(judged_of(rows))
    assert sum(one.n for one in layer.classes) == len(rows)
    assert sum(one.share for one in layer.classes) == pytest.approx(1.0, abs=1e-12)
    assert tuple(one.name for one in layer.classes) == TOOL_CLASSES
