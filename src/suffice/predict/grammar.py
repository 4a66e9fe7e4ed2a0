"""Which tokens a completion may go on with, so that whatever it says is one of a set, matches a pattern or a schema.

Shape suffixes: B rows, V vocabulary.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import llguidance.hf
import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer

from suffice.errors import ModelError, Problem, SufficeError, TaskError, quoted
from suffice.records.constraint import Constraint

_BITS = 32
"""Tokens in one number of a mask."""
MAX_KEPT = 256
"""Constraints that stay worked out, those asked for last: a server is asked for as many as its clients think of."""


class Grammars:
    """What completions of one model are held to; a constraint is worked out once as long as it is asked for."""

    def __init__(self, tokenizer: Any, *, n_tokens: int, ends: Sequence[int]) -> None:
        """
        Args:
            tokenizer: the model's own.
            n_tokens: width of the model's logits, V.
            ends: tokens that end a completion; they are allowed where what was said is whole.
        """
        self._hf_tokenizer, self._n_tokens, self._ends = tokenizer, n_tokens, list(ends)
        self._fresh: dict[Constraint, LLMatcher] = {}

    def require(self, constraints: Sequence[Constraint]) -> None:
        """Makes sure that all can be held to, before anything is written.

        Args:
            constraints: any; the same one may occur many times.

        Raises:
            TaskError: some cannot, or allow nothing at all; each is named once.
            ModelError: the tokenizer is none that can be held to anything.
        """
        problems: list[Problem] = []
        for constraint in dict.fromkeys(constraints):
            try:
                self._matcher(constraint)
            except TaskError as error:
                problems += error.problems
        if problems:
            raise TaskError(problems)

    def begin(self, constraint: Constraint) -> LLMatcher:
        """Where a completion that is held to it begins.

        Args:
            constraint: one that `require` was given.
        """
        return self._matcher(constraint).deep_copy()

    def forbid(self, logits_BV: torch.Tensor, matchers: Sequence[LLMatcher | None]) -> None:
        """Makes the logits of all tokens minus infinity with which a row may not go on; in place.

        Args:
            logits_BV: of the next token.
            matchers: of each row, length B; None of a row that may say anything.
        """
        held = [row for row, matcher in enumerate(matchers) if matcher is not None]
        if not held:
            return
        mask_BM = np.zeros((len(held), -(-self._n_tokens // _BITS)), dtype="<i4")
        for mask_M, row in zip(mask_BM, held, strict=True):
            matcher = matchers[row]
            assert matcher is not None, "only rows that are held to something have a mask"
            matcher.unsafe_compute_mask_ptr(mask_M.ctypes.data, mask_M.nbytes)
            if _is_stuck(matcher):
                raise _lost(matcher)
        allowed_BV = np.unpackbits(mask_BM.view(np.uint8), axis=1, count=self._n_tokens, bitorder="little")
        hidden_BV = torch.from_numpy(allowed_BV == 0).to(logits_BV.device)
        logits_BV[held] = logits_BV[held].masked_fill_(hidden_BV, -torch.inf)

    @cached_property
    def _tokenizer(self) -> LLTokenizer:
        try:
            return llguidance.hf.from_tokenizer(self._hf_tokenizer, n_vocab=self._n_tokens, eos_token=self._ends)
        except ValueError as error:
            problem = Problem(
                where=type(self._hf_tokenizer).__name__,
                rule="to be held to a form, a model needs a tokenizer whose tokens are known byte by byte",
                got=str(error).partition("\n")[0],
                fix="choose another base model; `suffice models list` names some",
            )
            raise ModelError(problem) from error

    def _matcher(self, constraint: Constraint) -> LLMatcher:
        matcher = self._fresh.pop(constraint, None) or self._worked_out(constraint)
        self._fresh[constraint] = matcher
        if len(self._fresh) > MAX_KEPT:
            del self._fresh[next(iter(self._fresh))]
        return matcher

    def _worked_out(self, constraint: Constraint) -> LLMatcher:
        matcher = LLMatcher(self._tokenizer, _grammar(constraint), log_level=0)
        if matcher.is_error():
            raise _refused(constraint, got=matcher.get_error().strip().replace("\n", " "))
        matcher.compute_bitmask()  # What may follow is worked out here alone, and so is that nothing may.
        if _is_stuck(matcher):
            raise _refused(constraint, got="nothing that it allows")
        return matcher


def took(matcher: LLMatcher, token: int) -> bool:
    """Tells a matcher what was said; whether nothing more can follow.

    Args:
        matcher: of the row.
        token: one that it allows.

    Raises:
        ModelError: it became too much to be worked out.
    """
    matcher.consume_token(token)
    if _is_stuck(matcher):
        raise _lost(matcher)
    return matcher.is_stopped()


def _is_stuck(matcher: LLMatcher) -> bool:
    """Whether what was said is not whole, and nothing can follow; that holds of a matcher with an error as well."""
    return matcher.is_error() or (matcher.is_stopped() and not matcher.is_accepting())


def _lost(matcher: LLMatcher) -> ModelError:
    return ModelError(
        Problem(
            where="constraint",
            rule="what may follow must be worked out within the bounds of time and memory",
            got=matcher.get_error().strip().replace("\n", " ") or "nothing that may follow",
            fix="hold completions to something simpler",
        )
    )


def _grammar(constraint: Constraint) -> str:
    if constraint.choices is not None:
        if not constraint.choices:
            raise _refused(constraint, got="no choice at all")
        return str(LLMatcher.grammar_from_regex("|".join(re.escape(choice) for choice in constraint.choices)))
    if constraint.pattern is not None:
        return str(LLMatcher.grammar_from_regex(constraint.pattern))
    assert constraint.schema is not None, "a constraint names one of the three"
    try:
        # As Python's `json.dumps` writes: most of what models have read of tool calls was written so. Blanks that a
        # model may repeat as it likes, it repeats until it is cut off.
        return str(
            LLMatcher.grammar_from_json_schema(
                _schema(constraint),
                overrides={"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "},
            )
        )
    except ValueError as error:  # Deeper than the library reads.
        raise _refused(constraint, got=str(error)) from error


def _schema(constraint: Constraint) -> str:
    """The schema's text, if it is an object: what else JSON Schema calls one allows everything or nothing.

    Raises:
        TaskError: it is not JSON, or no object.
    """
    text = constraint.schema or ""
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(constraint, got=f"no JSON: {error}") from error
    if not isinstance(schema, dict):
        raise _refused(constraint, got=f"{quoted(schema)}, which is no object")
    return text


def _refused(constraint: Constraint, *, got: str) -> SufficeError:
    what, given = next(
        (name, value) for name in ("choices", "pattern", "schema") if (value := getattr(constraint, name)) is not None
    )
    return TaskError(
        Problem(
            where=f"{what} {quoted(given)}",
            rule=f"{_RULES[what]} that can be enforced token by token and allow something",
            got=got,
            fix="change it, or let completions be free and judge them afterwards",
        )
    )


_RULES = {
    "choices": "choices must be texts",
    "pattern": "a pattern must be a regular expression without look-around and back references,",
    "schema": "a schema must be a JSON schema of known keywords, without `not`, `if` and references to elsewhere,",
}
