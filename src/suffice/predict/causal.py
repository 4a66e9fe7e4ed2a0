"""A decoder that answers with one label: shared instruction, one forward pass, logits of the labels alone.

Shape suffixes: B rows, T tokens, K labels, D hidden width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from suffice.kinds.classify import Prompt, render
from suffice.predict.layer import Layer
from suffice.predict.lora import LoraLinear, LoraShape, attach_lora, lower
from suffice.predict.packed import Prefix, last_hidden, packed
from suffice.predict.prepare import prepare
from suffice.predict.reading import bos, room
from suffice.predict.readout import HeadReadout, TokenReadout
from suffice.predict.scorer import ParameterGroup, Tokens
from suffice.predict.token_ids import token_ids
from suffice.records.task import TooLong
from suffice.text.token_budget import Budgeted, within_budget

HEAD_LEARNING_RATE_SCALE = 2.0
"""A head learns at this times the adapter's rate: it is small and has no frozen layer to lean on."""


class CausalScorer:
    """A frozen decoder, its adapter and its readout, behind one instruction."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        prompt: Prompt,
        readout: TokenReadout | HeadReadout,
        lora: LoraShape,
        model_context: int,
        context_tokens: int,
        too_long: TooLong,
    ) -> None:
        """
        Args:
            model: a causal language model; its linear layers get adapters in place.
            tokenizer: the model's own.
            prompt: what stands around every message.
            readout: from the last hidden state to K logits.
            lora: size of the adapter.
            model_context: the model's own limit, instruction included.
            context_tokens: the most tokens of a message that are read, within the model's own limit.
            too_long: what becomes of longer messages.

        Raises:
            TaskError: the instruction leaves no room for a message.
            ModelError: the model's messages cannot stand in one sequence.
        """
        self._body, self._tokenizer, self._too_long = model.get_decoder(), tokenizer, too_long
        self._readout = readout.to(self._body.device)
        self._before = (*bos(tokenizer), *_ids(tokenizer, prompt.before))
        self._after_text = prompt.after
        self._after = _ids(tokenizer, prompt.after)
        self.n_prefix_tokens = len(self._before)
        self._limit = room(model_context, len(self._before), context_tokens)
        model.requires_grad_(False)
        self.base_bytes = sum(p.numel() * p.element_size() for p in model.parameters())
        self.adapters: dict[str, LoraLinear] = attach_lora(self._body, lora)
        self.flops_per_token = 4.0 * sum(adapter.base.weight.numel() for adapter in self.adapters.values())
        prepare(model)
        ours = [layer for layer in self._body.layers if isinstance(layer, Layer)]
        self._linears = [group for layer in ours for group in layer.groups]
        self._cache: Prefix | None = None
        self.train_mode(False)

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message with what follows it; long messages are shortened, what follows never."""
        encoded = token_ids(self._tokenizer, [render(text) + self._after_text for text in texts])
        return [self._budgeted(ids, text) for ids, text in zip(encoded, texts, strict=True)]

    def _budgeted(self, ids: Tokens, text: str) -> Budgeted:
        if len(ids) <= self._limit:
            return Budgeted(ids=ids, truncated=False)
        left = self._limit - len(self._after)
        kept = within_budget(_ids(self._tokenizer, render(text)), limit=left, policy=self._too_long, text=text)
        return Budgeted(ids=(*kept.ids, *self._after), truncated=kept.truncated)

    def logits(self, rows: Sequence[Tokens]) -> torch.Tensor:
        """Scores of each label behind the shared instruction, shape [B, K], float32."""
        if self._body.training:
            lower(self._linears)
        known = None if self._body.training else self._prefix()
        batch = packed(rows, before=self._before, known=known, device=self._body.device)
        scores_BK: torch.Tensor = self._readout(last_hidden(self._body, batch))
        return scores_BK

    def _prefix(self) -> Prefix:
        """The instruction under the adapter as it is, computed once; while training it is part of every batch."""
        if self._cache is None:
            lower(self._linears)
            alone = packed([], before=self._before, known=None, device=self._body.device)
            with torch.inference_mode():
                last_hidden(self._body, alone)
            self._cache = alone.seen
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

        In layers that are not ours it stays apart.
        """
        self.train_mode(False)
        for group in self._linears:
            group.freeze()
        self._linears = []


def name_embeddings(model: Any, tokenizer: Any, names: Sequence[str]) -> torch.Tensor:
    """The mean input embedding of each label's name, shape [K, D], float32.

    Args:
        model: a causal language model.
        tokenizer: the model's own.
        names: label names, length K.
    """
    table_VD = model.get_input_embeddings().weight
    spoken = [_ids(tokenizer, f" {name.replace('_', ' ')}") for name in names]
    return torch.stack([table_VD[list(ids)].float().mean(dim=0) for ids in spoken])


def _ids(tokenizer: Any, text: str) -> Tokens:
    return token_ids(tokenizer, [text])[0]
