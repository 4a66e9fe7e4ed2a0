"""How much memory it takes to tune a language model and to answer with it, worked out from its shape alone.

The figures follow what our decoder layer keeps (`_Saved` in `layer.py`); layers of other families are left to autograd,
which keeps more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from suffice.base_models.memory import MAX_PRODUCTS
from suffice.base_models.precision import Device, Format
from suffice.base_models.shape import Shape
from suffice.predict.attention import Part, cut
from suffice.records.task import BaseWeights

PROCESS_BYTES = 590_000_000
"""Python with all libraries loaded and what they set aside: measured on Linux, PyTorch 2.13 for processors."""
TOKENIZER_BYTES = 1_500
"""Of an entry of the vocabulary. A third was measured while training under vocabularies of 49,152 and of 262,144; the
rest when the fitted rung is read anew to be judged, beside memory that the process keeps."""
PACKED_BYTES = 0.5 + 1 / 64
"""Of a weight in four bits: half a byte, and one byte of scale for 64."""
TRAINED_BYTES = 16
"""Of a trained parameter: itself, its gradient, and two averages of AdamW."""
HEAP = 1.3
"""What the C library takes for what layers keep, against its size: 1.1 to 1.25 was measured with SmolLM2-135M, by the
order in which large and small steps came."""
PRODUCT_BYTES = 1_000_000
"""In bfloat16 on a processor the code of the last `MAX_PRODUCTS` products is kept, once by oneDNN and once by the layer
of PyTorch above it: 172 MB of 128 each. A single step brings more than are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """How a model is tuned: everything that its memory depends on."""

    precision: Format
    """What it multiplies in."""
    weights: BaseWeights
    """How its linear layers lie in memory."""
    rank: int
    """Of the adapter."""
    dropout: bool
    """Whether the adapter has any."""
    keeps_inputs_alone: bool
    """Whether layers are computed again for their gradient."""
    device: Device = "cpu"
    """Whose memory is planned; on a graphics card, what the process takes beside it is not counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """What goes through the model at once."""

    n_before: int
    """Tokens of the instruction."""
    lengths: tuple[int, ...]
    """Tokens of each message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """Bytes by what takes them."""

    weights: int
    """Of the base model. Pages of its files that are read once are left out: the system drops them when memory runs
    short."""
    trained: int
    """Adapter, gradients and optimiser."""
    kept: int
    """What layers keep from the forward pass for the backward pass."""
    passing: int
    """What one layer takes while it is computed."""
    process: int
    """Libraries and tokenizer, whatever is computed."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.trained + self.kept + self.passing + self.process


def to_train(shape: Shape, means: Means, rows: Rows) -> Needs:
    """Memory at the height of an optimiser step.

    Args:
        shape: of the base model.
        means: how it is tuned.
        rows: those of one part of the largest step.
    """
    layer = _kept_by_layer(shape, means, rows)
    n_tokens, width = rows.n_before + sum(rows.lengths), _width(means)
    inputs = n_tokens * shape.hidden * width
    kept = shape.n_layers * inputs + layer if means.keeps_inputs_alone else shape.n_layers * layer
    return Needs(
        weights=_weights(shape, means) + _turned(shape, means),
        trained=shape.n_adapted(means.rank) * (TRAINED_BYTES + width),
        kept=int(HEAP * kept),
        passing=_passing(shape, means, rows, n_tokens=n_tokens) + _unpacked(shape, means),
        process=_process(shape, means),
    )


def to_answer(shape: Shape, means: Means, rows: Rows) -> Needs:
    """Memory while many messages are answered at once behind an instruction that is known.

    Args:
        shape: of the base model.
        means: how it was tuned.
        rows: those of the largest batch.
    """
    width, keys = _width(means), 2 * shape.n_key_heads * shape.head_width
    known = shape.n_layers * rows.n_before * keys * width
    return Needs(
        weights=_weights(shape, means),
        trained=shape.n_adapted(means.rank) * (4 + width),
        kept=known + _kept_by_layer(shape, means, rows),
        passing=_passing(shape, means, rows, n_tokens=sum(rows.lengths)) + _unpacked(shape, means),
        process=_process(shape, means),
    )


def _process(shape: Shape, means: Means) -> int:
    if means.device == "cuda":
        return 0
    products = MAX_PRODUCTS * PRODUCT_BYTES if means.precision == "bf16" else 0
    return PROCESS_BYTES + shape.vocabulary * TOKENIZER_BYTES + products


def _width(means: Means) -> int:
    return 2 if means.precision == "bf16" else 4


def _weights(shape: Shape, means: Means) -> int:
    """The base model.

    Weights in the format of their file are left in it, of the embeddings only rows that are met. Layers that
    read the same input are copied side by side, while the C library keeps what they were copied from.
    """
    width = _width(means)
    mapped = means.device == "cpu" and shape.stored == ("bfloat16" if means.precision == "bf16" else "float32")
    embedded = 0 if mapped else shape.n_embedded * width
    if means.weights == "4bit":
        return int(shape.n_linear * PACKED_BYTES) + embedded
    q, k, v, _, gate, up, _ = (n_in * n_out for n_in, n_out in shape.linear)
    copied = shape.n_layers * (q + k + v + gate + up)
    return (shape.n_linear + copied) * width + embedded


def _turned(shape: Shape, means: Means) -> int:
    """The linear layers once more, as `frozen.Reordered` lays them out for the backward pass."""
    packed = means.weights == "full" and means.precision == "bf16" and means.device == "cpu"
    return shape.n_linear * _width(means) if packed else 0


def _unpacked(shape: Shape, means: Means) -> int:
    """The largest group of layers that read one input, apart and joined; nothing where weights are not packed."""
    if means.weights == "full":
        return 0
    return 2 * 2 * shape.hidden * shape.intermediate * _width(means)


def _kept_by_layer(shape: Shape, means: Means, rows: Rows) -> int:
    """What one layer holds of a forward pass."""
    queries, keys = shape.n_heads * shape.head_width, shape.n_key_heads * shape.head_width
    # Input, both normed inputs, the sum between the halves, and the outputs of both; then heads and their mixture;
    # gate and up as one, the active gate, and its product with up; then the inner widths of seven updates.
    per_token = 6 * shape.hidden + 2 * queries + 2 * keys + 4 * shape.intermediate + 7 * means.rank
    if means.dropout:
        per_token += 2 * shape.hidden + queries + shape.intermediate
    n_tokens = rows.n_before + sum(rows.lengths)
    n_blocks, n_slots, n_keys = _extent(rows)
    attention = n_blocks * (n_slots * queries + 2 * n_keys * keys + n_slots * n_keys * shape.n_heads)
    return (n_tokens * per_token + attention) * _width(means)


def _passing(shape: Shape, means: Means, rows: Rows, *, n_tokens: int) -> int:
    """Gradients of the gated layer and float32 rows of a norm, or scores and their gradients: whichever is more."""
    width = _width(means)
    n_blocks, n_slots, n_keys = _extent(rows)
    scores = n_blocks * n_slots * n_keys
    mask = scores * (shape.n_heads * width + 8)
    gated = n_tokens * (5 * shape.intermediate * width + 6 * shape.hidden * 4)
    return mask + max(gated, 2 * scores * shape.n_heads * width)


def _extent(rows: Rows) -> tuple[int, int, int]:
    """Blocks of attention, tokens of each, and keys that each meets."""
    blocks = cut([Part(list(rows.lengths), rows.n_before)], in_sequence=True, device=torch.device("cpu"))
    n_blocks, n_slots = blocks.take_BL.shape
    return n_blocks, n_slots, blocks.keys_BS.shape[1]


def heaviest(parts: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The lengths of the part with the most tokens.

    Args:
        parts: lengths of the rows of each.
    """
    return tuple(max(parts, key=lambda lengths: (sum(lengths), max(lengths, default=0))))
