"""Two runs on the same rows: which is right where the other is wrong, and by how much they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.errors import DataError, Problem, quoted
from suffice.records.evaluation import Comparison, Predictions, SliceChange
from suffice.records.labels import INVENTED
from suffice.records.slices import Slice
from suffice.stats.multiplicity import benjamini_hochberg
from suffice.stats.paired import grouped_p, paired_counts
from suffice.stats.scored import require_rows
from suffice.stats.tango import difference_interval


def compare(
    first: Predictions,
    second: Predictions,
    y_true: NDArray[np.int64],
    *,
    groups: NDArray[np.int64],
    names: tuple[str, str],
    split: str,
    slices: Sequence[Slice] = (),
) -> Comparison:
    """Exact McNemar test, groups whole, and the interval of the paired score test, on the same rows.

    Rows and labels are matched by name: the second may have them in another order than the first.

    Args:
        first: answers of the first run for N rows.
        second: answers of the second run for the same rows.
        y_true: positions of the rows' labels in `first.labels`, in the order of `first.ids`, shape [N].
        groups: group of each row, in the same order, shape [N].
        names: names of the two runs.
        split: what the rows are: `validation`, `test` or `out_of_fold`.
        slices: over the rows of `first`, in their order.

    Raises:
        DataError: the two did not answer for the same rows with the same labels, or there are no rows.

    Source: `stats.paired`, `stats.tango`.
    """
    _require_same(f"{split} rows", first.ids, second.ids, names=names)
    _require_same("labels", first.labels.names, second.labels.names, names=names)
    require_rows(len(y_true), what=f"{split} rows of {names[0]} and {names[1]}")
    assert y_true.shape == groups.shape == (len(first.ids),), "one label and one group for each row"
    assert ((y_true >= 0) & (y_true < len(first.labels))).all(), "labels of scored rows are in the label set"
    first_right = first.y_pred == y_true
    second_right = _answers_in_order_of(first, second) == y_true
    counts = paired_counts(first_right, second_right)
    return Comparison(
        first=names[0],
        second=names[1],
        split=split,
        n=counts.n,
        difference=counts.difference,
        interval=difference_interval(first_right, second_right, groups=groups),
        n_only_first=counts.n_only_first,
        n_only_second=counts.n_only_second,
        p_value=grouped_p(first_right, second_right, groups),
        slices=_changes(first_right, second_right, slices, groups=groups),
    )


def _changes(
    first_right: NDArray[np.bool_],
    second_right: NDArray[np.bool_],
    slices: Sequence[Slice],
    *,
    groups: NDArray[np.int64],
) -> tuple[SliceChange, ...]:
    """The paired change on every slice; rates of false discovery are over all of them that have rows.

    Source: `stats.paired`, `stats.tango`, `stats.multiplicity.benjamini_hochberg`.
    """
    scored = [one for one in slices if one.member.any()]
    p_values = [grouped_p(first_right[one.member], second_right[one.member], groups[one.member]) for one in scored]
    q_values = benjamini_hochberg(p_values).tolist()
    found = {one.name: (p, q) for one, p, q in zip(scored, p_values, q_values, strict=True)}
    changes: list[SliceChange] = []
    for one in slices:
        first, second = first_right[one.member], second_right[one.member]
        p, q = found.get(one.name, (None, None))
        changes.append(
            SliceChange(
                name=one.name,
                n=len(first),
                difference=float(first.mean() - second.mean()) if p is not None else None,
                interval=difference_interval(first, second, groups=groups[one.member]) if p is not None else None,
                n_only_first=int((first & ~second).sum()),
                n_only_second=int((second & ~first).sum()),
                p_value=p,
                q_value=q,
            )
        )
    return tuple(changes)


def _answers_in_order_of(first: Predictions, second: Predictions) -> NDArray[np.int64]:
    """The second's answers as positions in the first's labels, for the first's rows in their order, shape [N]."""
    position = {id_: row for row, id_ in enumerate(second.ids)}
    given = second.y_pred[[position[id_] for id_ in first.ids]]
    return np.where(given == INVENTED, INVENTED, first.labels.encode(second.labels.names)[given])


def _require_same(what: str, first: Sequence[str], second: Sequence[str], *, names: tuple[str, str]) -> None:
    """Refuses to compare figures that are not about the same things.

    Raises:
        DataError: something is there for one of the two only.
    """
    one, other = set(first), set(second)
    alone = [name for name in (*first, *second) if name not in one or name not in other]
    if alone:
        raise DataError(
            Problem(
                where=f"{names[0]} and {names[1]}",
                rule=f"two runs are compared on the same {what}",
                got=f"not in both: {len(alone):,} of the {what}, such as {quoted(alone[0])}",
                fix="run both on the same data version, with the same labels and the same split.seed",
            )
        )
