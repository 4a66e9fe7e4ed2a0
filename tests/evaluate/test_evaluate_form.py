from dataclasses import replace

from suffice.evaluate.form import form
from suffice.records.evaluation import FormLayer


def test_shortened_and_empty_texts_are_passed_on_and_no_label_is_invalid(score):
    scored = score([0, 1, 1], [0, 1, 0])
    scored = replace(scored, predictions=replace(scored.predictions, n_truncated=2), n_empty=1)
    assert form(scored) == FormLayer(invalid_label_rate=0.0, n_truncated=2, n_empty=1)


def test_answers_that_are_no_label_are_counted(score):
    assert form(score([0, 1, 1, 2], [0, -1, 0, -1], hosted=True)).invalid_label_rate == 0.5
    assert form(score([0, 1], [0, 0], hosted=True)).invalid_label_rate == 0.0
