"""What a verdict's code is called, by the kind of the task."""

from __future__ import annotations

import pytest

from suffice.records.causes import CAUSES


@pytest.mark.parametrize("kind", ["answer", "tools"])
def test_where_answers_are_free_it_is_traces_that_are_cleaned(kind) -> None:
    cause = CAUSES["clean_labels"]
    assert (cause.called("classify"), cause.called(kind)) == ("Clean the labels", "Clean the traces")
    assert "label" in cause.told("classify")
    assert "label" not in cause.told(kind)


def test_a_cause_that_speaks_of_no_label_is_called_the_same_in_every_kind() -> None:
    cause = CAUSES["more_data"]
    assert {cause.called(kind) for kind in ("classify", "answer", "tools")} == {cause.words}
    assert {cause.told(kind) for kind in ("classify", "answer", "tools")} == {cause.says}
