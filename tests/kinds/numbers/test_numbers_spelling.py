import pytest

from suffice.kinds.numbers.spelling import plain, regrouped, western_digits


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("**18.**", "18"),
        (r"\$18", "$18"),
        ("$18$", "18"),
        ("−5", "-5"),
        ("minus 5", "-5"),
        ("Negative $5", "-$5"),
        ("a minus is no number", "a minus is no number"),
        ("2¹⁰", "2^10"),
        ("18 m²", "18 m²"),
        ("3½", "3 1/2"),
        (r"3\dfrac{1}{2}", "3 1/2"),
        (r"\frac{1+2}{3}", "(1+2)/3"),
        (r"90^{\circ}", "90°"),
        ("1'000 and 5'11", "1,000 and 5'11"),
        ("1,00,000 of 1,2,3", "100000 of 1,2,3"),
        ("10,20,30", "10,20,30"),
        ("１８", "18"),
    ],
)
def test_signs_that_mean_the_same_become_one(text, read):
    assert plain(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1 000", "1000"),
        ("1.000.000 euros", "1000000 euros"),
        ("12,5", "12.5"),
        ("1.000,50", "1000.50"),
        ("12 200-page", "12 200-page"),
    ],
)
def test_groups_and_commas_of_other_languages_become_english_ones(text, read):
    assert regrouped(text) == read


# The Unicode Standard's decimal digits, as Python's own `int` reads them.
@pytest.mark.parametrize("text", ["١٨", "१८", "１８", "๑๘", "𝟏𝟖"])
def test_digits_of_every_script_become_western_ones_in_their_places(text):
    assert western_digits(f"é {text}.") == f"é {int(text)}."


def test_raised_digits_and_letters_stay():
    assert western_digits("x² é ½ 十八") == "x² é ½ 十八"
