"""One cell to one value of a row, or what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from suffice.dataset.splits import SPLITS, split_of
from suffice.errors import nearest, quoted

MAX_ANSWER_WORDS = 12
"""An answer of a fine-tuning file with more words is a text that was written, not a label that was chosen. Ours: the
longest label of Banking77, CLINC150 and the CFPB's products has ten words ("Credit reporting, credit repair services,
or other personal consumer reports")."""

ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Fault(ValueError):
    """What is wrong with one cell."""

    def __init__(self, rule: str, *, got: str, fix: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.got = got
        self.fix = fix


def text_of(value: object) -> str:
    """The message. An empty one is text: whether it may stay is for the audit to say.

    Raises:
        Fault: null, no string, or characters that no file in UTF-8 can hold.
    """
    if type(value) is not str:
        raise Fault("must be text", got=_kind(value), fix="give the message as a string, or take the row out")
    return _writable(value)


def joined_text(values: Sequence[object]) -> str:
    """The message from several cells, joined by a blank line; cells that are null or empty are left out.

    Raises:
        Fault: all are null, or one is no string.
    """
    parts = [value for value in values if value is not None]
    if not parts:
        raise Fault("must be text", got="null in every column", fix="give the message, or take the row out")
    return "\n\n".join(text for text in map(text_of, parts) if text)


def label_of(value: object) -> str:
    """The label as written; whole numbers and truth values become their text as JSON writes it.

    Raises:
        Fault: nothing there, or no single value.
    """
    if type(value) is str and not value.isspace() and value:
        return _writable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    fix = "give every row one label as text, or take the row out"
    if isinstance(value, float):
        fix = "write the label as text, or as a whole number"
    raise Fault("must be one label", got=_kind(value), fix=fix)


def each_label(values: Sequence[object], *, needed: bool) -> list[str]:
    """The annotators' labels of a row, one cell each; cells that are null or empty are left out.

    Args:
        values: one cell for each annotator.
        needed: the row's own label is made of them.

    Raises:
        Fault: a cell is no single label, or none is there and one is needed.
    """
    labels = [label_of(value) for value in values if value is not None and value != ""]
    if needed and not labels:
        fix = "have the row labelled, take it out, or name the column of its label with data.label"
        raise Fault("must have labelled every row whose label is what most of them chose", got="no label", fix=fix)
    return labels


def listed_labels(value: object, *, needed: bool) -> list[str]:
    """The annotators' labels of a row from one cell that lists them; null or empty lists none.

    Args:
        value: a list, or a list as JSON writes it where the file has text alone.
        needed: the row's own label is made of them.

    Raises:
        Fault: no list, one of something else than labels, or none is there and one is needed.
    """
    listed = listed_of(value)
    if listed is None or listed == "":
        listed = []
    if not isinstance(listed, list):
        fix = 'write it as ["refund", "delivery"], or name one column for each annotator'
        raise Fault("must be a list of labels", got=_kind(value), fix=fix)
    return each_label(listed, needed=needed)


def answer_of(value: object) -> str:
    """The label of a fine-tuning pair or chat: an answer short enough to be one.

    Raises:
        Fault: no label, several lines, or a sentence.
    """
    label = label_of(value).strip()  # Completions are often written with a blank in front.
    if len(label.split()) > MAX_ANSWER_WORDS or "\n" in label:
        rule = f"must be one line of at most {MAX_ANSWER_WORDS} words, to be one of a closed set of labels"
        fix = "shorten the answers to labels, or name another column with data.label"
        raise Fault(rule, got=quoted(label), fix=fix)
    return label


def chat_of(value: object) -> tuple[str, str]:
    """The last user message of a chat and the assistant's answer to it.

    Raises:
        Fault: the chat does not end with a user message in text and a short answer.
    """
    turns = [turn for turn in value if isinstance(turn, Mapping)] if isinstance(value, list) else []
    roles = [turn.get("role") for turn in turns]
    if len(roles) < 2 or roles[-2:] != ["user", "assistant"]:
        got = f"roles {quoted(roles)}" if roles else _kind(value)
        fix = 'write {"messages": [{"role": "user", "content": ...}, {"role": "assistant", "content": ...}]}'
        raise Fault("must end with a user message and the assistant's answer", got=got, fix=fix)
    return text_of(turns[-2].get("content")), answer_of(turns[-1].get("content"))


def asked_in(value: object) -> str:
    """The last user message of a chat that nobody need have answered yet.

    Raises:
        Fault: no chat, or none with a user message in text.
    """
    turns = [turn for turn in value if isinstance(turn, Mapping)] if isinstance(value, list) else []
    asked = [turn.get("content") for turn in turns if turn.get("role") == "user"]
    if not asked:
        fix = 'write {"messages": [{"role": "user", "content": ...}]}'
        raise Fault("must have a user message", got=_kind(value), fix=fix)
    return text_of(asked[-1])


def id_of(value: object) -> str:
    """The row's own id as text.

    Raises:
        Fault: nothing there, or neither text nor a whole number.
    """
    if type(value) is str and value:
        return _writable(value)
    if type(value) is int:
        return str(value)
    fix = "give every row an id, or take data.id out of the task file: ids are then made"
    raise Fault("must be text or a whole number", got=_kind(value), fix=fix)


def group_of(value: object) -> str | None:
    """The customer or thread; null or empty is a group of the row's own.

    Raises:
        Fault: neither text nor a whole number.
    """
    if value is None or value == "":
        return None
    if type(value) is str:
        return _writable(value)
    if type(value) is int:
        return str(value)
    raise Fault("must be text or a whole number", got=_kind(value), fix="write customer or thread as text")


def kept_cells(values: Sequence[object]) -> list[str | None]:
    """Cells of the columns that slices are made by; those that are null or empty are None.

    Raises:
        Fault: a cell is neither text nor a whole number nor a truth value.
    """
    return [None if value is None or value == "" else _kept_cell(value) for value in values]


def time_of(value: object) -> str:
    """A date or time in ISO 8601, written so that the order of the strings is the order in time.

    Times with an offset are brought to UTC; those without are taken to be in it. Numbers are not guessed to be seconds
    since 1970: they may as well be milliseconds, days, or 20240131.

    Raises:
        Fault: no date.
    """
    moment = _moment(value)
    if moment is None:
        fix = "write it as 2024-01-31 or 2024-01-31T09:30:00Z"
        raise Fault("must be an ISO 8601 date or time", got=_kind(value), fix=fix)
    return moment.isoformat()


def split_name_of(value: object) -> str:
    """The split that the data brings.

    Raises:
        Fault: no split's name.
    """
    split = split_of(value)
    if split is None:
        got = f"{_kind(value)}{nearest(value, SPLITS) if isinstance(value, str) else ''}"
        fix = "correct it; or name the split's column with data.split; or rename this one if it is none"
        raise Fault("must be train, validation, calibration or test", got=got, fix=fix)
    return split


def _moment(value: object) -> date | None:
    """A date, or a time in UTC where it says its offset; None for anything else."""
    moment = value if isinstance(value, date) else None
    try:
        if isinstance(value, str) and ISO_DATE.match(value.strip()):
            words = value.strip()
            moment = date.fromisoformat(words) if len(words) == 10 else datetime.fromisoformat(words)
        return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo is not None else moment
    except (ValueError, OverflowError):
        return None


def listed_of(value: object) -> object:
    """A cell that should hold a list, read from its text where the file has text alone."""
    return _from_json(value) if isinstance(value, str) else value


def _from_json(text: str) -> object:
    """What a text says as JSON, or the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _kept_cell(value: object) -> str:
    if type(value) is str:
        return _writable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    rule, fix = "must be text or a whole number", "write it as text, or make no slice by this column"
    raise Fault(rule, got=_kind(value), fix=fix)


def _writable(value: str) -> str:
    """The string itself, if UTF-8 can hold it.

    Raises:
        Fault: a NUL, or half of a surrogate pair, as JSON escapes can write them.
    """
    if "\0" in value:
        raise Fault("must not contain a NUL", got=quoted(value), fix="remove \\u0000 from it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        got = f"half of a surrogate pair: {value[error.start]!a}"
        raise Fault("must be Unicode text", got=got, fix="remove it, or write both halves of the character") from None
    return value


def _kind(value: object) -> str:
    """A value as shown to the person, with what it is where that is not plain."""
    if value is None:
        return "null, or nothing there"
    kinds = {list: "a list", dict: "an object", float: "a number", bytes: "bytes"}
    return f"{kinds[type(value)]}: {quoted(value)}" if type(value) in kinds else quoted(value)
