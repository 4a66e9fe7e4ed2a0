"""What a request may hold, and that the server's description of it says the same."""

from __future__ import annotations

import jsonschema
import pytest
from pydantic import ValidationError

from suffice.serve.asked import ChatRequest, CompletionRequest

CHAT = {"model": "clerk", "messages": [{"role": "user", "content": "my card"}]}
TEXT = {"model": "clerk", "prompt": "my card"}


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"frequency_penalty": 0, "presence_penalty": 0.0, "n": 1, "stop": [], "logit_bias": {}}, True),
        ({"frequency_penalty": 0.5}, False),
        ({"n": 2}, False),
        ({"n": True}, False),
        ({"frequency_penalty": False}, False),
        ({"stream": None, "temperature": None, "top_logprobs": None, "tools": None, "of_tomorrow": None}, True),
        ({"of_tomorrow": 1}, False),
        ({"model": None}, False),
        ({"stream_options": {"include_usage": True}}, False),
        ({"stream_options": {"include_usage": True}, "stream": False}, False),
        ({"stream_options": {"include_usage": None}, "stream": True}, True),
        ({"stream_options": None, "stream": False}, True),
        ({"top_logprobs": 0}, False),
        ({"stream": 0}, False),
        ({"logprobs": "true", "stream": True}, False),
        ({"parallel_tool_calls": 1}, False),
        ({"top_logprobs": 2, "logprobs": True}, True),
        ({"messages": [{"role": "user", "content": "my card", "name": None}]}, True),
        ({"messages": [{"role": "user", "content": "my card", "n": 1}]}, False),
    ],
)
def test_the_description_takes_what_the_server_takes(more, fits):
    body = CHAT | more
    description = jsonschema.Draft202012Validator(ChatRequest.model_json_schema())
    assert description.is_valid(body) == fits
    if fits:
        assert ChatRequest.model_validate(body).model == "clerk"
    else:
        with pytest.raises(ValidationError):
            ChatRequest.model_validate(body)


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({"prompt": ["a", "b"], "echo": False, "best_of": 1.0}, True),
        ({"echo": 0}, False),
        ({"stream": 0}, False),
        ({"stream_options": {}}, False),
    ],
)
def test_so_does_that_of_completions(more, fits):
    body = TEXT | more
    assert jsonschema.Draft202012Validator(CompletionRequest.model_json_schema()).is_valid(body) == fits
    if not fits:
        with pytest.raises(ValidationError):
            CompletionRequest.model_validate(body)


def test_rules_between_keys_are_in_the_servers_own_description(server):
    described = server.ask("/openapi.json").body
    schemas = described["components"]["schemas"]
    assert len(schemas["ChatRequest"]["allOf"]) == 2
    assert len(schemas["CompletionRequest"]["allOf"]) == 1
    for path in ("/v1/chat/completions", "/v1/completions"):
        answers = described["paths"][path]["post"]["responses"]["200"]["content"]
        assert set(answers) == {"application/json", "text/event-stream"}
