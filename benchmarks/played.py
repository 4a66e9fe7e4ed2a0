"""Stand-ins for language models in planted cases: what one can do is set, and everything around it is the product's.

A player is a folder that passes for a base model: `player.json` says what it can do, `book.jsonl` what it is asked
about. Under `playing()` the rungs `FOLDER` (tuned) and `FOLDER@prompted` are played; their climb, askings, form,
wordings, curves and costs go the way of every other rung. What it answers depends on nothing but the player, the
question, what it is told, and the rows that it was trained on, so that any action can be carried out on any rows.

How a tuned one learns: every question needs one skill of many, a few of them common, most rare; a skill is learned once
enough right rows of it were seen, and rows with wrong answers are learned just as well. Curves then fall as powers.

Source: Michaud et al. (2023), The Quantization Model of Neural Scaling, NeurIPS 36, section 2, for skills that come in
    order of how common they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
from answer_pools import Known, read_book, write_book
from safetensors.numpy import save_file

from suffice.base_models import locate
from suffice.kinds.answer import default_instruction, judge, parse, render_answer, up_to_form
from suffice.records.answer_spec import PLACE, AnswerSpec
from suffice.records.answers import Gold
from suffice.records.completion import Completion, Decoding
from suffice.records.progress import SILENT, Progress
from suffice.records.run import Training
from suffice.rungs import ladder
from suffice.rungs.answering import AnswerData, AnswerSettings, AskedQuestion
from suffice.rungs.commonest import looked_up
from suffice.rungs.interface import BaseReference, Size
from suffice.store import strict_json
from suffice.store.completions import Kept, NothingKept

SPEC = AnswerSpec()
"""Numbers, in the form `#### 18`: what all cases ask for."""
PLAYER, BOOK = "player.json", "book.jsonl"
N_SKILLS = 200
"""Of a task."""
SPREAD = 4.0
"""Rarest and commonest need of a skill, over and under the player's."""
SHARED = 0.5
"""Share of the questions that are hard for all players alike; of the others each has luck of its own."""
STEPS = "step"
"""What an instruction says that asks for the working."""
ANOTHER_ENDS, NOTHING_ENDS = "That makes {answer} in all (lines of working = {other}).", "With that, all is worked out."
"""How a completion ends that is not in the form: with another number behind the value, or before there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Player:
    """What a stand-in can do."""

    name: str
    untrained: float
    """Share of the questions that it gets right as it is, and of those whose skill it has not learned."""
    trained: float = 0.0
    """Share of the questions that it gets right whose skill it has learned, where it is tuned."""
    needs: float = 2.0
    """Right rows of a skill that it takes to learn it, in the middle of the skills."""
    rate: float = 1e-3
    """Learning rate at which it learns; a lower one makes a row count for less in proportion."""
    seconds_per_row: float = 0.0
    """That its training is said to take."""
    hurried: float = 1.0
    """What is left of its share of right answers where the instruction asks for no steps."""
    in_form: float = 1.0
    """Share of its completions that end in the form asked for, as it is; tuned on it, it keeps to it."""
    steady: float = 0.98
    """Share of the answers that it gives as it had them in mind, where it is held to the form."""
    knows: float = 0.0
    """Share of the facts that it knows by heart."""
    reads: float = 0.0
    """Share of the facts that it finds in what it is given to read."""
    stored: str | None = None
    """The real system whose stored completions it gives where it is right or wrong as that was."""

    def is_right(self, known: Known, *, given: str, share: float) -> bool:
        """Whether it has the right value in mind, if it is let work it out.

        Args:
            known: the question.
            given: all that it reads, a context before the question included.
            share: of questions such as this one that it gets right.
        """
        if self.stored is not None:
            said = parse(known.stored[self.stored], SPEC)
            return judge(said, known.answer, SPEC).verified
        if known.fact is not None:
            if known.fact in given:
                return chance(self.name, known.question, "reads") < self.reads
            return chance(self.name, known.fact, "knows") < self.knows
        alike = chance(known.question, "alike") < SHARED
        return chance("" if alike else self.name, known.question, "right") < share


def chance(*of: str) -> float:
    """A number from 0 to 1 that is the same whenever the same is asked.

    Args:
        of: what it depends on.
    """
    digest = hashlib.sha256("\0".join(of).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


@cache
def _bounds() -> np.ndarray:
    """Share of the questions whose skill is one of the first so many, shape [N_SKILLS]; Zipf's law."""
    weights = 1.0 / np.arange(1, N_SKILLS + 1)
    return np.cumsum(weights) / weights.sum()


def skill_of(question: str) -> int:
    """The skill that a question needs, from 0, the commonest.

    Args:
        question: on one line.
    """
    return int(np.searchsorted(_bounds(), chance(question, "skill")))


def write_player(player: Player, book: Sequence[Known], folder: Path) -> Path:
    """Makes the folder that passes for its base model.

    Args:
        player: what it can do.
        book: what it may be asked.
        folder: to be made.
    """
    folder.mkdir(parents=True)
    strict_json.write(folder / PLAYER, player)
    write_book(tuple(book), folder / BOOK)
    (folder / "config.json").write_text('{"model_type": "played", "architectures": ["PlayedForCausalLM"]}')
    (folder / "tokenizer.json").write_text("{}")
    named = np.frombuffer(hashlib.sha256(player.name.encode()).digest(), dtype=np.uint8)
    save_file({"player": named}, folder / "model.safetensors")
    return folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What training left."""

    right: dict[int, float]
    """Rows of each skill whose answer was right, by what they count."""
    wrong: dict[int, float]
    """Rows of each skill whose answer was wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedPlayed:
    """What puts a played rung together again."""

    base: BaseReference
    instruction: str
    learned: Learned | None
    """None where it was not trained."""


class Played:
    """A player that is asked as it is."""

    training: Training | None = None
    precision = "none"
    trains = False

    def __init__(self, saved: SavedPlayed, folder: Path, *, train_seconds: float = 0.0) -> None:
        """
        Args:
            saved: what puts it together again.
            folder: of the player.
            train_seconds: that training is said to have taken.
        """
        self.saved, self.folder, self.train_seconds = saved, folder, train_seconds
        self.base: BaseReference | None = saved.base
        self.player = strict_json.read(folder / PLAYER, Player)
        self.book = _book(folder / BOOK)

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> Self:
        """Counts the rows of each skill, where it is tuned."""
        del checkpoints
        files = locate(base, progress=progress)
        player = strict_json.read(files.folder / PLAYER, Player)
        saved = SavedPlayed(
            base=BaseReference(name=files.name, fingerprint=files.fingerprint),
            instruction=settings.instruction or default_instruction(SPEC),
            learned=learned(data, player, book=_book(files.folder / BOOK), rate=settings.train.learning_rate)
            if cls.trains
            else None,
        )
        seconds = player.seconds_per_row * len(data.questions) if cls.trains else 0.0
        return cls(saved, files.folder, train_seconds=seconds)

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> Self:
        """Reads what `save` wrote."""
        saved = strict_json.read(folder / "played.json", SavedPlayed)
        return cls(saved, locate(str(base_folder or saved.base.name), progress=SILENT).folder)

    def completions(
        self,
        asked: Sequence[AskedQuestion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """What it writes for each question; the last line of what it is given is the question."""
        del decoding, kept
        return looked_up(asked, [self.written(one.text) for one in asked], kept=NothingKept(), done=done)

    def held_to_form(
        self,
        asked: Sequence[AskedQuestion],
        written: Sequence[Completion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """Behind what it wrote stands the beginning of the form, and it says what it had in mind."""
        del decoding, kept
        done(len(asked))
        return [
            own if own.stop_reason == "length" or parse(own.text, SPEC).strict is not None else self._held(one, own)
            for one, own in zip(asked, written, strict=True)
        ]

    def unheld(self, asked: Sequence[AskedQuestion], written: Sequence[Completion]) -> tuple[str, ...]:
        """Every question can be held."""
        del asked, written
        return ()

    def under(self, instruction: str) -> Self:
        """The same, told something else."""
        return type(self)(replace(self.saved, instruction=instruction), self.folder)

    def save(self, folder: Path) -> None:
        """Writes what it was told and what it learned."""
        strict_json.write(folder / "played.json", self.saved)

    def size(self) -> Size:
        """Nothing is loaded."""
        return Size(base_bytes=0, adapter_bytes=0)

    def written(self, given: str) -> str:
        """What it writes.

        Args:
            given: the question, or what there is to read and the question as the last line of it.
        """
        known, player, value = self._known(given), self.player, self.in_mind(given)
        if self._is_hurried(known):
            text = SPEC.form.replace(PLACE, value)
        elif player.stored is not None:
            text = known.stored[player.stored]
        else:
            trace = known.trace if value == known.answer else f"I work it out, and get to {value}."
            text = render_answer(Gold(answer=value, trace=trace), SPEC).strip()
        drifts = not self.trains and chance(player.name, known.question, "form") >= player.in_form
        return _drifted(text, value=value, question=known.question) if drifts else text

    def in_mind(self, given: str) -> str:
        """The value that it comes to.

        Args:
            given: as in `written`.
        """
        known, player = self._known(given), self.player
        hasty = self._is_hurried(known) and chance(player.name, known.question, "hurried") >= player.hurried
        if not hasty and player.is_right(known, given=given, share=self._share(known)):
            return known.answer
        said = None if player.stored is None else parse(known.stored[player.stored], SPEC).answer
        return another_number(known.answer, known.question) if said is None or hasty else said

    def _is_hurried(self, known: Known) -> bool:
        """Whether it would need its working, and is asked for none: a fact is known or read without any."""
        return not self.trains and known.fact is None and STEPS not in self.saved.instruction.lower()

    def _share(self, known: Known) -> float:
        player, learned = self.player, self.saved.learned
        if learned is None:
            return player.untrained
        skill = skill_of(known.question)
        right, wrong = learned.right.get(skill, 0.0), learned.wrong.get(skill, 0.0)
        if right + wrong < player.needs * SPREAD ** (2.0 * chance(str(skill), "need") - 1.0):
            return player.untrained
        return player.trained * right / (right + wrong)

    def _held(self, asked: AskedQuestion, own: Completion) -> Completion:
        known = self._known(asked.text)
        value = self.in_mind(asked.text)
        if chance(self.player.name, known.question, "held") >= self.player.steady:
            value = another_number(value, known.question)
        return replace(own, text=f"{up_to_form(own.text, SPEC)}{value}{SPEC.after}", held=True)

    def _known(self, given: str) -> Known:
        return self.book[given.rstrip().rpartition("\n")[2].strip()]


class PlayedTuned(Played):
    """A player that is trained before it is asked."""

    trains = True


def learned(data: AnswerData, player: Player, *, book: dict[str, Known], rate: float | None) -> Learned:
    """What training leaves: how often each skill was seen with a right answer, and with a wrong one.

    Args:
        data: rows.
        player: who is trained.
        book: what is right.
        rate: learning rate that the task sets; None for the player's own.
    """
    weight = 1.0 if rate is None else min(1.0, rate / player.rate)
    counts: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for row in data.questions:
        skill = skill_of(row.text)
        of = counts[0] if row.gold.answer == book[row.text].answer else counts[1]
        of[skill] = of.get(skill, 0.0) + weight
    return Learned(right=counts[0], wrong=counts[1])


@contextmanager
def playing() -> Iterator[None]:
    """Lets players stand for language models that run here; all other rungs stay what they are."""
    before = ladder.RUNGS
    played = {"NAME": "played:PlayedTuned", "NAME@prompted": "played:Played"}
    ladder.RUNGS = tuple(
        replace(one, classes={"answer": played[one.name]}) if one.name in played else one for one in before
    )
    try:
        yield
    finally:
        ladder.RUNGS = before


def another_number(right: str, question: str) -> str:
    """A number that is not the right one, and the same one whenever it is asked for.

    Args:
        right: a number.
        question: that it is the answer to.
    """
    away = 1 + int(9 * chance(question, "away"))
    return f"{float(right) + away:.10g}" if "." in right else str(int(right) + away)


def _drifted(text: str, *, value: str, question: str) -> str:
    """A completion in another form than was asked for, of which no reading finds the value."""
    lines = text.splitlines()[:-1]
    if chance(question, "drift") < 0.5:
        other = another_number(value or "0", question)
        return "\n".join([*lines, ANOTHER_ENDS.format(answer=value, other=other)])
    return "\n".join([*lines[:-1], NOTHING_ENDS])


@cache
def _book(path: Path) -> dict[str, Known]:
    return read_book(path)
