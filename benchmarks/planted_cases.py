"""Cases with a known cause in the way: recipes that spoil a clean task in one way, or in two, or not at all.

A case is rows with a split, a task file's keys, and what a person who is always right says of reviewed rows. What the
right verdict is stands nowhere in a recipe: `planted_truth` finds it by carrying every plan out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from closed_tasks import SCORED, Pool
from numpy.typing import NDArray

N_HELD_OUT = 2_000
N_VALIDATION, N_TEST = 800, 600
"""With 400 to 600 training rows they make at most the 2,000 rows that a small task has. On 400 validation rows, as the
first three rounds had them, an accuracy is known to four points, and whatever is planted moves some sets by less."""
N_REVIEWED = 150
"""Rows of each side that the person looks at: 300 together."""
MORE = (1.5, 2.0, 3.0, 4.0)
"""Training rows that the pool allows, over those of the case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One spoiled task."""

    name: str
    family: str
    source: str
    """The clean task that it is made of: cases of one source and family are one cluster."""
    texts: tuple[str, ...]
    """All messages: train, then more training rows, validation, test, held-out rows."""
    clean: NDArray[np.int64]
    """Right label codes, shape [N]."""
    given: NDArray[np.int64]
    """Label codes as the case has them, shape [N]; held-out rows too, by the process of the evaluation rows."""
    labels: tuple[str, ...]
    train: NDArray[np.int64]
    """Positions of the training rows."""
    more: NDArray[np.int64]
    """Positions of rows that could be labelled as well, in the order in which they would come."""
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    held_out: NDArray[np.int64]
    leaked: tuple[tuple[int, int], ...] = ()
    """Held-out rows whose copies stand among the training rows: position and position of the copy."""
    ladder: tuple[str, ...] = ("majority", "tfidf", "embed")
    rungs_beyond: tuple[str, ...] = ()
    """Rungs that truth may try and the ladder does not name."""
    train_spec: dict[str, Any] = field(default_factory=dict)
    """Keys of `train` in the task file."""
    metric: str = "accuracy"
    merges: tuple[tuple[int, int], ...] = ()
    """Labels that cannot be told apart, by code."""
    aim: str = "middle"
    """Where the target lies: `below` the score as it is or `well_below` it, `above` every plan, in the `middle` of what
    one brings."""
    hosted_accuracy: float | None = None
    hosted_price: float = 0.0
    n_test_shown: int | None = None
    """Test rows that the case has; None for all."""


def base_case(pool: Pool, *, n: int, n_validation: int, n_test: int, seed: int) -> Case:
    """A clean case of `n` training rows.

    Args:
        pool: the clean task.
        n: training rows.
        n_validation: rows that compare rungs.
        n_test: rows that are sealed.
        seed: of the division.
    """
    order = np.random.default_rng([seed, 5]).permutation(len(pool.y))
    n_held = min(N_HELD_OUT, len(order) // 3)
    cuts = np.cumsum([n_held, n_test, n_validation, n])
    held, test, validation, train, more = np.split(order, cuts)
    return Case(
        name="",
        family="",
        source=pool.name,
        texts=pool.texts,
        clean=pool.y,
        given=pool.y.copy(),
        labels=pool.labels,
        train=train,
        more=more,
        validation=validation,
        test=test,
        held_out=held,
    )


def _noisy(case: Case, rows: NDArray[np.int64], *, share: float, kind: str, seed: int) -> NDArray[np.int64]:
    """Label codes with a share of those of some rows replaced: by any other label, or by a neighbour's."""
    generator, given, k = np.random.default_rng([seed, 11]), case.given.copy(), len(case.labels)
    hit = rows[generator.random(len(rows)) < share]
    if kind == "uniform":
        given[hit] = (given[hit] + generator.integers(1, k, size=len(hit))) % k
    else:
        partner = _partners(case)
        given[hit] = partner[given[hit]]
    return given


def _partners(case: Case) -> NDArray[np.int64]:
    """For each label the one whose messages share most words with its own, shape [K]."""
    words = [
        set(" ".join(case.texts[i] for i in np.flatnonzero(case.clean == code)[:200]).lower().split())
        for code in range(len(case.labels))
    ]
    common = np.array([[len(a & b) / max(1, len(a | b)) if a is not b else -1.0 for b in words] for a in words])
    return np.asarray(common.argmax(axis=1), dtype=np.int64)


def evaluated(case: Case) -> NDArray[np.int64]:
    """Positions of all rows that models are judged on, held-out ones included."""
    return np.concatenate([case.validation, case.test, case.held_out])


def trained(case: Case) -> NDArray[np.int64]:
    """Positions of training rows, those that could be labelled as well included."""
    return np.concatenate([case.train, case.more])


def train_noise(case: Case, seed: int) -> Case:
    """Wrong labels in training rows alone."""
    kind, share = ("uniform", "confusable")[seed % 2], (0.2, 0.35, 0.5)[seed % 3]
    share = share if kind == "uniform" else 0.8 * share
    return replace(case, given=_noisy(case, trained(case), share=share, kind=kind, seed=seed))


def test_noise(case: Case, seed: int) -> Case:
    """Wrong labels in the rows that models are judged on."""
    kind, share = ("uniform", "confusable")[seed % 2], (0.06, 0.10, 0.15)[seed % 3]
    return replace(case, given=_noisy(case, evaluated(case), share=share, kind=kind, seed=seed))


def systematic(case: Case, seed: int) -> Case:
    """One label's rows with a common word carry a neighbour's label: in training rows, or everywhere."""
    generator, partner = np.random.default_rng([seed, 13]), _partners(case)
    given = case.given.copy()
    everywhere = seed % 2 == 0
    rows = np.arange(len(given)) if everywhere else trained(case)
    for label in generator.permutation(len(case.labels))[: max(1, len(case.labels) // 4)]:
        mine = rows[case.clean[rows] == label]
        words: dict[str, int] = {}
        for i in mine:
            for word in set(case.texts[i].lower().split()):
                words[word] = words.get(word, 0) + 1
        usual = [word for word, n in words.items() if 0.25 * len(mine) <= n <= 0.6 * len(mine)]
        if usual:
            word = sorted(usual)[int(generator.integers(len(usual)))]
            hit = [i for i in mine if word in case.texts[i].lower().split()]
            given[hit] = partner[label]
    return replace(case, given=given)


def few_rows(case: Case, seed: int) -> Case:
    """Nothing wrong but that there are few rows."""
    del seed
    return case


def merged(case: Case, seed: int) -> Case:
    """Some labels are two by chance: nothing tells which one a row has."""
    generator, k = np.random.default_rng([seed, 17]), len(case.labels)
    n_split = (2, 3, 4, 6)[seed % 4]
    split = generator.permutation(k)[:n_split]
    given, labels, merges = case.given.copy(), list(case.labels), []
    for label in split:
        mine = np.flatnonzero(case.clean == label)
        given[mine[generator.random(len(mine)) < 0.5]] = len(labels)
        merges.append((int(label), len(labels)))
        labels.append(f"{case.labels[label]}_2")
    return replace(case, given=given, clean=given, labels=tuple(labels), merges=tuple(merges))


def under_trained(case: Case, seed: int) -> Case:
    """The task sets a strength of regularisation that lets nothing be learned."""
    ladder = (("majority", "tfidf"), ("majority", "embed"))[seed % 2]
    return replace(case, ladder=ladder, train_spec={"strength": (0.005, 0.02, 0.05)[seed % 3]})


def small_rung(case: Case, seed: int) -> Case:
    """A rung that keeps few n-grams; the next one is not in the ladder."""
    most = (40, 80, 150)[seed % 3]
    return replace(case, ladder=("majority", "tfidf"), rungs_beyond=("embed",), train_spec={"max_features": most})


def imbalance(case: Case, seed: int) -> Case:
    """Some labels are much rarer among the training rows than others, and every label counts alike."""
    generator = np.random.default_rng([seed, 19])
    k = len(case.labels)
    kept = np.ones(k)
    kept[generator.permutation(k)[: k // 2]] = (0.1, 0.2, 0.3)[seed % 3]

    def thin(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows[generator.random(len(rows)) < kept[case.clean[rows]]]

    return replace(case, train=thin(case.train), more=thin(case.more), metric="macro_f1")


def leakage(case: Case, seed: int) -> Case:
    """A share of the rows that models are judged on stands among the training rows."""
    generator = np.random.default_rng([seed, 23])
    share = (0.3, 0.5, 0.7)[seed % 3]
    rows = np.concatenate([case.validation, case.test])
    hit = rows[generator.random(len(rows)) < share]
    return replace(case, train=np.concatenate([case.train, hit]), aim="middle_of_leak")


def hard(case: Case, seed: int) -> Case:
    """A few words of each message are left, drawn at random: labels are right and can hardly be told.

    Not the first ones, with which many a task begins all its messages: copies of one message are another matter.
    """
    generator, n_words = np.random.default_rng([seed, 31]), (2, 3, 4)[seed % 3]

    def few_of(text: str) -> str:
        words = text.split()
        kept = np.sort(generator.permutation(len(words))[:n_words])
        return " ".join(words[i] for i in kept)

    return replace(case, texts=tuple(few_of(text) for text in case.texts), aim="above")


def random_labels(case: Case, seed: int) -> Case:
    """Labels by chance."""
    generator = np.random.default_rng([seed, 29])
    given = generator.permutation(case.given)
    return replace(case, given=given, clean=given, aim="above")


def unprovable(case: Case, seed: int) -> Case:
    """Good enough, and too few test rows to show it."""
    return replace(case, n_test_shown=(30, 45, 60)[seed % 3], aim="below")


def keep_prompting(case: Case, seed: int) -> Case:
    """A hosted model is right more often than anything local could be for the price."""
    return replace(case, hosted_accuracy=(0.97, 0.98, 0.985)[seed % 3], hosted_price=1e-4, aim="hosted")


Recipe = Callable[[Case, int], Case]
TWO: tuple[tuple[Recipe, Recipe], ...] = (
    (train_noise, test_noise),
    (test_noise, under_trained),
    (train_noise, under_trained),
    (few_rows, test_noise),
)
UNSEEN_TWO: tuple[tuple[Recipe, Recipe], ...] = (
    (systematic, test_noise),
    (few_rows, under_trained),
    (merged, test_noise),
    (imbalance, train_noise),
)
"""Mixes of the scored part: none of them is among those of development."""


def two_causes(case: Case, seed: int) -> Case:
    """Two things at once."""
    kinds = UNSEEN_TWO if case.source.partition("/")[0] in (*SCORED, "clinc150") else TWO
    first, second = kinds[seed % len(kinds)]
    return replace(second(first(case, seed), seed + 1), aim="both")


def healthy(case: Case, seed: int) -> Case:
    """Nothing is wrong."""
    del seed
    return replace(case, aim="well_below")


FAMILIES: dict[str, Callable[[Case, int], Case]] = {
    "train_noise": train_noise,
    "test_noise": test_noise,
    "systematic": systematic,
    "few_rows": few_rows,
    "merged": merged,
    "under_trained": under_trained,
    "small_rung": small_rung,
    "imbalance": imbalance,
    "leakage": leakage,
    "hard": hard,
    "random_labels": random_labels,
    "unprovable": unprovable,
    "keep_prompting": keep_prompting,
    "two_causes": two_causes,
    "healthy": healthy,
}
N_TRAIN = {"few_rows": 150, "hard": 600, "imbalance": 600}
"""Training rows of a family; others have 400."""
N_ROWS_COMPARED = {"random_labels": 1_000}
"""Validation rows of a family that is to bound a gain below two points; others have 800."""


def case_of(family: str, pool: Pool, seed: int) -> Case:
    """A case by its recipe.

    Args:
        family: one of `FAMILIES`.
        pool: the clean task.
        seed: of the recipe; also which severity it has.
    """
    n = max(N_TRAIN.get(family, 400), 5 * len(pool.labels) if family != "few_rows" else 0)
    made = FAMILIES[family](
        base_case(pool, n=n, n_validation=N_ROWS_COMPARED.get(family, N_VALIDATION), n_test=N_TEST, seed=seed), seed
    )
    return replace(made, name=f"{family}-{pool.name.replace('/', '-')}-{seed}", family=family)
