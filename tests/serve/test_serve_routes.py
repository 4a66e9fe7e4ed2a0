"""The protocol as clients speak it, against a real server process."""

from __future__ import annotations

import json
import subprocess
from enum import Enum
from math import exp, isclose

import numpy as np
import openai
import pytest
from pydantic import BaseModel

import suffice
from messages import LABELS
from served import Served, user
from suffice.serve.routes import ASKING_PATHS

TEXTS = ["my parcel never came", "the card is blocked", "I want a refund", "cannot login"]
MODELS = ("tfidf", "majority", "tiny", "again")


@pytest.fixture(scope="module")
def client(server: Served) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)


def test_every_bundle_is_a_model_with_its_parent(client, server, fitted_causal):
    listed = {model.id: model for model in client.models.list()}
    assert set(listed) == set(MODELS)
    assert listed["tfidf"].model_extra["parent"] is None
    assert listed["tiny"].model_extra["parent"] in fitted_causal.task.read_text()
    assert client.models.retrieve("tfidf").model_extra["labels"] == list(LABELS)
    missing = server.ask("/v1/models/nobody")
    assert (missing.status, missing.error["code"]) == (404, "model_not_found")
    # Whether a message can be honoured hangs on the model.
    called = {"model": "nobody", "messages": [{"role": "tool", "content": ""}]}
    assert server.ask("/v1/chat/completions", called).status == 404
    assert "there are: tfidf, majority, tiny, again" in missing.error["message"]


@pytest.mark.parametrize("model", MODELS)
def test_http_answers_as_the_bundle_does_in_python(server, fitted, causal_bundle, model):
    folder = fitted.bundle(model) if model in {"tfidf", "majority"} else causal_bundle
    expected = suffice.load(folder).classify([*TEXTS, ""])
    reply = server.ask("/classify", {"model": model, "texts": [*TEXTS, ""]})
    assert reply.status == 200
    results = reply.body["results"]
    assert [one["label"] for one in results] == [one.label for one in expected]
    assert [one["route"] for one in results] == ["local"] * 4 + ["review"]
    for got, wanted in zip(results, expected, strict=True):
        assert list(got["probabilities"]) == list(LABELS)
        assert isclose(sum(got["probabilities"].values()), 1.0, abs_tol=1e-9)
        np.testing.assert_allclose([*got["probabilities"].values()], [*wanted.probabilities.values()], atol=1e-3)
    assert reply.body["latency_ms"] > 0.0
    assert reply.headers["x-suffice-bundle"].startswith(f"{model}@")


def test_no_messages_have_no_results(server):
    assert server.ask("/classify", {"model": "tfidf", "texts": []}).body["results"] == []


def test_the_openai_client_gets_a_label_with_true_probabilities(client, fitted):
    (expected,) = suffice.load(fitted.bundle("tfidf")).classify([TEXTS[0]])
    found = client.chat.completions.create(
        model="tfidf",
        messages=[{"role": "user", "content": TEXTS[0]}],
        logprobs=True,
        top_logprobs=3,
        temperature=1.7,
        top_p=0.3,
        seed=5,
        max_tokens=1,
        user="somebody",
    )
    (choice,) = found.choices
    assert (choice.message.content, choice.finish_reason) == (expected.label, "stop")
    (said,) = choice.logprobs.content
    assert isclose(exp(said.logprob), expected.probability, abs_tol=1e-9)
    assert [one.token for one in said.top_logprobs] == sorted(LABELS, key=lambda name: -expected.probabilities[name])[
        :3
    ]
    assert found.usage.total_tokens == found.usage.prompt_tokens + 1 == 5


def test_the_openai_client_streams(client):
    parts = list(
        client.chat.completions.create(
            model="tiny",
            messages=[{"role": "user", "content": TEXTS[1]}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    said = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert said in LABELS
    assert [part.choices[0].finish_reason for part in parts if part.choices] == [None, None, "stop"]
    assert parts[-1].usage.completion_tokens == 1
    whole = client.completions.create(model="tiny", prompt=[TEXTS[1], TEXTS[0]], logprobs=2, stream=True)
    texts = [part.choices[0] for part in whole]
    assert [(one.index, one.text in LABELS) for one in texts] == [(0, True), (1, True)]
    assert texts[0].text == said


def test_completions_answer_each_prompt(client):
    found = client.completions.create(model="tfidf", prompt=TEXTS, logprobs=2)
    assert [choice.index for choice in found.choices] == [0, 1, 2, 3]
    assert [choice.text for choice in found.choices] == ["parcel", "card", "money", "sign_in"]
    assert all(len(choice.logprobs.top_logprobs[0]) == 2 for choice in found.choices)
    assert found.usage.completion_tokens == 4


def test_curl_gets_a_label(server):
    body = '{"model": "tfidf", "messages": [{"role": "user", "content": "my parcel never came"}]}'
    command = ["curl", "-sf", f"{server.url}/v1/chat/completions", "-H", "content-type: application/json", "-d", body]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert '"content":"parcel"' in said


def test_the_last_users_message_is_the_text(server):
    parts = [{"type": "text", "text": "my parcel"}, {"type": "text", "text": "never came"}]
    messages = [
        user("the card is blocked"),
        {"role": "assistant", "content": "card"},
        {"role": "user", "content": parts},
    ]
    reply = server.ask("/v1/chat/completions", {"model": "tfidf", "messages": messages})
    assert reply.body["choices"][0]["message"]["content"] == "parcel"


@pytest.mark.parametrize(
    ("more", "param", "said"),
    [
        ({"messages": [{"role": "system", "content": "be kind"}, user("x")]}, "messages", "settled when it was"),
        ({"messages": [{"role": "developer", "content": "be kind"}, user("x")]}, "messages", "a developer message"),
        ({"messages": [user("x"), {"role": "assistant", "content": "y"}]}, "messages", "last message must be a user's"),
        ({"messages": []}, "messages", "at least 1 item"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages",
            "messages.0",
        ),
        ({"tools": [{"type": "function"}]}, "tools", "calls no tools"),
        ({"n": 2}, "n", "one most probable label"),
        ({"stop": ["x"]}, "stop", "not cut"),
        ({"logit_bias": {"5": 1}}, "logit_bias", "structured_outputs"),
        ({"frequency_penalty": 0.5}, "frequency_penalty", "nothing is repeated"),
        ({"best_of_all": 1}, "best_of_all", "nothing is ignored"),
        ({"temperature": 3}, "temperature", "less than or equal to 2"),
        ({"max_tokens": 0}, "max_tokens", "greater than or equal to 1"),
        ({"top_logprobs": 2}, "top_logprobs", "top_logprobs goes with logprobs=true"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "stream_options goes with stream=true"),
        ({"response_format": {"type": "json_object"}}, "response_format", "json_schema"),
        ({"structured_outputs": {"json": {}}}, "structured_outputs", "takes `choice`"),
        ({"structured_outputs": {"choice": ["card"], "regex": "c"}}, "structured_outputs", "takes `choice`"),
        ({"guided_json": {}}, "guided_json", "guided_choice"),
    ],
)
def test_what_cannot_be_honoured_is_refused_in_openais_form(server, more, param, said):
    reply = server.ask("/v1/chat/completions", {"model": "tfidf", "messages": [user("x")], **more})
    assert reply.status == 400, reply.text
    assert reply.error["type"] == "invalid_request_error"
    assert reply.error["param"] == param
    assert said in reply.error["message"]


def test_the_route_stands_in_a_header_where_the_protocol_has_no_word_for_it(server):
    assert server.chat("tfidf", TEXTS[0]).headers["x-suffice-route"] == "local"
    assert server.chat("tfidf", "").headers["x-suffice-route"] == "review"
    reply = server.ask("/v1/completions", {"model": "tfidf", "prompt": [TEXTS[0], ""], "stream": True})
    assert reply.headers["x-suffice-route"] == "local,review"


def test_values_that_ask_for_nothing_are_taken(server):
    nothing = {"n": 1, "tools": [], "stop": None, "logit_bias": {}, "presence_penalty": 0, "stream_options": None}
    assert server.chat("tfidf", TEXTS[0], **nothing).status == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"guided_choice": ["card", "money", "dog"]},
        {"structured_outputs": {"choice": ["card", "money"]}},
    ],
)
def test_a_choice_narrows_the_labels_and_never_widens_them(server, fitted, wish):
    (free,) = suffice.load(fitted.bundle("tfidf")).classify([TEXTS[0]])
    reply = server.chat("tfidf", TEXTS[0], logprobs=True, top_logprobs=4, **wish)
    (choice,) = reply.body["choices"]
    of = {name: free.probabilities[name] for name in ("card", "money")}
    assert free.label == "parcel"
    assert choice["message"]["content"] == max(of, key=lambda name: of[name])
    told = {one["token"]: exp(one["logprob"]) for one in choice["logprobs"]["content"][0]["top_logprobs"]}
    for name, probability in of.items():
        assert isclose(told[name], probability / sum(of.values()), rel_tol=1e-3)
    assert told.keys() == of.keys()
    texts = {"model": "tfidf", "prompt": TEXTS[0], "logprobs": 4, **wish}
    (choice,) = server.ask("/v1/completions", texts).body["choices"]
    assert choice["logprobs"]["top_logprobs"][0].keys() == of.keys()


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "enum": ["card", "money"]}, '"card"'),
        (
            {"type": "object", "properties": {"label": {"enum": ["card", "dog"]}}, "required": ["label"]},
            '{"label": "card"}',
        ),
    ],
)
def test_a_schema_with_an_enum_narrows_and_is_kept_to(server, schema, said):
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
    reply = server.chat("tfidf", "card or parcel", response_format=form)
    assert reply.body["choices"][0]["message"]["content"] == said


class Label(Enum):
    CARD = "card"
    MONEY = "money"


class Sorted(BaseModel):
    label: Label


def test_the_openai_client_parses_a_class_with_an_enum(client, fitted):
    (free,) = suffice.load(fitted.bundle("tfidf")).classify([TEXTS[0]])
    assert free.label == "parcel"
    found = client.chat.completions.parse(model="tfidf", messages=[user(TEXTS[0])], response_format=Sorted)
    # The class is written with a reference to the enum, which leaves `parcel` out.
    assert "$ref" in Sorted.model_json_schema()["properties"]["label"]
    assert found.choices[0].message.parsed == Sorted(label=max(Label, key=lambda one: free.probabilities[one.value]))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a~1b%20", "$defs": {"a/b ": {"enum": ["card", "money"]}}},
        {"$ref": "#/definitions/one", "definitions": {"one": {"$ref": "#/definitions/two"}, "two": {"const": "card"}}},
    ],
)
def test_a_schema_may_refer_to_its_own_parts(server, schema):
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    reply = server.chat("tfidf", "the card", response_format=form)
    assert reply.body["choices"][0]["message"]["content"] == '"card"'


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$ref": "#/$defs/0", "$defs": {str(i): {"$ref": f"#/$defs/{i + 1}"} for i in range(1_000)}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {}},
        {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}},
        {"$ref": "https://example.org/label.json"},
        {"$ref": "#/$defs/a", "maxLength": 2, "$defs": {"a": {"enum": ["card"]}}},
        {"$ref": 1},
        {"type": "object", "properties": {"a": {"enum": ["card"]}, "b": {"enum": ["card"]}}},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "string", "enum": ["card"], "maxLength": 2},
        {"type": "string", "enum": ["card", "refund"], "const": "card"},
        {"type": "integer", "enum": [1]},
        {"type": "string", "enum": ["dog"]},
        {"type": "object", "properties": {"\ud800": {"enum": ["card"]}}},
        {},
    ],
)
def test_a_schema_that_is_no_choice_of_labels_is_refused(server, schema):
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    reply = server.chat("tfidf", "x", response_format=form)
    assert (reply.status, reply.error["param"]) == (400, "response_format")


def test_a_schema_beside_another_type_of_format_is_refused(server):
    form = {"type": "text", "json_schema": {"name": "answer", "schema": {"type": "string", "enum": ["card"]}}}
    reply = server.chat("tfidf", "x", response_format=form)
    assert (reply.status, reply.error["param"]) == (400, "response_format")


def test_two_ways_to_narrow_at_once_are_refused(server):
    reply = server.chat("tfidf", "x", guided_choice=["card"], structured_outputs={"choice": ["card"]})
    assert (reply.status, reply.error["param"]) == (400, "guided_choice")


def test_what_is_no_json_is_refused_without_repeating_it(server):
    reply = server.ask("/classify", raw=b'{"model": "tfidf", "texts": ["my secret')
    assert (reply.status, reply.error["code"]) == (400, "invalid_json")
    assert "secret" not in reply.text
    reply = server.ask("/classify", {"model": "tfidf", "texts": ["fine", {"secret": 1}]})
    assert (reply.status, reply.error["param"]) == (400, "texts")
    assert "secret" not in reply.text


@pytest.mark.parametrize(
    ("raw", "headers", "code", "said"),
    [
        (b'{"model": "tfidf", "texts": []}', {"content-type": "text/plain"}, "invalid_content_type", "Content-Type"),
        (b"", {}, "invalid_json", "no body"),
        (b'{"model": "\xff"}', {}, "invalid_json", "UTF-8"),
        (b"[" * 100_000, {}, "invalid_json", "one JSON object"),
        (b"[]", {}, "invalid_value", "the body"),
        (b'{"\\ud800": 1, "model": "tfidf", "texts": []}', {}, "invalid_value", "unicode string"),
    ],
)
def test_a_body_that_cannot_be_read_is_told_what_it_lacks(server, raw, headers, code, said):
    reply = server.ask("/classify", raw=raw, **headers)
    assert (reply.status, reply.error["code"]) == (400, code), reply.text
    assert said in reply.error["message"]


def test_what_is_no_text_is_told_that_only_text_is_read(server):
    image = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]
    for content in (image, [{"type": "text", "text": "x"}, *image], 1):
        reply = server.ask("/v1/chat/completions", {"model": "tfidf", "messages": [{**user("x"), "content": content}]})
        assert reply.error["message"].startswith("messages.0.content must be text, or parts of type text")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/completions", {"prompt": 3}, "prompt must be text, or must be a list"),
        ("/v1/completions", {"prompt": []}, "prompt must be text, or must be a list with at least 1 item"),
        ("/v1/completions", {"prompt": ["a", 3]}, "prompt.1 must be text"),
        ("/v1/completions", {}, "prompt must be given"),
        ("/classify", {"texts": "a"}, "texts must be a list"),
        ("/classify", {"texts": ["a", None]}, "texts.1 must be text"),
        ("/v1/chat/completions", {"messages": []}, "messages must be a list with at least 1 item"),
        ("/v1/chat/completions", {"messages": [{"content": "a"}]}, "messages.0.role must be given"),
        ("/v1/chat/completions", {"messages": [user("a")], "temperature": "hot"}, "temperature must be a number"),
        ("/v1/chat/completions", {"messages": [user("a")], "stream": "perhaps"}, "stream must be true or false"),
        ("/v1/chat/completions", {"messages": [user("a")], "seed": 1.5}, "seed must be a whole number"),
        ("/v1/chat/completions", {"messages": [user("a")], "guided_choice": []}, "guided_choice must be a list with"),
        (
            "/v1/chat/completions",
            {"messages": [user("a")], "response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
            "response_format.json_schema.schema must be given",
        ),
    ],
)
def test_what_a_value_must_be_is_told_in_words_of_the_protocol(server, path, body, said):
    reply = server.ask(path, {"model": "tfidf", **body})
    assert (reply.status, reply.error["code"]) == (400, "invalid_value")
    assert reply.error["message"].startswith(said)
    assert reply.error["param"] == said.split()[0].partition(".")[0]


def test_parts_of_a_stream_have_the_keys_that_openais_have(server):
    reply = server.chat("tfidf", TEXTS[0], stream=True)
    parts = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: {")]
    assert [part["choices"][0] for part in parts] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None, "finish_reason": None},
        {"index": 0, "delta": {"content": "parcel"}, "logprobs": None, "finish_reason": None},
        {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"},
    ]


def test_a_label_is_said_without_keys_of_free_answers(server):
    message = server.chat("tfidf", TEXTS[0]).body["choices"][0]["message"]
    assert message == {"role": "assistant", "content": "parcel", "refusal": None}


def test_too_much_at_once_is_refused(server):
    many = server.ask("/classify", {"model": "majority", "texts": ["x"] * 1_001})
    assert (many.status, many.error["code"]) == (413, "too_many_messages")
    long = server.ask("/classify", {"model": "majority", "texts": ["fine", "x" * 100_001]})
    assert (long.status, long.error["code"]) == (413, "message_too_long")
    assert "message 1 has 100,001" in long.error["message"]


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(server, tmp_path):
    (tmp_path / "body").write_bytes(b" " * (5 << 20))
    command = ["curl", "-s", "-w", " %{http_code}", f"{server.url}/classify", "-H", "content-type: application/json"]
    for more in ((), ("-H", "transfer-encoding: chunked")):
        sent = [*command, *more, "--data-binary", f"@{tmp_path / 'body'}"]
        ran = subprocess.run(sent, capture_output=True, text=True, check=False)
        body, _, status = ran.stdout.rpartition(" ")
        assert status == "413"
        error = json.loads(body)["error"]
        assert (error["type"], error["code"]) == ("invalid_request_error", "request_too_large")
        assert "at most 4,194,304 bytes" in error["message"]
    assert 'suffice_responses_total{path="/classify",status="413"}' in server.ask("/metrics").text


def test_a_message_at_the_limit_is_answered(server):
    reply = server.ask("/classify", {"model": "tfidf", "texts": ["\u00e9\x00 \ud83d\ude00 card " * 9_000]})
    assert reply.status == 200
    assert reply.body["results"][0]["label"] in LABELS


def test_other_paths_and_methods_are_told_in_the_same_form(server):
    assert server.ask("/nowhere").error["code"] == "not_found"
    assert server.ask("/classify").error["code"] == "method_not_allowed"


def test_a_page_that_points_its_own_name_here_is_refused(server):
    assert server.ask("/health").status == 200
    reply = server.ask("/health", Host="attacker.example")
    assert (reply.status, reply.error["code"], reply.error["type"]) == (400, "unknown_host", "invalid_request_error")
    assert server.ask("/health", Host="").error["code"] == "unknown_host"
    assert server.ask("/health", Host="[::1]:8000").status == 200


def test_bundles_are_not_changed_without_an_admin_key(server):
    reply = server.ask("/v1/unload_lora_adapter", {"lora_name": "tfidf"})
    assert (reply.status, reply.error["code"]) == (403, "no_admin_key")


def test_metrics_count_answers(server):
    server.chat("majority", "x")
    said = server.ask("/metrics").text
    assert 'suffice_answers_total{bundle="majority",route="local"}' in said
    assert 'suffice_responses_total{path="/v1/chat/completions",status="200"}' in said
    assert "suffice_waiting_messages 0.0" in said
    assert server.ask("/ready").body == {"status": "ready"}


def test_the_door_knows_the_paths_that_messages_are_asked_at():
    assert ASKING_PATHS == ("/v1/chat/completions", "/v1/completions", "/classify")
