"""`task.yaml` as a record: what the job is, where its data lies, what is good enough, what to try."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from suffice.records.answer_spec import AnswerSpec
from suffice.records.completion_spec import CompletionSpec
from suffice.records.free_spec import FreeSpec
from suffice.records.knowledge_spec import KnowledgeSpec
from suffice.records.labels import OUTCOMES, LabelSet
from suffice.records.section import Section, broken_rule
from suffice.records.tool_spec import ToolSpec

TooLong = Literal["error", "head", "head_tail"]
BaseWeights = Literal["full", "4bit"]
Fraction = Annotated[float, Field(gt=0.0, lt=1.0)]
Kind = Literal["classify", "answer", "tools"]
Learned = Literal["trace", "answer"]
"""What is learned of a right answer: all of it with what leads there, or the answer alone."""
WrongTraces = Literal["keep", "leave_out"]
"""What becomes of a row whose trace is found wrong: a step that is, or a last one that does not come to the answer."""
DEFAULT_LADDER = ("majority", "tfidf", "embed", "encoder", "smollm2-135m")
DEFAULT_LADDERS: Mapping[Kind, tuple[str, ...]] = {
    "classify": DEFAULT_LADDER,
    "answer": ("majority", "embed", "smollm2-135m", "smollm2-135m@prompted"),
    "tools": ("majority", "embed", "smollm2-135m", "smollm2-135m@prompted"),
}
"""The rungs that are climbed where the task names none."""


class DataSpec(Section):
    """Where the rows are and what their columns mean."""

    path: str | None = None
    """A file (CSV, TSV, JSONL, JSON, Parquet) or a hub data set id, with a split column or without."""
    train: str | None = None
    """A file of training rows, instead of `path`."""
    validation: str | None = None
    """A file of validation rows, beside `train`."""
    test: str | None = None
    """A file of test rows, beside `train`."""
    text: str | tuple[str, ...] | None = None
    """Column of the message, or several (subject, body) to be joined; found by name when absent."""
    label: str | None = None
    """Column of the label, or of the right answer; found by name when absent, or what most annotators chose where those
    are named."""
    trace: str | None = None
    """Column of the trace that leads to the right answer, for `kind: answer`; found by name when absent."""
    context: str | None = None
    """Column of what is given to answer from, for `kind: answer`; a column `context` is found by name when absent."""
    links: str | None = None
    """Column of gold links, for `knowledge`: what names the passages that answer the question (their files, the ids of
    their rows, or their own), one or a list; empty where a row has none."""
    annotators: str | tuple[str, ...] | None = None
    """Columns of one annotator's label each, empty where that person gave none; or one column of lists of labels."""
    id: str | None = None
    """Column of a unique row id; made from source, row and text when absent."""
    group: str | None = None
    """Column of a customer or thread that must not span splits."""
    time: str | None = None
    """Column of an ISO 8601 date or time; with it, test is the latest part."""
    split: str | None = None
    """Column of the split; found by name when absent; `none` where splits are to be made here all the same."""
    out_of_scope: str | None = None
    """Label of messages that are none of the task's: no rung learns it; `calibrate` sets by them what is outside."""
    version: str = "latest"
    """`raw` (as read), `latest`, or the beginning of a data version's name or hash."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.train is None):
            raise ValueError("give either data.path or data.train, and exactly one of them")
        if self.path is not None and (self.validation or self.test):
            raise ValueError("data.validation and data.test go with data.train, not with data.path")
        return self


class SplitSpec(Section):
    """How rows are divided where the data does not bring it."""

    seed: int = 0
    """Keys the hash that places a group; `--seed` never moves a row."""


class TargetSpec(Section):
    """What is good enough. `at_least` and `within` exclude each other."""

    at_least: Fraction | None = None
    """The least value of `metric` that suffices, a fraction."""
    metric: Literal["accuracy", "macro_f1"] = "accuracy"
    within: Fraction | None = None
    """How far below the best rung is still as good, a fraction (0.02 is two points)."""
    recall: dict[str, Fraction] = Field(default_factory=dict)
    """The least recall of single labels that matter."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.at_least is None) == (self.within is None):
            raise ValueError("give either target.at_least or target.within, and exactly one of them")
        return self


class TrainSpec(Section):
    """How a rung is fitted. Each key applies to the rungs that know it."""

    n_train: Annotated[int, Field(gt=0)] | None = None
    """Use at most this many training rows, tune rows included; nested: a larger number keeps the smaller one's rows."""
    n_train_causal: Annotated[int, Field(gt=0)] | None = None
    """As `n_train`, for language models alone: they are the rungs for which rows cost minutes."""
    refit: bool = True
    """Refit cheap rungs on train plus validation after the choice."""
    epochs: Annotated[int, Field(gt=0)] | None = None
    """Passes over the training rows; by default chosen by length of run, early stop below it."""
    batch_size: Annotated[int, Field(gt=0)] | None = None
    """Rows per optimiser step."""
    accumulation: Annotated[int, Field(gt=0)] | None = None
    """Parts in which the rows of a step are computed, one after another: less memory, the same step."""
    gradient_checkpointing: bool = False
    """Language models keep no more of a layer than what went into it, and compute it again for its gradient."""
    base: BaseWeights = "full"
    """Weights of a language model that is tuned: as they are, or packed in four bits (QLoRA; needs bitsandbytes)."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Peak learning rate."""
    rank: Annotated[int, Field(gt=0)] = 16
    """LoRA rank (`r` in PEFT)."""
    alpha: Annotated[float, Field(gt=0)] = 32.0
    """LoRA scale (`lora_alpha` in PEFT); the update is scaled by alpha / rank."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """LoRA dropout."""
    rslora: bool = False
    """Rank-stabilised LoRA: the update is scaled by alpha / sqrt(rank) (`use_rslora` in PEFT)."""
    curriculum: Literal["random", "easy-first"] = "random"
    """The order in which networks see rows: by chance, or their first pass from easy rows to hard ones."""
    difficulty: Literal["loss", "length"] = "loss"
    """What makes a row hard under `easy-first`: its loss out of fold under the `tfidf` rung, or its characters."""
    target: Learned = "trace"
    """What a language model that is tuned on answers learns to write: the trace, where a row has one, and the answer
    behind it, or the answer alone."""
    wrong_traces: WrongTraces = "keep"
    """Whether a language model that is tuned on answers learns from rows whose trace is found wrong."""
    shots: Annotated[int, Field(ge=0)] = 0
    """Labelled examples that a prompted rung is shown before every message, at most so many as there are."""
    label_output: Literal["auto", "tokens", "head"] = "auto"
    """What a language model answers with: one vocabulary token per label, a trained head, or the better of both."""
    strength: Annotated[float, Field(gt=0)] | None = None
    """Inverse strength of regularisation of cheap rungs (`C` in scikit-learn); chosen on tune rows when absent."""
    max_features: Annotated[int, Field(gt=0)] | None = None
    """N-grams of each sort that `tfidf` keeps, the commonest first; all when absent."""
    encoder: str = "minilm-l6"
    """The model behind `embed` and `encoder`: a catalogue name, hub id or folder."""

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        # Not by which keys were set: a record that was written and read back has all of them set.
        if self.curriculum == "random" and self.difficulty != "loss":
            raise ValueError("train.difficulty goes with train.curriculum=easy-first: by chance, no row is hard")
        return self


def _named(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise PydanticCustomError("endpoint_name", "must begin with a letter or digit and go on with those, - and _")
    return name


def _variable(name: str) -> str:
    # Capitals alone, so that hardly any key that was pasted here passes for a name and is told to somebody.
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
        raise PydanticCustomError("variable_name", "must be the name of an environment variable, in capitals")
    return name


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise PydanticCustomError("endpoint_address", "must be an address such as https://api.example.com/v1")
    if parts.username is not None or parts.password is not None:
        raise PydanticCustomError("endpoint_address", "must be an address without a name or password in it")
    return url.rstrip("/")


Money = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class PriceSpec(Section):
    """What an endpoint charges for a million tokens, in any one currency."""

    input: Money
    """Of what is sent."""
    output: Money
    """Of what is answered."""


class HostedSpec(Section):
    """A model behind an OpenAI-compatible endpoint; nothing is sent to it unless its rung is named."""

    base_url: Annotated[str, AfterValidator(_address)]
    """Address of the endpoint, without `/chat/completions`."""
    model: Annotated[str, Field(min_length=1)]
    """Name of the model there."""
    api_key_env: Annotated[str, AfterValidator(_variable)] | None = None
    """Name of the environment variable that holds the key, never the key itself; None where none is needed."""
    price_per_million: PriceSpec
    """Price of a million tokens."""
    max_cost: Money
    """The most that may be spent on this endpoint in one output folder, in the currency of the price."""
    repeats: Annotated[int, Field(ge=1)] = 1
    """Calls per message, to see whether the answer stays the same; the first one is scored."""
    repeat_rows: Annotated[int, Field(ge=1)] = 50
    """Messages that are asked repeatedly, where `repeats` is above 1."""
    timeout_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    """How long an answer is waited for."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    """Calls at a time."""
    max_rows: Annotated[int, Field(ge=1)] = 500
    """Validation messages that are asked."""
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = 0.0
    """Of sampling; 0 for the likeliest answer, None to send none, for models that take none."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """Of what is drawn, one more for each repeated call; None to send none, for models that take none."""
    answer_tokens: Annotated[int, Field(ge=1)] | None = None
    """The most tokens of an answer, those of its reasoning included; enough for the longest label when absent."""


ReportTo = Literal["none", "tensorboard", "mlflow", "wandb", "trackio"]


class AuditSpec(Section):
    """What a person has looked at and decided to let pass."""

    allow: tuple[str, ...] = ()
    """Codes of stop findings to go on with: `[rare_label]`."""


class CostSpec(Section):
    """What things cost: plans are held against each other by it."""

    per_label: Annotated[float, Field(ge=0)] = 0.10
    """Money for one new labelled message, or for one that is looked at again."""
    per_step: Annotated[float, Field(ge=0)] = 1.0
    """Money for a person to carry out one step of a plan, its labels apart: nothing is done for nothing."""
    per_hour: Annotated[float, Field(ge=0)] = 0.10
    """Money for an hour of the machine that trains and answers."""
    messages: Annotated[int, Field(gt=0)] = 1_000_000
    """Messages that will be answered: what the cost of answering counts by."""
    currency: str = "USD"
    """What money is written in."""


class SliceSpec(Section):
    """Rows that have one thing in common. Exactly one of `label`, `column` and `words` says what."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    label: str | tuple[str, ...] | None = None
    """Labels: the rows that have one of them."""
    column: str | None = None
    """Column of the data, read for the slice: the rows whose cell is one of `is`."""
    is_: Annotated[str | tuple[str, ...] | None, Field(alias="is")] = None
    """What the cells of `column` say, as text."""
    words: tuple[int | None, ...] | None = None
    """Words of the message: at least the first number and fewer than the second; null for either is without end."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(given is not None for given in (self.label, self.column, self.words)) != 1:
            raise ValueError("a slice is given by exactly one of label, column and words")
        if (self.column is None) != (self.is_ is None):
            raise ValueError("a slice by column needs both column and is")
        if () in (self.label, self.is_):
            raise ValueError("a slice must name at least one label, or one value that the column is")
        if self.words is not None and not _rises(self.words):
            raise ValueError("words must be two numbers from fewer to more: [0, 10] holds messages of 0 to 9 words")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels asked for; empty for a slice by something else."""
        return (self.label,) if isinstance(self.label, str) else self.label or ()

    @property
    def values(self) -> tuple[str, ...]:
        """What a cell of `column` may say; empty for a slice by something else."""
        return (self.is_,) if isinstance(self.is_, str) else self.is_ or ()


class LedgerSpec(Section):
    """What becomes of answers that are written down."""

    keep_days: Annotated[int, Field(ge=1)] | None = None
    """Days for which a server keeps answers in the ledger; for ever when absent."""


NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""What names folders, columns of reports and models that are served."""
SliceName = Annotated[str, Field(pattern=NAME)]


def _rises(words: tuple[int | None, ...]) -> bool:
    """Whether it is a range of numbers of words, open at either end."""
    if len(words) != 2:
        return False
    low, high = (0 if words[0] is None else words[0]), words[1]
    return low >= 0 and (high is None or high > low)


class Task(Section):
    """The whole task file."""

    name: Annotated[str, Field(pattern=NAME)]
    """Names folders and the report."""
    kind: Kind = "classify"
    """`classify`: a label of a closed set; `answer`: free text that ends in an answer which can be checked;
    `tools`: calls of tools, or none."""
    instruction: str = ""
    """What a language model is told before every message; made from the labels or the answer's form when empty."""
    answer: AnswerSpec = AnswerSpec()
    """What the answers of `kind: answer` are and in which form they are asked for."""
    tools: ToolSpec = ToolSpec()
    """In which form the calls of `kind: tools` are asked for."""
    completion: CompletionSpec = CompletionSpec()
    """How completions are written, where answers are free text or calls."""
    knowledge: KnowledgeSpec | None = None
    """Documents that answers can stand on, for `kind: answer`."""
    data: DataSpec
    split: SplitSpec = SplitSpec()
    labels: tuple[str, ...] | None = None
    """The closed label set in order; every label of the data when absent."""
    target: TargetSpec
    ladder: tuple[str, ...] = Field(default_factory=lambda task: DEFAULT_LADDERS[task.get("kind", "classify")])
    """Rungs to climb; they are fitted in order of cost."""
    too_long: TooLong = "head_tail"
    """What becomes of a text beyond the model's context: an error, its head, or head and tail; flagged on its row."""
    context_tokens: Annotated[int, Field(ge=16)] = 512
    """The most tokens of a message that a model reads, within its own limit."""
    train: TrainSpec = TrainSpec()
    report_to: ReportTo = "none"
    """An experiment tracker that gets losses and rates of networks while they are trained; some send them elsewhere."""
    audit: AuditSpec = AuditSpec()
    cost: CostSpec = CostSpec()
    ledger: LedgerSpec = LedgerSpec()
    """What a server does with the answers of this task's bundles."""
    slices: dict[SliceName, SliceSpec] = Field(default_factory=dict)
    """Kinds of rows that every run is also judged on apart, by name."""
    hosted: dict[Annotated[str, AfterValidator(_named)], HostedSpec] = Field(default_factory=dict)
    """Endpoints by name: `hosted:NAME` in the ladder is the rung that asks one."""

    @field_validator("slices", mode="after")
    @classmethod
    def _names_apart(cls, slices: dict[str, SliceSpec]) -> dict[str, SliceSpec]:
        first: dict[str, str] = {}
        for name in slices:
            other = first.setdefault(name.casefold(), name)
            if other != name:
                raise ValueError(f"slices must have names that differ in more than case: {other} and {name} do not")
        return slices

    @model_validator(mode="after")
    def _outside_is_no_label(self) -> Self:
        if self.labels is not None and self.data.out_of_scope in self.labels:
            fix = f"take {self.data.out_of_scope} out of labels: no rung learns it, and its rows say what is outside"
            raise broken_rule("data.out_of_scope must be none of labels", keys=("data.out_of_scope",), fix=fix)
        return self

    @model_validator(mode="after")
    def _keys_of_its_kind(self) -> Self:
        # By values, not by which keys were set: a record that was written and read back has all of them set.
        unfit = [*self._unfit_here(), *(self._unfit_for_free_text() if self.kind != "classify" else [])]
        if unfit:
            rule = f"kind: {self.kind} has no use for {', '.join(unfit)}"
            raise broken_rule(rule, keys=tuple(unfit), fix="take out what it names, or correct kind")
        return self

    @model_validator(mode="after")
    def _links_into_something(self) -> Self:
        if self.data.links is not None and self.knowledge is None:
            rule = "data.links names passages of the knowledge, and there is none: knowledge: docs/"
            raise broken_rule(rule, keys=("data.links",), fix="name the knowledge, or take links out")
        return self

    def _unfit_here(self) -> list[str]:
        """Keys of another kind."""
        kinds: dict[str, tuple[bool, tuple[Kind, ...]]] = {
            "answer": (self.answer != AnswerSpec(), ("answer",)),
            "completion": (self.completion != CompletionSpec(), ("answer", "tools")),
            "data.trace": (self.data.trace is not None, ("answer",)),
            "data.context": (self.data.context is not None, ("answer",)),
            "knowledge": (self.knowledge is not None, ("answer", "tools")),
            "train.target": (self.train.target != "trace", ("answer",)),
            "train.wrong_traces": (self.train.wrong_traces != "keep", ("answer",)),
            "tools": (self.tools != ToolSpec(), ("tools",)),
        }
        return [key for key, (is_given, of) in kinds.items() if is_given and self.kind not in of]

    def _unfit_for_free_text(self) -> list[str]:
        given = {
            "labels": self.labels is not None,
            "slices": bool(self.slices),
            "target.metric": self.target.metric != "accuracy",
            "target.recall": bool(self.target.recall),
            "data.annotators": self.data.annotators is not None,
            "data.out_of_scope": self.data.out_of_scope is not None,
            "data.text": self.kind == "tools" and self.data.text is not None,
            "data.time": self.data.time is not None,
        }
        return [key for key, is_given in given.items() if is_given]

    def label_set(self, found: Iterable[str]) -> LabelSet:
        """The closed label set; of a task whose answers are free text, what may become of one: wrong or right.

        Args:
            found: labels of the rows, repeats allowed.
        """
        if self.kind != "classify":
            return OUTCOMES
        outside = self.data.out_of_scope
        return LabelSet(names=self.labels) if self.labels else LabelSet.of(one for one in found if one != outside)

    @property
    def free(self) -> FreeSpec | None:
        """What free answers are and how they are asked for; None where answers are labels."""
        return {"classify": None, "answer": self.answer, "tools": self.tools}[self.kind]

    @property
    def sliced_columns(self) -> tuple[str, ...]:
        """Columns of the data that slices are made by, each once."""
        return tuple(dict.fromkeys(spec.column for spec in self.slices.values() if spec.column is not None))
