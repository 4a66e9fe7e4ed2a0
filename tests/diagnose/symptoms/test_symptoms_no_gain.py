import numpy as np
import pytest

from suffice.diagnose.symptoms.no_gain import NO_GAIN
from suffice.records.grid import NOT_JUDGED
from suffice.records.labels import INVENTED
from suffice.records.symptoms import Clear, Found, NotApplicable, Round


def answers(n_wrong):
    """Right but for the first rows, as the fixture has it."""
    y = np.arange(400) % 4
    return np.where(np.arange(400) < n_wrong, (y + 1) % 4, y)


def history(*n_wrong):
    return tuple(
        Round(time=f"2026-11-{day:02}T12:00:00", run=f"tfidf-{day}", right=np.arange(400) >= wrong)
        for day, wrong in enumerate(n_wrong, start=1)
    )


def test_a_base_model_that_prompted_does_as_well_is_found(observed):
    looked = NO_GAIN.look(observed(n_wrong=40, prompted=answers(40)))
    assert isinstance(looked, Found)
    assert looked.figures[0].value == 0.0
    # Tango's one-sided bound where nothing differs on n rows: z^2 / (n + z^2) = 0.0067.
    assert looked.figures[0].interval.high == pytest.approx(1.6449**2 / (400 + 1.6449**2), abs=1e-5)
    assert looked.says.startswith("tuning changed accuracy by 0.0 points")


def test_a_tuned_model_that_gains_is_clear(observed):
    looked = NO_GAIN.look(observed(n_wrong=40, prompted=answers(120)))
    assert isinstance(looked, Clear)
    assert looked.figures[0].value == pytest.approx(0.2)


def test_no_significant_gain_is_no_evidence_of_none(observed):
    # 30 rows the other way each: no difference, and room for more than two points.
    y = np.arange(400) % 4
    other = np.where((np.arange(400) >= 200) & (np.arange(400) < 240), (y + 1) % 4, y)
    looked = NO_GAIN.look(observed(n_wrong=40, prompted=other))
    assert isinstance(looked, Clear)
    assert looked.figures[0].value == 0.0
    assert looked.figures[0].interval.high > 0.02


def test_an_answer_that_was_no_label_was_not_right(observed):
    looked = NO_GAIN.look(observed(prompted=np.full(400, INVENTED)))
    assert looked.figures[0].value == 1.0


def test_a_base_model_that_was_asked_some_of_the_rows_is_held_against_those(observed):
    asked = np.where(np.arange(400) >= 300, NOT_JUDGED, answers(120))
    looked = NO_GAIN.look(observed(n_wrong=40, prompted=asked))
    assert looked.figures[0].value == pytest.approx(80 / 300)
    nothing = NO_GAIN.look(observed(prompted=np.full(400, NOT_JUDGED)))
    assert isinstance(nothing, NotApplicable)


def test_rounds_that_stopped_paying_are_found_and_the_last_that_paid_is_named(observed):
    looked = NO_GAIN.look(observed(n_wrong=20, history=history(100, 20, 20, 19, 20)))
    assert isinstance(looked, Found)
    assert looked.figures[0].what == "accuracy of the best of 3 rounds since tfidf-2 less that of tfidf-2"
    assert looked.figures[0].value == pytest.approx(1 / 400)
    assert looked.says.startswith("the last round that paid was tfidf-2; the best since is at +0.3 points")


def test_rounds_of_which_the_last_paid_are_clear(observed):
    looked = NO_GAIN.look(observed(n_wrong=20, history=history(100, 60, 20)))
    assert isinstance(looked, Clear)
    assert looked.says.startswith("the last round, tfidf-3, paid: +20.0 points")


def test_what_was_shown_is_told_first(observed):
    looked = NO_GAIN.look(observed(n_wrong=20, prompted=answers(120), history=history(20, 20)))
    assert isinstance(looked, Found)
    assert [figure.what.split(" ")[2] for figure in looked.figures] == ["the", "smollm2-135m"]


def test_without_a_prompted_model_or_a_second_round_it_is_not_applicable(observed):
    looked = NO_GAIN.look(observed(history=history(20)))
    assert looked == NotApplicable(
        symptom="no_gain",
        why="neither was the same base model asked without tuning, nor were two rounds run on these rows",
    )
