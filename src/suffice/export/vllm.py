"""What vLLM is asked, so that it answers a message as the bundle does."""

from __future__ import annotations

import json
from pathlib import Path

from suffice.errors import BundleError, Problem
from suffice.export.contract import Contract

REQUEST, EXAMPLE = "request.json", "a message"
"""Its name in an export, and the message that it is about."""
SERVED_AS = "model"
"""The key that says what the server calls the export: whoever starts it chooses that."""
MOST_LOGPROBS = 20
"""That vLLM tells of one token, unless it is started with a larger `--max-logprobs`."""


def request(contract: Contract, text: str) -> dict[str, object]:
    """The body of `POST /v1/completions` with which vLLM answers a message as the bundle does.

    The tokens that may come are named one by one. A choice of answers would admit whatever an answer may begin with as
    its first token, of which there are several times as many, and one token is all that is read of an answer.

    Args:
        contract: of the export.
        text: the message.

    Source: vLLM, OpenAI-compatible server, Completions API, sampling parameters (`allowed_token_ids`).
    """
    return {
        SERVED_AS: "clerk",
        "prompt": contract.prompt(text),
        "max_tokens": 1,
        "temperature": 0.0,
        "logprobs": min(len(contract.answers), MOST_LOGPROBS),
        "allowed_token_ids": list(contract.answer_ids),
    }


def read_request(export: Path) -> dict[str, object]:
    """The request that an export states.

    Args:
        export: what was written for vLLM.

    Raises:
        BundleError: there is none, or it is no JSON object.
    """
    try:
        given = json.loads((export / REQUEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        given = str(error).splitlines()[0]
    if isinstance(given, dict):
        return given
    rule, fix = "an export for vLLM states what to ask it, as one JSON object", "export the bundle again"
    got = given if isinstance(given, str) else "JSON that is no object"
    raise BundleError(Problem(where=f"{export / REQUEST}: missing file", rule=rule, got=got, fix=fix))
