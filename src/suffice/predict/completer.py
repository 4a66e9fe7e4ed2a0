"""A decoder that goes on writing: many prompts at once, each until it says that it is done.

The instruction's keys and values are computed once. Up to sixty-four rows are under way at a time; each step is one
token of every one of them, and a row that has ended makes way for one that waits. Prompts are read as packed batches,
as messages are.

Shape suffixes: B rows under way, D hidden width, V vocabulary.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import perf_counter
from typing import Any

import numpy as np
import torch
from llguidance import LLMatcher

from suffice.base_models.load import Causal
from suffice.errors import BundleError, Problem, TaskError
from suffice.predict.bank import NOTHING, PREFIX_BYTES
from suffice.predict.batching import MAX_ROWS, MAX_TOKENS
from suffice.predict.grammar import Grammars, took
from suffice.predict.key_cache import KeyCache, Step
from suffice.predict.layer import groups_of
from suffice.predict.linears import lower
from suffice.predict.lora import Adapter, LoraLinear, attach_lora
from suffice.predict.output_layer import OutputLayer
from suffice.predict.packed import Behind, Prefix, last_hidden, packed, prefix
from suffice.predict.prefixes import Prefixes
from suffice.predict.prepare import prepare
from suffice.predict.sampling import choose, draws_of
from suffice.predict.scorer import Tokens
from suffice.predict.stopping import StopStrings, end_tokens, text_of
from suffice.records.completion import Completion, Decoding, StopReason
from suffice.records.constraint import Constraint

CACHE_BYTES = 1 << 30
"""What the keys and values of all rows under way may take; where prompts are so long that they would take more, fewer
rows are under way. Sixty-four rows of 256 tokens of a model with 135 million parameters take 380 million in bf16."""
SHARE_FREE = 8
"""Rows that wait are read once one in this many places is free: reading one prompt alone takes about as long as a step
of all rows, and as long as reading several short ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One prompt."""

    id: str
    """Of the row; its draws depend on it, so that two completions of one prompt have two."""
    tokens: Tokens
    """The whole prompt, that which all share included."""
    constraint: Constraint | None = None
    """What the completion is held to; None where it is free."""


@dataclass(kw_only=True, slots=True, eq=False)
class _Row:
    """A completion under way."""

    asked: Asked
    n_own: int
    """Tokens of its prompt behind the instruction."""
    most: int
    """Tokens that it may have written in the end."""
    draws: np.random.Generator
    matcher: LLMatcher | None
    began: float
    written: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Tokens behind the instruction whose keys are known: all but the last one written."""
        return self.n_own + len(self.written) - 1


class Completer:
    """A frozen decoder, its output layer, and an adapter that has become part of it."""

    def __init__(
        self, loaded: Causal, *, adapter: Adapter | None = None, n_rows: int = MAX_ROWS, cache_bytes: int = CACHE_BYTES
    ) -> None:
        """
        Args:
            loaded: a causal language model, changed in place: it can be nothing but this afterwards.
            adapter: what it was tuned with; None leaves it as it is.
            n_rows: the most rows under way at a time.
            cache_bytes: what the keys and values of all rows under way may take.

        Raises:
            BundleError: the adapter is of another base.
            ModelError: its messages cannot stand in one sequence, or its logits are changed behind the output layer.
        """
        model: Any = loaded.model
        self.tokenizer, self.context = loaded.tokenizer, loaded.context
        self.ends = end_tokens(model, loaded.tokenizer)
        self.name = _name(loaded, adapter)
        self._n_rows, self._cache_bytes = n_rows, cache_bytes
        self._body = model.get_decoder().eval()
        model.requires_grad_(False)
        layers = attach_lora(self._body, adapter.shape if adapter else NOTHING)
        prepare(model)
        if adapter is not None:
            _fill(layers, adapter)
        groups = groups_of(self._body)
        for group in groups:
            group.merge()
        lower([group for group in groups if not group.is_merged])
        self._output = OutputLayer(model)
        self._grammars = Grammars(loaded.tokenizer, n_tokens=self._output.n_tokens, ends=self.ends)
        self._prefixes: Prefixes[Tokens] = Prefixes(PREFIX_BYTES)

    def complete(self, asked: Sequence[Asked], *, before: Tokens, decoding: Decoding) -> Iterator[Completion]:
        """What the model writes behind each prompt, in the order in which they end.

        Args:
            asked: prompts with ids of their own.
            before: what all begin with, computed once; see `shared_beginning`. It may be nothing.
            decoding: how tokens are chosen, and when to stop.

        Returns:
            One for each prompt. Everything that can be refused is refused before the first one.

        Raises:
            ModelError: what a completion is held to became too much to be worked out.
            TaskError: a prompt leaves no room in the model's context, or a constraint cannot be enforced.
        """
        self._require_room(asked)
        self._grammars.require([one.constraint for one in asked if one.constraint is not None])
        return _Writing(self, asked, before=before, decoding=decoding).completions()

    def can_hold(self, constraint: Constraint) -> bool:
        """Whether completions can be held to it.

        Args:
            constraint: any.

        Raises:
            ModelError: the tokenizer is none that can be held to anything.
        """
        try:
            self._grammars.require([constraint])
        except TaskError:
            return False
        return True

    def _require_room(self, asked: Sequence[Asked]) -> None:
        problems = [
            Problem(
                where=one.id,
                rule=f"a prompt must leave room for an answer in the model's context of {self.context:,} tokens",
                got=f"{len(one.tokens):,} tokens",
                fix="shorten the prompt, or choose a base model with a longer context",
            )
            for one in asked
            if len(one.tokens) >= self.context
        ]
        if problems:
            raise TaskError(problems)

    def prefix_of(self, before: Tokens) -> Prefix:
        """Keys and values of what all prompts begin with; of nothing, those of no token.

        Args:
            before: its token ids.
        """
        return self._prefixes.get(before, lambda: prefix(self._body, before), wanted=lambda: True)

    def room_for(self, known: Prefix, *, n_tokens: int) -> int:
        """The rows that may be under way at a time, at least one.

        Args:
            known: shape and number format of keys and values.
            n_tokens: the most tokens that a row may have behind the instruction.
        """
        per_token = sum(x.element_size() * x.shape[1] * x.shape[2] for keys in known.values() for x in keys)
        return max(1, min(self._n_rows, self._cache_bytes // (per_token * n_tokens)))

    @torch.inference_mode()
    def read(self, rows: Sequence[Tokens], *, before: Tokens, known: Prefix) -> tuple[torch.Tensor, Prefix]:
        """Reads prompts: logits of the token behind each, shape [B, V], and the keys and values of all their tokens.

        Args:
            rows: token ids of each behind the instruction, at least one each.
            before: token ids of the instruction.
            known: its keys and values.
        """
        batch = packed([Behind(rows=rows, before=before, known=known)], device=self._body.device, keeps=True)
        return self._output.logits(last_hidden(self._body, batch)), batch.seen

    @torch.inference_mode()
    def step(self, tokens: Sequence[int], lengths: Sequence[int], *, cache: KeyCache) -> torch.Tensor:
        """Logits of the token behind one more of every row, shape [B, V].

        Args:
            tokens: the last token of each row, length B.
            lengths: tokens of each behind the instruction, that one apart.
            cache: what they have seen; the token is added to it.
        """
        one_more = Step.of(tokens, lengths, cache=cache, device=self._body.device)
        return self._output.logits(last_hidden(self._body, one_more))

    @torch.inference_mode()
    def next_tokens(self, rows: Sequence[_Row], logits_BV: torch.Tensor, *, decoding: Decoding) -> list[int]:
        """The token that each row goes on with.

        Args:
            rows: under way, length B.
            logits_BV: of the next token of each; changed in place.
            decoding: how tokens are chosen.
        """
        self._grammars.forbid(logits_BV, [row.matcher for row in rows])
        return choose(logits_BV, decoding=decoding, draws=[row.draws for row in rows])

    def begun(self, asked: Asked, *, before: Tokens, decoding: Decoding) -> _Row:
        """A row about which nothing is written yet."""
        room = self.context - len(asked.tokens)
        return _Row(
            asked=asked,
            n_own=len(asked.tokens) - len(before),
            most=min(decoding.max_new_tokens, room),
            draws=draws_of(asked.id, seed=decoding.seed),
            matcher=None if asked.constraint is None else self._grammars.begin(asked.constraint),
            began=perf_counter(),
        )


class _Writing:
    """Completions of one call."""

    def __init__(self, model: Completer, asked: Sequence[Asked], *, before: Tokens, decoding: Decoding) -> None:
        self._model, self._before, self._decoding = model, before, decoding
        # The longest first: those that are read together are of about one length, and none of them is left to the end.
        self._waiting = deque(sorted(asked, key=lambda one: -len(one.tokens)))
        self._stops = StopStrings(model.tokenizer, decoding.stop)
        self._rows: list[_Row] = []

    def completions(self) -> Iterator[Completion]:
        """All of them, in the order in which they end."""
        if not self._waiting:
            return
        n_before, room = len(self._before), self._decoding.max_new_tokens
        assert all(one.tokens[:n_before] == self._before for one in self._waiting), "all begin with what all begin with"
        assert all(len(one.tokens) > n_before for one in self._waiting), "a prompt goes on behind what all begin with"
        known = self._model.prefix_of(self._before)
        n_tokens = max(min(len(one.tokens) + room, self._model.context) for one in self._waiting) - n_before
        n_rows = min(self._model.room_for(known, n_tokens=n_tokens), len(self._waiting))
        cache = KeyCache(known, n_rows=n_rows)
        while self._waiting or self._rows:
            n_free = n_rows - len(self._rows)
            if self._waiting and n_free >= min(len(self._waiting), max(1, n_rows // SHARE_FREE)):
                yield from self._take_in(cache, n_free)
            else:
                yield from self._write_on(cache)

    def _take_in(self, cache: KeyCache, n_free: int) -> Iterator[Completion]:
        """Reads prompts that wait, as many as there is room for."""
        new: list[_Row] = []
        while self._waiting and len(new) < n_free:
            if new and sum(row.n_own for row in new) + len(self._waiting[0].tokens) > MAX_TOKENS:
                break
            new.append(self._model.begun(self._waiting.popleft(), before=self._before, decoding=self._decoding))
        own = [row.asked.tokens[len(self._before) :] for row in new]
        logits_BV, seen = self._model.read(own, before=self._before, known=cache.before)
        places = range(len(self._rows), len(self._rows) + len(new))
        cache.put(seen, rows=places, lengths=[row.n_own for row in new])
        self._rows += new
        yield from self._go_on(new, logits_BV, cache)

    def _write_on(self, cache: KeyCache) -> Iterator[Completion]:
        """One more token of every row."""
        last, lengths = [row.written[-1] for row in self._rows], [row.length for row in self._rows]
        yield from self._go_on(list(self._rows), self._model.step(last, lengths, cache=cache), cache)

    def _go_on(self, rows: Sequence[_Row], logits_BV: torch.Tensor, cache: KeyCache) -> Iterator[Completion]:
        """Writes the next token of these rows down, and lets those go that it ends."""
        ended: list[Completion] = []
        for row, token in zip(rows, self._model.next_tokens(rows, logits_BV, decoding=self._decoding), strict=True):
            row.written.append(token)
            completion = self._ended(row)
            if completion is not None:
                ended.append(completion)
                self._leave(row, cache)
        yield from ended

    def _ended(self, row: _Row) -> Completion | None:
        """What has been written, if the last token ended it."""
        tokenizer, written = self._model.tokenizer, row.written
        reason: StopReason
        if written[-1] in self._model.ends:
            reason, text = "end", text_of(tokenizer, written[:-1])
        elif row.matcher is not None and took(row.matcher, written[-1]):
            reason, text = "end", text_of(tokenizer, written)
        elif (before := self._stops.before(written)) is not None:
            reason, text = "stop", before
        elif len(written) == row.most:
            reason, text = "length", text_of(tokenizer, written)
        else:
            return None
        return Completion(
            id=row.asked.id,
            text=text,
            n_prompt_tokens=len(row.asked.tokens),
            n_tokens=len(written),
            stop_reason=reason,
            seconds=perf_counter() - row.began,
        )

    def _leave(self, row: _Row, cache: KeyCache) -> None:
        """Puts the last row into the place of one that has ended."""
        place, last = self._rows.index(row), self._rows.pop()
        if last is not row:
            self._rows[place] = last
            cache.move(len(self._rows), place, length=last.length + 1)


def shared_beginning(prompts: Sequence[Tokens]) -> Tokens:
    """What all prompts begin with, less than the whole of the shortest.

    Args:
        prompts: token ids, at least one each.
    """
    if not prompts:
        return ()
    pairs = zip(min(prompts), max(prompts), strict=False)  # All others lie between these two.
    n_shared = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return prompts[0][: min(n_shared, min(len(prompt) for prompt in prompts) - 1)]


def _name(loaded: Causal, adapter: Adapter | None) -> str:
    """A hash of the weights that compute, and of the number format that they do it in."""
    said = sha256(f"{loaded.files.fingerprint} {loaded.model.dtype}".encode())
    if adapter is not None:
        said.update(str(adapter.shape).encode())
        for layer, pair in sorted(adapter.tensors.items()):
            said.update(layer.encode())
            for tensor in pair:
                said.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return said.hexdigest()


def _fill(layers: Mapping[str, LoraLinear], adapter: Adapter) -> None:
    """Takes an adapter over.

    Raises:
        BundleError: it is of another base.
    """
    wanted = {name: (layer.lora_A.shape, layer.lora_B.shape) for name, layer in layers.items()}
    got = {name: (a.shape, b.shape) for name, (a, b) in adapter.tensors.items()}
    if wanted != got:
        wrong = sorted(name for name in {*wanted, *got} if wanted.get(name) != got.get(name))
        raise BundleError(
            Problem(
                where=wrong[0],
                rule="the adapter must be of this base, with an update for each of its layers",
                got=f"{len(wrong)} layers of which one has no update, or one of another shape",
                fix="load it with the base on which it was trained",
            )
        )
    with torch.no_grad():
        for name, (a, b) in adapter.tensors.items():
            layers[name].lora_A.copy_(a)
            layers[name].lora_B.copy_(b)
