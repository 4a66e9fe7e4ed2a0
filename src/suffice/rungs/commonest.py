"""The commonest right answer, whatever the question: what every other rung that answers freely must beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from suffice.errors import DataError, Problem
from suffice.kinds.answer import render_answer
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question
from suffice.records.completion import Completion, Decoding
from suffice.records.progress import Progress
from suffice.rungs.answering import AnswerData, AnswerSettings, AnyAsked, AnyRow
from suffice.rungs.interface import Size
from suffice.store import strict_json
from suffice.store.completions import Kept
from suffice.store.strict_json import digest


def looked_up(
    asked: Sequence[AnyAsked], texts: Sequence[str], *, kept: Kept, done: Callable[[int], None]
) -> list[Completion]:
    """Completions of a rung that looks its answers up: nothing was generated, and no tokens are counted.

    Args:
        asked: questions.
        texts: what each is answered.
        kept: where completions are kept.
        done: told the completions that have come.
    """
    found = []
    for one, text in zip(asked, texts, strict=True):
        completion = Completion(id=one.id, text=text, n_prompt_tokens=0, n_tokens=0, stop_reason="end", seconds=0.0)
        key = digest([one.id, one.text, text])
        if kept.find(key) is None:
            kept.add(key, completion)
        found.append(completion)
    done(len(found))
    return found


class Commonest:
    """One answer."""

    base = None
    training = None
    precision = "none"

    def __init__(self, text: str, *, train_seconds: float) -> None:
        """
        Args:
            text: the answer in the form that is asked for.
            train_seconds: wall time of fitting.
        """
        self._text, self.train_seconds = text, train_seconds

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> Commonest:
        """Counts answers as they are written; of equally common ones the first in the data.

        Raises:
            DataError: there is no row.
        """
        del base, checkpoints, progress
        start = perf_counter()
        require_questions(data.questions)
        assert isinstance(settings.answer, AnswerSpec), "answers have a form of their own"
        rows = [row for row in data.questions if isinstance(row, Question)]
        ((answer, _),) = Counter(row.gold.answer for row in rows).most_common(1)
        text = render_answer(Gold(answer=answer, trace=None), settings.answer).strip()
        return cls(text, train_seconds=perf_counter() - start)

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> Commonest:
        """Reads the answer."""
        del base_folder
        return cls(strict_json.read(folder / "answer.json", str), train_seconds=0.0)

    def completions(
        self,
        asked: Sequence[AnyAsked],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """The same for every question."""
        del decoding
        return looked_up(asked, [self._text] * len(asked), kept=kept, done=done)

    def save(self, folder: Path) -> None:
        """Writes the answer."""
        strict_json.write(folder / "answer.json", self._text)

    def size(self) -> Size:
        """The answer's bytes."""
        return Size(base_bytes=0, adapter_bytes=len(self._text.encode()))


def require_questions(rows: Sequence[AnyRow]) -> None:
    """Refuses to fit on nothing.

    Args:
        rows: with what is right.

    Raises:
        DataError: there is none.
    """
    if not rows:
        fix = "label more questions, or raise train.n_train"
        raise DataError(Problem(where="train", rule="a rung is fitted on questions", got="none", fix=fix))
