"""An endpoint in a sentence: every figure with its unit, and what was not measured as such."""

from dataclasses import replace

from suffice.records.evaluation import Interval
from suffice.records.hosted import Consistency, HostedFigures
from suffice.report import hosted_sentence

FIGURES = HostedFigures(
    model="big-1",
    host="api.example.com",
    n_asked=200,
    n_invented=6,
    n_cut_off=0,
    n_refused=0,
    invented=(("no idea", 5), ("", 1)),
    consistency=Consistency(
        n=50, repeats=3, n_same=48, share=0.96, interval=Interval(low=0.8628, high=0.9951, confidence=0.95)
    ),
    latency_p50_ms=812.4,
    latency_p95_ms=2_103.0,
    concurrency=4,
    input_tokens_per_thousand=310_000.0,
    output_tokens_per_thousand=4_000.0,
    cost_per_thousand=0.0489,
    spent=0.0098,
)


def test_a_sentence_has_all_figures_with_their_units() -> None:
    assert hosted_sentence("hosted:big", FIGURES, spent=0.0123) == (
        "hosted:big (big-1 at api.example.com): 6 of 200 answers (3.0%) are no label of the set ('no idea' 5 times); "
        "one answer in all 3 calls on 48 of 50 rows (96.0%, 95% interval 86.2 to 99.6%); 812 ms a call (p95 2,103 ms), "
        "4 calls at a time; 310,000 tokens in and 4,000 out for 1,000 answers, which cost 0.0489; 0.0123 spent on it "
        "so far"
    )


def test_what_was_not_measured_is_said_to_be_so() -> None:
    bare = replace(FIGURES, consistency=None, input_tokens_per_thousand=None, cost_per_thousand=None)
    said = hosted_sentence("hosted:big", bare, spent=0.5)
    assert "consistency not measured (repeats: 1)" in said
    assert "price per answer not measured: the endpoint tells no tokens" in said


def test_why_answers_are_no_labels_is_said_and_what_is_personal_in_them_masked() -> None:
    some = replace(FIGURES, n_cut_off=2, n_refused=1, invented=(("write to jane.doe@example.com", 3),))
    said = hosted_sentence("hosted:big", some, spent=0.5)
    assert "2 cut off at answer_tokens, 1 withheld by the endpoint's filter" in said
    assert "jane.doe@example.com" not in said


def test_completions_without_an_answer_are_counted_in_a_whole_sentence() -> None:
    one = replace(FIGURES, n_asked=52, n_invented=1, n_cut_off=1, invented=(("2 * 10 =", 1),))
    said = hosted_sentence("hosted:big", one, spent=0.5, kind="answer")
    assert "1 of 52 completions (1.9%) has no answer (1 cut off at answer_tokens, '2 * 10 =' once)" in said
    said = hosted_sentence("hosted:big", FIGURES, spent=0.5, kind="tools")
    assert "6 of 200 completions (3.0%) have calls that cannot be read ('no idea' 5 times)" in said
