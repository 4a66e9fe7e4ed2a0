"""A hosted rung against an endpoint that really listens, in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hosted_server import KEY, Running, endpoint
from suffice.errors import EndpointError
from suffice.records.labels import INVENTED, LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import HostedSpec, TrainSpec
from suffice.rungs.hosted import Asked, Hosted, Reply, SavedHosted
from suffice.rungs.hosted_calls import Incomplete
from suffice.rungs.interface import Settings, Size, TrainingData

LABELS = LabelSet(names=("card_lost", "refund", "transfer"))
TEXTS = [f"message {i} about something" for i in range(20)]
TRUTH = {text: LABELS.names[i % 3] for i, text in enumerate(TEXTS)}
CALL_COST = (100 * 10.0 + 5 * 20.0) / 1e6
"""What a call costs: a hundred tokens at 10 and five at 20 for a million."""


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suffice.rungs.endpoint.FIRST_WAIT_SECONDS", 0.005)
    monkeypatch.setattr("suffice.store.paid_answers.SYNCHRONOUS", "OFF")  # These answers need not survive a power cut.


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts an endpoint that knows the labels of all texts."""
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(endpoint(tmp_path / "endpoint", TRUTH, **how))


@pytest.fixture
def rung_of(tmp_path: Path) -> Callable[..., Hosted]:
    """A rung that asks an endpoint, with its answers in the test's folder."""

    def made(running: Running, **more: Any) -> Hosted:
        saved = SavedHosted(endpoint="stub", spec=HostedSpec(**running.spec(**more)), instruction="")
        return Hosted(saved, LABELS, answers=tmp_path / "answers")

    return made


def replies(rung: Hosted, texts: list[str] = TEXTS, *, send: bool = True) -> tuple[Reply, ...]:
    return rung.replies([Asked(text=text) for text in texts], send=send, progress=SILENT)


def labels_of(found: tuple[Reply, ...]) -> list[str | None]:
    return [None if reply.label == INVENTED else LABELS.names[reply.label] for reply in found]


def test_every_message_is_answered_in_order_with_what_the_call_told(serve, rung_of):
    found = replies(rung_of(serve(says="{spaced}")))
    assert labels_of(found) == list(TRUTH.values())
    first = found[0].answer
    assert (first.said, first.finish, first.input_tokens, first.output_tokens) == ("CARD LOST", "stop", 100, 5)
    assert first.cost == pytest.approx(CALL_COST)
    assert 0 < first.latency_ms < 5_000


def test_it_sends_instruction_labels_and_message_at_temperature_0_and_nothing_else_of_the_rows(serve, rung_of):
    running = serve()
    replies(rung_of(running), TEXTS[:1])
    (call,) = running.calls()
    assert call["path"] == "/v1/chat/completions"
    assert set(call["body"]) == {"model", "messages", "temperature", "max_tokens"}
    assert (call["body"]["model"], call["body"]["temperature"]) == ("stub", 0.0)
    # The longest label has nine bytes, and sixteen tokens are to spare.
    assert call["body"]["max_tokens"] == 25
    assert [message["role"] for message in call["body"]["messages"]] == ["system", "user"]
    assert call["user"] == TEXTS[0]
    # No key of the person's for another endpoint goes along.
    assert "authorization" not in call["headers"]


def test_only_its_own_key_is_sent(serve, rung_of, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "somebody-elses")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer somebody-elses")
    running = serve(needs_key=True)
    monkeypatch.setenv("STUB_KEY", f"{KEY}\n")
    replies(rung_of(running, api_key_env="STUB_KEY"), TEXTS[:1])
    (call,) = running.calls()
    assert call["headers"]["authorization"] == f"Bearer {KEY}"
    assert "somebody-elses" not in str(call["headers"])


def test_no_key_of_the_environment_is_sent_to_an_endpoint_that_needs_none(serve, rung_of, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "somebody-elses")
    running = serve()
    replies(rung_of(running), TEXTS[:1])
    assert "somebody-elses" not in str(running.calls())


def test_invented_answers_are_never_repaired_into_a_label(serve, rung_of):
    found = replies(rung_of(serve(says="The category is {label}.")))
    assert {reply.label for reply in found} == {INVENTED}


def test_what_was_answered_is_never_asked_again(serve, rung_of):
    running = serve()
    rung = rung_of(running)
    first = replies(rung)
    # A text that is there twice is one question.
    again = replies(rung, [*TEXTS, *TEXTS])
    assert again == (*first, *first)
    assert len(running.calls()) == len(TEXTS)
    assert rung.spent() == pytest.approx(len(TEXTS) * CALL_COST)
    running.process.kill()
    assert replies(rung) == first


def test_one_question_asked_by_several_rows_at_once_is_paid_once(serve, rung_of):
    running = serve(seconds=0.05)
    replies(rung_of(running), [TEXTS[0]] * 10)
    assert len(running.calls()) == 1


@pytest.mark.parametrize("change", [{"model": "other"}, {"temperature": 1.0}, {"answer_tokens": 99}, {"seed": 0}])
def test_what_decides_the_answer_makes_it_another_question(serve, rung_of, change):
    running = serve()
    replies(rung_of(running), TEXTS[:1])
    replies(rung_of(running, **change), TEXTS[:1])
    replies(rung_of(running, max_cost=3.0, concurrency=1, timeout_seconds=9.0), TEXTS[:1])
    assert len(running.calls()) == 2


def test_repeats_are_calls_of_their_own(serve, rung_of):
    running = serve(unsteady=1.0)
    asked = [Asked(text=TEXTS[0], repeat=k) for k in range(3)]
    found = rung_of(running, concurrency=1).replies(asked, send=True, progress=SILENT)
    assert labels_of(found) == ["card_lost", "refund", "transfer"]


def test_a_seed_is_sent_one_more_for_each_repeat_and_none_where_none_is_set(serve, rung_of):
    running = serve()
    asked = [Asked(text=TEXTS[0], repeat=k) for k in range(3)]
    rung_of(running, concurrency=1, seed=7).replies(asked, send=True, progress=SILENT)
    rung_of(running, concurrency=1).replies(asked[:1], send=True, progress=SILENT)
    assert [call["body"].get("seed") for call in running.calls()] == [7, 8, 9, None]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_busy_endpoint_is_asked_again_and_the_refusals_cost_nothing(serve, rung_of, status):
    running = serve(fail_first=[status] * 3)
    rung = rung_of(running, concurrency=1)
    assert labels_of(replies(rung, TEXTS[:2])) == list(TRUTH.values())[:2]
    assert [call["status"] for call in running.calls()] == [status] * 3 + [200] * 2
    assert rung.spent() == pytest.approx(2 * CALL_COST)


def test_the_time_that_it_asks_for_is_waited(serve, rung_of):
    running = serve(fail_first=[429, 503], retry_after="0.4")
    replies(rung_of(running, concurrency=1), TEXTS[:1])
    at = [call["at"] for call in running.calls()]
    assert all(later - earlier >= 0.4 for earlier, later in pairwise(at))


def test_an_endpoint_that_asks_for_an_hour_is_left_for_later(serve, rung_of):
    running = serve(fail_first=[429] * 9, retry_after="3600")
    with pytest.raises(
        Incomplete, match=r"got: 0 of 1 call answered; .*429.*\n  fix: .* again in 3,600 seconds"
    ) as caught:
        replies(rung_of(running, concurrency=1), TEXTS[:1])
    assert (caught.value.record.n_asked, caught.value.record.n_answered) == (1, 0)
    assert len(running.calls()) == 1


def test_a_date_is_a_time_to_wait_too(serve, rung_of):
    running = serve(fail_first=[503], retry_after="Wed, 21 Oct 2015 07:28:00 GMT")
    replies(rung_of(running), TEXTS[:1])
    assert len(running.calls()) == 2


def test_after_six_attempts_it_is_given_up_and_nothing_was_charged(serve, rung_of):
    running = serve(fail_first=[500] * 99)
    rung = rung_of(running, concurrency=1)
    with pytest.raises(
        Incomplete, match=r"0 of 20 calls answered; .* must answer: status 500: 'Error.*busy.*\n  fix: type the same"
    ):
        replies(rung)
    assert len(running.calls()) == 6
    assert rung.spent() == 0.0


def test_an_endpoint_that_dies_half_way_keeps_what_it_answered_and_goes_on_later(serve, rung_of, tmp_path):
    rung = rung_of(serve(dies_after=8))
    with pytest.raises(
        Incomplete,
        match=r"hosted:stub: every message .*\n  got: 8 of 20 calls answered; .*\n  fix: .*not paid for again",
    ) as caught:
        replies(rung)
    record = caught.value.record
    assert (record.n_asked, record.n_answered) == (20, 8)
    # The call on which it died was sent, and may have been charged: it counts at its most.
    assert record.spent > 8 * CALL_COST
    alive = serve()
    spec = rung.saved.spec.model_copy(update={"base_url": alive.url})
    # The same endpoint at another port is another endpoint; its answers are put where those of the first are.
    elsewhere = Hosted(SavedHosted(endpoint="stub", spec=spec, instruction=""), LABELS, answers=tmp_path / "answers")
    assert labels_of(replies(elsewhere)) == list(TRUTH.values())


def test_nobody_listening_is_told_without_a_cost(rung_of, tmp_path):
    gone = Running(url="http://127.0.0.1:9/v1", log=tmp_path / "none", process=None)
    rung = rung_of(gone, concurrency=1)
    with pytest.raises(
        Incomplete, match=r"http://127.0.0.1:9/v1 must answer: no connection\n  fix: type the same command"
    ):
        replies(rung)
    assert rung.spent() == 0.0


def test_an_answer_that_is_too_slow_is_asked_for_again_and_counted_at_its_most(serve, rung_of):
    running = serve(seconds=0.5)
    rung = rung_of(running, timeout_seconds=0.1, concurrency=1)
    with pytest.raises(Incomplete, match=r"no answer in time \(timeout_seconds\)"):
        replies(rung, TEXTS[:1])
    with closing(rung._calls._endpoint()) as asked:
        assert rung.spent() == pytest.approx(6 * asked.most(rung._question(Asked(text=TEXTS[0]))))


@pytest.mark.parametrize(
    ("how", "got", "fix"),
    [
        (
            {"needs_key": True},
            "status 401: the key is refused",
            "name the environment variable .*hosted.stub.api_key_env",
        ),
        ({"fail_first": [404] * 9}, "status 404: 'Error code: 404", "correct base_url or model in the task file"),
        ({"fail_first": [422] * 9}, "status 422", "correct the endpoint's settings in the task file"),
        ({"fail_first": [429] * 9, "error_code": "insufficient_quota"}, "status 429", "add credit to the account"),
    ],
)
def test_what_another_attempt_would_meet_again_is_told_at_once(serve, rung_of, how, got, fix):
    running = serve(**how)
    with pytest.raises(Incomplete, match=f"{got}.*\n  fix: {fix}"):
        replies(rung_of(running, concurrency=1), TEXTS[:3])
    assert len(running.calls()) == 1


@pytest.mark.parametrize(
    ("sends", "as_type"),
    [
        ("<html>a page to sign in</html>", "text/html"),
        ("not JSON", "application/json"),
        ("{}", "application/json"),
        ("[]", "application/json"),
        ('{"choices": []}', "application/json"),
        ('{"choices": [{"index": 0}]}', "application/json"),
        ('{"choices": [{"message": "hello"}]}', "application/json"),
        ('{"choices": "hello"}', "application/json"),
    ],
)
def test_what_is_no_chat_completion_is_told_and_may_have_been_charged(serve, rung_of, sends, as_type):
    running = serve(sends=sends, as_type=as_type)
    rung = rung_of(running, concurrency=1)
    with pytest.raises(Incomplete, match=r"must answer: what it sends is no chat completion\n  fix: correct base_url"):
        replies(rung, TEXTS[:2])
    assert len(running.calls()) == 1
    assert rung.spent() > CALL_COST


def test_an_answer_without_words_is_no_label(serve, rung_of):
    sends = '{"choices": [{"message": {"role": "assistant", "content": null}, "finish_reason": null}], "usage": {}}'
    (found,) = replies(rung_of(serve(sends=sends)), TEXTS[:1])
    assert (found.label, found.answer.said, found.answer.input_tokens) == (INVENTED, "", None)


def test_a_redirect_takes_no_message_elsewhere(serve, rung_of, tmp_path):
    with endpoint(tmp_path / "elsewhere", TRUTH) as other:
        running = serve(redirects_to=f"{other.url}/chat/completions")
        with pytest.raises(Incomplete, match=r"status 307.*\n  fix: correct base_url or model"):
            replies(rung_of(running, concurrency=1), TEXTS[:1])
        assert other.calls() == []


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_key_that_an_endpoint_quotes_is_told_to_nobody(serve, rung_of, monkeypatch, status):
    monkeypatch.setenv("STUB_KEY", KEY)
    running = serve(fail_first=[status] * 99, echoes_key=True)
    rung = rung_of(running, api_key_env="STUB_KEY", concurrency=1)
    with pytest.raises(Incomplete) as caught:
        replies(rung, TEXTS[:1])
    assert KEY not in str(caught.value)
    assert KEY not in caught.value.record.why


def test_an_endpoint_that_knows_the_limit_by_its_newer_name_is_asked_so(serve, rung_of):
    running = serve(newer_limit=True)
    rung = rung_of(running, concurrency=3)
    assert labels_of(replies(rung)) == list(TRUTH.values())
    refused = [call for call in running.calls() if call["status"] == 400]
    assert 1 <= len(refused) <= 3
    assert "max_completion_tokens" in running.calls()[-1]["body"]
    assert rung.spent() == pytest.approx(20 * CALL_COST)


def test_a_message_that_is_withheld_is_an_answer_that_is_no_label(serve, rung_of):
    found = replies(rung_of(serve(filters="message 3")))
    assert [k for k, reply in enumerate(found) if reply.label == INVENTED] == [3]
    assert (found[3].answer.said, found[3].answer.finish, found[3].answer.cost) == ("", "content_filter", 0.0)


def test_calls_without_a_count_of_tokens_are_charged_with_the_most_that_they_may_cost(serve, rung_of):
    rung = rung_of(serve(no_usage=True))
    found = replies(rung, TEXTS[:1])
    assert (found[0].answer.input_tokens, found[0].answer.output_tokens) == (None, None)
    assert found[0].answer.cost > CALL_COST
    assert rung.spent() == found[0].answer.cost


@pytest.mark.parametrize("concurrency", [1, 8])
def test_the_cap_ends_it_before_the_call_that_could_pass_it(serve, rung_of, concurrency):
    running = serve(seconds=0.01)
    rung = rung_of(running, max_cost=0.012, concurrency=concurrency)
    with pytest.raises(
        Incomplete, match=r"could bring spending past max_cost, 0.012: .*\n  fix: raise hosted.stub.max_cost"
    ) as caught:
        replies(rung)
    # By hand: a call costs 0.0011, and at its most about 0.003 by the bytes of its prompt: eight fit, one at a time.
    assert rung.spent() <= 0.012
    assert len(running.calls()) == caught.value.record.n_answered >= 3
    if concurrency == 1:
        assert caught.value.record.n_answered == 8
    # Typed again it does not spend anew; with a higher cap it goes on, and pays for the rest alone.
    with pytest.raises(Incomplete):
        replies(rung)
    assert rung.spent() <= 0.012
    assert labels_of(replies(rung_of(running, max_cost=1.0))) == list(TRUTH.values())
    assert len(running.calls()) == len(TEXTS)


def test_no_more_calls_are_under_way_than_were_allowed(serve, rung_of):
    running = serve(seconds=0.1)
    start = time.monotonic()
    replies(rung_of(running, concurrency=2), TEXTS[:8])
    assert time.monotonic() - start >= 0.4


def test_without_leave_to_send_only_what_is_kept_is_told(serve, rung_of):
    running = serve()
    rung = rung_of(running)
    first = replies(rung, TEXTS[:3])
    assert replies(rung, TEXTS[:3], send=False) == first
    with pytest.raises(
        EndpointError, match=r"3 of 4 calls answered; .*\n  fix: ask it: suffice fit task.yaml --rungs hosted:stub"
    ):
        replies(rung, TEXTS[:4], send=False)
    assert len(running.calls()) == 3


def test_a_missing_key_or_client_is_told_with_what_to_do(serve, rung_of, monkeypatch):
    running = serve()
    monkeypatch.delenv("STUB_KEY", raising=False)
    monkeypatch.setattr("suffice.rungs.endpoint.find_spec", lambda name: None)
    with pytest.raises(EndpointError) as caught:
        replies(rung_of(running, api_key_env="STUB_KEY"))
    client, key = caught.value.problems
    assert (client.got, client.fix) == ("it is not installed", "pip install 'suffice[hosted]'")
    assert key.got == "it is not set"
    assert key.fix.startswith("set it for this command: STUB_KEY=... suffice fit")
    assert running.calls() == []


def test_a_key_with_signs_that_no_key_has_is_refused_unseen(serve, rung_of, monkeypatch):
    monkeypatch.setenv("STUB_KEY", "sk-\N{EM DASH}secret")
    with pytest.raises(EndpointError, match="got: signs that no key has") as caught:
        replies(rung_of(serve(), api_key_env="STUB_KEY"))
    assert "secret" not in str(caught.value)


def test_half_of_a_surrogate_pair_is_sent_as_a_question_mark(rung_of, tmp_path):
    with endpoint(tmp_path / "endpoint", {"a ? b": "refund"}) as running:
        assert labels_of(replies(rung_of(running), ["a \ud83d b"])) == ["refund"]


def test_it_has_the_shape_of_a_rung_and_comes_back_as_it_was_saved(tmp_path):
    spec = HostedSpec(
        base_url="https://x.example/v1",
        model="m",
        api_key_env="A_KEY",
        price_per_million={"input": 1, "output": 2},
        max_cost=1,
    )
    settings = Settings(
        seed=0,
        train=TrainSpec(),
        instruction="Sort.",
        context_tokens=9,
        too_long="head",
        label_output="tokens",
        hosted=spec,
    )
    rows = TrainingData(texts=[], y=None, labels=LABELS, tune=None, folds=None)
    rung = Hosted.fit(rows, settings, base="stub", checkpoints=tmp_path, progress=SILENT)
    rung.save(tmp_path)
    again = Hosted.load(tmp_path, LABELS, base_folder=None)
    assert again.saved == rung.saved == SavedHosted(endpoint="stub", spec=spec, instruction="Sort.")
    assert (again.base, again.training, again.train_seconds, again.size()) == (
        None,
        None,
        0.0,
        Size(base_bytes=0, adapter_bytes=0),
    )
