"""Which small models call tools that they have never seen, and what tuning and a grammar bring.

Rows are BFCL's `simple_python`, `live_simple` and `irrelevance`, each with one tool, divided anew: requests whose tools
have one name stay together, six in ten such groups are trained on, and the others are judged, so that no tool of a
judged row was seen. Ways of a model: `prompted` and `tuned` write freely; `prompted-held` and `tuned-held` are
held to the tool of each row, and those whose schema no grammar holds stand as they were written. Below them stand the
commonest calls and those of the most alike request.

Asked for: a gain of the tuned over the prompted model, no invented tool under the schema, and half as many calls made
where none is right. A cell that was cut off goes on at the row where it was.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from numpy.typing import NDArray

from suffice.evaluate.completions import judged_calls
from suffice.kinds.calls.rows import gold_calls, read_row
from suffice.kinds.tools import render
from suffice.records.answers import Submission
from suffice.records.completion import Completion, Decoding
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.records.tool_calls import ToolRequest
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.answering import AnswerData, AnswerSettings, EndsInForm, FittedAnswerRung, without_gold
from suffice.rungs.ladder import PROMPTED, base_of, describe
from suffice.store.completions import CompletionFile
from suffice.store.files import replacing_folder

FILE = "bfcl_single_turn/bfcl_single_turn.jsonl"
CATEGORIES = ("simple_python", "live_simple", "irrelevance")
TRAIN_SHARE, TUNE_SHARE = 0.6, 0.1
CHEAP = ("majority", "embed")
WAYS = ("prompted", "prompted-held", "tuned", "tuned-held")
SPEC = ToolSpec()


@dataclass(frozen=True, kw_only=True, slots=True)
class Divided:
    """The rows of the benchmark."""

    train: tuple[ToolRequest, ...]
    tune: NDArray[np.int64]
    """Positions in `train` of the rows that an epoch is chosen on."""
    judged: tuple[ToolRequest, ...]
    groups: NDArray[np.int64]
    """Group of each judged row: those whose tools have one name."""
    category: dict[str, str]
    """By id."""


def divided(rows: Sequence[dict[str, Any]], *, seed: int, n_train: int | None, n_judged: int | None) -> Divided:
    """Groups of tools to two sides, by chance.

    Args:
        rows: of the data set.
        seed: of the order of groups.
        n_train: the most rows to train on; None for all.
        n_judged: the most rows to judge; None for all.
    """
    kept = [row for row in rows if row["category"] in CATEGORIES]
    requests = [_request(row, number) for number, row in enumerate(kept)]
    group_of = _groups(requests)
    order = np.random.default_rng(seed).permutation(group_of.max() + 1)
    rank = np.argsort(order)[group_of]
    trained = rank < round(TRAIN_SHARE * len(order))
    writable = np.array([gold_calls(one.example.accepted) is not None for one in requests])
    drawn = np.random.default_rng(seed).permutation(len(requests))
    train = [k for k in drawn.tolist() if trained[k] and writable[k]][:n_train]
    judged = [k for k in drawn.tolist() if not trained[k]][:n_judged]
    # Whole groups are kept for choosing the epoch as well.
    of_tune = rank < round(TUNE_SHARE * TRAIN_SHARE * len(order))
    return Divided(
        train=tuple(requests[k] for k in train),
        tune=np.flatnonzero(of_tune[train]),
        judged=tuple(requests[k] for k in judged),
        groups=group_of[judged],
        category={row["id"]: row["category"] for row in kept},
    )


def cell(name: str, rows: Divided, given: argparse.Namespace) -> Measured:
    """Figures of one cell.

    Args:
        name: a rung's, of a language model the way behind a blank, and behind `@` the settings.
        rows: of the benchmark.
        given: the options.
    """
    model, _, way = name.rpartition(" @")[0].partition(" ")
    rung_name = model if model in CHEAP or way.startswith("tuned") else f"{model}{PROMPTED}"
    out, settings = given.cells.with_suffix(""), name.rpartition("@")[2]
    folder = out / f"{rung_name.replace('/', '_')}@{settings}"
    rung = _fitted(rung_name, rows, given, folder=folder)
    asked = list(map(without_gold, rows.judged))
    decoding, kept = Decoding(max_new_tokens=given.max_tokens), CompletionFile(out / f"{folder.name}.jsonl")
    written = rung.completions(asked, decoding=decoding, kept=kept)
    unheld: tuple[str, ...] = ()
    if way.endswith("-held"):
        assert isinstance(rung, EndsInForm), "language models are held to a form"
        unheld = rung.unheld(asked, written)
        written = rung.held_to_form(asked, written, decoding=decoding, kept=kept)
    return figures(rows, written, unheld=unheld) | {"train_seconds": rung.train_seconds, "n_train": len(rows.train)}


def figures(rows: Divided, written: Sequence[Completion], *, unheld: Sequence[str]) -> Measured:
    """How often calls are right, of which tool they are, and whether any is made where none is right.

    Args:
        rows: of the benchmark.
        written: of the judged rows, in their order.
        unheld: ids of rows that no grammar can hold.
    """
    told = [Submission(id=one.id, text=one.text, stop_reason=one.stop_reason) for one in written]
    found = judged_calls(rows.judged, told, rows.groups, spec=SPEC, seed=0, done=lambda n: None)
    of_category = {
        category: found.where(lambda row, category=category: rows.category[row.id] == category)
        for category in CATEGORIES
    }
    right = {
        category: found.share_or_why(found.verified, of=chosen, without="no row was judged")
        for category, chosen in of_category.items()
        if chosen.any()
    }
    verified = found.share(found.verified)
    return {
        "n": len(told),
        "accuracy": _rounded(verified.share),
        "interval": [_rounded(verified.interval.low), _rounded(verified.interval.high)],
        "accuracy_by_category": {name: [share.of, _rounded(share.share)] for name, share in right.items()},
        "invented_tools": sum(row.class_ == "invented_tool" for row in found.rows),
        "calls_when_none_right": sum(row.class_ == "called_when_none_right" for row in found.rows),
        "n_unheld": len(unheld),
        "invented_tools_among_unheld": sum(row.class_ == "invented_tool" and row.id in unheld for row in found.rows),
        "cut_off": sum(row.truncated for row in found.rows),
        "tokens": _rounded(sum(one.n_tokens for one in written) / len(written)),
        "waterfall": {name: n for name in found.classes if (n := sum(row.class_ == name for row in found.rows))},
    }


def main() -> None:
    """Prints every cell's figures as JSON."""
    parser = options(__doc__ or "", cells=Path("bench-out/tools_ladder.jsonl"))
    parser.add_argument("--models", nargs="*", default=["smollm2-135m", "qwen2.5-0.5b"], help="base models")
    parser.add_argument("--ways", nargs="*", default=WAYS, choices=WAYS, help="of every model")
    parser.add_argument("--encoder", default=TrainSpec().encoder, help="what `embed` stands on")
    parser.add_argument("--seed", type=int, default=0, help="of the division, the training and the draws")
    parser.add_argument("--n-train", type=int, help="the most rows to train on")
    parser.add_argument("--n-judged", type=int, help="the most rows to judge")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--max-tokens", type=int, default=160, help="of a completion")
    given = parser.parse_args()
    lines = (Path(given.data) / FILE).read_text(encoding="utf-8").splitlines()
    rows = divided(list(map(json.loads, lines)), seed=given.seed, n_train=given.n_train, n_judged=given.n_judged)
    names = [*CHEAP, *(f"{model} {way}" for model in given.models for way in given.ways)]
    settings = f"{given.seed}-{given.n_train}-{given.n_judged}-{given.epochs}-{given.max_tokens}"
    found = measure(
        [f"{name} @{settings}" for name in names],
        lambda name: cell(name, rows, given),
        kept=given.cells,
    )
    print_json(found)


def _request(row: dict[str, Any], number: int) -> ToolRequest:
    example = read_row(row, where=row["id"])
    text = render(example.messages).strip()
    return ToolRequest(id=row["id"], source=FILE, row=number, text=text, example=example, group=None, split=None)


def _groups(requests: Sequence[ToolRequest]) -> NDArray[np.int64]:
    """Codes from 0: requests of these categories have one tool each, and those with one name are one group."""
    assert all(len(one.example.tools) == 1 for one in requests), "each row has one tool"
    return np.unique([one.example.tools[0].name for one in requests], return_inverse=True)[1]


def _fitted(name: str, rows: Divided, given: argparse.Namespace, *, folder: Path) -> FittedAnswerRung:
    """The rung, as its folder has it where it was fitted before."""
    kind = describe(name).load_answer_class("tools")
    train = TrainSpec(epochs=given.epochs, encoder=given.encoder)
    if not folder.exists():
        trains = describe(name).trains
        data = AnswerData(questions=rows.train, tune=rows.tune if trains and len(rows.tune) else None)
        settings = AnswerSettings(
            seed=given.seed,
            train=train,
            instruction="",
            answer=SPEC,
            context_tokens=512,
            too_long="head_tail",
        )
        rung = kind.fit(
            data,
            settings,
            base=base_of(name, train) or "",
            checkpoints=folder.with_name(f"{folder.name}.checkpoints"),
            progress=SILENT,
        )
        with replacing_folder(folder) as part:
            rung.save(part)
        return rung
    return kind.load(folder, base_folder=None)


def _rounded(value: float) -> float:
    return round(value, 4)


if __name__ == "__main__":
    main()
