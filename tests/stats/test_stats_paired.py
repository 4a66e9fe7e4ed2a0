import numpy as np
import pytest
from scipy import stats

from suffice.errors import DataError
from suffice.stats.paired import PairedCounts, grouped_p, paired_counts


def test_counts_are_of_rows_on_which_exactly_one_is_right():
    first = np.array([True, True, True, False, False, True])
    second = np.array([True, False, False, True, False, True])
    found = paired_counts(first, second)
    assert found == PairedCounts(n=6, n_only_first=2, n_only_second=1)
    assert found.difference == pytest.approx(1 / 6)
    assert found.swapped.difference == pytest.approx(-1 / 6)


def p_of(*, n, n_only_first, n_only_second):
    """Of rows that are their own groups: McNemar's."""
    row = np.arange(n)
    return grouped_p(row < n_only_first, (row >= n_only_first) & (row < n_only_first + n_only_second), row)


def test_mcnemar_agrees_with_published_figures():
    # R package contingencytables, McNemar_exact_cond_test_paired_2x2(cavo_2012), to the six digits that it prints.
    assert p_of(n=161, n_only_first=6, n_only_second=16) == pytest.approx(0.052479, abs=5e-7)


def test_mcnemar_of_three_against_none_by_hand():
    # 2 * 0.5 ** 3.
    assert p_of(n=10, n_only_first=3, n_only_second=0) == pytest.approx(0.25)


def test_models_that_never_differ_have_a_p_value_of_one():
    assert p_of(n=10, n_only_first=0, n_only_second=0) == 1.0


@pytest.mark.parametrize("discordance", [0.02, 0.1, 0.3])
def test_mcnemar_holds_its_level_between_equal_models(discordance):
    # Exact: over the binomial number of discordant rows of 300, then over which of the two is right.
    size = 0.0
    for discordant in range(1, 140):
        b = np.arange(discordant + 1)
        p = np.minimum(1.0, 2 * stats.binom.cdf(np.minimum(b, discordant - b), discordant, 0.5))
        assert p[0] == pytest.approx(p_of(n=300, n_only_first=0, n_only_second=discordant))
        size += stats.binom.pmf(discordant, 300, discordance) * stats.binom.pmf(b, discordant, 0.5)[p <= 0.05].sum()
    assert size <= 0.05


def test_nothing_scored_is_an_error_not_a_zero():
    none = np.array([], dtype=np.bool_)
    with pytest.raises(DataError, match=r"got: 0 rows(.|\n)*fix: check that the split has rows"):
        paired_counts(none, none)


def test_signs_of_groups_are_mcnemars_test_where_every_row_is_its_own_group():
    first, second = np.array([1, 1, 1, 1, 1, 0, 1, 0], dtype=bool), np.array([0, 0, 0, 0, 0, 1, 1, 0], dtype=bool)
    assert grouped_p(first, second, np.arange(8)) == pytest.approx(stats.binomtest(5, 6, 0.5).pvalue)


def test_copies_in_one_group_are_one_piece_of_evidence():
    first, second = np.ones(12, dtype=bool), np.zeros(12, dtype=bool)
    # By hand: three groups of four, all for the first: 2 of the 8 ways to give them a sign are as far out.
    assert grouped_p(first, second, np.repeat([0, 1, 2], 4)) == pytest.approx(0.25)
    # Groups that gain 2, 1 and 1: of 8 ways those with a sum of 4 or -4 are two.
    first = np.array([1, 1, 1, 1, 0], dtype=bool)
    assert grouped_p(first, np.zeros(5, dtype=bool), np.array([0, 0, 1, 2, 3])) == pytest.approx(0.25)


def test_two_that_never_differ_have_a_p_of_one():
    same = np.ones(3, dtype=bool)
    assert grouped_p(same, same, np.arange(3)) == 1.0


def test_signs_of_nothing_are_an_error():
    none = np.array([], dtype=bool)
    with pytest.raises(DataError, match="got: 0 rows"):
        grouped_p(none, none, np.array([], dtype=np.int64))
