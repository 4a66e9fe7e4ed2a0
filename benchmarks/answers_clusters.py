"""How many planted slices of failures are found: questions with one phrase or one operation in common.

GSM8K's 1,319 test questions; right completions are its own solutions without their annotations, wrong ones have an
arithmetic slip in the last step. In each cell one slice of 3 to 10% of the questions fails in 80 to 100% of its rows,
and the others in 5 to 30%. Slices are the questions that say a phrase of two or three words, or those whose solution
has an operation in a certain place, number or company. A slice is found if at least 8 of the ten most typical failures
of a reported cluster lie in it.

Three arms on the same rows and halves: the layer as it ships; `words`, the ten words that the failures of the first
half use most beyond other rows by log-odds, tested on the second half; `subjects`, HDBSCAN's places alone. Beside the
50 slices that are asked for stand 20 `subject` slices, the questions nearest to one of them in the encoder's own space:
the case that is made for HDBSCAN; and 40 systems that fail by chance alone, in which every reported cluster is false.

Asked for: 60% of the 50. Parameters were chosen on the slices of `--development` and on like ones before.

    python benchmarks/answers_clusters.py --data DATA --cells cells/clusters.jsonl
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from numpy.typing import NDArray

from suffice.evaluate.clusters import failure_clusters
from suffice.evaluate.clusters.failures import AT_LEAST, LEVEL, half_of
from suffice.evaluate.clusters.search import MAX_CANDIDATES, candidates
from suffice.evaluate.clusters.subjects import subjects
from suffice.evaluate.clusters.told import LEAST_Z, typical
from suffice.evaluate.clusters.traits import Traits, traits_of
from suffice.evaluate.completions import Judged, cluster_rows, judged_answers
from suffice.pipeline.cells.clusters import ENCODER, vectors_of
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question, Submission
from suffice.records.clusters import ClusterRows
from suffice.records.evaluation import NotMeasured
from suffice.records.progress import SILENT
from suffice.stats.excess import excess_p
from suffice.stats.log_odds import log_odds_z
from suffice.stats.multiplicity import benjamini_hochberg

KINDS = {"phrase": 25, "operation": 25, "subject": 20, "none": 40}
"""Slices of each kind that are measured."""
N_DEVELOPMENT, SEED = 10, 0
"""Slices of each kind to choose parameters on, none of which is measured."""
SHARE, BASE, INSIDE = (0.03, 0.10), (0.05, 0.30), (0.80, 1.00)
"""Range of the slice's share of all rows, of the failures outside, and of those inside."""
N_TYPICAL, N_NEEDED, HALF = 10, 8, 0.5
STEP, WORD = re.compile(r"<<([^=<>]*)=[^<>]*>>"), re.compile(r"[a-z]+")
SIGN, SLIPS = re.compile(r"(?<=[\d)%.])\s*([-+*/])"), (-10, -2, -1, 1, 2, 10)
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """Completions of all questions, a slice of which fails more often."""

    what: str
    member: NDArray[np.bool_]
    base: float
    inside: float
    rows: ClusterRows


def main() -> None:
    """Measures every cell and prints the figures."""
    parser = options(__doc__ or "", cells=Path("cells/clusters.jsonl"))
    parser.add_argument("--development", action="store_true", help="the slices that parameters are chosen on")
    given = parser.parse_args()
    if given.data is None:
        raise SystemExit("name the folder of the data sets with --data or SUFFICE_DATA")
    part = "development" if given.development else "measured"
    names = [f"{part} {kind} {n}" for kind in KINDS for n in range(N_DEVELOPMENT if given.development else KINDS[kind])]
    cells = measure(names, partial(_cell, given.data, given.cells.parent), kept=given.cells)
    missed = [cell for cell in cells.values() if not cell["layer"]["found"] and cell["n"]]
    print_json({"found": _summary(cells), "missed": missed})


def _summary(cells: dict[str, Measured]) -> Measured:
    """Slices found by each arm, by kind; and the share of reported clusters most of whose failures are not planted."""
    of_kind = {kind: [cell for cell in cells.values() if cell["kind"] == kind] for kind in KINDS}
    of_kind["phrase and operation"] = of_kind["phrase"] + of_kind["operation"]
    return {
        kind: {"n": len(some)}
        | {
            arm: {
                "found": sum(cell[arm]["found"] for cell in some),
                "reported": sum(len(cell[arm]["precisions"]) for cell in some),
                "reported_off_the_slice": sum(one < HALF for cell in some for one in cell[arm]["precisions"]),
            }
            for arm in ("layer", "words", "subjects")
        }
        for kind, some in of_kind.items()
    }


def _cell(data: Path, folder: Path, name: str) -> Measured:
    part, kind, number = name.split()
    planted = _planted(data, folder, kind, int(number) + (0 if part == "development" else N_DEVELOPMENT))
    rows = planted.rows
    found = failure_clusters(rows, seed=SEED)
    assert not isinstance(found, NotMeasured), "hundreds of rows fail"
    half, traits = half_of(rows.groups, seed=SEED), traits_of(rows.texts, rows.features, at_least=AT_LEAST)
    nothing = Traits(traits=(), has=traits.has[:, :0])
    places = subjects(rows, np.flatnonzero(rows.failed & half), seed=SEED)
    alone = [one.member for one in candidates(nothing, places, rows.failed, half)]
    arms = {
        "layer": [one.typical for one in found.clusters],
        "words": [typical(rows, traits, one) for one in _shown(rows, _by_words(rows, half), ~half)],
        "subjects": [typical(rows, traits, one) for one in _shown(rows, alone, ~half)],
    }
    judge = partial(_precision, dict(zip(rows.ids, planted.member.tolist(), strict=True)))
    precisions = {arm: [judge(ids) for ids in clusters] for arm, clusters in arms.items()}
    return {
        "kind": kind,
        "slice": planted.what,
        "n": int(planted.member.sum()),
        "base": planted.base,
        "inside": planted.inside,
        "clusters": [one.name for one in found.clusters],
        **{
            arm: {"found": any(one >= N_NEEDED / N_TYPICAL for one in some), "precisions": some}
            for arm, some in precisions.items()
        },
    }


def _precision(member: dict[str, bool], ids: Sequence[str]) -> float:
    """Of ten typical failures those in the slice; a cluster with fewer lacks the others."""
    return sum(member[id_] for id_ in ids) / N_TYPICAL


def _by_words(rows: ClusterRows, half: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Rows with each of the words that failures of the first half use most beyond other rows of it."""
    traits = traits_of(rows.texts, {}, at_least=AT_LEAST)
    failed, right = (rows.failed & half).astype(float), (~rows.failed & half).astype(float)
    z = log_odds_z(traits.has.T @ failed, traits.has.T @ right)
    z[[" " in trait.value for trait in traits.traits]] = 0.0
    return [traits.column(word) for word in np.argsort(-z)[:MAX_CANDIDATES] if z[word] >= LEAST_Z]


def _shown(rows: ClusterRows, members: list[NDArray[np.bool_]], second: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Those with more failures inside than outside on the second half, as the layer tests it."""

    def counted(chosen: NDArray[np.bool_]) -> tuple[float, float]:
        return float((rows.failed & chosen).sum()), float(chosen.sum())

    p_values = [excess_p(counted(one & second), counted(~one & second)) for one in members]
    q_values: list[float] = benjamini_hochberg(p_values).tolist() if members else []
    return [one for one, q in zip(members, q_values, strict=True) if q <= LEVEL]


def _planted(data: Path, folder: Path, kind: str, number: int) -> Planted:
    """The slice of this number: each phrase and operation is drawn once, so that none is in both parts."""
    rng = random.Random(f"{SEED} {kind} {number}")  # noqa: S311 (no secret is drawn)
    rows, vectors = _rows(data), _vectors(data, folder)
    if kind == "none":
        what, chosen = "nothing", set[int]()
    elif kind == "subject":
        centre = rng.randrange(len(rows))
        nearest = np.argsort(-(vectors @ vectors[centre]), kind="stable")
        what, chosen = rows[centre]["question"], set(nearest[: int(rng.uniform(*SHARE) * len(rows))].tolist())
    else:
        pool = _phrases(data) if kind == "phrase" else _operations(data)
        order = sorted(pool)
        random.Random(f"{SEED} {kind}").shuffle(order)  # noqa: S311 (as above)
        what = order[number]
        chosen = pool[what]
    base, inside = rng.uniform(*BASE), rng.uniform(*INSIDE)
    fails = [rng.random() < (inside if row in chosen else base) for row in range(len(rows))]
    answers = _answered(rows, fails, rng)
    return Planted(
        what=what,
        member=np.array([row in chosen for row in range(len(rows))]),
        base=base,
        inside=inside,
        rows=cluster_rows(answers, vectors, vectors_of=ENCODER),
    )


def _answered(rows: list[Row], fails: list[bool], rng: random.Random) -> Judged:
    questions = [
        Question(
            id=f"q{n}",
            source="gsm8k.jsonl",
            row=n,
            text=row["question"],
            gold=Gold(answer=row["answer"], trace=row["trace"]),
            group=None,
            split=None,
        )
        for n, row in enumerate(rows)
    ]
    completions = [
        Submission(id=f"q{n}", text=_solution(row, slip=rng.choice(SLIPS) if fails[n] else 0), stop_reason="stop")
        for n, row in enumerate(rows)
    ]
    return judged_answers(
        questions, completions, np.arange(len(rows)), spec=AnswerSpec(), seed=SEED, done=lambda n: None
    )


def _solution(row: Row, *, slip: int) -> str:
    """The solution of the data; with a slip the result of its last step is off by so much, and so is the answer."""
    text, answer = STEP.sub("", row["trace"]), row["answer"]
    if slip:
        wrong = f"{float(answer.replace(',', '')) + slip:g}"
        before, sign, after = text.rpartition("=")
        text, answer = before + sign + after.replace(answer, wrong, 1), wrong
    return f"{text}\n#### {answer}"


@cache
def _rows(data: Path) -> list[Row]:
    rows = map(json.loads, (data / "gsm8k" / "gsm8k.jsonl").open(encoding="utf-8"))
    return [row for row in rows if row["split"] == "test"]


@cache
def _vectors(data: Path, folder: Path) -> NDArray[np.float32]:
    """Embeddings of the questions, kept beside the cells."""
    kept = folder / "gsm8k-test-minilm-l6.npy"
    if not kept.exists():
        vectors, made_by = vectors_of([row["question"] for row in _rows(data)], seed=SEED, progress=SILENT)
        if made_by != ENCODER:
            raise SystemExit(f"this benchmark needs the encoder: suffice models pull {ENCODER}")
        folder.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors)
    return np.asarray(np.load(kept), dtype=np.float32)


@cache
def _phrases(data: Path) -> dict[str, set[int]]:
    """Runs of two or three words to the questions that have them."""
    found: dict[str, set[int]] = {}
    for row, words in enumerate(WORD.findall(row["question"].lower()) for row in _rows(data)):
        for n in (2, 3):
            for start in range(len(words) - n + 1):
                found.setdefault(" ".join(words[start : start + n]), set()).add(row)
    return _of_size(found, n=len(_rows(data)))


@cache
def _operations(data: Path) -> dict[str, set[int]]:
    """Kinds of solutions to the questions that have them, by the annotations of the data."""
    steps = [STEP.findall(row["trace"]) for row in _rows(data)]
    signs = [[sign for step in row for sign in SIGN.findall(step)] for row in steps]
    found: dict[str, set[int]] = {}

    def add(name: str, is_so: Iterable[bool]) -> None:
        found[name] = {row for row, so in enumerate(is_so) if so}

    for one in "+-*/":
        add(f"starts with {one}", (row[:1] == [one] for row in signs))
        add(f"ends with {one}", (row[-1:] == [one] for row in signs))
        add(f"nothing but {one}", (set(row) == {one} for row in signs))
        for n in (2, 3, 4):
            add(f"{n} times {one}", (row.count(one) == n for row in signs))
    for one, other in product("+-*/", repeat=2):
        add(f"{one} then {other}", ((one, other) in pairwise(row) for row in signs))
        add(f"starts with {one} {other}", (row[:2] == [one, other] for row in signs))
        add(f"ends with {one} {other}", (row[-2:] == [one, other] for row in signs))
        add(f"starts with {one}, ends with {other}", (row[:1] == [one] and row[-1:] == [other] for row in signs))
    for n in (2, 3, 4, 5, 7, 10, 12, 60, 100):
        for sign in "*/":
            pattern = re.compile(rf"{re.escape(sign)}{n}(?![\d.])")
            add(f"{sign} {n}", (any(map(pattern.search, row)) for row in steps))
    within: dict[str, Callable[[str], bool]] = {
        "times a decimal": lambda step: re.search(r"\*0?\.\d|0?\.\d+\*", step) is not None,
        "three summands in a step": lambda step: step.count("+") == 2,
        "three factors in a step": lambda step: step.count("*") >= 2,
        "brackets in a step": lambda step: "(" in step,
        "takes away twice in a step": lambda step: step.count("-") >= 2,
    }
    for name, test in within.items():
        add(name, (any(map(test, row)) for row in steps))
    return _of_size(found, n=len(steps))


def _of_size(found: dict[str, set[int]], *, n: int) -> dict[str, set[int]]:
    return {what: rows for what, rows in found.items() if SHARE[0] * n <= len(rows) <= SHARE[1] * n}


if __name__ == "__main__":
    main()
