"""A decoder that answers with one label: shared instruction, one forward pass, logits of the labels alone.

Shape suffixes: B rows, T tokens, K labels, D hidden width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import torch

from suffice.base_models.four_bit import n_bytes
from suffice.base_models.precision import Format
from suffice.predict.frame import Frame
from suffice.predict.layer import at_answers, groups_of
from suffice.predict.linears import lower
from suffice.predict.lora import LoraLinear, LoraShape, attach_lora
from suffice.predict.packed import Behind, Prefix, last_hidden, packed, prefix
from suffice.predict.prepare import compute_again, prepare
from suffice.predict.readout import HeadReadout, TokenReadout
from suffice.predict.scorer import ParameterGroup, Tokens
from suffice.predict.token_ids import token_ids
from suffice.text.token_budget import Budgeted

HEAD_LEARNING_RATE_SCALE = 2.0
"""A head learns at this times the adapter's rate: it is small and has no frozen layer to lean on."""


class CausalScorer:
    """A frozen decoder, its adapter and its readout, behind one instruction."""

    def __init__(
        self,
        model: Any,
        *,
        frame: Frame,
        readout: TokenReadout | HeadReadout,
        lora: LoraShape,
        keep_inputs_alone: bool = False,
    ) -> None:
        """
        Args:
            model: a causal language model; its linear layers get adapters in place.
            frame: what stands around its messages.
            readout: from the last hidden state to K logits.
            lora: size of the adapter.
            keep_inputs_alone: while training, no more of a layer is kept than what went into it; the rest is computed
                again for its gradient.

        Raises:
            ModelError: the model's messages cannot stand in one sequence.
        """
        self._body, self._frame = model.get_decoder(), frame
        self._readout = readout.to(self._body.device)
        self.precision: Format = "bf16" if self._body.dtype == torch.bfloat16 else "fp32"
        self.n_prefix_tokens = len(frame.before)
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
        self.train_mode(False)

    def behind(self, frame: Frame) -> CausalScorer:
        """The same decoder, adapter and readout behind another instruction, for answering; nothing is copied.

        Args:
            frame: what stands around its messages.
        """
        other = copy(self)
        other._frame, other._cache, other.n_prefix_tokens = frame, None, len(frame.before)
        return other

    @property
    def frame(self) -> Frame:
        """What stands around its messages."""
        return self._frame

    @property
    def readout(self) -> TokenReadout | HeadReadout:
        """From the last hidden state to its logits."""
        return self._readout

    @property
    def updates(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """A and B by the name of their layer inside the decoder, shapes [R, I] and [O, R]; kept by `freeze`."""
        return {name: (layer.lora_A.detach(), layer.lora_B.detach()) for name, layer in self.adapters.items()}

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message with what follows it; long messages are shortened, what follows never."""
        return self._frame.tokenise(texts)

    def logits(self, rows: Sequence[Tokens]) -> torch.Tensor:
        """Scores of each label behind the shared instruction, shape [B, K], float32."""
        if self._body.training:
            lower(self._linears)
        known = None if self._body.training else self._prefix()
        batch = packed([Behind(rows=rows, before=self._frame.before, known=known)], device=self._body.device)
        scores_BK: torch.Tensor = self._readout(last_hidden(self._body, batch))
        return scores_BK

    def _prefix(self) -> Prefix:
        """The instruction under the adapter as it is, computed once; while training it is part of every batch."""
        if self._cache is None:
            lower(self._linears)
            self._cache = prefix(self._body, self._frame.before)
        return self._cache

    def trained(self) -> list[ParameterGroup]:
        """The adapter, and the head where there is one."""
        adapter = {f"{name}.lora_A": layer.lora_A for name, layer in self.adapters.items()}
        adapter |= {f"{name}.lora_B": layer.lora_B for name, layer in self.adapters.items()}
        groups = [ParameterGroup(tensors=adapter, learning_rate_scale=1.0)]
        head = dict(self._readout.named_parameters(prefix="head"))
        if head:
            groups.append(ParameterGroup(tensors=head, learning_rate_scale=HEAD_LEARNING_RATE_SCALE))
        return groups

    def reset(self, seed: int) -> None:
        """Draws the adapter anew, and puts the head back to the labels' names."""
        generator = torch.Generator().manual_seed(seed)
        for layer in self.adapters.values():
            layer.reset(generator)
        if isinstance(self._readout, HeadReadout):
            self._readout.reset()
        self._cache = None

    def train_mode(self, training: bool) -> None:
        """Switches dropout of the adapter, and forgets the instruction of the older adapter."""
        self._body.train(training)
        self._cache = None

    def freeze(self) -> None:
        """Makes the adapter part of the base, for answering alone; faster, and equal up to rounding.

        In layers that are not ours, and over a base in four bits, it stays apart.
        """
        self.train_mode(False)
        for group in self._linears:
            group.merge()
        self._linears = [group for group in self._linears if not group.is_merged]


def name_embeddings(model: Any, tokenizer: Any, names: Sequence[str]) -> torch.Tensor:
    """The mean input embedding of each label's name, shape [K, D], float32.

    Args:
        model: a causal language model.
        tokenizer: the model's own.
        names: label names, length K.
    """
    table_VD = model.get_input_embeddings().weight
    spoken = token_ids(tokenizer, [f" {name.replace('_', ' ')}" for name in names])
    return torch.stack([table_VD[list(ids)].float().mean(dim=0) for ids in spoken])
