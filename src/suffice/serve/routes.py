"""The routes: what comes in is held against the protocol, put before a bundle, and told in the protocol's words."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Iterator, Sequence
from json import dumps
from time import perf_counter, time
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends
from fastapi import Request as HttpRequest
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from fastapi.routing import APIRoute
from fastapi.sse import format_sse_event
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from suffice.bundles.passages import passages_read
from suffice.rungs.answering import AskedQuestion, EndsInForm
from suffice.serve.asked import (
    UNHONOURED,
    ChatRequest,
    ClassifyRequest,
    CompletionRequest,
    LoadRequest,
    UnloadRequest,
)
from suffice.serve.book import new_id
from suffice.serve.called import calls_in, request_of, words_of
from suffice.serve.desk import Desk
from suffice.serve.doors import AskingRoute, ChangingRoute
from suffice.serve.narrowing import Narrowed, narrowed
from suffice.serve.refusal import RefusalBody, Refused
from suffice.serve.said import ChatCompletion, Classified, ModelCard, ModelList, Spoken, TextCompletion, result_of
from suffice.serve.scribes import Scribe
from suffice.serve.shelf import Clerk
from suffice.serve.written import Written, decoding_of, require_free, require_no_tools, stopped

VERSION_HEADER, ROUTE_HEADER, OUTSIDE_HEADER = "X-Suffice-Bundle", "X-Suffice-Route", "X-Suffice-Outside"
"""Which bundle, in which version, has answered; the route of each answer, and whether its message is out of scope,
wherever it was sent: the protocol has no words for these."""
ID_HEADER = "X-Suffice-Id"
"""Of the answer in the ledger; those of a request with several messages count on from it."""
Responses = dict[int | str, dict[str, Any]]
REFUSALS: Responses = {
    status: {"model": RefusalBody, "description": said}
    for status, said in {
        400: "The request cannot be honoured; the message says why.",
        401: "No key of this server was given.",
        404: "No such model is served.",
        413: "The request is too large, or has more messages than can be answered while it may wait.",
        429: "Too much waits, or the key has asked too much; Retry-After says when to ask again.",
    }.items()
}
_EVENT = {
    "type": "object",
    "description": "Where `stream` is true: a part of the answer as JSON, and at last `[DONE]`.",
    "properties": {"data": {"type": "string"}},
    "required": ["data"],
}
STREAMS: Responses = {**REFUSALS, 200: {"content": {"text/event-stream": {"itemSchema": _EVENT}}}}
ASKS: Responses = {401: REFUSALS[401]}
CHANGES: Responses = {
    **{status: REFUSALS[status] for status in (400, 401)},
    403: {"model": RefusalBody, "description": "The server was started without an admin key."},
}
READY: Responses = {
    503: {"model": RefusalBody, "description": "No bundle is loaded, or answers cannot be written down."}
}
asking, changing, anybody = APIRouter(route_class=AskingRoute), APIRouter(route_class=ChangingRoute), APIRouter()
ROUTERS = (asking, changing, anybody)
"""Routes by who may take them."""


async def desk_of(request: HttpRequest) -> Desk:
    """The desk of the application that was asked.

    This and the one below wait for nothing; FastAPI would take each of them to another thread if they were plain.
    """
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]


async def who_asks(request: HttpRequest) -> bytes:
    """Who asks, as the door found."""
    who: bytes = request.state.who
    return who


Who = Annotated[bytes, Depends(who_asks)]


@asking.get("/v1/models", responses=ASKS)
def models(desk: AtDesk) -> ModelList:
    """The bundles that answer."""
    return ModelList(data=[_card(one) for one in desk.staff.all])


@asking.get("/v1/models/{model:path}", responses={**ASKS, 404: REFUSALS[404]})
def model(model: str, desk: AtDesk) -> ModelCard:
    """One bundle."""
    return _card(desk.scribes.get(model) or desk.clerk(model))


@asking.post("/v1/chat/completions", responses=STREAMS, response_model=ChatCompletion)
async def chat(asked: ChatRequest, who: Who, desk: AtDesk) -> Response:
    """The label of the last message; of a bundle that answers freely, its answer or its calls."""
    scribe = desk.scribes.get(asked.model)
    if scribe is not None:
        answer = _called if scribe.answerer.calls_tools else _written
        return await answer(asked, scribe, desk, who=who)
    clerk = desk.clerk(asked.model)
    _must_not_stop(asked)
    require_no_tools(asked, why=UNHONOURED["tools"])
    text = _last_message(asked)
    desk.check([text], param="messages")
    wishes = narrowed(asked, clerk.classifier.labels.names)
    spoken = await _spoken(desk, clerk, [text], wishes, who=who)
    top = (asked.top_logprobs or 0) if asked.logprobs else None
    if asked.stream:
        return _stream(spoken.chat_chunks(top=top, usage=_wants_usage(asked)), clerk, spoken)
    return _told(spoken.chat(top=top), clerk, spoken)


@asking.post("/v1/completions", responses=STREAMS, response_model=TextCompletion)
async def completions(asked: CompletionRequest, who: Who, desk: AtDesk) -> Response:
    """The label of each prompt."""
    clerk = desk.clerk(asked.model)
    desk.check(asked.texts, param="prompt")
    wishes = narrowed(asked, clerk.classifier.labels.names)
    spoken = await _spoken(desk, clerk, asked.texts, wishes, who=who)
    if asked.stream:
        return _stream(spoken.text_chunks(top=asked.logprobs, usage=_wants_usage(asked)), clerk, spoken)
    return _told(spoken.text(top=asked.logprobs), clerk, spoken)


@asking.post("/classify", responses=REFUSALS, response_model=Classified)
async def classify(asked: ClassifyRequest, who: Who, desk: AtDesk) -> Response:
    """One result for each message, in order."""
    began, clerk = perf_counter(), desk.clerk(asked.model)
    desk.check(asked.texts, param="texts")
    id_ = new_id()
    answered = await desk.answers(clerk, asked.texts, among=None, who=who, id_=id_)
    results = [result_of(answer) for answer in answered.answers]
    told = _told(Classified(results=results, latency_ms=(perf_counter() - began) * 1_000.0), clerk)
    told.headers[ID_HEADER] = id_
    return told


@changing.post("/v1/load_lora_adapter", responses=CHANGES)
def load(asked: LoadRequest, desk: AtDesk) -> ModelCard:
    """Loads a bundle, in the place of one of the same name."""
    card = _card(desk.staff.put_from_folder(asked.lora_name, asked.lora_path))
    desk.let_go()
    return card


@changing.post("/v1/unload_lora_adapter", responses=CHANGES)
def unload(asked: UnloadRequest, desk: AtDesk) -> ModelCard:
    """Takes a bundle off."""
    card = _card(desk.staff.drop(asked.lora_name))
    desk.let_go()
    return card


@anybody.get("/health")
def health() -> dict[str, str]:
    """Whether the process is up."""
    return {"status": "up"}


@anybody.get("/ready", responses=READY)
def ready(desk: AtDesk) -> dict[str, str]:
    """Whether requests are answered and written down."""
    if not desk.staff.names:
        raise Refused(503, "no bundle is loaded", code="no_bundle", kind="server_error")
    if not desk.book.is_well:
        message = "answers go out and cannot be written into the ledger"
        raise Refused(503, message, code="ledger", kind="server_error")
    return {"status": "ready"}


@asking.get("/metrics", response_class=PlainTextResponse, responses=ASKS)
def metrics(desk: AtDesk) -> Response:
    """What the server counts of itself."""
    return Response(generate_latest(desk.measures.registry), media_type=CONTENT_TYPE_LATEST)


ASKING_PATHS = tuple(
    route.path for route in asking.routes if isinstance(route, APIRoute) and "POST" in (route.methods or ())
)
"""Where messages are asked about."""


async def _written(asked: ChatRequest, scribe: Scribe, desk: Desk, *, who: bytes) -> Response:
    require_free(asked)
    require_no_tools(asked, why="this model answers in its own words and calls no tools")
    text = _last_message(asked)
    desk.check([text], param="messages")
    question = AskedQuestion(id="0", text=text)
    decoding = decoding_of(asked, scribe.answerer.decoding)
    reply = stopped(await desk.completion(scribe, question, decoding, who=who), asked)
    written = Written(
        id=uuid4().hex,
        created=int(time()),
        model=scribe.name,
        version=scribe.version,
        completion=reply.completion,
        passages=passages_read(reply),
    )
    return _sent(written, asked, scribe)


async def _called(asked: ChatRequest, scribe: Scribe, desk: Desk, *, who: bytes) -> Response:
    require_free(asked)
    can_hold, id_ = isinstance(scribe.answerer.rung, EndsInForm), uuid4().hex
    desk.check([dumps(asked.tools)], param="tools")
    # Schemas of many parts take a while to be read, and others are not to wait for that.
    request = await to_thread(request_of, asked, can_hold=can_hold)
    desk.check([request.text], param="messages")
    decoding = decoding_of(asked, scribe.answerer.decoding)
    reply = stopped(await desk.completion(scribe, request, decoding, who=who), asked)
    found = scribe.answerer.calls(request, reply.completion)
    written = Written(
        id=id_,
        created=int(time()),
        model=scribe.name,
        version=scribe.version,
        completion=reply.completion,
        calls=calls_in(found, request, id_=id_),
        words=words_of(found),
        passages=passages_read(reply, cites=False),
    )
    return _sent(written, asked, scribe)


def _sent(written: Written, asked: ChatRequest, scribe: Scribe) -> Response:
    if asked.stream:
        return _stream(written.chunks(usage=_wants_usage(asked)), scribe)
    return _told(written.chat(), scribe)


def _must_not_stop(asked: ChatRequest) -> None:
    """Refuses strings that would cut a label."""
    if asked.stop:
        message = f"stop cannot be honoured: {UNHONOURED['stop']}"
        raise Refused(400, message, code="unsupported_parameter", param="stop")


async def _spoken(desk: Desk, clerk: Clerk, texts: Sequence[str], wishes: Narrowed, *, who: bytes) -> Spoken:
    id_ = new_id()
    answered = await desk.answers(clerk, texts, among=wishes.among, who=who, id_=id_)
    return Spoken(
        id=id_,
        created=int(time()),
        model=clerk.name,
        version=clerk.version,
        answers=answered.answers,
        narrowed=wishes,
        n_tokens=answered.n_tokens,
    )


def _last_message(asked: ChatRequest) -> str:
    told = next((m for m in asked.messages if m.role in {"system", "developer"}), None)
    if told is not None:
        message = (
            f"a {told.role} message cannot be honoured: what this model does with a message was settled when it was "
            "fitted; send the message as the user's, and nothing else"
        )
        raise Refused(400, message, code="unsupported_value", param="messages")
    if asked.messages[-1].role != "user":
        message = "the last message must be a user's: it is the one that is answered"
        raise Refused(400, message, code="invalid_value", param="messages")
    return asked.messages[-1].text


def _wants_usage(asked: ChatRequest | CompletionRequest) -> bool:
    return asked.stream_options is not None and asked.stream_options.include_usage


def _card(clerk: Clerk | Scribe) -> ModelCard:
    return ModelCard(
        id=clerk.name,
        created=clerk.since,
        parent=clerk.parent,
        version=clerk.version,
        labels=list(clerk.classifier.labels.names) if isinstance(clerk, Clerk) else [],
    )


def _headers(clerk: Clerk | Scribe, spoken: Spoken | None) -> dict[str, str]:
    headers = {VERSION_HEADER: f"{clerk.name}@{clerk.version}".encode("unicode_escape").decode()}
    if spoken is not None:
        headers[ROUTE_HEADER] = ",".join(answer.route for answer in spoken.answers)
        headers[OUTSIDE_HEADER] = ",".join(str(answer.outside).lower() for answer in spoken.answers)
        headers[ID_HEADER] = spoken.id
    return headers


def _told(body: BaseModel, clerk: Clerk | Scribe, spoken: Spoken | None = None) -> Response:
    return Response(body.model_dump_json(), media_type="application/json", headers=_headers(clerk, spoken))


def _stream(parts: Iterator[BaseModel], clerk: Clerk | Scribe, spoken: Spoken | None = None) -> Response:
    def events() -> Iterator[bytes]:
        for part in parts:
            yield format_sse_event(data_str=part.model_dump_json())
        yield format_sse_event(data_str="[DONE]")

    return StreamingResponse(events(), media_type="text/event-stream", headers=_headers(clerk, spoken))
