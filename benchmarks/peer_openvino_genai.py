"""OpenVINO GenAI: batches of messages through its continuous batching, with the instruction's cache kept.

A folder is converted once by optimum-intel, as the guide of OpenVINO GenAI recommends. Every message is answered with
one token.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai

CACHE_GB = 2


def converted(folder: Path, *, weights: str) -> Path:
    """The model as OpenVINO reads it, beside its folder.

    Args:
        folder: config, tokenizer and weights.
        weights: number format that optimum-intel is told to keep them in: `fp16`, `int8`.
    """
    into = folder.with_name(f"{folder.name}-openvino-{weights}")
    if not into.exists():
        part = into.with_suffix(".part")
        command = [Path(sys.executable).parent / "optimum-cli", "export", "openvino", "--model", folder]
        task = ["--task", "text-generation-with-past", "--weight-format", weights]
        subprocess.run([*command, *task, part], check=True, stdout=sys.stderr)
        part.rename(into)
    return into


def _pipeline(request: dict[str, Any]) -> Any:
    settings = request["settings"]
    scheduler = genai.SchedulerConfig()
    scheduler.cache_size = CACHE_GB
    scheduler.enable_prefix_caching = True
    scheduler.max_num_batched_tokens = settings["batched_tokens"]
    scheduler.max_num_seqs = settings["rows"]
    model = converted(Path(request["model"]), weights=settings["weights"])
    properties = {"INFERENCE_NUM_THREADS": request["threads"]} | settings["properties"]
    return genai.ContinuousBatchingPipeline(str(model), scheduler, "CPU", properties)


def _config() -> Any:
    config = genai.GenerationConfig()
    config.max_new_tokens = 1
    config.do_sample = False
    config.ignore_eos = True
    return config


def batches(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds for `timed` messages, and the label of each, -1 for what is none; `warm` ones go before.

    Args:
        request: `model` (a folder), `threads`, `before`, `labels`, `warm`, `timed`, `settings`.
    """
    pipeline, config = _pipeline(request), _config()
    code = {token: k for k, token in enumerate(request["labels"])}

    def answers(rows: list[list[int]]) -> list[int]:
        given = [ov.Tensor(np.array([request["before"] + row], dtype=np.int64)) for row in rows]
        results = pipeline.generate(given, [config] * len(rows))
        return [code.get(int(result.m_generation_ids[0][0]), -1) for result in results]

    answers(request["warm"][:1])
    answers(request["warm"])
    start = time.perf_counter()
    said = answers(request["timed"])
    return {"seconds": time.perf_counter() - start, "answers": said}


def main() -> None:
    """Answers one request."""
    print(json.dumps(batches(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
