"""Tokens that branch off behind a message are read as if each way stood there alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from suffice.predict.attention import Part, cut
from suffice.predict.packed import Behind, last_hidden, packed, prefix
from suffice.predict.scorer import Tokens
from suffice.predict.tree import NO_TREE, Tree
from tiny_scorers import tiny_causal

TREE = Tree(ids=(30, 31, 32, 33, 34), parents=(-1, 0, 0, 2, -1))
"""30 is followed by 31 and 32, 32 by 33; 34 stands beside 30."""
WAYS: tuple[Tokens, ...] = ((), (30,), (30, 31), (30, 32), (30, 32, 33), (34,))
ROWS: list[Tokens] = [(5, 6, 7), (8,), tuple(range(40, 60))]
HERE = torch.device("cpu")


def test_a_token_sees_itself_and_what_leads_to_it() -> None:
    # By hand, from the drawing above.
    assert TREE.depths.tolist() == [1, 2, 2, 3, 1]
    assert TREE.sees.astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 0, 1, 0, 0],
        [1, 0, 1, 1, 0],
        [0, 0, 0, 0, 1],
    ]
    assert (len(NO_TREE), NO_TREE.depths.tolist(), NO_TREE.sees.shape) == (0, [], (0, 0))


def test_ways_that_begin_at_one_place_have_the_same_positions() -> None:
    batch = packed([Behind(rows=[(5, 6), (7,)], before=(1, 2, 3), known={})], device=HERE, tree=TREE)
    assert batch.ids_N.tolist() == [5, 6, *TREE.ids, 7, *TREE.ids]
    # By hand: three tokens of the instruction, then two of the message, then the depths; likewise behind one.
    assert batch.positions_N.tolist() == [3, 4, 5, 6, 6, 7, 5, 3, 4, 5, 5, 6, 4]
    assert batch.last_M.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]


def test_no_way_sees_another() -> None:
    blocks = cut([Part([6], 1)], in_sequence=False, device=HERE, tree=TREE)
    seen = (blocks.back_BLS[0, :, :7] >= 0).int().tolist()
    # By hand: all see the instruction's token and the message's one; then as the tree says.
    assert seen == [
        [1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0],
        [1, 1, 1, 0, 1, 0, 0],
        [1, 1, 1, 0, 1, 1, 0],
        [1, 1, 0, 0, 0, 0, 1],
    ]


@pytest.mark.parametrize("base", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
@pytest.mark.parametrize("known", [False, True], ids=["instruction in the sequence", "instruction known"])
def test_hidden_states_are_those_of_each_way_alone(base: str, known: bool, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(base)
    body = tiny_causal(folder).model.get_decoder()
    before = tuple(range(10, 30))  # Longer than Gemma's window.
    keys = prefix(body, before) if known else None
    with torch.inference_mode():
        part = Behind(rows=ROWS, before=before, known=keys)
        together = last_hidden(body, packed([part], device=HERE, tree=TREE))
        alone = [
            last_hidden(body, packed([Behind(rows=[row + way], before=before)], device=HERE))
            for row in ROWS
            for way in WAYS
        ]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)
