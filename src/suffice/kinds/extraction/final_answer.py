r"""A completion to its final answer, by rules that never see the right one.

Three readings. *Strict*: the last line has the form that was asked for, and nothing else. *Lenient*: the last thing in
the text that could be an answer; what the form holds, where the last line has it. In between, *the answer*: what the
text says is its answer, in the form asked for or by another sign (`####`, `\boxed{}`, "the answer is"), and only where
it says nothing of the kind, what it comes to: of numbers that behind the last sign of equality, otherwise the lenient
reading.

An answer ends where the form ends, or else with its line or its first sentence. `not 6 but 5` is 5. `5 or 6` is
neither, `at least 5` a bound, and both stay as they were said: they have no value (`gold.equality`). Arithmetic that
nobody carried out is an answer where the text says so, and never where the text was cut off in it.

Source: the strict and the flexible filter of EleutherAI's lm-evaluation-harness for GSM8K, as its task file describes
them: a pattern of the form, and the last number of the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache, partial
from itertools import pairwise

from suffice.kinds.extraction.hedges import meant, several_numbers, without_denials, without_lead
from suffice.kinds.extraction.sentences import first_sentence
from suffice.kinds.numbers.numerals import (
    NUMERAL,
    QUANTITY,
    concluded_numeral,
    last_numeral,
    left_to_compute,
    plain,
    western_digits,
)
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import ParsedAnswer

BOXED = "\\boxed{"
HASHES = "####"
MAX_STATED = 2_000_000
"""Characters of an answer that are looked at: twice an answer of a million digits."""
MAX_SIGNS = 20
"""Times that a text says what its answer is, the last ones, that are looked at."""
MAX_LINE_OF_CHOICES = 1_000
"""Characters of a last line that may be several choices and nothing else."""
WIDER = 0xFEE0
"""How far the full-width form of a sign of ASCII stands behind it in Unicode."""
MAX_UNFINISHED = 1_000
"""Characters at the end of a text that was cut off in which its answer may be unfinished."""
_SAYS = re.compile(r"(?i)\banswer\b[^\n:=.]{0,40}?(?:\bis\b|\bare\b|:|=)")
_SAYS_OR_A = re.compile(rf"{_SAYS.pattern}|^[ \t]{{0,8}}A:", re.MULTILINE)
_NUMBER = re.compile(rf"-?{NUMERAL}(?:/[0-9]+)?%?")
_HASHED = re.compile(r"####(?!#)([^\n]*)")
_LEAD = re.compile(r"[ \t*:]*\n?\s*")
_NO_NUMBER = re.compile(r"(?i)\b(?:nan|inf|infinity|undefined)\b|∞|\\infty")
"""What is said in the place of a number: an answer, and equal to no number."""
_BETWEEN = re.compile(r"[\s().*]{0,9}(?:,|&|\band\b)?[\s().*]{0,9}")
"""What may stand between two choices of one answer."""
_OR = re.compile(r"(?i)[\s().*]{0,9},?\s{0,3}(?:/|\bor\b(?:\s+(?:maybe|perhaps|possibly|even)\b)?)[\s().*]{0,9}")
"""What stands between two choices of which one is meant, and nobody knows which."""
_BOXES_LEFT_OPEN = re.compile(r"[\s$.]{0,9}(?:\\text\s?\{\s?or\s?\}|\bor\b)[\s$]{0,9}")
"""What stands between two boxes of which one is meant, and nobody knows which."""
_BRACE = re.compile(r"\\[{}]|[{}]")
_INLINE = re.compile(r"\$([^$\n]{1,2000})\$")
_END_OF_SENTENCE = re.compile(r"\.(?=\s|$)|!(?=\W{0,9}$|\s+[A-Z])")


def parse(text: str, spec: AnswerSpec, *, cut_off: bool = False) -> ParsedAnswer:
    """Reads a completion.

    Args:
        text: all that a system wrote.
        spec: what an answer is and how it is asked for.
        cut_off: whether the text is known to have been cut off where it ends.
    """
    parsed = _parsed(text, spec)
    unfinished = cut_off and spec.type == "number" and _ends_in_arithmetic(text, parsed.answer)
    return replace(parsed, strict=None, answer=None, stated=False) if unfinished else parsed


def _parsed(text: str, spec: AnswerSpec) -> ParsedAnswer:
    said = without_thoughts(text)
    strict = _in_form(said, spec)
    if strict is not None:
        return ParsedAnswer(strict=strict, lenient=strict, answer=strict, stated=True)
    if spec.type == "number":
        text, said = western_digits(text), western_digits(said)
    lenient, stated = last_candidate(text, spec), stated_answer(said, spec)
    return ParsedAnswer(
        strict=None,
        lenient=lenient,
        answer=_concluded(said, spec) if stated is None else stated,
        stated=stated is not None,
    )


def _ends_in_arithmetic(text: str, answer: str | None) -> bool:
    """Whether a text ends in its answer, and that is arithmetic of which the result may have been to come."""
    if answer is None or len(answer) > MAX_UNFINISHED:
        return False
    return plain(text[-MAX_UNFINISHED:]).endswith(plain(answer)) and left_to_compute(answer)


def without_thoughts(text: str) -> str:
    """What was said after thinking; of thoughts that never end, what was said before.

    Args:
        text: with `<think>...</think>` in it or without.
    """
    _, closed, after = text.rpartition("</think>")
    return after if closed else text.partition("<think>")[0]


def boxed(text: str) -> list[tuple[int, str]]:
    r"""Where each `\boxed{...}` whose braces close begins, and what stands in it, in order.

    Args:
        text: any.
    """
    return [(begin, inside) for begin, _, inside in _boxes(text)]


def hashed(text: str, spec: AnswerSpec) -> list[tuple[int, str]]:
    """Where each `####` with an answer behind it begins, and that answer, in order; headings of Markdown are none.

    Args:
        text: any.
        spec: what an answer is.
    """
    if HASHES not in text:
        return []
    lines = [(found.start(), found[1].strip()) for found in _HASHED.finditer(text)]
    return [(at, said) for at, said in lines if _begins(without_lead(said), spec)]


def last_candidate(text: str, spec: AnswerSpec) -> str | None:
    """The last thing in a text that could be an answer of the type; None where nothing could.

    Args:
        text: any.
        spec: what an answer is.
    """
    if spec.type == "number":
        return last_numeral(text)
    if spec.type == "choice":
        named = named_choices(text, spec.options)
        return named[-1] if named else None
    if spec.type == "expression":
        in_boxes, inline = boxed(text), _INLINE.findall(text[-MAX_STATED:])
        if in_boxes or inline:
            return in_boxes[-1][1] if in_boxes else str(inline[-1]).strip()
    line = last_line(text)
    return stated_answer(line, spec) or first_sentence(line) or None


def named_choices(text: str, options: tuple[str, ...]) -> list[str]:
    """The choices that a text names, in order, spelt as the task spells them.

    Args:
        text: any.
        options: what there is to choose from.
    """
    pattern, longest = _choice_pattern(options)
    return [longest[(found.lastindex or 1) - 1] for found in pattern.finditer(text)]


def listed_choices(said: str, options: tuple[str, ...]) -> list[str]:
    """The choices that an answer begins with, each once: `B because C is wrong` is B, and `A and C` are two.

    `A or B` lists none: which of them is the answer is left open.

    Args:
        said: what was said to be the answer.
        options: what there is to choose from.
    """
    pattern, longest = _choice_pattern(options)
    found, end = list[str](), None
    for one in pattern.finditer(said):
        if end is not None and not _BETWEEN.fullmatch(said, end, one.start()):
            if _OR.fullmatch(said, end, one.start()):
                return []
            break
        found.append(longest[(one.lastindex or 1) - 1])
        end = one.end()
    return list(dict.fromkeys(found))


def last_line(text: str) -> str:
    """The last line with something in it, without blanks around it; empty where there is none.

    Args:
        text: any.
    """
    text = text.rstrip()
    return text[text.rfind("\n") + 1 :].strip()


def stated_answer(text: str, spec: AnswerSpec) -> str | None:
    """What a text says is its answer, the last time that it says so; None where it says nothing of the kind.

    The form that was asked for comes before other signs, wherever it stands: it is what the task has taught.

    Args:
        text: without thoughts.
        spec: what an answer is and how it is asked for.
    """
    asked, ends = spec.before.strip(), spec.after.strip()
    in_boxes = _boxed_answers(text, spec)
    behind_hashes = [
        (at, _up_to_end(said, spec, ends=ends if asked == HASHES else "")) for at, said in hashed(text, spec)
    ]
    of_form = {BOXED: in_boxes, HASHES: behind_hashes, "": []}.get(asked)
    if of_form is None:
        form = re.compile(rf"(?<!\w){re.escape(asked)}")
        of_form = _behind(form, text, spec, ends=ends) if asked in text else []
    answer = _last_fitting(of_form, spec)
    return _last_fitting(sorted([*in_boxes, *behind_hashes, *_said(text, spec)]), spec) if answer is None else answer


def _last_fitting(signs: list[tuple[int, str]], spec: AnswerSpec) -> str | None:
    fitting = (_fitting(said, spec) for _, said in reversed(signs))
    return next((answer for answer in fitting if answer is not None), None)


def _said(text: str, spec: AnswerSpec) -> list[tuple[int, str]]:
    """What stands behind words that say that it is the answer."""
    folded = text.casefold()
    if "answer" not in folded and "a:" not in folded:
        return []
    # Where there are choices, `A:` is one of them.
    return _behind(_SAYS if spec.type == "choice" else _SAYS_OR_A, text, spec)


@lru_cache(maxsize=64)
def _choice_pattern(options: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Groups for the choices, the longest first, and these in that order; of letters every one twice.

    Whole words alone. A letter in the task's other case has to stand alone as well, in parentheses, or at the beginning
    of a line or behind a mark and with a mark or nothing behind it: "a" is a word of its own in many languages.
    """
    longest = tuple(sorted(options, key=len, reverse=True))
    if any(len(option) > 1 for option in options):
        names = "|".join(f"({re.escape(option)})" for option in longest)
        return re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE), longest
    names, others = ("|".join(map(_letter, signs)) for signs in (longest, map(str.swapcase, longest)))
    begins, ends = r"(?<![^\n])|(?<=[#:] )|(?<=[(（*\[])(?<!\w[(*\[])", r"[)）*\]]|[.:]?[ \t]*(?:\n|\Z)|[.:][ \t]"
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)|(?:{begins})(?:{others})(?={ends})"), longest * 2


def _letter(sign: str) -> str:
    """A group for a letter, which may be as wide as a Chinese sign."""
    if len(sign) != 1 or not "!" <= sign <= "~":
        return f"({re.escape(sign)})"
    return f"([{re.escape(sign)}{chr(ord(sign) + WIDER)}])"


def _concluded(text: str, spec: AnswerSpec) -> str | None:
    """What a text comes to that does not say what its answer is.

    A last line that is nothing but several answers to choose from is taken as it is.
    """
    text = without_denials(text, options={"number": (), "choice": spec.options}.get(spec.type))
    line = last_line(text)
    if spec.type == "number":
        return line if several_numbers(line, whole=True) else concluded_numeral(text)
    if spec.type == "choice" and _left_open(line, spec):
        return line
    return last_candidate(text, spec)


def _left_open(line: str, spec: AnswerSpec) -> bool:
    """Whether a line is two choices or more of which one is meant, and nothing else."""
    pattern, _ = _choice_pattern(spec.options)
    found = list(pattern.finditer(line)) if len(line) <= MAX_LINE_OF_CHOICES else []
    if len({one.group() for one in found}) < 2:
        return False
    beside = line[: found[0].start()] + line[found[-1].end() :]
    return not beside.strip("().* ") and all(
        _OR.fullmatch(line, one.end(), other.start()) for one, other in pairwise(found)
    )


def _in_form(text: str, spec: AnswerSpec) -> str | None:
    """The answer, if the last line is exactly as asked for; of a box, if the last line holds it."""
    line = last_line(text)
    if spec.before.endswith(BOXED) and spec.after.startswith("}"):
        inside = _boxed_answers(line, spec)
        answer = inside[-1][1] if inside else ""
    elif line.startswith(spec.before) and line.endswith(spec.after):
        answer = line[len(spec.before) : len(line) - len(spec.after)]
    else:
        return None
    return answer if _well_formed(answer, spec) else None


def _well_formed(answer: str, spec: AnswerSpec) -> bool:
    """Whether an answer is written as its type is: a number with nothing beside it, one of the choices."""
    if spec.type == "number":
        return _NUMBER.fullmatch(answer) is not None
    if spec.type == "choice":
        return all(part.strip() in spec.options for part in answer.split(","))
    return bool(answer.strip()) and HASHES not in answer


def _behind(sign: re.Pattern[str], text: str, spec: AnswerSpec, *, ends: str = "") -> list[tuple[int, str]]:
    """Where a sign stands, the last times, and what follows it; `ends` is what the form has behind an answer."""
    signs = list(sign.finditer(text))[-MAX_SIGNS:]
    return [(found.start(), _up_to_end(_line_behind(text, found.end()), spec, ends=ends)) for found in signs]


def _line_behind(text: str, begin: int) -> str:
    """What follows a sign in its line, or in the next where nothing does."""
    found = _LEAD.match(text, begin)
    begin = found.end() if found else begin
    end = text.find("\n", begin)
    return text[begin : min(len(text) if end < 0 else end, begin + MAX_STATED)]


def _up_to_end(line: str, spec: AnswerSpec, *, ends: str) -> str:
    """A line from its answer on, up to the end of the form; where that is nowhere, of its first sentence."""
    closed = _form_end(line, ends) if ends else None
    if closed is not None:
        return line[:closed].strip()
    if spec.type in {"text", "expression"}:
        return first_sentence(line).strip()
    return _END_OF_SENTENCE.split(line, maxsplit=1)[0].strip()


def _form_end(line: str, ends: str) -> int | None:
    """Where the form ends in the line behind its beginning: a brace of its own closes it, a lone sign ends its word."""
    if ends.startswith("}"):
        return _closing(line, 0)
    found = re.search(re.escape(ends) + (r"(?!\w)" if len(ends) == 1 else ""), line)
    return None if found is None else found.start()


def _begins(said: str, spec: AnswerSpec) -> bool:
    """Whether something begins with an answer of the type."""
    if spec.type == "number":
        return QUANTITY.match(plain(said)) is not None or _NO_NUMBER.match(said) is not None
    if spec.type == "choice":
        pattern, _ = _choice_pattern(spec.options)
        return pattern.match(said.lstrip("(* ")) is not None
    return bool(said)


def _fitting(said: str, spec: AnswerSpec) -> str | None:
    """What was said, without what it denies, if there is an answer of the type in it or several to choose from."""
    if spec.type in {"text", "expression"}:
        return said.strip("*$ ") or None
    said = meant(said, begins=partial(_begins, spec=spec)) or ""
    if spec.type == "number":
        return said if re.search(r"\d", said) or _NO_NUMBER.search(said) else None
    if named_choices(said, spec.options):
        return ", ".join(listed_choices(said, spec.options)) or said
    return None


def _boxed_answers(text: str, spec: AnswerSpec) -> list[tuple[int, str]]:
    """Where each answer in a box begins, and the answer; of a number or a choice, boxes that `or` joins are one."""
    if BOXED not in text:
        return []
    answers, end = list[tuple[int, str]](), 0
    for begin, until, inside in _boxes(text):
        if answers and spec.type in {"number", "choice"} and _BOXES_LEFT_OPEN.fullmatch(text, end, begin):
            answers[-1] = (answers[-1][0], f"{answers[-1][1]} or {inside}")
        else:
            answers.append((begin, inside))
        end = until
    return answers


def _boxes(text: str) -> list[tuple[int, int, str]]:
    """Where each box begins, where it ends, and what stands in it."""
    found: list[tuple[int, int, str]] = []
    at = text.find(BOXED)
    while at >= 0:
        end = _closing(text, at + len(BOXED))
        if end is None:
            return found  # A brace that never closes swallows all that follows.
        found.append((at, end + 1, text[at + len(BOXED) : end].strip()))
        at = text.find(BOXED, end)
    return found


def _closing(text: str, start: int) -> int | None:
    """Where the brace closes that was opened right before `start`."""
    depth = 1
    for found in _BRACE.finditer(text, start, start + MAX_STATED):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return found.start()
    return None
