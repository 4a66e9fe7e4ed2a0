"""Label names as a trie over their tokens: what names begin alike is computed once, and no other name can come out.

Shape suffixes: E edges, L leaves, N inner nodes, K labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Union

from suffice.errors import Problem, TaskError, quoted
from suffice.predict.label_names import LabelNames
from suffice.predict.scorer import Tokens
from suffice.predict.tree import Tree

Node = dict[int, Union["Node", int]]
"""Token to what follows it: another inner node, or the number of the label that has been said."""
Keep = Callable[[Node], bool]
"""Whether the edges of an inner node are wanted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """One way on from an inner node."""

    node: int
    """Inner node that it leaves: 0 is the message's last token, n + 1 the n-th token of the tree."""
    token: int
    """What is said; `END` for any token that ends an answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """Where a label has been said."""

    label: int
    """Position of the label."""
    edges: tuple[int, ...]
    """Positions of the edges that lead there, as far as they are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trie:
    """Inner nodes behind a message, the edges whose probabilities are wanted, and what each label needs of them."""

    tree: Tree
    """Tokens that must be computed behind every message."""
    edges: tuple[Edge, ...]
    """Those of one node side by side."""
    leaves: tuple[Leaf, ...]
    """At least one for every label, by label."""

    @classmethod
    def choices(cls, names: LabelNames) -> Trie:
        """What it takes to choose: nodes with several ways on, and what leads to them.

        Where there is one way on alone, its share of what may be said is one, and nothing has to be computed.

        Args:
            names: how each label is said.

        Raises:
            TaskError: two labels cannot be told apart by their names.
        """
        return _laid_out(_nested(names), keep=lambda node: len(node) > 1)

    @classmethod
    def whole(cls, names: LabelNames) -> Trie:
        """Every step of every name, the end included: what it takes to say how probable the names are at all.

        Args:
            names: how each label is said.

        Raises:
            TaskError: two labels cannot be told apart by their names.
        """
        return _laid_out(_nested(names), keep=lambda node: True)


def _nested(names: LabelNames) -> Node:
    root: Node = {}
    for label, paths in enumerate(names.paths):
        for path in paths:
            other = _insert(root, path, label)
            if other is not None:
                raise TaskError(
                    Problem(
                        where="labels",
                        rule="a language model that says whole names must be able to tell them apart",
                        got=f"{quoted(names.names[other])} and {quoted(names.names[label])}",
                        fix="rename one of them, or take prompted rungs out of the ladder",
                    )
                )
    return root


def _insert(root: Node, path: Tokens, label: int) -> int | None:
    """Puts a name into the trie; a label that is in its way is given back."""
    node = root
    for token in path[:-1]:
        following = node.setdefault(token, {})
        if isinstance(following, int):
            return following
        node = following
    if path[-1] in node:
        return next(_labels(node[path[-1]]))
    node[path[-1]] = label
    return None


def _labels(node: Node | int) -> Iterator[int]:
    if isinstance(node, int):
        yield node
        return
    for following in node.values():
        yield from _labels(following)


class _Laying:
    """A trie while it is laid out."""

    def __init__(self, keep: Keep) -> None:
        self.keep = keep
        self.ids: list[int] = []
        self.parents: list[int] = []
        self.edges: list[Edge] = []
        self.leaves: list[Leaf] = []

    def lay(self, node: Node, *, number: int, led: tuple[int, ...]) -> None:
        """Lays out an inner node and all behind it.

        Args:
            node: what follows.
            number: of the node, 0 for the root.
            led: positions of the edges that lead to it.
        """
        kept = self.keep(node)
        first = len(self.edges)
        if kept:
            self.edges += [Edge(node=number, token=token) for token in node]
        for way, (token, following) in enumerate(node.items()):
            led_on = (*led, first + way) if kept else led
            if isinstance(following, int):
                self.leaves.append(Leaf(label=following, edges=led_on))
            elif self._wanted(following):
                self.ids.append(token)
                self.parents.append(number - 1)
                self.lay(following, number=len(self.ids), led=led_on)
            else:
                self.leaves += [Leaf(label=label, edges=led_on) for label in _labels(following)]

    def _wanted(self, node: Node) -> bool:
        return self.keep(node) or any(self._wanted(n) for n in node.values() if not isinstance(n, int))


def _laid_out(root: Node, *, keep: Keep) -> Trie:
    laying = _Laying(keep)
    laying.lay(root, number=0, led=())
    return Trie(
        tree=Tree(ids=tuple(laying.ids), parents=tuple(laying.parents)),
        edges=tuple(laying.edges),
        leaves=tuple(sorted(laying.leaves, key=lambda leaf: leaf.label)),
    )
