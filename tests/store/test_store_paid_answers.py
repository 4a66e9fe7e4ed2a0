import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from suffice.errors import StorageError
from suffice.store.paid_answers import PaidAnswer, PaidAnswers

ANSWER = PaidAnswer(said="card", finish="stop", input_tokens=7, output_tokens=None, latency_ms=12.5, cost=0.25)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hosted" / "answers.sqlite"


def paid(answers, key, *, answer=ANSWER, endpoint="e", cap=10.0):
    call = answers.begin(endpoint, most=1.0, cap=cap)
    answers.keep(call, key=key, endpoint=endpoint, answer=answer)


def test_an_answer_outlives_the_process_that_paid_for_it(path):
    first = PaidAnswers(path)
    paid(first, "a")
    first.close()
    again = PaidAnswers(path)
    assert (again.find("a"), again.find("b")) == (ANSWER, None)
    # The call is charged with what it cost, and no longer with the most that it may have.
    assert again.spent("e") == 0.25
    assert again.spent("another") == 0.0


def test_a_call_that_nothing_was_heard_of_counts_at_its_most(path):
    first = PaidAnswers(path)
    assert first.begin("e", most=3.0, cap=10.0) is not None
    first.close()
    assert PaidAnswers(path).spent("e") == 3.0


def test_a_call_that_cost_nothing_is_taken_back(path):
    answers = PaidAnswers(path)
    answers.drop(answers.begin("e", most=3.0, cap=10.0))
    assert answers.spent("e") == 0.0


def test_no_call_begins_that_could_pass_the_cap_and_one_that_just_fits_does(path):
    answers = PaidAnswers(path)
    assert answers.begin("e", most=6.0, cap=10.0) is not None
    assert answers.begin("e", most=4.5, cap=10.0) is None
    assert answers.begin("e", most=4.0, cap=10.0) is not None
    # Another endpoint has a cap of its own; what costs nothing may always be asked.
    assert answers.begin("other", most=10.0, cap=10.0) is not None
    assert answers.begin("free", most=0.0, cap=0.0) is not None


def test_threads_that_share_it_never_pass_the_cap_together(path):
    answers = PaidAnswers(path)
    with ThreadPoolExecutor(16) as pool:
        begun = list(pool.map(lambda _: answers.begin("e", most=1.0, cap=7.0), range(40)))
    assert sum(call is not None for call in begun) == 7
    assert answers.spent("e") == 7.0


def test_a_file_that_is_not_its_own_is_refused_and_left_as_it_is(path):
    path.parent.mkdir()
    path.write_text("somebody's notes, " * 100)
    with pytest.raises(StorageError, match=r"answers.sqlite: .*\n  got: file is not a database\n  fix: .*move it away"):
        PaidAnswers(path)
    assert path.read_text().startswith("somebody's notes")


def test_answers_of_another_version_are_refused(path):
    path.parent.mkdir()
    file = sqlite3.connect(path)
    file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(StorageError, match=r"reads answers of format 1\n  got: format 99\n  fix: run the version"):
        PaidAnswers(path)


def test_a_folder_in_its_place_is_told(path):
    path.mkdir(parents=True)
    with pytest.raises(StorageError, match=r"got: unable to open database file\n  fix: free some space or make it"):
        PaidAnswers(path)
