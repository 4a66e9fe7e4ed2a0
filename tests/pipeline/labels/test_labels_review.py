from __future__ import annotations

import json

import pytest

from messages import message_rows, split_rows, write_task
from suffice.errors import DataError, StorageError, TaskError
from suffice.pipeline.labels.audit import audit_task
from suffice.pipeline.labels.clean import clean
from suffice.pipeline.labels.review import Review, ReviewOptions, begin_review
from suffice.pipeline.rows.prepare import read_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.progress import SILENT
from suffice.review.queue import order_of
from suffice.store.home import home
from suffice.store.openings import is_spent
from suffice.store.task_file import load_task
from suffice.store.versions import list_versions
from suspicions import by_words, true_label


@pytest.fixture
def read(tmp_path):
    """Made messages, a tenth of whose labels are wrong."""
    path = write_task(tmp_path, split_rows(wrong=0.1))
    return read_rows(load_task(path), Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)


@pytest.fixture
def begun(read, tmp_path):
    """A review of them; called again it is the next session."""

    def begin(*, who="ann", limit=60, fix_first=False, also_test=False, rows=()):
        options = ReviewOptions(
            who=who,
            decisions=tmp_path / "decisions.jsonl",
            limit=limit,
            fix_first=fix_first,
            also_test=also_test,
            rows=rows,
        )
        said = by_words(read)
        order = order_of(read.placed.splits, said, also_test=also_test, seed=0x0123456789ABCDEF)
        return Review(read, said, order, options)

    return begin


def answer_all(review, *, n=10_000):
    """Somebody who is right about every row: what models say of the made messages is the truth."""
    cards = []
    while len(cards) < n and (card := review.card()) is not None:
        cards.append(card)
        review.decide(card, "relabel", true_label(card.text))
    return cards


def n_wrong(read, split):
    rows = read.placed.data.take(read.placed.splits.rows(split))
    return sum(true_label(row.text) != row.label for row in rows)


def test_every_row_of_the_queue_comes_once_and_is_counted(begun):
    review = begun()
    cards = answer_all(review)
    assert [card.number for card in cards] == list(range(1, 61))
    assert {card.total for card in cards} == {60}
    summary = review.summary()
    assert (summary.n_decided, summary.total, summary.n_counted) == (60, 60, 60)
    assert set(summary.actions) == {"keep", "relabel"}


def test_a_decision_is_on_disk_before_the_next_row_is_shown(begun, tmp_path):
    review = begun()
    card = review.card()
    review.decide(card, "drop")
    (line,) = (tmp_path / "decisions.jsonl").read_text().splitlines()
    written = json.loads(line)
    assert (written["who"], written["action"], written["was"], written["became"]) == ("ann", "drop", card.label, None)
    assert (written["source"], written["when"].endswith("+00:00")) == ("messages.csv", True)
    assert written["shown"] == {
        "why": "suspicious",
        "stratum": "top",
        "inclusion_probability": 1.0,
        "rank": 1,
        "suggested": card.suggested,
        "blind": False,
    }


def test_another_session_goes_on_where_the_last_one_ended(begun):
    first, whole = answer_all(begun(), n=7), answer_all(begun(who="bob"))
    rest = answer_all(begun())
    assert [card.text for card in first + rest] == [card.text for card in whole]
    assert begun().card() is None


def test_a_longer_queue_goes_on_after_the_shorter_one(begun):
    answer_all(begun(limit=20))
    assert begun(limit=21).card().number == 21


def test_to_take_the_label_that_it_has_is_to_keep_it(begun):
    review = begun()
    card = review.card()
    review.decide(card, "relabel", card.label)
    assert review.summary().actions == {"keep": 1}


def test_undo_shows_the_row_again_and_reaches_back_into_the_last_session(begun):
    cards = answer_all(begun(), n=3)
    review = begun()
    for card in reversed(cards):
        assert review.undo().row == card.queued.row
        assert review.card().text == card.text
    assert review.undo() is None


def test_there_is_nothing_of_somebody_else_s_to_undo(begun):
    answer_all(begun(), n=1)
    assert begun(who="bob").undo() is None


def test_a_held_out_row_shows_nothing_that_models_say(begun):
    cards = answer_all(begun(limit=100))
    blind = [card for card in cards if card.split != "train"]
    assert {card.split for card in blind} == {"validation"}
    for card in blind:
        assert (card.suggested, card.margin, card.neighbours, card.queued.rank) == (None, None, (), None)
    assert all(card.suggested is not None and card.queued.rank is not None for card in cards if card.split == "train")


def test_neighbours_are_training_rows_for_a_held_out_row_is_seen_by_itself_or_not_at_all(begun):
    cards = answer_all(begun(limit=150))
    held_out = {row.text for row in split_rows(wrong=0.1) if row.split != "train"}
    shown = [neighbour.text for card in cards for neighbour in card.neighbours]
    assert shown
    assert not held_out & set(shown)


def test_the_estimate_of_rows_looked_at_whole_is_their_number(begun, read):
    review = begun(limit=1_000)
    answer_all(review)
    for split in ("train", "validation"):
        found, truth = review.summary().estimates[split], n_wrong(read, split)
        assert (found.low, found.estimate, found.high) == (truth, truth, truth)


def test_a_part_of_the_queue_gives_an_interval_around_the_truth(begun, read):
    review = begun(limit=110)
    answer_all(review)
    found = review.summary().estimates["train"]
    assert found.n_seen < found.n_rows == len(read.placed.splits.rows("train"))
    assert found.low <= n_wrong(read, "train") <= found.high


def test_rows_looked_at_out_of_turn_do_not_count(begun):
    answer_all(begun(limit=40, fix_first=True))
    review = begun(limit=60)
    assert review.summary().estimates == {}
    # Both orders begin with the thirty most suspicious rows.
    assert review.summary().n_counted == 30


def test_fix_first_has_no_estimate(begun):
    review = begun(limit=100, fix_first=True)
    cards = answer_all(review)
    assert [card.queued.rank for card in cards] == list(range(1, 101))
    assert (review.summary().estimates, review.summary().n_counted) == ({}, 0)


def ids_of(read, split, n):
    return tuple(read.placed.data.take(read.placed.splits.rows(split)).ids[:n])


def test_a_row_that_is_named_is_shown_again_and_the_last_word_stands(begun, read, tmp_path):
    (row_id,) = ids_of(read, "train", 1)
    first = begun(rows=(row_id,))
    first.decide(first.card(), "drop")
    assert first.card() is None
    again = begun(rows=(row_id,))
    assert again.card().queued.why == "asked"
    again.decide(again.card(), "ambiguous")
    assert again.card() is None
    assert again.summary().actions == {"ambiguous": 1}
    assert [json.loads(line)["id"] for line in (tmp_path / "decisions.jsonl").read_text().splitlines()] == [row_id] * 2


def test_a_row_taken_back_is_shown_once_more_though_it_was_named(begun, read):
    review = begun(rows=ids_of(read, "train", 2))
    first = review.card()
    review.decide(first, "keep")
    review.undo()
    assert review.card().text == first.text


def test_a_held_out_row_that_is_named_is_shown_blind(begun, read):
    card = begun(rows=ids_of(read, "validation", 1)).card()
    assert (card.split, card.suggested, card.neighbours) == ("validation", None, ())


def test_a_test_row_that_is_named_spends_the_test(begun, read):
    rows = ids_of(read, "test", 1)
    with pytest.raises(
        TaskError, match=r"--row: names a row that may be shown\n  got: .*a test row\n  fix: --also-test"
    ):
        begun(rows=rows)
    assert not is_spent(read.placed.splits.test_sha256)
    assert begun(rows=rows, also_test=True).card().split == "test"
    assert is_spent(read.placed.splits.test_sha256)


def test_rows_that_are_not_there_are_all_told(begun):
    with pytest.raises(TaskError, match=r"(?s)got: 'zebra'.*got: 'gnu'.*fix: ids stand in `suffice audit --json`"):
        begun(rows=("zebra", "gnu"))


def test_a_line_that_a_crash_cut_off_is_told_and_its_row_asked_again(begun, tmp_path):
    cards = answer_all(begun(), n=3)
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    review = begun()
    assert [problem.where for problem in review.problems] == ["decisions.jsonl:3"]
    assert review.card().text == cards[2].text
    answer_all(review, n=1)
    assert [problem.where for problem in begun().problems] == ["decisions.jsonl:3"]
    assert begun().summary().n_decided == 3


def test_a_mark_that_an_editor_puts_before_a_file_costs_no_decision(begun, tmp_path):
    answer_all(begun(), n=2)
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert (begun().problems, begun().summary().n_decided) == ((), 2)


def test_the_test_is_spent_before_its_first_row_is_shown(begun):
    review = begun(limit=60, also_test=True)
    spent = home() / "spent.jsonl"
    while (card := review.card()).split != "test":
        assert not spent.exists()
        review.decide(card, "keep")
    (line,) = spent.read_text().splitlines()
    assert is_spent(json.loads(line)["test_sha256"])
    assert card.suggested is None


def test_a_test_row_stays_hidden_where_the_ledger_cannot_be_written(begun, tmp_path, monkeypatch):
    review = begun(limit=60, also_test=True)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match=r"spent.jsonl: must be writable"):
        answer_all(review)


def test_decisions_that_cannot_be_written_are_told(begun, tmp_path):
    review = begun()
    (tmp_path / "decisions.jsonl").mkdir()
    with pytest.raises(StorageError, match=r"(?s)must be writable.*fix: name a file, not a folder"):
        review.decide(review.card(), "keep")


def test_a_row_on_which_people_disagree_is_told_to_whoever_reviews_and_as_soon_as_they_do(begun):
    ann, bob = begun(), begun(who="bob")
    ann.decide(ann.card(), "drop")
    bob.decide(bob.card(), "ambiguous")
    assert bob.problems == ()  # Bob's session began before Ann decided.
    cat = begun(who="cat")
    (told,) = cat.problems
    assert told.where == "decisions.jsonl:1 and decisions.jsonl:2"
    assert "ann drops it; bob says it is ambiguous" in told.got
    dan = begun(who="dan")
    dan.decide(dan.card(), "keep")
    assert dan.problems[0].where.endswith("decisions.jsonl:3")


def test_gone_rows_disagreements_and_cut_lines_are_all_told(begun, tmp_path):
    cards = answer_all(begun(), n=3)
    path = tmp_path / "decisions.jsonl"
    first, second, third = path.read_text().splitlines()
    gone = json.loads(first) | {"text_sha256": "00"}
    other = json.loads(second) | {"who": "bob", "action": "drop", "became": None}
    path.write_text("\n".join([json.dumps(gone), second, json.dumps(other), third[:-20]]))
    review = begun()
    assert [problem.where for problem in review.problems] == [
        "decisions.jsonl:4",
        "decisions.jsonl:1",
        "decisions.jsonl:2 and decisions.jsonl:3",
    ]
    assert review.card().text == cards[0].text


def begin_from_file(path, tmp_path, *, limit=10):
    options = ReviewOptions(
        who="ann", decisions=tmp_path / "decisions.jsonl", limit=limit, fix_first=False, also_test=False
    )
    return begin_review(load_task(path), options, folder=path.parent, out=tmp_path / "out", progress=SILENT)


def test_a_review_begins_with_what_cheap_rungs_say_of_the_newest_version(tmp_path):
    path = write_task(tmp_path, split_rows(wrong=0.1))
    card = begin_from_file(path, tmp_path).card()
    assert card.suggested == true_label(card.text) != card.label
    assert [version.name[:4] for version in list_versions(tmp_path / "out" / "data")] == ["raw-"]


@pytest.fixture
def two(tmp_path):
    """A task of which a hundred rows have been reviewed, and a version cleaned by that."""
    path = write_task(tmp_path, split_rows(wrong=0.1))
    review = begin_from_file(path, tmp_path, limit=100)
    answer_all(review)
    before = review.summary()
    decisions, out = tmp_path / "decisions.jsonl", tmp_path / "out"
    made = clean(load_task(path), decisions=decisions, also_test=False, folder=tmp_path, out=out, progress=SILENT)
    return path, before, made.version.name


def test_queue_decisions_and_estimate_are_the_same_after_cleaning_and_it_says_what_is_put_right(two, tmp_path):
    path, before, cleaned = two
    assert (before.cleaned, before.put_right, before.n_counted) == (None, {}, 100)
    after = begin_from_file(path, tmp_path, limit=100)
    assert after.card() is None
    found = after.summary()
    assert (found.estimates, found.n_counted, found.actions) == (before.estimates, 100, before.actions)
    assert found.cleaned == cleaned
    # Decisions about training rows are applied, those about validation rows wait.
    assert found.put_right == {"train": before.estimates["train"].n_found, "validation": 0}
    assert before.estimates["train"].n_found > 0
    assert begin_from_file(path, tmp_path, limit=101).card().number == 101


def test_an_audit_of_the_cleaned_version_keeps_the_estimate_of_the_data_as_read(two, tmp_path):
    path, before, _ = two
    found = audit_task(
        load_task(path),
        commands={"fit": "x"},
        decisions=tmp_path / "decisions.jsonl",
        folder=tmp_path,
        out=tmp_path / "out",
        also_test=False,
        progress=SILENT,
    )
    train = before.estimates["train"]
    (said,) = [one.message for one in found.audit.findings if one.code == "label_error"]
    assert f"by review of {train.n_seen} rows about {train.estimate:,.0f} of {train.n_rows} training labels" in said
    assert f"are wrong in the data as read (90% interval {train.low:,.0f} to {train.high:,.0f})" in said
    assert f"of {train.n_found} found {train.n_found} are put right in this version" in said


def test_rows_that_no_model_can_be_asked_about_are_told(tmp_path):
    path = write_task(tmp_path, message_rows(12))
    with pytest.raises(DataError, match=r"(?s)raw-.*begins with what models say.*got: .*too few.*fix: label more rows"):
        begin_from_file(path, tmp_path)
