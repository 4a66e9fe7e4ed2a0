"""The page of free answers: questions and completions as text, masked and cut, and the layers behind the figures."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from report_fits import fit, manifest
from report_page import Page

from suffice.evaluate.completions import evaluate_completions, judged_answers
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question, Submission
from suffice.records.clusters import FailureCluster, FailureClusters
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.diagnosis import Compared, Plan, Step
from suffice.records.evaluation import Interval, NotMeasured
from suffice.records.run import RunManifest, Writing
from suffice.report import ExampleText, write_report, write_run_report
from suffice.report.texts import cut_middle

HALF = Interval(low=0.1, high=0.7, confidence=0.95)
LONG = f"first thoughts {'and so on ' * 200}last thoughts, so it is 9"
SAID = {
    "q0": "1 + 1 = 2\n#### 2",
    "q1": "2 + 2 = 5\n#### 5",
    "q2": "<script>alert(1)</script> write to ann@example.org: #### 7",
    "q3": LONG,
    "q4": "it is 6",
}
GOLD = {"q0": "2", "q1": "4", "q2": "8", "q3": "3", "q4": "6"}
TEXTS = {i: ExampleText(text=f"Question {i} of bob@example.org, <b>please</b>?", label="right") for i in SAID}
KINDS = FailureClusters(
    clusters=(
        FailureCluster(
            name='says "twice as many"',
            found_by="words",
            words=("twice as many",),
            features=("needed last operation: *",),
            went_wrong=("half of the right one",),
            n=4,
            n_failed=3,
            share=0.4,
            share_of_loss=0.75,
            accuracy=0.25,
            interval=HALF,
            accuracy_outside=0.9,
            interval_outside=HALF,
            difference=HALF,
            q_value=0.01,
            typical=("q1", "q2", "not shown to anybody"),
        ),
    ),
    n_found_on=10,
    n_measured_on=10,
    n_candidates=3,
    n_failed=4,
    n_scattered=1,
    vectors_of="words (TF-IDF)",
)


def layers(clusters: FailureClusters | NotMeasured = KINDS) -> CompletionEvaluation:
    questions = [
        Question(
            id=i, source="r.jsonl", row=k, text=f"{i}?", gold=Gold(answer=GOLD[i], trace=None), group=None, split=None
        )
        for k, i in enumerate(SAID)
    ]
    said = [Submission(id=i, text=text, stop_reason="end") for i, text in SAID.items()]
    judged = judged_answers(questions, said, np.arange(len(SAID)), spec=AnswerSpec(), seed=0, done=lambda n: None)
    return evaluate_completions(judged, clusters=clusters)


def run(answers: CompletionEvaluation) -> RunManifest:
    made = manifest("smollm2-135m", labels=("wrong", "right"))
    cell = replace(made.cell, answer=AnswerSpec(), label_output=None)
    writing = Writing(n=5, prompt_tokens=30.0, tokens=12.0, n_cut_off=0, n_held=2)
    return replace(made, cell=cell, answers=answers, writing=writing)


def page_of(answers: CompletionEvaluation, path: Path, **named) -> tuple[str, Page]:
    made = run(answers)
    completions = named.get("completions", {made.name: SAID})
    write_run_report([made], [], TEXTS, completions=completions, path=path)
    html = path.read_text(encoding="utf-8")
    return html, Page(html)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Page]:
    return page_of(layers(), tmp_path_factory.mktemp("page") / "runs.html")


def test_a_page_of_answers_speaks_of_questions_and_not_of_messages(written) -> None:
    _, page = written
    assert "compared on validation questions" in " ".join(page.text.split())
    assert "message" not in page.text.lower()


def test_what_was_written_is_text_masked_and_never_markup(written) -> None:
    html, page = written
    assert "<script>" not in html
    assert "<script>alert(1)</script> write to" in page.text
    assert "example.org" not in html
    assert "<b>please</b>" in page.text


def test_of_a_long_completion_both_ends_are_shown(written) -> None:
    _, page = written
    assert "first thoughts" in page.text
    assert "last thoughts, so it is 9" in page.text
    assert f"[{len(LONG) - 700:,} characters left out]" in page.text


# By hand: q0 alone is right in the form; q4 as well by value. Cells of a table stand side by side.
def test_three_graders_traces_and_kinds_of_failures_stand_beside_the_waterfall(written) -> None:
    text = " ".join(written[1].text.split())
    assert "strict: in the form asked for120.0%" in text
    assert "verified: by value240.0%" in text
    assert "Traces: 5 rows; 2 equations, of which 1 do not hold." in text
    assert 'says "twice as many" 3 of 4 questions wrong, 75.0% of all failures; accuracy 25.0% (10.0 to 70.0%)' in text
    assert "Set apart by: “twice as many”, needed last operation: *; more often than elsewhere: half of the" in text
    assert "What questions mean was read by words (TF-IDF)." in text
    assert "2 brought to the form that is asked for" in text


def test_every_class_has_the_room_of_every_other_and_folds_on_a_phone(written) -> None:
    html, _ = written
    table = html[html.index('aria-label="Where answers are lost, by rung"') :]
    table = table[: table.index("</table>")]
    assert 'class="ladder classes stacked"' in table
    assert table.count("<td") == table.count("data-of=") == 6
    style = html[: html.index("</style>")]
    assert re.search(r"table\.classes \{[^}]*table-layout: fixed", style)


def test_why_kinds_of_failures_were_not_looked_for_is_said(tmp_path: Path) -> None:
    _, page = page_of(layers(NotMeasured(why="3 rows failed")), tmp_path / "runs.html")
    assert "Kinds of failures: not looked for, since 3 rows failed." in page.text


def test_completions_that_are_not_kept_leave_their_place_empty(tmp_path: Path) -> None:
    html, page = page_of(layers(), tmp_path / "runs.html", completions={})
    assert 'class="said"' not in html
    assert "Question q1" in page.text


def test_of_a_class_those_of_middling_length_are_shown(tmp_path: Path) -> None:
    # Eight rows of one class with completions of 1 to 8 times one sign: five of them lie nearest to the middle.
    rows = [replace(layers().examples[1], id=f"r{k}") for k in range(8)]
    answers = layers()
    classes = tuple(replace(one, n=8) if one.name == rows[0].class_ else one for one in answers.waterfall.classes)
    answers = replace(answers, examples=tuple(rows), waterfall=replace(answers.waterfall, classes=classes))
    made = run(answers)
    texts = {row.id: ExampleText(text=f"about {row.id}", label="right") for row in rows}
    said = {row.id: "x" * (k + 1) for k, row in enumerate(rows)}
    write_run_report([made], [], texts, completions={made.name: said}, path=tmp_path / "runs.html")
    page = Page((tmp_path / "runs.html").read_text(encoding="utf-8"))
    # The lower middle of 1 to 8 is 4.
    assert [row.id for row in rows if f"about {row.id}" in page.text] == ["r1", "r2", "r3", "r4", "r5"]


def test_a_text_is_cut_only_where_something_is_won() -> None:
    short = "x" * 800
    assert (cut_middle(short).start, cut_middle(short).n_left_out) == (short, 0)
    cut = cut_middle("x" * 801)
    assert (len(cut.start), cut.n_left_out, len(cut.end)) == (400, 101, 300)


def test_what_carries_a_plan_out_stands_on_the_page_whole(tmp_path: Path) -> None:
    told = 'Solve it in steps.\nEnd with "#### <n>".'
    outcome = fit()
    plan = Plan(
        steps=(
            Step(code="fix_prompt", what="tell it otherwise", labels=0, minutes=0.0, sets='instruction="Solve <it>"'),
        ),
        rung="embed",
        score=0.9,
        interval=HALF,
        probability=0.9,
        money=1.0,
        predicted=False,
    )
    wording = Compared(
        switch="prompt",
        rung="embed",
        change="prompt:short",
        against="prompt:default",
        n=100,
        rows=100,
        difference=0.1,
        interval=HALF,
        chosen=True,
        told=told,
    )
    diagnosis = replace(outcome.diagnosis, plans=(plan,), interventions=(wording,))
    verdict = replace(outcome.verdict, code="fix_prompt", rung=None)
    write_report(replace(outcome, diagnosis=diagnosis, verdict=verdict), {}, path=tmp_path / "report.html")
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert told in page.text
    assert "To carry it out" in page.text
    assert page.text.count('instruction="Solve <it>"') == 2  # On top, and beside the plan.
