from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from suffice.audit.time_drift import TIME_DRIFT
from suffice.records.dataset import Dataset

OLD, NEW = (["lamp", "chair", "table", "sofa", "shelf"], ["phone", "tablet", "laptop", "camera", "printer"])


def dated(audited, *, labels=lambda day, rng: "ab"[rng.integers(2)], words=lambda day: OLD, days=20, n=30):
    """`n` rows a day, a fifth of them in test, with the labels and words of the day."""
    rng = np.random.default_rng(0)
    rows, times = [], []
    for day in range(days):
        for k in range(n):
            text = f"my {' '.join(rng.choice(words(day), 3))} {day * n + k}"
            rows.append((text, labels(day, rng), "test" if day >= 0.8 * days else "train"))
            times.append(f"2024-03-{day + 1:02}T08:00:00")
    seen = audited(rows)
    table = seen.data.table.set_column(6, "time", pa.array(times, pa.string()))
    return replace(seen, data=Dataset(table=table, name="raw"))


def look(seen):
    assert TIME_DRIFT.needs(seen) is None
    return list(TIME_DRIFT.look(seen))


def test_label_shares_that_move_are_found(audited):
    [found] = look(dated(audited, labels=lambda day, rng: "ab"[rng.random() < (0.8 if day >= 15 else 0.3)]))
    # By hand: 0.8 in the last five of twenty days and 0.3 before are half of the rows apart.
    assert found.score == pytest.approx(0.5, abs=0.07)
    assert "rows from 2024-03-16 to 2024-03-20 would have another label at other times" in found.got
    assert TIME_DRIFT.severity == "warn"


def test_words_that_move_are_found(audited):
    [found] = look(dated(audited, words=lambda day: OLD if day < 8 else NEW))
    # Sixteen days stand outside test, and the second half of them has other words.
    assert found.score == pytest.approx(1.0, abs=0.01)
    assert found.got.startswith(
        "words move: of a message before 2024-03-09 and one after, the words tell which is which"
    )


def test_words_of_test_rows_are_not_read(audited):
    assert look(dated(audited, words=lambda day: OLD if day < 16 else NEW)) == []


def test_rows_that_come_in_any_order_are_clear(audited):
    assert look(dated(audited)) == []


def test_days_that_differ_without_a_trend_are_clear(audited):
    # One label a day: rows of one day are no evidence of each other, and 20 days in four lots differ by chance.
    assert look(dated(audited, labels=lambda day, rng: "abba"[day % 4])) == []


def test_not_applicable_without_enough_dates(audited, why_not):
    assert why_not("time_drift", [("x", "a", "train"), ("y", "b", "train")]) == "no row has a time (data.time)"
    few = "fewer than 100 rows have a time, or they stand on fewer than 8 days"
    assert TIME_DRIFT.needs(dated(audited, days=7)) == few
    assert TIME_DRIFT.needs(dated(audited, n=4)) == few


def test_words_are_left_out_where_without_the_test_rows_too_few_have_a_time(audited):
    seen = dated(audited, words=lambda day: OLD if day < 10 else NEW)
    assert TIME_DRIFT.left_out(seen) is None
    few = replace(seen, splits=replace(seen.splits, codes=np.where(np.arange(len(seen.y)) < 90, 0, 3)))
    assert TIME_DRIFT.needs(few) is None
    assert list(TIME_DRIFT.look(few)) == []
    assert TIME_DRIFT.left_out(few).startswith("words were not looked at: without the test rows fewer than 100 rows")
