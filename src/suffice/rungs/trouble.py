"""What a failed call to an endpoint means: whether it passes, whether it may be charged, and how to say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from suffice.errors import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai import APIError, APIStatusError

LONGEST_WAIT_SECONDS = 120.0
"""An endpoint that asks for more is left for the next time that the command is typed."""
PASSING = frozenset({408, 409, 425, 429})
"""Refusals that another attempt may not meet, and every 5xx. Source: RFC 9110, sections 15.5 and 15.6; RFC 6585."""
OUT_OF_MONEY = "insufficient_quota"
FILTERED = frozenset({"content_filter", "content_policy_violation"})
"""Error codes of an endpoint that withholds its answer to one message.
Source: OpenAI and Azure OpenAI API references, error codes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Why a call brought no answer."""

    what: str
    """In words; no key in it."""
    may_pass: bool
    """Whether another attempt may be answered."""
    may_be_charged: bool
    """Whether the endpoint may have worked on it, and charge for it."""
    wait_seconds: float | None = None
    """How long it asks to be left alone; None where it does not say."""
    is_about_key: bool = False
    """Whether the key, or what it may be used for, is refused."""
    refused_message: bool = False
    """Whether this one message is refused for what it says: the model answers nothing, and that is its answer."""
    fix: str | None = None
    """What to do; None for trying later."""


NO_COMPLETION = Trouble(
    what="what it sends is no chat completion",
    may_pass=False,
    may_be_charged=True,
    fix="correct base_url in the task file: it is what /chat/completions is put behind",
)


def trouble_of(error: APIError, *, key: str | None) -> Trouble:
    """Reads an error of the client.

    Args:
        error: what it raised.
        key: must not be told, whatever the endpoint echoes.
    """
    import openai  # noqa: PLC0415 - whoever has its errors has loaded it

    if isinstance(error, openai.APITimeoutError):
        return Trouble(what="no answer in time (timeout_seconds)", may_pass=True, may_be_charged=True)
    if isinstance(error, openai.APIConnectionError):
        never_sent = type(error.__cause__).__name__ in {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
        what = "no connection" if never_sent else "the connection broke off"
        return Trouble(what=what, may_pass=True, may_be_charged=not never_sent)
    if isinstance(error, openai.APIStatusError):
        return _refusal(error, key=key)
    return NO_COMPLETION


def _refusal(error: APIStatusError, *, key: str | None) -> Trouble:
    status, code = error.status_code, str(error.code or "")
    if status in {401, 403}:
        # Endpoints quote the key that they refuse, some of them in part.
        what = f"status {status}: the key is refused"
        return Trouble(what=what, may_pass=False, may_be_charged=False, is_about_key=True)
    said = error.message if key is None else error.message.replace(key, "***")
    what = f"status {status}: {quoted(' '.join(said.split()), limit=160)}"
    if code in FILTERED:
        return Trouble(what=what, may_pass=False, may_be_charged=False, refused_message=True)
    if code == OUT_OF_MONEY:
        return Trouble(what=what, may_pass=False, may_be_charged=False, fix="add credit to the account of the key")
    if status in PASSING or status >= 500:
        wait = _asked_wait(error.response.headers)
        if wait is not None and wait > LONGEST_WAIT_SECONDS:
            fix = f"type the same command again in {wait:,.0f} seconds, which it asks for"
            return Trouble(what=what, may_pass=False, may_be_charged=False, fix=fix)
        return Trouble(what=what, may_pass=True, may_be_charged=False, wait_seconds=wait)
    fix = "correct base_url or model" if status in {301, 302, 307, 308, 404, 405} else "correct the endpoint's settings"
    return Trouble(what=what, may_pass=False, may_be_charged=False, fix=f"{fix} in the task file")


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that the endpoint asks for. Source: RFC 9110, section 10.2.3: a number of seconds, or a date."""
    milliseconds, asked = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            return max(0.0, float(milliseconds) / 1_000.0)
        return None if asked is None else max(0.0, float(asked))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(asked or "")
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
