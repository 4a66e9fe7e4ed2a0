"""Personal data in a message: e-mail addresses, bank accounts, payment cards, telephone numbers; and their masks.

Bank accounts and cards are held to their checksums. A telephone number has none. Written for abroad (`+44 ...`), it
must be one that its country gives out. Written for home, the country is not told: it must be valid in one of `REGIONS`
and follow a word such as "call", or else be written as telephone numbers are and not follow one such as "order".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    is_valid_number,
    parse,
)

PersonalKind = Literal["e-mail address", "IBAN", "card number", "phone number"]

REGIONS = (
    *("US", "GB", "DE", "FR", "ES", "IT", "NL", "BE", "CH", "AT", "SE", "NO", "DK", "FI", "PL", "CZ", "PT", "IE", "GR"),
    *("AU", "NZ", "IN", "BR", "MX", "JP", "SG", "ZA", "TR"),
)
"""Countries in whose way a number may be written for home, by their codes in ISO 3166."""

_ATOM, _NAME = r"[\w!#$%&'*+/=?^`{|}~-]{1,64}", r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(
    rf"(?<![\w.@+/-])(?:{_ATOM}(?:\.{_ATOM}){{0,9}}|\"[^\"\s]{{1,64}}\")@"
    rf"(?:(?:{_NAME}\.){{1,9}}[^\W\d_]{{2,63}}|\[\d+(?:\.\d+){{3}}\])(?![\w@])"
)
"""Source: RFC 5322, section 3.4.1, with letters of every script (RFC 6531); a domain ends in letters."""
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d\d(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
"""Source: IBAN Registry, ISO 13616."""
_CARD = re.compile(r"(?<![\w.,/+-])\d(?:[ .-]?\d){11,27}(?![\w-]|[.,]\d)")
_GAP = re.compile(r"[ .-]")
_ISSUERS = (
    (range(4000, 5000), (13, 16, 19)),  # Visa
    (range(5100, 5600), (16,)),  # Mastercard
    (range(2221, 2721), (16,)),
    (range(3400, 3500), (15,)),  # American Express
    (range(3700, 3800), (15,)),
    (range(3000, 3060), (14,)),  # Diners Club
    (range(3095, 3096), (14,)),
    (range(3600, 3700), (14,)),
    (range(3800, 4000), (14,)),
    (range(3500, 3600), range(16, 20)),  # JCB
    (range(2131, 2132), (15,)),
    (range(1800, 1801), (15,)),
    (range(6000, 6100), range(16, 20)),  # Discover, RuPay
    (range(6440, 6600), range(16, 20)),
    (range(6200, 6300), range(16, 20)),  # UnionPay
    (range(5000, 5100), range(12, 20)),  # Maestro
    (range(5600, 5900), range(12, 20)),
    (range(6304, 6305), range(12, 20)),
    (range(6390, 6391), range(12, 20)),
    (range(6700, 6800), range(12, 20)),
    (range(2200, 2205), range(16, 20)),  # Mir
    (range(8100, 8300), range(16, 20)),  # UnionPay, RuPay
    (range(9792, 9793), (16,)),  # Troy
)
"""First four digits and numbers of digits.
Source: ISO/IEC 7812 as the networks use it."""
_PHONE = re.compile(
    r"(?:(?<![\w.,/=#@$€£¥+-])(?<!\d[ :-])(?<![$€£¥] )\(?|(?<!\w)\+ ?)"
    r"\d(?:(?:[ ()/\xa0-]{0,3}|\)?\.)\d){6,14}(?!(?!x\d)\w|@|%|[.,:-]\d)"
)
_NOT_PHONE = re.compile(
    r"\d{1,2}([./-])\d{1,2}\1(?:19|20)?\d\d(?: \d\d?)?|(?:19|20)\d\d([./-])\d\d\2\d\d(?: \d\d?)?"
    r"|\d{1,3}(?:\.\d{1,3}){3}|\d{1,3}(?:\.\d{3})+|(?:(?:19|20)\d\d[ /-]?)+"
)
"""Dates, addresses of machines, amounts, years."""
_CUE = re.compile(
    r"(?P<phone>phone|\btel|\bcall|\bcell|mobile|\bmob\b|\bfax|\bring\b|\breach|\btext|\bsms|whatsapp|dial|landline"
    r"|contact|my number|telefon|handy|m[oó]vil|portable|cellulare|rufnummer)"
    r"|(?P<other>order|invoice|\bref|ticket|track|\bcase|\bid\b|account|serial|policy|booking|customer|amount|parcel|receipt"
    r"|transaction|version|code|model|part\b|sku|date|\bip\b|#)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\(\d+\).*|(?:1[ .-])?\d{3}([ .-])\d{3}\1\d{4}")
"""An area code in brackets; or three, three and four digits."""
_TRUNK_ZERO = re.compile(r"0[1-9]\d*\D.*|0[1-9]\d{7,}")
_MIN_DIGITS = 8
"""Of a number that no word announces."""
_BEFORE = 32
"""Characters before a number, of its own sentence, in which a word says what it is."""
_SENTENCE_END = re.compile(r"[?!;)]\s|\n|(?:(?<=[^\W\d]{4})|(?<=\d))\.\s")
_QUOTE = '"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Personal:
    """One piece of personal data."""

    kind: PersonalKind
    """What it is."""
    start: int
    """Position of its first character in the text."""
    end: int
    """Position behind its last character."""
    masked: str
    """What may be shown of it: `j***@e***.com`, `**** **** **** 1234`."""


def find_personal(text: str) -> list[Personal]:
    """Personal data of a text, in order; no character belongs to two pieces.

    Args:
        text: any text.
    """
    found: list[Personal] = []
    left = text
    for look in (_emails, _ibans, _cards, _phones):
        for one in look(left):
            found.append(one)
            # What has been recognised is no part of anything else; letters keep digits beside it from joining.
            left = f"{left[: one.start]}{'x' * (one.end - one.start)}{left[one.end :]}"
    return sorted((one for one in found if one.masked), key=lambda one: one.start)


def mask_personal(text: str) -> str:
    """The text with its personal data masked.

    Args:
        text: any text.
    """
    for one in reversed(find_personal(text)):
        text = f"{text[: one.start]}{one.masked}{text[one.end :]}"
    return text


def _emails(text: str) -> Iterator[Personal]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            local, _, domain = match[0].rpartition("@")
            ending = "]" if domain.startswith("[") else domain[domain.rfind(".") :]
            masked = f"{local.strip(_QUOTE)[0]}***@{domain[0]}***{ending}"
            yield Personal(kind="e-mail address", start=match.start(), end=match.end(), masked=masked)


def _ibans(text: str) -> Iterator[Personal]:
    """The country says how long it is; what follows may be the next word.

    One whose checksum fails is nobody's, and has no mask; yet no part of it is a card or a telephone number.
    """
    for match in _IBAN.finditer(text):
        country, kept = match[0][:2].upper(), [k for k, c in enumerate(match[0]) if c.isalnum()]
        length = _IBAN_LENGTHS.get(country, len(kept) + 1)
        if length <= len(kept):
            end = match.start() + kept[length - 1] + 1
            iban = "".join(c for c in text[match.start() : end] if c.isalnum()).upper()
            if not text[end : end + 1].isalnum():
                holds = int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1
                masked = f"{country}** **** {iban[-4:]}" if holds else ""
                yield Personal(kind="IBAN", start=match.start(), end=end, masked=masked)


def _cards(text: str) -> Iterator[Personal]:
    """Cards, also where another number stands beside one with no more than a blank between."""
    for match in _CARD.finditer(text):
        starts = [match.start(), *(match.start() + gap.end() for gap in _GAP.finditer(match[0]))]
        ends = [match.end(), *(match.start() + gap.start() for gap in _GAP.finditer(match[0]))]
        spans = [(start, end) for start in starts for end in ends if start < end and _is_card(_digits(text[start:end]))]
        if spans:
            start, end = max(spans, key=lambda span: span[1] - span[0])
            masked = f"**** **** **** {_digits(text[start:end])[-4:]}"
            yield Personal(kind="card number", start=start, end=end, masked=masked)


def _is_card(digits: str) -> bool:
    return any(int(digits[:4] or 0) in first and len(digits) in sizes for first, sizes in _ISSUERS) and _luhn(digits)


def _luhn(digits: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B."""
    odd, even = (list(map(int, digits[start::-2])) for start in (-1, -2))
    return (sum(odd) + sum(d * 2 - 9 * (d > 4) for d in even)) % 10 == 0


def _phones(text: str) -> Iterator[Personal]:
    for match in _PHONE.finditer(text):
        if not _NOT_PHONE.fullmatch(match[0]) and _is_phone(match[0], before=text[: match.start()][-_BEFORE:]):
            masked = f"*** *** **{_digits(match[0])[-2:]}"
            yield Personal(kind="phone number", start=match.start(), end=match.end(), masked=masked)


def _is_phone(written: str, *, before: str) -> bool:
    """Where it is plain that it is one, any that could be a number will do: people write 555-123-4567 as well."""
    *_, sentence = _SENTENCE_END.split(before)
    *_, cue = [None, *(match.lastgroup for match in _CUE.finditer(sentence))]
    abroad = re.match(r"\+|00|011 ", written)
    if abroad and (abroad[0] == "+" or cue != "other"):
        holds = is_valid_number if cue is None and written.isdigit() else is_possible_number
        return any(_numbers(f"+{written[abroad.end() :]}", None, holds=holds))
    if cue == "phone" or (cue is None and _PLAIN.fullmatch(written)):
        return any(_numbers(written, *REGIONS, holds=is_possible_number))
    if cue == "other" or len(_digits(written)) < _MIN_DIGITS:
        return False
    if _TRUNK_ZERO.fullmatch(written):
        return any(_numbers(written, *REGIONS, holds=is_valid_number))
    grouped = re.sub(r"\D", " ", written)
    # Numbers that grow, such as 36 38 40 42, are a list; few telephone numbers have such groups.
    if " " not in grouped or grouped.split() == sorted(grouped.split()):
        return False
    return grouped in map(_usual, _numbers(written, *REGIONS, holds=is_valid_number))


def _numbers(written: str, *regions: str | None, holds: Callable[[PhoneNumber], bool]) -> Iterator[PhoneNumber]:
    """What it is in each country, where it holds."""
    for region in regions:
        with suppress(NumberParseException):
            number = parse(written, region)
            if holds(number):
                yield number


def _usual(number: PhoneNumber) -> str:
    """How its country groups it, without country code and trunk zero, blanks between groups."""
    written = format_number(number, PhoneNumberFormat.INTERNATIONAL).partition(" ")[2]
    return re.sub(r"\D", " ", written)


def _digits(written: str) -> str:
    return re.sub(r"\D", "", written)
