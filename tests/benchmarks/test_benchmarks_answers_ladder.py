"""Which cells the ladder of real models has, what completions come to in it, and how it is told."""

from __future__ import annotations

import pytest
from answers_ladder import MODELS, TASKS, WAYS, Asked, _leg_steps, _sum_steps, every, figures, table

from suffice.records.answers import Gold, Question
from suffice.records.completion import Completion, StopReason


def question(k: int, answer: str) -> Question:
    gold = Gold(answer=answer, trace=None)
    return Question(id=str(k), source="s", row=k, text=f"q{k}", gold=gold, group=None, split=None)


def completion(k: int, text: str, *, n_tokens: int = 10, stop_reason: StopReason = "end") -> Completion:
    return Completion(id=str(k), text=text, n_prompt_tokens=5, n_tokens=n_tokens, stop_reason=stop_reason, seconds=0.0)


def test_every_model_answers_as_it_is_and_all_but_the_largest_tuned() -> None:
    cells = every(TASKS, MODELS, WAYS, n=100, n_train=200)
    assert len(cells) == len({one.name for one in cells}) == 7 * 4 + 7 * 3
    assert {one.model for one in cells if one.way == "tuned"} == set(MODELS[:3])
    assert {one.n_train for one in cells if one.way == "prompted"} == {0}


def test_a_part_can_be_asked_for_alone_and_its_name_says_all_that_decides_it() -> None:
    (one,) = every(["gsm8k"], ["smollm2-135m"], ["tuned"], n=10, n_train=20)
    assert one.name == "gsm8k; smollm2-135m; tuned; 10 questions; 20 to learn from"


def test_what_leads_to_a_sum_goes_term_by_term() -> None:
    assert _sum_steps({"metadata": {"expression": "12 - 4 + 7"}}) == "12 - 4 = 8\n8 + 7 = 15"


def test_what_leads_to_legs_goes_animal_by_animal() -> None:
    pytest.importorskip("reasoning_gym", reason="the generators come with the extra `bench`")
    item = {"metadata": {"animals": {"tiger": 2, "spider": 3}}, "answer": "32"}
    assert _leg_steps(item) == "tiger: 2 * 4 = 8\nspider: 3 * 8 = 24\n8 + 24 = 32"


def test_form_is_told_apart_from_substance_and_from_what_was_cut_off() -> None:
    # Right; right in a sentence; cut off; wrong in the form. Three fail the strict grader, of which one has the value.
    questions = [question(k, answer) for k, answer in enumerate(("3", "44", "555", "6666"))]
    written = [
        completion(0, "#### 3"),
        completion(1, "The answer is 44."),
        completion(2, "So we", n_tokens=30, stop_reason="length"),
        completion(3, "#### 1"),
    ]
    found = figures(questions, written, seconds=8.0, train_seconds=0.0)
    assert [found["accuracy"][grader][0] for grader in ("strict", "lenient", "verified")] == [0.25, 0.5, 0.5]
    assert found["form_of_failures"] == pytest.approx(1 / 3)
    assert found["truncated"] == 0.25
    assert found["tokens"] == 15.0
    # 2 s a question: 2,000 s for a thousand, at 0.10 an hour.
    assert found["cost_per_thousand"] == pytest.approx(0.1 * 2_000 / 3_600)


def test_the_table_has_a_row_for_each_cell() -> None:
    asked = Asked(task="gsm8k", model="smollm2-135m", way="prompted", n=2, n_train=0)
    measured = figures([question(0, "3")], [completion(0, "#### 3")], seconds=1.5, train_seconds=0.0)
    head, rule, row = table({asked: measured}).splitlines()
    assert head.count("|") == rule.count("|") == row.count("|")
    assert "| gsm8k | smollm2-135m | prompted | 1.00 (0.03 to 1.00) | 1.00 | 1.00 |  | 0% | 10 | 1.50 |" in row
