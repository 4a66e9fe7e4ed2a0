"""One sequence for a whole batch: the instruction once, then every message behind it, without padding.

Attention is all that looks across tokens, so that a decoder of transformers can be given a batch as one sequence as
long as its attention knows which tokens belong together.

Shape suffixes: M messages, P tokens of the instruction, N tokens in the sequence, H query heads, G key heads, E width
of a head, D hidden width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import AttentionInterface, PreTrainedModel

from suffice.errors import ModelError, Problem
from suffice.predict.attention import Attention, Blocks, Keys, Window, cut
from suffice.predict.layer import Layer
from suffice.predict.scorer import Tokens

NAME = "suffice_packed"
"""Under this name transformers finds our attention."""

Prefix = dict[int, Keys]
"""An instruction as one adapter reads it, by number of the layer: keys and values, shape [P, G, E] each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """A batch as one sequence."""

    ids_N: torch.Tensor
    """Token ids."""
    positions_N: torch.Tensor
    """Position of each token behind the beginning of the instruction."""
    last_M: torch.Tensor
    """Place in the sequence of each message's last token."""
    blocks: Blocks
    """How its attention cuts it."""
    known: Prefix | None
    """The instruction where it does not stand in the sequence."""
    seen: Prefix = field(default_factory=dict)
    """The instruction where it stands in the sequence: filled in layer by layer."""
    told: dict[int, tuple[float, Window]] = field(default_factory=dict)
    """Scaling and window with which transformers called our attention, by number of the layer."""


def packed(rows: Sequence[Tokens], *, before: Tokens, known: Prefix | None, device: torch.device) -> Packed:
    """Lays out a batch.

    Args:
        rows: token ids of each message, at least one each; no message lays out the instruction alone.
        before: token ids of the instruction, at least one.
        known: the instruction's keys and values; without them it stands at the head of the sequence.
        device: where the model computes.
    """
    head = before if known is None else ()
    lengths = [len(row) for row in rows]
    flat = [*head, *(token for row in rows for token in row)]
    positions = [*range(len(head)), *(len(before) + t for length in lengths for t in range(length))]
    last = torch.tensor(lengths, dtype=torch.long).cumsum(0) + (len(head) - 1)
    return Packed(
        ids_N=torch.tensor(flat, device=device),
        positions_N=torch.tensor(positions, device=device),
        last_M=last.to(device),
        blocks=cut(lengths, n_before=len(before), in_sequence=known is None, device=device),
        known=known,
    )


def last_hidden(body: PreTrainedModel, batch: Packed) -> torch.Tensor:
    """The hidden state at the last token of each message.

    Args:
        body: a decoder without its output layer, prepared by `prepare`.
        batch: from `packed`.

    Returns:
        Shape [M, D], in the body's precision.
    """
    (hidden_ND,) = body(
        input_ids=batch.ids_N[None], position_ids=batch.positions_N[None], use_cache=False, packed=batch
    ).last_hidden_state
    last = body.layers[-1]
    last_MD: torch.Tensor = hidden_ND if isinstance(last, Layer) and last.is_last else hidden_ND[batch.last_M]
    return last_MD


def prepare(model: PreTrainedModel) -> None:
    """Puts our attention in place of a decoder's own, and our layers in place of those that compute the same.

    Args:
        model: a causal language model of transformers with empty adapters, changed in place.

    Raises:
        ModelError: tokens meet in this architecture elsewhere than in attention that can be replaced.
    """
    AttentionInterface.register(NAME, _attention)
    body, rows = model.get_decoder(), [(3, 1, 4, 1, 5), (9, 2)]
    calls: dict[int, tuple[Any, Any, torch.Tensor]] = {}
    try:
        model.set_attn_implementation(NAME)
        together = packed(rows, before=_PROBE, known=None, device=body.device)
        with torch.no_grad(), _recording(body, calls):
            last_MD = last_hidden(body, together).float()
            apart_MD = torch.cat([_alone(body, row) for row in rows]).float()
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        raise _unpackable(model, got=f"{type(error).__name__}: {error}") from error
    if len(together.told) < len(body.layers):
        raise _unpackable(model, got=f"{len(together.told)} attention layers of {len(body.layers)} layers")
    if torch.linalg.norm(last_MD - apart_MD) > _tolerance(body.dtype) * torch.linalg.norm(apart_MD):
        raise _unpackable(model, got="messages that change one another")
    for at, (args, kwargs, out) in calls.items():
        body.layers[at] = _lean(body.layers[at], args, kwargs, out, told=together.told[at])
    if isinstance(body.layers[-1], Layer):
        body.layers[-1].is_last = True


_PROBE = (6, 5, 3, 5)


def _alone(body: PreTrainedModel, row: Tokens) -> torch.Tensor:
    return last_hidden(body, packed([row], before=_PROBE, known=None, device=body.device))


@contextmanager
def _recording(body: PreTrainedModel, calls: dict[int, tuple[Any, Any, torch.Tensor]]) -> Iterator[None]:
    """Keeps what every layer was first given and what it gave."""
    hooks = [
        layer.register_forward_hook(
            lambda module, args, kwargs, out, at=at: calls.setdefault(at, (args, kwargs, out)) and None,
            with_kwargs=True,
        )
        for at, layer in enumerate(body.layers)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _tolerance(dtype: torch.dtype) -> float:
    """Relative; in bfloat16 the same operations in another order differ by 0.007 to 0.027 in real models' layers."""
    return 1e-4 if dtype == torch.float32 else 0.1


def _unpackable(model: PreTrainedModel, *, got: str) -> ModelError:
    return ModelError(
        Problem(
            where=type(model).__name__,
            rule="messages must be able to stand in one sequence without seeing one another",
            got=got,
            fix="choose a base model of another architecture; `suffice models list` names some",
        )
    )


def _lean(
    layer: torch.nn.Module, args: Any, kwargs: Any, out: torch.Tensor, *, told: tuple[float, Window]
) -> torch.nn.Module:
    """Our layer where it does to a probe what the layer of transformers did, else that one."""
    try:
        ours = Layer(layer, scaling=told[0], window=told[1]).train(layer.training)
        with torch.no_grad():
            found = ours(*args, **kwargs)
    except (AttributeError, RuntimeError):  # Other parts, or parts of other shapes: an architecture of another family.
        return layer
    change, wanted = (x.float() - args[0].float() for x in (found, out))
    same = bool(torch.linalg.norm(change - wanted) <= _tolerance(out.dtype) * torch.linalg.norm(wanted))
    return ours if same else layer


def _attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    packed: Packed,
    sliding_window: Window = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **unused: Any,
) -> tuple[torch.Tensor, None]:
    """What layers of transformers call; heads stand before tokens, what may be seen is known from `packed`.

    Raises:
        ModelError: scores are changed in a way that is not done here.
    """
    if softcap is not None or s_aux is not None:
        raise ModelError(
            Problem(
                where=type(module).__name__,
                rule="attention scores must be a scaled inner product",
                got="capped scores" if softcap is not None else "attention sinks",
                fix="choose a base model of another architecture; `suffice models list` names some",
            )
        )
    q_NHE, k_NGE, v_NGE = (x[0].transpose(0, 1) for x in (query, key, value))
    n_before, known = packed.blocks.n_before, None if packed.known is None else packed.known[module.layer_idx]
    packed.told[module.layer_idx] = (scaling, sliding_window)
    if known is None and not torch.is_grad_enabled():
        packed.seen[module.layer_idx] = Keys(k_NGE[:n_before].clone(), v_NGE[:n_before].clone())
    out_NHE = Attention.apply(q_NHE, k_NGE, v_NGE, packed.blocks, known, scaling, sliding_window)  # type: ignore[no-untyped-call]
    return out_NHE[None], None
