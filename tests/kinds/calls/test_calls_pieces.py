import pytest

from suffice.kinds.calls.pieces import pieces_of

NAMES = ("book", "geo.area")


def pieces(text):
    return [(one.form, one.name, text[one.begin : one.end]) for one in pieces_of(text, 0, NAMES)]


# As the chat templates of each family write calls: Mistral v0.3, v11 and v13, Llama 3.1, DeepSeek V3 and V3.1.
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[TOOL_CALLS] [{}]", [(None, "[{}]")]),
        ('[TOOL_CALLS]fly{"a": 1}[TOOL_CALLS]geo.area{}', [("fly", '{"a": 1}'), ("geo.area", "{}")]),
        ('[TOOL_CALLS]fly[ARGS]{"a": 1}', [("fly", '{"a": 1}')]),
        ('[TOOL_CALLS]fly[CALL_ID]a1B[ARGS]{"a": 1}', [("fly", '{"a": 1}')]),
        ("<function=fly>{}</function><function=book>{}", [("fly", "{}"), ("book", "{}")]),
        ("<|python_tag|>fly.call(q='x')<|eom_id|>", [(None, "fly.call(q='x')")]),
        (
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>fly\n```json\n{}\n```<｜tool▁call▁end｜>\n"
            "<｜tool▁call▁begin｜>function<｜tool▁sep｜>book\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            [("fly", "\n{}\n"), ("book", "\n{}\n")],
        ),
        ("<｜tool▁call▁begin｜>fly<｜tool▁sep｜>{}<｜tool▁call▁end｜>", [("fly", "{}")]),
        ("<｜tool▁call▁begin｜>function<｜tool▁sep｜>{}<｜tool▁call▁end｜>", [("function", "{}")]),
    ],
)
def test_marks_of_model_families_tell_calls_and_names(text, found):
    assert pieces(text) == [("marked", *one) for one in found]


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "fly", "args": {"to": "Rome"}}',
        '{"type": "tool_use", "id": "t1", "name": "fly", "input": {"to": "Rome"}}',
        '{"functionCall": {"name": "fly", "args": {}}}',
        '[{"tool_name": "fly", "parameters": {}}]',
        '{"name": "book"}',
        '{"book": {"to": "Rome"}}',
        '{"book": {"to": ',
        "[]",
    ],
)
def test_json_is_meant_to_call_by_its_keys_or_by_a_tool_that_there_is(text):
    assert pieces(text) == [("json", None, text)]


@pytest.mark.parametrize(
    "text",
    [
        '{"answer": "book"}',
        '["book", "film"]',
        '{"book": "Emma", "author": "Austen"}',
        '{"input": "x", "output": "y"}',
        '{"name": "Ida", "input": "keyboard"}',
        '{"name": "Ida", "age": 31}',
        '{"person": {"age": 31}}',
        "[1] (Smith, 2020) says so.",
        "```python\nimport numpy as np\nplot.show()\n```",
        'You could write:\n```python\nget(url="x")\n```\nand see.',
        "```python\n[print(x) for x in y]\n```",
    ],
)
def test_json_and_code_that_answer_are_no_call(text):
    assert pieces(text) == []


def test_a_fence_that_is_all_of_the_answer_calls_tools_that_there_are_not():
    assert pieces('```python\nfly(to="Rome")\n```') == [("fenced", None, 'fly(to="Rome")\n')]


def test_tags_go_before_marks_and_marks_before_everything_else():
    text = '<function=fly>{}</function> or <tool_call>{"name": "book"}</tool_call>'
    assert pieces(text) == [("tagged", None, '{"name": "book"}')]
    assert pieces('```\n[{"name": "book"}]\n```[TOOL_CALLS]fly{}') == [("marked", "fly", "{}")]
