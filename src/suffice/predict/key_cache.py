"""Keys and values of rows that are being written, and one more token of each.

Rows of different lengths stand side by side without padding anywhere but here: linear layers see one token of each,
attention meets the instruction's keys once for all rows and, of its own, as many keys as the longest row has.

Shape suffixes: B rows under way, P tokens of the instruction, S positions behind it, H query heads, G key heads,
J = H / G, E width of a head, N = B tokens of a step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from suffice.predict.attention import KEYS_STEP, Keys, Window
from suffice.predict.linears import Added


class KeyCache:
    """What every row has seen of itself; the row in place b is row b of a step."""

    def __init__(self, before: dict[int, Keys], *, n_rows: int) -> None:
        """
        Args:
            before: the instruction's keys and values, which tell shape and number format as well.
            n_rows: the most rows that are under way at a time.
        """
        self.before, self.n_before = before, len(next(iter(before.values())).k)
        self._n_positions = 0
        self._own = {
            layer: Keys(*(x.new_zeros(n_rows, x.shape[1], 0, x.shape[2]) for x in keys))
            for layer, keys in before.items()
        }

    @torch.inference_mode()
    def fit(self, n_tokens: int) -> int:
        """Makes room for the longest row and for no more; the positions that there are then, S.

        All of them take part in every product: a part of a longer matrix would be copied for each, which takes longer
        than multiplying it (192 products with three queries and 256 keys in bf16: 2.1 ms, and 0.7 with the whole).

        Args:
            n_tokens: the most tokens of a row behind the instruction.
        """
        n_positions = math.ceil((self.n_before + n_tokens) / KEYS_STEP) * KEYS_STEP - self.n_before
        n_kept = min(n_positions, self._n_positions)
        if n_positions != self._n_positions:
            for layer, keys in self._own.items():
                # Zeros: what is hidden is multiplied by nought all the same.
                new = Keys(*(x.new_zeros(*x.shape[:2], n_positions, x.shape[3]) for x in keys))
                for larger, own in zip(new, keys, strict=True):
                    larger[:, :, :n_kept] = own[:, :, :n_kept]
                self._own[layer] = new
            self._n_positions = n_positions
        return n_positions

    @torch.inference_mode()
    def put(self, seen: dict[int, Keys], *, rows: Sequence[int], lengths: Sequence[int]) -> None:
        """Takes over the prompts of new rows.

        Args:
            seen: keys and values of their tokens behind the instruction, one row after another.
            rows: the place of each.
            lengths: tokens of each.
        """
        self.fit(max(*lengths, self._n_positions))
        device = next(iter(seen.values())).k.device
        row_N = torch.tensor([row for row, n in zip(rows, lengths, strict=True) for _ in range(n)], device=device)
        position_N = torch.tensor([position for n in lengths for position in range(n)], device=device)
        for layer, keys in seen.items():
            for own, new in zip(self._own[layer], keys, strict=True):
                own[row_N, :, position_N] = new

    @torch.inference_mode()
    def move(self, source: int, target: int, *, length: int) -> None:
        """Puts a row into the place of one that has left.

        Args:
            source: where it is.
            target: where it is to be.
            length: its tokens behind the instruction.
        """
        for keys in self._own.values():
            for own in keys:
                own[target, :, :length] = own[source, :, :length]

    def at(self, layer: int) -> Keys:
        """Keys and values at one layer, shape [rows, G, S, E]; written to by steps."""
        return self._own[layer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One token of every row under way."""

    ids_N: torch.Tensor
    """Token ids."""
    positions_N: torch.Tensor
    """Position of each token behind the beginning of the instruction."""
    cache: KeyCache
    """What the rows have seen; the token's own keys are put into it layer by layer."""
    n_before: int
    """Tokens of the instruction, P."""
    n_keys: int
    """Keys that a row meets of its own, S."""
    length_B: torch.Tensor
    """Tokens of each row behind the instruction, this one apart."""
    row_B: torch.Tensor
    """Place of each row."""
    last_M: None = None
    """All tokens are read."""
    blocks: None = None
    """It is not cut."""
    by_token: tuple[Added, ...] = ()
    """Nothing is added to the layers' own adapters."""
    by_message: tuple[Added, ...] = ()
    """Nothing is added to the layers' own adapters."""
    _masks: dict[tuple[Window, torch.dtype], torch.Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, tokens: Sequence[int], lengths: Sequence[int], *, cache: KeyCache, device: torch.device) -> Step:
        """The next token of every row.

        Args:
            tokens: what it is, length B.
            lengths: tokens of each row behind the instruction, this one apart; length B.
            cache: what the rows have seen.
            device: where the model computes.
        """
        length_B = torch.tensor(lengths, device=device)
        return cls(
            ids_N=torch.tensor(tokens, device=device),
            positions_N=length_B + cache.n_before,
            cache=cache,
            n_before=cache.n_before,
            n_keys=cache.fit(max(lengths) + 1),
            length_B=length_B,
            row_B=torch.arange(len(tokens), device=device),
        )

    def attend(
        self,
        q_NHE: torch.Tensor,
        k_NGE: torch.Tensor,
        v_NGE: torch.Tensor,
        *,
        layer: int,
        scaling: float,
        window: Window,
    ) -> tuple[torch.Tensor, None]:
        """What every row's token makes of the instruction and of its own row, shape [N, H, E].

        Args:
            q_NHE: queries.
            k_NGE: keys.
            v_NGE: values.
            layer: its number.
            scaling: of the scores.
            window: how far back a token sees.
        """
        (n_rows, n_heads, width), n_groups = q_NHE.shape, k_NGE.shape[1]
        n_shared, before = n_heads // n_groups, self.cache.before[layer]
        own = self.cache.at(layer)
        for kept, new in zip(own, (k_NGE, v_NGE), strict=True):
            kept[self.row_B, :, self.length_B] = new
        k, v = (x[:n_rows].flatten(0, 1) for x in own)
        q = q_NHE.reshape(n_rows * n_groups, n_shared, width)
        shape, turned = (n_rows, n_groups, n_shared, -1), (n_groups, n_rows * n_shared, -1)
        # The instruction's keys are the same for all rows: one product for each head of theirs.
        of_before = q.view(shape).transpose(0, 1).reshape(turned) @ before.k.permute(1, 2, 0)
        scores = torch.cat(
            [of_before.view(n_groups, n_rows, n_shared, -1).transpose(0, 1), (q @ k.mT).view(shape)], dim=-1
        )
        weights = scores.mul_(scaling).add_(self._mask(window, scores.dtype)).softmax(-1)
        to_before, to_own = weights.split_with_sizes([self.n_before, self.n_keys], dim=-1)
        out = (to_own.reshape(len(q), n_shared, -1) @ v).view(shape)
        more = to_before.transpose(0, 1).reshape(n_groups, n_rows * n_shared, self.n_before) @ before.v.transpose(0, 1)
        out = out + more.view(n_groups, n_rows, n_shared, width).transpose(0, 1)
        return out.reshape(q_NHE.shape), None

    def _mask(self, window: Window, dtype: torch.dtype) -> torch.Tensor:
        """Minus infinity where a row's token may not look, else 0; shape [B, 1, 1, P + S], made once for all layers."""
        if (window, dtype) not in self._masks:
            position_K = torch.arange(self.n_before + self.n_keys, device=self.length_B.device)
            back_BK = self.positions_N[:, None] - position_K
            hidden_BK = back_BK < 0 if window is None else (back_BK < 0) | (back_BK >= window)
            zeros_BK = torch.zeros(hidden_BK.shape, dtype=dtype, device=hidden_BK.device)
            self._masks[window, dtype] = zeros_BK.masked_fill_(hidden_BK, -torch.inf)[:, None, None]
        return self._masks[window, dtype]
