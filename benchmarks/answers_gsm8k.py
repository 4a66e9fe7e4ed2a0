"""How far our graders agree with the published correctness of GSM8K solutions, and how quickly they judge.

5,276 solutions of four systems (6B and 175B, finetuned and with a verifier), whose last line reads `A: 18`; that line
is the form asked for. `flags` holds what each grader says against the published flags: ours (strict, lenient,
verified), and the two filters of lm-evaluation-harness's GSM8K task, their patterns taken from its task file, on the
same texts with `A:` written as `####`, since its strict pattern looks for that. `math_verify` is that package's own
verdict on the same texts. `speed` times parsing and judging in seconds of processor time, since other processes may
run: GSM8K's solutions as numbers, in the form asked for and in a sentence, generated answers as choices, and generated
pairs of expressions: all of them, those that spelling, numbers, sets and intervals tell apart, and those that only
symbolic mathematics does, as they come and with no text twice.

Asked for: verified accuracy equals the flags on 99.5% or more; 5,000 numbers and choices a second, 200 expressions.

    python benchmarks/answers_gsm8k.py --data DATA --cells cells/answers.jsonl
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from cells import Measured, measure, options, print_json

from suffice.kinds.answer import judge, parse
from suffice.kinds.gold.equality import quickly_same_expression
from suffice.kinds.gold.expression_worker import symbolic_equality
from suffice.records.answer_spec import AnswerSpec

SPEC = AnswerSpec(type="number", form="A: {answer}")
CHOICES = AnswerSpec(type="choice", form="Answer: {answer}")
N_TIMED, SEED = 5_000, 0
N_EXPRESSIONS, N_SYMBOLIC = 500, 200
STRICT, FLEXIBLE = re.compile(r"#### (\-?[0-9\.\,]+)"), re.compile(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")
"""Source: lm-evaluation-harness, lm_eval/tasks/gsm8k/gsm8k.yaml, filters `strict-match` and `flexible-extract`."""
IGNORED = (re.compile(r","), re.compile(r"\$"), re.compile(r"(?s).*#### "), re.compile(r"\.$"))
"""What its exact match ignores, beside case. Source: the same file, `regexes_to_ignore`."""
Row = dict[str, Any]


def main() -> None:
    """Measures every cell and prints the figures."""
    parser = options(__doc__ or "", cells=Path("cells/answers.jsonl"))
    given = parser.parse_args()
    if given.data is None:
        raise SystemExit("name the folder of the data sets with --data or SUFFICE_DATA")
    cells: dict[str, Callable[[], Measured]] = {
        "flags": partial(_flags, given.data),
        "math_verify": partial(_math_verify, given.data),
        "speed": partial(_speed, given.data),
    }
    print_json(measure(cells, lambda name: cells[name](), kept=given.cells))


def _rows(data: Path) -> list[Row]:
    """Every solution with the right answer of its question."""
    folder = data / "gsm8k"
    gold = {row["question"]: row["answer"] for row in map(json.loads, (folder / "gsm8k.jsonl").open(encoding="utf-8"))}
    solutions = map(json.loads, (folder / "model_solutions.jsonl").open(encoding="utf-8"))
    return [row | {"gold": gold[row["question"]], "n": n} for n, row in enumerate(solutions)]


def _flags(data: Path) -> Measured:
    rows = _rows(data)
    verdicts = [judge(parse(row["trace"], SPEC), row["gold"], SPEC) for row in rows]
    theirs = [(re.sub(r"(?m)^A:", "####", row["trace"]), row["gold"]) for row in rows]
    said = {
        "strict": [verdict.strict for verdict in verdicts],
        "lenient": [verdict.lenient for verdict in verdicts],
        "verified": [verdict.verified for verdict in verdicts],
        "lm_eval_strict": [_lm_eval(STRICT, 0, text, gold) for text, gold in theirs],
        "lm_eval_flexible": [_lm_eval(FLEXIBLE, -1, text, gold) for text, gold in theirs],
    }
    return {"n": len(rows)} | {grader: _against_flags(rows, right) for grader, right in said.items()}


def _math_verify(data: Path) -> Measured:
    """The package by itself, as its documentation says to use it: it looks for the answer in the whole text."""
    import math_verify  # noqa: PLC0415 (only this cell needs it)

    rows = _rows(data)
    started = process_time()
    right = [bool(math_verify.verify(math_verify.parse(row["gold"]), math_verify.parse(row["trace"]))) for row in rows]
    return {"n": len(rows), "per_second": len(rows) / (process_time() - started)} | _against_flags(rows, right)


def _against_flags(rows: Sequence[Row], right: Sequence[bool]) -> Measured:
    other = [(row, said) for row, said in zip(rows, right, strict=True) if said != row["is_correct"]]
    return {
        "accuracy": sum(right) / len(rows),
        "agrees": 1.0 - len(other) / len(rows),
        "n_other": len(other),
        "other": [
            {"row": row["n"], "gold": row["gold"], "says": said, "flag": row["is_correct"], "ends": row["trace"][-60:]}
            for row, said in other[:30]
        ],
    }


def _lm_eval(pattern: re.Pattern[str], place: int, text: str, gold: str) -> bool:
    found = pattern.findall(text)
    if not found:
        return False
    chosen = found[place]
    answer = chosen if isinstance(chosen, str) else next((part for part in chosen if part), "")
    return _plain(answer.strip()) == _plain(gold)


def _plain(text: str) -> str:
    for pattern in IGNORED:
        text = pattern.sub("", text)
    return text.casefold()


def _speed(data: Path) -> Measured:
    rng = random.Random(SEED)  # noqa: S311 (no secret is drawn)
    rows = _rows(data)[:N_TIMED]
    choices = [f"It cannot be {rng.choice('ABCD')}, since that is odd.\nAnswer: {rng.choice('ABCD')}" for _ in rows]
    loose = [(re.sub(r"(?m)^A: (.*)$", r"So the answer is \1 in all.", row["trace"]), row["gold"]) for row in rows]
    pairs = _expressions(rng, n=N_TIMED)
    quick = [pair for pair in pairs if quickly_same_expression(*pair) is not None]
    symbolic = [pair for pair in pairs if quickly_same_expression(*pair) is None]
    by_mathematics = symbolic_equality()
    by_mathematics("x", "x+1")  # Builds what is built once.

    def same(gold: str, answer: str) -> bool:
        known = quickly_same_expression(gold, answer)
        return by_mathematics(gold, answer) if known is None else known

    return {
        "numbers_per_second": _per_second([partial(_judged, row["trace"], row["gold"], SPEC) for row in rows]),
        "loose_numbers_per_second": _per_second([partial(_judged, text, gold, SPEC) for text, gold in loose]),
        "choices_per_second": _per_second([partial(_judged, text, "C", CHOICES) for text in choices]),
        "expressions_per_second": _per_second([partial(same, *pair) for pair in pairs[:N_EXPRESSIONS]]),
        "expressions_told_quickly": len(quick) / len(pairs),
        "quick_expressions_per_second": _per_second([partial(same, *pair) for pair in quick]),
        "symbolic_expressions_per_second": _per_second([partial(same, *pair) for pair in symbolic[:N_SYMBOLIC]]),
        "fresh_symbolic_expressions_per_second": _per_second(
            [partial(same, *pair) for pair in _fresh(rng, n=N_SYMBOLIC)]
        ),
    }


def _judged(text: str, gold: str, spec: AnswerSpec) -> bool:
    return judge(parse(text, spec), gold, spec).verified


def _per_second(checks: Sequence[Callable[[], object]]) -> float:
    """Checks in a second of processor time."""
    started = process_time()
    for check in checks:
        check()
    return len(checks) / (process_time() - started)


def _expressions(rng: random.Random, *, n: int) -> list[tuple[str, str]]:
    """Pairs of a right answer and one that is equal to it in half of the cases, in the forms that such answers have."""
    return [rng.choice(FORMS)(rng, rng.random() < 0.5) for _ in range(n)]


def _fraction(rng: random.Random, same: bool) -> tuple[str, str]:
    above, below, times = rng.randint(1, 9), rng.randint(2, 9), rng.randint(1, 4)
    return f"\\frac{{{above}}}{{{below}}}", f"{above * times + (not same)}/{below * times}"


def _set(rng: random.Random, same: bool) -> tuple[str, str]:
    one, other = rng.randint(-9, 0), rng.randint(1, 9)
    return f"\\{{{one}, {other}\\}}", f"{other}, {one if same else one - 1}"


def _interval(rng: random.Random, same: bool) -> tuple[str, str]:
    low, high = rng.randint(-9, 0), rng.randint(1, 9)
    return f"[{low}, {high})", f"[{low},{high}{')' if same else ']'}"


def _spelt(rng: random.Random, same: bool) -> tuple[str, str]:
    root = rng.choice((2, 3, 5, 7))
    return f"3\\sqrt{{{root}}}", f"3 \\sqrt{{{root if same else root + 1}}}"


def _square(rng: random.Random, same: bool) -> tuple[str, str]:
    a = rng.randint(1, 9)
    return f"(x+{a})^2", f"x^2+{2 * a}x+{a * a + (not same)}"


def _root(rng: random.Random, same: bool) -> tuple[str, str]:
    a, root = rng.randint(2, 5), rng.choice((2, 3, 5, 7))
    return f"\\sqrt{{{a * a * root}}}", f"{a if same else a + 1}\\sqrt{{{root}}}"


def _fresh(rng: random.Random, *, n: int) -> list[tuple[str, str]]:
    """Pairs that only symbolic mathematics tells, no text of which comes twice: nothing that is kept is of use."""
    found: list[tuple[str, str]] = []
    for a in rng.sample(range(10, 10_000), n):
        same = rng.random() < 0.5
        square = f"(x+{a})^2", f"x^2+{2 * a}x+{a * a + (not same)}"
        root = f"\\sqrt{{{7 * a * a}}}", f"{a if same else -a}\\sqrt{{7}}"
        found.append(rng.choice((square, root)))
    return found


FORMS = (_fraction, _set, _interval, _spelt, _square, _root)

if __name__ == "__main__":
    main()
