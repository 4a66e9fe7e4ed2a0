import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.dataset.cells import (
    Fault,
    answer_of,
    asked_in,
    group_of,
    id_of,
    joined_text,
    label_of,
    split_name_of,
    text_of,
    time_of,
)


@pytest.mark.parametrize(
    ("given_as", "written"),
    [
        ("2024-01-31", "2024-01-31"),
        (" 2024-01-31 ", "2024-01-31"),
        ("2024-01-31 09:30", "2024-01-31T09:30:00"),
        ("2024-01-31T09:30:00Z", "2024-01-31T09:30:00+00:00"),
        ("2024-01-31T00:30:00+02:00", "2024-01-30T22:30:00+00:00"),
        (datetime.date(2024, 1, 31), "2024-01-31"),
        (datetime.datetime(2024, 1, 31, 9, 30, tzinfo=datetime.UTC), "2024-01-31T09:30:00+00:00"),
    ],
)
def test_times_are_written_in_iso_8601_and_utc(given_as, written):
    assert time_of(given_as) == written


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "31/01/2024",
        "2024-13-01",
        "1706693400",
        1706693400,
        1706693400.5,
        "20240131",
        "2024-1-1",
        "0001-01-01T00:00+05:00",
        True,
    ],
)
def test_what_is_no_iso_8601_date_is_not_guessed_at(value):
    with pytest.raises(Fault, match="must be an ISO 8601 date or time") as caught:
        time_of(value)
    assert caught.value.fix == "write it as 2024-01-31 or 2024-01-31T09:30:00Z"


aware = st.datetimes(
    min_value=datetime.datetime(1, 1, 3), max_value=datetime.datetime(9999, 12, 29), timezones=st.timezones()
)


@given(first=aware, second=aware)
def test_the_order_of_written_times_is_the_order_in_time(first, second):
    assert (time_of(first.isoformat()) < time_of(second.isoformat())) == (first.timestamp() < second.timestamp())


@pytest.mark.parametrize(
    ("given_as", "split"),
    [
        ("train", "train"),
        (" Training ", "train"),
        ("VAL", "validation"),
        ("valid", "validation"),
        ("validation", "validation"),
        ("dev", "validation"),
        ("test", "test"),
        ("eval", "test"),
        ("held-out", "test"),
        ("calibration", "calibration"),
    ],
)
def test_splits_are_known_by_their_usual_names(given_as, split):
    assert split_name_of(given_as) == split


@pytest.mark.parametrize(
    ("value", "got"),
    [("trian", "'trian' (nearest: 'train')"), ("", "''"), (None, "null, or nothing there"), (0, "0")],
)
def test_an_unknown_split_is_told_with_the_nearest(value, got):
    with pytest.raises(Fault, match="must be train, validation, calibration or test") as caught:
        split_name_of(value)
    assert caught.value.got == got


def test_parts_of_a_text_that_are_empty_leave_no_blank_lines():
    assert joined_text(["", "body", None]) == "body"
    assert joined_text(["subject", "", "body"]) == "subject\n\nbody"
    assert joined_text(["", ""]) == ""


def test_a_text_of_nothing_but_nulls_is_none():
    with pytest.raises(Fault) as caught:
        joined_text([None, None])
    assert (caught.value.got, caught.value.fix) == ("null in every column", "give the message, or take the row out")


def test_ids_and_groups_are_text_or_whole_numbers():
    assert (id_of("a"), id_of(7), group_of("c"), group_of(0), group_of(None), group_of("")) == (
        "a",
        "7",
        "c",
        "0",
        None,
        None,
    )


@pytest.mark.parametrize("value", [None, "", 1.5, ["a"], True])
def test_an_id_that_names_nothing_is_told(value):
    with pytest.raises(Fault, match="must be text or a whole number") as caught:
        id_of(value)
    assert "take data.id out of the task file" in caught.value.fix


@pytest.mark.parametrize("value", [1.5, ["a"], True])
def test_a_group_that_is_no_name_is_told(value):
    with pytest.raises(Fault, match="must be text or a whole number") as caught:
        group_of(value)
    assert caught.value.fix == "write customer or thread as text"


@pytest.mark.parametrize("cell_of", [text_of, label_of, id_of, group_of])
def test_a_nul_and_half_a_surrogate_pair_are_told_in_every_column(cell_of):
    with pytest.raises(Fault, match="must not contain a NUL"):
        cell_of("a\0")
    with pytest.raises(Fault, match="must be Unicode text"):
        cell_of("a\ud800")


@given(label=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_a_label_is_kept_as_it_is_unless_it_is_all_white_space(label):
    if label.isspace():
        with pytest.raises(Fault, match="must be one label"):
            label_of(label)
    else:
        assert label_of(label) == label


def test_an_answer_loses_the_blank_that_completions_are_written_with():
    assert answer_of(" card_lost\n") == "card_lost"


def test_a_chat_that_nobody_has_answered_still_asks():
    turns = [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "x"},
        {"role": "user", "content": "last"},
    ]
    assert asked_in(turns) == "last"
    for value in ([], "text", [{"role": "assistant", "content": "x"}], [{"role": "user", "content": None}]):
        with pytest.raises(Fault):
            asked_in(value)
