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

from suffice.predict.attention import Attended, Blocks, Keys, Part, Window, attend, cut
from suffice.predict.key_cache import Step
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
    """Token ids of the instruction; at least one where no message stands behind it."""
    known: Prefix | None = None
    """The instruction's keys and values; without them it stands at the head of the sequence, and there is no other."""
    updates: Updates | None = None
    """What is added to frozen layers for these messages; all parts of a batch have some, or none has."""
    n_read: Sequence[int] | None = None
    """How many of each message's last tokens are read, at least one; None reads the last one alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """A batch as one sequence."""

    ids_N: torch.Tensor
    """Token ids."""
    positions_N: torch.Tensor
    """Position of each token behind the beginning of its instruction."""
    last_M: torch.Tensor
    """Place in the sequence of each message's last token, or of its last ones, and of the tokens of its tree."""
    blocks: Blocks
    """How its attention cuts it."""
    known: tuple[Prefix, ...]
    """The instructions where they do not stand in the sequence, of each part."""
    by_token: tuple[Added, ...]
    """What is added to frozen layers, by rows that stand for tokens."""
    by_message: tuple[Added, ...]
    """The same by rows that stand for tokens that are read."""
    keeps: bool = False
    """Whether `seen` is filled in."""
    seen: Prefix = field(default_factory=dict)
    """Keys and values of every token of the sequence, filled in layer by layer."""
    told: dict[int, tuple[float, Window]] = field(default_factory=dict)
    """Scaling and window with which transformers called our attention, by number of the layer."""

    def known_at(self, layer: int) -> tuple[Keys, ...]:
        """Keys and values of each part's instruction at one layer; none where it stands in the sequence."""
        return tuple(prefix[layer] for prefix in self.known)

    def keep(self, layer: int, k_NGE: torch.Tensor, v_NGE: torch.Tensor) -> None:
        """Fills in `seen` at one layer, where that is wanted.

        Args:
            layer: its number.
            k_NGE: keys of the sequence.
            v_NGE: values.
        """
        if self.keeps:
            self.seen[layer] = Keys(k_NGE.clone(), v_NGE.clone())

    def attend(
        self,
        q_NHE: torch.Tensor,
        k_NGE: torch.Tensor,
        v_NGE: torch.Tensor,
        *,
        layer: int,
        scaling: float,
        window: Window,
    ) -> tuple[torch.Tensor, Attended]:
        """What every token makes of those that it sees at one layer, shape [N, H, E], and what the way back needs.

        Args:
            q_NHE: queries.
            k_NGE: keys.
            v_NGE: values.
            layer: its number.
            scaling: of the scores.
            window: how far back a token sees.
        """
        self.keep(layer, k_NGE, v_NGE)
        return attend(q_NHE, k_NGE, v_NGE, self.blocks, known=self.known_at(layer), scaling=scaling, window=window)


def packed(parts: Sequence[Behind], *, device: torch.device, tree: Tree = NO_TREE, keeps: bool = False) -> Packed:
    """Lays out a batch.

    Args:
        parts: the messages in their order, one part or several whose instructions are known.
        device: where the model computes.
        tree: what is put behind every message.
        keeps: whether the keys and values of every token are wanted.
    """
    known = tuple(part.known for part in parts if part.known is not None)
    assert len(known) == len(parts) or len(parts) == 1, "a sequence begins with one instruction"
    head = () if known else parts[0].before
    reads = [n for part in parts for n in (part.n_read or [1] * len(part.rows))]
    assert not len(tree) or set(reads) <= {1}, "a tree stands behind one token"
    n_read = [sum(part.n_read or [1] * len(part.rows)) + len(part.rows) * len(tree) for part in parts]
    lengths = [[len(row) + len(tree) for row in part.rows] for part in parts]
    flat = [*head, *(token for part in parts for row in part.rows for token in (*row, *tree.ids))]
    ends = [len(part.before) + len(row) - 1 for part in parts for row in part.rows]
    firsts = [len(part.before) for part in parts for _ in part.rows]
    depths, positions = tree.depths.tolist(), list(range(len(head)))
    for first, end in zip(firsts, ends, strict=True):
        positions += [*range(first, end + 1), *(end + depth for depth in depths)]
    past = accumulate((length for of in lengths for length in of), initial=len(head))
    past_rows = list(past)[1:]
    last_M = torch.tensor(
        [place for end, n in zip(past_rows, reads, strict=True) for place in range(end - len(tree) - n, end)],
        dtype=torch.long,
    )
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
        keeps=keeps,
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


def last_hidden(body: PreTrainedModel, batch: Packed | Step) -> torch.Tensor:
    """The hidden state at the tokens that are read: the last one of each message, and those of its tree behind it.

    Args:
        body: a decoder without its output layer, made ready by `prepare`.
        batch: from `packed`, or a step of rows under way.

    Returns:
        Shape [M, D], in the body's precision.
    """
    (hidden_ND,) = body(
        input_ids=batch.ids_N[None], position_ids=batch.positions_N[None], use_cache=False, packed=batch
    ).last_hidden_state
    last, last_M = body.layers[-1], batch.last_M
    is_read = last_M is None or (isinstance(last, Layer) and last.is_last)
    last_MD: torch.Tensor = hidden_ND if is_read else hidden_ND[last_M]
    return last_MD


def prefix(body: PreTrainedModel, before: Tokens, *, updates: Updates | None = None) -> Prefix:
    """An instruction's keys and values, for messages that will stand behind it.

    Args:
        body: a decoder without its output layer, made ready by `prepare`.
        before: token ids of the instruction; of none of them these are keys and values of no token.
        updates: what is added to frozen layers.
    """
    if not before:
        return {layer: Keys(keys.k[:0], keys.v[:0]) for layer, keys in prefix(body, (0,), updates=updates).items()}
    alone = packed([Behind(rows=[], before=before, updates=updates)], device=body.device, keeps=True)
    with torch.inference_mode():
        last_hidden(body, alone)
    return alone.seen
