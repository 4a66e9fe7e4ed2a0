import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from suffice.stats.multiplicity import benjamini_hochberg


def test_the_worked_example_of_the_paper():
    # Benjamini and Hochberg (1995), section 4: of fifteen p-values four are discoveries at 0.05, p(4) = 0.0095 with
    # 0.0095 * 15 / 4 = 0.035625 and p(5) = 0.0201 with 0.0201 * 15 / 5 = 0.0603.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    q = benjamini_hochberg(p)
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(0.035625)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
def test_it_is_what_scipy_gives_whatever_the_order(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values, method="bh"))


def test_one_test_keeps_its_p_value_and_none_gives_none():
    assert benjamini_hochberg([0.03]).tolist() == [0.03]
    assert len(benjamini_hochberg([])) == 0


def test_what_is_no_p_value_is_our_own_fault():
    with pytest.raises(AssertionError, match="p-values are fractions"):
        benjamini_hochberg([np.nan])
