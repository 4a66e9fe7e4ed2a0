"""One decoder layer in few operations, with a backward pass of its own.

A layer of transformers is some sixty small operations forward and twice as many backward; on the short sequences of
one label per message much of the time goes into everything but the matrix products. Here everything that reads the
same input is multiplied at once, no frozen weight gets a gradient, and the last layer stops at the tokens whose
answers are read.

Shape suffixes: N tokens, D hidden width, H query heads, G key heads, E width of a head, I width of the gated layer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import nn

from suffice.predict.attention import Attended, Blocks, Window, attend_backward
from suffice.predict.linears import Added, Linears, Multiplied


class Norm:
    """Root mean square normalisation with a weight.

    Source: Zhang and Sennrich 2019, Root Mean Square Layer Normalization, equation 4.
    """

    def __init__(self, module: Any) -> None:
        """
        Args:
            module: of transformers; it has a `weight`, and an epsilon under either of two names.
        """
        eps = getattr(module, "variance_epsilon", None)
        self.eps = float(module.eps if eps is None else eps)
        with torch.no_grad():  # Some add one to their weight: what a row of ones becomes tells.
            ones = torch.ones(1, len(module.weight), device=module.weight.device)
            self.weight = (module(ones)[0].float() * (1.0 + self.eps) ** 0.5).contiguous()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The normalised rows, and one over the root mean square of each, float32."""
        wide = x.float()
        scale = torch.linalg.vector_norm(wide, dim=-1, keepdim=True)
        scale = scale.square_().mul_(1.0 / x.shape[-1]).add_(self.eps).rsqrt_()
        out = wide * scale if wide is x else wide.mul_(scale)
        normed: torch.Tensor = out.mul_(self.weight).to(x.dtype)
        return normed, scale

    def backward(self, grad: torch.Tensor, x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        """Gradient of the rows."""
        wide, inner = x.float(), grad * self.weight
        along = torch.linalg.vecdot(inner, wide).unsqueeze_(-1).mul_(-1.0 / x.shape[-1]).mul_(scale.pow(3))
        to_x: torch.Tensor = inner.mul_(scale).addcmul_(wide, along).to(x.dtype)
        return to_x


class Same:
    """In place of a norm that an architecture does not have."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The rows as they are."""
        return x, x

    def backward(self, grad: torch.Tensor, x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        """The gradient as it is."""
        return grad


class Call(NamedTuple):
    """What is the same for all layers in one pass, or for all layers of a type."""

    cos_NE: torch.Tensor
    sin_NE: torch.Tensor
    """Of the first half of a head negated, as it is added to what lies half a head away."""
    attend: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], tuple[torch.Tensor, Attended | None]]
    """Queries, keys and values to what every token makes of those that it sees; what the way back needs is None of
    batches that are never trained on."""
    blocks: Blocks | None
    """How the sequence is cut, for the way back; None of batches that are never trained on."""
    last_M: torch.Tensor | None
    """Of the last layer: the tokens that are read; None for all."""
    by_token: tuple[Added, ...]
    by_message: tuple[Added, ...]
    """What is added to frozen layers."""


class Layer(nn.Module):
    """What a layer of transformers computes, adapters included."""

    def __init__(self, layer: Any, *, scaling: float, window: Window) -> None:
        """
        Args:
            layer: of transformers, with `LoraLinear` in place of every linear layer; its weights are shared.
            scaling: of attention scores.
            window: how far back a token sees.

        Raises:
            AttributeError: the layer is of another shape.
        """
        super().__init__()
        attention, mlp = layer.self_attn, layer.mlp
        self.scaling, self.window, self.width, self.number = scaling, window, attention.head_dim, attention.layer_idx
        self.qkv = Linears([attention.q_proj, attention.k_proj, attention.v_proj])
        self.o, self.down = Linears([attention.o_proj]), Linears([mlp.down_proj])
        self.gate_up, self.act = Linears([mlp.gate_proj, mlp.up_proj]), mlp.act_fn
        self.before_attention = Norm(layer.input_layernorm)
        sandwich = hasattr(layer, "pre_feedforward_layernorm")
        self.before_mlp = Norm(layer.pre_feedforward_layernorm if sandwich else layer.post_attention_layernorm)
        self.after_attention: Norm | Same = Norm(layer.post_attention_layernorm) if sandwich else Same()
        self.after_mlp: Norm | Same = Norm(layer.post_feedforward_layernorm) if sandwich else Same()
        self.of_q: Norm | Same = Norm(attention.q_norm) if hasattr(attention, "q_norm") else Same()
        self.of_k: Norm | Same = Norm(attention.k_norm) if hasattr(attention, "k_norm") else Same()
        self.groups = (self.qkv, self.o, self.gate_up, self.down)
        self.is_last = False
        self.keeps_input_alone = False

    def trained(self) -> list[nn.Parameter]:
        """The adapters' parameters, in the order in which gradients are given."""
        return [parameter for group in self.groups for parameter in group.parameters()]

    def forward(self, hidden_states: torch.Tensor, **kwargs: Any) -> torch.Tensor:
        """What transformers calls.

        Args:
            hidden_states: shape [1, N, D].
            kwargs: `position_embeddings` and `packed`; the rest is known.

        Returns:
            Shape [1, N, D], or [1, M, D] of the last layer.
        """
        (cos, sin), packed = kwargs["position_embeddings"], kwargs["packed"]
        half = cos.shape[-1] // 2
        call = Call(
            cos_NE=cos[0, :, None],
            sin_NE=torch.cat([-sin[0, :, :half], sin[0, :, half:]], dim=-1)[:, None],
            attend=partial(packed.attend, layer=self.number, scaling=self.scaling, window=self.window),
            blocks=packed.blocks,
            last_M=packed.last_M if self.is_last else None,
            by_token=packed.by_token,
            by_message=packed.by_message,
        )
        if not torch.is_grad_enabled():
            return _forward(hidden_states[0], self, call, differentiable=False)[0][None]
        out_ND: torch.Tensor = _Layer.apply(hidden_states[0], self, call, *self.trained())  # type: ignore[no-untyped-call]
        return out_ND[None]


class _Saved(NamedTuple):
    x: torch.Tensor
    x_scale: torch.Tensor
    qkv: Multiplied | None
    heads: torch.Tensor
    q_scale: torch.Tensor
    k_scale: torch.Tensor
    attended: Attended | None
    o: Multiplied | None
    o_out: torch.Tensor
    o_scale: torch.Tensor
    middle: torch.Tensor
    middle_scale: torch.Tensor
    gate_up: Multiplied | None
    gate: torch.Tensor
    active: torch.Tensor
    """Of the gate, with the graph that leads back to it."""
    up: torch.Tensor
    down: Multiplied | None
    down_out: torch.Tensor
    down_scale: torch.Tensor


class _Input(NamedTuple):
    """All that is kept of a layer that is computed again for its gradient."""

    x: torch.Tensor
    draws: torch.Tensor
    """State of the device's generator before the layer, so that dropout draws the same again."""


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, layer: Layer, call: Call, *trained: nn.Parameter) -> torch.Tensor:
        kept = _Input(x, _generator(x.device).get_state()) if layer.keeps_input_alone else None
        out, saved = _forward(x, layer, call, differentiable=True)
        ctx.saved, ctx.layer, ctx.call = kept or saved, layer, call
        return out

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        saved = ctx.saved if isinstance(ctx.saved, _Saved) else _again(ctx.saved, ctx.layer, ctx.call)
        grad_x, to_parameters = _backward(grads[0], saved, ctx.layer, ctx.call)
        ctx.saved = None
        return (grad_x, None, None, *to_parameters)


def _again(kept: _Input, layer: Layer, call: Call) -> _Saved:
    """What the forward pass came by, computed a second time; the generator is left as it was found."""
    generator = _generator(kept.x.device)
    now = generator.get_state()
    generator.set_state(kept.draws)
    saved = _forward(kept.x, layer, call, differentiable=True)[1]
    generator.set_state(now)
    return saved


def _generator(device: torch.device) -> torch.Generator:
    if device.type == "cuda":
        return torch.cuda.default_generators[torch.cuda.current_device() if device.index is None else device.index]
    return torch.default_generator


def _forward(x: torch.Tensor, layer: Layer, call: Call, *, differentiable: bool) -> tuple[torch.Tensor, _Saved]:
    training, width, added = layer.training, layer.width, call.by_token
    normed, x_scale = layer.before_attention.forward(x)
    qkv_out, qkv = layer.qkv.forward(normed, training=training, added=added)
    n_q, n_k, _ = (size // width for size in layer.qkv.sizes)
    heads = qkv_out.view(len(x), -1, width)
    q, q_scale = layer.of_q.forward(heads[:, :n_q])
    k, k_scale = layer.of_k.forward(heads[:, n_q : n_q + n_k])
    turned = heads[:, : n_q + n_k] if isinstance(layer.of_q, Same) else torch.cat([q, k], dim=1)
    turned = _turned(turned, call.cos_NE, call.sin_NE)
    q, k, v = turned[:, :n_q], turned[:, n_q:], heads[:, n_q + n_k :]
    mixed, attended = call.attend(q, k, v)
    mixed, rest = mixed.view(len(x), -1), x
    if call.last_M is not None:
        mixed, rest = mixed.index_select(0, call.last_M), x.index_select(0, call.last_M)
        added = call.by_message
    o_out, o = layer.o.forward(mixed, training=training, added=added)
    change, o_scale = layer.after_attention.forward(o_out)
    middle = rest + change
    normed, middle_scale = layer.before_mlp.forward(middle)
    gate_up_out, gate_up = layer.gate_up.forward(normed, training=training, added=added)
    gate, up = gate_up_out.split_with_sizes(layer.gate_up.sizes, dim=1)
    gate = gate.detach().requires_grad_(differentiable)
    with torch.set_grad_enabled(differentiable):
        active = layer.act(gate)
    down_out, down = layer.down.forward(active.detach() * up, training=training, added=added)
    change, down_scale = layer.after_mlp.forward(down_out)
    saved = _Saved(
        x, x_scale, qkv, heads, q_scale, k_scale, attended, o, o_out, o_scale, middle, middle_scale, gate_up, gate,
        active, up, down, down_out, down_scale,
    )  # fmt: skip
    return middle + change, saved


def _backward(grad: torch.Tensor, saved: _Saved, layer: Layer, call: Call) -> tuple[torch.Tensor, list[torch.Tensor]]:
    assert saved.attended is not None, "tokens that are written one by one are never trained on"
    assert call.blocks is not None, "tokens that are written one by one are never trained on"
    change = layer.after_mlp.backward(grad, saved.down_out, saved.down_scale)
    product, of_down = layer.down.backward(change, saved.down)
    (to_gate,) = torch.autograd.grad(saved.active, saved.gate, product * saved.up)
    to_gate_up = torch.cat([to_gate, product * saved.active.detach()], dim=1)
    normed, of_gate_up = layer.gate_up.backward(to_gate_up, saved.gate_up)
    middle = layer.before_mlp.backward(normed, saved.middle, saved.middle_scale).add_(grad)
    change = layer.after_attention.backward(middle, saved.o_out, saved.o_scale)
    mixed, of_o = layer.o.backward(change, saved.o)
    if call.last_M is not None:
        mixed, middle = (x.new_zeros(len(saved.x), x.shape[1]).index_copy_(0, call.last_M, x) for x in (mixed, middle))
    n_q, n_k, _ = (size // layer.width for size in layer.qkv.sizes)
    q, k, v = attend_backward(
        mixed.view(len(saved.x), n_q, layer.width), saved.attended, call.blocks, scaling=layer.scaling
    )
    # The rotation back is the rotation by the opposite angle.
    turned = _turned(torch.cat([q, k], dim=1), call.cos_NE, -call.sin_NE)
    q = layer.of_q.backward(turned[:, :n_q], saved.heads[:, :n_q], saved.q_scale)
    k = layer.of_k.backward(turned[:, n_q:], saved.heads[:, n_q : n_q + n_k], saved.k_scale)
    normed, of_qkv = layer.qkv.backward(torch.cat([q, k, v], dim=1).view(len(saved.x), -1), saved.qkv)
    grad_x = layer.before_attention.backward(normed, saved.x, saved.x_scale).add_(middle)
    return grad_x, [*of_qkv, *of_o, *of_gate_up, *of_down]


def _turned(heads: torch.Tensor, cos_NE: torch.Tensor, sin_NE: torch.Tensor) -> torch.Tensor:
    """Rotary positions on queries and keys alike.

    Source: Su et al. 2021, RoFormer, section 3.4.2.
    """
    return torch.addcmul(heads * cos_NE, heads.roll(heads.shape[-1] // 2, -1), sin_NE)


def at_answers(body: Any) -> tuple[Linears, ...]:
    """The linear layers that are computed at the tokens whose answers are read alone: all behind the last attention.

    Args:
        body: a decoder without its output layer.
    """
    last = body.layers[-1]
    return (last.o, last.gate_up, last.down) if isinstance(last, Layer) and last.is_last else ()


def groups_of(body: nn.Module) -> list[Linears]:
    """The linear layers of a decoder, as far as its layers are ours.

    Args:
        body: a decoder without its output layer.
    """
    return [group for layer in body.modules() if isinstance(layer, Layer) for group in layer.groups]
