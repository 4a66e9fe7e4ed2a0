"""What a request is refused with, in the form that OpenAI's clients read.

Source: OpenAI, API reference, Error codes: `{"error": {"message", "type", "param", "code"}}`.
"""

from __future__ import annotations

from math import ceil

from pydantic import BaseModel, Field

from suffice.text.normalise import readable


class Refusal(BaseModel):
    """Why a request was not answered."""

    message: str = Field(description="What must hold, what was got, and what to do about it.")
    type: str = Field(description="The kind of refusal.")
    param: str | None = Field(description="The key of the request that it is about.")
    code: str | None = Field(description="A word for programs.")


class RefusalBody(BaseModel):
    """The body of every refusal."""

    error: Refusal


class Refused(Exception):
    """A request that is not answered, and why."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str,
        param: str | None = None,
        kind: str = "invalid_request_error",
        retry_after_s: float | None = None,
    ) -> None:
        """
        Args:
            status: of the response.
            message: what must hold, what was got, and what to do about it; no text of a message and no key.
            code: a word for programs.
            param: the key of the request that it is about.
            kind: OpenAI's word for the kind of refusal.
            retry_after_s: when to ask again.
        """
        super().__init__(message)
        self.status = status
        # What a client calls a key may be no character, and no body can hold it.
        param = None if param is None else readable(param)
        self.body = RefusalBody(error=Refusal(message=readable(message), type=kind, param=param, code=code))
        self.headers = {} if retry_after_s is None else {"Retry-After": str(max(1, ceil(retry_after_s)))}


def overloaded(wait_s: float) -> Refused:
    """More is waiting than can be answered in time.

    Args:
        wait_s: until what waits is answered.
    """
    message = f"more messages wait than can be answered in time: ask again in {max(1, ceil(wait_s))} s"
    return Refused(429, message, code="overloaded", kind="rate_limit_error", retry_after_s=wait_s)


def overdue(deadline_s: float) -> Refused:
    """One message whose own answer was not there in time.

    Args:
        deadline_s: how long a request may take.
    """
    message = f"the answer took longer than the {deadline_s:.3g} s that a request may: ask again in 1 s, or ask less"
    return Refused(429, message, code="overloaded", kind="rate_limit_error", retry_after_s=1.0)


def too_many(n: int, n_fit: int, deadline_s: float) -> Refused:
    """More in one request than can be answered while it may wait, however little else there is to do.

    Args:
        n: its messages.
        n_fit: how many could be answered in that time.
        deadline_s: how long a request may take.
    """
    message = (
        f"{n:,} messages take longer than the {deadline_s:.3g} s that a request may: of these about "
        f"{max(n_fit, 1):,} can be answered in that time; send fewer at once"
    )
    return Refused(413, message, code="too_many_messages")


def unknown_model(name: str, known: tuple[str, ...]) -> Refused:
    """No bundle of that name answers here.

    Args:
        name: as asked.
        known: those that do.
    """
    message = f"no model {name[:80]!r} is served here; there are: {', '.join(known) or 'none'}"
    return Refused(404, message, code="model_not_found", param="model")
