"""The last layer of a language model: hidden states to a logit for every token of its vocabulary.

Shape suffixes: B rows, M tokens, D hidden width, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch

from suffice.errors import ModelError, Problem
from suffice.predict.frozen import Frozen, laid_out
from suffice.predict.packed import Behind, last_hidden, packed

TOKENS_AT_ONCE = 512
"""Whose logits stand in memory together: 100 MB at a vocabulary of 49,152."""
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

    def losses(self, hidden_MD: torch.Tensor, said_M: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of what is said at each token, shape [M], nats; differentiable.

        Args:
            hidden_MD: behind the decoder's last norm, in its precision.
            said_M: the token that follows.
        """
        found: torch.Tensor = _CrossEntropy.apply(hidden_MD, said_M, self._frozen)  # type: ignore[no-untyped-call]
        return found


class _CrossEntropy(torch.autograd.Function):
    """Loss and gradient of some tokens at a time: logits of all tokens of a batch never stand in memory together.

    Source: Hsu et al. 2024, Liger Kernel, section 3.2, FusedLinearCrossEntropy; here without a gradient of the weight.
    """

    @staticmethod
    def forward(ctx: Any, hidden_MD: torch.Tensor, said_M: torch.Tensor, frozen: Frozen) -> torch.Tensor:
        losses, gradients = [], []
        for first in range(0, len(said_M), TOKENS_AT_ONCE):
            some = slice(first, first + TOKENS_AT_ONCE)
            said, log_probs_MV = said_M[some], frozen.forward(hidden_MD[some]).float().log_softmax(dim=-1)
            losses.append(-log_probs_MV.gather(1, said[:, None])[:, 0])
            if ctx.needs_input_grad[0]:
                to_logits_MV = log_probs_MV.exp_()
                to_logits_MV.scatter_add_(1, said[:, None], to_logits_MV.new_full((len(said), 1), -1.0))
                gradients.append(frozen.backward(to_logits_MV.to(hidden_MD.dtype)))
        if gradients:
            ctx.save_for_backward(torch.cat(gradients))
        return torch.cat(losses)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (to_hidden_MD,) = ctx.saved_tensors
        return (to_hidden_MD * grads[0][:, None]).to(to_hidden_MD.dtype), None, None


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
