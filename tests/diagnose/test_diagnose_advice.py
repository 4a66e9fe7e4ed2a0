from dataclasses import replace

import pytest

from suffice.diagnose.advice import advise
from suffice.records.advice import MeasuredRun, RungToTry, TaskFacts
from suffice.records.task import TargetSpec

FACTS = TaskFacts(
    n_rows=2_000,
    n_train=1_400,
    n_validation=300,
    n_test=300,
    label_rows={"card": 400, "fee": 500, "pin": 500},
    words_p50=12.0,
    words_p95=40.0,
    n_copies=20,
    context_words=360.0,
)
RUNGS = [
    RungToTry(rung="majority", minutes=0.1),
    RungToTry(rung="tfidf", minutes=0.2),
    RungToTry(rung="big/model", minutes=None),
]
RUN = MeasuredRun(rung="tfidf", accuracy=0.85, low=0.82, high=0.88, n_train=1_400, latency_p50_ms=2.0)


def advice(facts=FACTS, *, target=None, measured=None, rungs=RUNGS):
    target = target or TargetSpec(at_least=0.95)
    return advise(
        facts, target, rungs, measured=measured or {}, plan=("300 test rows prove something",), task="messages"
    )


def test_before_anything_is_run_everything_is_a_prior_belief():
    found = advice()
    assert [one.basis for one in found.rungs] == ["prior belief"] * 3
    majority, tfidf, model = found.rungs
    assert (majority.low, majority.high) == pytest.approx((500 / 1_400, 500 / 1_400))
    assert majority.reach == "unlikely"
    assert (tfidf.reach, tfidf.accuracy) == ("open", None)
    assert model.minutes is None
    assert found.first == "tfidf (under a minute): it is the cheapest that may do, and only a run says whether"
    assert found.plan == ("300 test rows prove something",)
    assert [one.size for one in found.sizes][:1] == ["under 500M"]
    assert "without figures behind it" in found.sizes_source


def test_a_measurement_takes_the_place_of_what_was_believed_of_its_rung_and_moves_the_others():
    found = advice(measured={"tfidf": RUN})
    tfidf, model = found.rungs[1:]
    assert (tfidf.basis, tfidf.accuracy, tfidf.low, tfidf.high, tfidf.reach) == (
        "measured",
        0.85,
        0.82,
        0.88,
        "unlikely",
    )
    assert tfidf.because == "a run on 1,400 of these rows, 2.0 ms a message"
    # diagnose.prior: a language model was 0.9 points behind to 3.6 ahead of tfidf on the same rows.
    assert (model.basis, model.low, model.high) == ("prior belief", pytest.approx(0.811), pytest.approx(0.916))
    assert found.first.startswith("tfidf (under a minute), to see how far off it is: no rung is believed to reach 0.95")


def test_a_rung_that_met_the_target_is_enough():
    done = replace(RUN, accuracy=0.99, low=0.97, high=0.999)
    assert advice(measured={"tfidf": done}).first.startswith("nothing more: tfidf met the target")


def test_what_is_likely_to_do_is_tried_first():
    assert advice(target=TargetSpec(at_least=0.6)).first.startswith(
        "tfidf (under a minute): it is the cheapest that is likely"
    )


def test_an_open_interval_says_so():
    assert advice(target=TargetSpec(at_least=0.85), measured={"tfidf": RUN}).first.startswith(
        "tfidf (under a minute): it was measured"
    )


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (TargetSpec(within=0.02), "the target is relative to the best rung"),
        (TargetSpec(at_least=0.9, metric="macro_f1"), "the target is macro-F1"),
    ],
)
def test_of_a_target_that_is_no_accuracy_nothing_is_believed(target, said):
    found = advice(target=target)
    assert [one.reach for one in found.rungs] == [None] * 3
    assert found.first == f"{said}, of which nothing is believed beforehand: begin with tfidf (under a minute)"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label_rows": {"card": 1_391, "pin": 9}}, "1 label with fewer than 10 training rows ('pin')"),
        ({"label_rows": {"card": 1_000, "pin": 400}}, "71.4% of the training rows are labelled 'card'"),
        ({"n_copies": 500}, "25.0% of the messages are copies"),
        ({"words_p95": 400.0}, "a model reads about 360 words of a message"),
        ({"n_validation": 150}, "150 validation rows, fewer than 200"),
    ],
)
def test_what_the_rows_say_is_said_where_it_applies(change, said):
    assert any(sentence.startswith(said) for sentence in advice(replace(FACTS, **change)).facts)
    assert not any(sentence.startswith(said) for sentence in advice().facts)


def test_a_ladder_of_the_baseline_alone_still_says_what_to_try():
    assert advice(rungs=RUNGS[:1]).first.startswith("majority (under a minute)")
