"""What models say of the rows of a data version, kept on disk so that checks and review need no model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INSEPARABLE_AUC = 0.65
"""Labels given at random come to 0.5, give or take what few rows bring; a tenth of two labels swapped leaves 0.8."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspicion:
    """Every row that may be reviewed, with how likely its label is wrong."""

    rows: NDArray[np.int64]
    """Positions in the data version, ascending, shape [M]: train and validation, other splits where asked for."""
    score: NDArray[np.float64]
    """In [0, 1], shape [M]; higher is more suspect. An order, not a probability."""
    suggested: NDArray[np.int64]
    """Label code that the models would give, shape [M]; the given one where they agree with it."""
    margin: NDArray[np.float64]
    """Probability of the best other label less that of the given one, in [-1, 1], shape [M]; labels that the data
    cannot tell from the given one count with it."""
    disputed: NDArray[np.float64]
    """In [0, 1], shape [M]: how surely a row lies between its label and others that the data cannot tell from it. A
    lead to ambiguity, apart from error; 0.0 where every label can be told from the given one."""
    neighbours: NDArray[np.int64]
    """Positions in the data version of the nearest rows by embedding that are no copies, nearest first, shape [M, k];
    -1 for none; k is 0 where there are no embeddings."""
    similarities: NDArray[np.float64]
    """Cosine similarity of each neighbour, shape [M, k]."""

    def flagged(self, *, least: float, decided: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions in the data version of the rows with at least this margin, most suspect first.

        Args:
            least: margin.
            decided: positions of rows about which a person has decided: whatever models say, they are no lead.
        """
        found = np.flatnonzero((self.margin >= least) & ~np.isin(self.rows, decided))
        return self.rows[found[np.argsort(-self.score[found], kind="stable")]]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfFold:
    """One cheap rung's word on every row, by a model that did not see it."""

    rung: str
    """As in `ladder`."""
    n_train: int
    """Rows that each model was fitted on."""
    log_probs: NDArray[np.float64]
    """Of each label, shape [M, K]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswersAtSize:
    """One size of the learning curve: the same rows, judged by models that learned from fewer."""

    rung: str
    """As in `ladder`."""
    n_train: int
    """Rows that each model was fitted on, at most."""
    correct: NDArray[np.bool_]
    """Whether each row was answered as labelled, shape [M]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelPair:
    """Two labels that are taken for each other often, and how well they are told apart."""

    first: int
    """Label code."""
    second: int
    """Label code, above `first`."""
    n_rows: int
    """Rows of either label."""
    n_confused: int
    """Of these, rows that are taken for the other label: what merging the two would set right."""
    auc: float
    """Chance that of two rows, one of each label, the order of the predicted odds is right; 0.5 is none."""

    @property
    def inseparable(self) -> bool:
        """Whether the data cannot tell the two apart."""
        return self.auc <= INSEPARABLE_AUC


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What cheap rungs say, out of fold, of the rows that may be looked at."""

    rows: NDArray[np.int64]
    """Positions in the data version, ascending, shape [M]."""
    y: NDArray[np.int64]
    """Label codes of these rows, shape [M]."""
    out_of_fold: tuple[OutOfFold, ...]
    """In order of cost, at least one."""
    curve: tuple[AnswersAtSize, ...]
    """From few rows to many; the last point is the rung's own out-of-fold prediction."""
    predicted: NDArray[np.int64]
    """Label code that the cheap rungs together find the most probable, shape [M]."""
    probs: NDArray[np.float64]
    """What all of them say together, with nearest neighbours and trained models where there are some, shape [M, K]."""
    pairs: tuple[LabelPair, ...]
    """Labels that cheap rungs confuse, the most confused first."""
    suspicion: Suspicion
    """The rows in order of suspicion."""
    paraphrases: NDArray[np.int64] | None
    """Component of rows that say the same by their embeddings, shape [N]; None without embeddings."""
    no_embeddings: str | None
    """Why there are none; None where there are."""

    def crossed(self, pair: LabelPair) -> NDArray[np.int64]:
        """Places among the M rows of those with one label of a pair that are taken for the other.

        Args:
            pair: two labels.
        """
        codes = (pair.first, pair.second)
        return np.flatnonzero(np.isin(self.y, codes) & np.isin(self.predicted, codes) & (self.y != self.predicted))


@dataclass(frozen=True, kw_only=True, slots=True)
class NoEvidence:
    """No model could be asked."""

    why: str
    """What kept it, in words that end a sentence."""
