"""Cells and runs: what is to be trained, and what was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.completion_spec import CompletionSpec
from suffice.records.evaluation import Cost, Evaluation
from suffice.records.free_spec import FreeSpec
from suffice.records.hosted import HostedFigures
from suffice.records.knowledge import Reads
from suffice.records.task import HostedSpec, Kind, Learned, TooLong, TrainSpec
from suffice.records.tool_spec import ToolSpec

RUN_FORMAT = 5
"""Raised when run folders change in a way that older code cannot read."""
DEFAULTS = 1
"""Raised when what a task leaves unsaid comes to mean something else: a run of before is none of now."""

LabelOutput = Literal["tokens", "head"]
CURRICULUM = "curriculum"
"""Change of a cell whose rows come in another order; behind a colon, the order: `curriculum:easy-first`."""
PROMPT, SHOTS, FORM = "prompt", "shots", "form"
"""Changes of cells in which a language model is asked another way and nothing is trained: `prompt:question`, under that
wording of the instruction; `shots:8`, untuned, with so many examples before every message; `form:held`, made to end
what it wrote with an answer in the form that is asked for, or held to the tools of each request."""
RETRIEVAL = "retrieval"
"""Change of cells in which a language model reads something else before its questions, and nothing is trained."""
CLOSED_BOOK, FOUND, GOLD_PASSAGE = f"{RETRIEVAL}:none", f"{RETRIEVAL}:found", f"{RETRIEVAL}:gold"
"""Nothing of the knowledge; the passages that are found for the question; the ones that its gold links name."""
NO_INSTRUCTION = f"{PROMPT}:none"
"""Told nothing at all: a measure of how far a model relies on being told, and no wording that a task file could set."""
TRAIN_LABELS = "train_labels"
"""Change of a cell that is fitted on repaired labels; behind a dash, the hash of what they were repaired to."""
TRAIN_TRACES = "train_traces"
"""Change of a cell that learns from no row whose trace is found wrong."""
LEARNS: Mapping[str, Learned] = {"with_trace": "trace", "answer_alone": "answer"}
"""Settings of the repair sweep that change what is learned of a right answer: `training:answer_alone`."""
REVIEWED_AS_GIVEN, REVIEWED_AS_DECIDED = "reviewed_as_given", "reviewed_as_decided"
"""Changes of a pair of cells that are fitted on reviewed rows alone, with the data's labels and with the person's;
behind a dash, the hash of the person's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One training run of the grid: everything that decides its result, and nothing else."""

    rung: str
    """Name in the ladder: `tfidf`, `smollm2-135m`."""
    base: str | None
    """Base model that the rung stands on."""
    base_fingerprint: str | None
    """Hash over the base model's weights and tokenizer."""
    label_output: LabelOutput | None
    """What a language model answers with: the one thing that may differ between cells of a rung."""
    data_sha256: str
    """Hash of the data version."""
    split_sha256: str
    """Hash of all (row id, split) pairs."""
    labels: tuple[str, ...]
    """The K labels in order."""
    instruction: str
    """As in the task file; empty for the default."""
    defaults: int
    """`DEFAULTS` of the code that made the cell: what stands for all that the task leaves open."""
    context_tokens: int
    """The most tokens of a message that a model reads."""
    too_long: TooLong
    """What becomes of longer messages."""
    train: TrainSpec
    """How it is fitted, `n_train` included."""
    split_seed: int
    """Decides which training rows are tune rows."""
    n: int | None
    """It is fitted on a nested subset of so many of the rows that the task allows; None for all of them."""
    subset_seed: int
    """Which of many nested subsets that is: apart from `seed`, so that each can be told from chance."""
    seed: int
    """Initialisation, shuffles, and the rows that `train.n_train` allows."""
    change: str | None
    """The one thing that is changed against the task, by the name of its intervention; None where nothing is."""
    probe: bool
    """Whether it is a point of a curve or of a comparison: judged in memory, and nothing is kept that could ship."""
    refit_temperature: float | None
    """None for a run that is compared; a refit on train plus validation takes over the temperature of the run that
    was chosen, since no row is left to fit one on."""
    hosted: HostedSpec | None = None
    """The endpoint of a hosted rung, of its key the name of a variable alone; None for rungs that run here."""
    answer: FreeSpec | None = None
    """What an answer is, or how calls are asked for; None where answers are labels."""
    completion: CompletionSpec | None = None
    """How completions are written; None where answers are labels."""
    reads: Reads | None = None
    """What of the knowledge stands before its questions; None for nothing."""

    @property
    def kind(self) -> Kind:
        """The kind of task that it is of."""
        if self.answer is None:
            return "classify"
        return "tools" if isinstance(self.answer, ToolSpec) else "answer"

    @property
    def change_of_labels(self) -> bool:
        """Whether it is fitted on labels that a rung repaired or a person decided, not on the data's own."""
        return self.change is not None and self.change.startswith((TRAIN_LABELS, REVIEWED_AS_DECIDED))

    @property
    def reviewed_rows_alone(self) -> bool:
        """Whether it is fitted on the training rows that a person has looked at, and on no others."""
        return self.change is not None and self.change.startswith((REVIEWED_AS_GIVEN, REVIEWED_AS_DECIDED))

    @property
    def asked_again(self) -> bool:
        """Whether a language model is asked another way on some of the rows, and nothing is trained."""
        return is_asking(self.change)

    @property
    def refit(self) -> bool:
        """Whether it is fitted on train plus validation after the choice."""
        return self.refit_temperature is not None


def is_asking(change: str | None) -> bool:
    """Whether a change is in how a language model is asked, and none of what it learned.

    Args:
        change: of a cell; None for nothing.
    """
    return change is not None and change.partition(":")[0] in {PROMPT, SHOTS, FORM, RETRIEVAL}


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """How fast a network was trained: the steps alone, without loading, choosing and checkpoints, over all starts."""

    loop_seconds: float
    """Wall time of the steps."""
    n_steps: int
    """Optimiser steps, starts that were given up apart."""
    n_parts: int
    """Parts of all steps: as many as steps without `train.accumulation`."""
    n_examples_seen: int
    """Rows that went through a step, repeats counted."""
    prefix_tokens: int
    """Tokens of the instruction, computed once in every part of a step and shared by its rows; 0 for encoders."""
    text_tokens: int
    """Tokens of all rows seen, what follows a message included."""
    needed_flops: float
    """Floating-point operations of linear layers that all steps needed: four for each frozen weight and each token that
    it multiplies, two forward and two backward; six for a weight that is trained. Attention, adapters and padding are
    left out, and so is what is computed a second time to save memory."""
    peak_flops: float
    """Operations per second of a large matrix product on this machine, in the precision of the run, measured right
    after it: what `peak_fraction` is a fraction of. It decides nothing."""
    peak_memory_bytes: int
    """Most memory that the process had resident at any time until then."""
    best_epoch: int
    """Epoch whose parameters were kept, from 0."""
    n_halvings: int
    """How often it diverged and started again at half the learning rate."""

    @property
    def examples_per_second(self) -> float:
        """Rows per second of the steps."""
        return self.n_examples_seen / self.loop_seconds

    @property
    def tokens_per_second(self) -> float:
        """Tokens that were computed per second: those of the rows, and the instruction once for each part of a step,
        since what one part computed of it is gone when the next one begins.
        """
        return (self.text_tokens + self.n_parts * self.prefix_tokens) / self.loop_seconds

    @property
    def peak_fraction(self) -> float:
        """Share of the measured peak that went into `needed_flops`."""
        return self.needed_flops / self.loop_seconds / self.peak_flops


@dataclass(frozen=True, kw_only=True, slots=True)
class Writing:
    """What a rung wrote for the rows that compare rungs."""

    n: int
    """Completions, at least 1."""
    prompt_tokens: float | None
    """Tokens of a prompt, the mean; None where nobody counted them."""
    tokens: float | None
    """Tokens that were written for a row, the mean; None where nobody counted them."""
    n_cut_off: int
    """Completions that reached the most tokens that they may have."""
    n_held: int = 0
    """Completions that had not the form that was asked for, and were brought to it."""
    n_unheld: int = 0
    """Completions that were to be, and stand as they were written, since no grammar can hold what is asked of them."""
    n_turned_away: int = 0
    """Completions that an endpoint ended by its filter, with a call of a tool, or for a reason that is not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunManifest:
    """What a run was and what it cost."""

    format: int
    """`RUN_FORMAT` of the code that wrote it."""
    name: str
    """`smollm2-135m-lora16-n1565-s7-3f2a`: rung, method, examples, seed, hash of the cell."""
    cell: Cell
    n_train: int
    """Rows fitted on, tune rows included."""
    n_tune: int
    """Rows held back for choices made while fitting; 0 where they were made by cross-validation."""
    precision: str
    """What it multiplies in: `fp64`, `fp32`, `bf16`."""
    n_threads: int
    """Threads of the run; part of what makes it repeatable."""
    versions: dict[str, str]
    """Python and the libraries that decide the result."""
    temperature: float
    """Divides the logits; fitted on validation."""
    prior: tuple[float, ...]
    """Label shares of the training rows, length K: the answer to an empty text."""
    train_accuracy: float | None
    """On up to 2,000 of its own training rows, 100 where a language model writes its answers: low means that it was not
    learned, whatever the reason. None for hosted and prompted rungs that write, which learn from no row, and where a
    model was only asked another way."""
    cost: Cost
    training: Training | None
    """How fast its network was trained; None for rungs that train none."""
    judged_on: Literal["validation", "out_of_fold"]
    """What `evaluation` was measured on."""
    evaluation: Evaluation | None
    """On the rows that compare rungs; None for a refit, which has seen them."""
    planned_memory_bytes: int | None = None
    """Most memory that it was expected to need before it was fitted; None for rungs that are not planned."""
    hosted: HostedFigures | None = None
    """What calls to an endpoint came to; None for rungs that run here."""
    tune_accuracy: float | None = None
    """Of a model that was asked another way: on the rows that a wording is chosen on, which are tune rows, or of an
    endpoint other validation rows; None where there are none."""
    kept_from: float | None = None
    """Of a prompted model: the share of what it would say, free to say anything, that is no label, in the mean over
    some of the rows; None for rungs that can say nothing else."""
    answers: CompletionEvaluation | None = None
    """The layers behind `evaluation` where answers are free text; None where they are labels, and for a refit."""
    writing: Writing | None = None
    """What writing the completions took; None where answers are labels, and for a refit."""
