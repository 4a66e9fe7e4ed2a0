import pytest

from suffice.evaluate.completions.operations import operation_features, operations


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("48/2 = <<48/2=24>>24 clips\nso 48 x 1,000 = 48000", [("/", "2"), ("*", "1,000")]),
        ("$5 × 3 = $15, because 2 + .5 = 2.5", [("*", "3"), ("+", ".5")]),
        ("Total: 20 grass - 14 grass = 6", [("-", "14")]),
        ("2 + 3 = 5 + 4 = 9", [("+", "3"), ("+", "4")]),
        ("It lasts 3-5 days and costs 7", []),
        ("the 2 x 4s cost 5", []),
        ("", []),
    ],
)
def test_operations_are_read_where_a_sign_of_equality_follows(text, found):
    assert operations(text) == found


def test_features_tell_first_last_and_neighbouring_operations_apart():
    found = operation_features("needed", ["4 + 2 = 6\n6 * 3 = 18\n18 / 2 = 9", "five"])
    assert {name: values[0] for name, values in found.items()} == {
        "needed operation": ("*", "+", "/"),
        "needed first operation": ("+",),
        "needed last operation": ("/",),
        "needed first two operations": ("+ *",),
        "needed last two operations": ("* /",),
        "needed operations in a row": ("* then /", "+ then *"),
        "needed operation with a number": ("* 3", "+ 2", "/ 2"),
        "needed number of operations": ("3",),
    }
    assert not any(values[1] for values in found.values())
