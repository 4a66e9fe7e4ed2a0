import pytest

from suffice.dataset.problems import Problems, for_each, raise_any
from suffice.errors import DataError, Problem


def test_a_problem_of_the_whole_file_comes_before_those_of_its_lines():
    problems = Problems("m.csv")
    for place in (7, 3, None):
        problems.add(place, "rule", got="got", fix="fix")
    assert [problem.where for problem in problems.kept] == ["m.csv", "m.csv:3", "m.csv:7"]


def test_rows_are_named_where_there_are_no_lines():
    assert Problems("m.parquet", unit="row").where(0) == "m.parquet: row 0"


def test_files_without_problems_raise_nothing():
    assert raise_any([Problems("a.csv"), Problems("b.csv")]) is None


def test_the_problems_of_every_call_are_told_at_once():
    def half(n: int) -> int:
        if n % 2:
            raise DataError(Problem(where=str(n), rule="must be even", got=str(n), fix="add one"), n_more=n)
        return n // 2

    assert for_each([2, 4], half) == [1, 2]
    with pytest.raises(DataError, match=r"must be even\n  got: 1\n  fix: add one") as caught:
        for_each([1, 2, 3], half)
    assert [problem.where for problem in caught.value.problems] == ["1", "3"]
    assert caught.value.n_more == 4
