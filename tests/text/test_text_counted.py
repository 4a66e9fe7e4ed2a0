from suffice.text.counted import counted


def test_counts_carry_their_noun():
    assert [counted(n, "row") for n in (0, 1, 1_200)] == ["0 rows", "1 row", "1,200 rows"]
