"""Verdicts of `bfcl-eval`, for a Python that has it: JSON Lines in, JSON Lines out. It imports nothing of ours.

In: `{"category", "tools", "accepted", "text", "syntax"}`, syntax `json` or `python`. Out: the same with
`valid` and `why`, so that a file of cases is brought up to date by being read and written.

The module that lists BFCL's models imports the client of every vendor; its one entry that the checker reads stands in
for it here. To make the environment:

    python -m venv bfcl
    bfcl/bin/pip install --no-deps bfcl-eval==2026.3.23 filelock python-dotenv tenacity \
        tree_sitter==0.21.3 tree-sitter-java==0.21.0 tree-sitter-javascript==0.21.4
"""

from __future__ import annotations

import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

MODEL = "any"
models = ModuleType("bfcl_eval.constants.model_config")
models.MODEL_CONFIG_MAPPING = {MODEL: SimpleNamespace(underscore_to_dot=False)}  # type: ignore[attr-defined]
sys.modules[models.__name__] = models

from bfcl_eval.constants.enums import Language  # noqa: E402
from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker  # noqa: E402
from bfcl_eval.model_handler.utils import default_decode_ast_prompting  # noqa: E402
from bfcl_eval.utils import is_empty_output, is_function_calling_format_output  # noqa: E402


def verdict(case: dict[str, Any]) -> dict[str, Any]:
    """What BFCL's runner says of one completion: decoding, the check of its form, and the checker of syntax trees."""
    try:
        calls = _decoded(case["text"], case["syntax"])
    except Exception as error:
        return {"valid": not case["accepted"], "why": f"decoder: {type(error).__name__}"}
    if not case["accepted"]:
        return {"valid": is_empty_output(calls), "why": "irrelevance"}
    if not is_function_calling_format_output(calls):
        return {"valid": False, "why": "format"}
    found = ast_checker(case["tools"], calls, case["accepted"], Language.PYTHON, case["category"], MODEL)
    return {"valid": found["valid"], "why": found.get("error_type", "")}


def _decoded(text: str, syntax: str) -> Any:
    """As BFCL's handler of prompted models does, or as those do that are given `tool_calls`."""
    if syntax == "python":
        return default_decode_ast_prompting(text)
    return [{call["name"]: call["arguments"]} for call in json.loads(text)]


if __name__ == "__main__":
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps(case | verdict(case), ensure_ascii=False))
