"""How varied answers are: distinct n-grams, repeated n-grams, and the entropy of the labels given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Interval
from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import N_DRAWS, group_draws, percentile_interval
from suffice.stats.scored import require_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelEntropy:
    """Entropy of the labels that were given, beside that of the labels that the rows have."""

    predicted_bits: float
    """Of the answers, 0 to log2 K."""
    data_bits: float
    """Of the rows' labels, above 0."""
    ratio: float
    """`predicted_bits / data_bits`: below 1 where answers are less varied than the labels."""
    ratio_interval: Interval
    """Bootstrap over groups of rows, label and answer of a row drawn together."""
    null_bits: Interval
    """What the entropy of as many answers is if they are drawn by the shares of the rows' labels."""


def distinct_n(texts: Sequence[Sequence[str]], *, n: int) -> float:
    """Different n-grams over all n-grams of all texts together: 1 where none comes twice.

    Falls with the number of texts: compare sets of one size.

    Args:
        texts: each as its tokens.
        n: tokens of an n-gram, at least 1.

    Raises:
        DataError: no text has n tokens.

    Source: Li, Galley, Brockett, Gao and Dolan (2016), A Diversity-Promoting Objective Function for Neural Conversation
        Models, NAACL, section 5.2.
    """
    grams = [gram for text in texts for gram in _grams(text, n)]
    require_rows(len(grams), what="n-grams")
    return len(set(grams)) / len(grams)


def repeated_share(texts: Sequence[Sequence[str]], *, n: int) -> float:
    """The share of a text's n-grams that it had before, in the mean over texts that have any: 0 where none comes twice.

    Args:
        texts: each as its tokens.
        n: tokens of an n-gram, at least 1.

    Raises:
        DataError: no text has n tokens.

    Source: Welleck, Kulikov, Roller, Dinan, Cho and Weston (2020), Neural Text Generation with Unlikelihood Training,
        ICLR, section 6 (seq-rep-n).
    """
    grams = [list(_grams(text, n)) for text in texts]
    shares = [1.0 - len(set(of_text)) / len(of_text) for of_text in grams if of_text]
    require_rows(len(shares), what="texts with n-grams")
    return float(np.mean(shares))


def entropy_bits(counts: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Shannon entropy of the shares, in bits; the plug-in estimate, which is too low by about (K - 1) / (2 N ln 2).

    Args:
        counts: shape [..., K], each row with a sum above 0.

    Source: Shannon (1948), A Mathematical Theory of Communication, section 6; the bias: Miller (1955), Note on the Bias
        of Information Estimates.
    """
    shares = counts / counts.sum(axis=-1, keepdims=True)
    logs = np.log2(shares, where=shares > 0, out=np.zeros_like(shares, dtype=np.float64))
    # Where one label has it all, 0 and not -0.
    return np.asarray(np.maximum(-(shares * logs).sum(axis=-1), 0.0))


def label_entropy(
    y_true: NDArray[np.int64],
    y_pred: NDArray[np.int64],
    *,
    n_labels: int,
    groups: NDArray[np.int64] | None,
    seed: int,
    confidence: float = 0.95,
    n_draws: int = N_DRAWS,
) -> LabelEntropy | None:
    """Holds the entropy of the answers against that of the labels.

    Both are taken from the same rows, so that what is too low in one is too low in the other and leaves the ratio.

    Args:
        y_true: label codes of the rows, shape [N].
        y_pred: codes of the answers, shape [N].
        n_labels: K; codes are 0 to K - 1.
        groups: group of each row as a number, shape [N]; None where every row is its own.
        seed: of the draws.
        confidence: nominal two-sided coverage, 0 to 1.
        n_draws: draws.

    Returns:
        The entropies; None where all rows have one label, whose entropy is 0.

    Raises:
        DataError: there are no rows.

    Source: `entropy_bits`; the bootstrap: `resampling.group_draws`.
    """
    require_rows(len(y_true))
    has = np.bincount(y_true, minlength=n_labels)
    given = np.bincount(y_pred, minlength=n_labels)
    data_bits, predicted_bits = float(entropy_bits(has)), float(entropy_bits(given))
    if data_bits == 0.0:
        return None
    codes, n_groups = codes_or_rows(len(y_true), groups)
    of_group = [_counts(codes, y, shape=(n_groups, n_labels)) for y in (y_true, y_pred)]
    ratios = []
    for times in group_draws(n_groups, n_draws=n_draws, seed=seed):
        bits, said = (entropy_bits(times @ one) for one in of_group)
        # A draw of rows that all have one label has no ratio.
        ratios.append(said[bits > 0.0] / bits[bits > 0.0])
    null = np.random.default_rng([seed, 1]).multinomial(len(y_true), has / has.sum(), size=n_draws)
    return LabelEntropy(
        predicted_bits=predicted_bits,
        data_bits=data_bits,
        ratio=predicted_bits / data_bits,
        ratio_interval=percentile_interval(np.concatenate(ratios), confidence=confidence),
        null_bits=percentile_interval(entropy_bits(null), confidence=confidence),
    )


def _grams(text: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return (tuple(text[start : start + n]) for start in range(len(text) - n + 1))


def _counts(codes: NDArray[np.int64], y: NDArray[np.int64], *, shape: tuple[int, int]) -> NDArray[np.float64]:
    counts = np.zeros(shape)
    np.add.at(counts, (codes, y), 1.0)
    return counts
