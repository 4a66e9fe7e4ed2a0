from dataclasses import replace

import numpy as np

from suffice.audit import audit, stop_on
from suffice.audit.label_error import LABEL_ERROR
from suffice.stats.stratified import CountEstimate

ROWS = [
    ("where is it", "late", "train"),
    ("my money", "money", "train"),
    ("it is not here", "money", "validation"),
    ("refund me", "late", "train"),
    ("what now", "late", "train"),
    ("sealed", "late", "test"),
]
# Probability of `late` and of `money`, of the five rows outside test.
PROBS = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1], [0.01, 0.99], [0.3, 0.7]])


def test_rows_whose_label_models_would_not_give_are_found_most_suspect_first(asked):
    seen = asked(ROWS, np.log(PROBS))
    assert LABEL_ERROR.needs(seen) is None
    [found] = LABEL_ERROR.look(seen)
    # By hand, margins: 0.98 for the refund, 0.8 for what is not here; 0.4 is too little.
    assert (LABEL_ERROR.severity, found.rows.tolist(), found.score) == ("warn", [3, 2], 2 / 5)
    assert found.got.startswith("a lead: about 2 of 5 rows flagged (most suspect first)")
    assert "how many are wrong is not known before review" in found.got
    assert "suffice review" in found.fix


def test_after_review_it_says_how_many_are_wrong_with_an_interval(asked):
    counted = CountEstimate(n_rows=4, n_seen=3, n_found=1, estimate=1.4, low=1, high=2, confidence=0.9)
    [found] = LABEL_ERROR.look(replace(asked(ROWS, np.log(PROBS)), reviewed=counted))
    said = "by review of 3 rows about 1 of 4 training labels is wrong in the data as read (90% interval 1 to 2)"
    assert found.got.endswith(said)
    assert "suffice clean" in found.fix
    [found] = LABEL_ERROR.look(replace(asked(ROWS, np.log(PROBS)), reviewed=counted, n_put_right=1))
    assert found.got.endswith(f"{said}, and of 1 found 1 is put right in this version")
    assert found.fix == "look at them, the most suspect first: suffice review"
    # It is told though no model flags a row, unless all that is wrong by the estimate has been put right.
    unsuspected = replace(asked(ROWS[:2], np.log(PROBS[:2])), reviewed=counted)
    [told] = LABEL_ERROR.look(unsuspected)
    assert (told.rows.tolist(), told.score) == ([], 0.0)
    assert list(LABEL_ERROR.look(replace(unsuspected, n_put_right=1))) == []


def test_after_decisions_that_allow_no_estimate_it_does_not_say_that_nobody_looked(asked):
    [found] = LABEL_ERROR.look(replace(asked(ROWS, np.log(PROBS)), decided=np.array([2])))
    assert "rows flagged that nobody decided about" in found.got
    assert "how many are wrong is not known yet: too few rows have been looked at" in found.got


def test_rows_against_most_of_their_annotators_are_found_besides(asked):
    people = [(*row, None, ["money", "money", "late"] if k == 4 else []) for k, row in enumerate(ROWS)]
    flagged, against = LABEL_ERROR.look(asked(people, np.log(PROBS)))
    assert (flagged.rows.tolist(), against.rows.tolist()) == ([3, 2], [4])
    assert against.got.startswith("1 row with another label than most of their annotators chose")


def test_labels_that_models_would_give_are_clear(asked):
    agreed = [row for k, row in enumerate(ROWS) if k not in {2, 3}]
    assert list(LABEL_ERROR.look(asked(agreed, np.log(PROBS[[0, 1, 4]])))) == []


def test_not_applicable_where_no_model_was_asked_and_nobody_labelled_twice(why_not):
    assert why_not("label_error", ROWS) == (
        "no model was asked about the rows, and no row outside test has labels of two people (data.annotators)"
    )


def test_what_models_say_is_in_the_audit_and_stops_no_fit(asked):
    seen = asked([*ROWS, ("thanks", "money", "train")], np.log([*PROBS, [0.1, 0.9]]))
    said = audit(seen, allow=())
    assert "label_error" in {finding.code for finding in said.findings}
    assert (said.learnability.n, said.learnability.majority) == (6, 0.5)
    stop_on(seen, allow=["rare_label"])
