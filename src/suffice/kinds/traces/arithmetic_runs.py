"""Tokens to runs: expressions of numbers with signs of equality between them, words of prose taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from suffice.kinds.numbers.arithmetic import MAX_DEPTH
from suffice.kinds.numbers.arithmetic_tokens import Token

MAX_UNIT_WORDS = 7
"""Words between a number and what follows it: "120 minutes for breaks in the morning + 30"."""
_MOST_BEFORE_IS = 3
"""Words between an operation and "is": what is further away speaks of something else."""
_N_BEHIND = 2
"""Words behind the last number of a run that are looked at for its unit."""
_IS = frozenset({"is", "are", "was", "were", "equals", "equal", "makes", "gives"})
ABOUT = frozenset({"about", "approximately", "roughly", "around", "nearly", "almost"})
_BEFORE_OPERAND = ABOUT | {
    "a", "an", "another", "the", "his", "her", "their", "its", "my", "your", "only", "additional", "extra", "to",
}  # fmt: skip
"""Words that may stand between an operator or a sign of equality and the number behind it."""
_CHANGES = frozenset(
    {"dozen", "dozens", "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "squared",
     "cubed", "half", "twice", "thrice", "double", "triple", "than", "sqrt", "root"}
)  # fmt: skip
"""Words that make another number of the one beside them; an expression with one of them is left alone."""
_BEGINS_CLAUSE = frozenset(
    {"because", "since", "so", "then", "if", "that", "which", "who", "but", "when", "while", "as", "where", "one",
     "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
)  # fmt: skip
"""Words that are no unit: no expression goes across them."""
_SHARES = frozenset({"half", "third", "thirds", "quarter", "quarters", "fourth", "fourths", "fifth", "fifths", "tenth"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Expressions that are said to be equal."""

    sides: tuple[tuple[Token, ...], ...]
    """At least two; numbers, operators and parentheses, no words."""
    about: tuple[bool, ...]
    """Whether each side but the first is called an approximation."""
    spoken: tuple[bool, ...]
    """Whether each side but the first follows a word ("is") and no sign."""
    words: frozenset[str]
    """Words within the run and right behind it: units, mostly."""


def runs_in(tokens: Sequence[Token]) -> Iterator[Run]:
    """The runs of a text, from left to right.

    What begins in the middle of something that could not be read (`R + 2 * 7 = 98`) is none.

    Args:
        tokens: of a text.
    """
    place = 0
    while place < len(tokens):
        if tokens[place].kind not in {"number", "open"}:
            place += 1
            continue
        signed = _signed(tokens, place)
        begins = place - 1 if signed else place
        run, behind = _run_from(tokens, begins)
        if run is not None and (signed or not _in_the_middle(tokens, place)):
            yield run
        place = max(behind, place + 1)


def _signed(tokens: Sequence[Token], place: int) -> bool:
    """Whether a minus sign that belongs to the number stands before it, as in `(-5 + 3)` or at the beginning."""
    if place == 0 or tokens[place - 1].text != "-" or tokens[place - 1].end != tokens[place].start:
        return False
    return place == 1 or tokens[place - 2].kind in {"end", "equals", "open"}


def _in_the_middle(tokens: Sequence[Token], place: int) -> bool:
    """Whether what stands before a number belongs to the same expression, and was not read."""
    if place == 0:
        return False
    before, number = tokens[place - 1], tokens[place]
    earlier = tokens[place - 2] if place > 1 else None
    middle = before.kind in {"number", "close"}
    if before.kind == "operator":
        # A dash that stands apart at the beginning of a line or sentence is no minus sign.
        middle = before.text != "-" or not (earlier is None or earlier.kind == "end")
    elif before.kind == "word":
        middle = before.end == number.start or _changes(before, earlier)
    elif before.kind == "open":
        middle = earlier is not None and earlier.kind == "operator"
    elif before.text in {",", "."} and earlier is not None:
        # 13,2000: a number that was cut in two.
        middle = earlier.kind == "number" and earlier.end == before.start and before.end == number.start
    return middle


def _changes(word: Token, earlier: Token | None) -> bool:
    """Whether a word makes another number of the one behind it: twice 5, half of 5, 2 and 1/2, x 5."""
    share = word.text == "of" and earlier is not None and earlier.text in _SHARES
    mixed = word.text == "and" and earlier is not None and earlier.kind == "number"
    return share or mixed or word.text in _CHANGES or _is_name(word.text)


def _is_name(word: str) -> bool:
    """A single letter stands for a number, but for the article and the person."""
    return len(word) == 1 and word not in {"a", "i"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    tokens: tuple[Token, ...]
    behind: int
    """Where the text goes on."""
    words: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sign:
    operand: int
    """Where the next side begins."""
    about: bool
    spoken: bool
    words: frozenset[str]


def _run_from(tokens: Sequence[Token], place: int) -> tuple[Run | None, int]:
    """Reads a run, and where to go on; None where nothing is said to be equal, or what is said is algebra."""
    sides = [_side(tokens, place)]
    signs: list[_Sign] = []
    while sides[-1].tokens and (sign := _sign_behind(tokens, sides[-1])) is not None:
        side = _side(tokens, sign.operand)
        if not side.tokens or (sign.spoken and len(side.tokens) > 1):
            break
        signs.append(sign)
        sides.append(side)
    behind = sides[-1].behind
    words = {word for side in sides for word in side.words} | {word for sign in signs for word in sign.words}
    of_result = _units_at(tokens, behind, _N_BEHIND).words
    cut = _is_cut(tokens, behind)
    if not signs or cut or words & _CHANGES or any(map(_is_name, words | of_result)):
        return None, behind
    run = Run(
        sides=tuple(side.tokens for side in sides),
        about=tuple(sign.about for sign in signs),
        spoken=tuple(sign.spoken for sign in signs),
        words=frozenset(words | of_result),
    )
    return run, behind


def _is_cut(tokens: Sequence[Token], behind: int) -> bool:
    """Whether what was read goes on in a way that was not: `= 18 500`, `= 30 + trees`."""
    if behind >= len(tokens):
        return False
    operand = tokens[behind + 1] if behind + 1 < len(tokens) else None
    on = tokens[behind].kind == "operator" and operand is not None and operand.kind == "word"
    return tokens[behind].text[0].isdigit() or (on and tokens[behind].text != "/")


def _side(tokens: Sequence[Token], place: int) -> _Side:
    """The longest expression that begins here and whose parentheses are closed."""
    clean: list[Token] = []
    words: set[str] = set()
    n_good, behind, depth, wanted = 0, place, 0, True
    while place < len(tokens) and depth <= MAX_DEPTH:
        token = tokens[place]
        skipped = _skipped(tokens, place, clean=clean, wanted=wanted, depth=depth)
        if skipped.n_tokens:
            words |= skipped.words
            place += skipped.n_tokens
            continue
        if not (_opens_operand(token, clean) if wanted else _goes_behind(token, tokens[place - 1], depth)):
            break
        wanted = token.kind != "number" if wanted else token.kind != "close"
        depth += (token.kind == "open") - (token.kind == "close")
        clean.append(token)
        place += 1
        if not wanted and not depth:
            n_good, behind = len(clean), place
    return _Side(tokens=tuple(clean[:n_good]), behind=behind, words=frozenset(words))


def _opens_operand(token: Token, clean: Sequence[Token]) -> bool:
    """A number, a parenthesis, or one minus sign before either."""
    twice = len(clean) > 1 and clean[-1].text == "-" and clean[-2].kind == "operator"
    alone = len(clean) == 1 and clean[0].text == "-"
    return token.kind in {"number", "open"} or (token.text == "-" and not twice and not alone)


def _goes_behind(token: Token, before: Token, depth: int) -> bool:
    """An operator, a parenthesis that closes, or one that touches what it multiplies."""
    touches = token.kind == "open" and token.start == before.end
    return token.kind == "operator" or touches or (token.kind == "close" and depth > 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    words: frozenset[str]
    n_tokens: int


_NO_WORDS = _Words(words=frozenset(), n_tokens=0)


def _skipped(tokens: Sequence[Token], place: int, *, clean: Sequence[Token], wanted: bool, depth: int) -> _Words:
    """Words that an expression goes on behind: articles before an operand, units behind one."""
    token = tokens[place]
    if wanted:
        article = token.kind == "word" and token.text in _BEFORE_OPERAND and bool(clean)
        return _Words(words=frozenset(), n_tokens=1) if article else _NO_WORDS
    units = _units_at(tokens, place, MAX_UNIT_WORDS)
    if token.text == "of":  # 3/4 of a skein: what it is a share of is no number.
        return _NO_WORDS
    return units if _goes_on(tokens, place + units.n_tokens, depth) else _NO_WORDS


def _goes_on(tokens: Sequence[Token], place: int, depth: int) -> bool:
    """Whether an expression goes on here: with an operator that has an operand behind it, or closed."""
    if place >= len(tokens) or tokens[place].kind == "close":
        return place < len(tokens) and depth > 0
    behind = tokens[place + 1] if place + 1 < len(tokens) else None
    if behind is None or tokens[place].kind != "operator" or tokens[place].text == "^":
        return False
    return behind.kind in {"number", "open"} or behind.text == "-" or behind.text in _BEFORE_OPERAND


def _units_at(tokens: Sequence[Token], place: int, most: int) -> _Words:
    """Words behind a number: units (`miles/hour` and `/month` too), and asides in parentheses without a number."""
    words: set[str] = set()
    at = place
    while at < len(tokens) and len(words) < most and (n_tokens := _n_of_unit(tokens, at)):
        words.update(token.text for token in tokens[at : at + n_tokens] if token.kind == "word")
        at += n_tokens
    return _Words(words=frozenset(words), n_tokens=at - place)


def _n_of_unit(tokens: Sequence[Token], at: int) -> int:
    token = tokens[at]
    if token.kind == "word":
        return int(token.text not in _BEGINS_CLAUSE)
    if token.text == "/" and at + 1 < len(tokens) and tokens[at + 1].kind == "word":
        return 2
    if token.kind != "open":
        return 0
    inside = at + 1
    if token.start == tokens[at - 1].end:  # .1(Number of minutes): that is multiplied by.
        return 0
    while inside < len(tokens) and tokens[inside].kind == "word" and inside - at <= MAX_UNIT_WORDS:
        inside += 1
    closed = inside < len(tokens) and tokens[inside].kind == "close" and inside > at + 1
    return inside + 1 - at if closed else 0


def _sign_behind(tokens: Sequence[Token], side: _Side) -> _Sign | None:
    """What says that the next number is equal: a sign behind a few words, or such a word behind an operation."""
    units = _units_at(tokens, side.behind, MAX_UNIT_WORDS)
    at = side.behind + units.n_tokens
    between = [token.text for token in tokens[side.behind : at] if token.kind == "word"]
    said = next((k for k, word in enumerate(between) if word in _IS), None)
    if at >= len(tokens):
        return None
    # 1/3 of Solomon's, 1/2 a cup: a part of something, and nothing is computed.
    part = bool(between) and (between[0] == "of" or not _is_operation(side.tokens))
    if tokens[at].kind == "equals" and said is None and not part:
        operand, about = _behind_about(tokens, at + 1)
        return _Sign(operand=operand, about=about or tokens[at].text == "~", spoken=False, words=units.words)
    if said is None or said > _MOST_BEFORE_IS or not _is_operation(side.tokens) or tokens[at].kind != "number":
        return None
    rest = set(between[said + 1 :])
    if rest - ABOUT - {"equal", "to"}:
        return None
    return _Sign(operand=at, about=bool(ABOUT & rest), spoken=True, words=frozenset(between[:said]))


def _is_operation(side: Sequence[Token]) -> bool:
    """Whether anything is computed: a proper fraction alone ("2/3 is $20") is the name of a part."""
    if len(side) != 3 or side[1].text != "/" or side[0].end != side[1].start:
        return sum(token.kind == "number" for token in side) > 1
    above, below = side[0].value, side[2].value
    return above is None or below is None or above >= below


def _behind_about(tokens: Sequence[Token], place: int) -> tuple[int, bool]:
    about = False
    while place < len(tokens) and tokens[place].kind == "word" and tokens[place].text in _BEFORE_OPERAND:
        about |= tokens[place].text in ABOUT
        place += 1
    return place, about
