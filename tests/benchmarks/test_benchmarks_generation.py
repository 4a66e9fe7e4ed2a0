"""Both sides of the benchmark of generation write as much as they are told, and the better peer counts."""

from __future__ import annotations

import json
from pathlib import Path

import generation
import pytest
from cells import Measured
from generation import SIDES, Sizes

SIZES = Sizes(repeats=2, rows=5, whole=6, tokens=7)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    asked = (
        "Why was my card declined?",
        "The transfer\u2028is pending.",
        "My refund has not arrived after three days.",
    )
    rows = [{"question": f"{question} {n}", "split": "test"} for n in range(9) for question in asked]
    (tmp_path / "gsm8k").mkdir()
    lines = [json.dumps(row, ensure_ascii=False) for row in [{"question": "no", "split": "train"}, *rows]]
    (tmp_path / "gsm8k" / "gsm8k.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_either_side_writes_all_tokens_of_all_rows(
    data: Path, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "here", lambda base: str(tiny_llama))
    monkeypatch.setattr(generation, "ROWS_AT_ONCE", 3)
    names = Sizes(repeats=1, rows=5, whole=6, tokens=7).names()
    assert len(names) == 1 + 2 * len(SIDES) + 1
    cells = {name: generation.cell(name, data) for name in names[1:]}
    fixed = [found for name, found in cells.items() if name.startswith(("fixed", "whole"))]
    assert [one["tokens_per_row"] for one in fixed] == [7.0] * 4
    assert all(one["shared_tokens"] > 20 for one in cells.values())
    free = {name: one["tokens_per_row"] for name, one in cells.items() if name.startswith("free")}
    # Of one prompt in float32 what ends when is tested elsewhere; in bfloat16 ties may fall either way.
    assert all(1.0 <= n <= 7.0 for n in free.values())


def test_a_row_is_counted_up_to_its_end() -> None:
    assert generation._n_written([5, 6, 2, 2, 2], 2) == 3
    assert generation._n_written([5, 6, 1], [2, 1]) == 3
    assert generation._n_written([5, 6, 7], 2) == 3


def test_the_better_precision_of_the_other_side_counts() -> None:
    def of(rate: float, **more: float) -> Measured:
        return {"rows_per_second": rate, "tokens_per_second": 7.0 * rate, "tokens_per_row": 7.0} | more

    rates = dict(zip(SIDES, (12.0, 3.0, 4.0), strict=True))
    cells: dict[str, Measured] = {"machine": {"peak_bf16": 400}}
    for name in SIZES.names()[1:-1]:
        side = next(side for side in SIDES if f", {side}, " in name)
        cells[name] = of(rates[side])
    cells[SIZES.names()[-1]] = of(12.0, seconds=90.0, prompt_tokens=99.96, shared_tokens=40)
    said = generation.summary(cells, SIZES)
    for mode in ("fixed", "free"):
        faster = said["generation"][mode]["ours_is_faster"]
        assert faster == {"than": "generate, fp32", "ratio": 3.0, "interval": [3.0, 3.0], "n_repeats": 2}
        assert said["generation"][mode]["ours, bf16"]["tokens_per_second"] == 84.0
    assert said["whole"] == {"rows": 6, "tokens": 7, "minutes": 1.5}
    assert (said["settings"]["prompt_tokens"], said["settings"]["shared_tokens"]) == (100.0, 40)
