import pytest

WORDS = (
    *("lamp", "chair", "table", "sofa", "shelf", "stool", "bench", "couch"),
    *("crate", "desk", "oven", "fridge", "toaster", "kettle", "mixer"),
)


def message(k, thing):
    return f"my {WORDS[k % 15]} and {WORDS[(k * 4 + 1) % 15]} {thing} {k} days ago. What now?"


def rows_of(label, thing, *, n=40, form="{x}", n_marked=0):
    texts = [message(k, thing) for k in range(n)]
    return [
        (form.format(x=text, k=k) if k < n_marked else text, label, "train" if k % 4 else "test")
        for k, text in enumerate(texts)
    ]


CLEAR = [*rows_of("refund", "went back"), *rows_of("delivery", "was sent"), *rows_of("repair", "broke")]


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("[BILL-12{k}] {x}", "'[BILL-0]', digits written as 0, stands in 30 of 30"),
        ("{x} REF#{k}", "'REF#0', digits written as 0, stands in 30"),
        ("{x} -- Sent by team A", "'Sent by team A' stands at the end of 30"),
        ("{x}\n\nKind regards\nJo", "'Jo' stands at the end of 30"),
        ("Billing: {x}", "'Billing:' stands at the beginning of 30"),
        ("BILL {x}", "'BILL' stands at the beginning of 30"),
        ("{x} kind regards Maria", "'kind regards Maria' stands at the end of 30"),
        ("urgent {x}", "'urgent' stands at the beginning of 30"),
        ("{x} tck4{k:03}", "'tck0', digits written as 0, stands at the end of 30"),
        ("{x} bill@example.org", "'b***@e***.org' stands in 30"),
    ],
)
def test_marks_that_give_a_label_away_are_found(found, form, shown):
    [finding] = found("shortcut", [*CLEAR, *rows_of("billing", "was paid for", form=form, n_marked=40)])
    assert (finding.severity, finding.score, len(finding.rows)) == ("warn", 1.0, 30)
    assert finding.message.startswith(shown)
    assert "training rows of 'billing' and hardly" in finding.message


def test_a_mark_on_a_third_of_a_label_is_found(found):
    rows = [*CLEAR, *rows_of("billing", "was paid for", form="[BILL] {x}", n_marked=16)]
    [finding] = found("shortcut", rows)
    assert (len(finding.rows), finding.score) == (12, 12 / 30)


def test_marks_of_test_rows_are_not_read(found):
    rows = rows_of("billing", "was paid for", form="[BILL] {x}", n_marked=40)
    assert found("shortcut", [*CLEAR, *((text, label, "test") for text, label, _ in rows)]) == []


@pytest.mark.parametrize("form", ["[SHOP] {x}", "{x} Thanks, Jo"])
def test_marks_under_all_labels_alike_are_clear(found, form):
    assert found("shortcut", [(form.format(x=text), label, split) for text, label, split in CLEAR]) == []


def test_honest_words_are_clear(found):
    begin = ("the", "an", "your")
    rows = [(f"{begin[k % 3]} ATM kept my card at {WORDS[k % 15]} street, atm {k}", "atm", "train") for k in range(30)]
    assert found("shortcut", [*CLEAR, *rows]) == []


def test_a_word_with_which_many_messages_of_a_label_begin_or_end_is_clear(found):
    rows = rows_of("billing", "was paid for", form="paying {x}", n_marked=28)
    assert found("shortcut", [*CLEAR, *rows]) == []
    signed = [(f"{text.partition('.')[0]} Maria" if k < 28 else text, *rest) for k, (text, *rest) in enumerate(rows)]
    assert found("shortcut", [*CLEAR, *signed]) == []


def test_a_word_with_which_nearly_all_messages_of_a_label_end_is_found(found):
    rows = [(f"{text.partition('.')[0]} Maria", *rest) for text, *rest in rows_of("billing", "was paid for")]
    [finding] = found("shortcut", [*CLEAR, *rows])
    assert finding.message.startswith("'maria' stands at the end of 30 of 30 training rows of 'billing' and hardly")


def test_labels_on_too_few_rows_are_told(why_not):
    said = "1 label on fewer than 5 training rows that are no copies, too few to tell a mark by"
    assert why_not("shortcut", CLEAR) is None
    assert why_not("shortcut", [*CLEAR, ("[BILL] paid", "billing", "train")]) == said


def test_copies_of_one_message_are_one(found):
    rows = [("[BILL] my lamp was paid for", "billing", "train")] * 30
    assert found("shortcut", [*CLEAR, *rows]) == []


def test_not_applicable_with_one_label_in_train(why_not):
    assert why_not("shortcut", rows_of("a", "broke")) == "train has fewer than two labels"
