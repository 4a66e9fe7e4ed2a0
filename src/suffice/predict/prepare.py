"""A decoder of transformers made ready for packed batches: our attention, and our layers where they compute the same.

What a model does is found out on a probe, not from the name of its architecture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint
from transformers import AttentionInterface, PreTrainedModel

from suffice.errors import ModelError, Problem
from suffice.predict.attention import Attention, Window
from suffice.predict.key_cache import Step
from suffice.predict.layer import Layer
from suffice.predict.packed import Behind, Packed, last_hidden, packed
from suffice.predict.scorer import Tokens

NAME = "suffice_packed"
"""Under this name transformers finds our attention."""
_PROBE = (6, 5, 3, 5)
"""The instruction of the probe."""


def prepare(model: PreTrainedModel) -> None:
    """Puts our attention in place of a decoder's own, and our layers in place of those that compute the same.

    Args:
        model: a causal language model of transformers with empty adapters, changed in place.

    Raises:
        ModelError: tokens meet in this architecture elsewhere than in attention that can be replaced.
    """
    AttentionInterface.register(NAME, _attention)
    body, rows = model.get_decoder(), [(3, 1, 4, 1, 5), (9, 2)]
    calls: dict[int, tuple[Any, Any, torch.Tensor]] = {}
    try:
        model.set_attn_implementation(NAME)
        together = packed([Behind(rows=rows, before=_PROBE)], device=body.device)
        with torch.no_grad(), _recording(body, calls):
            last_MD = last_hidden(body, together).float()
            apart_MD = torch.cat([_alone(body, row) for row in rows]).float()
    except (
        AttributeError,
        TypeError,
        ValueError,
    ) as error:  # Parts under other names, or without a choice of attention.
        raise _unpackable(model, got=f"{type(error).__name__}: {error}") from error
    if len(together.told) < len(body.layers):
        raise _unpackable(model, got=f"{len(together.told)} attention layers of {len(body.layers)} layers")
    if torch.linalg.norm(last_MD - apart_MD) > _tolerance(body.dtype) * torch.linalg.norm(apart_MD):
        raise _unpackable(model, got="messages that change one another")
    for at, (args, kwargs, out) in calls.items():
        body.layers[at] = _lean(body.layers[at], args, kwargs, out, told=together.told[at])
    if isinstance(body.layers[-1], Layer):
        body.layers[-1].is_last = True


def compute_again(body: PreTrainedModel) -> None:
    """Has every layer keep no more for its gradient than what went into it.

    Source: Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost, with one layer to a segment.

    Args:
        body: a decoder made ready by `prepare`, changed in place.
    """
    for layer in body.layers:
        if isinstance(layer, Layer):
            layer.keeps_input_alone = True
        else:
            layer.forward = _computed_again(layer.forward)


def _computed_again(forward: Callable[..., Any]) -> Callable[..., Any]:
    """The forward pass of a layer that autograd differentiates, computed a second time on its way back."""

    def twice(*args: Any, **kwargs: Any) -> Any:
        if not torch.is_grad_enabled():
            return forward(*args, **kwargs)
        return checkpoint(forward, *args, use_reentrant=False, **kwargs)

    return twice


def _alone(body: PreTrainedModel, row: Tokens) -> torch.Tensor:
    return last_hidden(body, packed([Behind(rows=[row], before=_PROBE)], device=body.device))


@contextmanager
def _recording(body: PreTrainedModel, calls: dict[int, tuple[Any, Any, torch.Tensor]]) -> Iterator[None]:
    """Keeps what every layer was first given and what it gave."""
    hooks = [
        layer.register_forward_hook(
            lambda module, args, kwargs, out, at=at: calls.setdefault(at, (args, kwargs, out)) and None,
            with_kwargs=True,
        )
        for at, layer in enumerate(body.layers)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _tolerance(dtype: torch.dtype) -> float:
    """Relative; in bfloat16 the same operations in another order differ by 0.007 to 0.027 in real models' layers."""
    return 1e-4 if dtype == torch.float32 else 0.1


def _unpackable(model: PreTrainedModel, *, got: str) -> ModelError:
    return ModelError(
        Problem(
            where=type(model).__name__,
            rule="messages must be able to stand in one sequence without seeing one another",
            got=got,
            fix="choose a base model of another architecture; `suffice models list` names some",
        )
    )


def _lean(
    layer: torch.nn.Module, args: Any, kwargs: Any, out: torch.Tensor, *, told: tuple[float, Window]
) -> torch.nn.Module:
    """Our layer where it does to a probe what the layer of transformers did, else that one."""
    try:
        ours = Layer(layer, scaling=told[0], window=told[1]).train(layer.training)
        with torch.no_grad():
            found = ours(*args, **kwargs)
    except (AttributeError, RuntimeError, TypeError):  # Other parts, or parts of other shapes: another family.
        return layer
    if not _is_same(found, out, given=args[0]):
        return layer
    for group in ours.groups:
        group.lay_out()
    return ours


def _is_same(found: torch.Tensor, out: torch.Tensor, *, given: torch.Tensor) -> bool:
    """Whether two layers change what they were given alike, as far as the number format can tell.

    One rounding step of a sum counts as nothing: single elements of some models' sums are so large (19,700 in
    SmolLM2-135M from its twelfth layer on) that a step of theirs, 128 in bfloat16, is more than a layer adds to all
    others, and it depends on the processor which way they are rounded.

    Source: Sun et al. 2024, Massive Activations in Large Language Models.

    Args:
        found: of one layer, any shape.
        out: of the other.
        given: what both were given.
    """
    step = torch.finfo(out.dtype).eps * out.float().abs()
    beyond = ((found.float() - out.float()).abs() - step).clamp(min=0.0)
    change = out.float() - given.float()
    return bool(torch.linalg.norm(beyond) <= _tolerance(out.dtype) * torch.linalg.norm(change))


def _attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    packed: Packed | Step,
    sliding_window: Window = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **unused: Any,
) -> tuple[torch.Tensor, None]:
    """What layers of transformers call; heads stand before tokens, what may be seen is known from `packed`.

    Raises:
        ModelError: scores are changed in a way that is not done here.
    """
    if softcap is not None or s_aux is not None:
        raise ModelError(
            Problem(
                where=type(module).__name__,
                rule="attention scores must be a scaled inner product",
                got="capped scores" if softcap is not None else "attention sinks",
                fix="choose a base model of another architecture; `suffice models list` names some",
            )
        )
    q_NHE, k_NGE, v_NGE = (x[0].transpose(0, 1) for x in (query, key, value))
    layer: int = module.layer_idx
    if isinstance(packed, Step):
        return packed.attend(q_NHE, k_NGE, v_NGE, layer=layer, scaling=scaling, window=sliding_window)[0][None], None
    packed.told[layer] = (scaling, sliding_window)
    packed.keep(layer, k_NGE, v_NGE)
    known = packed.known_at(layer)
    out_NHE = Attention.apply(q_NHE, k_NGE, v_NGE, packed.blocks, known, scaling, sliding_window)  # type: ignore[no-untyped-call]
    return out_NHE[None], None
