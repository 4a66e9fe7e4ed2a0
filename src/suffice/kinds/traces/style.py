"""Completions to their styles: signatures of form, and how many completions have each.

Signatures and no embeddings: a style is a few words that a person can check ("`####`, number, lines"), two completions
are of one style exactly if those words are the same, and no threshold decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Sequence

from suffice.records.style import Form, Layout, Marker, Style, Styles, Written

MAX_LETTERS = 2_000
"""Letters of a completion by which its script is told."""
MIN_LISTED = 0.5
"""Share of the lines of what leads to the answer, at least, that begin with the mark of a list where it is one."""
_MARKERS: tuple[tuple[Marker, re.Pattern[str]], ...] = (
    ("####", re.compile(r"####(?!#)[ \t]*(?P<said>[^\n]*)")),
    ("\\boxed", re.compile(r"\\boxed\{(?P<said>[^{}\n]*)")),
    ("A:", re.compile(r"^[ \t]{0,8}A:[ \t]*(?P<said>[^\n]*)", re.MULTILINE)),
    (
        "answer is",
        re.compile(
            r"(?:\b(?:so|therefore|thus|hence)[, ]{1,2})?(?:\bthe[ ])?(?:\bfinal[ ])?\banswer\b[ ]?(?:is\b|:)"
            r"[ \t*:]{0,8}(?P<said>[^\n]*)",
            re.IGNORECASE,
        ),
    ),
)
_THINKS = re.compile(r"</?think(?:ing)?>", re.IGNORECASE)
_ANNOTATED = re.compile(r"<<[^<>\n]{1,400}>>")
_LATEX = re.compile(r"\\(?!boxed\b)(?:[a-zA-Z]{2,20}|[()\[\]])")
_LISTED = re.compile(r"^[ \t]{0,20}(?:[-*•][ \t]|\(?\d{1,3}[.):][ \t]|#{1,3}[ \t]|\**step[ ]\d)", re.IGNORECASE)
_WRITTEN: tuple[tuple[Written, re.Pattern[str]], ...] = (
    ("number", re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)\.?")),
    ("number with separators", re.compile(r"-?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?\.?")),
    ("fraction", re.compile(r"-?\d+[ ]?/[ ]?\d+\.?|-?\\[dt]?frac.*")),
    ("number with unit", re.compile(r"[^\d\n]{0,3}\d[\d., ]*[^\d\n]{0,40}")),
    ("words", re.compile(r".*\w.*")),
)


def form_of(completion: str) -> Form:
    """The signature of one completion.

    Args:
        completion: all that was written.
    """
    marker, said, at = _marker(completion)
    before = _THINKS.sub("", completion[:at])
    return Form(
        marker=marker,
        written=_written(said),
        layout=_layout(before if marker != "none" else _THINKS.sub("", completion)),
        thinks=_THINKS.search(completion) is not None,
        annotated=_ANNOTATED.search(completion) is not None,
        latex=_LATEX.search(completion) is not None,
        script=_script(completion),
    )


def styles_of(completions: Sequence[str]) -> Styles:
    """Sorts completions by form.

    Args:
        completions: what was written, length N, at least one.
    """
    assert completions, "styles are those of at least one completion"
    rows: dict[Form, list[int]] = defaultdict(list)
    for row, completion in enumerate(completions):
        rows[form_of(completion)].append(row)
    by_size = sorted(rows.items(), key=lambda one: (-len(one[1]), one[1][0]))
    return Styles(styles=tuple(Style(form=form, rows=tuple(of_form)) for form, of_form in by_size))


def form_in_words(form: Form) -> str:
    """A form as a person is told it: `answer marked by '####', written as number; lines; latin`.

    Args:
        form: of a completion.
    """
    marked = "no mark of the answer" if form.marker == "none" else f"answer marked by '{form.marker}'"
    written = "" if form.marker == "none" else f", written as {form.written}"
    extras = {"thinks first": form.thinks, "calculator annotations": form.annotated, "LaTeX": form.latex}
    script = [form.script] if form.script else []
    return "; ".join([f"{marked}{written}", form.layout, *(name for name, held in extras.items() if held), *script])


def _marker(completion: str) -> tuple[Marker, str, int]:
    """The marker that stands last, what follows it, and where it begins."""
    best: tuple[Marker, str, int] = ("none", "", len(completion))
    latest = -1
    for marker, pattern in _MARKERS:
        last = deque(pattern.finditer(completion), maxlen=1)
        # A box inside of another marker's sentence is the narrower of the two.
        if last and last[0].start("said") > latest:
            said = last[0]["said"].strip(" \t*`")
            best, latest = (marker, _without_math(said), last[0].start()), last[0].start("said")
    return best


def _without_math(said: str) -> str:
    """Without the signs of the dollar around it that LaTeX reads as formulas."""
    return said[1:-1] if len(said) > 1 and said[0] == said[-1] == "$" else said


def _written(said: str) -> Written:
    return next((name for name, pattern in _WRITTEN if pattern.fullmatch(said)), "words" if said else "nothing")


def _layout(before: str) -> Layout:
    lines = [line for line in before.splitlines() if any(map(str.isalnum, line))]
    if not lines:
        return "answer alone"
    listed = sum(_LISTED.match(line) is not None for line in lines)
    if len(lines) > 1 and listed >= MIN_LISTED * len(lines):
        return "list"
    return "prose" if len(lines) == 1 else "lines"


def _script(text: str) -> str:
    """First word of the Unicode name of most letters: `LATIN SMALL LETTER A` is latin."""
    letters = (sign for sign in text if sign.isalpha())
    names = Counter(
        unicodedata.name(sign, "").split(" ")[0] for sign, _ in zip(letters, range(MAX_LETTERS), strict=False)
    )
    return names.most_common(1)[0][0].lower() if names else ""
