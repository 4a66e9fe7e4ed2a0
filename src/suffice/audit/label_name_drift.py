"""Two names for one label, one after the other: they never meet in a split, or one ends before the other begins.

Names that differ by case, white space or Unicode form alone are for `label_variants`, which stops.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, takewhile

import numpy as np
from scipy.special import binom

from suffice.audit.check import Audited, Check, Found
from suffice.audit.label_form import label_form
from suffice.errors import quoted
from suffice.records.splits import SPLIT_NAMES
from suffice.text.counted import counted

MIN_LENGTH = 5
"""Letters and digits of a name in which one character more, less or another may be a slip."""
MAX_CHANCE = 0.05
"""That all rows of one label come before all of the other, if rows came in any order."""
_NOT_WORD = re.compile(r"[\W_]+")


def _needs(audited: Audited) -> str | None:
    if len(np.unique(audited.splits.codes)) < 2 and not any(audited.data.times):
        return "all rows stand in one split, and none has a time (data.time)"
    return None


def _look(audited: Audited) -> Iterator[Found]:
    names, times = audited.labels.names, [time or "" for time in audited.data.times]
    forms = [_NOT_WORD.sub("", label_form(name)) for name in names]
    pairs = {pair for pair in _alike(forms) | _longer(forms) if len({_digits(forms[k]) for k in pair}) == 1}
    for pair in sorted(pairs):
        first, second = sorted(pair, key=lambda k: -len(audited.rows_of_label[k]))
        if label_form(names[first]) != label_form(names[second]) and _apart(audited, pair, times):
            yield Found(
                rows=audited.rows_of_label[second],
                got=f"{_stands(audited, first)} and {_stands(audited, second)} look like two names of one label",
                fix=f"if they are one, write {quoted(names[first])} in all of these rows, and once in `labels` where "
                "task.yaml lists them",
            )


def _alike(forms: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs of labels that are the same but for punctuation, or one slip that spares the first letter.

    Two names one character apart are the same once it is left out of both; so that only names with such a form in
    common are compared. Source: Bocek, Hunt and Stiller (2007), Fast Similarity Search in Large Dictionaries; that the
    first letter is seldom wrong: Yannakoudakis and Fawthrop (1983), The Rules of Spelling Errors.
    """
    with_form = defaultdict(set)
    for k, form in enumerate(forms):
        with_form[form].add(k)
        for at in range(1, len(form) if len(form) >= MIN_LENGTH else 0):
            with_form[form[:at] + form[at + 1 :]].add(k)
    return {pair for same in with_form.values() for pair in combinations(sorted(same), 2)}


def _longer(forms: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs of labels of which one begins with the other: `Credit card` became `Credit card or prepaid card`."""
    order = sorted(range(len(forms)), key=forms.__getitem__)
    pairs: set[tuple[int, int]] = set()
    for at, k in enumerate(order):
        longer = takewhile(lambda other: forms[other].startswith(forms[k]), order[at + 1 :])  # noqa: B023
        pairs.update((min(k, other), max(k, other)) for other in longer if len(forms[k]) >= MIN_LENGTH)
    return pairs


def _digits(form: str) -> str:
    """No slip of the pen: `room 11` and `room 12` are two labels."""
    return re.sub(r"\D", "", form)


def _apart(audited: Audited, pair: tuple[int, int], times: Sequence[str]) -> bool:
    """Whether both have rows and no split in common, or one ends before the other begins, which chance seldom does."""
    one, other = (audited.rows_of_label[k] for k in pair)
    if not len(one) or not len(other):
        return False
    if not np.intersect1d(audited.splits.codes[one], audited.splits.codes[other]).size:
        return True
    (first, last), (later, _) = sorted(
        (min(given), max(given)) for given in ([times[k] for k in r] for r in (one, other))
    )
    return first != "" and last < later and bool(2 / binom(len(one) + len(other), len(one)) <= MAX_CHANCE)


def _stands(audited: Audited, label: int) -> str:
    """The label, how many rows it has, and where."""
    rows = audited.rows_of_label[label]
    splits = ", ".join(SPLIT_NAMES[code] for code in np.unique(audited.splits.codes[rows]))
    return f"{quoted(audited.labels.names[label])} on {counted(len(rows), 'row')} of {splits}"


LABEL_NAME_DRIFT = Check(
    code="label_name_drift",
    severity="warn",
    rule="one label should have one name in every split and at all times",
    look=_look,
    needs=_needs,
)
