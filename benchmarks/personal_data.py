"""How much of the personal data in generated texts is found, and how much of what is found is personal data.

The generator knows nothing of the recognisers: it fills sentences with formats written down by hand, computes checksums
by itself, and puts beside them numbers that look alike and are nobody's: orders, dates, amounts, tracking numbers,
addresses of machines, versions, cards and accounts whose checksum fails. A piece counts as found if kind, beginning and
end are right. Half of the texts have none. 2,000 texts for each of three seeds:

    python benchmarks/personal_data.py --cells cells/personal.jsonl
"""

from __future__ import annotations

import random
import string
from collections import Counter
from collections.abc import Callable

from cells import Measured, measure, options, print_json

from suffice.text.personal import find_personal

N_TEXTS = 2_000
SEEDS = (0, 1, 2)

PHONES_ABROAD = (
    "+1 415 7## ####",
    "+1-212-6##-####",
    "+1 (312) 4##-####",
    "+12063######",
    "+44 20 7946 ####",
    "+44 (0)20 7946 ####",
    "+447890######",
    "+44 7400 ######",
    "+49 30 ########",
    "+49 151 2#######",
    "0049 171 #######",
    "+33 6 12 ## ## ##",
    "+33612######",
    "0033 1 42 ## ## ##",
    "+34 612 ### ###",
    "+39 347 #######",
    "+39 02 ########",
    "+31 6 2#######",
    "+32 470 ## ## ##",
    "+41 44 668 ## ##",
    "+41 79 ### ## ##",
    "+43 664 #######",
    "+46 70 ### ## ##",
    "+47 912 ## ###",
    "+45 20 ## ## ##",
    "+48 512 ### ###",
    "+353 87 #######",
    "+61 412 ### ###",
    "+64 21 ### ####",
    "+91 98### #####",
    "+91-98########",
    "+55 11 9####-####",
    "+52 55 5### ####",
    "+81 90-####-####",
    "+65 9### ####",
    "+27 82 ### ####",
    "+90 532 ### ## ##",
    "+86 138 #### ####",
    "+972 54 ### ####",
    "+971 50 ### ####",
)
PHONES_AT_HOME = (
    "(415) 555-####",
    "212-555-####",
    "312.555.####",
    "206 555 ####",
    "020 7946 ####",
    "0161 496 ####",
    "07890 ######",
    "07400 ######",
    "078901#####",
    "030 2#######",
    "089/12######",
    "0151-2#######",
    "0171 3######",
    "06 12 ## ## ##",
    "0612######",
    "01.42.##.##.##",
    "06-2#######",
    "020-5######",
    "0470 ## ## ##",
    "044 668 ## ##",
    "079 ### ## ##",
    "0664 #######",
    "070-### ## ##",
    "087 ### ####",
    "0412 ### ###",
    "(02) 9### ####",
    "021 ### ####",
    "(11) 9####-####",
    "03-3###-####",
    "090-####-####",
    "082 ### ####",
    "02 5#######",
)
PHONES_TOLD = (
    "612 ### ###",
    "347 #######",
    "98### #####",
    "98########",
    "20 ## ## ##",
    "512 ### ###",
    "9### ####",
    "415555####",
    "912 ## ###",
    "55 5### ####",
)
"""Written without trunk zero: a sentence says what they are."""
CARDS = (
    ("4###############", (4, 4, 4, 4)),
    ("4############", (4, 3, 3, 3)),
    ("51##############", (4, 4, 4, 4)),
    ("55##############", (4, 4, 4, 4)),
    ("2221############", (4, 4, 4, 4)),
    ("2720############", (4, 4, 4, 4)),
    ("34#############", (4, 6, 5)),
    ("37#############", (4, 6, 5)),
    ("36############", (4, 6, 4)),
    ("3040##########", (4, 6, 4)),
    ("6011############", (4, 4, 4, 4)),
    ("65##############", (4, 4, 4, 4)),
    ("3530############", (4, 4, 4, 4)),
    ("62##############", (4, 4, 4, 4)),
    ("62#################", (4, 4, 4, 4, 3)),
    ("6759############", (4, 4, 4, 4)),
    ("501800###########", (4, 4, 4, 5)),
)
IBANS = (
    "DE##################",
    "GB^^^^##############",
    "FR##########^^^^^^^^^^^##",
    "ES####################",
    "IT^######################",
    "NL^^^^##########",
    "BE############",
    "CH#####^^^^^^^^^^^^",
    "AT################",
    "SE####################",
    "NO###########",
    "DK##############",
    "PL########################",
    "PT#####################",
    "IE^^^^##############",
    "FI##############",
    "LU###^^^^^^^^^^^^^",
    "CZ####################",
    "GR#######^^^^^^^^^^^^^^^^",
    "SA##^^^^^^^^^^^^^^^^^^",
    "AE###################",
    "TR######^^^^^^^^^^^^^^^^",
    "MT^^^^#####^^^^^^^^^^^^^^^^^^",
)
"""Country and account; two check digits go between them."""
EMAILS = (
    "{f}.{l}@{d}",
    "{f}@{d}",
    "{f}{n}@{d}",
    "{f}_{l}@mail.{d}",
    "{f}.{l}+{w}@{d}",
    "{F}.{L}@{D}",
    "{f}-{l}@{d}",
    "{l}.{f}.{n}@{d}",
    "o'{l}@{d}",
    "{f}&{l}@{d}",
    "{f}@{w}-{l}.co.uk",
    "{n}@{d}",
    "{f}@xn--{w}-kva.example",
    "{f}@müller.de",
    "{f}={w}@{d}",
    "x@{d}",
    "{f}@a.b.{d}",
    '"{f}"@{d}',
    "{f}@[192.168.0.{b}]",
)
NOBODYS: tuple[str, ...] = (
    "order ##########",
    "order no. 0#########",
    "order 1##-#######-#######",
    "invoice INV-2024-#####",
    "invoice ####-####-##",
    "ticket #########",
    "ticket [BILL-####]",
    "tracking number 1Z999AA1##########",
    "tracking 94001###################",
    "parcel ############",
    "parcel 00340434############",
    "the 1{c}.0{c}.2024",
    "on 2024-0{c}-1{c}",
    "0{c}/1{c}/2024",
    "0{c}-1{c}-2023 at 10:3{c}",
    "2024-0{c}-1{c}T08:15:3{c}Z",
    "at 1{c}:4{c}",
    "1{c}:00-1{c}:30",
    "£1,{c}##.99",
    "$ 12 {c}00.00",
    "1.2{c}#.###,00 EUR",
    "€ 1{c}#",
    "IP 192.168.{c}.1{c}#",
    "host 10.0.{c}.2{c}",
    "version {c}.1{c}.####",
    "version 2024.{c}.1",
    "firmware v{c}.0.1-beta.{c}",
    "@{f}_{l}",
    "@{f}.{l} on the app",
    "{c} pieces @ {c}.99",
    "serial SN-########-##",
    "id 7f3a##b#-####-4c##",
    "id ################",
    "customer ########",
    "sort code 40-##-##",
    "policy 90########",
    "code ######",
    "between 2019 and 2023",
    "20{c}0 2021 2022",
    "sizes 36 38 40 42",
    "model EX####-##",
    "{c}.{c}##.###",
    "https://shop.example/p/##########",
    "pages 110-1{c}#",
    "flight BA2{c}#",
    "{f}@{l}",
    "reference 8{c}## #### ####",
    "timestamp 17########",
    "article 40#########{c}",
    "isbn 978-3-16-######-{c}",
)
SENTENCES = (
    "Please write to {x}, thanks.",
    "My details: {x}.",
    "{x} is mine.",
    "I was told about {x}. Can you help?",
    "hi, {x} and nothing else worked;",
    "Why did you use {x}?",
    "(see {x})",
    "{x}\nKind regards\n{F}\n",
)
TELLING = ("call me on {x}.", "My mobile is {x}, please ring.", "Tel: {x}.", "phone {x} after six.", "reach me at {x}!")
NAMES = ("anna", "bob", "chen", "dora", "emil", "fatima", "georg", "hana", "ivan", "jo", "kim", "lena")
DOMAINS = ("example.com", "example.org", "mail.example.net", "post.example.de", "example.io", "web.example.museum")


def main() -> None:
    """Measures every seed and prints the mean of each figure, and the least."""
    given = options(__doc__).parse_args()
    measured = measure((f"{N_TEXTS} texts, seed {seed}" for seed in SEEDS), _cell, kept=given.cells)
    figures = list(measured.values())
    least = {name: min(one["all"][name] for one in figures) for name in ("precision", "recall")}
    print_json({"least": least, "seeds": measured})


def _cell(name: str) -> Measured:
    """Counts pieces found, missed and wrongly found."""
    rng = random.Random(int(name.rpartition(" ")[2]))  # noqa: S311
    right, found, planted = Counter[str](), Counter[str](), Counter[str]()
    for number in range(N_TEXTS):
        text, pieces = _text(rng, personal=number % 2 == 0)
        seen = {(one.kind, one.start, one.end) for one in find_personal(text)}
        right.update(kind for kind, _, _ in seen & pieces)
        found.update(kind for kind, _, _ in seen)
        planted.update(kind for kind, _, _ in pieces)
    by_kind = {kind: _figures(right[kind], found[kind], planted[kind]) for kind in sorted(found | planted)}
    return {"all": _figures(right.total(), found.total(), planted.total()), **by_kind}


def _figures(right: int, found: int, planted: int) -> Measured:
    return {"planted": planted, "precision": round(right / found, 4), "recall": round(right / planted, 4)}


def _text(rng: random.Random, *, personal: bool) -> tuple[str, set[tuple[str, int, int]]]:
    """One to three sentences, and the personal data in them as kind, beginning and end."""
    makers: list[Callable[[random.Random], tuple[str, str, str]]] = [_nobodys] * rng.randint(1, 2)
    if personal:
        makers = [rng.choice((_email, _iban, _card, _phone)), *makers[1:]]
    rng.shuffle(makers)
    text, pieces = "", set[tuple[str, int, int]]()
    for maker in makers:
        kind, piece, sentence = maker(rng)
        before, after = (_filled(part, rng) for part in sentence.split("{x}"))
        start = len(text) + len(before)
        text += f"{before}{piece}{after} "
        if kind:
            pieces.add((kind, start, start + len(piece)))
    return text, pieces


def _email(rng: random.Random) -> tuple[str, str, str]:
    return "e-mail address", _filled(rng.choice(EMAILS), rng), rng.choice(SENTENCES)


def _iban(rng: random.Random) -> tuple[str, str, str]:
    """One in three without blanks, few in small letters."""
    pattern = rng.choice(IBANS)
    country, account = pattern[:2], _filled(pattern[2:], rng)
    as_number = "".join(str("0123456789abcdefghijklmnopqrstuvwxyz".index(c)) for c in f"{account}{country}00".lower())
    iban = f"{country}{98 - int(as_number) % 97:02d}{account}"
    grouped = rng.choice((iban, " ".join(iban[k : k + 4] for k in range(0, len(iban), 4)), _hyphened(iban)))
    return "IBAN", grouped.lower() if rng.random() < 0.1 else grouped, rng.choice(SENTENCES)


def _card(rng: random.Random) -> tuple[str, str, str]:
    pattern, groups = rng.choice(CARDS)
    return "card number", _in_groups(_with_check_digit(_filled(pattern, rng)), groups, rng), rng.choice(SENTENCES)


def _phone(rng: random.Random) -> tuple[str, str, str]:
    """One in six needs the sentence to be told from any other number."""
    told = rng.random() < 1 / 6
    number = _filled(rng.choice(PHONES_TOLD if told else rng.choice((PHONES_ABROAD, PHONES_AT_HOME))), rng)
    return "phone number", number, rng.choice(TELLING if told or rng.random() < 0.4 else SENTENCES)


def _nobodys(rng: random.Random) -> tuple[str, str, str]:
    """One in five is a card or an account whose checksum fails."""
    if rng.random() < 0.8:
        return "", _filled(rng.choice(NOBODYS), rng), rng.choice(SENTENCES)
    _, piece, sentence = rng.choice((_iban, _card))(rng)
    at = max(k for k, c in enumerate(piece) if c.isdigit())
    return "", f"{piece[:at]}{(int(piece[at]) + rng.randint(1, 9)) % 10}{piece[at + 1 :]}", sentence


def _filled(pattern: str, rng: random.Random) -> str:
    """`#` becomes a digit, `^` a capital letter, braces names, words and numbers."""
    first, last, domain = rng.choice(NAMES), rng.choice(NAMES), rng.choice(DOMAINS)
    for mark, value in {"f": first, "l": last, "d": domain, "w": rng.choice(NAMES)}.items():
        pattern = pattern.replace(f"{{{mark}}}", value).replace(f"{{{mark.upper()}}}", value.capitalize())
    pattern = pattern.replace("{n}", str(rng.randint(1, 9999))).replace("{b}", str(rng.randint(1, 254)))
    pattern = pattern.replace("{c}", str(rng.randint(1, 9)))
    return "".join({"#": rng.choice(string.digits), "^": rng.choice(string.ascii_uppercase)}.get(c, c) for c in pattern)


def _with_check_digit(number: str) -> str:
    """Replaces the last digit by the one with which every second digit doubled sums to a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(number[:-1])):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value if value < 10 else value - 9
    return f"{number[:-1]}{-total % 10}"


def _in_groups(number: str, groups: tuple[int, ...], rng: random.Random) -> str:
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    return rng.choice(("", " ", " ", "-")).join(parts)


def _hyphened(iban: str) -> str:
    return "-".join(iban[k : k + 4] for k in range(0, len(iban), 4))


if __name__ == "__main__":
    main()
