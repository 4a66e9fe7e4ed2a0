"""What the benchmarks of speed are measured on: Banking77 behind a short and a long instruction."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suffice.base_models import Causal, Format, find_here, load_causal, locate
from suffice.kinds.classify import prompt, render
from suffice.kinds.prompts import Prompt
from suffice.predict.causal import CausalScorer, name_embeddings
from suffice.predict.frame import Frame
from suffice.predict.label_tokens import LabelTokens, choose_label_tokens
from suffice.predict.lora import LoraShape
from suffice.predict.readout import HeadReadout, TokenReadout
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT

SHORT = (
    "You sort messages that customers of a bank write to its support. Read the message and decide what it is about. "
    "Answer with the one category that fits it best and with nothing else, even where the message is short or unclear. "
    "There are seventy-seven categories."
)
LORA = LoraShape(rank=16, alpha=32.0, dropout=0.0)
MODEL_FILES = {
    "smollm2-135m": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "gemma3-270m": "gemma-3-270m.Q4_K_M.gguf",
    "qwen2.5-0.5b": "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf",
    "qwen2.5-1.5b": "Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf",
}
"""Base models by their names in the catalogue, with the file in `SUFFICE_MODEL_FILES` that does as well."""


def here(base: str) -> str | None:
    """What `locate` takes for a base model that is on this machine, or None.

    Args:
        base: a name in the catalogue, or a folder or file.
    """
    if find_here(base) is not None:
        return base
    files = Path(os.environ.get("SUFFICE_MODEL_FILES") or "~/.cache/suffice-model-files").expanduser()
    file = files / MODEL_FILES.get(base, "")
    return str(file) if file.is_file() else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Banking77:
    """Messages and labels."""

    texts: list[str]
    y: list[int]
    """Label codes."""
    labels: LabelSet

    @classmethod
    def read(cls, data: Path | None, split: str) -> Banking77:
        """The rows of a split in the order of the file."""
        if data is None:
            raise SystemExit("Banking77 is wanted: name the folder of the data sets with --data or SUFFICE_DATA")
        lines = (data / "banking77" / "banking77.jsonl").read_text(encoding="utf-8").splitlines()
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
        labels = LabelSet.of(sorted({row["label"] for row in rows}))
        kept = [row for row in rows if row["split"] == split]
        return cls(texts=[r["text"] for r in kept], y=[labels.names.index(r["label"]) for r in kept], labels=labels)

    def instruction(self, length: str) -> str:
        """Some sixty tokens, or some four hundred and eighty with the list of labels."""
        spoken = "".join(f"\n- {name.replace('_', ' ')}" for name in self.labels.names)
        return SHORT if length == "short" else f"{SHORT} They are:{spoken}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompted:
    """A base model with the words around every message."""

    loaded: Causal
    frame: Prompt
    tokens: LabelTokens
    labels: LabelSet

    @classmethod
    def load(cls, base: str, instruction: str, labels: LabelSet, *, precision: Format) -> Prompted:
        """The base model from this machine."""
        located = locate(here(base) or base, progress=SILENT)
        loaded, frame = load_causal(located, precision=precision), prompt(instruction)
        tokens = choose_label_tokens(loaded.tokenizer, labels, after=frame.after)
        return cls(loaded=loaded, frame=frame, tokens=tokens, labels=labels)

    def around(self) -> Frame:
        """What stands around every message."""
        return Frame(
            self.loaded.tokenizer,
            self.frame,
            model_context=self.loaded.context,
            context_tokens=512,
            too_long="head_tail",
        )

    def readout(self, *, head: bool = False) -> TokenReadout | HeadReadout:
        """The labels' tokens, or a head that is to be trained."""
        if head:
            return HeadReadout(name_embeddings(self.loaded.model, self.loaded.tokenizer, self.labels.names))
        return TokenReadout(self.loaded.model.get_output_embeddings().weight, self.tokens.ids)

    def scorer(self, lora: LoraShape = LORA, *, head: bool = False) -> CausalScorer:
        """Ours, with an adapter that was drawn with seed 0."""
        readout = self.readout(head=head)
        scorer = CausalScorer(self.loaded.model, frame=self.around(), readout=readout, lora=lora)
        scorer.reset(0)
        return scorer

    def whole(self, text: str) -> list[int]:
        """Token ids of the whole prompt, for a peer."""
        ids: list[int] = self.loaded.tokenizer(self.frame.before + render(text) + self.frame.after).input_ids
        return ids
