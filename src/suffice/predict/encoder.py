"""A sentence encoder: mean-pooled token states, as an embedding or behind a trained head.

Shape suffixes: B rows, T tokens, K labels, D hidden width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.base_models.precision import Format
from suffice.predict.batching import by_length, padded
from suffice.predict.reading import special_tokens
from suffice.predict.readout import HeadReadout
from suffice.predict.scorer import ParameterGroup, Tokens
from suffice.predict.token_ids import token_ids
from suffice.records.task import TooLong
from suffice.text.token_budget import Budgeted, within_budget

Pooling = Literal["mean", "cls"]

HEAD_SCALE = 16.0
"""Logits begin as this times the cosine between message and label name: a softmax over cosines alone is flat."""


class SentenceEncoder:
    """A pre-trained encoder whose pooled states have unit length.

    Source: Reimers and Gurevych 2019, Sentence-BERT, section 3 (mean pooling).
    """

    def __init__(self, model: Any, tokenizer: Any, *, pooling: Pooling, context_tokens: int, too_long: TooLong) -> None:
        """
        Args:
            model: an encoder that gives one state per token.
            tokenizer: the model's own.
            pooling: how token states become one: their mean, or the first one.
            context_tokens: the most tokens that are read, special ones included; within the model's own limit.
            too_long: what becomes of longer messages.
        """
        self.model, self._tokenizer, self._pooling, self._too_long = model, tokenizer, pooling, too_long
        self._first, self._last = special_tokens(tokenizer)
        self._limit = context_tokens - len(self._first) - len(self._last)
        self._pad = tokenizer.pad_token_id or 0

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message between the encoder's special tokens."""
        encoded = token_ids(self._tokenizer, texts)
        kept = [
            within_budget(ids, limit=self._limit, policy=self._too_long, text=text)
            for ids, text in zip(encoded, texts, strict=True)
        ]
        return [Budgeted(ids=(*self._first, *k.ids, *self._last), truncated=k.truncated) for k in kept]

    def pooled(self, rows: Sequence[Tokens]) -> torch.Tensor:
        """Unit-length embedding of each row, shape [B, D], float32."""
        ids_BT, lengths_B = padded(rows, pad=self._pad)
        mask_BT = (torch.arange(ids_BT.shape[1]) < lengths_B[:, None]).to(self.model.device)
        states_BTD = self.model(input_ids=ids_BT.to(self.model.device), attention_mask=mask_BT.long())[0].float()
        if self._pooling == "cls":
            return torch.nn.functional.normalize(states_BTD[:, 0], dim=1)
        mean_BD = (states_BTD * mask_BT[:, :, None]).sum(dim=1) / lengths_B[:, None].to(self.model.device)
        return torch.nn.functional.normalize(mean_BD, dim=1)

    def embed(self, rows: Sequence[Tokens], *, done: Callable[[int], None] = lambda n: None) -> NDArray[np.float32]:
        """Embeddings of all rows in the order given, shape [N, D].

        Args:
            rows: token ids of each row, length N.
            done: called with the number of rows finished since the last call.
        """
        out = np.empty((len(rows), self.model.config.hidden_size), dtype=np.float32)
        with torch.inference_mode():
            for batch in by_length([len(row) for row in rows]):
                out[batch] = self.pooled([rows[i] for i in batch]).cpu().numpy()
                done(len(batch))
        return out


class EncoderScorer:
    """An encoder trained whole, with a head that begins at the embeddings of the label names."""

    n_prefix_tokens = 0
    flops_per_row = 0.0

    def __init__(self, encoder: SentenceEncoder, names: Sequence[str], *, precision: Format) -> None:
        """
        Args:
            encoder: the pre-trained encoder, float32; trained in place.
            names: label names, length K.
            precision: what is multiplied in (weights, their update and all sums of squares stay float32).
        """
        self._encoder, self.precision = encoder, precision
        spoken = [row.ids for row in encoder.tokenise([name.replace("_", " ") for name in names])]
        encoder.model.eval()
        self._readout = HeadReadout(torch.from_numpy(encoder.embed(spoken))).to(encoder.model.device)
        weights = [m.weight.numel() for m in encoder.model.modules() if isinstance(m, torch.nn.Linear)]
        self.flops_per_token = 6.0 * sum(weights)
        self._start = {name: p.detach().clone() for name, p in encoder.model.named_parameters()}

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context."""
        return self._encoder.tokenise(texts)

    def logits(self, rows: Sequence[Tokens]) -> torch.Tensor:
        """Scores of each label, shape [B, K], float32."""
        with torch.autocast(self._encoder.model.device.type, dtype=torch.bfloat16, enabled=self.precision == "bf16"):
            pooled_BD = self._encoder.pooled(rows)
        scores_BK: torch.Tensor = self._readout(pooled_BD) * HEAD_SCALE
        return scores_BK

    def trained(self) -> list[ParameterGroup]:
        """The whole encoder, and the head at a higher rate: it is small and begins far from done."""
        body = {f"encoder.{name}": p for name, p in self._encoder.model.named_parameters()}
        head = dict(self._readout.named_parameters(prefix="head"))
        return [
            ParameterGroup(tensors=body, learning_rate_scale=1.0),
            ParameterGroup(tensors=head, learning_rate_scale=10.0),
        ]

    def reset(self, seed: int) -> None:
        """Back to the pre-trained weights; the head has nothing random in it, so that the seed decides order alone."""
        del seed
        with torch.no_grad():
            for name, parameter in self._encoder.model.named_parameters():
                parameter.copy_(self._start[name]).requires_grad_(True)
        self._readout.reset()

    def train_mode(self, training: bool) -> None:
        """Switches dropout."""
        self._encoder.model.train(training)
