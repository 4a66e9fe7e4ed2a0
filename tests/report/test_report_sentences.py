"""Sentences: what a person reads first, and perhaps alone."""

from dataclasses import replace

import pytest
from report_fits import fit, goal, manifest, with_proposed

from suffice.records.evaluation import Comparison, Interval
from suffice.records.verdict import FitOutcome
from suffice.report.sentences import (
    classify_command,
    comparison_sentence,
    next_step,
    opening_sentence,
    runs_sentence,
    verdict_sentence,
)


def test_a_proven_accuracy_names_the_rung_the_rows_the_bound_and_the_target() -> None:
    assert verdict_sentence(fit("suffices")) == (
        "Ship tfidf: on 440 sealed test messages it is right in 99.5%, and we can say with 96% confidence that it is "
        "right in at least 98.4%; you asked for 95%."
    )


def test_a_proven_macro_f1_is_told_as_a_fraction() -> None:
    proven = goal("macro_f1", estimate=0.9871, lower=0.97219, upper=0.9952)
    assert verdict_sentence(fit(goals=(proven,))) == (
        "Ship tfidf: on 440 sealed test messages its macro-F1 is 0.987, and we can say with about 96% confidence that "
        "it is at least 0.972; you asked for 0.95."
    )


def test_a_proven_recall_goal_is_told_beside_the_main_goal() -> None:
    recall = goal("recall of card_lost", estimate=0.975, lower=0.9121, upper=0.9968, target=0.9, n=40)
    sentence = verdict_sentence(fit(goals=(*fit().goals, recall)))
    assert sentence.endswith(
        "you asked for 95%. On 40 sealed test messages labelled card_lost it is right in 97.5%, with 96% confidence in "
        "at least 91.2%; you asked for 90%."
    )


def test_many_recall_goals_are_counted() -> None:
    recalls = [goal(f"recall of label {k}", estimate=1.0, lower=0.97, upper=1.0) for k in range(3)]
    assert verdict_sentence(fit(goals=(*fit().goals, *recalls))).endswith("The other 3 goals are proven too.")


def test_as_good_as_the_best_tells_accuracy_and_the_distance_from_the_best() -> None:
    assert verdict_sentence(fit("as_good_as_best")) == (
        "Ship tfidf: on 440 sealed test messages it is right in 98.4%, 0.5 points behind embed, and we can say with "
        "96% confidence that it is at most 1.4 points behind embed; you allowed 2 points. It is also at least 81.1 "
        "points ahead of majority."
    )


def test_the_best_rung_is_not_compared_with_itself() -> None:
    same = goal("accuracy against tfidf", estimate=0.0, lower=0.0, upper=0.0, target=-0.02)
    assert verdict_sentence(fit("as_good_as_best", goals=(same,))) == (
        "Ship tfidf: on 440 sealed test messages it is right in 98.4%, and it is itself the most accurate on "
        "validation; no cheaper rung was shown there to be within 2 points."
    )


def test_a_hosted_model_that_the_test_proves_is_kept_and_nothing_is_shipped() -> None:
    proven = fit("suffices")
    hosted = replace(proven, verdict=replace(proven.verdict, code="keep_prompting", rung="hosted:big"))
    assert verdict_sentence(hosted) == (
        "Keep prompting hosted:big: on 440 sealed test messages it is right in 99.5%, and we can say with 96% "
        "confidence that it is right in at least 98.4%; you asked for 95%."
    )


def test_a_missed_target_is_told_with_the_upper_bound() -> None:
    assert verdict_sentence(fit("more_data")) == (
        "Label about 3,100 more training messages: tfidf then meets the target with probability 8 in 10 (foretold). "
        "No rung is proven good enough: on 440 sealed test messages tfidf is right in 91.4%, and we can say with 96% "
        "confidence that it is right in at most 93.6%; you asked for 95%."
    )


def test_a_missed_recall_is_told_even_where_accuracy_is_proven() -> None:
    recall = goal("recall of card_lost", estimate=0.7, lower=0.552, upper=0.8214, target=0.9, n=40)
    assert verdict_sentence(fit("more_data", goals=(*fit().goals, recall))).endswith(
        "No rung is proven good enough: on 40 sealed test messages labelled card_lost tfidf is right in 70.0%, and we "
        "can say with 96% confidence that it is right in at most 82.2%; you asked for 90%."
    )


def test_a_rung_too_far_behind_the_best_is_told_with_the_least_distance() -> None:
    behind = goal("accuracy against embed", estimate=-0.05, lower=-0.0731, upper=-0.02671, target=-0.02)
    assert verdict_sentence(fit("more_data", goals=(behind,))).endswith(
        "No rung is proven good enough: on 440 sealed test messages tfidf is right in 91.4%, 5.0 points behind embed, "
        "and we can say with 96% confidence that it is at least 2.6 points behind embed; you allowed 2 points."
    )


def test_undecided_tells_what_stays_possible_and_how_many_rows_would_settle_it() -> None:
    assert verdict_sentence(fit("undecided")) == (
        "Undecided: on 440 sealed test messages tfidf is right in 96.1%, which leaves anything from 94.0% to 97.7% "
        "possible (each end with 96% confidence); you asked for 95%. About 1,200 more labelled test messages would "
        "settle it."
    )


def test_a_handful_of_rows_tells_the_least_that_could_prove_it() -> None:
    few = replace(goal(estimate=0.944, lower=0.76, upper=0.998, more_rows=10_811), n=18, at_least=45)
    assert verdict_sentence(fit("undecided", goals=(few,))).endswith(
        "At least 45 more labelled test messages are needed to prove it; on 18 messages it is known too badly to say "
        "how many more."
    )


def test_a_comparison_without_a_number_of_rows_is_not_called_near_the_target() -> None:
    behind = goal("accuracy against embed", estimate=-0.0091, lower=-0.0313, upper=0.0131, target=-0.02, more_rows=None)
    sentence = verdict_sentence(fit("undecided", goals=(behind,)))
    assert "leaves anything from 3.2 points behind to 1.4 points ahead possible" in sentence
    assert sentence.endswith("More labelled test messages are needed to settle it.")


def test_a_figure_on_the_target_says_that_no_practical_number_of_rows_would_do() -> None:
    near = goal(estimate=0.9501, lower=0.93, upper=0.965, more_rows=None)
    assert verdict_sentence(fit("undecided", goals=(near,))).endswith(
        "That is so near the target that no practical number of further labelled test messages would settle it."
    )


def test_a_label_without_test_rows_is_told_as_not_measured() -> None:
    unmeasured = goal("recall of card_lost", estimate=None, lower=0.0, upper=1.0, target=0.9, n=0, more_rows=None)
    assert verdict_sentence(fit("undecided", goals=(*fit().goals, unmeasured))) == (
        "Undecided: no sealed test message is labelled card_lost, so its recall is not measured; you asked for 90%."
    )


def test_without_a_test_nothing_is_claimed_and_validation_is_named() -> None:
    assert verdict_sentence(fit("undecided", tested=False)) == (
        "Undecided: no sealed test was read, so nothing is proven. On 300 validation messages tfidf is right in 99.0%; "
        "you asked for 95%."
    )


def test_a_rung_that_did_not_answer_the_whole_test_is_named_whatever_the_way_out_is() -> None:
    sealed = fit("undecided", tested=False)
    rungs = tuple(
        replace(rung, incomplete="30 of 440 calls answered" if rung.rung == sealed.proposal.rung else None)
        for rung in sealed.rungs
    )
    cut = replace(sealed, rungs=rungs, opening=1, goals=())
    said = "tfidf did not answer all of the sealed test"
    assert verdict_sentence(cut).startswith(f"Undecided: {said}, so nothing is proven.")
    more = replace(cut, verdict=replace(cut.verdict, code="more_data"))
    assert verdict_sentence(more).endswith(f"No rung is proven good enough: {said}.")


def test_a_bound_just_under_the_target_is_not_rounded_up_to_it() -> None:
    short = goal(estimate=0.9682, lower=0.94996, upper=0.9811, more_rows=80)
    assert "anything from 94.9% to" in verdict_sentence(fit("undecided", goals=(short,)))


def test_an_estimate_just_under_the_target_is_not_rounded_up_to_it() -> None:
    short = goal(estimate=0.94985, lower=0.93, upper=0.965, more_rows=80)
    assert "right in 94.99%, which" in verdict_sentence(fit("undecided", goals=(short,)))


def test_sentences_are_plain_text() -> None:
    assert verdict_sentence(with_proposed(fit(), "<b>&")).startswith("Ship <b>&: on 440")


def test_the_first_opening_is_counted_and_a_later_one_explains_its_stricter_level() -> None:
    assert opening_sentence(fit()) == "The sealed test was read once."
    later = goal(estimate=0.995, lower=0.97, upper=0.9995, alpha=0.0025)
    assert opening_sentence(fit(opening=3, goals=(later,))) == (
        "The sealed test was read 3 times. Every further reading is held to a stricter standard: this one to 99.75% "
        "confidence."
    )
    assert opening_sentence(fit("undecided", tested=False)) == "The sealed test was not read."


def test_the_command_survives_a_folder_with_a_space() -> None:
    assert classify_command("out/my bundle") == "suffice classify 'out/my bundle' < new.txt"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (fit("suffices"), "Put it to work"),
        (fit("as_good_as_best"), "Put it to work"),
        (fit("undecided"), "Nothing is proven yet"),
        (fit("more_data"), "Not to be shipped"),
    ],
)
def test_the_next_step_does_not_send_out_what_is_not_proven(outcome: FitOutcome, said: str) -> None:
    assert next_step(outcome).startswith(said)


def _comparison(difference: float, low: float, high: float) -> Comparison:
    return Comparison(
        first="run-a",
        second="run-b",
        split="validation",
        n=300,
        difference=difference,
        interval=Interval(low=low, high=high, confidence=0.95),
        n_only_first=9,
        n_only_second=5,
        p_value=0.424,
    )


def test_a_difference_whose_interval_holds_zero_may_be_chance_and_is_never_called_equality() -> None:
    assert comparison_sentence(
        _comparison(0.01333, -0.0101, 0.0367), names={"run-a": "tfidf", "run-b": "embed"}, noun="message"
    ) == (
        "tfidf is 1.3 points ahead of embed, which may be chance (95% interval -1.1 to +3.7 points). Only tfidf is "
        "right on 9 of 300 validation messages, only embed on 5 (McNemar p = 0.424)."
    )


def test_a_difference_whose_interval_excludes_zero_is_stated() -> None:
    sentence = comparison_sentence(_comparison(-0.05, -0.08, -0.021), names={}, noun="message")
    assert sentence.startswith("run-a is 5.0 points behind run-b (95% interval -8.0 to -2.1 points).")


def test_no_difference_is_told_with_its_interval() -> None:
    sentence = comparison_sentence(_comparison(0.0, -0.02, 0.02), names={}, noun="message")
    assert sentence.startswith("run-a and run-b are right equally often (95% interval -2.0 to +2.0 points).")


def test_runs_without_a_verdict_are_told_by_the_most_accurate() -> None:
    runs = [manifest("tfidf", accuracy=0.95), manifest("embed", accuracy=0.97, cost=2)]
    assert runs_sentence(runs) == (
        "Of 2 runs none is right more often than embed-n1565-s0-3f2a: it is right in 97.0% of 300 validation messages."
    )
    assert runs_sentence(runs[:1]) == "tfidf-n1565-s0-3f2a is right in 95.0% of 300 validation messages."
    assert runs_sentence([manifest("tfidf", refit=True)]) == "1 run, none of them judged on validation messages."
