"""`suffice drift`: a bundle's entries in the ledger, held against calibration rows and the first of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.bundles import load_bundle
from suffice.bundles.folder import verify, version_of
from suffice.errors import DataError, Problem
from suffice.pipeline.cells.finished import prepared_for
from suffice.pipeline.rows.prepare import Prepared
from suffice.pipeline.shipped.calibrate import asked_for_calibration, fit_of
from suffice.records.progress import Progress
from suffice.store.labelling import labelled, read_labelling
from suffice.store.requests import Entry, read_entries
from suffice.watch.draw import is_drawn
from suffice.watch.drift import Drift, watch
from suffice.watch.expected import Expected, expected_accuracy
from suffice.watch.traffic import traffic_of
from suffice.watch.words import UNKNOWN_WORDS, known_words, unknown_shares


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftOptions:
    """What the command line says."""

    ledger: str
    """As SQLAlchemy has it."""
    out: Path | None
    """Output folder of the fit; None where the bundle lies in it."""
    since: float | None
    """Seconds since 1970 from which requests count; None for all of this version."""
    labels: Path | None
    """File of labelled requests."""
    one_in: int
    """Of how many requests one was drawn by chance for labelling."""
    tolerance: float
    """Share of requests that may be of another kind."""
    n_first: int
    """Requests to label first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftFound:
    """What is known of a bundle's requests."""

    version: str
    """Of the bundle."""
    drift: Drift
    expected: Expected


def find_drift(bundle: Path, options: DriftOptions, *, progress: Progress) -> DriftFound:
    """Looks through the ledger for requests to this version of a bundle.

    Args:
        bundle: a folder that fit wrote.
        options: what the command line says.
        progress: told of every step.

    Raises:
        BundleError: no bundle, or the rows that it came from are not those of its fit.
        DataError: the ledger has no request to this version, or the labels do not hold together.
        StorageError: the ledger cannot be read.
    """
    record, version = verify(bundle), version_of(bundle)
    entries = read_entries(options.ledger, version=version, since=options.since)
    if all(one.narrowed for one in entries):
        narrowed = f" that could be answered with any label, and {len(entries):,} that left some out" if entries else ""
        rule, got = "the ledger must have requests to this bundle", f"none to version {version}{narrowed}"
        fix = "name the ledger that it was served with (--ledger); a bundle that was calibrated anew is another version"
        raise DataError(Problem(where=options.ledger, rule=rule, got=got, fix=fix))
    at_hand = options.out is not None or (bundle.resolve().parent.parent / "runs").is_dir()
    prepared = None
    if at_hand:
        prepared = prepared_for(record.run, fit_of(bundle, options.out).runs / record.run.name)
    calibration = None
    if prepared is not None:
        classifier = load_bundle(bundle)
        calibration, outside_scope = asked_for_calibration(classifier, prepared.material, progress)
        if classifier.scope is not None:
            calibration = replace(calibration, outside=outside_scope)
    with progress.step("holding requests against the first of them", total=1) as done:
        traffic = traffic_of(entries, _unknown_words(entries, prepared))
        found = watch(traffic, calibration, tolerance=options.tolerance, n_first=options.n_first)
        done(1)
    outside = None if prepared is None else prepared.task.data.out_of_scope
    right = _right(entries, options, record.run.cell.labels, outside=outside)
    expected = expected_accuracy(traffic, found, calibration=calibration, right=right)
    return DriftFound(version=version, drift=found, expected=expected)


def _unknown_words(entries: list[Entry], prepared: Prepared | None) -> dict[str, NDArray[np.float64]]:
    """Where every text is kept and the training rows are at hand."""
    texts = [one.text for one in entries if one.text is not None]
    if prepared is None or len(texts) < len(entries):
        return {}
    material = prepared.material
    trained_on = material.data.take(material.rows("train")).texts
    return {UNKNOWN_WORDS: unknown_shares(texts, known_words(trained_on))}


def _right(
    entries: list[Entry], options: DriftOptions, labels: tuple[str, ...], *, outside: str | None
) -> dict[str, bool]:
    """Whether the answer was right, by id of the requests that chance drew and people labelled. To a message out of
    scope none is.
    """
    if options.labels is None:
        return {}
    read = read_labelling(options.labels, option="--labels")
    rows = labelled(read, labels, outside=outside, name=options.labels.name)
    said = {one.id: one.label for one in entries}
    drawn = is_drawn([row.id for row in rows], one_in=options.one_in)
    return {
        row.id: row.label == said[row.id]
        for row, by_chance in zip(rows, drawn, strict=True)
        if by_chance and row.why == "random" and row.id in said
    }
