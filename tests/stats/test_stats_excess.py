import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from suffice.stats.excess import excess_p, signed_g2


def g2(hits, rows):
    return float(signed_g2(np.array([hits], dtype=float), np.array([rows], dtype=float), n_hits=20, n_rows=100)[0])


# The trusted library is scipy's likelihood ratio of the table of two by two, without correction for continuity.
@pytest.mark.parametrize(("hits", "rows", "sign"), [(8, 10, 1), (1, 10, -1), (20, 60, 1), (10, 10, 1), (0, 30, -1)])
def test_the_ratio_is_that_of_the_table_with_the_sign_of_the_excess(hits, rows, sign):
    table = [[hits, rows - hits], [20 - hits, 80 - rows + hits]]
    assert g2(hits, rows) == pytest.approx(
        sign * chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    )


def test_a_set_of_all_rows_or_of_none_has_no_excess():
    assert g2(20, 100) == g2(0, 0) == 0.0


def test_the_test_is_fisher_s_one_sided_one():
    assert excess_p((8, 10), (12, 90)) == pytest.approx(fisher_exact([[8, 2], [12, 78]], alternative="greater").pvalue)
    assert excess_p((1, 10), (30, 90)) > 0.9


def test_rows_that_count_as_fewer_are_rounded_against_an_excess():
    assert excess_p((4.5, 5.5), (6.2, 45.7)) == excess_p((4, 5), (7, 45))
    assert excess_p((4.5, 5.5), (6.2, 45.7)) > excess_p((9, 11), (12, 91))


def test_where_one_side_is_empty_nothing_is_shown():
    assert excess_p((0, 0), (3, 5)) == excess_p((3, 5), (0, 0)) == 1.0
