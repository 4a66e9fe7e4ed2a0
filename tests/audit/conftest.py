"""Rows in a line each, and what the audit says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from suffice.audit import audit
from suffice.audit.audit import CHECKS
from suffice.audit.check import Audited
from suffice.copies import find_copies, group_rows
from suffice.records.copies import Copies
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.evidence import AnswersAtSize, Evidence, OutOfFold, Suspicion
from suffice.records.finding import Audit, Finding
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES, Splits
from suffice.stats.separation import confused_pairs, inseparable_labels
from suffice.stats.suspicion import judge

Row = tuple[str, str, str] | tuple[str, str, str, str | None] | tuple[str, str, str, str | None, list[str]]
"""Text, label, split, and perhaps a customer, and perhaps what annotators chose."""


def made_up(rows: Sequence[Row], declared: Sequence[str] | None) -> tuple[Dataset, Splits, LabelSet, Copies]:
    texts, labels, splits = ([row[k] for row in rows] for k in range(3))
    customers = [row[3] if len(row) > 3 else None for row in rows]
    annotations = [row[4] if len(row) > 4 else None for row in rows]
    n = len(rows)
    ids = [f"id{row}" for row in range(n)]
    nulls = [None] * n
    columns = (ids, ["m.csv"] * n, range(n), texts, labels, customers, nulls, splits, annotations, nulls)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    copies = find_copies(texts, progress=SILENT)
    grouped = group_rows(texts, customers, copies.near)
    placed = Splits(
        codes=np.array([SPLIT_NAMES.index(split) for split in splits], dtype=np.int64),
        groups=grouped.codes,
        keys=grouped.keys,
        brought=SPLIT_NAMES,
        sha256="",
        test_sha256="",
    )
    data = Dataset(table=pa.table(arrays, schema=SCHEMA), name="raw-1f3a")
    return data, placed, LabelSet.of(labels) if declared is None else LabelSet(names=tuple(declared)), copies


@pytest.fixture
def audited() -> Callable[..., Audited]:
    """Rows as a check reads them."""

    def read(rows: Sequence[Row], *, declared: Sequence[str] | None = None) -> Audited:
        *columns, copies = made_up(rows, declared)
        return Audited.of(*columns, copies=copies, declared=declared is not None)

    return read


@pytest.fixture
def asked(audited) -> Callable[..., Audited]:
    """Rows with what models would say of those in train and validation: K log probabilities for each of the M."""

    def read(
        rows: Sequence[Row],
        log_probs: object,
        *,
        smaller: Sequence[Sequence[bool]] = (),
        paraphrases: Sequence[int] | None = None,
    ) -> Audited:
        seen = audited(rows)
        of = seen.splits.rows("train", "validation")
        y, said = seen.y[of], np.asarray(log_probs, dtype=np.float64)
        probs, pairs, n_train = np.exp(said), confused_pairs(np.exp(said), y), 4 * len(y) // 5
        judged = judge(probs, y, same=inseparable_labels(pairs, n_labels=len(seen.labels)))
        points = [*(np.array(correct) for correct in smaller), said.argmax(axis=1) == y]
        evidence = Evidence(
            rows=of,
            y=y,
            out_of_fold=(OutOfFold(rung="tfidf", n_train=n_train, log_probs=said),),
            curve=tuple(
                AnswersAtSize(rung="tfidf", n_train=n_train >> k, correct=correct)
                for k, correct in reversed(list(enumerate(reversed(points))))
            ),
            predicted=probs.argmax(axis=1),
            probs=probs,
            pairs=tuple(pairs),
            suspicion=Suspicion(
                rows=of,
                score=(judged.margin + 1) / 2,
                suggested=judged.suggested,
                margin=judged.margin,
                disputed=judged.disputed,
                neighbours=np.empty((len(of), 0), dtype=np.int64),
                similarities=np.empty((len(of), 0)),
            ),
            paraphrases=None if paraphrases is None else np.array(paraphrases),
            no_embeddings="no encoder" if paraphrases is None else None,
        )
        return replace(seen, evidence=evidence)

    return read


@pytest.fixture
def run_audit() -> Callable[..., Audit]:
    """Everything that all checks say of some rows."""

    def say(rows: Sequence[Row], *, declared: Sequence[str] | None = None, allow: Sequence[str] = ()) -> Audit:
        *columns, copies = made_up(rows, declared)
        return audit(Audited.of(*columns, copies=copies, declared=declared is not None), allow=allow)

    return say


@pytest.fixture
def found(run_audit, audited) -> Callable[..., list[Finding]]:
    """What one check finds; it must have been able to run."""
    checks = {check.code: check for check in CHECKS}

    def look(code: str, rows: Sequence[Row], *, declared: Sequence[str] | None = None) -> list[Finding]:
        said = run_audit(rows, declared=declared)
        assert checks[code].needs(audited(rows, declared=declared)) is None
        return [finding for finding in said.findings if finding.code == code]

    return look


@pytest.fixture
def why_not(run_audit) -> Callable[..., str | None]:
    """Why one check could not run; None where it could."""

    def look(code: str, rows: Sequence[Row], *, declared: Sequence[str] | None = None) -> str | None:
        said = run_audit(rows, declared=declared)
        return next((one.why for one in said.not_applicable if one.code == code), None)

    return look
