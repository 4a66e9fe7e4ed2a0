"""One sequence for a whole batch: an instruction once, then every message behind it, without padding.

Attention is all that looks across tokens, so that a decoder of transformers can be given a batch as one sequence as
long as its attention knows which tokens belong together.

Shape suffixes: M tokens that are read, P tokens of the instruction, N tokens in the sequence, H query heads, G key
heads, E width of a head, D hidden width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import torch
from transformers import PreTrainedModel

from suffice.predict.attention import Blocks, Keys, Part, Window, cut
from suffice.predict.layer import Layer
from suffice.predict.linears import Added, Updates
from suffice.predict.scorer import Tokens
from suffice.predict.tree import NO_TREE, Tree

Prefix = dict[int, Keys]
"""An instruction as one adapter reads it, by number of the layer: keys and values, shape [P, G, E] each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind:
    """Messages behind one instruction."""

    rows: Sequence[Tokens]
    """Token ids of each message, at least one each; no message lays out the instruction alone."""
    before: Tokens
    """Token ids of the instruction, at least one."""
    known: Prefix | None = None
    """The instruction's keys and values; without them it stands at the head of the sequence, and there is no other."""
    updates: Updates | None = None
    """What is added to frozen layers for these messages; all parts of a batch have some, or none has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """A batch as one sequence."""

    ids_N: torch.Tensor
    """Token ids."""
    positions_N: torch.Tensor
    """Position of each token behind the beginning of its instruction."""
    last_M: torch.Tensor
    """Place in the sequence of each message's last token, and behind it of the tokens of its tree."""
    blocks: Blocks
    """How its attention cuts it."""
    known: tuple[Prefix, ...]
    """The instructions where they do not stand in the sequence, of each part."""
    by_token: tuple[Added, ...]
    """What is added to frozen layers, by rows that stand for tokens."""
    by_message: tuple[Added, ...]
    """The same by rows that stand for tokens that are read."""
    seen: Prefix = field(default_factory=dict)
    """The instruction where it stands in the sequence: filled in layer by layer."""
    told: dict[int, tuple[float, Window]] = field(default_factory=dict)
    """Scaling and window with which transformers called our attention, by number of the layer."""

    def known_at(self, layer: int) -> tuple[Keys, ...]:
        """Keys and values of each part's instruction at one layer; none where it stands in the sequence."""
        return tuple(prefix[layer] for prefix in self.known)


def packed(parts: Sequence[Behind], *, device: torch.device, tree: Tree = NO_TREE) -> Packed:
    """Lays out a batch.

    Args:
        parts: the messages in their order, one part or several whose instructions are known.
        device: where the model computes.
        tree: what is put behind every message.
    """
    known = tuple(part.known for part in parts if part.known is not None)
    assert len(known) == len(parts) or len(parts) == 1, "a sequence begins with one instruction"
    head = () if known else parts[0].before
    n_read = [len(part.rows) * (1 + len(tree)) for part in parts]
    lengths = [[len(row) + len(tree) for row in part.rows] for part in parts]
    flat = [*head, *(token for part in parts for row in part.rows for token in (*row, *tree.ids))]
    ends = [len(part.before) + len(row) - 1 for part in parts for row in part.rows]
    firsts = [len(part.before) for part in parts for _ in part.rows]
    depths, positions = tree.depths.tolist(), list(range(len(head)))
    for first, end in zip(firsts, ends, strict=True):
        positions += [*range(first, end + 1), *(end + depth for depth in depths)]
    last = torch.tensor([length for of in lengths for length in of], dtype=torch.long).cumsum(0) + (len(head) - 1)
    last_M = (last[:, None] + torch.arange(-len(tree), 1)).flatten()
    n_tokens = [sum(of) for of in lengths]
    n_tokens[0] += len(head)
    return Packed(
        ids_N=torch.tensor(flat, device=device),
        positions_N=torch.tensor(positions, device=device),
        last_M=last_M.to(device),
        blocks=cut(
            [Part(of, len(part.before)) for part, of in zip(parts, lengths, strict=True)],
            in_sequence=not known,
            device=device,
            tree=tree,
        ),
        known=known,
        by_token=_added(parts, n_tokens),
        by_message=_added(parts, n_read),
    )


def _added(parts: Sequence[Behind], n_rows: Sequence[int]) -> tuple[Added, ...]:
    """The parts' updates, each on as many rows as it has; together they are on every row, or there are none."""
    updates = [part.updates for part in parts if part.updates is not None]
    assert len(updates) in (0, len(parts)), "all parts of a batch have updates, or none has"
    if not updates:
        return ()
    return tuple(
        Added(slice(end - n, end), one) for one, end, n in zip(updates, accumulate(n_rows), n_rows, strict=True)
    )


def last_hidden(body: PreTrainedModel, batch: Packed) -> torch.Tensor:
    """The hidden state at the last token of each message, and at the tokens of its tree behind it.

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


def prefix(body: PreTrainedModel, before: Tokens, *, updates: Updates | None = None) -> Prefix:
    """An instruction's keys and values, for messages that will stand behind it.

    Args:
        body: a decoder without its output layer, made ready by `prepare`.
        before: token ids of the instruction.
        updates: what is added to frozen layers.
    """
    alone = packed([Behind(rows=[], before=before, updates=updates)], device=body.device)
    with torch.inference_mode():
        last_hidden(body, alone)
    return alone.seen
