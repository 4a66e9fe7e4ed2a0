"""Which column of a file is what: as the task file names it, or found by name."""

from __future__ import annotations

from collections.abc import Sequence

from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Column, Columns, Shape
from suffice.dataset.search import Search, has_earlier_turns
from suffice.errors import DataError
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
_SAY = "say which one it is: --{role} COLUMN with init, data.{role}=COLUMN with fit"
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


class _Search(Search):
    """Columns of messages and labels."""

    def fine_tuning(self) -> tuple[Shape, Column | None, Column | None] | None:
        """Shape, text and label of a fine-tuning file; None where names or the task file say that it is a table."""
        if any(given is not None for given in (self.data.text, self.data.label, self.data.annotators)):
            return None
        if self.first(TEXT_NAMES) and self.first(LABEL_NAMES):
            return None
        for text, label, shape in PAIRS:
            if text in self.by_name and label in self.by_name:
                why = f"recognised in {shape}"
                asked = (text, INPUT) if text == "instruction" and INPUT in self.by_name else (text,)
                names = tuple(self.by_name[name] for name in asked)
                return shape, Column(names=names, why=why), Column(names=(self.by_name[label],), why=why)
        return self._chats()

    def _chats(self) -> tuple[Shape, Column | None, Column | None] | None:
        name = self.by_name.get(CHATS)
        values = self.chunk.columns[name] if name is not None else ()
        is_chat = (isinstance(value, list) and value and isinstance(value[0], dict) for value in values)
        if name is None or not any(is_chat):
            return None
        if any(has_earlier_turns(value) for value in values):
            self.notes.append("system messages, and turns before the last user message, are not read")
        text = Column(names=(name,), why="the last user message of each chat")
        return "OpenAI fine-tuning chats", text, Column(names=(name,), why="the assistant's answer to it")

    def text(self) -> Column | None:
        """The column or columns of the message."""
        given = self.data.text
        if given is not None:
            return self.as_named("text", (given,) if isinstance(given, str) else given)
        subject, body = self.by_name.get("subject"), self.by_name.get("body")
        if subject is not None and body is not None and body == self.first(TEXT_NAMES):
            names = (subject, body)
            return Column(names=names, why="found by name, to be joined by a blank line")
        return self.found("text", TEXT_NAMES, fix=_SAY.format(role="text"))

    def label(self, annotators: Column | None) -> Column | None:
        """The column of the label, or those of the annotators: what most of them chose is then the label."""
        given = self.data.label
        if given is not None:
            return self.as_named("label", (given,))
        if self.data.annotators is None:
            return self.found("label", LABEL_NAMES, fix=_SAY.format(role="label") + _PEOPLE)
        beside = self.first(LABEL_NAMES)
        if annotators and beside is not None and beside not in annotators.names:
            self.notes.append(f"column {beside!r} is not read as the label: data.label={beside} takes it")
        return annotators and Column(
            names=annotators.names, why="what most annotators chose, a tie drawn by the message"
        )

    def annotators(self) -> Column | None:
        """The columns of the annotators, or the one that lists their labels."""
        given = self.data.annotators
        names = (given,) if isinstance(given, str) else given
        if names is None:
            return None
        if len(set(names)) < len(names):
            rule, fix = "every annotator must have a column of its own", "name each column of data.annotators once"
            self.problem(rule, got=", ".join(map(repr, names)), fix=fix)
        return self.as_named("annotators", names)

    def keep_apart(self, shape: Shape, text: Column | None, label: Column | None, annotators: Column | None) -> None:
        """Refuses one column as text and label: such a task would be solved by copying."""
        # Where the label is what most annotators chose, both have the same columns and one of them is told.
        roles = {column.names: role for role, column in (("label", label), ("annotators", annotators)) if column}
        for names, role in roles.items() if shape == "table" and text else ():
            both = [name for name in names if text and name in text.names]
            if both:
                rule, fix = f"text and {role} must be different columns", f"correct data.text or data.{role}"
                self.problem(rule, got=f"{both[0]!r} for both", fix=fix)
