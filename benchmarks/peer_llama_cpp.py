"""llama.cpp, through llama-cpp-python: batches of messages, or one message after the other.

Batches use its own interface as its examples `batched` and `parallel` do: the instruction is decoded once, its cache
is shared with every sequence, and a batch is one call of `llama_decode`. One message uses `create_completion`, which
finds the longest prefix that is in its cache, under a grammar of the labels; or without the grammar, whose sampler
looks at the whole vocabulary for every token, as many greedy tokens as it is told.
"""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import groupby, islice
from typing import Any

import llama_cpp as lib
import numpy as np

LONGEST_ROW = 256
"""Tokens of one message for which room is kept."""


class Sequences:
    """A context in which every sequence begins with the same instruction."""

    def __init__(self, request: dict[str, Any]) -> None:
        """
        Args:
            request: `model`, `before`, `labels`, `threads`, and `settings` (`rows`, `ubatch`, `unified`, `flash`).
        """
        settings = request["settings"]
        self.before, self.labels, self.rows = request["before"], np.array(request["labels"]), settings["rows"]
        lib.llama_backend_init()
        self.model = lib.llama_model_load_from_file(request["model"].encode(), lib.llama_model_default_params())
        self.n_vocab = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self.model))
        self.context = lib.llama_init_from_model(self.model, self._parameters(settings, threads=request["threads"]))
        self.memory = lib.llama_get_memory(self.context)
        self.batch = lib.llama_batch_init(self.rows * LONGEST_ROW, 0, 1)
        self._decode([(token, at, 0, False) for at, token in enumerate(self.before)])
        for sequence in range(1, self.rows + 1):
            lib.llama_memory_seq_cp(self.memory, 0, sequence, -1, -1)

    def _parameters(self, settings: dict[str, Any], *, threads: int) -> Any:
        room = len(self.before) + LONGEST_ROW
        given = lib.llama_context_default_params()
        given.n_seq_max = self.rows + 1
        given.n_ctx = len(self.before) + self.rows * LONGEST_ROW if settings["unified"] else (self.rows + 1) * room
        given.n_batch, given.n_ubatch = self.rows * LONGEST_ROW, settings["ubatch"]
        given.n_outputs_max = self.rows + 1
        given.n_threads = given.n_threads_batch = threads
        given.kv_unified = settings["unified"]
        given.flash_attn_type = int(settings["flash"])
        return given

    def answers(self, rows: list[list[int]]) -> list[int]:
        """Codes of the labels that it answers with.

        Args:
            rows: tokens of each message, at most as many as there are sequences.
        """
        tokens, last = [], []
        for sequence, row in enumerate(rows, start=1):
            tokens += [(token, len(self.before) + at, sequence, at == len(row) - 1) for at, token in enumerate(row)]
            last.append(len(tokens) - 1)
        self._decode(tokens)
        said = [int(self._logits(at)[self.labels].argmax()) for at in last]
        for sequence in range(1, len(rows) + 1):
            lib.llama_memory_seq_rm(self.memory, sequence, len(self.before), -1)
        return said

    def _logits(self, at: int) -> Any:
        return np.ctypeslib.as_array(lib.llama_get_logits_ith(self.context, at), shape=(self.n_vocab,))

    def _decode(self, tokens: list[tuple[int, int, int, bool]]) -> None:
        batch = self.batch
        batch.n_tokens = len(tokens)
        for i, (token, position, sequence, wanted) in enumerate(tokens):
            batch.token[i], batch.pos[i] = token, position
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
            batch.logits[i] = wanted
        if (code := lib.llama_decode(self.context, batch)) != 0:
            raise RuntimeError(f"llama_decode gave {code}")


def batches(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds for `timed` messages, and the label of each; `warm` ones go before.

    Args:
        request: see `Sequences`; and `warm`, `timed`.
    """
    sequences = Sequences(request)
    sequences.answers(request["warm"][: sequences.rows])
    rows = request["timed"]
    start = time.perf_counter()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    said: dict[int, int] = {}
    for at in range(0, len(order), sequences.rows):
        some = order[at : at + sequences.rows]
        said |= dict(zip(some, sequences.answers([rows[i] for i in some]), strict=True))
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "answers": [said[i] for i in range(len(rows))]}


def one(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds of every message, and how many tokens it wrote.

    Args:
        request: `model`, `threads`, `flash`, `prompts` (token ids), and either `names` (what it may write) and `most`
            tokens of it, or `lengths` (how many tokens it writes each time).
    """
    model = lib.Llama(
        request["model"],
        n_ctx=1_024,
        n_threads=request["threads"],
        n_threads_batch=request["threads"],
        flash_attn=request["flash"],
        verbose=False,
    )
    names = request.get("names")
    grammar = lib.LlamaGrammar.from_string(f"root ::= {choices(names)}", verbose=False) if names else None
    seconds, written = [], []
    for i, ids in enumerate(request["prompts"]):
        start = time.perf_counter()
        if grammar is None:
            n = len(list(islice(model.generate(ids, temp=0.0), request["lengths"][i])))
        else:
            answer = model.create_completion(ids, max_tokens=request["most"], temperature=0.0, grammar=grammar)
            n = answer["usage"]["completion_tokens"]
        seconds.append(time.perf_counter() - start)
        written.append(n)
    return {"seconds": seconds, "new_tokens": written}


def choices(names: list[str]) -> str:
    """One of the names, in llama.cpp's notation; beginnings are written once, which its sampler is quicker with.

    Args:
        names: different ones.
    """
    shared = os.path.commonprefix(names)  # noqa: RUF071 - signs are wanted, not parts of a path
    if len(names) == 1:
        return json.dumps(shared)
    rests = sorted(name[len(shared) :] for name in names)
    options = [choices(list(same)) for _, same in groupby(rests, key=lambda rest: rest[:1])]
    return f"{json.dumps(shared)} ({' | '.join(options)})" if shared else f"({' | '.join(options)})"


def main() -> None:
    """Answers one request."""
    request = json.load(sys.stdin)
    print(json.dumps({"batches": batches, "one": one}[request["what"]](request)))


if __name__ == "__main__":
    main()
