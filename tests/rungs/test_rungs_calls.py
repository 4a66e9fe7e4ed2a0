"""Rungs whose answers are calls: looked up, written by a language model, asked of an endpoint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hosted_server import endpoint
from household import LAMP, TIMER, requests
from suffice.kinds.calls.parse import parse
from suffice.kinds.schemas.tools import read_tools
from suffice.kinds.tools import NOTHING_FITS
from suffice.predict.completer import Completer
from suffice.records.completion import Decoding
from suffice.records.progress import SILENT
from suffice.records.task import HostedSpec, TrainSpec
from suffice.records.tool_calls import CallLimits, Message
from suffice.records.tool_spec import ToolSpec
from suffice.rungs import describe
from suffice.rungs.answering import AnswerData, AnswerSettings, AskedRequest, EndsInForm, without_gold
from suffice.rungs.hosted_answers import HostedAnswers, SavedHostedAnswers
from suffice.store.completions import CompletionFile, NothingKept

ROWS = requests(24)
DATA, DECODING = AnswerData(questions=tuple(ROWS)), Decoding(max_new_tokens=24)
KITCHEN = '[{"name": "lamp.switch", "arguments": {"room": "kitchen", "on": true}}]'
KETTLE = {"name": "kettle", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture(autouse=True)
def _float32(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("written_prompted", "written_tuned"):
        monkeypatch.setattr(f"suffice.rungs.{module}.choose_precision", lambda device: "fp32")


@pytest.fixture
def fitted(tmp_path: Path, tool_qwen2: Path, tiny_bert: Path):
    """A rung by name, fitted on two dozen requests."""

    def made(name: str, *, spec: ToolSpec | None = None, base: Path = tool_qwen2, **train: object):
        settings = AnswerSettings(
            seed=0,
            train=TrainSpec(**train),
            instruction="",
            answer=spec or ToolSpec(),
            context_tokens=64,
            too_long="head_tail",
        )
        stands_on = {"majority": "", "embed": str(tiny_bert)}.get(name, str(base))
        rung = describe(name).load_answer_class("tools")
        return rung.fit(DATA, settings, base=stands_on, checkpoints=tmp_path, progress=SILENT)

    return made


def asked(text: str, tools=(LAMP, TIMER), *, id_: str = "a0", limits: CallLimits | None = None) -> AskedRequest:
    offered = read_tools(list(tools), where="tools")
    return AskedRequest(id=id_, messages=(Message(role="user", content=text),), tools=offered, limits=limits)


def texts_of(rung, requests_asked) -> list[str]:
    return [one.text for one in rung.completions(requests_asked, decoding=DECODING, kept=NothingKept())]


def test_the_commonest_calls_are_those_of_the_tools_that_are_offered(fitted) -> None:
    rung = fitted("majority")
    assert texts_of(rung, [asked("Who knows?"), asked("Light?", (TIMER, LAMP), id_="a1")]) == [KITCHEN, KITCHEN]


def test_of_a_set_that_is_new_the_commonest_calls_are_those_that_all_can_be_made(fitted) -> None:
    rung = fitted("majority")
    assert texts_of(rung, [asked("Light?", (LAMP, KETTLE))]) == [KITCHEN]
    # A quarter of the rows is right with no call, and no row calls the kettle.
    assert texts_of(rung, [asked("Tea?", (KETTLE,))]) == ["[]"]


def test_a_request_that_was_there_has_its_own_calls(fitted) -> None:
    found = texts_of(fitted("embed"), list(map(without_gold, ROWS[:4])))
    timer = '[{"name": "timer", "arguments": {"minutes": 2}}]'
    assert found == [KITCHEN, KITCHEN, timer, "[]"]


def test_the_most_alike_request_is_one_that_calls_only_what_is_offered(fitted) -> None:
    rung = fitted("embed")
    (found,) = texts_of(rung, [replace(asked(ROWS[0].text), tools=read_tools([TIMER], where="tools"))])
    assert "lamp" not in found


@pytest.mark.parametrize("name", ["majority", "embed", "x/y@prompted"])
def test_what_was_saved_calls_as_what_was_fitted(fitted, name: str, tmp_path: Path) -> None:
    rung, folder = fitted(name, shots=1), tmp_path / "saved"
    folder.mkdir()
    rung.save(folder)
    loaded = describe(name).load_answer_class("tools").load(folder, base_folder=None)
    some = [asked("Light in the hall"), without_gold(ROWS[2])]
    assert texts_of(loaded, some) == texts_of(rung, some)
    assert loaded.size() == rung.size()


def test_a_chat_template_that_takes_tools_is_given_them_and_one_that_does_not_reads_them_in_words(
    fitted, wide_llama: Path
) -> None:
    for base, sign in ((None, '"type": "function"'), (wide_llama, "Tools:\n{")):
        rung = fitted("x/y@prompted", **({} if base is None else {"base": base}))
        (ids,) = rung._prompts([asked("Light in the hall")])
        text = rung._loaded.completer.tokenizer.decode(ids)
        assert sign in text
        assert text.count("Light in the hall") == 1
        assert "Write a JSON list of the calls" in text


def test_examples_that_call_what_is_not_offered_are_not_shown(fitted) -> None:
    rung = fitted("x/y@prompted", shots=12)
    (both, timer) = rung._prompts([asked("Light"), asked("Light", (TIMER,), id_="a1")])
    decode = rung._loaded.completer.tokenizer.decode
    assert "kitchen" in decode(both)
    assert "kitchen" not in decode(timer)


def test_a_model_that_is_held_calls_what_is_offered_by_its_schema(fitted) -> None:
    rung = fitted("x/y@prompted", spec=ToolSpec(held=True))
    limits = CallLimits(least=1, most=1, only="timer")
    (found,) = rung.completions(
        [asked("Light", limits=limits)], decoding=Decoding(max_new_tokens=300), kept=NothingKept()
    )
    (call,) = parse(found.text, names=()).calls
    assert call.name == "timer"
    assert call.arguments["minutes"] >= 1


def test_what_was_written_freely_is_written_anew_under_the_grammar(fitted) -> None:
    rung = fitted("x/y@prompted")
    assert isinstance(rung, EndsInForm)
    some = [asked("Light")]
    own = rung.completions(some, decoding=DECODING, kept=NothingKept())
    assert not own[0].text.startswith("[")
    held = rung.held_to_form(some, own, decoding=DECODING, kept=NothingKept())
    assert held[0].text.startswith("[")
    assert held[0].n_tokens <= DECODING.max_new_tokens
    assert (own[0].held, held[0].held) == (False, True)
    fine = [replace(own[0], text=KITCHEN, stop_reason="end")]
    assert rung.held_to_form(some, fine, decoding=DECODING, kept=NothingKept()) == fine


def test_a_schema_that_no_grammar_holds_is_named_and_left_as_it_was(fitted) -> None:
    rung = fitted("x/y@prompted")
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": r"x\by"}}}
    some = [asked("Light", ({"name": "a", "parameters": schema},)), asked("Light", id_="a1")]
    own = rung.completions(some, decoding=DECODING, kept=NothingKept())
    assert rung.unheld(some, own) == ("a0",)
    held = rung.held_to_form(some, own, decoding=DECODING, kept=NothingKept())
    assert held[0] == own[0]
    assert held[1] != own[1]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("json", '[{"name": "timer", "arguments": {"minutes": 2}}]'),
        ("tagged", '<tool_call>\n{"name": "timer", "arguments": {"minutes": 2}}\n</tool_call>'),
        ("python", "[timer(minutes=2)]"),
    ],
)
def test_a_model_is_tuned_on_calls_alone_in_the_form_asked_for_and_on_its_end(
    fitted, monkeypatch: pytest.MonkeyPatch, form: str, said: str
) -> None:
    seen = []

    class _EnoughSeen(Exception):
        """Nothing has to be trained."""

    def fit_rows(writer, rows, **named):
        seen.append(rows)
        raise _EnoughSeen

    monkeypatch.setattr("suffice.rungs.written_tuned.fit_rows", fit_rows)
    with pytest.raises(_EnoughSeen):
        fitted("x/y", spec=ToolSpec(form=form))
    (rows,) = seen
    assert len(rows.completions) == len(ROWS)
    tokenizer = fitted("x/y@prompted")._loaded.completer.tokenizer
    assert tokenizer.decode(rows.completions[2]) == f"{said}<|im_end|>"
    none = NOTHING_FITS if form == "tagged" else "[]"
    assert tokenizer.decode(rows.completions[3]) == f"{none}<|im_end|>"


def test_an_endpoint_is_given_the_tools_and_its_calls_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")
    call = {"id": "c1", "type": "function", "function": {"name": "timer", "arguments": '{"minutes": 3}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {"choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}], "id": "1", "model": "stub"}
    with endpoint(tmp_path / "endpoint", {ROWS[2].text: "timer"}, sends=json.dumps(body)) as running:
        saved = SavedHostedAnswers(
            endpoint="stub", spec=HostedSpec(**running.spec()), instruction="", answer=ToolSpec()
        )
        rung = HostedAnswers(saved, answers=tmp_path / "answers", send=True, progress=SILENT)
        (found,) = rung.completions([without_gold(ROWS[2])], decoding=DECODING, kept=NothingKept())
        (sent,) = running.calls()
    assert [tool["function"]["name"] for tool in sent["body"]["tools"]] == ["lamp_switch", "timer"]
    assert sent["body"]["messages"] == [{"role": "user", "content": ROWS[2].text}]
    (called,) = parse(found.text, names=()).calls
    assert (called.name, called.arguments, found.stop_reason) == ("timer", {"minutes": 3}, "end")


def test_nothing_is_written_twice_of_what_is_held(fitted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rung, some = fitted("x/y@prompted", spec=ToolSpec(held=True)), [asked("Light"), asked("Dark", id_="a1")]
    first = rung.completions(some, decoding=DECODING, kept=CompletionFile(tmp_path / "kept.jsonl"))

    def nothing(_completer, waiting, **_named):
        assert not waiting
        return iter(())

    monkeypatch.setattr(Completer, "complete", nothing)
    assert rung.completions(some, decoding=DECODING, kept=CompletionFile(tmp_path / "kept.jsonl")) == first
