"""Slices of a task held against its rows: which row is in which, and that a name goes on meaning the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from suffice.errors import Problem, TaskError, nearest, quoted
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.dataset import Dataset
from suffice.records.labels import LabelSet
from suffice.records.slices import FrozenSlice, FrozenSlices, Slice
from suffice.records.task import SliceSpec
from suffice.store import strict_json
from suffice.store.strict_json import digest


def slices_of(specs: Mapping[str, SliceSpec], data: Dataset) -> tuple[Slice, ...]:
    """Which rows each slice holds; those by a column that the data version did not keep are an error.

    Args:
        specs: the task's `slices`.
        data: the N rows of a data version, all splits.

    Raises:
        TaskError: every slice by a column that the data version does not have.
    """
    missing = [
        Problem(
            where=f"task.yaml: slices.{name}.column",
            rule="the data version must have kept the column that a slice is made by",
            got=f"{data.name}, which was read without {spec.column!r}",
            fix="take data.version out of the task file, so that the files are read again; then clean again",
        )
        for name, spec in specs.items()
        if spec.column is not None and spec.column not in data.kept_columns
    ]
    if missing:
        raise TaskError(missing)
    return tuple(Slice(name=name, says=in_words(spec), member=_member(spec, data)) for name, spec in specs.items())


def require_slices(specs: Mapping[str, SliceSpec], slices: Sequence[Slice], data: Dataset, labels: LabelSet) -> None:
    """Refuses slices that nothing can be measured on.

    Args:
        specs: the task's `slices`.
        slices: the same over the N validation rows.
        data: those rows.
        labels: the K labels.

    Raises:
        TaskError: labels that are not in the set, and slices that no validation row is in, all at once.
    """
    unknown = {name: [label for label in spec.labels if label not in labels.names] for name, spec in specs.items()}
    problems = [
        Problem(
            where=f"task.yaml: slices.{name}.label",
            rule=f"must name labels of the task's {len(labels)}",
            got=f"{quoted(label)}{nearest(label, labels.names)}",
            fix="correct the label, or take it out",
        )
        for name, wrong in unknown.items()
        for label in wrong
    ]
    problems += [
        Problem(
            where=f"task.yaml: slices.{one.name}",
            rule=f"must hold at least one of the {len(data):,} validation rows",
            got=f"none where {one.says}{_there_are(specs[one.name], data)}",
            fix="correct the slice, or take it out",
        )
        for one in slices
        if not one.member.any() and not unknown[one.name]
    ]
    if problems:
        raise TaskError(problems)


def freeze(
    workspace: Workspace, slices: Sequence[Slice], data: Dataset, *, version: str, validation: NDArray[np.int64]
) -> None:
    """Writes down which rows each slice holds, or refuses one that held others under the same name.

    Args:
        workspace: where it is written.
        slices: over the N rows of a data version.
        data: these rows.
        version: hash of the data version.
        validation: positions of its validation rows.

    Raises:
        TaskError: slices that have changed, all at once; nothing is written then.
    """
    found = frozen_with(workspace, slices, data, version=version, validation=validation)
    if found != frozen(workspace):
        strict_json.write(workspace.slices, found)


def frozen_with(
    workspace: Workspace, slices: Sequence[Slice], data: Dataset, *, version: str, validation: NDArray[np.int64]
) -> FrozenSlices:
    """The slices of an output folder with these among them, as `freeze` would write them; nothing is written.

    Figures on a slice are held against those of runs before it. Were its rows other ones, a change would speak of the
    rows and not of the model.

    Args:
        workspace: where it is written.
        slices: over the N rows of a data version.
        data: these rows.
        version: hash of the data version.
        validation: positions of its validation rows.

    Raises:
        TaskError: slices that have changed, all at once.
    """
    known = frozen(workspace)
    if not slices:
        return known
    before, ids = known.versions.get(version, {}), np.array(data.ids, dtype=object)
    now = {
        one.name: FrozenSlice(
            says=one.says,
            n_rows=int(one.member.sum()),
            n_validation=int(one.member[validation].sum()),
            sha256=digest(sorted(ids[one.member].tolist())),
        )
        for one in slices
    }
    changed = [_changed(name, before[name], found) for name, found in now.items() if _moved(before.get(name), found)]
    if changed:
        raise TaskError(changed)
    return replace(known, versions=known.versions | {version: before | now})


def frozen(workspace: Workspace) -> FrozenSlices:
    """The slices that were used in an output folder so far.

    Args:
        workspace: where they are written.
    """
    if not workspace.slices.exists():
        return FrozenSlices(versions={})
    return strict_json.read(workspace.slices, FrozenSlices)


def as_frozen(specs: Mapping[str, SliceSpec], workspace: Workspace, version: str) -> dict[str, SliceSpec]:
    """The slices of a task that a data version was judged on; those that came later or have changed are left out.

    Args:
        specs: the task's `slices`.
        workspace: where they were written.
        version: hash of the data version.
    """
    before = frozen(workspace).versions.get(version, {})
    return {name: spec for name, spec in specs.items() if name in before and before[name].says == in_words(spec)}


def in_words(spec: SliceSpec) -> str:
    """What the rows of a slice have in common: `region is north or south`.

    Args:
        spec: of the task file.
    """
    if spec.labels:
        return f"the label is {' or '.join(spec.labels)}"
    if spec.column is not None:
        return f"{spec.column} is {' or '.join(spec.values)}"
    assert spec.words is not None, "a slice is given by one thing"
    low, high = spec.words[0] or 0, spec.words[1]
    if high is None:
        return f"the message has {low:,} words or more"
    return f"the message has {low:,} to {high - 1:,} words" if high - 1 > low else f"the message has {low:,} words"


def _member(spec: SliceSpec, data: Dataset) -> NDArray[np.bool_]:
    if spec.labels:
        return np.isin(np.array(data.labels, dtype=object), list(spec.labels))
    if spec.column is not None:
        wanted = set(spec.values)
        return np.array([cell in wanted for cell in data.cells(spec.column)], dtype=np.bool_)
    assert spec.words is not None, "a slice is given by one thing"
    n_words = np.array([len(text.split()) for text in data.texts], dtype=np.int64)
    low, high = spec.words[0] or 0, spec.words[1]
    return np.asarray((n_words >= low) & (n_words < (n_words.max(initial=0) + 1 if high is None else high)))


def _there_are(spec: SliceSpec, data: Dataset) -> str:
    """What stands in the column instead."""
    if spec.column is None:
        return ""
    found = sorted({cell for cell in data.cells(spec.column) if cell is not None})
    if not found:
        return f"; {spec.column} is empty there"
    return f"; {spec.column} is {', '.join(map(quoted, found[:5]))}{' and others' if len(found) > 5 else ''} there"


def _moved(before: FrozenSlice | None, now: FrozenSlice) -> bool:
    return before is not None and before.sha256 != now.sha256


def _changed(name: str, before: FrozenSlice, now: FrozenSlice) -> Problem:
    if before.says != now.says:
        what = f"rows where {now.says} ({now.n_validation:,} of validation), where it was frozen as those where "
        what += f"{before.says} ({before.n_validation:,} of validation)"
    else:
        what = f"{now.n_rows:,} rows where {now.says}, where {before.n_rows:,} were frozen under the same words"
    return Problem(
        where=f"task.yaml: slices.{name}",
        rule="a slice must hold the rows that it held when this output folder first used it",
        got=what,
        fix=f"give the new slice another name, such as `{name}-2:`; or write it as it was; or start anew with --out",
    )
