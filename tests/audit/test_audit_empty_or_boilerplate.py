import pytest

WORDS = (
    *("red", "green", "blue", "black", "white", "small", "large", "round", "flat", "soft"),
    *("hard", "cold", "warm", "wet", "dry", "new", "old", "fast", "slow", "loud"),
)
CLEAR = [
    (f"my {WORDS[k % 20]} {WORDS[(k * 7 + k // 20) % 20]} parcel number {k} is late", "ab"[k % 2], "train")
    for k in range(60)
]
TEMPLATE = "Thank you for writing to us, we will answer you within two working days"


@pytest.mark.parametrize("text", ["?", "... !", "n/a", "TEST", "(No subject)"])
def test_messages_that_say_nothing_are_found_and_those_in_test_only_counted(found, text):
    [finding] = found("empty_or_boilerplate", [*CLEAR, (text, "a", "train"), (text, "b", "test")])
    assert (finding.severity, finding.rows, finding.score) == ("warn", ("id60",), 2 / 62)
    assert finding.message.startswith("2 messages of 62 (1 in test) of punctuation, a placeholder, or 2 words at most")


def test_words_that_stand_under_all_labels_alike_say_nothing_by_themselves(found):
    [finding] = found("empty_or_boilerplate", [*CLEAR, ("My parcel", "a", "train"), ("red", "a", "train")])
    assert finding.rows == ("id60",)


def test_templates_with_nothing_filled_in_are_found(found):
    rows = [(f"{TEMPLATE}. {row[0]}", *row[1:]) for row in CLEAR]
    [finding] = found("empty_or_boilerplate", [*rows, (f"{TEMPLATE}.", "a", "train"), (f"{TEMPLATE}: hi", "b", "test")])
    assert finding.rows == ("id60",)
    assert finding.message.startswith("2 messages of 62 (1 in test) of a beginning, end or lines shared by 20 messages")


@pytest.mark.parametrize("form", ["{x}. {t}", "Hello team\n{x}\nKind regards, the office\n{t}"])
def test_templates_are_found_at_the_end_and_between_lines(found, form):
    rows = [(form.format(x=text, t=TEMPLATE), label, split) for text, label, split in CLEAR]
    [finding] = found("empty_or_boilerplate", [*rows, (form.format(x="ok", t=TEMPLATE), "a", "train")])
    assert finding.rows == ("id60",)


def test_messages_with_something_of_their_own_are_clear(found):
    assert found("empty_or_boilerplate", [*CLEAR, ("refund", "a", "train"), ("", "b", "train")]) == []
    few = [(f"{TEMPLATE} {k}", "ab"[k % 2], "train") for k in range(9)]
    assert found("empty_or_boilerplate", [*CLEAR, *few]) == []


def test_not_applicable_with_too_few_messages_to_call_anything_a_template(why_not):
    assert why_not("empty_or_boilerplate", CLEAR[:19]) == (
        "19 different messages, and a template is what 20 share; none says nothing by itself"
    )


def test_a_placeholder_among_few_messages_is_found_all_the_same(found):
    [finding] = found("empty_or_boilerplate", [*CLEAR[:3], ("n/a", "a", "train")])
    assert finding.rows == ("id3",)
