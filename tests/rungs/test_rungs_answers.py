"""Rungs whose answers are free text: looked up, written by a language model, asked of an endpoint."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hosted_server import endpoint
from suffice.errors import DataError, EndpointError, TaskError
from suffice.kinds.answer import answer_schema, default_instruction, parse
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question
from suffice.records.completion import Decoding
from suffice.records.progress import SILENT
from suffice.records.task import HostedSpec, TrainSpec
from suffice.rungs import describe
from suffice.rungs.answering import AnswerData, AnswerSettings, AskedQuestion, EndsInForm, TakesWords
from suffice.rungs.hosted_answers import HostedAnswers, SavedHostedAnswers
from suffice.store.completions import CompletionFile, NothingKept
from suffice.store.strict_json import digest
from word_sums import questions

SPEC, DECODING = AnswerSpec(), Decoding(max_new_tokens=6)
ROWS = questions(30)
DATA = AnswerData(questions=tuple(ROWS))


@pytest.fixture(autouse=True)
def _float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suffice.rungs.written_prompted.choose_precision", lambda device: "fp32")


@pytest.fixture
def fitted(tmp_path: Path, tiny_llama: Path, tiny_bert: Path):
    """A rung by name, fitted on thirty questions."""

    def made(name: str, *, shots: int = 0, instruction: str = ""):
        settings = AnswerSettings(
            seed=0,
            train=TrainSpec(shots=shots),
            instruction=instruction,
            answer=SPEC,
            context_tokens=64,
            too_long="head_tail",
        )
        base = {"majority": "", "embed": str(tiny_bert)}.get(name, str(tiny_llama))
        rung = describe(name).load_answer_class()
        return rung.fit(DATA, settings, base=base, checkpoints=tmp_path, progress=SILENT)

    return made


def asked(*texts: str) -> list[AskedQuestion]:
    return [AskedQuestion(id=f"a{k}", text=text) for k, text in enumerate(texts)]


def texts_of(rung, questions_asked) -> list[str]:
    return [one.text for one in rung.completions(questions_asked, decoding=DECODING, kept=NothingKept())]


def test_the_commonest_answer_is_given_to_every_question_in_the_form_asked_for(fitted) -> None:
    # Ten of the thirty answers are 12, and no other one comes twice.
    assert texts_of(fitted("majority"), asked("How many?", "Why?")) == ["#### 12", "#### 12"]


def test_nothing_is_fitted_on_no_question(tmp_path: Path) -> None:
    settings = AnswerSettings(
        seed=0, train=TrainSpec(), instruction="", answer=SPEC, context_tokens=64, too_long="head_tail"
    )
    nothing, rung = AnswerData(questions=()), describe("majority").load_answer_class()
    with pytest.raises(DataError, match="a rung is fitted on questions\n  got: none"):
        rung.fit(nothing, settings, base="", checkpoints=tmp_path, progress=SILENT)


def test_a_question_that_was_there_has_its_own_answer_with_its_steps(fitted) -> None:
    found = texts_of(fitted("embed"), asked(*(row.text for row in ROWS)))
    assert found == [f"{row.gold.trace}\n#### {row.gold.answer}" for row in ROWS]


@pytest.mark.parametrize("name", ["majority", "embed", "x/y@prompted"])
def test_what_was_saved_answers_as_what_was_fitted(fitted, name: str, tmp_path: Path) -> None:
    rung, folder = fitted(name, shots=1), tmp_path / "saved"
    folder.mkdir()
    rung.save(folder)
    loaded = describe(name).load_answer_class().load(folder, base_folder=None)
    some = asked("How many apples are there?", ROWS[3].text)
    assert texts_of(loaded, some) == texts_of(rung, some)
    assert loaded.size() == rung.size()
    assert loaded.base == rung.base


def test_a_prompted_model_is_told_the_form_and_shown_examples_with_their_steps(fitted) -> None:
    saved = fitted("x/y@prompted", shots=3).saved
    assert saved.instruction == "Answer the question step by step. End with a line that reads: #### <the number>"
    assert len(saved.examples) == 3
    assert all(one.answer.strip().splitlines()[-1].startswith("#### ") for one in saved.examples)
    # Fewer examples are the first of more.
    assert fitted("x/y@prompted", shots=2).saved.examples == saved.examples[:2]


def test_other_words_change_what_is_said_and_the_model_is_shared(fitted) -> None:
    rung = fitted("x/y@prompted")
    assert isinstance(rung, TakesWords)
    other = rung.under("Count the things that are named and say nothing else at all.")
    some = asked(ROWS[0].text)
    assert texts_of(other, some) != texts_of(rung, some)
    assert other._loaded is rung._loaded


def test_completions_that_are_kept_are_not_written_again(fitted, tmp_path: Path, monkeypatch) -> None:
    rung, kept = fitted("x/y@prompted"), CompletionFile(tmp_path / "completions.jsonl")
    some, told = asked(ROWS[0].text, ROWS[1].text, ROWS[2].text), list[int]()
    first = rung.completions(some, decoding=DECODING, kept=kept)
    again = CompletionFile(tmp_path / "completions.jsonl")
    found = rung.completions(some, decoding=DECODING, kept=again, done=told.append)
    assert found == first  # Their seconds included: nothing was written a second time.
    assert told == [3]


def test_a_model_that_wrote_no_form_is_made_to_end_in_it(fitted, tmp_path: Path) -> None:
    rung, kept = fitted("x/y@prompted"), CompletionFile(tmp_path / "completions.jsonl")
    some = asked(ROWS[0].text, ROWS[1].text)
    assert isinstance(rung, EndsInForm)
    own = [replace(one, stop_reason="end") for one in rung.completions(some, decoding=DECODING, kept=kept)]
    assert [parse(one.text, SPEC).strict for one in own] == [None, None]
    held = rung.held_to_form(some, own, decoding=DECODING, kept=kept)
    assert all(parse(one.text, SPEC).strict is not None for one in held)
    assert all(after.text.startswith(before.text.rstrip()) for before, after in zip(own, held, strict=True))
    assert all(after.n_tokens > before.n_tokens for before, after in zip(own, held, strict=True))
    assert [(before.held, after.held) for before, after in zip(own, held, strict=True)] == [(False, True)] * 2


def test_what_was_cut_off_or_has_the_form_is_not_made_to_end_in_it(fitted) -> None:
    rung, some = fitted("x/y@prompted"), asked(ROWS[0].text, ROWS[1].text)
    cut, other = rung.completions(some, decoding=DECODING, kept=NothingKept())
    assert cut.stop_reason == "length"
    own = [cut, replace(other, text="so\n#### 4", stop_reason="end")]
    assert rung.held_to_form(some, own, decoding=DECODING, kept=NothingKept()) == own


def test_what_leaves_no_room_for_an_answer_in_the_context_stays_as_it_is(fitted) -> None:
    rung, some = fitted("x/y@prompted"), asked(ROWS[0].text)
    (own,) = rung.completions(some, decoding=DECODING, kept=NothingKept())
    long = replace(own, text="one and two " * 2_000, stop_reason="end")
    assert rung.held_to_form(some, [long], decoding=DECODING, kept=NothingKept()) == [long]


@pytest.fixture
def hosted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An endpoint that knows the answers, and the rung that asks it."""
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    truth = {row.text: f"so\n#### {row.gold.answer}" for row in ROWS}
    with endpoint(tmp_path / "endpoint", truth) as running:
        saved = SavedHostedAnswers(endpoint="stub", spec=HostedSpec(**running.spec()), instruction="", answer=SPEC)
        yield running, HostedAnswers(saved, answers=tmp_path / "answers", send=True, progress=SILENT)


def test_an_endpoint_answers_in_its_own_words_and_is_paid_once(hosted) -> None:
    running, rung = hosted
    some = asked(*(row.text for row in ROWS[:3]))
    found = rung.completions(some, decoding=DECODING, kept=NothingKept())
    assert [one.text for one in found] == [f"so\n#### {row.gold.answer}" for row in ROWS[:3]]
    assert [(one.n_prompt_tokens, one.n_tokens, one.stop_reason) for one in found] == [(100, 5, "end")] * 3
    (first, *_) = running.calls()
    assert first["body"]["max_tokens"] == DECODING.max_new_tokens
    assert [message["role"] for message in first["body"]["messages"]] == ["system", "user"]
    rung.completions(some, decoding=DECODING, kept=NothingKept())
    assert len(running.calls()) == 3


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "end"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "refused"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
        ("something of its own", "other"),
    ],
)
def test_why_an_endpoint_ended_an_answer_is_kept_as_it_says(tmp_path: Path, monkeypatch, finish, reason) -> None:
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    sends = json.dumps({"choices": [{"index": 0, "finish_reason": finish, "message": {"content": None}}]})
    with endpoint(tmp_path / "endpoint", {"How many?": "12"}, sends=sends) as running:
        saved = SavedHostedAnswers(endpoint="stub", spec=HostedSpec(**running.spec()), instruction="", answer=SPEC)
        rung = HostedAnswers(saved, answers=tmp_path / "answers", send=True, progress=SILENT)
        (found,) = rung.completions(asked("How many?"), decoding=DECODING, kept=NothingKept())
    assert (found.text, found.stop_reason) == ("", reason)


def test_what_was_loaded_makes_no_calls(hosted, tmp_path: Path) -> None:
    running, rung = hosted
    folder = tmp_path / "saved"
    folder.mkdir()
    rung.save(folder)
    loaded = HostedAnswers.load(folder, base_folder=tmp_path / "answers")
    with pytest.raises(EndpointError, match="an endpoint is asked only by commands that name its rung"):
        loaded.completions(asked("How many?"), decoding=DECODING, kept=NothingKept())
    assert not running.calls()


@pytest.fixture
def tuned(tmp_path: Path, tiny_qwen2: Path, monkeypatch: pytest.MonkeyPatch):
    """A tiny model tuned on a few questions whose answers are all alike, so that there is something to learn."""
    monkeypatch.setattr("suffice.rungs.written_tuned.choose_precision", lambda device: "fp32")

    def made(rows: list[Question], **train: object):
        settings = AnswerSettings(
            seed=0,
            train=TrainSpec(**({"epochs": 12, "batch_size": 4, "learning_rate": 0.02} | train)),
            instruction="Add.",
            answer=SPEC,
            context_tokens=64,
            too_long="head_tail",
        )
        data = AnswerData(questions=tuple(rows), tune=np.array([0]))
        rung = describe("x/y").load_answer_class()
        return rung.fit(data, settings, base=str(tiny_qwen2), checkpoints=tmp_path / "checkpoints", progress=SILENT)

    return made


ALIKE = [replace(row, gold=Gold(answer="7", trace=None)) for row in ROWS[:9]]


def test_a_tuned_model_writes_what_it_was_taught_and_stops(tuned) -> None:
    rung = tuned(ALIKE)
    found = rung.completions(asked(ROWS[20].text), decoding=Decoding(max_new_tokens=30), kept=NothingKept())
    assert [(one.text.strip(), one.stop_reason) for one in found] == [("#### 7", "end")]
    assert rung.training.n_examples_seen % 8 == 0
    assert rung.size().adapter_bytes > 0


def test_a_model_learns_the_trace_and_the_answer_or_the_answer_alone(tuned, monkeypatch: pytest.MonkeyPatch) -> None:
    learned = []

    def noted(*given, **named):
        learned.append([len(said) for said in given[1].completions])
        raise KeyboardInterrupt

    monkeypatch.setattr("suffice.rungs.written_tuned.fit_rows", noted)
    rows = [replace(ROWS[0], gold=Gold(answer="7", trace=trace)) for trace in (None, "3 + 4 = 7", "a\nb")]
    for target in ("trace", "answer"):
        with pytest.raises(KeyboardInterrupt):
            tuned(rows, target=target)
    (none, one, two), alone = learned
    assert none < one
    assert none < two
    assert alone == [none] * 3


def test_a_tuned_model_comes_back_from_its_folder_with_an_adapter_that_others_read(tuned, tmp_path: Path) -> None:
    rung, folder = tuned(ALIKE, epochs=2), tmp_path / "saved"
    folder.mkdir()
    rung.save(folder)
    assert (folder / "adapter_config.json").is_file()
    assert (folder / "adapter_model.safetensors").is_file()
    loaded = describe("x/y").load_answer_class().load(folder, base_folder=None)
    some = asked(ROWS[20].text, ROWS[21].text)
    assert texts_of(loaded, some) == texts_of(rung, some)
    assert loaded.size() == rung.size()


def test_easy_questions_come_first_by_the_steps_of_their_traces(tuned, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def noted(*given, **named):
        seen.append(given[1].difficulty)
        raise KeyboardInterrupt

    monkeypatch.setattr("suffice.rungs.written_tuned.fit_rows", noted)
    traces = (None, "a", "a\n\nb", "It is one. Then two. So three.")
    rows = [replace(ROWS[k], gold=Gold(answer="7", trace=trace)) for k, trace in enumerate(traces)]
    with pytest.raises(KeyboardInterrupt):
        tuned(rows, curriculum="easy-first")
    # As `kinds/traces/steps.py` counts them: lines that say something, or the sentences of a single one.
    assert seen[0].tolist() == [0.0, 1.0, 2.0, 3.0]
    with pytest.raises(KeyboardInterrupt):
        tuned(rows)
    assert seen[1] is None


def test_a_question_that_does_not_fit_with_its_answer_is_told_and_not_shortened(tuned) -> None:
    long = replace(ROWS[3], gold=Gold(answer="7", trace="one and two is three " * 200))
    with pytest.raises(TaskError, match=r"rows.jsonl: row 3: a question and its answer must fit"):
        tuned([*ALIKE, long])


@pytest.fixture
def drifted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An endpoint that ends in another form than was asked for, and the rung that asks it."""
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")

    @contextmanager
    def made(*, concurrency: int = 4, **how: object):
        truth = {row.text: row.gold.answer for row in ROWS}
        with endpoint(tmp_path / "endpoint", truth, says="It is {label}, and I took 3 steps.", **how) as running:
            spec = HostedSpec(**running.spec(concurrency=concurrency))
            saved = SavedHostedAnswers(endpoint="stub", spec=spec, instruction="", answer=SPEC)
            yield running, HostedAnswers(saved, answers=tmp_path / "answers", send=True, progress=SILENT)

    return made


def test_an_endpoint_is_shown_what_it_wrote_and_asked_for_the_answer_alone(drifted) -> None:
    some = asked(*(row.text for row in ROWS[:3]))
    with drifted() as (running, rung):
        own = rung.completions(some, decoding=DECODING, kept=NothingKept())
        held = rung.held_to_form(some, own, decoding=DECODING, kept=NothingKept())
        again = rung.held_to_form(some, own, decoding=DECODING, kept=NothingKept())
        calls = running.calls()
    assert [one.text for one in held] == [
        f"{first.text}\n#### {row.gold.answer}" for first, row in zip(own, ROWS[:3], strict=True)
    ]
    # 100 tokens in and 5 out for each of two calls.
    assert [(one.n_prompt_tokens, one.n_tokens, one.held) for one in held] == [(200, 10, True)] * 3
    assert again == held
    assert len(calls) == 6
    asked_again = calls[-1]["body"]
    assert [message["role"] for message in asked_again["messages"]] == ["system", "user", "assistant", "user"]
    assert asked_again["response_format"]["json_schema"]["schema"] == answer_schema(SPEC)


def drawn(call) -> dict[str, object]:
    return {name: call["body"][name] for name in ("seed", "top_p", "stop") if name in call["body"]}


def test_an_endpoint_is_told_from_what_to_draw_and_where_to_stop_where_the_task_says_so(drifted) -> None:
    some, way = asked(ROWS[0].text), replace(DECODING, top_p=0.9, stop=("\n\n", "Q:"))
    with drifted() as (running, rung):
        sampling = HostedAnswers(
            replace(rung.saved, spec=rung.saved.spec.model_copy(update={"temperature": 0.7, "seed": 3})),
            answers=rung._answers,
            send=True,
            progress=SILENT,
        )
        own = sampling.completions(some, decoding=way, kept=NothingKept())
        sampling.held_to_form(some, own, decoding=way, kept=NothingKept())
        rung.completions(some, decoding=way, kept=NothingKept())  # At temperature 0, from which nothing is drawn.
        rung.completions(some, decoding=DECODING, kept=NothingKept())
        calls = running.calls()
    whole = {"seed": 3, "top_p": 0.9, "stop": ["\n\n", "Q:"]}
    # The answer alone ends by its schema: a string that stands in it is no end, as in a model that runs here.
    assert [drawn(call) for call in calls] == [whole, {"seed": 3}, {"stop": ["\n\n", "Q:"]}, {}]


def test_what_was_paid_for_before_anything_could_be_drawn_otherwise_is_found_again(hosted) -> None:
    running, rung = hosted
    rung.completions(asked(ROWS[0].text), decoding=DECODING, kept=NothingKept())
    (call,) = running.calls()
    # As answers were kept by until then: address and model, temperature, limit, repeat, and every role and content.
    told = ["system", default_instruction(SPEC), "user", ROWS[0].text]
    before = digest([f"{running.url} stub", "0.0", str(DECODING.max_new_tokens), "0", *told])
    assert call["headers"]["idempotency-key"] == before


def test_an_endpoint_that_takes_no_schema_is_asked_in_words_from_then_on(drifted) -> None:
    some = asked(*(row.text for row in ROWS[:3]))
    with drifted(takes_schemas=False, concurrency=1) as (running, rung):
        own = rung.completions(some, decoding=DECODING, kept=NothingKept())
        held = rung.held_to_form(some, own, decoding=DECODING, kept=NothingKept())
        calls = running.calls()
    assert [one.text.splitlines()[-1] for one in held] == [f"#### {row.gold.answer}" for row in ROWS[:3]]
    assert [call["status"] for call in calls[3:]] == [400, 200, 200, 200]
    # A refusal costs nothing: 100 tokens in at 10 and 5 out at 20 for a million, six times.
    assert rung.spent() == pytest.approx(6 * (100 * 10 + 5 * 20) / 1e6)


def test_what_an_endpoint_wrote_in_form_or_was_cut_off_or_withheld_is_not_asked_again(hosted) -> None:
    running, rung = hosted
    some = asked(*(row.text for row in ROWS[:3]))
    in_form, cut, withheld = rung.completions(some, decoding=DECODING, kept=NothingKept())
    own = [
        in_form,
        replace(cut, text="so far", stop_reason="length"),
        replace(withheld, text="", stop_reason="refused"),
    ]
    assert rung.held_to_form(some, own, decoding=DECODING, kept=NothingKept()) == own
    assert len(running.calls()) == 3


def test_a_message_that_is_asked_twice_costs_what_both_calls_do(drifted) -> None:
    some = asked(ROWS[0].text)
    with drifted() as (_, rung):
        ((as_it_is,),) = rung.paid(some, repeats=1, decoding=DECODING, held=False)
        ((both,),) = rung.paid(some, repeats=1, decoding=DECODING, held=True)
    assert (both.input_tokens, both.output_tokens, both.cost) == (200, 10, pytest.approx(2 * as_it_is.cost))
    assert both.said == f"{as_it_is.said}\n#### {ROWS[0].gold.answer}"


def test_an_endpoint_is_told_other_words_as_they_are_and_the_same_ones_are_not_paid_for_again(hosted) -> None:
    running, rung = hosted
    some = asked(ROWS[0].text)
    rung.completions(some, decoding=DECODING, kept=NothingKept())
    rung.under(default_instruction(SPEC)).completions(some, decoding=DECODING, kept=NothingKept())
    rung.under("Be short.").completions(some, decoding=DECODING, kept=NothingKept())
    rung.under("").completions(some, decoding=DECODING, kept=NothingKept())
    told = [[message["content"] for message in call["body"]["messages"]] for call in running.calls()]
    assert told == [[default_instruction(SPEC), ROWS[0].text], ["Be short.", ROWS[0].text], [ROWS[0].text]]
