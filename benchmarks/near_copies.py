"""How surely, how quickly and in how much memory near-copies are found.

Rows are messages of Banking77 and CLINC150, and beyond these variants of them with one to three slips of the pen, drawn
with a seed. Cells: `pairs` holds both ways of looking for candidates against all pairs of 20,000 rows, found by code of
its own (products of sparse matrices of scikit-learn's 5-grams); `rows` finds the copies of so many rows from beginning
to end, verified, in a process of its own; `signatures` times the signature stage, which takes hashed shingles, and
datasketch's `update_batch`, which takes their bytes, in turns, with as many values a signature. datasketch is installed
with `suffice[bench]`.

Asked for: recall and precision 1.0 (exact) and 0.98 and 1.0 (MinHash); 130,000 rows in under 10 s on two cores and in
under 1 GB; signatures at least 30 times as quick; a million rows work.
"""

from __future__ import annotations

import json
import os
import random
import resource
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from cells import measure, options, print_json
from sklearn.feature_extraction.text import CountVectorizer

from suffice.copies import find_copies
from suffice.copies.find import THRESHOLD
from suffice.copies.minhash import N_BANDS, N_ROWS, signatures
from suffice.copies.near import Method, near_pairs
from suffice.records.progress import SILENT
from suffice.text.normalise import canonical
from suffice.text.shingles import shingle_sets

FILES = ("banking77/banking77.jsonl", "clinc150/clinc150_full.jsonl")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
N_TURNS, N_OURS, N_THEIRS = 40, 1_024, 64
"""Turns of the two signature stages, and rows that each takes in a turn."""


def rows_of(data: Path, n: int, *, n_variants: int | None = None, seed: int = 0) -> list[str]:
    """Messages, and variants of them up to n rows; `n_variants` for a set with more variants than it needs."""
    draw = random.Random(seed)  # noqa: S311 - slips of the pen, not secrets
    real = [json.loads(line)["text"] for name in FILES for line in (data / name).open(encoding="utf-8")]
    kept = draw.sample(real, min(len(real), n - (n_variants or 0)))
    return kept + [variant(draw.choice(kept), draw) for _ in range(n - len(kept))]


def variant(text: str, draw: random.Random) -> str:
    """A message with one to three slips of the pen.

    Args:
        text: the message.
        draw: of the slips.
    """
    for _ in range(draw.randint(1, 3)):
        at, slip = draw.randrange(len(text) + 1), draw.choice(("add", "leave out", "replace", "shout"))
        if slip == "shout":
            text = text.upper()
        else:
            text = text[:at] + ("" if slip == "leave out" else draw.choice(LETTERS)) + text[at + (slip != "add") :]
    return text


def cell(name: str, data: Path) -> dict[str, Any]:
    """Figures of one cell."""
    kind, number, *method = name.split("-")
    if kind == "pairs":
        return _pairs(data, int(number), "exact" if method == ["exact"] else "minhash")
    return _rows(data, int(number)) if kind == "rows" else _signatures(data, int(number))


def _pairs(data: Path, n: int, method: Method) -> dict[str, Any]:
    texts = list(dict.fromkeys(map(canonical, rows_of(data, n, n_variants=n // 2))))
    truth = _all_pairs(texts)
    apart, start = np.arange(len(texts)), perf_counter()
    found = {
        pair
        for first, second in near_pairs(texts, apart, threshold=THRESHOLD, method=method, progress=SILENT)
        for pair in zip(first.tolist(), second.tolist(), strict=True)
    }
    return {
        "n_texts": len(texts),
        "n_pairs": len(truth),
        "recall": len(found & truth) / len(truth),
        "precision": len(found & truth) / len(found),
        "seconds": round(perf_counter() - start, 2),
    }


def _all_pairs(texts: Sequence[str]) -> set[tuple[int, int]]:
    """Every pair of near-copies; texts under five characters are near none but themselves."""
    table = CountVectorizer(analyzer="char", ngram_range=(5, 5), lowercase=False, binary=True).fit_transform(texts)
    sizes, transposed, found = np.asarray(table.sum(axis=1)).ravel(), table.T.tocsr(), set()
    for start in range(0, len(texts), 500):
        shared = (table[start : start + 500] @ transposed).tocoo()
        first, second = shared.row + start, shared.col
        near = shared.data / (sizes[first] + sizes[second] - shared.data) >= THRESHOLD
        near &= first < second
        found |= set(zip(first[near].tolist(), second[near].tolist(), strict=True))
    return found


def _rows(data: Path, n: int) -> dict[str, Any]:
    texts = rows_of(data, n)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter()
    copies = find_copies(texts, progress=SILENT)
    return {
        "seconds": round(perf_counter() - start, 2),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "of_which_rows_and_libraries_mb": round(before / 1024),
        "method": copies.method,
        "miss_rate": copies.miss_rate,
        "n_canonical": len(np.unique(copies.normalised)),
        "n_components": len(np.unique(copies.near)),
        "n_cut": len(copies.cut),
        "n_processors": os.cpu_count(),
    }


def _signatures(data: Path, n: int) -> dict[str, Any]:
    """Rows a second of both, in one thread; making datasketch's empty signatures is left out, and told beside it."""
    from datasketch import MinHash  # noqa: PLC0415 - installed for this cell only

    texts = [canonical(text) for text in rows_of(data, n)]
    ours, hashing, theirs, making = [], [], [], []
    for turn in range(N_TURNS):
        block = [texts[k % n] for k in range(turn * N_OURS, (turn + 1) * N_OURS)]
        few = [[text[k : k + 5].encode() for k in range(max(1, len(text) - 4))] for text in block[:N_THEIRS]]
        start = perf_counter()
        sets = shingle_sets(block)
        hashed = perf_counter()
        signatures(sets)
        done = perf_counter()
        empty = [MinHash(num_perm=N_BANDS * N_ROWS) for _ in few]
        made = perf_counter()
        for signature, shingles in zip(empty, few, strict=True):
            signature.update_batch(shingles)
        theirs.append((perf_counter() - made) / N_THEIRS)
        making.append((made - done) / N_THEIRS)
        hashing.append((hashed - start) / N_OURS)
        ours.append((done - hashed) / N_OURS)
    return {
        "values_per_signature": N_BANDS * N_ROWS,
        "rows_per_second": round(N_TURNS / sum(ours)),
        "rows_per_second_with_shingling": round(N_TURNS / (sum(ours) + sum(hashing))),
        "datasketch_rows_per_second": round(N_TURNS / sum(theirs)),
        "ratio": round(sum(theirs) / sum(ours), 1),
        "ratio_of_medians": round(float(np.median(theirs) / np.median(ours)), 1),
        "ratio_with_empty_signatures_made": round((sum(theirs) + sum(making)) / sum(ours), 1),
    }


def in_child(name: str, data: Path) -> dict[str, Any]:
    """A cell in a process of its own, whose peak of memory is its own as well."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(cell, name, data).result()


def main() -> None:
    """Measures every cell."""
    parser = options(__doc__ or "")
    parser.add_argument("--rows", type=int, nargs="*", default=[130_000, 1_000_000], help="sizes of the whole run")
    given = parser.parse_args()
    names = ["pairs-20000-exact", "pairs-20000-minhash", *(f"rows-{n}" for n in given.rows), "signatures-130000"]
    print_json(measure(names, partial(in_child, data=Path(given.data)), kept=given.cells))


if __name__ == "__main__":
    main()
