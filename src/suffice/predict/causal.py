"""A decoder that answers with one label: shared instruction, one forward pass, logits of the labels alone.

Shape suffixes: B rows, T tokens, K labels, D hidden width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import torch

from suffice.predict.adapted import AdaptedDecoder
from suffice.predict.frame import Frame
from suffice.predict.lora import LoraShape
from suffice.predict.packed import last_hidden
from suffice.predict.readout import HeadReadout, TokenReadout
from suffice.predict.scorer import ParameterGroup, Tokens
from suffice.predict.token_ids import token_ids
from suffice.text.token_budget import Budgeted

HEAD_LEARNING_RATE_SCALE = 2.0
"""A head learns at this times the adapter's rate: it is small and has no frozen layer to lean on."""


class CausalScorer(AdaptedDecoder):
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
        super().__init__(model, before=frame.before, lora=lora, keep_inputs_alone=keep_inputs_alone)
        self._frame = frame
        self._readout = readout.to(self._body.device)
        self.train_mode(False)

    def behind(self, frame: Frame) -> CausalScorer:
        """The same decoder, adapter and readout behind another instruction, for answering; nothing is copied.

        Args:
            frame: what stands around its messages.
        """
        other = copy(self)
        other._frame, other._before, other._cache = frame, frame.before, None
        other.n_prefix_tokens = len(frame.before)
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
        scores_BK: torch.Tensor = self._readout(last_hidden(self._body, self._batch(rows)))
        return scores_BK

    def trained(self) -> list[ParameterGroup]:
        """The adapter, and the head where there is one."""
        groups = super().trained()
        head = dict(self._readout.named_parameters(prefix="head"))
        if head:
            groups.append(ParameterGroup(tensors=head, learning_rate_scale=HEAD_LEARNING_RATE_SCALE))
        return groups

    def reset(self, seed: int) -> None:
        """Draws the adapter anew, and puts the head back to the labels' names."""
        super().reset(seed)
        if isinstance(self._readout, HeadReadout):
            self._readout.reset()

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
