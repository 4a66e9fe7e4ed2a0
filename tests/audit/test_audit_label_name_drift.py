from dataclasses import replace

import pyarrow as pa
import pytest

from suffice.audit.label_name_drift import LABEL_NAME_DRIFT
from suffice.records.dataset import Dataset


def rows_of(label, *splits, n=3):
    return [(f"{label} {split} {k}", label, split) for split in splits for k in range(n)]


def at(seen, times):
    table = seen.data.table.set_column(6, "time", pa.array(times, pa.string()))
    return replace(seen, data=Dataset(table=table, name="raw"))


@pytest.mark.parametrize("name", ["card-arrival", "Card Arrival", "cardarrival", "card_arrivals", "card_arival"])
def test_two_names_that_share_no_split_are_found(found, name):
    rows = [*rows_of("card_arrival", "train"), *rows_of(name, "test", n=2), *rows_of("other", "train", "test")]
    [finding] = found("label_name_drift", rows)
    assert (finding.severity, finding.rows) == ("warn", ("id3", "id4"))
    got = f"'card_arrival' on 3 rows of train and '{name}' on 2 rows of test look like two names of one label"
    assert finding.message == got
    assert finding.fix.startswith("if they are one, write 'card_arrival' in all of these rows")


def test_two_names_one_after_the_other_in_time_are_found(audited):
    seen = audited([*rows_of("credit card", "train"), *rows_of("credit card or loan", "train", "test", n=9)])
    dated = at(seen, [f"2020-01-{k + 1:02}" for k in range(21)])
    [found] = LABEL_NAME_DRIFT.look(dated)
    assert found.rows.tolist() == [0, 1, 2]
    # One row of three is out of order.
    assert list(LABEL_NAME_DRIFT.look(at(seen, ["2021", *(f"2020-01-{k + 1:02}" for k in range(20))]))) == []


def test_one_row_before_few_others_may_be_chance(audited):
    seen = audited([*rows_of("payday loan", "train", n=1), *rows_of("payday loans", "train", n=9)])
    assert list(LABEL_NAME_DRIFT.look(at(seen, [f"2020-01-{k + 1:02}" for k in range(10)]))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("card_arrival", "card_delivery"),
        ("activate", "deactivate"),
        ("locked", "blocked"),
        ("room_11", "room_12"),
        ("room_1", "room_12"),
        ("abc", "abd"),
        # Stops, and is told by label_variants.
        ("card arrival", "Card_Arrival".replace("_", " ")),
    ],
)
def test_names_that_are_not_alike_are_clear(found, one, other):
    assert found("label_name_drift", [*rows_of(one, "train"), *rows_of(other, "test")]) == []


def test_alike_names_that_meet_in_a_split_are_clear(found):
    assert found("label_name_drift", [*rows_of("top_up", "train", "test"), *rows_of("top-up", "train")]) == []


def test_not_applicable_in_one_split_without_times(why_not):
    why = "all rows stand in one split, and none has a time (data.time)"
    assert why_not("label_name_drift", rows_of("a", "train")) == why
