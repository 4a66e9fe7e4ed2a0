"""`task.yaml` and `key=value` options to a Task, or everything that is wrong with them, each at its line."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from suffice.errors import Problem, TaskError, nearest
from suffice.records.task import Kind, Task
from suffice.store.files import write_text
from suffice.store.marked_yaml import KeyPath, Mark, MarkedValue, read_yaml
from suffice.store.task_problems import task_problems

EXCLUSIVE: Mapping[KeyPath, str] = {("target", "at_least"): "within", ("target", "within"): "at_least"}
"""A key given as an option, and the key beside it in the file that it then takes the place of."""
KIND: KeyPath = ("kind",)
SHORT: Mapping[KeyPath, str] = {("knowledge",): "path"}
"""A section that may be written as one value, and the key that the value then is."""
CAN_BE_DONE: Mapping[Kind, str] = {
    "answer": "fit it: suffice fit {task}; score what a system answered: suffice evaluate {task} --completions "
    "FILE.jsonl; or look through the data: suffice audit {task}",
    "tools": "fit it: suffice fit {task}; score what a system called: suffice evaluate {task} --completions "
    "FILE.jsonl; or look through the data: suffice audit {task}",
    "classify": "fit it: suffice fit {task}; then suffice evaluate RUN scores a run of it",
}
"""What there is to do with a task of each kind."""
LABELLED: tuple[Kind, ...] = ("classify",)
"""The kind of task whose answers are labels."""
COMPLETED: tuple[Kind, ...] = ("answer", "tools")
"""The kinds whose answers are free text."""
FITTED: tuple[Kind, ...] = (*LABELLED, *COMPLETED)
"""The kinds of task that can be fitted."""
COMMENT_WIDTH = 110
"""Characters in a comment line of a task file that is written."""


class _Dumper(yaml.SafeDumper):
    """Writes line ends and other marks in double quotes: in single ones PyYAML reads U+0085 back as a space."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"'
    ),
)


def load_task(path: Path, *, overrides: Sequence[str] = (), kinds: Collection[Kind] = LABELLED) -> Task:
    """Reads a task file and sets what the options say.

    Args:
        path: the task file.
        overrides: `key=value` with dotted keys and values in YAML: `train.epochs=3`, `labels=[a, b]`. A later one
            wins. `target.within` takes the place of the file's `target.at_least`, and the reverse.
        kinds: the kinds of task that whoever asks can do something with.

    Raises:
        TaskError: all that is wrong with the file and the options, or a task of another kind.
    """
    marked = read_yaml(_text(path), where=lambda line: f"{path.name}:{line}")
    if not isinstance(marked.value, dict):
        got = "an empty file" if marked.value is None else f"a {type(marked.value).__name__}"
        fix = "write `name:`, `data:` and `target:`, or let `suffice init FILE` do it"
        raise TaskError(Problem(where=path.name, rule="the task file must hold keys with values", got=got, fix=fix))
    _override(marked, overrides)
    try:
        task = Task.model_validate(marked.value)
    except ValidationError as error:
        raise TaskError(task_problems(error, marks=marked.marks, file=path.name)) from error
    if task.kind not in kinds:
        where = marked.marks[KIND].where if KIND in marked.marks else path.name
        rule = f"this command is for tasks whose kind is {' or '.join(kinds)}"
        fix = CAN_BE_DONE[task.kind].format(task=path)
        raise TaskError(Problem(where=where, rule=rule, got=f"kind: {task.kind}", fix=fix))
    return task


def write_task(path: Path, task: Task, *, comments: Mapping[str, str]) -> None:
    """Writes a task file for a person to read and change: only the keys that were set, each under its comment.

    Args:
        path: the file, which must not be there yet.
        task: what to write.
        comments: dotted key to what is said above it; the empty key heads the file. A comment on a key that is not
            set is left out with it.

    Raises:
        TaskError: the file is there.
        StorageError: the folder cannot be written.
    """
    if path.exists():
        fix = f"go on with it: `suffice fit {shlex.quote(str(path))}`; or remove it to begin anew"
        got = "a task file that somebody may have changed"
        raise TaskError(Problem(where=str(path), rule="an existing file is not overwritten", got=got, fix=fix))
    values = task.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    lines = _comment(comments.get("", ""))
    for key, value in values.items():
        lines += ["", *_comment(comments.get(key, ""))] if lines else _comment(comments.get(key, ""))
        lines += _section(key, value, comments) if isinstance(value, dict) else [_dumped(key, value)]
    write_text(path, "\n".join(lines) + "\n")


def task_yaml(task: Task) -> str:
    """The task as YAML, everything that was set and nothing else: `load_task` reads it back.

    Args:
        task: the task, options applied.
    """
    values = task.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def _text(path: Path) -> str:
    """The file's text.

    Raises:
        TaskError: it is missing or cannot be read.
    """
    rule, fix = "the task file must be readable text in UTF-8", "let `suffice init FILE` write one"
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        beside = [one.name for one in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        got = f"no file {str(path)!r}{nearest(path.name, beside)}"
        fix = "correct the path, or let `suffice init FILE` write a task file"
    except OSError as error:
        got, fix = error.strerror or str(error), "give a file that you may read"
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        got, fix = f"byte 0x{error.object[error.start]:02x} in line {line}", "save it as UTF-8"
    raise TaskError(Problem(where=path.name, rule=rule, got=got, fix=fix))


def _override(marked: MarkedValue, overrides: Sequence[str]) -> None:
    """Sets options in the file's values and marks.

    Raises:
        TaskError: every option that is not `key=value`, has no YAML as its value, or goes below what is no section.
    """
    problems: list[Problem] = []
    given: set[KeyPath] = set()
    for option in overrides:
        try:
            given.add(_set(marked, option, given=given))
        except TaskError as error:
            problems.extend(error.problems)
    if problems:
        raise TaskError(problems)


def _set(marked: MarkedValue, option: str, *, given: set[KeyPath]) -> KeyPath:
    """Sets one option and returns its key; `given` are the keys of the options before it.

    Raises:
        TaskError: the option cannot be read.
    """
    key, equals, text = option.partition("=")
    if not equals or not key.strip("."):
        fix = "write it as train.epochs=3"
        raise TaskError(Problem(where=option, rule="an option must be key=value", got=repr(option), fix=fix))
    value = read_yaml(text, where=lambda _: option)
    *above, last = path = tuple(key.strip().split("."))
    section = _section_of(marked, path[:-1], option=option)
    section[last] = value.value
    marked.marks[path] = Mark(where=option, written=None)
    marked.marks.update({(*path, *below): mark for below, mark in value.marks.items()})
    other = EXCLUSIVE.get(path)
    if other and (*above, other) not in given and value.value is not None:
        section.pop(other, None)
    return path


def _section_of(marked: MarkedValue, path: tuple[str, ...], *, option: str) -> dict[str, object]:
    """The section that an option's key stands in, made where the file has none.

    Raises:
        TaskError: what stands there is a value.
    """
    section = marked.value
    for n, name in enumerate(path, start=1):
        assert isinstance(section, dict), "checked a step earlier"
        section[name] = {} if section.get(name) is None else section[name]
        if path[:n] in SHORT and isinstance(section[name], str):
            section[name] = {SHORT[path[:n]]: section[name]}
        section = section[name]
        marked.marks.setdefault(path[:n], Mark(where=option, written=None))
        if not isinstance(section, dict):
            dotted = ".".join(path[:n])
            got, fix = f"{dotted!r} with the value {section!r}", f"write {dotted}=VALUE"
            raise TaskError(Problem(where=option, rule="an option's key must be below a section", got=got, fix=fix))
    assert isinstance(section, dict), "the file is a mapping"
    return section


def _section(key: str, values: Mapping[str, object], comments: Mapping[str, str]) -> list[str]:
    lines = [f"{key}:"]
    for name, value in values.items():
        said = _comment(comments.get(f"{key}.{name}", ""))
        lines.append(textwrap.indent("\n".join([*said, _dumped(name, value)]), "  "))
    return lines if values else []


def _comment(text: str) -> list[str]:
    return [f"# {line}" for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, COMMENT_WIDTH)]


def _dumped(key: str, value: object) -> str:
    text: str = yaml.dump({key: value}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=COMMENT_WIDTH)
    return text.rstrip("\n")
