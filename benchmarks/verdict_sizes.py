"""Where "too dumb" ends on one task: base models of 22M to 1.5B parameters, told what to do, and tuned.

    python benchmarks/verdict_sizes.py --cells bench-out/verdict_sizes.jsonl --data DATA --models FOLDER --chart out.svg

FOLDER has GGUF files of the language models, named as in `MODELS`; the encoder is fetched as ever. The task is twenty
labels of CLINC150 with 200 training messages (ten of each), 300 validation messages and 300 of a sealed test. Every
language model answers twice: as it is, told the labels and choosing among their names, and tuned; the largest is not
tuned, which would take as long as all the rest.

`suffice fit` runs them all and its table of size against capability is what is printed; the chart is drawn of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
import yaml
from cells import Measured, measure, options, print_json
from closed_tasks import pool
from planted_cases import base_case

SOURCE, SEED, TARGET = "clinc150/20/60", 0, 0.9
N_TRAIN, N_VALIDATION, N_TEST = 200, 300, 300
MODELS = {
    "SmolLM2-135M-Instruct.Q4_1.gguf": ("SmolLM2 135M", 135),
    "gemma-3-270m.Q4_K_M.gguf": ("Gemma 3 270M", 268),
    "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf": ("Qwen2.5 Coder 0.5B", 494),
    "Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf": ("Qwen2.5 Coder 1.5B", 1_544),
}
"""File to name and millions of parameters."""
TUNED_UP_TO = 500
"""Millions of parameters."""
SMALLER = {"majority": 0.0, "tfidf": 0.0, "embed": 22.7, "encoder": 22.7}
"""Rungs below language models and their millions of parameters."""
SKIPPED = ("train_labels", "eval_labels", "training", "curriculum", "prompt", "sensitivity", "next_rung")


def cell(data: Path, models: Path) -> Measured:
    """One fit of every rung."""
    case = base_case(pool(SOURCE, data=data), n=N_TRAIN, n_validation=N_VALIDATION, n_test=N_TEST, seed=SEED)
    files = {str(models / file): said for file, said in MODELS.items()}
    tuned = [file for file, (_, millions) in files.items() if millions <= TUNED_UP_TO]
    rungs = [*SMALLER, *(f"{file}@prompted" for file in files), *tuned]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "rows.jsonl").open("w", encoding="utf-8") as out:
            for split, rows in (("train", case.train), ("validation", case.validation), ("test", case.test)):
                for i in rows.tolist():
                    row = {"text": case.texts[i], "label": case.labels[case.clean[i]], "split": split}
                    out.write(f"{json.dumps(row)}\n")
        task = {
            "name": "sizes",
            "data": {"path": "rows.jsonl", "text": "text", "label": "label", "split": "split"},
            "target": {"at_least": TARGET},
            "ladder": rungs,
        }
        (folder / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
        skipped = [part for name in SKIPPED for part in ("--skip", name)]
        command = [
            str(Path(sys.executable).with_name("suffice")),
            "fit",
            "task.yaml",
            "--all-rungs",
            *skipped,
            "--json",
        ]
        said = json.loads(subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return {"verdict": said["verdict"], "rungs": [_named(one, files) for one in said["capability"]["rungs"]]}


def _named(one: dict[str, Any], files: dict[str, tuple[str, int]]) -> dict[str, Any]:
    file, _, prompted = one["rung"].partition("@")
    name, millions = files.get(file, (file, SMALLER.get(file)))
    way = "prompted" if prompted else "tuned" if file in files else "fitted"
    kept = {key: one[key] for key in ("accuracy", "interval", "latency_p50_ms", "size_bytes", "cost_per_thousand")}
    labels = {f"{level}_labels": len(one[level]) for level in ("good", "not_good", "open")}
    return {"name": name, "millions": millions, "way": way} | kept | labels


def chart(rungs: list[dict[str, Any]]) -> str:
    """Accuracy over parameters as an SVG: prompted, and fitted or tuned, with intervals and the target.

    Args:
        rungs: as `cell` gives them.
    """
    shown = [
        {"x": one["millions"], "y": one["accuracy"], "way": "prompted" if one["way"] == "prompted" else "tuned"}
        | {"low": one["interval"][0], "high": one["interval"][1]}
        for one in rungs
        if one["millions"]
    ]
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        x=alt.X("x:Q", title="million parameters (logarithmic)", scale=alt.Scale(type="log", domain=[15, 2_500])),
        color=alt.Color(
            "way:N", title=None, scale=alt.Scale(domain=["tuned", "prompted"], range=["#0b6e4f", "#b3541e"])
        ),
    )
    y = alt.Y("y:Q", title="accuracy", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    target = (
        alt.Chart(alt.InlineData(values=[{"y": TARGET}])).mark_rule(strokeDash=[5, 3], color="#666").encode(y="y:Q")
    )
    layers = [
        target,
        base.mark_line(strokeWidth=2).encode(y=y),
        base.mark_rule(strokeWidth=2).encode(y="low:Q", y2="high:Q"),
        base.mark_circle(size=90, opacity=1).encode(y=y),
    ]
    drawn = alt.layer(*layers).properties(width=560, height=320, background="white")
    return str(vl_convert.vegalite_to_svg(drawn.to_dict(), allowed_base_urls=[]))


def main() -> None:
    """Runs the fit, prints its table and draws it."""
    parser = options(__doc__ or "")
    parser.add_argument("--models", type=Path, required=True, help="folder of the GGUF files")
    parser.add_argument("--chart", type=Path, help="SVG file to write")
    given = parser.parse_args()
    found = measure([f"{SOURCE} {N_TRAIN}"], lambda name: cell(Path(given.data), given.models), kept=given.cells)
    (one,) = found.values()
    if given.chart:
        given.chart.write_text(chart(one["rungs"]), encoding="utf-8")
    print_json(one)


if __name__ == "__main__":
    main()
