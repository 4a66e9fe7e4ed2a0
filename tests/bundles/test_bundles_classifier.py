from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import suffice
from messages import LABELS, message_rows
from suffice.bundles.together import lane_of, scored_together
from suffice.errors import DataError
from suffice.records.promise import Promise

STRANGE = ["\x00", "\ud83d", "🙂" * 3_000, "a " * 20_000, "\n\r\t.", "<|im_end|>", "ا" * 50, "{}[]\"'\\", "?"]


@pytest.fixture(scope="session")
def clerk(fitted):
    return suffice.load(fitted.bundle("tfidf"))


@pytest.fixture(scope="session")
def causal_clerk(fitted_causal):
    (place,) = [folder for folder in fitted_causal.bundle("").iterdir() if folder.name != "majority"]
    return suffice.load(place)


def _must_be_answers(answers, texts):
    assert [answer.text for answer in answers] == texts
    for answer in answers:
        assert tuple(answer.probabilities) == LABELS
        assert sum(answer.probabilities.values()) == pytest.approx(1.0)
        assert min(answer.probabilities.values()) >= 0.0
        assert answer.probability == max(answer.probabilities.values()) == answer.probabilities[answer.label]


@settings(max_examples=50)
@given(texts=st.lists(st.text(), max_size=5))
def test_any_text_at_all_is_answered_with_a_label_of_the_set(clerk, texts):
    _must_be_answers(clerk.classify(texts), texts)


def test_a_language_model_answers_any_text_too(causal_clerk):
    answers = causal_clerk.classify(STRANGE)
    _must_be_answers(answers, STRANGE)
    assert [answer.truncated for answer in answers[2:4]] == [True, True]
    assert not answers[-1].truncated


def test_an_empty_text_gets_the_prior_and_goes_to_review(clerk, causal_clerk):
    for one in (clerk, causal_clerk):
        empty, blank, other = one.classify(["", " \n\u200b", "my card is lost"])
        assert (empty.route, blank.route, other.route) == ("review", "review", "local")
        assert list(empty.probabilities.values()) == pytest.approx(list(one.saved.prior))
        assert empty.probabilities == pytest.approx(blank.probabilities)


def test_no_text_at_all_is_no_answer(clerk):
    assert clerk.classify([]) == []


def test_the_answer_does_not_depend_on_what_stands_beside_it(clerk):
    texts = [row.text for row in message_rows(20)]
    together = clerk.classify(texts)
    alone = [clerk.classify([text])[0] for text in texts]
    assert [answer.probability for answer in together] == pytest.approx([answer.probability for answer in alone])


def test_predictions_are_the_answers_as_numbers(clerk):
    texts = [row.text for row in message_rows(20)]
    predictions = clerk.predict(texts, [str(i) for i in range(20)])
    answers = clerk.classify(texts)
    assert [clerk.labels.names[k] for k in predictions.y_pred] == [answer.label for answer in answers]
    assert predictions.probs.max(axis=1).tolist() == [answer.probability for answer in answers]
    assert predictions.n_truncated == 0


def test_one_message_instead_of_a_list_is_an_error_that_says_so(clerk):
    with pytest.raises(DataError, match=r"takes a list of messages\n  got: 'lost card'\n  fix: give a list"):
        clerk.classify("lost card")
    with pytest.raises(DataError, match=r"message 1: every message must be text\n  got: None\n  fix: give a list"):
        clerk.classify(["lost card", None])


def test_many_texts_are_scored_in_chunks_of_one_size_and_in_order(clerk, monkeypatch):
    texts = [row.text for row in message_rows(7, seed=5)]
    whole, _ = clerk.logits(texts)
    monkeypatch.setattr("suffice.bundles.classifier.CHUNK", 3)
    told = []
    logits, truncated = clerk.logits(texts, done=told.append)
    assert told == [3, 3, 1]
    assert logits == pytest.approx(whole)
    assert truncated.shape == (7,)
    assert clerk.logits([])[0].shape == (0, len(LABELS))


@pytest.fixture
def unsure_below(clerk):
    """Lets the clerk send what is less sure than this to review, until the test has ended."""

    def at(threshold):
        clerk.promise = Promise(
            max_error=0.02, confidence=0.95, threshold=threshold, n=1, n_answered=1, n_wrong=0, labels=(), tried=()
        )

    yield at
    clerk.promise = None


def test_answers_below_the_promised_threshold_go_to_review(clerk, unsure_below):
    texts = [row.text for row in message_rows(20)] + ["hello", ""]
    free = clerk.classify(texts)
    assert [answer.route for answer in free] == ["local"] * 21 + ["review"]
    threshold = sorted(answer.probability for answer in free[:-1])[10]
    unsure_below(threshold)
    routes = [answer.route for answer in clerk.classify(texts)]
    assert routes == ["local" if answer.probability >= threshold else "review" for answer in free[:-1]] + ["review"]


def test_a_choice_of_labels_narrows_and_does_not_make_surer(clerk, unsure_below):
    (message,) = clerk.read(["my parcel came late"])
    (scored,) = clerk.scored([message])
    free = clerk.answer(message.text, scored)
    assert free == clerk.classify([message.text])[0]
    others = [name for name in LABELS if name != free.label]
    unsure_below(free.probability + 1e-6)
    narrowed = clerk.answer(message.text, scored, among=others)
    assert narrowed.label in others
    assert narrowed.probabilities[free.label] == 0.0
    assert sum(narrowed.probabilities.values()) == pytest.approx(1.0)
    ratio = narrowed.probabilities[others[0]] / narrowed.probabilities[others[1]]
    assert ratio == pytest.approx(free.probabilities[others[0]] / free.probabilities[others[1]])
    alone = clerk.answer(message.text, scored, among=[others[0]])
    assert (alone.probability, alone.route) == (1.0, "review")


def test_the_likeliest_of_unlikely_labels_is_for_review_however_sure_the_bundle_is_of_another(clerk, unsure_below):
    (message,) = clerk.read(["my parcel came late"])
    (scored,) = clerk.scored([message])
    free = clerk.answer(message.text, scored)
    unsure_below(free.probability)
    assert free.route == clerk.answer(message.text, scored).route == "local"
    assert clerk.answer(message.text, scored, among=[free.label]).route == "local"
    others = [name for name in LABELS if name != free.label]
    assert clerk.answer(message.text, scored, among=others).route == "review"


def test_messages_scored_together_are_scored_as_alone(clerk, causal_clerk):
    for one in (clerk, causal_clerk):
        messages = one.read(["my parcel", "", "my card"])
        found = scored_together([(one, message) for message in messages])
        alone = one.scored(messages)
        assert [list(row.logits) for row in found] == [list(row.logits) for row in alone]
        assert [(row.truncated, row.far) for row in found] == [(row.truncated, row.far) for row in alone]
    assert lane_of(clerk) != lane_of(causal_clerk)
