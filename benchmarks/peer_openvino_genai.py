"""OpenVINO GenAI: batches of messages through its continuous batching, with the instruction's cache kept.

The model is read from GGUF, and every message is answered with one token. Structured output holds the answer to
strings, so that a token that only begins one may be given: it counts as no label.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai

CACHE_GB = 2


def _pipeline(request: dict[str, Any]) -> Any:
    settings = request["settings"]
    scheduler = genai.SchedulerConfig()
    scheduler.cache_size = CACHE_GB
    scheduler.enable_prefix_caching = True
    scheduler.max_num_batched_tokens = settings["batched_tokens"]
    scheduler.max_num_seqs = settings["rows"]
    properties = {"INFERENCE_NUM_THREADS": request["threads"]} | settings["properties"]
    return genai.ContinuousBatchingPipeline(request["model"], scheduler, "CPU", properties)


def _config(request: dict[str, Any]) -> Any:
    config = genai.GenerationConfig()
    config.max_new_tokens = 1
    config.do_sample = False
    config.ignore_eos = True
    if request["settings"]["structured"]:
        config.structured_output_config = genai.StructuredOutputConfig(regex="|".join(request["strings"]))
    return config


def batches(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds for `timed` messages, and the label of each, -1 for what is none; `warm` ones go before.

    Args:
        request: `model`, `threads`, `before`, `labels` and their `strings`, `warm`, `timed`, `settings`.
    """
    pipeline, config = _pipeline(request), _config(request)
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
