"""The shape of a language model, as its configuration states it: what memory can be planned from before it is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Sizes of a decoder with gated layers, as in the Llama family."""

    n_layers: int
    """Decoder layers."""
    hidden: int
    """Width of the hidden state."""
    intermediate: int
    """Width inside the gated layer."""
    n_heads: int
    """Query heads."""
    n_key_heads: int
    """Heads of keys and values, which query heads share."""
    head_width: int
    """Width of a head."""
    vocabulary: int
    """Tokens of the embedding table."""
    tied: bool
    """Whether the output layer is the embedding table itself."""
    stored: str = "bfloat16"
    """Number format of the weights on disk, in the words of `config.json`."""

    @property
    def linear(self) -> tuple[tuple[int, int], ...]:
        """Inputs and outputs of each linear layer of one decoder layer: q, k, v, o, gate, up, down."""
        queries, keys = self.n_heads * self.head_width, self.n_key_heads * self.head_width
        attention = ((self.hidden, queries), (self.hidden, keys), (self.hidden, keys), (queries, self.hidden))
        up = (self.hidden, self.intermediate)
        return (*attention, up, up, (self.intermediate, self.hidden))

    @property
    def n_linear(self) -> int:
        """Weights of all linear layers of the decoder."""
        return self.n_layers * sum(n_in * n_out for n_in, n_out in self.linear)

    @property
    def n_embedded(self) -> int:
        """Weights of the embedding table, and of the output layer where it is another."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    def n_adapted(self, rank: int) -> int:
        """Parameters of an adapter on every linear layer.

        Args:
            rank: of the adapter.
        """
        return self.n_layers * rank * sum(n_in + n_out for n_in, n_out in self.linear)


def shape_of(config: Mapping[str, Any]) -> Shape | None:
    """The shape that a `config.json` states, or None where it states another kind of model.

    Args:
        config: its content.
    """
    if any("expert" in key for key in config):  # Not every token passes through every weight.
        return None
    try:
        n_heads = int(config["num_attention_heads"])
        return Shape(
            n_layers=int(config["num_hidden_layers"]),
            hidden=int(config["hidden_size"]),
            intermediate=int(config["intermediate_size"]),
            n_heads=n_heads,
            n_key_heads=int(config.get("num_key_value_heads") or n_heads),
            head_width=int(config.get("head_dim") or int(config["hidden_size"]) // n_heads),
            vocabulary=int(config["vocab_size"]),
            # Where it says nothing, the architecture's own default holds: of these families, Gemma alone ties them.
            stored=str(config.get("dtype") or config.get("torch_dtype") or "float32"),
            tied=bool(config.get("tie_word_embeddings", str(config.get("model_type")).startswith("gemma"))),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
