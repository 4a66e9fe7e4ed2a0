"""Labelled sets with errors planted, and which rows are scored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import ComplementNB

from suffice.copies import find_copies, group_rows
from suffice.pipeline.cells.asking import EMBED_STRENGTH, Asked
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs import embed
from suffice.rungs.interface import Settings
from suffice.rungs.logistic import fit_softmax
from suffice.rungs.out_of_fold import N_FOLDS, out_of_fold_log_probs
from suffice.split import Strata, folds

Kind = Literal["uniform", "by_class", "by_row"]
FROZEN = Path(__file__).with_name("suspected_rows.json")
"""Training rows of the real sets that a third method suspects as they are: they have errors of their own."""
FILES = {"banking77": "banking77/banking77.jsonl", "clinc150": "clinc150/clinc150_full.jsonl"}
ENCODER = "minilm-l6"


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """A set as it is."""

    name: str
    texts: list[str]
    """Training messages, length N."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    labels: LabelSet
    test_texts: list[str]
    test_y: NDArray[np.int64]


def load(name: str, data: Path | None) -> Labelled:
    """One of the sets.

    Args:
        name: `banking77`, `clinc150` or `generated`.
        data: folder of the real sets.
    """
    if name == "generated":
        return generated(seed=0)
    assert data is not None, "name the folder of the data sets with --data or SUFFICE_DATA"
    rows = [json.loads(line) for line in (Path(data) / FILES[name]).open(encoding="utf-8")]
    labels = LabelSet.of([row["label"] for row in rows])
    parts = {split: [row for row in rows if row["split"] == split] for split in ("train", "test")}
    return Labelled(
        name=name,
        texts=[row["text"] for row in parts["train"]],
        y=labels.encode([row["label"] for row in parts["train"]]),
        labels=labels,
        test_texts=[row["text"] for row in parts["test"]],
        test_y=labels.encode([row["label"] for row in parts["test"]]),
    )


def generated(*, seed: int, n: int = 5_000, n_test: int = 1_000) -> Labelled:
    """Messages made of parts: what the customer has, what happened to it, how it is said.

    Eight things times three events give 24 labels that share words with their neighbours, as real ones do; one message
    in five leaves its thing or its event out and is hard for everybody.

    Args:
        seed: of the draws.
        n: training messages.
        n_test: test messages.
    """
    things = {
        "card": "card,debit card,bank card,plastic,visa",
        "transfer": "transfer,payment to a friend,money I sent,standing order,wire",
        "invoice": "invoice,bill,statement,receipt,monthly bill",
        "parcel": "parcel,package,delivery,order,box",
        "account": "account,profile,login,membership,user page",
        "subscription": "subscription,plan,contract,membership fee,package deal",
        "phone": "phone,handset,mobile,device,screen",
        "ticket": "ticket,booking,reservation,seat,trip",
    }
    events = {
        "late": "has not arrived,is late,still missing after a week,where is it,taking too long",
        "wrong": "is wrong,shows an error,does not match,has a mistake in it,looks incorrect",
        "cancel": "want to cancel it,stop it please,do not need it any more,how do I end it,please close it",
    }
    openings = ["hi", "hello there", "hey team", "good morning", "", "please help", "quick question", "so", "excuse me"]
    closings = ["thanks", "please answer soon", "what now", "can you check", "", "any idea", "it is urgent", "regards"]
    names = [f"{thing}_{event}" for thing, event in product(things, events)]
    generator = np.random.default_rng(seed)
    texts, y = [], []
    for _ in range(n + n_test):
        k = int(generator.integers(len(names)))
        thing, event = names[k].rsplit("_", 1)
        parts = [
            generator.choice(openings),
            f"my {generator.choice(things[thing].split(','))}",
            generator.choice(events[event].split(",")),
            generator.choice(closings),
            f"number {generator.integers(1_000, 9_999)}" if generator.random() < 0.3 else "",
        ]
        if generator.random() < 0.2:
            parts[int(generator.integers(1, 3))] = ""
        texts.append(" ".join(part for part in parts if part))
        y.append(k)
    codes = np.array(y, dtype=np.int64)
    labels = LabelSet(names=tuple(names))
    return Labelled(
        name="generated", texts=texts[:n], y=codes[:n], labels=labels, test_texts=texts[n:], test_y=codes[n:]
    )


def asked(texts: list[str], y: NDArray[np.int64], labels: LabelSet, *, seed: int = 0) -> Asked:
    """The rows as the audit asks about them.

    Args:
        texts: messages, length N.
        y: label codes, shape [N].
        labels: the K labels.
        seed: of the folds.
    """
    n = len(texts)
    columns = {
        "id": [f"r{row}" for row in range(n)],
        "source": ["planted.jsonl"] * n,
        "row": list(range(n)),
        "text": texts,
        "label": [labels.names[k] for k in y],
    }
    arrays = [pa.array(columns.get(field.name, [None] * n), field.type) for field in SCHEMA]
    groups = group_rows(texts, [None] * n, find_copies(texts, progress=SILENT).near)
    return Asked(
        data=Dataset(table=pa.table(arrays, schema=SCHEMA), name="planted"),
        rows=np.arange(n, dtype=np.int64),
        y=y,
        labels=labels,
        strata=Strata(y=y, groups=groups.codes, keys=groups.keys),
        settings=settings(seed),
        encoder=ENCODER,
        no_embeddings=None,
    )


def settings(seed: int) -> Settings:
    """How much of a message is read, and the seed."""
    return Settings(
        seed=seed,
        train=TrainSpec(),
        instruction="",
        context_tokens=512,
        too_long="head_tail",
        label_output="tokens",
    )


def reference(labelled: Labelled) -> NDArray[np.float64]:
    """What embeddings say of the set as it is, out of fold: which label is the most confusable; shape [N, K].

    Args:
        labelled: the set.
    """
    rows = asked(labelled.texts, labelled.y, labelled.labels)
    x = embed.features(labelled.texts, rows.settings, base=ENCODER, progress=SILENT)
    fold_of = folds(rows.rows, rows.strata, n_folds=N_FOLDS, seed=17)
    n_labels = len(labelled.labels)
    return out_of_fold_log_probs(x, labelled.y, n_labels=n_labels, fold_of=fold_of, fit=fit_softmax, c=EMBED_STRENGTH)


def plant(
    y: NDArray[np.int64], *, rate: float, kind: Kind, log_probs: NDArray[np.float64], seed: int
) -> NDArray[np.int64]:
    """Labels with errors; shape [N].

    Args:
        y: right label codes, shape [N].
        rate: of the rows, a fraction.
        kind: any other label; the one that the row's label is most confused with; the one that the row itself is.
        log_probs: by `reference`, shape [N, K].
        seed: of the draws.
    """
    generator, n_labels = np.random.default_rng(seed), log_probs.shape[1]
    rows = generator.choice(len(y), size=round(rate * len(y)), replace=False)
    planted = y.copy()
    if kind == "uniform":
        planted[rows] = (y[rows] + generator.integers(1, n_labels, len(rows))) % n_labels
    elif kind == "by_class":
        confused = np.zeros((n_labels, n_labels))
        np.add.at(confused, y, np.exp(log_probs))
        np.fill_diagonal(confused, -1.0)
        planted[rows] = confused.argmax(axis=1)[y[rows]]
    else:
        others = log_probs[rows].copy()
        others[np.arange(len(rows)), y[rows]] = -np.inf
        planted[rows] = others.argmax(axis=1)
    return planted


def scored_rows(labelled: Labelled) -> NDArray[np.bool_]:
    """Whether a row is scored: not where a third method suspects it as the set is; shape [N].

    Args:
        labelled: the set.
    """
    scored = np.ones(len(labelled.y), dtype=np.bool_)
    if labelled.name != "generated":
        scored[json.loads(FROZEN.read_text(encoding="utf-8"))[labelled.name]] = False
    return scored


def freeze(data: Path) -> None:
    """Writes the rows that a naive Bayes over words suspects most, a tenth of each real set as it is.

    Args:
        data: folder of the real sets.
    """
    frozen = {}
    for name in FILES:
        labelled = load(name, data)
        n, y = len(labelled.y), labelled.y
        x = CountVectorizer(ngram_range=(1, 2)).fit_transform(labelled.texts)
        fold_of = np.random.default_rng(0).permutation(n) % N_FOLDS
        log_probs = np.empty((n, len(labelled.labels)))
        for fold in range(N_FOLDS):
            held = fold_of == fold
            model = ComplementNB(alpha=0.3).fit(x[~held], y[~held])
            log_probs[held] = -np.inf
            log_probs[np.ix_(np.flatnonzero(held), model.classes_)] = model.predict_log_proba(x[held])
        others = log_probs.copy()
        others[np.arange(n), y] = -np.inf
        suspicion = others.max(axis=1) - log_probs[np.arange(n), y]
        frozen[name] = sorted(np.argsort(-suspicion, kind="stable")[: n // 10].tolist())
    FROZEN.write_text(json.dumps(frozen) + "\n", encoding="utf-8")
