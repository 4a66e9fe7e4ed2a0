from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.text.personal import find_personal, mask_personal


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to jo.old+x@mail.example.co.uk.", "write to j***@m***.uk."),
        ('<"jo old">, "jo"@example.org', '<"jo old">, j***@e***.org'),
        ("jo@[192.168.0.1]", "j***@[***]"),
        ("straße@müller.de", "s***@m***.de"),
        # Examples of the IBAN Registry.
        ("GB29 NWBK 6016 1331 9268 19 and then", "GB** **** 6819 and then"),
        ("my de89370400440532013000", "my DE** **** 3000"),
        # Test numbers that card networks publish.
        ("4111 1111 1111 1111", "**** **** **** 1111"),
        ("card 378282246310005, thanks", "card **** **** **** 0005, thanks"),
        ("6011-1111-1111-1117", "**** **** **** 1117"),
        # Numbers for films and books: Ofcom, 020 7946 0000 to 0999; NANPA, 555-0100 to 555-0199.
        ("call +44 (0)20 7946 0958", "call *** *** **58"),
        ("0044 20 7946 0958", "*** *** **58"),
        ("020 7946 0958", "*** *** **58"),
        ("(212) 555-0142 x12", "*** *** **42 x12"),
        ("212.555.0142", "*** *** **42"),
        ("Tel. 98765 43210", "Tel. *** *** **10"),
        ("Kari, 22 83 03 88", "Kari, *** *** **88"),
        ("001-212-555-0142x9", "*** *** **42x9"),
        ("call 555-0142", "call *** *** **42"),
    ],
)
def test_personal_data_is_found_and_masked(text, masked):
    assert mask_personal(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "GB29 NWBK 6016 1331 9268 18",
        "9999 9999 9999 9995",  # Its checksum holds, but nobody issues such cards.
        "order 0612345678",
        "order no. 212-555-0142",
        "12.05.2024 10:30",
        "2024-01-15",
        "from 192.168.100.200",
        "version 2024.10.1",
        "1.234.567",
        "€ 12 345 678",
        "@handle, 3 pieces @ 4.99, jo@localhost",
        "tracking 9400110200881234567890",
        "7f3a65b3-0982-4c40",
        "https://shop.example/p/0612345678",
        "sizes 36 38 40 42",
        "1700000000",
        "",
    ],
)
def test_numbers_that_are_nobodys_are_left(text):
    assert find_personal(text) == []


def test_several_pieces_come_in_order_and_no_character_belongs_to_two():
    text = "0612345678: DE89 3704 0044 0532 0130 00, jo@example.org (4111111111111111)"
    found = find_personal(text)
    assert [one.kind for one in found] == ["phone number", "IBAN", "e-mail address", "card number"]
    assert text[found[1].start : found[1].end] == "DE89 3704 0044 0532 0130 00"
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.text("0123456789 +-().@aAbGE,:\n"))
def test_any_text_can_be_read_and_a_mask_tells_no_more_than_four_digits(text):
    for one in find_personal(text):
        assert one.start < one.end <= len(text)
        assert sum(character.isdigit() for character in one.masked) <= 4
