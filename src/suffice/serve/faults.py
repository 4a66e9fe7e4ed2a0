"""What becomes of everything that goes wrong: a status, and OpenAI's words for it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from suffice.errors import SufficeError
from suffice.serve.asked import UNHONOURED, UNHONOURED_IN_CALLS, UNHONOURED_IN_WORDS
from suffice.serve.refusal import Refused
from suffice.serve.unfit import no_json, unfit_body

log = logging.getLogger("suffice.serve")


def tell_faults(app: FastAPI) -> None:
    """Gives every error the form that OpenAI's clients read.

    Args:
        app: the application.
    """

    @app.exception_handler(Refused)
    async def refused(_: HttpRequest, error: Refused) -> Response:
        return response_of(error)

    @app.exception_handler(SufficeError)
    async def theirs(request: HttpRequest, error: SufficeError) -> Response:
        first = error.problems[0]
        message = f"{first.rule}; got: {first.got}; {first.fix}"
        return await refused(request, Refused(400, message, code="invalid_value", param=first.where))

    @app.exception_handler(RequestValidationError)
    async def of_body(request: HttpRequest, error: RequestValidationError) -> Response:
        unfit = unfit_body(error, request.headers.get("content-type"), why=_unhonoured(app, error.body))
        return await refused(request, unfit)

    @app.exception_handler(HTTPException)
    async def plain(request: HttpRequest, error: HTTPException) -> Response:
        words = {404: "not_found", 405: "method_not_allowed", 413: "request_too_large"}
        if error.status_code == 400 and error.__cause__ is not None:  # FastAPI could not parse the body.
            return await refused(request, no_json())
        code = words.get(error.status_code, "invalid_request")
        told = Refused(error.status_code, str(error.detail), code=code)
        told.headers.update(error.headers or {})
        return await refused(request, told)

    @app.exception_handler(Exception)
    async def ours(request: HttpRequest, error: Exception) -> Response:
        return await refused(request, our_fault(error))


def response_of(refused: Refused) -> Response:
    """A refusal as it is sent.

    Args:
        refused: what is refused, and why.
    """
    return JSONResponse(refused.body.model_dump(), status_code=refused.status, headers=refused.headers)


def our_fault(error: Exception) -> Refused:
    """Logs where it happened and what kind it is, and not what it says: that may hold a message.

    Args:
        error: what nobody foresaw.
    """
    frames = traceback.extract_tb(error.__traceback__)
    log.error("a fault of suffice: %s at %s", type(error).__name__, [f"{f.filename}:{f.lineno}" for f in frames[-3:]])
    message = "a fault of this server, not of the request: its log has more"
    return Refused(500, message, code="internal_error", kind="server_error")


def _unhonoured(app: FastAPI, body: object) -> Mapping[str, str]:
    """The keys that the bundle that is asked cannot honour, and why."""
    name = body.get("model") if isinstance(body, dict) else None
    scribe = app.state.desk.scribes.get(name) if isinstance(name, str) else None
    if scribe is None:
        return UNHONOURED
    return UNHONOURED_IN_CALLS if scribe.answerer.calls_tools else UNHONOURED_IN_WORDS
