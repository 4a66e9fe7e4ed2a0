"""From the last hidden state to one logit per label: the model's own token embeddings, or a trained head.

Shape suffixes: B rows, K labels, D hidden width.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class TokenReadout(nn.Module):
    """Frozen: the rows of the model's output layer that belong to the labels' tokens, and only those."""

    def __init__(self, output_VD: torch.Tensor, token_ids: Sequence[int]) -> None:
        """
        Args:
            output_VD: weight of the output layer, shape [V, D].
            token_ids: token of each label, length K.
        """
        super().__init__()
        self.register_buffer("weight_KD", output_VD[list(token_ids)].detach().float(), persistent=False)
        self.weight_KD: torch.Tensor

    def forward(self, hidden_BD: torch.Tensor) -> torch.Tensor:
        """Logits of the labels' tokens, shape [B, K], float32."""
        return hidden_BD.float() @ self.weight_KD.T


class HeadReadout(nn.Module):
    """Trained: one row per label, begun at the mean input embedding of the label's name."""

    def __init__(self, names_KD: torch.Tensor) -> None:
        """
        Args:
            names_KD: where the rows begin, shape [K, D].
        """
        super().__init__()
        self.register_buffer("names_KD", names_KD.detach().float(), persistent=False)
        self.names_KD: torch.Tensor
        self.weight_KD = nn.Parameter(self.names_KD.clone())
        self.bias_K = nn.Parameter(torch.zeros(len(names_KD)))

    def reset(self) -> None:
        """Puts the head back to the labels' names."""
        with torch.no_grad():
            self.weight_KD.copy_(self.names_KD)
            self.bias_K.zero_()

    def forward(self, hidden_BD: torch.Tensor) -> torch.Tensor:
        """Logits of the labels, shape [B, K], float32."""
        return hidden_BD.float() @ self.weight_KD.T + self.bias_K
