ROWS = [("p", "card", "train", None, ["card", "Card", "Card"]), ("q", "pin", "train", None, ["pin", "crad"])]


def test_annotators_labels_outside_the_set_are_found_with_the_nearest(found):
    [finding] = found("unknown_annotation", [*ROWS, ("r", "pin", "train", None, ["pin", "crad"])])
    assert (finding.severity, finding.rows) == ("warn", ("id0", "id1", "id2"))
    assert finding.message == "'crad' on 2 rows (nearest: 'card'), 'Card' on 1 row (nearest: 'card')"
    assert finding.fix == "correct the annotators' columns, or add the label to `labels` in task.yaml"


def test_many_are_counted(found):
    rows = [("p", "a", "train", None, [f"x{n}" for n in range(9)])]
    [finding] = found("unknown_annotation", rows)
    assert finding.message.endswith("'x4' on 1 row, and 4 more")


def test_labels_of_the_set_are_clear(found):
    assert found("unknown_annotation", ROWS, declared=["card", "pin", "Card", "crad"]) == []


def test_not_applicable_without_annotators(why_not):
    assert why_not("unknown_annotation", [("p", "a", "train")]) == "no row has labels of annotators (data.annotators)"
