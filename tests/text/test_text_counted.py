from suffice.text.counted import counted, listed, times


def test_counts_carry_their_noun():
    assert [counted(n, "row") for n in (0, 1, 1_200)] == ["0 rows", "1 row", "1,200 rows"]


def test_names_are_quoted_and_those_beyond_the_first_counted():
    assert [listed(names, shown=2) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "'a'",
        "'a', 'b'",
        "'a', 'b' and 1 more",
    ]


def test_how_often_is_once_or_so_many_times():
    assert [times(n) for n in (0, 1, 1_200)] == ["0 times", "once", "1,200 times"]
