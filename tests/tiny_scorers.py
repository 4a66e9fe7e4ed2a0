"""Scorers over the tiny models, and the plain computation that they must agree with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from suffice.base_models.folder import described
from suffice.base_models.load import load_causal, load_encoder
from suffice.kinds.classify import prompt
from suffice.predict.causal import CausalScorer, name_embeddings
from suffice.predict.encoder import EncoderScorer, SentenceEncoder
from suffice.predict.frame import Frame
from suffice.predict.label_tokens import choose_label_tokens
from suffice.predict.lora import LoraShape
from suffice.predict.prepare import NAME
from suffice.predict.readout import HeadReadout, TokenReadout
from suffice.records.labels import LabelSet

LABELS = LabelSet.of(["card_declined", "refund", "transfer_pending", "exchange_rate"])
INSTRUCTION = "Sort the message into one category. Answer with the category only."
LORA = LoraShape(rank=4, alpha=8.0, dropout=0.0)


@dataclass
class TinyCausal:
    """A scorer and what it was made of."""

    scorer: CausalScorer
    frame: Frame
    model: Any
    tokenizer: Any
    before: str
    after: str
    readout: TokenReadout | HeadReadout
    token_ids: tuple[int, ...]
    layers: list[Any]
    """Those of transformers, adapters included, that ours stand in for."""

    def plain_logits(self, text: str) -> torch.Tensor:
        """One row, the whole prompt at once, no cache, all of the vocabulary's logits; shape [K]."""
        ids = self.tokenizer(f"{self.before} {text}{self.after}").input_ids
        layers = self.model.get_decoder().layers
        ours = list(layers)
        for at, layer in enumerate(self.layers):
            layers[at] = layer
        self.model.set_attn_implementation("eager")
        said = self.model(input_ids=torch.tensor([ids]), use_cache=False, output_hidden_states=True)
        self.model.set_attn_implementation(NAME)
        for at, layer in enumerate(ours):
            layers[at] = layer
        if isinstance(self.readout, TokenReadout):
            return said.logits[0, -1, list(self.token_ids)]
        return self.readout.weight_KD @ said.hidden_states[-1][0, -1] + self.readout.bias_K


def tiny_causal(
    folder: Path,
    *,
    head: bool = False,
    instruction: str = INSTRUCTION,
    lora: LoraShape = LORA,
    context_tokens: int = 128,
    too_long: Any = "head_tail",
    precision: Any = "fp32",
    labels: LabelSet = LABELS,
    keep_inputs_alone: bool = False,
    weights: Any = "full",
) -> TinyCausal:
    """A scorer whose adapter has been drawn with seed 0 and changes nothing yet."""
    files = described(folder, name="tiny", source="path", origin="tiny")
    loaded = load_causal(files, precision=precision, weights=weights)
    frame = prompt(instruction)
    tokens = choose_label_tokens(loaded.tokenizer, labels, after=frame.after)
    readout: TokenReadout | HeadReadout
    if head:
        readout = HeadReadout(name_embeddings(loaded.model, loaded.tokenizer, labels.names))
    else:
        readout = TokenReadout(loaded.model.get_output_embeddings().weight, tokens.ids)
    around = Frame(
        loaded.tokenizer, frame, model_context=loaded.context, context_tokens=context_tokens, too_long=too_long
    )
    layers = list(loaded.model.get_decoder().layers)
    scorer = CausalScorer(loaded.model, frame=around, readout=readout, lora=lora, keep_inputs_alone=keep_inputs_alone)
    scorer.reset(0)
    return TinyCausal(
        scorer, around, loaded.model, loaded.tokenizer, frame.before, frame.after, readout, tokens.ids, layers
    )


def disturb(scorer: CausalScorer, *, seed: int = 1) -> None:
    """Gives the adapter an update that matters, as training would."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for group in scorer.trained():
            for parameter in group.tensors.values():
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    scorer.train_mode(False)


def tiny_encoder(
    folder: Path, *, context_tokens: int = 48, too_long: Any = "head_tail", pooling: Any = "mean"
) -> SentenceEncoder:
    """The tiny BERT as a sentence encoder."""
    loaded = load_encoder(described(folder, name="tiny", source="path", origin="tiny"), precision="fp32")
    return SentenceEncoder(
        loaded.model, loaded.tokenizer, pooling=pooling, context_tokens=context_tokens, too_long=too_long
    )


def tiny_encoder_scorer(folder: Path, *, names: Sequence[str] = LABELS.names, precision: Any = "fp32") -> EncoderScorer:
    """The tiny BERT with a label head."""
    scorer = EncoderScorer(tiny_encoder(folder), names, precision=precision)
    scorer.reset(0)
    return scorer
