"""Players do what is set for them and nothing else, recipes plant what they say, and truth follows from plans."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import answer_cases
import numpy as np
import pytest
from answer_cases import FAMILIES, AnswerCase, Seat, _with_wrong_trace, case_of, names_of, sources_of
from answer_pools import DEVELOPMENT, SCORED, Known, in_form, knowledge_files, read_book, write_book
from answer_truth import Carrier, truth_of
from planted_right import AIMED_AT, CarriedOut, by_chance, concluded, left_to_train, of_cheapest, target_of
from played import (
    N_SKILLS,
    SPEC,
    Played,
    PlayedTuned,
    Player,
    SavedPlayed,
    another_number,
    playing,
    skill_of,
    write_player,
)

from suffice.kinds.answer import judge, parse
from suffice.kinds.traces.trace import check_trace
from suffice.records.answers import Gold, Question
from suffice.records.completion import Decoding
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs import ladder
from suffice.rungs.answering import AnswerData, AnswerSettings, AskedQuestion, EndsInForm, TakesWords
from suffice.rungs.interface import BaseReference
from suffice.store.completions import NothingKept

N = 1_200
DECODING = Decoding(max_new_tokens=8)
STEPWISE, HASTY = "Answer step by step.", "Give the number alone."


@pytest.fixture(scope="module")
def book() -> tuple[Known, ...]:
    """Questions with answers of three digits, and a trace that ends with them."""
    return tuple(
        Known(question=f"What is entry {k} of list {k % 7}?", answer=str(100 + k % 800), trace=f"Look up {k}.")
        for k in range(N)
    )


def settings(*, learning_rate: float | None = None) -> AnswerSettings:
    return AnswerSettings(
        seed=0,
        train=TrainSpec(learning_rate=learning_rate),
        instruction=STEPWISE,
        answer=SPEC,
        context_tokens=64,
        too_long="head_tail",
    )


def played(player: Player, book: tuple[Known, ...], folder: Path, *, told: str = STEPWISE) -> Played:
    made = write_player(player, book, folder / player.name)
    base = BaseReference(name=str(made), fingerprint="f")
    return Played(SavedPlayed(base=base, instruction=told, learned=None), made)


def tuned(player: Player, book: tuple[Known, ...], folder: Path, rows: list[Known], **given: float) -> Played:
    made = write_player(player, book, folder)
    questions = tuple(
        Question(
            id=str(k),
            source="s",
            row=k,
            text=one.question,
            gold=Gold(answer=one.answer, trace=one.trace),
            group=None,
            split=None,
        )
        for k, one in enumerate(rows)
    )
    data = AnswerData(questions=questions)
    return PlayedTuned.fit(data, settings(**given), base=str(made), checkpoints=Path(), progress=SILENT)


def right(rung: Played, book: tuple[Known, ...], *, held: bool = False) -> float:
    """Share that the verified grader takes for right."""
    asked = [AskedQuestion(id=one.question, text=one.question) for one in book]
    written = rung.completions(asked, decoding=DECODING, kept=NothingKept())
    if held:
        written = rung.held_to_form(asked, written, decoding=DECODING, kept=NothingKept())
    return float(
        np.mean([judge(parse(w.text, SPEC), b.answer, SPEC).verified for w, b in zip(written, book, strict=True)])
    )


def test_a_player_is_right_as_often_as_it_is_set_to_be(book, tmp_path: Path) -> None:
    # The standard error of a share of 0.7 over 1,200 questions is 0.013.
    assert right(played(Player(name="a", untrained=0.7), book, tmp_path), book) == pytest.approx(0.7, abs=0.04)


def test_an_answer_in_another_form_is_read_by_no_grader_and_comes_back_where_it_is_held(book, tmp_path: Path) -> None:
    rung = played(Player(name="a", untrained=1.0, in_form=0.4, steady=1.0), book, tmp_path)
    assert right(rung, book) == pytest.approx(0.4, abs=0.05)
    assert right(rung, book, held=True) == 1.0
    assert isinstance(rung, EndsInForm)


def test_who_needs_the_working_loses_without_it_and_other_words_bring_it_back(book, tmp_path: Path) -> None:
    rung = played(Player(name="a", untrained=1.0, hurried=0.5), book, tmp_path, told=HASTY)
    assert right(rung, book) == pytest.approx(0.5, abs=0.05)
    assert isinstance(rung, TakesWords)
    assert right(rung.under(STEPWISE), book) == 1.0


def test_a_fact_is_found_only_where_it_stands_before_the_question(tmp_path: Path) -> None:
    known = Known(question="How much?", answer="7", trace="It is 7.", fact="The Bex costs 7 dollars.")
    rung = played(Player(name="a", untrained=1.0, reads=1.0), (known,), tmp_path)
    assert rung.in_mind("How much?") != "7"
    assert rung.in_mind("(page)\nThe Box costs 7 dollars.\n\nHow much?") != "7"
    assert rung.in_mind("(page)\nThe Bex costs 7 dollars.\n\nHow much?") == "7"


def test_what_a_real_system_wrote_is_given_as_it_stands_and_counts_as_it_was(tmp_path: Path) -> None:
    known = Known(question="How much?", answer="7", trace="", stored={"s": "3 + 3 = 6\n#### 6"})
    rung = played(Player(name="a", untrained=1.0, stored="s"), (known,), tmp_path)
    assert rung.written("How much?") == "3 + 3 = 6\n#### 6"
    assert rung.in_mind("How much?") == "6"


def test_more_rows_teach_more_and_rows_with_wrong_answers_are_learned_as_well(book, tmp_path: Path) -> None:
    player = Player(name="a", untrained=0.0, trained=1.0, needs=1.0)
    rows, others = list(book[:600]), book[600:]
    few, many = (right(tuned(player, book, tmp_path / str(n), rows[:n]), others) for n in (50, 600))
    assert few + 0.15 < many
    wrong = [replace(one, answer=another_number(one.answer, one.question)) for one in rows[::2]] + rows[1::2]
    assert right(tuned(player, book, tmp_path / "wrong", wrong), others) == pytest.approx(many / 2, abs=0.1)


def test_at_a_low_learning_rate_rows_count_for_less(book, tmp_path: Path) -> None:
    player = Player(name="a", untrained=0.0, trained=1.0, needs=2.0)
    rows, others = list(book[:300]), book[600:]
    low = right(tuned(player, book, tmp_path / "low", rows, learning_rate=1e-4), others)
    assert low + 0.15 < right(tuned(player, book, tmp_path / "own", rows), others)


def test_a_tuned_player_keeps_to_the_form_and_is_the_same_when_it_is_read_again(book, tmp_path: Path) -> None:
    player = Player(name="a", untrained=0.5, trained=0.9, in_form=0.0)
    rung = tuned(player, book, tmp_path / "p", list(book[:200]))
    assert right(rung, book[600:]) > 0.5
    (tmp_path / "saved").mkdir()
    rung.save(tmp_path / "saved")
    again = PlayedTuned.load(tmp_path / "saved", base_folder=None)
    assert [again.written(one.question) for one in book[:50]] == [rung.written(one.question) for one in book[:50]]


def test_skills_come_in_order_of_how_common_they_are(book) -> None:
    counts = np.bincount([skill_of(one.question) for one in book], minlength=N_SKILLS)
    # Zipf's law over 200 skills: the first has 1 in 5.88, the second half of that.
    assert counts[0] / N == pytest.approx(1 / 5.88, abs=0.04)
    assert counts[0] > counts[2] > counts[20:].max()


def test_players_stand_for_language_models_for_as_long_as_they_play() -> None:
    before = ladder.RUNGS
    with playing():
        assert ladder.describe("x").load_answer_class().__name__ == "PlayedTuned"
        assert ladder.describe("x@prompted").load_answer_class().__name__ == "Played"
        assert ladder.describe("majority").load_answer_class().__name__ == "Commonest"
    assert before is ladder.RUNGS


@pytest.mark.parametrize("part", ["development", "scored"])
def test_each_part_has_a_hundred_cases_and_a_fifth_of_them_are_healthy(part: str) -> None:
    families = [name.split(":")[0] for name in names_of(part)]
    assert len(families) == len(set(names_of(part))) == 100
    assert families.count("healthy") == 20
    assert min(families.count(family) for family in FAMILIES) == 10


def test_no_source_and_no_player_is_in_both_parts() -> None:
    assert not set(DEVELOPMENT) & set(SCORED)
    seeds = [{name.split(":")[2] for name in names_of(part)} for part in ("development", "scored")]
    assert not seeds[0] & seeds[1]


def test_what_cannot_be_learned_from_rows_is_not_planted_in_stored_completions() -> None:
    assert "gsm8k" in sources_of("form", "scored")
    assert "gsm8k" not in sources_of("wrong_traces", "scored")
    assert sources_of("knowledge", "scored") == ("staff",)


@pytest.fixture
def pooled(book, monkeypatch: pytest.MonkeyPatch) -> None:
    """A made source in the place of every other."""
    named = tuple(replace(one, fact=f"Entry is {one.answer}.") for one in book)
    monkeypatch.setattr(answer_cases, "pool", lambda source, *, data: named if source == "shop" else book)
    monkeypatch.setattr(answer_cases, "N_HELD_OUT", 300)
    monkeypatch.setattr(answer_cases, "N_VALIDATION", 200)
    monkeypatch.setattr(answer_cases, "N_TEST", 200)
    monkeypatch.setattr(answer_cases, "N_TRAIN", 120)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_what_is_held_out_is_in_no_split_of_a_case(family: str, pooled) -> None:
    case = case_of(f"{family}:{'shop' if family == 'knowledge' else 'chain_sum'}:1", data=Path())
    seen = np.concatenate([case.train, case.more, case.validation, case.test])
    assert len(set(seen.tolist())) == len(seen)
    assert not np.isin(case.held_out, seen).any()


def test_wrong_traces_stand_in_training_rows_alone(pooled) -> None:
    case = case_of("wrong_traces:chain_sum:1", data=Path())
    rows = np.concatenate([case.train, case.more]).tolist()
    assert set(case.wrong) <= set(rows)
    assert len(case.wrong) / len(rows) == pytest.approx(0.4, abs=0.08)
    assert all(one.answer != case.known[row].answer for row, one in case.wrong.items())


def test_a_wrong_trace_is_one_that_the_audit_finds() -> None:
    sums = Known(question="q", answer="12", trace="2 + 10 = 12")
    told = Known(question="q", answer="12", trace="That comes to 12.")
    wrong = [_with_wrong_trace(one) for one in (sums, told)]
    # Where something is computed it goes wrong with the answer; where nothing is, it comes to another number.
    assert wrong[0].trace == f"2 + 10 = {wrong[0].answer}"
    assert wrong[1].trace == told.trace
    assert all(check_trace(one.trace, answer=one.answer).is_wrong for one in wrong)
    assert not any(check_trace(one.trace, answer=one.answer).is_wrong for one in (sums, told))


def test_leaving_rows_out_is_one_way_to_clean_and_costs_the_rows_that_were_found(pooled, tmp_path: Path) -> None:
    case = case_of("wrong_traces:chain_sum:1", data=Path())
    # Traces that come to the right answer, also where another one stands beside them: these alone are found.
    known = tuple(replace(one, trace=f"That comes to {one.answer}.") for one in case.known)
    wrong = {row: replace(one, trace=known[row].trace) for row, one in case.wrong.items()}
    case = replace(case, known=known, wrong=wrong, more=case.more[:0])
    plans = [plan for plan in carried(case, tmp_path) if plan.steps == ("clean_train_labels",)]
    left_out, put_right = sorted(plans, key=lambda plan: plan.n_labels)
    n_train = len(left_to_train(case))
    assert put_right.n_labels == n_train
    assert left_out.n_labels == sum(row in wrong for row in left_to_train(case).tolist())
    (as_it_is,) = [plan for plan in carried(case, tmp_path / "again") if plan.rung == "traces-1" and not plan.steps]
    assert as_it_is.score < left_out.score < put_right.score


def carried(case: AnswerCase, folder: Path) -> list[CarriedOut]:
    folders = {
        seat.player.name: write_player(seat.player, case.known, folder / seat.player.name) for seat in case.seats
    }
    return Carrier(case, folders).every()


def test_truth_of_lost_form_is_that_form_is_to_be_held(pooled, tmp_path: Path) -> None:
    case = case_of("form:chain_sum:0", data=Path())
    plans = carried(case, tmp_path)
    scores = {plan.steps: plan.score for plan in plans if plan.rung == "form-0"}
    # Three in four are right, and four in ten of those end in the form.
    assert scores[()] == pytest.approx(0.75 * 0.4, abs=0.08)
    assert scores[("fix_format",)] == pytest.approx(0.75, abs=0.08)
    found = truth_of(case, plans, target=target_of(case, plans, seen=0.0))
    assert found.codes == ("fix_format",)
    assert not found.near


def test_truth_of_a_healthy_case_is_that_it_suffices(pooled, tmp_path: Path) -> None:
    case = case_of("healthy:chain_sum:2", data=Path())
    plans = carried(case, tmp_path)
    assert truth_of(case, plans, target=target_of(case, plans, seen=0.0)).codes == ("suffices",)


def test_where_no_plan_reaches_the_target_nobody_can_tell(pooled, tmp_path: Path) -> None:
    case = case_of("form:chain_sum:0", data=Path())
    found = truth_of(case, carried(case, tmp_path), target=0.95)
    assert found.codes == ("undecided",)


def test_every_family_whose_target_lies_between_has_a_step_that_it_lies_between(pooled) -> None:
    for family in FAMILIES:
        case = case_of(f"{family}:{'shop' if family == 'knowledge' else 'chain_sum'}:1", data=Path())
        assert case.aim in {"hosted", "well_below"} or family in AIMED_AT


def test_two_players_of_one_case_are_asked_as_they_are_set() -> None:
    case = Seat(player=Player(name="a", untrained=0.1), tuned=True)
    assert (case.ending, replace(case, tuned=False).ending) == ("", "@prompted")


def plan(*steps: str, score: float, money: float = 1.0) -> CarriedOut:
    return CarriedOut(rung="r", steps=steps, score=score, n_labels=0, money=money)  # type: ignore[arg-type]


def test_right_are_the_cheapest_plans_within_half_a_point_and_a_fifth_of_the_cost() -> None:
    plans = [
        plan(score=0.5, money=0.0),
        plan("fix_format", score=0.80, money=1.0),
        plan("fix_prompt", score=0.796, money=1.2),  # 0.4 points below the target, and a fifth dearer.
        plan("more_data", score=0.9, money=1.3),
        plan("scale_up", score=0.79, money=1.0),
    ]
    assert of_cheapest(plans, target=0.80) == {"fix_format", "fix_prompt"}


def test_what_rows_show_by_chance_may_be_called_either() -> None:
    assert by_chance("suffices", 0.9) == {"suffices"}
    assert by_chance("suffices", 0.5) == {"suffices", "undecided"}
    assert by_chance("suffices", 0.1) == {"undecided"}


def test_within_a_point_of_the_boundary_undecided_is_right_as_well() -> None:
    assert concluded({"more_data"}, best={"suffices": 0.795, "more_data": 0.9}, target=0.80).near
    far = concluded({"more_data"}, best={"suffices": 0.7, "more_data": 0.9}, target=0.80)
    assert (far.near, far.codes) == (False, ("more_data",))


def test_a_stored_solution_keeps_all_but_the_form_of_its_answer() -> None:
    assert in_form("She has 2 + 3 = 5\nA: 5") == "She has 2 + 3 = 5\n#### 5"
    assert in_form("She has 2 + 3 =") == "She has 2 + 3 ="


def test_every_fact_stands_in_the_knowledge_once_and_a_book_is_read_as_it_was_written(tmp_path: Path) -> None:
    facts = tuple(Known(question=f"q{k}", answer=str(k), trace="", fact=f"Entry is {k // 2}.") for k in range(300))
    knowledge_files(facts, tmp_path)
    told = "".join(path.read_text(encoding="utf-8") for path in sorted(tmp_path.glob("*.md")))
    assert [told.count(f"Entry is {k}.") for k in (0, 99, 149)] == [1, 1, 1]
    write_book(facts, tmp_path / "book.jsonl")
    assert tuple(read_book(tmp_path / "book.jsonl").values()) == facts
