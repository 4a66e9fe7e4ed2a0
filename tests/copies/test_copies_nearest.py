import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.copies import nearest
from suffice.copies.nearest import nearest_rows, paraphrase_groups

ROWS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3)), min_size=1, max_size=14)
BLOCKS = [1, 100, nearest.BLOCK_BYTES]


def embedded(rows):
    """Unit vectors in the plane, at hours of a clock, with a group each."""
    angles = np.array([hour for hour, _ in rows]) * np.pi / 6
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), np.array([group for _, group in rows])


@pytest.mark.parametrize("block_bytes", BLOCKS)
def test_the_nearest_are_those_of_a_plain_loop_over_all_pairs(block_bytes, monkeypatch):
    monkeypatch.setattr(nearest, "BLOCK_BYTES", block_bytes)

    @given(ROWS, st.integers(1, 5))
    def holds(rows, k):
        x, groups = embedded(rows)
        found = nearest_rows(x, groups, k=k)
        assert found.neighbours.shape == found.similarities.shape == (len(x), min(k, len(x)))
        for row in range(len(x)):
            others = sorted((float(x[row] @ x[i]) for i in range(len(x)) if groups[i] != groups[row]), reverse=True)
            near = [i for i in found.neighbours[row].tolist() if i >= 0]
            assert len(set(near)) == len(near) == min(k, len(others))
            assert not set(groups[near]) & {groups[row]}
            # Rows at the same distance may come in any order.
            assert found.similarities[row, : len(near)] == pytest.approx(others[: len(near)], abs=1e-6)
            assert [float(x[row] @ x[i]) for i in near] == pytest.approx(others[: len(near)], abs=1e-6)

    holds()


@pytest.mark.parametrize("block_bytes", BLOCKS)
def test_where_fewer_than_k_rows_are_of_other_groups_the_rest_is_none(block_bytes, monkeypatch):
    monkeypatch.setattr(nearest, "BLOCK_BYTES", block_bytes)
    x, groups = embedded([(0, 0), (1, 0), (6, 1)])
    found = nearest_rows(x, groups, k=3)
    # The row across the clock is a neighbour, if the farthest there is.
    assert found.neighbours.tolist() == [[2, -1, -1], [2, -1, -1], [1, 0, -1]]
    assert found.similarities == pytest.approx(
        np.array([[-1.0, -1, -1], [-np.sqrt(3) / 2, -1, -1], [-np.sqrt(3) / 2, -1, -1]]), abs=1e-6
    )


def test_rows_done_are_told_block_by_block(monkeypatch):
    monkeypatch.setattr(nearest, "BLOCK_BYTES", 4 * 10 * 4)
    x, groups = embedded([(hour, hour) for hour in range(10)])
    done = []
    nearest_rows(x, groups, k=2, done=done.append)
    # 160 bytes hold four rows of ten similarities.
    assert done == [4, 4, 2]


def test_paraphrases_are_joined_by_the_chain_between_them():
    x, _ = embedded([(0, 0), (1, 1), (2, 2), (6, 3), (7, 4), (9, 5)])
    # An hour apart is a cosine of 0.87, two hours 0.5.
    component = paraphrase_groups(x, threshold=0.86)
    assert [np.flatnonzero(component == c).tolist() for c in dict.fromkeys(component)] == [[0, 1, 2], [3, 4], [5]]


def test_paraphrases_are_joined_across_blocks(monkeypatch):
    x, _ = embedded([(0, 0), (6, 1), (3, 2), (9, 3), (1, 4), (7, 5)])
    whole = paraphrase_groups(x, threshold=0.86)
    monkeypatch.setattr(nearest, "BLOCK_BYTES", 4 * 6 * 2)
    done = []
    parts = paraphrase_groups(x, threshold=0.86, done=done.append)
    assert done == [2, 2, 2]
    # Rows at 0 and 1, and at 6 and 7, stand in different blocks.
    assert (whole[0] == whole[4]) & (whole[1] == whole[5]) & (len(set(whole.tolist())) == 4)
    assert [[a == b for b in parts] for a in parts] == [[a == b for b in whole] for a in whole]


def test_rows_below_the_threshold_are_groups_of_their_own():
    x, _ = embedded([(0, 0), (3, 1), (6, 2)])
    assert len(set(paraphrase_groups(x, threshold=0.95).tolist())) == 3
