"""A file of completions to records, or every line that is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from suffice.dataset.cells import Fault, id_of, text_of
from suffice.dataset.files import locate
from suffice.dataset.problems import Problems, raise_any
from suffice.errors import DataError, Problem, nearest
from suffice.records.answers import Completion, Question
from suffice.records.progress import Progress
from suffice.records.task import DataSpec

ID, TEXT, REASONS = "id", "completion", ("stop_reason", "finish_reason")
"""Keys of a line; others are not read."""
MAX_COMPARED = 1_000
"""Ids among which the nearest to an unknown one is looked for."""


def read_completions(path: Path, *, progress: Progress) -> tuple[Completion, ...]:
    """Reads what a system wrote, one JSON object a line: `{"id": ..., "completion": ...}`.

    Args:
        path: the file.
        progress: told of long steps.

    Raises:
        DataError: the file cannot be read or is empty, and every line that is no completion.
    """
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        got = f"no such file{nearest(path.name, beside)}"
        fix = "correct the path: it is relative to where the command was started"
        raise DataError(Problem(where=str(path), rule="the completions must be there", got=got, fix=fix))
    (file,) = locate(DataSpec(path=str(path.absolute())), folder=path.parent, progress=progress)
    problems, read, places = Problems(file.name, unit=file.format.unit), list[Completion](), dict[str, str]()
    with progress.step(f"reading {file.name}", total=path.stat().st_size) as advance:
        for chunk in file.format.read(path, wanted=None, problems=problems, advance=advance):
            for at, place in enumerate(chunk.places):
                try:
                    completion = _completion({name: values[at] for name, values in chunk.columns.items()})
                    _check_once(completion.id, problems.where(place), places=places)
                except Fault as fault:
                    problems.add(place, fault.rule, got=fault.got, fix=fault.fix)
                else:
                    read.append(completion)
    raise_any([problems])
    if not read:
        fix = 'give a file with a line {"id": ..., "completion": ...} for each row'
        raise DataError(Problem(where=file.name, rule="the file must have completions", got="no line", fix=fix))
    return tuple(read)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """Rows that were to be answered, each beside what was written for it."""

    questions: tuple[Question, ...]
    """Rows with a completion, in the order of the data."""
    completions: tuple[Completion, ...]
    """Theirs, in the same order."""
    n_missing: int
    """Rows that were to be answered and have none."""

    def only(self, ids: Collection[str]) -> Answered:
        """The same of some rows alone; the others count as missing.

        Args:
            ids: of the rows that stay.
        """
        pairs = [pair for pair in zip(self.questions, self.completions, strict=True) if pair[0].id in ids]
        return Answered(
            questions=tuple(question for question, _ in pairs),
            completions=tuple(completion for _, completion in pairs),
            n_missing=self.n_missing + len(self.questions) - len(pairs),
        )


def answered(
    questions: Sequence[Question], completions: Sequence[Completion], *, name: str, allow_missing: bool
) -> Answered:
    """Puts completions beside the questions that were to be answered.

    Where the data brings splits, those rows are meant whose split has at least one completion; otherwise all.

    Args:
        questions: all rows of the data.
        completions: in any order.
        name: of their file.
        allow_missing: leave out rows without a completion instead of refusing.

    Raises:
        DataError: completions of rows that there are not, or rows without one.
    """
    ids = _names_of(questions)
    _must_be_known(questions, completions, ids, name=name)
    given: dict[str, Completion] = {}
    for one in completions:
        other = given.setdefault(ids[one.id], one)
        if other is not one:
            got = f"{other.id!r} and {one.id!r} are one row"
            fix = "take one of them out"
            raise DataError(Problem(where=name, rule="a row must have one completion", got=got, fix=fix))
    splits = {question.split for question in questions if question.id in given}
    meant = [question for question in questions if question.split in splits]
    missing = [question.id for question in meant if question.id not in given]
    if missing and not allow_missing:
        got = f"none for {len(missing):,} of {len(meant):,} rows, such as {missing[0]!r}"
        fix = "add them (an empty completion where nothing was answered), or leave these rows out: --allow-missing"
        raise DataError(Problem(where=name, rule="every row must have a completion", got=got, fix=fix))
    found = tuple(question for question in meant if question.id in given)
    return Answered(
        questions=found,
        completions=tuple(replace(given[question.id], id=question.id) for question in found),
        n_missing=len(missing),
    )


def _names_of(questions: Sequence[Question]) -> dict[str, str]:
    """Every name of a row to its id: the id itself; its number from 0 where nobody gave the rows of one file ids."""
    names = {question.id: question.id for question in questions}
    made = all(question.id.startswith(f"{question.source}:{question.row}:") for question in questions)
    if made and len({question.source for question in questions}) == 1:
        names |= {str(question.row): question.id for question in questions}
    return names


def _must_be_known(
    questions: Sequence[Question], completions: Sequence[Completion], known: Collection[str], *, name: str
) -> None:
    """Refuses ids that no row has.

    Raises:
        DataError: there are some.
    """
    unknown = [one.id for one in completions if one.id not in known]
    if unknown:
        shown = nearest(unknown[0], [question.id for question in questions[:MAX_COMPARED]])
        got = f"{len(unknown):,} that no row has, such as {unknown[0]!r}{shown}; the first row's is {questions[0].id!r}"
        fix = "correct them, or name the column that holds them: data.id"
        raise DataError(Problem(where=name, rule="every id must be that of a row", got=got, fix=fix))


def _completion(line: Mapping[str, object]) -> Completion:
    """One line.

    Raises:
        Fault: id or completion is missing or of another type.
    """
    for key in (ID, TEXT):
        if line.get(key) is None:
            told = nearest(key, [name for name, value in line.items() if value is not None and name not in (ID, TEXT)])
            got = f"no {key!r}{told}"
            raise Fault("every line must have an id and a completion", got=got, fix=f"add the key {key!r}")
    reason = next((line[key] for key in REASONS if line.get(key) is not None), None)
    if reason is not None and not isinstance(reason, str):
        raise Fault(
            "the reason to stop must be text", got=repr(reason), fix="write it as the system says it, or leave it out"
        )
    return Completion(id=id_of(line[ID]), text=_text(line[TEXT]), stop_reason=reason)


def _text(value: object) -> str:
    try:
        return text_of(value)
    except Fault as fault:
        raise Fault(
            f"the completion {fault.rule}", got=fault.got, fix="give it as a string, an empty one for nothing"
        ) from None


def _check_once(id_: str, where: str, *, places: dict[str, str]) -> None:
    """Refuses a second completion of one row.

    Raises:
        Fault: an earlier line has the id.
    """
    first = places.setdefault(id_, where)
    if first != where:
        raise Fault("a row must have one completion", got=f"{id_!r}, the id of {first} too", fix="take one of them out")
