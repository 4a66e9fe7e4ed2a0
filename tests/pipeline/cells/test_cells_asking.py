from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from reading import reading

from messages import message_rows, write_task
from suffice.pipeline.cells import asking
from suffice.pipeline.cells.asking import Asked, ask, n_train, trusted_rows, votes
from suffice.pipeline.labels import evidence as evidence_module
from suffice.records.progress import SILENT

N = 100
ROWS = message_rows(N, wrong=0.1)


@pytest.fixture
def asked(tmp_path, tiny_bert) -> Asked:
    """A hundred messages with an encoder, a tenth of them mislabelled."""
    rows = [
        row._replace(split=("train", "validation", "calibration", "test")[(n % 10) // 7]) for n, row in enumerate(ROWS)
    ]
    read = reading(write_task(tmp_path, rows, ladder=["embed"], train={"encoder": str(tiny_bert)}))
    placed = read.read.placed
    return evidence_module._asked(read.task, placed.data, splits=placed.splits, labels=read.read.labels, also_test=True)


class Told:
    """Progress that adds up."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        self.totals[what] += total
        yield lambda n: self.done.update({what: n})

    def say(self, message: str) -> None:
        raise AssertionError(message)


def test_every_step_is_told_to_its_end(asked):
    told = Told()
    ask(asked, progress=told)
    assert told.done == told.totals
    assert {"asking tfidf out of fold", "asking embed out of fold", "nearest messages"} <= set(told.totals)


def test_models_that_are_asked_again_learn_from_trusted_rows_and_the_curve_from_fewer(asked, monkeypatch):
    learned = []
    answer = asking.out_of_fold_log_probs

    def noted(x, y, *, fold_of, learn_from, **more):
        learned.append([learn_from(np.flatnonzero(fold_of != fold)) for fold in range(5)])
        return answer(x, y, fold_of=fold_of, learn_from=learn_from, **more)

    monkeypatch.setattr(asking, "out_of_fold_log_probs", noted)
    answers = ask(asked, progress=SILENT)
    outside = [np.flatnonzero(answers["fold_of"] != fold).tolist() for fold in range(5)]
    tfidf, embed, again, *curve = ([rows.tolist() for rows in one] for one in learned)
    assert tfidf == embed == outside
    trusted = trusted_rows(asked, answers)
    assert 0 < trusted.sum() < N
    assert again == [[row for row in rows if trusted[row]] for rows in outside]
    # Eighths of 80 rows are too few.
    assert answers["curve_sizes"].tolist() == [20, 40]
    for n, folds in zip((20, 40), curve, strict=True):
        assert all(n / 2 <= len(rows) <= n and set(rows) <= set(of) for rows, of in zip(folds, outside, strict=True))


def test_rows_that_first_answers_speak_against_are_not_trusted(asked):
    sure = np.log(np.where(np.eye(4, dtype=bool)[asked.y], 0.85, 0.05))
    against = sure.copy()
    against[:3] = np.roll(sure[:3], 1, axis=1)
    nothing = {"neighbours": np.empty((N, 0), dtype=np.int64), "similarities": np.empty((N, 0))}
    assert np.flatnonzero(~trusted_rows(asked, {"tfidf": sure, "embed": against, **nothing})).tolist() == []
    assert np.flatnonzero(~trusted_rows(asked, {"tfidf": against, "embed": against, **nothing})).tolist() == [0, 1, 2]


def test_rows_that_are_not_trusted_have_no_vote(asked):
    near = {"neighbours": np.tile([1, 2], (N, 1)), "similarities": np.ones((N, 2))}
    trusted = np.arange(N) != 1
    assert asked.y[1] != asked.y[2]
    assert votes(asked, near, None)[0, asked.y[1]] == votes(asked, near, None)[0, asked.y[2]]
    assert votes(asked, near, trusted)[0, asked.y[1]] < votes(asked, near, trusted)[0, asked.y[2]]


def test_a_model_learns_from_four_fifths_of_the_rows_up_to_a_bound():
    assert n_train(np.zeros(101)) == 81
    assert n_train(np.zeros(10**6, dtype=np.int8)) == asking.MAX_LEARNED
