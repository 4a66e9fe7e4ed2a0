"""Mistakes: the worst pairs and their messages, within a budget, and never of the test."""

from dataclasses import replace

import pytest
from report_fits import evaluation, label_names, texts_of

from suffice.records.evaluation import ConfusedPair, ConfusionLayer, Evaluation
from suffice.report import ExampleText
from suffice.report.mistakes import MAX_PAIRS, MAX_PER_PAIR, MIN_PAIRS, mistakes_of
from suffice.report.texts import BUDGET_BYTES, FULL_CHARACTERS, SHOWN_CHARACTERS, TextBudget


def _with_pairs(sizes: list[int]) -> Evaluation:
    """An evaluation whose pairs of labels are confused as often as given."""
    labels = label_names(len(sizes) + 1)
    pairs = tuple(
        ConfusedPair(
            label=labels[k], predicted=labels[k + 1], count=n, share=0.1, ids=tuple(f"{k}-{i}" for i in range(n))
        )
        for k, n in enumerate(sizes)
    )
    n = 10 * sum(sizes)
    one = evaluation("tfidf", "run", labels=labels, split="validation", n=n, accuracy=0.9)
    return Evaluation(
        rung=one.rung,
        run=one.run,
        split=one.split,
        labels=labels,
        accuracy=one.accuracy,
        per_label=one.per_label,
        confusion=ConfusionLayer(counts=one.confusion.counts, worst=pairs),
        probability=one.probability,
        form=one.form,
    )


def test_every_wrong_row_is_listed_or_counted() -> None:
    one = evaluation("tfidf", "run", labels=label_names(11), split="validation", n=2_000, accuracy=0.8)
    found = mistakes_of(one, texts_of(one))
    listed = sum(len(pair.mistakes) for pair in found.worst) + len(found.others)
    assert found.n_wrong == 400  # 20% of 2,000
    assert listed + found.n_unlisted == 400
    assert len(found.worst) == MAX_PAIRS


def test_pairs_confused_once_are_listed_together_beyond_the_first_few() -> None:
    one = _with_pairs([4, 3, 1, 1, 1, 1, 1, 1])
    found = mistakes_of(one, texts_of(one))
    assert [pair.pair.count for pair in found.worst] == [4, 3, 1, 1, 1][:MIN_PAIRS]
    assert len(found.others) == 3


def test_a_large_pair_shows_its_most_confident_mistakes_only() -> None:
    one = _with_pairs([40])
    texts = {name: ExampleText(text=name, label="x") for name in one.confusion.worst[0].ids}
    (pair,) = mistakes_of(one, texts).worst
    assert [mistake.text.start for mistake in pair.mistakes] == [f"0-{i}" for i in range(MAX_PER_PAIR)]


def test_personal_data_is_masked_in_what_is_shown_even_where_a_text_is_cut() -> None:
    one = _with_pairs([2, 1, 1, 1, 1, 1])
    words = f"{'x' * (SHOWN_CHARACTERS - 12)} 4111 1111 1111 1111 jo@example.org"
    texts = {name: ExampleText(text=words, label="x") for pair in one.confusion.worst for name in pair.ids}
    found = mistakes_of(one, texts)
    shown = [mistake.text for pair in found.worst for mistake in pair.mistakes] + [one.text for one in found.others]
    assert len(shown) == 7
    for text in shown:
        assert (text.start + text.rest).endswith("**** **** **** 1111 j***@e***.org")


def test_rows_without_a_text_are_counted_and_not_shown() -> None:
    one = _with_pairs([3])
    found = mistakes_of(one, {})
    assert found.worst[0].mistakes == ()
    assert found.n_unlisted == found.n_wrong == 3


def test_texts_of_the_test_are_refused() -> None:
    one = evaluation("tfidf", "run", labels=label_names(2), split="test", n=50, accuracy=0.9)
    with pytest.raises(AssertionError, match="no text of a test row"):
        mistakes_of(one, texts_of(one))


def test_a_short_text_is_shown_whole() -> None:
    cut = TextBudget().cut("  where is my card?\n")
    assert (cut.start, cut.rest, cut.n_left_out) == ("where is my card?", "", 0)


def test_a_long_text_is_cut_at_a_space_and_kept_for_opening() -> None:
    text = "word " * 100
    cut = TextBudget().cut(text)
    assert len(cut.start) <= SHOWN_CHARACTERS
    assert cut.rest.startswith(" word")
    assert cut.start + cut.rest == text.strip()
    assert cut.n_left_out == 0


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    cut = TextBudget().cut("x" * 1_000)
    assert 0 < len(cut.start) <= SHOWN_CHARACTERS
    assert len(cut.start) + len(cut.rest) == 1_000


def test_an_endless_text_is_not_kept_whole_and_says_how_much_is_left_out() -> None:
    cut = TextBudget().cut("x" * 100_000)
    assert cut.n_left_out == 100_000 - FULL_CHARACTERS


def test_a_spent_budget_keeps_the_starts_and_drops_the_rest() -> None:
    budget = TextBudget(1_000)
    assert budget.cut("a" * 1_000).rest
    second = budget.cut("b" * 1_000)
    assert second.rest == ""
    assert second.n_left_out == 1_000 - len(second.start)
    assert budget.cut("c" * 300).rest  # 110 bytes: still within what is left


def test_the_budget_counts_bytes_and_not_characters() -> None:
    # A pouting face takes four bytes in UTF-8: 810 of them do not fit into 1,000 bytes.
    assert TextBudget(1_000).cut("\N{POUTING FACE}" * 1_000).rest == ""
    assert TextBudget(BUDGET_BYTES).cut("\N{POUTING FACE}" * 1_000).rest


def test_invented_answers_are_counted_apart_and_not_among_mistakes_without_a_text() -> None:
    one = _with_pairs([2])
    n_wrong = one.accuracy.n - one.accuracy.n_correct
    pair = ConfusionLayer(counts=one.confusion.counts, worst=one.confusion.worst, invented=(n_wrong - 2, 0))
    found = mistakes_of(replace(one, confusion=pair), {f"0-{i}": ExampleText(text="t", label="x") for i in range(2)})
    assert (found.n_invented, found.n_unlisted) == (n_wrong - 2, 0)
