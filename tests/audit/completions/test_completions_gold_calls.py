import pytest

CLEAR = [("area?", [{"geo.area": {"radius": [5], "unit": ["cm", ""]}}]), ("sing!", [])]


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ([{"geo.volume": {"radius": [5]}}], "1 with a tool that is not among the row's tools"),
        ([{"geo.area": {"radius": []}}], "1 with an argument that must be given and has no right value"),
        ([{"geo.area": {"radius": ["5"]}}], "1 with arguments that the tool's own schema forbids"),
        ([{"geo.area": {"unit": ["cm"]}}], "1 with arguments that the tool's own schema forbids"),
        ([{"geo.area": {"radius": [5], "colour": ["red"]}}], "1 with arguments that the tool's own schema forbids"),
    ],
)
def test_right_calls_that_no_one_could_make_are_found(found, calls, accepted, said):
    [one] = found("gold_calls", calls(*CLEAR, ("area?", accepted)))
    assert one.rows.tolist() == [2]
    assert one.got == f"1 of 2 rows with right calls cannot be right: {said}"


@pytest.mark.parametrize(
    "accepted",
    [
        [{"geo.area": {"radius": ["5", 5]}}],
        [{"geo.area": {"radius": [5], "unit": [None, ""]}}],
        [{"geo_area": {"radius": [5]}}],
    ],
)
def test_where_one_right_way_keeps_to_the_schema_it_is_clear(found, calls, accepted):
    assert found("gold_calls", calls(*CLEAR, ("area?", accepted))) == []


def test_without_right_calls_it_does_not_apply(why_not, calls):
    assert why_not("gold_calls", calls(("sing!", []))) == "in no row a call is right"
