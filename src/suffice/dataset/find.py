"""Which column of a file is what: as the task file names it, or found by name."""

from __future__ import annotations

from collections.abc import Sequence

from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Column, Columns, Shape, listed
from suffice.dataset.splits import split_of
from suffice.errors import MAX_SHOWN, DataError, Problem, nearest, quoted
from suffice.records.task import DataSpec

TEXT_NAMES = (
    "text", "message", "utterance", "query", "sentence", "content", "body", "question", "comment", "review",
    "description", "complaint", "narrative", "ticket", "email", "title", "subject", "input",
)  # fmt: skip
"""Names of the message's column, likeliest first."""
LABEL_NAMES = (
    "label_text", "label_name", "label", "labels", "category", "intent", "class", "topic", "tag", "target",
    "sentiment", "queue", "department", "type",
)  # fmt: skip
"""Names of the label's column, likeliest first: where a hub data set has `label` as a number and `label_text` as its
name, the name says more."""
SPLIT_NAMES = ("split", "set", "fold", "partition", "subset")
"""Names of the split's column, likeliest first."""
NO_SPLIT = "none"
"""What `data.split` says where no column is one, whatever it is called."""
PAIRS: tuple[tuple[str, str, Shape], ...] = (
    ("instruction", "response", "instruction/response pairs"),
    ("instruction", "output", "instruction/response pairs"),
    ("prompt", "completion", "prompt/completion pairs"),
)
"""Columns of text and label in fine-tuning files."""
INPUT = "input"
"""A column beside the instruction that holds what it is to be followed on."""
CHATS = "messages"
"""Key of a fine-tuning chat."""
_PEOPLE = (
    "; or where several people's labels have a column each, name these in a task file: `data.annotators: [ann, bob]`, "
    "and the label is what most of them chose"
)


def find_columns(
    data: DataSpec, *, chunk: Chunk, source: str, split_by_file: bool, keep: Sequence[str] = ()
) -> Columns:
    """Decides what is read from which column.

    Names given in the task file are followed, and a name given wrongly is never replaced by a guess. Text, label and
    split are found by name otherwise. Id, group and time are not: an id that turns out to repeat, a group that is not
    one, or a time that is not the message's would change ids and splits without anybody having asked for it.

    Args:
        data: what the task file says.
        chunk: the first rows, with all columns.
        source: the file's name, for errors.
        split_by_file: the split is known from the file's name, and no column may say otherwise.
        keep: further columns, by their exact names, whose cells are to be kept with the rows.

    Raises:
        DataError: a named column is missing, or no text or label was found.
    """
    search = _Search(data, chunk=chunk, source=source)
    annotators = search.annotators()
    shape, text, label = search.fine_tuning() or ("table", search.text(), search.label(annotators))
    id_, group, time = search.named("id"), search.named("group"), search.named("time")
    split = search.split(split_by_file=split_by_file)
    kept = search.kept(keep)
    search.keep_apart(shape, text, label, annotators)
    if search.problems or text is None or label is None:
        raise DataError(search.problems)
    return Columns(
        shape=shape,
        text=text,
        label=label,
        annotators=annotators,
        id=id_,
        group=group,
        time=time,
        split=split,
        kept=kept,
        available=tuple(chunk.columns),
        notes=tuple(search.notes),
    )


class _Search:
    """One pass over the names of a file's columns; collects problems and notes on its way."""

    def __init__(self, data: DataSpec, *, chunk: Chunk, source: str) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._data = data
        self._chunk = chunk
        self._source = source
        self._by_name = {name.strip().casefold(): name for name in reversed(list(chunk.columns))}

    def fine_tuning(self) -> tuple[Shape, Column | None, Column | None] | None:
        """Shape, text and label of a fine-tuning file; None where names or the task file say that it is a table."""
        if any(given is not None for given in (self._data.text, self._data.label, self._data.annotators)):
            return None
        if self._first(TEXT_NAMES) and self._first(LABEL_NAMES):
            return None
        for text, label, shape in PAIRS:
            if text in self._by_name and label in self._by_name:
                why = f"recognised in {shape}"
                asked = (text, INPUT) if text == "instruction" and INPUT in self._by_name else (text,)
                names = tuple(self._by_name[name] for name in asked)
                return shape, Column(names=names, why=why), Column(names=(self._by_name[label],), why=why)
        return self._chats()

    def _chats(self) -> tuple[Shape, Column | None, Column | None] | None:
        name = self._by_name.get(CHATS)
        values = self._chunk.columns[name] if name is not None else ()
        is_chat = (isinstance(value, list) and value and isinstance(value[0], dict) for value in values)
        if name is None or not any(is_chat):
            return None
        self.notes.append("system messages, and turns before the last user message, are not read")
        text = Column(names=(name,), why="the last user message of each chat")
        return "OpenAI fine-tuning chats", text, Column(names=(name,), why="the assistant's answer to it")

    def text(self) -> Column | None:
        """The column or columns of the message."""
        given = self._data.text
        if given is not None:
            return self._as_named("text", (given,) if isinstance(given, str) else given)
        subject, body = self._by_name.get("subject"), self._by_name.get("body")
        if subject is not None and body is not None and body == self._first(TEXT_NAMES):
            names = (subject, body)
            return Column(names=names, why="found by name, to be joined by a blank line")
        return self._found("text", TEXT_NAMES)

    def label(self, annotators: Column | None) -> Column | None:
        """The column of the label, or those of the annotators: what most of them chose is then the label."""
        given = self._data.label
        if given is not None:
            return self._as_named("label", (given,))
        if self._data.annotators is None:
            return self._found("label", LABEL_NAMES)
        beside = self._first(LABEL_NAMES)
        if annotators and beside is not None and beside not in annotators.names:
            self.notes.append(f"column {beside!r} is not read as the label: data.label={beside} takes it")
        return annotators and Column(
            names=annotators.names, why="what most annotators chose, a tie drawn by the message"
        )

    def annotators(self) -> Column | None:
        """The columns of the annotators, or the one that lists their labels."""
        given = self._data.annotators
        names = (given,) if isinstance(given, str) else given
        if names is None:
            return None
        if len(set(names)) < len(names):
            rule, fix = "every annotator must have a column of its own", "name each column of data.annotators once"
            self._problem(rule, got=", ".join(map(repr, names)), fix=fix)
        return self._as_named("annotators", names)

    def keep_apart(self, shape: Shape, text: Column | None, label: Column | None, annotators: Column | None) -> None:
        """Refuses one column as text and label: such a task would be solved by copying."""
        # Where the label is what most annotators chose, both have the same columns and one of them is told.
        roles = {column.names: role for role, column in (("label", label), ("annotators", annotators)) if column}
        for names, role in roles.items() if shape == "table" and text else ():
            both = [name for name in names if text and name in text.names]
            if both:
                rule, fix = f"text and {role} must be different columns", f"correct data.text or data.{role}"
                self._problem(rule, got=f"{both[0]!r} for both", fix=fix)

    def named(self, role: str) -> Column | None:
        """A column that is read only if the task file names it."""
        name = getattr(self._data, role)
        return self._as_named(role, (name,)) if name is not None else None

    def kept(self, names: Sequence[str]) -> Column | None:
        """Further columns, as slices name them."""
        for name in names:
            if name not in self._chunk.columns:
                got = f"no column {name!r}{nearest(name, self._chunk.columns)}; the columns are {self._there()}"
                rule, fix = "slices must be made by columns of the file", "correct `column` in slices"
                self._problem(rule, got=got, fix=fix)
        return Column(names=tuple(names), why="named in slices") if names else None

    def split(self, *, split_by_file: bool) -> Column | None:
        """The column of the split, unless files are splits or a column of another name holds something else.

        A column called `split` is one: were a value that is none overlooked, rows meant for the proof would be trained
        on. The other names are those of other things too.
        """
        given = self._data.split
        found = given if given not in (None, NO_SPLIT) else self._first(SPLIT_NAMES)
        if split_by_file:
            beside = f", and column {found!r} is not read" if found is not None else ""
            self.notes.append(f"split: each file is one{beside}")
            return None
        if given == NO_SPLIT:
            beside = f": column {found!r} is not read" if found is not None else ""
            self.notes.append(f"split: made here (data.split={NO_SPLIT}){beside}")
            return None
        if given is not None:
            return self._as_named("split", (given,))
        if found is None:
            return None
        values = self._chunk.columns[found]
        if found == self._by_name.get("split") or any(split_of(value) for value in values):
            return Column(names=(found,), why="found by name")
        held = next((value for value in values if value not in (None, "")), None)
        self.notes.append(f"column {found!r} is not read as a split: it holds {quoted(held)}")
        return None

    def _first(self, names: Sequence[str]) -> str | None:
        return next((self._by_name[name] for name in names if name in self._by_name), None)

    def _found(self, role: str, names: Sequence[str]) -> Column | None:
        candidates = [self._by_name[name] for name in names if name in self._by_name]
        if not candidates:
            got = f"no name that says so; the columns are {self._there()}"
            fix = f"say which one it is: --{role} COLUMN with init, data.{role}=COLUMN with fit"
            people = _PEOPLE if role == "label" else ""
            self._problem(f"a column must hold the {role}", got=got, fix=f"{fix}{people}")
            return None
        if len(candidates) > 1:
            others = listed(candidates[1:])
            why = f"{role} is read from {candidates[0]!r}; {others} could be it too: data.{role}=COLUMN takes another"
            self.notes.append(why)
        return Column(names=(candidates[0],), why="found by name")

    def _as_named(self, role: str, names: Sequence[str]) -> Column | None:
        rule, fix = f"data.{role} must name a column of the file", f"correct data.{role}"
        if not names:
            self._problem(rule, got="an empty list", fix=fix)
        found = [name if name in self._chunk.columns else self._by_name.get(name.strip().casefold()) for name in names]
        for name, column in zip(names, found, strict=True):
            if column is None:
                got = f"no column {name!r}{nearest(name, self._chunk.columns)}; the columns are {self._there()}"
                self._problem(rule, got=got, fix=fix)
        whole = tuple(name for name in found if name is not None)
        return Column(names=whole, why="named in the task file") if whole else None

    def _there(self) -> str:
        """The columns there are, as many as a person reads."""
        names = list(self._chunk.columns)
        more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
        return ", ".join(map(repr, names[:MAX_SHOWN])) + more

    def _problem(self, rule: str, *, got: str, fix: str) -> None:
        self.problems.append(Problem(where=self._source, rule=rule, got=got, fix=fix))
