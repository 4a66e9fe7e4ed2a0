"""Calls to an OpenAI-compatible endpoint: one question, one answer that is kept, and never one that could pass the cap.

The client is an extra, and its import takes a second: nothing here loads it before a call is to be made. Its own
retries are not used, since each attempt may be charged and has to be counted.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from suffice.errors import EndpointError, Problem, SpendingCapError
from suffice.kinds.prompts import ChatMessage
from suffice.records.task import HostedSpec
from suffice.rungs.completion import Usage, completion_of
from suffice.rungs.trouble import NO_COMPLETION, Trouble, trouble_of
from suffice.store.paid_answers import REFUSED, PaidAnswer, PaidAnswers
from suffice.store.strict_json import digest

if TYPE_CHECKING:
    from openai import OpenAI

Limit = Literal["max_tokens", "max_completion_tokens"]
INSTALL = "pip install 'suffice[hosted]'"
ATTEMPTS = 6
FIRST_WAIT_SECONDS = 2.0
"""Where nobody waits for one answer: waits are doubled, a minute in all, which is how long limits per minute last."""
TOKENS_AROUND = 16
"""What a chat template puts around a message or a tool at most; none comes with the endpoint's count of the prompt."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One call that is wanted."""

    messages: tuple[ChatMessage, ...]
    """The prompt."""
    tools: tuple[Mapping[str, Any], ...] = ()
    """What may be called, in OpenAI's form."""
    schema: Mapping[str, Any] | None = None
    """What the reply is to keep to, as far as the endpoint takes that; None where it is free."""
    top_p: float | None = None
    """Tokens are drawn from the likeliest ones that come to this probability; None where nothing is said of it."""
    stop: tuple[str, ...] = ()
    """Strings that end the reply."""
    repeat: int = 0
    """Which of several calls with one prompt it is, from 0."""

    @property
    def tools_json(self) -> str:
        """The tools as they are sent; empty where there are none."""
        return json.dumps(self.tools, ensure_ascii=False, sort_keys=True) if self.tools else ""

    @property
    def schema_json(self) -> str:
        """The schema as it is sent; empty where there is none."""
        return json.dumps(self.schema, ensure_ascii=False, sort_keys=True) if self.schema is not None else ""


class Endpoint:
    """A model behind an address; threads may share it."""

    def __init__(
        self,
        spec: HostedSpec,
        *,
        name: str,
        answers: PaidAnswers,
        answer_tokens: int,
        attempts: int | None = None,
        first_wait_seconds: float | None = None,
    ) -> None:
        """
        Args:
            spec: of the task file.
            name: of the rung, for errors.
            answers: where answers are kept.
            answer_tokens: the most tokens of an answer.
            attempts: calls for one answer at most; None for `ATTEMPTS`.
            first_wait_seconds: before the second attempt, where the endpoint names no time; None for
                `FIRST_WAIT_SECONDS`.
        """
        self._attempts = ATTEMPTS if attempts is None else attempts
        self._first_wait_seconds = FIRST_WAIT_SECONDS if first_wait_seconds is None else first_wait_seconds
        self.spec, self.name, self.answers, self.answer_tokens = spec, name, answers, answer_tokens
        self.stopped = threading.Event()
        """Set where no further call is to be made: the one under way ends, its waits are cut short."""
        self._limit: Limit = "max_tokens"
        self._takes_schemas = True
        self._client: OpenAI | None = None

    def open(self) -> None:
        """Makes the client, with nothing of what it would otherwise look for in the environment and send along.

        Raises:
            EndpointError: the client or the key is missing.
        """
        require_callable(self.spec, where=self.name)
        from openai import DefaultHttpxClient, OpenAI  # noqa: PLC0415 - an extra, and it takes time

        self._client = OpenAI(
            api_key="",
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            base_url=self.spec.base_url,
            timeout=self.spec.timeout_seconds,
            max_retries=0,
            # A redirect would carry the message to an address that nobody named.
            http_client=DefaultHttpxClient(follow_redirects=False),
            _enforce_credentials=False,
        )

    @property
    def account(self) -> str:
        """What spending is counted by: address and model."""
        return f"{self.spec.base_url} {self.spec.model}"

    def close(self) -> None:
        """Ends its connections, and the use of the file of answers."""
        if self._client is not None:
            self._client.close()
        self.answers.close()

    def key(self, question: Question) -> str:
        """What a question's answer is kept by: everything that decides it, and which of several calls it is.

        Args:
            question: a call.
        """
        decides = [self.account, str(self.spec.temperature), str(self.answer_tokens), str(question.repeat)]
        said = [part for message in question.messages for part in (message.role, message.content)]
        beside = [part for part in (question.tools_json, question.schema_json) if part]
        drawn = self._drawn(question)
        return digest([*decides, *said, *beside, *([f"drawn {json.dumps(drawn)}"] if drawn else [])])

    def kept(self, question: Question) -> PaidAnswer | None:
        """The answer that is kept; nothing is sent.

        Args:
            question: a call.
        """
        return self.answers.find(self.key(question))

    def most(self, question: Question) -> float:
        """The most that a call may cost, in the currency of the price.

        A token of a byte-level tokenizer stands for a byte at least, so that there are no more tokens than bytes.

        Args:
            question: a call.

        Source: Radford et al. (2019), Language Models are Unsupervised Multitask Learners, section 2.2.
        """
        said = [*(message.content for message in question.messages), question.tools_json, question.schema_json]
        n_bytes = sum(len(part.encode()) for part in said)
        n_input = n_bytes + TOKENS_AROUND * (len(question.messages) + len(question.tools) + 1)
        return self._price(n_input, self.answer_tokens)

    def ask(self, question: Question, *, charged: Callable[[float], None] = lambda money: None) -> PaidAnswer | None:
        """The answer that a call brings, after several attempts where the endpoint is busy; it is kept.

        Args:
            question: a call.
            charged: told of every attempt what it counts as: its price, its most where no answer came of what may be
                charged, 0 where it cost nothing.

        Returns:
            None where it was stopped before there was an answer.

        Raises:
            SpendingCapError: the call could pass the cap.
            EndpointError: the endpoint refuses or does not answer.
        """
        trouble: Trouble | None = None
        for attempt in range(self._attempts):
            if attempt:
                assert trouble is not None, "only trouble leads to another attempt"
                self.stopped.wait(trouble.wait_seconds or self._first_wait_seconds * 2.0 ** (attempt - 1))
            if self.stopped.is_set():
                return None
            answer = self._attempt(question, charged)
            if isinstance(answer, PaidAnswer):
                return answer
            trouble = answer
            if not trouble.may_pass:
                break
        assert trouble is not None, "without trouble there is an answer"
        raise EndpointError(self._problem(trouble))

    def _attempt(self, question: Question, charged: Callable[[float], None]) -> PaidAnswer | Trouble:
        """One call, counted before it is sent."""
        import openai  # noqa: PLC0415 - an extra, and it takes time

        counts_as = self.most(question)
        call = self.answers.begin(self.account, most=counts_as, cap=self.spec.max_cost)
        if call is None:
            raise SpendingCapError(self._too_dear(question))
        limit, held, start = self._limit, question.schema is not None and self._takes_schemas, perf_counter()
        try:
            answer = self._call(question, limit=limit, held=held)
            counts_as = answer.cost if isinstance(answer, PaidAnswer) else counts_as
        except openai.APIError as error:
            if self._learns_from(error, limit=limit, held=held):
                counts_as = 0.0
                self.answers.drop(call)
                return self._attempt(question, charged)
            trouble = trouble_of(error, key=self._key_of_environment)
            if trouble.refused_message:
                counts_as = 0.0
                answer = PaidAnswer(
                    said="",
                    finish=REFUSED,
                    input_tokens=0,
                    output_tokens=0,
                    latency_ms=(perf_counter() - start) * 1_000.0,
                    cost=0.0,
                )
            else:
                if not trouble.may_be_charged:
                    counts_as = 0.0
                    self.answers.drop(call)
                return trouble
        finally:
            charged(counts_as)
        if isinstance(answer, PaidAnswer):
            self.answers.keep(call, key=self.key(question), endpoint=self.account, answer=answer)
        return answer

    def _learns_from(self, error: Exception, *, limit: Limit, held: bool) -> bool:
        """Whether the endpoint may take the same call said otherwise, as it is said from now on."""
        if limit == "max_tokens" and _speaks_otherwise(error):
            self._limit = "max_completion_tokens"
            return True
        if held and _knows_no_schemas(error):
            self._takes_schemas = False
            return True
        return False

    def _call(self, question: Question, *, limit: Limit, held: bool) -> PaidAnswer | Trouble:
        """Sends it; the call stays counted at its most where what comes back is no answer."""
        assert self._client is not None, "it is opened before it is asked"
        settings: dict[str, Any] = {limit: self.answer_tokens, **self._drawn(question)}
        if self.spec.temperature is not None:
            settings["temperature"] = self.spec.temperature
        if question.tools:
            settings["tools"] = list(question.tools)
        if held:
            schema = {"name": "reply", "strict": True, "schema": question.schema}
            settings["response_format"] = {"type": "json_schema", "json_schema": schema}
        start = perf_counter()
        response = self._client.chat.completions.with_raw_response.create(
            model=self.spec.model,
            messages=[{"role": m.role, "content": m.content} for m in question.messages],  # type: ignore[misc]
            extra_headers=self._headers(question),
            **settings,
        )
        latency_ms = (perf_counter() - start) * 1_000.0
        completion = completion_of(response.content)
        if completion is None:
            return NO_COMPLETION
        usage, (choice, *_) = completion.usage or Usage(), completion.choices
        told = usage.prompt_tokens is not None and usage.completion_tokens is not None
        return PaidAnswer(
            said=choice.message.said,
            finish=choice.finish_reason or "stop",
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            latency_ms=latency_ms,
            cost=self._price(usage.prompt_tokens or 0, usage.completion_tokens or 0) if told else self.most(question),
        )

    def _drawn(self, question: Question) -> dict[str, Any]:
        """What is sent of how tokens are chosen, beside the temperature: nothing where nobody asks for anything, so
        that answers which were paid for before there was a choice are found again.

        Source: OpenAI, API reference, chat completions: `seed`, `top_p`, `stop`.
        """
        asked = {
            "seed": None if self.spec.seed is None else self.spec.seed + question.repeat,
            "top_p": question.top_p,
            "stop": list(question.stop) or None,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def _price(self, n_input: int, n_output: int) -> float:
        price = self.spec.price_per_million
        return (n_input * price.input + n_output * price.output) / 1e6

    @property
    def _key_of_environment(self) -> str | None:
        return None if self.spec.api_key_env is None else _key(self.spec.api_key_env)

    def _headers(self, question: Question) -> dict[str, Any]:
        """The key of this endpoint and no other that the client finds; and what makes two calls for one answer one, so
        that an endpoint which knows the header charges once.
        """
        from openai import Omit  # noqa: PLC0415

        key = self._key_of_environment
        return {
            "Authorization": f"Bearer {key}" if key else Omit(),
            "OpenAI-Organization": Omit(),
            "OpenAI-Project": Omit(),
            "Idempotency-Key": self.key(question),
        }

    def _problem(self, trouble: Trouble) -> Problem:
        fix = trouble.fix or "type the same command again once the endpoint answers"
        if trouble.is_about_key:
            fix = "set a key that may be used"
            if self.spec.api_key_env is None:
                fix = f"name the environment variable that holds the key: {_setting(self.name, 'api_key_env')}"
            elif self.spec.api_key_env:
                fix = f"put a key that may be used into {self.spec.api_key_env}"
        return Problem(where=self.name, rule=f"{self.spec.base_url} must answer", got=trouble.what, fix=fix)

    def _too_dear(self, question: Question) -> Problem:
        spent, most = self.answers.spent(self.account), self.most(question)
        return Problem(
            where=self.name,
            rule=f"no call is made that could bring spending past max_cost, {self.spec.max_cost:g}",
            got=f"{spent:.6g} spent, and the next call may cost up to {most:.2g}",
            fix=f"raise {_setting(self.name, 'max_cost')}, or lower {_setting(self.name, 'max_rows')}",
        )


def missing_client(*, where: str) -> Problem | None:
    """What to install where the client is not there; it is not imported.

    Args:
        where: the rung, for the error.
    """
    if find_spec("openai") is not None:
        return None
    rule = "hosted rungs need the package openai"
    return Problem(where=where, rule=rule, got="it is not installed", fix=INSTALL)


def missing_key(spec: HostedSpec, *, where: str) -> Problem | None:
    """What to set where the key is not in the environment; its value is told to nobody.

    Args:
        spec: of the task file.
        where: the rung, for the error.
    """
    key = "none is needed" if spec.api_key_env is None else _key(spec.api_key_env)
    if key and key.isascii() and key.isprintable():
        return None
    rule = f"the key of {spec.base_url} must be in the environment variable {spec.api_key_env}"
    got = "signs that no key has" if key else "it is not set"
    fix = f"set it for this command: {spec.api_key_env}=... suffice fit ...; or take api_key_env out"
    return Problem(where=where, rule=rule, got=got, fix=fix)


def require_callable(spec: HostedSpec, *, where: str) -> None:
    """Refuses to go on without the client or the key.

    Args:
        spec: of the task file.
        where: the rung, for the error.

    Raises:
        EndpointError: either is missing.
    """
    found = (missing_client(where=where), missing_key(spec, where=where))
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise EndpointError(problems)


def answer_tokens(spec: HostedSpec, labels: Sequence[str]) -> int:
    """The most tokens of an answer: as set, or as many as the longest label has bytes, and some to spare.

    Args:
        spec: of the task file.
        labels: names.
    """
    return spec.answer_tokens or max(len(name.encode()) for name in labels) + TOKENS_AROUND


def _key(variable: str) -> str | None:
    """Without the line end that a file of keys leaves behind."""
    return os.environ.get(variable, "").strip() or None


def _speaks_otherwise(error: Exception) -> bool:
    """Whether the endpoint knows the limit on tokens by its newer name alone.

    Source: OpenAI, API reference, chat completions: `max_tokens` is not taken by reasoning models.
    """
    return getattr(error, "status_code", None) == 400 and "max_completion_tokens" in str(error)


def _knows_no_schemas(error: Exception) -> bool:
    """Whether the endpoint takes no schema of a reply, or not this one: it is then asked in words alone.

    Source: OpenAI, API reference, chat completions, `response_format`; servers that do not know it name it.
    """
    refused = getattr(error, "status_code", None) in {400, 404, 422, 501}
    return refused and re.search(r"response.?format|json.?schema|structured", str(error), re.IGNORECASE) is not None


def _setting(name: str, key: str) -> str:
    return f"{name.replace(':', '.')}.{key}"
