"""A decoder that learns to write completions: the loss of every token that it is to write.

Rows are packed behind what all begin with, as messages are; the output layer is computed at the tokens that predict
the completion's, and nowhere else.

Shape suffixes: M tokens of completions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import torch

from suffice.predict.adapted import AdaptedDecoder
from suffice.predict.lora import LoraShape
from suffice.predict.output_layer import OutputLayer
from suffice.predict.packed import last_hidden
from suffice.predict.scorer import Tokens


class CausalWriter(AdaptedDecoder):
    """A frozen decoder, its adapter and its output layer."""

    def __init__(self, model: Any, *, before: Tokens, lora: LoraShape, keep_inputs_alone: bool = False) -> None:
        """
        Args:
            model: a causal language model; its linear layers get adapters in place.
            before: token ids of what all prompts begin with; it may be nothing.
            lora: size of the adapter.
            keep_inputs_alone: while training, no more of a layer is kept than what went into it; the rest is computed
                again for its gradient.

        Raises:
            ModelError: the model's messages cannot stand in one sequence, or its logits are changed behind the output
                layer.
        """
        super().__init__(model, before=before, lora=lora, keep_inputs_alone=keep_inputs_alone)
        self._output = OutputLayer(model)
        self.train_mode(False)

    def losses(self, prompts: Sequence[Tokens], completions: Sequence[Tokens]) -> torch.Tensor:
        """Cross-entropy of every token of the completions, one row after another, shape [M], nats.

        Args:
            prompts: whole, what all begin with included.
            completions: what is to be written behind each, at least one token; the one that ends it is its last.
        """
        n_before = len(self._before)
        # What predicts the last token is the one before it: the last one is read by nobody.
        rows = [(*prompt[n_before:], *completion[:-1]) for prompt, completion in zip(prompts, completions, strict=True)]
        batch = self._batch(rows, n_read=[len(completion) for completion in completions])
        said_M = torch.tensor(list(chain.from_iterable(completions)), device=self._body.device)
        return self._output.losses(last_hidden(self._body, batch), said_M)
