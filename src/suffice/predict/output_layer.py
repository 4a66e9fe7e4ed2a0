"""The last layer of a language model: hidden states to a logit for every token of its vocabulary.

Shape suffixes: B rows, D hidden width, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch

from suffice.errors import ModelError, Problem
from suffice.predict.frozen import laid_out
from suffice.predict.packed import Behind, last_hidden, packed

_PROBE = (6, 5, 3, 5)


class OutputLayer:
    """The output layer of a model, laid out as the machine multiplies it best."""

    def __init__(self, model: Any) -> None:
        """
        Args:
            model: a causal language model, made ready by `prepare`; it is not changed.

        Raises:
            ModelError: its logits are changed behind the output layer.
        """
        must_end_in_its_head(model)
        head = model.get_output_embeddings()
        bias_V = None if head.bias is None else head.bias.detach()
        self.n_tokens = len(head.weight)
        """Width of the logits, tokens that the tokenizer does not know included."""
        self._frozen = laid_out(head.weight.detach(), bias_V)

    def logits(self, hidden_BD: torch.Tensor) -> torch.Tensor:
        """Logits of the whole vocabulary, shape [B, V], float32; rounded as the model rounds its own.

        Args:
            hidden_BD: behind the decoder's last norm, in its precision.
        """
        return self._frozen.forward(hidden_BD).float()


def must_end_in_its_head(model: Any) -> None:
    """Refuses models that scale or cap what comes out of their output layer; found out on a probe.

    Args:
        model: made ready by `prepare`.

    Raises:
        ModelError: it does.
    """
    body, head = model.get_decoder(), model.get_output_embeddings()
    batch = packed([Behind(rows=[_PROBE], before=_PROBE)], device=body.device)
    with torch.inference_mode():
        own = model(
            input_ids=batch.ids_N[None], position_ids=batch.positions_N[None], use_cache=False, packed=batch
        ).logits[0, -1]
        ours = head(last_hidden(body, batch))[-1]
    # Both are the same product of the same rows: they differ where something is done to it afterwards.
    if torch.linalg.norm((own - ours).float()) > 1e-3 * torch.linalg.norm(own.float()):
        raise ModelError(
            Problem(
                where=type(model).__name__,
                rule="logits must be what comes out of the output layer, for them to be read here",
                got="logits that are scaled or capped afterwards",
                fix="choose a base model of another architecture; `suffice models list` names some",
            )
        )
