"""Names over their tokens: shared beginnings once, and no more than is needed to choose."""

from __future__ import annotations

import pytest

from suffice.errors import TaskError
from suffice.predict.label_names import END, LabelNames
from suffice.predict.trie import Edge, Leaf, Trie


def names(*paths: tuple[tuple[int, ...], ...]) -> LabelNames:
    return LabelNames(names=tuple(f"label {k}" for k in range(len(paths))), paths=paths, ends=(0,))


THREE = names(((1, 2, END),), ((1, 2, 3, 4, END),), ((5, 6, 7, END),))
"""`1 2`, `1 2 3 4` and `5 6 7`."""


def test_to_choose_only_what_leads_to_a_choice_is_computed() -> None:
    trie = Trie.choices(THREE)
    # By hand: one choice is made at once, the other behind `1 2`; `3 4` and `6 7` follow without one.
    assert (trie.tree.ids, trie.tree.parents) == ((1, 2), (-1, 0))
    assert trie.edges == (
        Edge(node=0, token=1),
        Edge(node=0, token=5),
        Edge(node=2, token=END),
        Edge(node=2, token=3),
    )
    assert trie.leaves == (Leaf(label=0, edges=(0, 2)), Leaf(label=1, edges=(0, 3)), Leaf(label=2, edges=(1,)))


def test_the_whole_trie_has_every_step_once_and_the_ends() -> None:
    trie = Trie.whole(THREE)
    # By hand: six tokens, since `1 2` is shared; an edge for each of them, and three ends.
    assert (trie.tree.ids, trie.tree.parents) == ((1, 2, 3, 4, 5, 6, 7), (-1, 0, 1, 2, -1, 4, 5))
    assert len(trie.edges) == 10
    said = [[trie.edges[edge].token for edge in leaf.edges] for leaf in trie.leaves]
    assert said == [[1, 2, END], [1, 2, 3, 4, END], [5, 6, 7, END]]


def test_one_label_is_no_choice() -> None:
    trie = Trie.choices(names(((1, 2, END),)))
    assert (len(trie.tree), trie.edges, trie.leaves) == (0, (), (Leaf(label=0, edges=()),))


def test_a_label_may_have_more_than_one_way() -> None:
    trie = Trie.choices(names(((1, END), (2,)), ((3, END),)))
    assert [leaf.label for leaf in trie.leaves] == [0, 0, 1]
    assert trie.leaves[1] == Leaf(label=0, edges=(1,))


@pytest.mark.parametrize(
    "paths",
    [
        (((1, END),), ((1, END),)),
        (((1, 2),), ((1, 2, 3, END),)),
        (((1, 2, 3, END),), ((1, 2),)),
    ],
)
def test_labels_that_cannot_be_told_apart_are_an_error(paths: tuple[tuple[tuple[int, ...], ...], ...]) -> None:
    with pytest.raises(TaskError, match=r"tell them apart\n  got: 'label 0' and 'label 1'\n  fix: rename one of them"):
        Trie.whole(names(*paths))
