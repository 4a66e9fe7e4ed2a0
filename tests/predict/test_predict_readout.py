"""From a hidden state to one logit per label."""

from __future__ import annotations

import torch

from suffice.predict.readout import HeadReadout, TokenReadout


def test_a_token_readout_is_the_output_layer_at_the_labels_tokens() -> None:
    output, hidden = torch.randn(20, 4), torch.randn(3, 4)
    readout = TokenReadout(output, [7, 2])
    torch.testing.assert_close(readout(hidden), (hidden @ output.T)[:, [7, 2]])
    assert list(readout.parameters()) == []


def test_logits_are_float32_whatever_the_body_computes_in() -> None:
    hidden = torch.randn(3, 4).to(torch.bfloat16)
    assert TokenReadout(torch.randn(20, 4).to(torch.bfloat16), [1])(hidden).dtype == torch.float32
    assert HeadReadout(torch.randn(2, 4))(hidden).dtype == torch.float32


def test_a_head_begins_at_the_labels_names_and_goes_back_there() -> None:
    names, hidden = torch.randn(2, 4), torch.randn(3, 4)
    head = HeadReadout(names)
    torch.testing.assert_close(head(hidden), hidden @ names.T)
    with torch.no_grad():
        head.weight_KD.add_(1.0)
        head.bias_K.add_(1.0)
    assert not torch.allclose(head(hidden), hidden @ names.T)
    head.reset()
    assert torch.equal(head(hidden), hidden @ names.T + 0.0)
    assert {name for name, _ in head.named_parameters()} == {"weight_KD", "bias_K"}
