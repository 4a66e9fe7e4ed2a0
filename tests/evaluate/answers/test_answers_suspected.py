from suffice.evaluate.answers import suspected_gold


def test_rows_that_both_contradict_with_one_answer_are_leads(judge):
    gold = ("18", "18", "18", "18", "18")
    first = judge(list(zip(gold, ("#### 19", "#### 19", "#### 18", "it is 19", "#### 19"), strict=True)))
    second = judge(list(zip(gold, ("The answer is 19.0", "#### 20", "#### 19", "#### 19", "no idea"), strict=True)))
    assert suspected_gold(first, second) == ("q0",)


def test_where_one_is_right_nothing_is_suspected(judge):
    first, second = judge([("18", "#### 18")]), judge([("18", "#### 19")])
    assert suspected_gold(first, second) == ()
