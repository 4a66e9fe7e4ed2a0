"""vLLM on a processor: batches of messages, with the instruction's cache kept and the labels' tokens alone allowed."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def prepare(threads: int) -> None:
    """Starts this script anew with what vLLM's documentation of processors recommends and reads only at the start.

    That is its own OpenMP, and TCMalloc where that is installed; zentorch it takes up by itself on AMD's processors.
    The engine stays in this process, on all cores: by default it keeps one free.

    Args:
        threads: as many as it may have.
    """
    libraries = [Path(sys.prefix) / "lib" / "libiomp5.so", *Path("/usr/lib").glob("*/libtcmalloc_minimal.so.4")]
    os.environ |= {
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_OMP_THREADS_BIND": f"0-{threads - 1}",
        "VLLM_CPU_KVCACHE_SPACE": "2",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": str(threads),
        "LD_PRELOAD": ":".join(str(path) for path in libraries if path.exists()),
    }
    os.execv(sys.executable, [sys.executable, *sys.argv, "prepared"])  # noqa: S606 - no shell is wanted


def batches(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds for `timed` messages, and the label of each, -1 for what is none; `warm` ones go before.

    Args:
        request: `model` (a folder), `before`, `labels`, `warm`, `timed`, `settings` (keywords of `LLM`).
    """
    from vllm import LLM, SamplingParams  # noqa: PLC0415

    model = LLM(
        model=request["model"],
        dtype="bfloat16",
        max_model_len=1_024,
        enable_prefix_caching=True,
        disable_log_stats=True,
        **request["settings"],
    )
    code = {token: k for k, token in enumerate(request["labels"])}
    sampling = SamplingParams(max_tokens=1, temperature=0.0, allowed_token_ids=request["labels"], detokenize=False)

    def answers(rows: list[list[int]]) -> list[int]:
        given = [{"prompt_token_ids": request["before"] + row} for row in rows]
        results = model.generate(given, sampling, use_tqdm=False)
        return [code.get(result.outputs[0].token_ids[0], -1) for result in results]

    answers(request["warm"][:1])
    answers(request["warm"])
    start = time.perf_counter()
    said = answers(request["timed"])
    return {"seconds": time.perf_counter() - start, "answers": said}


def main() -> None:
    """Answers one request."""
    if "prepared" not in sys.argv:
        prepare(len(os.sched_getaffinity(0)))
    print("\n" + json.dumps(batches(json.load(sys.stdin))), flush=True)


if __name__ == "__main__":
    main()
