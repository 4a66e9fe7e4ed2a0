"""vLLM on a processor: batches of messages, with the instruction's cache kept and the labels' tokens alone allowed."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def batches(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds for `timed` messages, and the label of each, -1 for what is none; `warm` ones go before.

    Args:
        request: `folder`, `threads`, `before`, `labels`, `warm`, `timed`, `settings` (keywords of `LLM`).
    """
    # The engine stays in this process, on all cores: by default it keeps one free.
    os.environ |= {
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_OMP_THREADS_BIND": f"0-{request['threads'] - 1}",
        "VLLM_CPU_KVCACHE_SPACE": "2",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
    }
    from vllm import LLM, SamplingParams  # noqa: PLC0415

    model = LLM(
        model=request["folder"],
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
    print("\n" + json.dumps(batches(json.load(sys.stdin))), flush=True)


if __name__ == "__main__":
    main()
