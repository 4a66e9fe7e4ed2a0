"""The truth of a planted case of free answers: every plan of up to two steps, carried out and scored on other rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import numpy as np
from answer_cases import STUB, AnswerCase, Seat
from answer_pools import Known, knowledge_files
from numpy.typing import NDArray
from planted_cases import MORE
from planted_right import (
    CarriedOut,
    Truth,
    best_of,
    by_chance,
    concluded,
    left_to_train,
    of_cheapest,
    proven_as_it_is,
)
from played import SPEC, Played, PlayedTuned

from suffice.kinds.answer import judge, parse
from suffice.kinds.traces.trace import check_trace
from suffice.pipeline.cells.answer_fit import wordings_of
from suffice.records.answers import Gold, Question
from suffice.records.completion import Decoding
from suffice.records.diagnosis import STEP_ORDER, StepCode
from suffice.records.knowledge import WindowSize
from suffice.records.progress import SILENT
from suffice.records.task import CostSpec, TrainSpec
from suffice.retrieval.context import filled
from suffice.retrieval.index import Index
from suffice.retrieval.read import read_knowledge
from suffice.rungs.answering import AnswerData, AnswerSettings, AskedQuestion, EndsInForm, FittedAnswerRung
from suffice.rungs.ladder import base_of, describe
from suffice.store.completions import NothingKept

DECODING = Decoding(max_new_tokens=256)
PASSAGES, WORDS = 3, 600
"""That stand before a question where the knowledge is read."""
MOST_STEPS = 2
Cleaning = Literal["none", "leave_out", "every"]
"""What a person does about wrong traces: nothing, look at those that are found wrong and leave their rows out, or look
at every row and put it right."""


class Carrier:
    """Carries plans out, each fit once."""

    def __init__(self, case: AnswerCase, folders: dict[str, Path]) -> None:
        """
        Args:
            case: the spoiled task.
            folders: of its players, by name.
        """
        self.case, self.folders, self.prices = case, folders, CostSpec()
        self.train = left_to_train(case)
        self._fitted: dict[tuple[object, ...], FittedAnswerRung] = {}

    def every(self) -> list[CarriedOut]:
        """All plans of up to two steps."""
        return [*self._cheap(), *self._played(), *self._hosted()]

    def _cheap(self) -> Iterator[CarriedOut]:
        cleaned = [one for one in self._cleaned if one != "leave_out"]  # Which only tuned language models do.
        for rung, clean, more in product(self.case.cheap, cleaned, self._mores):
            if rung == "majority" and (clean != "none" or more != 1.0):
                continue  # The commonest answer is what it is.
            steps = self._steps({"clean_train_labels": clean != "none", "more_data": more > 1.0})
            if len(steps) <= MOST_STEPS:
                fitted = self._fit(rung, clean=clean, repair=False, more=more)
                yield self._plan(rung, steps, self._score(fitted, read=False, held=False), clean=clean, more=more)

    def _played(self) -> Iterator[CarriedOut]:
        for seat in self.case.seats:
            drifts = (False, True) if seat.player.in_form < 1.0 and not seat.tuned else (False,)
            words = (False, True) if self.case.instruction else (False,)
            reads = (False, True) if self.case.documented else (False,)
            learns = seat.tuned and seat.player.stored is None
            repairs = (False, True) if learns and self.case.train_spec else (False,)
            cleaned, mores = (self._cleaned, self._mores) if learns else (("none",), (1.0,))
            for held, reworded, read, repair, clean, more in product(drifts, words, reads, repairs, cleaned, mores):
                steps = self._steps(
                    {
                        "fix_training": repair,
                        "fix_format": held,
                        "fix_prompt": reworded,
                        "add_retrieval": read,
                        "clean_train_labels": clean != "none",
                        "scale_up": seat.player.name in self.case.beyond,
                        "more_data": more > 1.0,
                    }
                )
                if len(steps) > MOST_STEPS:
                    continue
                fitted = self._fit(seat, clean=clean, repair=repair, more=more)
                score = (
                    self._best_worded(fitted, read=read, held=held)
                    if reworded
                    else self._score(fitted, read=read, held=held)
                )
                yield self._plan(seat.player.name, steps, score, clean=clean, more=more, seat=seat)

    def _hosted(self) -> Iterator[CarriedOut]:
        if self.case.hosted is not None:
            fitted = self._fit(Seat(player=self.case.hosted, tuned=False), clean="none", repair=False, more=1.0)
            yield CarriedOut(
                rung=f"hosted:{STUB}",
                steps=("keep_prompting",),
                score=self._score(fitted, read=False, held=False),
                n_labels=0,
                money=self.case.hosted_price * self.prices.messages + self.prices.per_step,
            )

    @property
    def _cleaned(self) -> tuple[Cleaning, ...]:
        return get_args(Cleaning) if self.case.wrong else ("none",)

    @property
    def _mores(self) -> tuple[float, ...]:
        return tuple(more for more in (1.0, *MORE) if (more - 1.0) * len(self.train) <= len(self.case.more))

    def _steps(self, taken: dict[StepCode, bool]) -> tuple[StepCode, ...]:
        return tuple(sorted((code for code, is_taken in taken.items() if is_taken), key=STEP_ORDER.index))

    def _plan(
        self,
        rung: str,
        steps: tuple[StepCode, ...],
        score: float,
        *,
        clean: Cleaning,
        more: float,
        seat: Seat | None = None,
    ) -> CarriedOut:
        n_train, rows = len(self.train), self._rows(more)
        n_looked_at = {"none": 0, "leave_out": int(self._is_found(rows).sum()), "every": len(rows)}[clean]
        n_labels = n_looked_at + round((more - 1.0) * n_train)
        seconds = 0.0 if seat is None else seat.player.seconds_per_row * n_train * more
        money = n_labels * self.prices.per_label + len(steps) * self.prices.per_step
        return CarriedOut(
            rung=rung, steps=steps, score=score, n_labels=n_labels, money=money + seconds / 3_600 * self.prices.per_hour
        )

    def _fit(self, who: Seat | str, *, clean: Cleaning, repair: bool, more: float) -> FittedAnswerRung:
        key = (who if isinstance(who, str) else who.player.name, clean, repair, more)
        if key not in self._fitted:
            rows = self._rows(more)
            if clean == "leave_out":
                rows = rows[~self._is_found(rows)]
            given = {} if repair else self.case.train_spec
            settings = AnswerSettings(
                seed=0,
                train=TrainSpec(**given),
                instruction=self.case.instruction,
                answer=SPEC,
                context_tokens=512,
                too_long="head_tail",
            )
            base, rung = (
                (base_of(who, settings.train) or "", describe(who).load_answer_class())
                if isinstance(who, str)
                else (str(self.folders[who.player.name]), PlayedTuned if who.tuned else Played)
            )
            data = AnswerData(questions=self._questions(rows, clean=clean == "every"))
            self._fitted[key] = rung.fit(data, settings, base=base, checkpoints=Path(), progress=SILENT)
        return self._fitted[key]

    def _rows(self, more: float) -> NDArray[np.int64]:
        return np.concatenate([self.train, self.case.more[: round((more - 1.0) * len(self.train))]])

    def _is_found(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which rows have a trace that the audit finds wrong, those among them that are right included."""
        said = [self.case.wrong.get(row, self.case.known[row]) for row in rows.tolist()]
        return np.array([check_trace(one.trace, answer=one.answer).is_wrong for one in said], dtype=np.bool_)

    def _questions(self, rows: NDArray[np.int64], *, clean: bool) -> tuple[Question, ...]:
        given = [self.case.known[row] if clean else self.case.wrong.get(row, self.case.known[row]) for row in rows]
        return tuple(_question(place, one) for place, one in enumerate(given))

    @cached_property
    def _held_out(self) -> tuple[Question, ...]:
        return self._questions(self.case.held_out, clean=True)

    @cached_property
    def _with_passages(self) -> tuple[Question, ...]:
        """The held-out questions behind what the knowledge has for them."""
        with TemporaryDirectory() as folder:
            knowledge_files(self.case.documented, Path(folder))
            index = Index.build(
                read_knowledge([Path(folder)], window=WindowSize(), progress=SILENT), encoder=None, progress=SILENT
            )
        found = index.search([one.text for one in self._held_out], k=PASSAGES, way="bm25")
        contexts = [filled([one.passage for one in best], budget=WORDS).text for best in found]
        return tuple(
            replace(one, context=context or None) for one, context in zip(self._held_out, contexts, strict=True)
        )

    def _best_worded(self, fitted: FittedAnswerRung, *, read: bool, held: bool) -> float:
        assert isinstance(fitted, Played), "players take other words"
        told = list(wordings_of(self.case.instruction, SPEC).values())[1:]
        return max(self._score(fitted.under(one), read=read, held=held) for one in told)

    def _score(self, fitted: FittedAnswerRung, *, read: bool, held: bool) -> float:
        questions = self._with_passages if read else self._held_out
        asked = [AskedQuestion(id=one.id, text=one.given) for one in questions]
        written = fitted.completions(asked, decoding=DECODING, kept=NothingKept())
        if held:
            assert isinstance(fitted, EndsInForm), "players can be held to a form"
            written = fitted.held_to_form(asked, written, decoding=DECODING, kept=NothingKept())
        verdicts = [
            judge(parse(one.text, SPEC), question.gold.answer, SPEC)
            for one, question in zip(written, questions, strict=True)
        ]
        return float(np.mean([one.verified for one in verdicts]))


def truth_of(case: AnswerCase, plans: Sequence[CarriedOut], *, target: float) -> Truth:
    """The right codes.

    Args:
        case: the spoiled task.
        plans: carried out.
        target: what is to be reached.
    """
    best = best_of(plans)
    if best["suffices"] >= target:
        as_it_is = [plan.score for plan in plans if not plan.steps]
        codes = by_chance("suffices", proven_as_it_is(case, as_it_is, target=target))
    elif max(best.values()) >= target:
        codes = of_cheapest(plans, target=target)
    else:
        codes = {"undecided"}
    return concluded(codes, best=best, target=target)


def _question(place: int, known: Known) -> Question:
    return Question(
        id=str(place),
        source="case",
        row=place,
        text=known.question,
        gold=Gold(answer=known.answer, trace=known.trace),
        group=None,
        split=None,
    )
