"""Rows to copies at three levels: the same text, the same canonical text, near-copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.copies.minhash import miss_rate
from suffice.copies.near import Method, near_components
from suffice.records.copies import Copies, CutComponent
from suffice.records.progress import SILENT, Progress
from suffice.text.normalise import canonical

THRESHOLD = 0.8
"""Least Jaccard similarity of near-copies.
Source: Lee et al., Deduplicating Training Data Makes Language Models Better, ACL 2022, section 4.2."""
CUTS = (0.85, 0.9, 0.95, 1.0)
"""Thresholds at which a component that is too large falls apart."""
MAX_EXACT = 50_000
"""Rows up to which every pair is looked for."""
MAX_SHARE, MIN_CUT = 0.05, 20
"""A component of more than this share of the rows, and more than so many, is cut."""
COPIES_FORMAT = 1
"""Raised when other copies are found than before."""


def find_copies(texts: Sequence[str], *, progress: Progress) -> Copies:
    """Finds copies; near-copies are those whose canonical texts share four fifths of their character 5-grams.

    Args:
        texts: messages, length N.
        progress: told of every step.
    """
    return find_by(texts, method="exact" if len(texts) <= MAX_EXACT else "minhash", progress=progress)


def find_by(texts: Sequence[str], *, method: Method, progress: Progress) -> Copies:
    """As `find_copies`, with candidates found in a given way.

    Args:
        texts: messages, length N.
        method: of finding candidates.
        progress: told of every step.
    """
    exact, distinct = _coded(texts)
    of_text, forms = _coded(map(canonical, distinct))
    normalised = of_text[exact]
    component = near_components(forms, threshold=THRESHOLD, method=method, progress=progress)
    component, cut = _cut(component, np.bincount(normalised, minlength=len(forms)), forms, method=method)
    return Copies(
        exact=exact,
        normalised=normalised,
        near=component[normalised],
        threshold=THRESHOLD,
        method=method,
        miss_rate=0.0 if method == "exact" else miss_rate(THRESHOLD),
        cut=cut,
    )


def _coded(texts: Iterable[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Code of each text, shape [N], and the distinct texts in order."""
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(text, len(codes)) for text in texts], dtype=np.int64), list(codes)


def _cut(
    component: NDArray[np.int64], n_rows: NDArray[np.int64], forms: Sequence[str], *, method: Method
) -> tuple[NDArray[np.int64], tuple[CutComponent, ...]]:
    """Cuts components that are too large at the lowest threshold that leaves no part too large.

    Args:
        component: of each canonical text, shape [C].
        n_rows: rows of each canonical text, shape [C]; however many, they stay together.
        forms: canonical texts, length C.
        method: of finding candidates.
    """
    most = max(MIN_CUT, MAX_SHARE * n_rows.sum())
    component, cut = component.copy(), []
    for name in np.flatnonzero(np.bincount(component, weights=n_rows) > most).tolist():
        members = np.flatnonzero(component == name)
        if len(members) > 1:
            parts, threshold = _parts([forms[k] for k in members.tolist()], n_rows[members], most=most, method=method)
            component[members] = members[parts]
            cut.append(CutComponent(n_rows=int(n_rows[members].sum()), threshold=threshold))
    return component, tuple(cut)


def _parts(
    forms: Sequence[str], n_rows: NDArray[np.int64], *, most: float, method: Method
) -> tuple[NDArray[np.int64], float]:
    """Components at the lowest higher threshold at which none is too large, or at the highest; and the threshold."""
    for threshold in CUTS:
        parts = near_components(forms, threshold=threshold, method=method, progress=SILENT)
        if not ((np.bincount(parts, weights=n_rows) > most) & (np.bincount(parts) > 1)).any():
            break
    return parts, threshold
