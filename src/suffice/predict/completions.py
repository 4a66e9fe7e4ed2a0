"""Prompts to completions that are kept: each is stored whole the moment it ends, and none is written twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from suffice.predict.completer import Asked, Completer, shared_beginning
from suffice.predict.scorer import Tokens
from suffice.records.completion import Completion, Decoding
from suffice.records.constraint import Constraint
from suffice.store.completions import Kept
from suffice.store.strict_json import digest


@dataclass(frozen=True, kw_only=True, slots=True)
class _Decides:
    """All that decides what is written behind a prompt."""

    model: str
    id: str
    tokens: Tokens
    constraint: Constraint | None
    decoding: Decoding


def completions_of(
    completer: Completer,
    asked: Sequence[Asked],
    *,
    decoding: Decoding,
    kept: Kept,
    done: Callable[[int], None] = lambda n: None,
) -> list[Completion]:
    """A completion for each prompt, in the order in which they were asked; those that are kept are not written again.

    Args:
        completer: the model.
        asked: prompts with ids of their own.
        decoding: how tokens are chosen, and when to stop.
        kept: where completions are stored as they end.
        done: called with the number of completions that have come since the last call, those that were kept first.

    Raises:
        ModelError: what a completion is held to became too much to be worked out; those that ended are kept.
        TaskError: a prompt leaves no room in the model's context, or a constraint cannot be enforced.
    """
    assert len({one.id for one in asked}) == len(asked), "every prompt has an id of its own"
    keys = {one.id: _key(completer, one, decoding) for one in asked}
    found = {id_: completion for id_, key in keys.items() if (completion := kept.find(key)) is not None}
    done(len(found))
    missing = [one for one in asked if one.id not in found]
    # Of all prompts, so that a run that goes on computes as it would have done in one go.
    before = shared_beginning([one.tokens for one in asked])
    for completion in completer.complete(missing, before=before, decoding=decoding):
        kept.add(keys[completion.id], completion)
        found[completion.id] = completion
        done(1)
    return [found[one.id] for one in asked]


def _key(completer: Completer, one: Asked, decoding: Decoding) -> str:
    """What greedy decoding does not look at is left out of it."""
    said = decoding if decoding.temperature else replace(decoding, top_p=1.0, seed=0)
    return digest(
        _Decides(model=completer.name, id=one.id, tokens=one.tokens, constraint=one.constraint, decoding=said)
    )
