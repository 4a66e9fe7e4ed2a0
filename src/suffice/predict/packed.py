"""One sequence for a whole batch: the instruction once, then every message behind it, without padding.

Attention is all that looks across tokens, so that a decoder of transformers can be given a batch as one sequence as
long as its attention knows which tokens belong together.

Shape suffixes: M messages, P tokens of the instruction, N tokens in the sequence, H query heads, G key heads, E width
of a head, D hidden width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from transformers import PreTrainedModel

from suffice.predict.attention import Blocks, Keys, Window, cut
from suffice.predict.layer import Layer
from suffice.predict.scorer import Tokens

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
        body: a decoder without its output layer, made ready by `prepare`.
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
