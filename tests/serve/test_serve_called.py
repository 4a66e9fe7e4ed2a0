"""A bundle that calls tools, served by a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from commands import Fitted, fit_json
from household import LAMP, TIMER, household, write_tools_task
from served import Reply, Served, served, user
from suffice.bundles.calls import read_calls
from suffice.records.completion import Completion, StopReason
from suffice.records.tool_calls import CallLimits
from suffice.records.tool_spec import ToolSpec
from suffice.serve.asked import ChatRequest
from suffice.serve.called import calls_in, request_of, words_of
from suffice.serve.refusal import Refused
from word_sums import write_answer_task

LIGHT = household(1)[0]["messages"][0]["content"]
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {**LAMP, "name": "lamp_switch"}},
    {"type": "function", "function": TIMER},
]
"""As OpenAI's protocol carries them, which allows no dots in names."""


@pytest.fixture(scope="module")
def calling(tmp_path_factory: pytest.TempPathFactory, wide_llama: Path) -> Fitted:
    """A finished fit of the commonest calls and a tiny language model as it is."""
    folder = tmp_path_factory.mktemp("calling")
    task = write_tools_task(folder, ladder=["majority", f"{wide_llama}@prompted"], n=60, completion={"max_tokens": 16})
    return fit_json(
        task, "--all-rungs", "--skip", "prompt", "train.n_train=40", out=folder / "out", home=folder / "home"
    )


@pytest.fixture(scope="module")
def desk(calling: Fitted, fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serves both beside one that gives labels and one that answers questions."""
    (writer,) = [folder for folder in calling.bundle("").iterdir() if folder.name != "majority"]
    sums = tmp_path_factory.mktemp("sums")
    answering = fit_json(write_answer_task(sums), out=sums / "out", home=sums / "home").bundle("majority")
    bundles = [f"writer={writer}", f"common={calling.bundle('majority')}", f"sums={answering}", fitted.bundle("tfidf")]
    with served(*bundles, "--deadline", 60, home=tmp_path_factory.mktemp("serving")) as up:
        yield up


@pytest.fixture(scope="module")
def client(desk: Served) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{desk.url}/v1", api_key="none", max_retries=0)


def choice_of(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.text
    (choice,) = reply.body["choices"]
    return choice


def test_the_openai_client_gets_calls(client: openai.OpenAI) -> None:
    found = client.chat.completions.create(model="common", messages=[user(LIGHT)], tools=TOOLS)
    (choice,) = found.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    (call,) = choice.message.tool_calls
    assert (call.type, call.function.name) == ("function", "lamp_switch")
    assert json.loads(call.function.arguments) == {"room": "kitchen", "on": True}


def test_the_openai_client_is_streamed_calls(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="common", messages=[user(LIGHT)], tools=TOOLS, stream=True, stream_options={"include_usage": True}
    )
    parts = list(stream)
    deltas = [part.choices[0].delta for part in parts if part.choices]
    assert deltas[0].role == "assistant"
    called = [delta.tool_calls[0] for delta in deltas if delta.tool_calls]
    assert [(one.index, one.function.name) for one in called] == [(0, "lamp_switch"), (0, None)]
    assert called[0].id
    assert json.loads("".join(one.function.arguments for one in called)) == {"room": "kitchen", "on": True}
    assert [part.choices[0].finish_reason for part in parts if part.choices][-1] == "tool_calls"
    assert parts[-1].usage is not None


def test_calls_have_no_word_of_passages_where_none_are_read(desk: Served) -> None:
    reply = desk.chat("common", LIGHT, tools=TOOLS)
    assert choice_of(reply)["message"]["tool_calls"]
    assert "passages" not in reply.text


def test_a_stop_string_ends_calls_that_are_looked_up(desk: Served) -> None:
    choice = choice_of(desk.chat("common", LIGHT, tools=TOOLS, stop="lamp"))
    assert (choice["finish_reason"], choice["message"].get("tool_calls")) == ("stop", None)
    assert "lamp" not in choice["message"]["content"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"functions": [LAMP]}, "functions cannot be honoured: give each as `tools`"),
        ({"function_call": "auto"}, "function_call cannot be honoured: say it as `tool_choice`"),
    ],
)
def test_the_keys_before_tools_are_refused_with_those_of_tools(desk: Served, more: dict[str, Any], told: str) -> None:
    assert told in desk.chat("common", LIGHT, tools=TOOLS, **more).error["message"]
    assert "calls no functions" in desk.chat("sums", "How many?", **more).error["message"]


def test_routes_of_labels_say_that_it_calls_tools(desk: Served) -> None:
    refused = desk.ask("/classify", {"model": "common", "texts": [LIGHT]})
    assert "'common' calls tools: ask it at /v1/chat/completions" in refused.error["message"]


def test_the_results_of_calls_are_read_with_the_request(desk: Served) -> None:
    called = {"id": "c1", "type": "function", "function": {"name": "timer", "arguments": '{"minutes": 3}'}}
    turns = [
        user("Ring in three minutes"),
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "c1", "content": "set"},
    ]
    reply = desk.ask("/v1/chat/completions", {"model": "common", "messages": turns, "tools": TOOLS})
    assert choice_of(reply)["finish_reason"] == "tool_calls"


def test_a_call_that_is_required_is_made_and_keeps_to_its_schema(desk: Served) -> None:
    choice = choice_of(desk.chat("writer", LIGHT, tools=TOOLS[1:], tool_choice="required", parallel_tool_calls=False))
    assert choice["finish_reason"] in {"tool_calls", "length"}
    choice = choice_of(desk.chat("writer", LIGHT, tools=TOOLS, tool_choice=NAMED, max_tokens=400))
    (call,) = choice["message"]["tool_calls"]
    assert call["function"]["name"] == "timer"
    assert json.loads(call["function"]["arguments"])["minutes"] >= 1


def test_no_call_is_made_where_none_may_be(desk: Served) -> None:
    choice = choice_of(desk.chat("writer", LIGHT, tools=TOOLS, tool_choice="none"))
    assert (choice["finish_reason"], choice["message"]["content"]) == ("stop", "")
    assert not choice["message"].get("tool_calls")


def test_what_is_no_call_of_an_offered_tool_comes_as_words(desk: Served) -> None:
    # A random model that is free writes no call.
    choice = choice_of(desk.chat("writer", LIGHT, tools=TOOLS, max_tokens=8))
    assert choice["finish_reason"] == "length"
    assert choice["message"]["content"]


RECURSIVE = {"type": "object", "properties": {"a": {"$ref": "#"}}}
UNHELD = {"type": "object", "properties": {"a": {"type": "string", "pattern": r"x\by"}}, "required": ["a"]}
HOSTILE = [
    ({"enum": ["a" * 40 + "!"], "allOf": [{"pattern": "^(a+)+$"}]}, "none of its choices fits"),
    ({"type": "string", "pattern": "(?=x)y"}, "no look-around"),
    ({"type": "string", "pattern": "(?:(?:(?:a{1,1000}){1,1000}){1,1000}){1,1000}"}, "repetition size"),
    ({"enum": [{"x": 1}], "unevaluatedProperties": {"$ref": "http://127.0.0.1:9/a"}}, "`unevaluatedProperties` is not"),
    ({"enum": [[1]], "contains": {"$ref": "#/nowhere"}}, "a reference must lead somewhere"),
]


@pytest.mark.parametrize(
    ("model", "more", "param", "said"),
    [
        ("common", {"tools": None}, "tools", "tools must be given"),
        ("common", {"tool_choice": "required"}, "tool_choice", "looks its calls up"),
        ("common", {"tool_choice": "none"}, "tool_choice", "looks its calls up"),
        ("common", {"parallel_tool_calls": False}, "parallel_tool_calls", "looks its calls up"),
        ("writer", {"tool_choice": "any"}, "tool_choice", "tool_choice takes auto, none, required"),
        ("writer", {"tool_choice": {"type": "function", "function": {"name": "kettle"}}}, "tool_choice", "'kettle'"),
        ("writer", {"tools": [{"type": "function", "function": {"name": "a", "parameters": RECURSIVE}}]}, None, "$ref"),
        (
            "writer",
            {"tools": [{"type": "function", "function": {"name": "a", "parameters": UNHELD, "strict": True}}]},
            None,
            "enforced token by token",
        ),
        ("writer", {"logprobs": True}, "logprobs", "free text"),
        ("sums", {}, "tools", "calls no tools"),
        ("tfidf", {}, "tools", "calls no tools"),
    ],
)
def test_what_cannot_be_honoured_is_refused_and_says_why(
    desk: Served, model: str, more: dict[str, Any], param: str | None, said: str
) -> None:
    reply = desk.chat(model, LIGHT, **{"tools": TOOLS, **more})
    assert reply.status == 400, reply.text
    assert said in reply.error["message"]
    assert param is None or reply.error["param"] == param


@pytest.mark.parametrize(("schema", "said"), HOSTILE)
def test_a_schema_that_would_hold_the_server_up_is_refused(desk: Served, schema: dict[str, Any], said: str) -> None:
    parameters = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    reply = desk.chat(
        "common", LIGHT, tools=[{"type": "function", "function": {"name": "f", "parameters": parameters}}]
    )
    assert (reply.status, said in reply.error["message"]) == (400, True), reply.text


def test_tools_that_are_too_long_are_refused_before_a_schema_is_read(desk: Served) -> None:
    none = {"type": "object", "title": "x" * 100_000, "properties": 3}
    reply = desk.chat("common", LIGHT, tools=[{"type": "function", "function": {"name": "f", "parameters": none}}])
    assert (reply.status, reply.error["code"], reply.error["param"]) == (413, "message_too_long", "tools")


@pytest.mark.parametrize("model", ["sums", "tfidf"])
def test_messages_of_tools_are_refused_where_no_tool_is_called(desk: Served, model: str) -> None:
    turns = [{"role": "tool", "tool_call_id": "c1", "content": "set"}, user(LIGHT)]
    reply = desk.ask("/v1/chat/completions", {"model": model, "messages": turns})
    assert (reply.status, reply.error["param"]) == (400, "messages")


STRICT = {"type": "function", "function": {**TIMER, "strict": True}}
NAMED = {"type": "function", "function": {"name": "timer"}}


@pytest.mark.parametrize(
    ("more", "limits"),
    [
        ({}, None),
        ({"tool_choice": "auto", "parallel_tool_calls": True}, None),
        ({"tools": [STRICT]}, CallLimits()),
        ({"tool_choice": "none"}, CallLimits(most=0)),
        ({"tool_choice": "none", "parallel_tool_calls": False}, CallLimits(most=0)),
        ({"tool_choice": "required"}, CallLimits(least=1)),
        ({"tool_choice": "required", "parallel_tool_calls": False}, CallLimits(least=1, most=1)),
        ({"parallel_tool_calls": False}, CallLimits(most=1)),
        (
            {"tool_choice": {"type": "function", "function": {"name": "timer"}}},
            CallLimits(least=1, most=1, only="timer"),
        ),
    ],
)
def test_what_is_asked_of_calls_is_what_they_are_held_to(more: dict[str, Any], limits: CallLimits | None) -> None:
    asked = ChatRequest.model_validate({"model": "m", "messages": [user(LIGHT)], "tools": TOOLS, **more})
    assert request_of(asked, can_hold=True).limits == limits


def test_whoever_cannot_hold_calls_names_the_key_that_asks_for_it() -> None:
    asked = ChatRequest.model_validate({"model": "m", "messages": [user(LIGHT)], "tools": [STRICT]})
    with pytest.raises(Refused, match="tools cannot be honoured: this bundle has no model") as refused:
        request_of(asked, can_hold=False)
    assert refused.value.status == 400


def test_a_developers_message_is_a_systems_and_the_assistants_cannot_be_the_last() -> None:
    turns = [{"role": "developer", "content": "Be quick."}, user(LIGHT)]
    asked = ChatRequest.model_validate({"model": "m", "messages": turns, "tools": TOOLS})
    assert [one.role for one in request_of(asked, can_hold=True).messages] == ["system", "user"]
    turns.append({"role": "assistant", "content": "No."})
    asked = ChatRequest.model_validate({"model": "m", "messages": turns, "tools": TOOLS})
    with pytest.raises(Refused, match="the last message must be a user's or a tool's"):
        request_of(asked, can_hold=True)


@pytest.mark.parametrize(
    ("completion", "reason", "n", "words"),
    [
        ('[{"name": "timer", "arguments": {"minutes": 3}}]', "end", 1, None),
        ('[{"name": "kettle", "arguments": {}}]', "end", 0, '[{"name": "kettle", "arguments": {}}]'),
        ('[{"name": "timer", "arguments": {"min', "length", 0, '[{"name": "timer", "arguments": {"min'),
        ("[]", "end", 0, ""),
        ("I cannot do that.", "end", 0, "I cannot do that."),
    ],
)
def test_a_client_is_given_calls_of_offered_tools_and_everything_else_as_words(
    completion: str, reason: StopReason, n: int, words: str | None
) -> None:
    asked = ChatRequest.model_validate({"model": "m", "messages": [user(LIGHT)], "tools": TOOLS})
    request = request_of(asked, can_hold=True)
    written = Completion(id="0", text=completion, n_prompt_tokens=1, n_tokens=1, stop_reason=reason, seconds=0.0)
    found = read_calls(request, written, ToolSpec())
    assert len(calls_in(found, request, id_="x")) == n
    assert n or words_of(found) == words
