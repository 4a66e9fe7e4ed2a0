"""Texts to components of near-copies: candidates by one of two ways, then one filter and one proof for both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from suffice.copies.candidates import Pairs, pairs_in_buckets
from suffice.copies.exact import prefix_buckets
from suffice.copies.minhash import band_buckets
from suffice.copies.sketches import Sketches, are_near, may_be_near, sketched, spans
from suffice.records.progress import Progress

Method = Literal["exact", "minhash"]
_MAX_PROVEN = 2048


def near_components(texts: Sequence[str], *, threshold: float, method: Method, progress: Progress) -> NDArray[np.int64]:
    """Component of each text, named by the position of one of its texts; shape [N].

    Args:
        texts: distinct canonical texts, length N.
        threshold: least Jaccard similarity of the character 5-grams of near-copies.
        method: how candidates are found.
        progress: told of every step.
    """
    component = np.arange(len(texts), dtype=np.int64)
    for first, second in near_pairs(texts, component, threshold=threshold, method=method, progress=progress):
        _join(component, first, second)
    return component


def near_pairs(
    texts: Sequence[str], component: NDArray[np.int64], *, threshold: float, method: Method, progress: Progress
) -> Iterator[Pairs]:
    """Pairs of near-copies in different components; a pair may come more than once.

    Args:
        texts: distinct canonical texts, length N.
        component: of each text, shape [N]; joined in place between steps, it spares pairs that follow from others.
        threshold: least Jaccard similarity of the character 5-grams of near-copies.
        method: how candidates are found.
        progress: told of every step.
    """
    with progress.step("reading messages for near-copies", total=len(texts) * (3 if method == "exact" else 2)) as done:
        sketches = sketched(texts, done=done)
        if method == "exact":
            lists = prefix_buckets(texts, threshold=threshold, done=done)
        else:
            lists = band_buckets(texts, done=done)
    with progress.step("comparing messages for near-copies", total=len(lists)) as done:
        for buckets in lists:
            for pairs in pairs_in_buckets(buckets, component):
                yield from _proven(pairs, texts, sketches, component, threshold=threshold)
            done(1)


def _proven(
    pairs: Pairs, texts: Sequence[str], sketches: Sketches, component: NDArray[np.int64], *, threshold: float
) -> Iterator[Pairs]:
    """Those of the pairs that are near, a few at a time, as each few may join the next."""
    first, second = pairs
    apart = component[first] != component[second]
    first, second = first[apart], second[apart]
    possible = may_be_near(sketches, first, second, threshold=threshold)
    pair = np.unique(np.minimum(first, second)[possible] * len(texts) + np.maximum(first, second)[possible])
    first, second = np.divmod(pair, len(texts))
    for part in spans(sketches.sizes[first] + sketches.sizes[second], most=_MAX_PROVEN):
        one, other = first[part], second[part]
        apart = component[one] != component[other]
        one, other = one[apart], other[apart]
        if len(one):
            near = are_near(texts, one, other, threshold=threshold)
            yield one[near], other[near]


def _join(component: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64]) -> None:
    """Gives the components of each pair one name, in place."""
    names, place = np.unique(np.concatenate([component[first], component[second]]), return_inverse=True)
    one, other = np.split(place, 2)
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(names), len(names)))
    _, joined = connected_components(graph, directed=False)
    _, least = np.unique(joined, return_index=True)
    renamed = np.arange(len(component))
    renamed[names] = names[least][joined]
    component[:] = renamed[component]
