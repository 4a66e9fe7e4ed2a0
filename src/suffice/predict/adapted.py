"""A frozen decoder with an adapter that is trained: what all that learns over a language model shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from suffice.base_models.four_bit import n_bytes
from suffice.base_models.precision import Format
from suffice.predict.layer import at_answers, groups_of
from suffice.predict.linears import lower
from suffice.predict.lora import Adapter, LoraLinear, LoraShape, attach_lora
from suffice.predict.packed import Behind, Packed, Prefix, packed, prefix
from suffice.predict.prepare import compute_again, prepare
from suffice.predict.scorer import ParameterGroup, Tokens


class AdaptedDecoder:
    """A frozen decoder and its adapter, behind one beginning that all rows share."""

    def __init__(self, model: Any, *, before: Tokens, lora: LoraShape, keep_inputs_alone: bool) -> None:
        """
        Args:
            model: a causal language model; its linear layers get adapters in place.
            before: token ids of what all rows begin with.
            lora: size of the adapter.
            keep_inputs_alone: while training, no more of a layer is kept than what went into it; the rest is computed
                again for its gradient.

        Raises:
            ModelError: the model's messages cannot stand in one sequence.
        """
        self._body, self._before, self._shape = model.get_decoder(), before, lora
        self.n_prefix_tokens = len(before)
        self.precision: Format = "bf16" if self._body.dtype == torch.bfloat16 else "fp32"
        model.requires_grad_(False)
        self.base_bytes = n_bytes(model)
        self.adapters: dict[str, LoraLinear] = attach_lora(self._body, lora)
        bases = [adapter.base for adapter in self.adapters.values()]
        n_weights = sum(base.in_features * base.out_features for base in bases)
        prepare(model)
        n_at_answers = sum(group.n_weights for group in at_answers(self._body))
        self.flops_per_token, self.flops_per_row = 4.0 * (n_weights - n_at_answers), 4.0 * n_at_answers
        if keep_inputs_alone:
            compute_again(self._body)
        self._linears = groups_of(self._body)
        self._cache: Prefix | None = None

    def _batch(self, rows: Sequence[Tokens], *, n_read: Sequence[int] | None = None) -> Packed:
        """Rows behind what all begin with: that is known, or while training part of the batch."""
        if self._body.training:
            lower(self._linears)
        known = None if self._body.training else self._prefix()
        part = Behind(rows=rows, before=self._before, known=known, n_read=n_read)
        return packed([part], device=self._body.device)

    def _prefix(self) -> Prefix:
        """What all begin with under the adapter as it is, computed once."""
        if self._cache is None:
            lower(self._linears)
            self._cache = prefix(self._body, self._before)
        return self._cache

    def trained(self) -> list[ParameterGroup]:
        """The adapter."""
        adapter = {f"{name}.lora_A": layer.lora_A for name, layer in self.adapters.items()}
        adapter |= {f"{name}.lora_B": layer.lora_B for name, layer in self.adapters.items()}
        return [ParameterGroup(tensors=adapter, learning_rate_scale=1.0)]

    def reset(self, seed: int) -> None:
        """Draws the adapter anew.

        Args:
            seed: of the draws.
        """
        generator = torch.Generator().manual_seed(seed)
        for layer in self.adapters.values():
            layer.reset(generator)
        self._cache = None

    def train_mode(self, training: bool) -> None:
        """Switches dropout of the adapter, and forgets what the older adapter made of the beginning."""
        self._body.train(training)
        self._cache = None

    def adapter(self) -> Adapter:
        """A copy of the adapter as it is."""
        tensors = {
            name: (layer.lora_A.detach().clone(), layer.lora_B.detach().clone())
            for name, layer in self.adapters.items()
        }
        return Adapter(shape=self._shape, tensors=tensors)
