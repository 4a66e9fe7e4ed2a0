import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suffice.audit.copy_groups import copy_groups

CODES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12)


@given(CODES)
def test_every_group_of_two_or_more_comes_once_unless_a_stricter_level_tells_it(pairs):
    wide = np.array([code for code, _ in pairs], dtype=np.int64)
    strict = np.array([3 * code + part for code, part in pairs], dtype=np.int64)
    groups = [[row for row in range(len(wide)) if wide[row] == code] for code in dict.fromkeys(wide.tolist())]
    many = [rows for rows in groups if len(rows) > 1]
    assert [rows.tolist() for rows in copy_groups(wide)] == many
    assert [rows.tolist() for rows in copy_groups(wide, told=strict)] == [
        rows for rows in many if len(set(strict[rows].tolist())) > 1
    ]
