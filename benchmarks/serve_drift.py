"""How soon drift is noticed, how seldom there is an alarm without it, and how right expected accuracy is.

    python benchmarks/serve_drift.py --cells bench-out/serve_drift.jsonl --data DATA

N-grams are fitted on CLINC150 without one of its ten domains, and on Banking77 without eight of its labels. Their
answers on rows that they have not seen are asked again and again, 10,000 a day: either all alike (`plain`), or with a
daily cycle, label shares that change with the hour, and bursts about one label (`cycles`). Seven days are the baseline;
thresholds are those of `suffice drift` at one false alarm in 30 days over four statistics together. Alarms are counted
in 90 days without a change, and delays after changes that begin at any time of day: a fifth of the requests out of
scope (CLINC150's own out-of-scope rows), a fifth of the withheld domain or labels, a fifth of the tenth of labels that
are most often answered wrongly, two letters changed places in half of the messages. CFPB by time is the benign case:
its rows are few, so that a division by chance is measured beside the one by time.

Asked: at most one alarm in 30 days; a fifth out of scope noticed within 200 requests; expected accuracy within two
points without a change.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from cells import Measured, measure, options, print_json
from closed_tasks import FILES
from drift_traffic import PER_DAY, Answers, Asked, asked, traffic
from numpy.typing import NDArray

from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.interface import FittedRung, Settings, TrainingData
from suffice.rungs.ladder import describe
from suffice.split import Strata, tune_rows
from suffice.stats.cusum import crossing, cusum, peaks
from suffice.stats.prediction_powered import prediction_powered_mean
from suffice.stats.temperature import fit_temperature, softmax
from suffice.watch.baseline import baseline_of
from suffice.watch.streams import Stream, streams_of
from suffice.watch.thresholds import thresholds
from suffice.watch.traffic import DAY_S
from suffice.watch.words import known_words, unknown_shares

MINUTES = 15
"""On one core."""
SETS, TRAFFIC, REPEATS = ("clinc150", "banking77"), ("plain", "cycles"), 3
WITHHELD_DOMAIN, WITHHELD_LABELS = "travel", 8
BASELINE_DAYS, LIVE_DAYS = 7.0, 90.0
ONSETS, FOLLOWED = 30, 4_000
"""Changes of each kind, and requests after each: what is noticed later counts as not noticed."""
SHARE, TYPO_SHARE = 0.2, 0.5
TRAIN_SHARE, N_VALIDATION, N_CALIBRATION = 0.5, 1_000, 1_000
STRENGTH = 10.0
"""Of regularisation, fixed: choosing it would take five times as long."""
TOLERANCE = 0.01
N_ACCURACY, N_WINDOW = 200, 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """Answers of a rung, ordinary ones first."""

    said: Answers
    """Of ordinary messages and of those of every change, shape [M]."""
    n: int
    """Ordinary ones."""
    changes: dict[str, NDArray[np.int64]]
    """Positions of the messages that each change asks instead."""
    n_labels: int


def rows_of(name: str, *, data: Path) -> list[dict[str, str]]:
    """Rows of a set, each message once.

    Args:
        name: of the set.
        data: folder of the real sets.
    """
    with (data / FILES[name]).open(encoding="utf-8") as lines:
        once = {row["text"]: row for row in map(json.loads, lines)}
    return list(once.values())


class Answering:
    """N-grams with their temperature, and the words that they were trained on."""

    def __init__(self, texts: Sequence[str], labels: Sequence[str], *, n_train: int) -> None:
        """
        Args:
            texts: messages to train on, and behind them those that set the temperature.
            labels: of each.
            n_train: of how many messages it is trained.
        """
        self.labels = LabelSet.of(labels)
        y = self.labels.encode(labels)
        train = np.arange(n_train)
        strata = Strata(y=y, groups=np.arange(len(texts)), keys=tuple(texts))
        given = TrainingData(
            texts=list(texts[:n_train]),
            y=y[:n_train],
            labels=self.labels,
            tune=tune_rows(train, strata, seed=0),
            folds=None,
        )
        spec = TrainSpec(strength=STRENGTH)
        how = Settings(
            seed=0, train=spec, instruction="", context_tokens=512, too_long="head_tail", label_output="tokens"
        )
        fit = describe("tfidf").load_class().fit
        self._rung: FittedRung = fit(given, how, base="", checkpoints=Path(), progress=SILENT)
        self._words = known_words(texts[:n_train])
        held = self._rung.scores(list(texts[n_train:])).logits
        self._temperature = fit_temperature(held, y[n_train:])

    def answers(self, texts: Sequence[str], labels: Sequence[str | None]) -> Answers:
        """What it says of messages; None for a label that it does not know."""
        probs = softmax(self._rung.scores(list(texts)).logits, temperature=self._temperature)
        code = {label: k for k, label in enumerate(self.labels.names)}
        return Answers(
            confidence=probs.max(axis=1),
            y_pred=probs.argmax(axis=1),
            y_true=np.array([code.get(label or "", -1) for label in labels], dtype=np.int64),
            unknown=unknown_shares(texts, self._words),
        )


def misspelt(text: str, generator: np.random.Generator) -> str:
    """Two letters next to each other change places, twice."""
    letters = list(text)
    for i in generator.integers(0, max(len(letters) - 1, 1), 2):
        letters[i : i + 2] = letters[i : i + 2][::-1]
    return "".join(letters)


def together(parts: Sequence[Answers]) -> Answers:
    """All of them, one part behind the other."""
    names = ("confidence", "y_pred", "y_true", "unknown")
    return Answers(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


@cache
def bundle(name: str, data: Path) -> Bundle:
    """Fits a set, and asks it everything.

    Args:
        name: of the set.
        data: folder of the real sets.
    """
    generator = np.random.default_rng(3)
    rows = rows_of(name, data=data)
    out_of_scope = [row["text"] for row in rows_of("clinc150", data=data) if row["label"] == "oos"]
    rows = [row for row in rows if row["label"] != "oos"]
    names = sorted({row["label"] for row in rows})
    away = set(generator.choice(names, WITHHELD_LABELS, replace=False).tolist())
    if name == "clinc150":
        away = {row["label"] for row in rows if row["domain"] == WITHHELD_DOMAIN}
    withheld = [row["text"] for row in rows if row["label"] in away]
    ours = [row for row in rows if row["label"] not in away]
    order = generator.permutation(len(ours)).tolist()
    texts, labels = [ours[i]["text"] for i in order], [ours[i]["label"] for i in order]
    n_train = int(TRAIN_SHARE * len(ours))
    first = n_train + N_VALIDATION
    clerk = Answering(texts[:first], labels[:first], n_train=n_train)
    pool, truth = texts[first:], labels[first:]
    said = clerk.answers(pool, truth)
    other = clerk.answers([*out_of_scope, *withheld], [None] * (len(out_of_scope) + len(withheld)))
    typos = clerk.answers([misspelt(text, generator) for text in pool], truth)
    n, n_out, n_held = len(pool), len(out_of_scope), len(withheld)
    return Bundle(
        said=together([said, other, typos]),
        n=n,
        changes={
            "out of scope": n + np.arange(n_out),
            "withheld": n + n_out + np.arange(n_held),
            "confusable": _confusable(said),
            "typos": n + n_out + n_held + np.arange(n),
        },
        n_labels=len(clerk.labels.names),
    )


def _confusable(said: Answers) -> NDArray[np.int64]:
    """Messages of the tenth of labels that are most often answered wrongly."""
    n = np.bincount(said.y_true)
    wrong = np.bincount(said.y_true, weights=~said.right) / np.maximum(n, 1)
    worst = np.argsort(-wrong)[: max(len(n) // 10, 1)]
    return np.flatnonzero(np.isin(said.y_true, worst))


def cell(name: str, *, data: Path) -> Measured:
    """One set, traffic and baseline: false alarms, delays after each change, and errors of expected accuracy."""
    task, kind, repeat = name.split(" ")
    if task == "cfpb":
        return benign(kind, int(repeat), data=data)
    made = bundle(task, data)
    generator = np.random.default_rng([11, int(repeat)])
    truth = made.said.y_true[: made.n]
    cycles = kind == "cycles"
    quiet = asked(truth, days=BASELINE_DAYS + LIVE_DAYS, cycles=cycles, generator=generator)
    onsets = [
        (change, _changed(made, change, cycles=cycles, generator=generator))
        for change in made.changes
        for _ in range(ONSETS)
    ]
    last = quiet.at[-1] + DAY_S - quiet.at[-1] % DAY_S
    requests = Asked(
        at=np.concatenate([quiet.at, *(last + one.at for _, one in onsets)]),
        rows=np.concatenate([quiet.rows, *(one.rows for _, one in onsets)]),
    )
    all_of_it = traffic(made.said, requests, n_labels=made.n_labels, with_words=True)
    baseline = baseline_of(all_of_it)
    assert baseline is not None, "seven days are enough"
    streams = streams_of(all_of_it, baseline, tolerance=TOLERANCE)
    heights = thresholds(streams, baseline, per_day=PER_DAY, seed=int(repeat))
    live = np.arange(baseline.n, len(quiet.at))
    alarms = {
        one.name: int((peaks(cusum(one.increments(live))) > h).sum()) for one, h in zip(streams, heights, strict=True)
    }
    found: dict[str, list[dict[str, int]]] = {change: [] for change in made.changes}
    for i, (change, _) in enumerate(onsets):
        rows = len(quiet.at) + np.arange(i * FOLLOWED, (i + 1) * FOLLOWED)
        found[change].append(_delays(streams, heights, rows))
    return {
        "accuracy": float(made.said.right[: made.n].mean()),
        "thresholds": dict(zip(alarms, heights, strict=True)),
        "alarms": alarms,
        "alarms_in_30_days": sum(alarms.values()) * 30.0 / LIVE_DAYS,
        "delays": {change: _summary(delays) for change, delays in found.items()},
        "accuracy_error": _accuracy(made, quiet, generator),
    }


def _changed(made: Bundle, change: str, *, cycles: bool, generator: np.random.Generator) -> Asked:
    """Requests from some time of a day on, a share of them changed."""
    day = asked(made.said.y_true[: made.n], days=2.0, cycles=cycles, generator=generator)
    first = int(generator.integers(0, len(day.at) - FOLLOWED))
    at, rows = day.at[first : first + FOLLOWED], day.rows[first : first + FOLLOWED].copy()
    instead = made.changes[change]
    if change == "typos":
        mine = generator.random(FOLLOWED) < TYPO_SHARE
        rows[mine] = instead[rows[mine]]
    else:
        mine = generator.random(FOLLOWED) < SHARE
        rows[mine] = generator.choice(instead, int(mine.sum()))
    return Asked(at=at, rows=rows)


def _delays(streams: Sequence[Stream], heights: Sequence[float], rows: NDArray[np.int64]) -> dict[str, int]:
    """Requests until each statistic crosses; those that do not are left out."""
    crossed = {one.name: crossing(cusum(one.increments(rows)), h) for one, h in zip(streams, heights, strict=True)}
    return {name: at[0] + 1 for name, at in crossed.items() if at is not None}


def _summary(delays: Sequence[dict[str, int]]) -> Measured:
    never = FOLLOWED + 1
    first = np.array([min(one.values(), default=never) for one in delays])
    without_words = np.array(
        [min((n for name, n in one.items() if name != "unknown words"), default=never) for one in delays]
    )
    return {
        "median": float(np.median(first)),
        "p90": float(np.quantile(first, 0.9)),
        "within_200": float((first <= 200).mean()),
        "noticed": float((first < never).mean()),
        "median_without_words": float(np.median(without_words)),
        "p90_without_words": float(np.quantile(without_words, 0.9)),
        "within_200_without_words": float((without_words <= 200).mean()),
        "by": {
            name: float(np.median([one.get(name, never) for one in delays]))
            for name in sorted({k for one in delays for k in one})
        },
    }


def _accuracy(made: Bundle, quiet: Asked, generator: np.random.Generator) -> Measured:
    """Expected accuracy of windows of requests, each by calibration rows of its own, against how many were right."""
    errors, covered = [], 0
    right, sure = made.said.right.astype(np.float64), made.said.confidence
    for _ in range(N_ACCURACY):
        known = generator.integers(0, made.n, N_CALIBRATION)
        first = int(generator.integers(0, len(quiet.rows) - N_WINDOW))
        rows = quiet.rows[first : first + N_WINDOW]
        expected, interval = prediction_powered_mean(sure[rows], sure[known], right[known])
        errors.append(abs(expected - right[rows].mean()))
        covered += bool(interval.low <= right[rows].mean() <= interval.high)
    return {
        "median": float(np.median(errors)),
        "p95": float(np.quantile(errors, 0.95)),
        "within_2_points": float((np.array(errors) <= 0.02).mean()),
        "covered": covered / N_ACCURACY,
    }


def benign(kind: str, repeat: int, *, data: Path) -> Measured:
    """CFPB, fitted on its earliest 40%; what comes after the baseline is later, or another half by chance."""
    said = _cfpb(data)
    generator = np.random.default_rng([13, repeat])
    n = len(said.confidence)
    order = np.arange(n) if kind == "by_time" else generator.permutation(n)
    before, after = order[: n // 2], order[n // 2 :]
    quiet = asked(said.y_true[before], days=BASELINE_DAYS + 0.01, cycles=True, generator=generator)
    later = asked(said.y_true[after], days=7.0, cycles=True, generator=generator)
    whole = Asked(
        at=np.concatenate([quiet.at, (BASELINE_DAYS + 1.0) * DAY_S + later.at]),
        rows=np.concatenate([before[quiet.rows], after[later.rows]]),
    )
    n_labels = int(max(said.y_pred.max(), said.y_true.max())) + 1
    requests = traffic(said, whole, n_labels=n_labels, with_words=True)
    baseline = baseline_of(requests)
    assert baseline is not None, "seven days are enough"
    streams = streams_of(requests, baseline, tolerance=TOLERANCE)
    heights = thresholds(streams, baseline, per_day=PER_DAY, seed=repeat)
    return {
        "messages": n // 2,
        "accuracy": {"baseline": float(said.right[before].mean()), "later": float(said.right[after].mean())},
        "confidence": {
            "baseline": float(said.confidence[before].mean()),
            "later": float(said.confidence[after].mean()),
        },
        "delays": _delays(streams, heights, np.arange(len(quiet.at), len(whole.at))),
    }


@cache
def _cfpb(data: Path) -> Answers:
    """Answers on the later half of CFPB, in order of time."""
    rows = sorted(rows_of("cfpb", data=data), key=lambda row: row["date"])
    n_train, first = int(0.4 * len(rows)), len(rows) // 2
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    known = set(labels[:n_train])
    early = [i for i in range(first) if labels[i] in known]
    clerk = Answering([texts[i] for i in early], [labels[i] for i in early], n_train=sum(i < n_train for i in early))
    return clerk.answers(texts[first:], labels[first:])


def main() -> None:
    """Runs every cell and prints what was measured."""
    given = options(__doc__ or "").parse_args()
    names = [f"cfpb {kind} {repeat}" for kind in ("by_time", "by_chance") for repeat in range(REPEATS)]
    names += [f"{task} {kind} {repeat}" for task in SETS for kind in TRAFFIC for repeat in range(REPEATS)]
    print_json(measure(names, lambda name: cell(name, data=Path(given.data)), kept=given.cells))


if __name__ == "__main__":
    main()
