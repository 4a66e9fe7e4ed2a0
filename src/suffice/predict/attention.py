"""Attention over a packed batch, forward and backward, in a handful of matrix products.

Every message attends to its whole instruction, whose keys all messages behind it share, and causally to itself. The
sequence is cut into blocks of about equal length, several short messages behind one instruction to a block; a block's
queries meet the instruction's keys and the block's own in one product, and a mask hides what they may not see.
PyTorch's fused attention would need the instruction copied for every message; on sixteen short ones its forward pass
alone took 0.86 ms where this takes 0.54.

Shape suffixes: N tokens in the sequence, H query heads, G key heads, J = H / G, E width of a head; B blocks of L
tokens, P tokens of the longest instruction, S >= P + L keys that a block meets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.predict.tree import NO_TREE, Tree

Window = int | None
"""The most tokens back that a token sees, itself included; None for all."""
KEYS_STEP = 32
"""Keys of a block are filled up to a multiple of this: on 200,000 scores in bf16 a softmax
took 93 us over rows of 96, and 173 over rows of 80."""
SHORT = 16.0
"""Blocks are about the square root of this times the instruction long: the instruction's keys are copied for every
block, longer blocks hide more of what they compute. Worked out from the costs of either on two cores."""


class Keys(NamedTuple):
    """Keys and values of an instruction, shape [P, G, E] each."""

    k: torch.Tensor
    v: torch.Tensor


class Part(NamedTuple):
    """Messages behind one instruction."""

    lengths: list[int]
    """Tokens of each message, with those of a tree behind it."""
    n_before: int
    """Tokens of the instruction."""


class Rows(NamedTuple):
    """Places of rows of width E, for one number of heads."""

    queries: torch.Tensor
    """In the sequence's N x H, of each of G x B x J x L."""
    keys: torch.Tensor
    """In the keys' N x G, of each of G x B x S."""
    out: torch.Tensor
    """In G x B x J x L, of each of N x H."""
    own: torch.Tensor
    """In G x B x S, of each key of the messages' tokens, token by token."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocks:
    """How a sequence is cut."""

    n_before: int
    """Tokens of the longest instruction, P."""
    in_sequence: bool
    """Whether the sequence begins with them; there is one instruction then."""
    take_BL: torch.Tensor
    """Place in the sequence of each token of a block; 0 where a block is not full."""
    empty_BL: torch.Tensor | None
    """Where blocks are not full; None where all are."""
    keys_BS: torch.Tensor
    """Place among the keys, those of all instructions first, of each key that a block meets."""
    block_N: torch.Tensor
    """Block of each token."""
    slot_N: torch.Tensor
    """Place of each token in its block."""
    back_BLS: torch.Tensor
    """How many tokens back a key lies; -1 where it may not be seen."""
    _rows: dict[tuple[int, int], Rows] = field(default_factory=dict)
    _masks: dict[tuple[Window, int, torch.dtype], torch.Tensor] = field(default_factory=dict)

    def rows(self, n_heads: int, n_groups: int) -> Rows:
        """Places of all rows; made once for all layers.

        Args:
            n_heads: query heads, H.
            n_groups: key heads, G.
        """
        if (n_heads, n_groups) not in self._rows:
            (n_blocks, n_slots), n_keys, n_shared = self.take_BL.shape, self.keys_BS.shape[1], n_heads // n_groups
            g, j = (torch.arange(n, device=self.take_BL.device) for n in (n_groups, n_shared))
            queries = self.take_BL[:, None] * n_heads + g[:, None, None, None] * n_shared + j[:, None]
            keys = self.keys_BS * n_groups + g[:, None, None]
            out = ((g[:, None] * n_blocks + self.block_N[:, None, None]) * n_shared + j) * n_slots
            out = out + self.slot_N[:, None, None]
            first = self.n_before if self.in_sequence else 0
            own = (g * n_blocks + self.block_N[first:, None]) * n_keys + self.n_before + self.slot_N[first:, None]
            self._rows[n_heads, n_groups] = Rows(*(x.flatten() for x in (queries, keys, out, own)))
        return self._rows[n_heads, n_groups]

    def mask(self, window: Window, *, n_heads: int, n_groups: int, dtype: torch.dtype) -> torch.Tensor:
        """Minus infinity where a token may not look, else 0; shape [G B, J L, S], made once for all layers.

        Args:
            window: how far back a token sees.
            n_heads: query heads, H.
            n_groups: key heads, G.
            dtype: of the scores.
        """
        key = (window, n_heads, dtype)
        if key not in self._masks:
            hidden_BLS = (self.back_BLS < 0) if window is None else (self.back_BLS < 0) | (self.back_BLS >= window)
            zeros_BLS = torch.zeros(hidden_BLS.shape, dtype=dtype, device=hidden_BLS.device)
            mask_BLS = zeros_BLS.masked_fill_(hidden_BLS, -torch.inf)
            self._masks[key] = mask_BLS.repeat(n_groups, n_heads // n_groups, 1)
        return self._masks[key]


def cut(parts: Sequence[Part], *, in_sequence: bool, device: torch.device, tree: Tree = NO_TREE) -> Blocks:
    """Cuts a sequence of messages into blocks.

    Args:
        parts: messages in their order.
        in_sequence: whether the sequence begins with the instruction, of which there is one then.
        device: where the model computes.
        tree: the last tokens of every message.
    """
    assert len(parts) == 1 or not in_sequence, "a sequence begins with one instruction"
    n_slots, own = _block_length(parts), parts[0].n_before if in_sequence else 0
    n_tokens = own + sum(sum(part.lengths) for part in parts)
    block, slot, position = (np.zeros(n_tokens, dtype=np.int64) for _ in range(3))
    text, branch, depths = np.full(n_tokens, -1), np.full(n_tokens, -1), tree.depths
    position[:own] = np.arange(own)
    block[:own], slot[:own] = np.divmod(np.arange(own), n_slots)
    part_of, at, number = [0] * math.ceil(own / n_slots), own, 0
    for which, part in enumerate(parts):
        filled = n_slots
        for length in part.lengths:
            if filled + length > n_slots:
                part_of.append(which)
                filled = 0
            here, branches = slice(at, at + length), slice(at + length - len(tree), at + length)
            block[here], text[here] = len(part_of) - 1, number
            slot[here], position[here] = (np.arange(first, first + length) for first in (filled, part.n_before))
            branch[branches], position[branches] = np.arange(len(tree)), part.n_before + length - len(tree) - 1 + depths
            filled, at, number = filled + length, at + length, number + 1
    return _blocks(
        _Placed(block, slot, text, position, branch),
        tree=tree,
        n_slots=n_slots,
        n_own=own,
        in_sequence=in_sequence,
        before=np.array([part.n_before for part in parts], dtype=np.int64),
        part_of_B=np.array(part_of, dtype=np.int64),
        device=device,
    )


def _block_length(parts: Sequence[Part]) -> int:
    """A multiple of the longest message near the length at which copies and hidden products cost the same."""
    longest = max((length for part in parts for length in part.lengths), default=1)
    most, n_before = max(sum(part.lengths) for part in parts), max(part.n_before for part in parts)
    wanted = math.sqrt(SHORT * n_before)
    return longest * max(1, round(min(wanted, most or wanted) / longest))


class _Placed(NamedTuple):
    """Of every token of a sequence, shape [N] each."""

    block: NDArray[np.int64]
    slot: NDArray[np.int64]
    text: NDArray[np.int64]
    """Number of its message; -1 of the instruction's tokens."""
    position: NDArray[np.int64]
    branch: NDArray[np.int64]
    """Place in the tree; -1 of tokens that are not of it."""


def _blocks(
    placed: _Placed,
    *,
    tree: Tree,
    n_slots: int,
    n_own: int,
    in_sequence: bool,
    before: NDArray[np.int64],
    part_of_B: NDArray[np.int64],
    device: torch.device,
) -> Blocks:
    """Blocks from the place of every token; `n_own` of them are the instruction's, `before` of each part."""
    shape, n_before = (len(part_of_B), n_slots), int(before.max())
    at = (placed.block, placed.slot)
    take, text_BL, position_BL = np.zeros(shape, np.int64), np.full(shape, -2), np.zeros(shape, np.int64)
    take[at], text_BL[at], position_BL[at] = np.arange(len(placed.block)), placed.text, placed.position
    n_keys, own = math.ceil((n_before + n_slots) / KEYS_STEP) * KEYS_STEP, slice(n_before, n_before + n_slots)
    keys, back = np.zeros((shape[0], n_keys), dtype=np.int64), np.full((*shape, n_keys), -1, dtype=np.int64)
    first_B, before_B = (np.cumsum(before) - before)[part_of_B], before[part_of_B]
    of_instruction = np.arange(n_before)
    there_BP = of_instruction < before_B[:, None]
    keys[:, :n_before] = np.where(there_BP, first_B[:, None] + of_instruction, 0)
    keys[:, own] = take + (before.sum() - n_own)
    seen_BLP = np.where(there_BP[:, None], position_BL[:, :, None] - of_instruction, -1)
    back[:, :, :n_before] = np.maximum(seen_BLP, -1)
    same = (text_BL[:, :, None] == text_BL[:, None, :]) & (text_BL[:, :, None] >= 0)
    inside = np.where(same, position_BL[:, :, None] - position_BL[:, None, :], -1)
    if len(tree):
        branch_BL = np.full(shape, -1)
        branch_BL[at] = placed.branch
        apart = ~tree.sees[branch_BL[:, :, None], branch_BL[:, None, :]]
        inside[apart & (branch_BL[:, :, None] >= 0) & (branch_BL[:, None, :] >= 0)] = -1
    back[:, :, own] = np.maximum(inside, -1)
    empty = text_BL == -2
    back[empty, 0] = 0  # A softmax over nothing is not a number.
    return Blocks(
        n_before=n_before,
        in_sequence=in_sequence,
        take_BL=torch.from_numpy(take).to(device),
        empty_BL=torch.from_numpy(empty).to(device) if empty.any() else None,
        keys_BS=torch.from_numpy(keys).to(device),
        block_N=torch.from_numpy(placed.block).to(device),
        slot_N=torch.from_numpy(placed.slot).to(device),
        back_BLS=torch.from_numpy(back).to(device),
    )


class Attended(NamedTuple):
    """What the backward pass of attention needs."""

    q: torch.Tensor
    """Shape [G B, J L, E]."""
    k: torch.Tensor
    """Shape [G B, S, E]."""
    v: torch.Tensor
    """Shape [G B, S, E]."""
    weights: torch.Tensor
    """Shape [G B, J L, S]."""


def attend(
    q_NHE: torch.Tensor,
    k_NGE: torch.Tensor,
    v_NGE: torch.Tensor,
    blocks: Blocks,
    *,
    known: Sequence[Keys],
    scaling: float,
    window: Window,
) -> tuple[torch.Tensor, Attended]:
    """What every token makes of those that it sees.

    Args:
        q_NHE: queries.
        k_NGE: keys.
        v_NGE: values.
        blocks: how the sequence is cut.
        known: keys and values of each part's instruction where it does not stand in the sequence.
        scaling: of the scores.
        window: how far back a token sees.

    Returns:
        Shape [N, H, E], and what the backward pass needs.
    """
    (_, n_heads, width), n_groups = q_NHE.shape, k_NGE.shape[1]
    if known:
        k_NGE = torch.cat([*(keys.k for keys in known), k_NGE])
        v_NGE = torch.cat([*(keys.v for keys in known), v_NGE])
    rows = blocks.rows(n_heads, n_groups)
    n_blocks, n_keys = blocks.keys_BS.shape
    q = q_NHE.reshape(-1, width).index_select(0, rows.queries).view(n_groups * n_blocks, -1, width)
    k, v = (
        x.reshape(-1, width).index_select(0, rows.keys).view(n_groups * n_blocks, n_keys, width) for x in (k_NGE, v_NGE)
    )
    mask = blocks.mask(window, n_heads=n_heads, n_groups=n_groups, dtype=q.dtype)
    weights = torch.baddbmm(mask, q, k.mT, alpha=scaling).softmax(-1)
    out = (weights @ v).view(-1, width).index_select(0, rows.out).view(q_NHE.shape)
    return out, Attended(q, k, v, weights)


def attend_backward(
    grad_NHE: torch.Tensor, attended: Attended, blocks: Blocks, *, scaling: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of queries, keys and values; those of the instruction's are summed over all blocks.

    Args:
        grad_NHE: gradient of what `attend` returned, of a sequence that begins with its instruction.
        attended: from `attend`.
        blocks: how the sequence is cut.
        scaling: of the scores.

    Returns:
        Shapes [N, H, E], [N, G, E] and [N, G, E].
    """
    assert blocks.in_sequence, "gradients are of sequences that begin with their instruction"
    (q, k, v, weights), (n_heads, width) = attended, grad_NHE.shape[1:]
    (n_blocks, n_slots), n_groups = blocks.take_BL.shape, len(q) // len(blocks.take_BL)
    rows = blocks.rows(n_heads, n_groups)
    grad = grad_NHE.reshape(-1, width).index_select(0, rows.queries).view(q.shape)
    if blocks.empty_BL is not None:
        by_slot = grad.view(n_groups, n_blocks, -1, n_slots, width)
        by_slot.masked_fill_(blocks.empty_BL[:, None, :, None], 0.0)
    d_scores = torch._softmax_backward_data(grad @ v.mT, weights, -1, weights.dtype)
    dq = torch.baddbmm(q, d_scores, k, beta=0.0, alpha=scaling)
    dk = torch.baddbmm(k, d_scores.mT, q, beta=0.0, alpha=scaling)
    dv = weights.mT @ grad
    dq_NHE = dq.view(-1, width).index_select(0, rows.out).view(grad_NHE.shape)
    return dq_NHE, _summed(dk, blocks, rows, n_groups=n_groups), _summed(dv, blocks, rows, n_groups=n_groups)


def _summed(x: torch.Tensor, blocks: Blocks, rows: Rows, *, n_groups: int) -> torch.Tensor:
    """Gradients of keys, from every block that met them: shape [N, G, E]."""
    width = x.shape[-1]
    before_GPE = x.view(n_groups, -1, *x.shape[1:])[:, :, : blocks.n_before].sum(1)
    own = x.view(-1, width).index_select(0, rows.own).view(-1, n_groups, width)
    return torch.cat([before_GPE.transpose(0, 1), own])


class Attention(torch.autograd.Function):
    """`attend`, for decoder layers that autograd differentiates."""

    @staticmethod
    def forward(  # noqa: PLR0917 (autograd passes by position)
        ctx: Any,
        q_NHE: torch.Tensor,
        k_NGE: torch.Tensor,
        v_NGE: torch.Tensor,
        blocks: Blocks,
        known: Sequence[Keys],
        scaling: float,
        window: Window,
    ) -> torch.Tensor:
        """Shape [N, H, E]."""
        out, attended = attend(q_NHE, k_NGE, v_NGE, blocks, known=known, scaling=scaling, window=window)
        ctx.save_for_backward(*attended)
        ctx.blocks, ctx.scaling = blocks, scaling
        return out

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Gradients of queries, keys and values."""
        attended = Attended(*ctx.saved_tensors)
        return (*attend_backward(grads[0], attended, ctx.blocks, scaling=ctx.scaling), None, None, None, None)
