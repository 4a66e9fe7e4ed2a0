"""A batch laid out as one sequence."""

from __future__ import annotations

import pytest
import torch

from suffice.predict.packed import Behind, Packed, packed
from suffice.predict.scorer import Tokens

HERE = torch.device("cpu")


def laid_out(*updates: dict[object, object] | None) -> Packed:
    """Parts of one message of two tokens and one of three, behind instructions that are known."""
    rows: list[Tokens] = [(5, 6), (7, 8, 9)]
    parts = [Behind(rows=rows, before=(3, 1), known={}, updates=one) for one in updates]  # type: ignore[arg-type]
    return packed(parts, device=HERE)


def test_updates_are_on_every_row_of_their_part() -> None:
    first, second = {}, {}
    batch = laid_out(first, second)
    # By hand: two parts of five tokens, and of two messages.
    assert [added.rows for added in batch.by_token] == [slice(0, 5), slice(5, 10)]
    assert [added.rows for added in batch.by_message] == [slice(0, 2), slice(2, 4)]
    assert batch.by_token[0].updates is batch.by_message[0].updates is first
    assert laid_out(None, None).by_token == laid_out(None).by_message == ()


@pytest.mark.parametrize("updates", [({}, None), (None, {})])
def test_a_batch_of_which_some_parts_alone_have_updates_is_not_laid_out(updates: tuple[object, ...]) -> None:
    with pytest.raises(AssertionError, match="all parts of a batch have updates, or none has"):
        laid_out(*updates)
