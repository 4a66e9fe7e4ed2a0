"""A bundle that is unsure asks a real endpoint in a process of its own: right, wrong, slow, failing and gone."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from time import monotonic

import pytest
import yaml

from commands import run_suffice
from hosted_server import KEY, endpoint
from messages import LABELS, message_rows
from scopes import scope
from served import served
from suffice.bundles.answer import Answer
from suffice.bundles.folder import add_calibration
from suffice.records.labels import LabelSet
from suffice.records.promise import Promise
from suffice.records.task import HostedSpec
from suffice.serve.escalation import Escalation, EscalationSettings
from suffice.store.requests import read_entries

TEXTS = [row.text for row in message_rows(12)]
TRUTH = {row.text: row.label for row in message_rows(12)}


@pytest.fixture(scope="module")
def unsure(fitted, tmp_path_factory):
    """A bundle that is never sure enough."""
    bundle = shutil.copytree(fitted.bundle("majority"), tmp_path_factory.mktemp("unsure") / "clerk")
    promise = Promise(max_error=0.02, confidence=0.95, threshold=0.9, n=1, n_answered=1, n_wrong=0, labels=(), tried=())
    add_calibration(bundle, promise=promise, scope=None)
    return bundle


@pytest.fixture
def serve(unsure, fitted, tmp_path):
    """Starts the server with an endpoint to ask."""

    def start(spec, *options, **environment):
        task = yaml.safe_load(fitted.task.read_text()) | {"hosted": {"big": {"timeout_seconds": 5, **spec}}}
        (tmp_path / "task.yaml").write_text(yaml.safe_dump(task))
        escalate = ("--escalate", "big", "--task", tmp_path / "task.yaml")
        return served(unsure, *escalate, *options, home=tmp_path / "home", **environment)

    return start


def ask(up, texts):
    reply = up.ask("/classify", {"model": "clerk", "texts": texts})
    assert reply.status == 200, reply.text
    return reply.body["results"]


def outcomes(up):
    lines = [line for line in up.ask("/metrics").text.splitlines() if line.startswith("suffice_escalations_total")]
    return {line.split('"')[1]: int(float(line.split()[-1])) for line in lines}


def test_what_is_unsure_is_answered_by_the_endpoint_and_paid_once(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH, needs_key=True) as stub:
        spec = stub.spec(api_key_env="STUB_KEY")
        with serve(spec, STUB_KEY=KEY) as up:
            assert f"unsure and out-of-scope messages go to {stub.url} (hosted:big), for 100 at most\n" in up.began
            for _ in range(2):
                results = ask(up, [*TEXTS, ""])
                assert [one["label"] for one in results[:-1]] == [TRUTH[text] for text in TEXTS]
                assert [one["route"] for one in results] == ["escalated"] * 12 + ["review"]
                assert all(one["probability"] == one["probabilities"][one["label"]] for one in results)
            reply = up.chat("clerk", TEXTS[0])
            assert reply.body["choices"][0]["message"]["content"] == TRUTH[TEXTS[0]]
            assert outcomes(up) == {"answered": 25}
            said = up.end()
        assert len(stub.calls()) == 12
        assert KEY not in said
        assert not any(text in said for text in TEXTS)
    ledger = tmp_path / "home" / "answers.sqlite"
    sent_on = [one for one in read_entries(str(ledger)) if one.route == "escalated"]
    # The commonest label and its share are all that this bundle ever says itself.
    assert len({(one.own_label, one.own_probability) for one in sent_on}) == 1
    assert {(one.why, one.outcome) for one in sent_on} == {("unsure", "answered")}
    assert len({one.label for one in sent_on}) > 1
    # Nothing is known of its price before the first answer; 0.0011 in the mean from then on.
    assert [one.hosted for one in sent_on][-1] == pytest.approx(0.0011, rel=0.05)
    told = json.loads(run_suffice("ledger", "--json", home=tmp_path / "home").stdout)
    assert {one["label"] for one in told["labels"]} == {sent_on[0].own_label}
    assert {(one["route"], one["why"], one["outcome"]) for one in told["flagged"]} == {
        ("escalated", "unsure", "answered"),
        ("review", "empty", ""),
    }
    with sqlite3.connect(ledger) as connection:
        rows = connection.execute("select route, count(*), sum(cost) from answers group by route").fetchall()
    # 100 tokens at 10 and 5 at 20 for a million: 0.0011 for each of 12 calls.
    assert [(route, n) for route, n, _ in rows] == [("escalated", 25), ("review", 2)]
    assert rows[0][2] == pytest.approx(12 * 0.0011, rel=0.05)


def test_an_answer_that_is_no_label_or_not_asked_for_leaves_the_local_one_flagged(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH, invented=1.0) as stub, serve(stub.spec()) as up:
        assert {(one["label"] in LABELS, one["route"]) for one in ask(up, TEXTS)} == {(True, "review")}
        assert outcomes(up) == {"invented": 12}
    with endpoint(tmp_path / "other", TRUTH) as stub, serve(stub.spec()) as up:
        (text,) = [text for text in TEXTS if TRUTH[text] == "parcel"][:1]
        reply = up.chat("clerk", text, guided_choice=["card", "money"])
        assert reply.body["choices"][0]["message"]["content"] in {"card", "money"}


def test_a_failing_endpoint_is_left_alone_after_some_failures(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH, fail_first=(500,) * 100) as stub, serve(stub.spec(concurrency=1)) as up:
        for text in TEXTS:
            (one,) = ask(up, [text])
            assert (one["label"] in LABELS, one["route"]) == (True, "review")
        assert outcomes(up) == {"failed": 5, "resting": 7}
        assert len(stub.calls()) == 10
        assert up.end().count("hosted:big is not asked for 30 s: it failed too often") == 1


def test_an_endpoint_that_is_well_again_is_told_as_its_failing_was(tmp_path, caplog):
    now, told = [0.0], []
    answer = Answer(
        text=TEXTS[0],
        label="card",
        probability=0.5,
        probabilities={"card": 0.5, "money": 0.5},
        out_of_scope=None,
        outside=False,
        route="review",
        truncated=False,
    )
    with endpoint(tmp_path / "stub", {TEXTS[0]: "money"}, fail_first=(500,) * 10) as stub:
        settings = EscalationSettings(
            name="hosted:big", spec=HostedSpec.model_validate(stub.spec()), instruction="", folder=tmp_path / "kept"
        )
        escalation = Escalation(settings, told=told.append, clock=lambda: now[0])
        labels = LabelSet(names=("card", "money"))
        for seconds in (0.0,) * 6 + (31.0,):
            now[0] += seconds
            asyncio.run(escalation.ask([answer], labels, among=None, until=monotonic() + 20.0))
        escalation.close()
    assert told == ["failed"] * 5 + ["resting", "answered"]
    assert caplog.messages == [
        "hosted:big is not asked for 30 s: it failed too often",
        "hosted:big is asked again, and answers",
    ]


def test_what_waits_behind_calls_that_fail_is_not_sent(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH, fail_first=(500,) * 100) as stub, serve(stub.spec(concurrency=1)) as up:
        assert {one["route"] for one in ask(up, TEXTS[:8])} == {"review"}
        assert outcomes(up) == {"failed": 5, "resting": 3}
        assert len(stub.calls()) == 10


def test_what_nobody_waits_for_any_more_is_not_sent(serve, tmp_path):
    slow = endpoint(tmp_path / "stub", TRUTH, seconds=2.0)
    with slow as stub, serve(stub.spec(concurrency=1), "--deadline", "1") as up:
        assert {one["route"] for one in ask(up, TEXTS[:8])} == {"review"}
        assert outcomes(up) == {"late": 8}
        up.end()  # Waits for the call that is under way, which may be paid for.
        assert len(stub.calls()) == 1


def test_an_endpoint_that_is_gone_costs_nobody_an_answer(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH) as stub:
        spec = stub.spec()
    with serve(spec) as up:
        assert {one["route"] for one in ask(up, TEXTS)} == {"review"}
        assert up.ask("/ready").status == 200


def test_a_slow_endpoint_is_waited_for_no_longer_than_the_request_may_take(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH, seconds=3.0) as stub, serve(stub.spec(), "--deadline", "0.5") as up:
        began = monotonic()
        (one,) = ask(up, [TEXTS[0]])
        assert monotonic() - began < 2.5
        assert one["route"] == "review"
        assert outcomes(up) == {"late": 1}


def test_an_endpoint_that_is_always_too_late_is_left_alone(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH, seconds=1.0) as stub, serve(stub.spec(), "--deadline", "0.3") as up:
        for text in TEXTS[:8]:
            ask(up, [text])
        found = outcomes(up)
        assert (found["late"], found["resting"]) == (5, 3)


def test_spending_stops_at_the_cap(serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH) as stub, serve(stub.spec(max_cost=0.012, concurrency=1)) as up:
        routes = [ask(up, [text])[0]["route"] for text in TEXTS]
        assert "escalated" in routes
        assert routes[-1] == "review"
        assert 0 < len(stub.calls()) < 12
        # A cap that is reached is no failure: every message is held against it, and the endpoint does not rest.
        assert outcomes(up) == {"answered": len(stub.calls()), "capped": 12 - len(stub.calls())}
        said = up.end()
    kept_back = [one for one in read_entries(str(tmp_path / "home" / "answers.sqlite")) if one.route == "review"]
    assert {(one.why, one.outcome) for one in kept_back} == {("unsure", "capped")}
    assert said.count("hosted:big is not asked: no call is made that could bring spending past max_cost, 0.012") == 1


@pytest.mark.parametrize(
    ("how", "options", "is_charged"),
    [
        ({"invented": 1.0}, (), True),
        ({"fail_first": (500,) * 4}, (), False),
        ({"sends": "no JSON"}, (), True),
        ({"seconds": 1.0}, ("--deadline", "0.4"), True),
    ],
)
def test_the_ledger_has_what_was_spent_whatever_became_of_the_answer(serve, tmp_path, how, options, is_charged):
    with endpoint(tmp_path / "stub", TRUTH, **how) as stub, serve(stub.spec(), "--per-hour", "0", *options) as up:
        ask(up, TEXTS[:2])
        up.end()  # Waits for calls that are late.
        assert stub.calls()
    # What was counted against the cap, in a file of its own, is what the ledger has.
    with sqlite3.connect(tmp_path / "home" / "escalated" / "answers.sqlite") as connection:
        (spent,) = connection.execute(
            "select (select total(cost) from answers) + (select total(most) from calls)"
        ).fetchone()
    found = read_entries(str(tmp_path / "home" / "answers.sqlite"))
    assert len(found) == 2
    assert (spent > 0.0) == is_charged
    assert sum(one.cost for one in found) == pytest.approx(spent)


@pytest.mark.parametrize(
    ("seconds", "options", "route"), [(0.0, (), "escalated"), (1.0, ("--deadline", "0.4"), "review")]
)
def test_what_the_endpoint_says_otherwise_is_marked_in_time_or_late(serve, tmp_path, seconds, options, route):
    slow = endpoint(tmp_path / "stub", TRUTH, seconds=seconds)
    with slow as stub, serve(stub.spec(), "--keep-text", *options) as up:
        (own, *_) = {one["label"] for one in ask(up, [""])}  # An empty message is asked of nobody.
        ask(up, TEXTS[:4])
        up.end()
    found = [one for one in read_entries(str(tmp_path / "home" / "answers.sqlite")) if one.text]
    assert {one.route for one in found} == {route}
    assert {one.text: one.disputed for one in found} == {text: TRUTH[text] != own for text in TEXTS[:4]}
    assert {one.disputed for one in found} == {True, False}


@pytest.mark.parametrize(
    ("name", "spec", "said"),
    [
        ("bag", {}, "must name an endpoint of"),
        ("big", {"api_key_env": "NO_SUCH_KEY_HERE"}, "must be in the environment variable NO_SUCH_KEY_HERE"),
    ],
)
def test_an_endpoint_that_cannot_be_asked_is_refused_at_the_start(unsure, fitted, tmp_path, name, spec, said):
    price = {"input": 1.0, "output": 1.0}
    big = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "price_per_million": price, "max_cost": 1.0, **spec}
    task = yaml.safe_load(fitted.task.read_text()) | {"hosted": {"big": big}}
    (tmp_path / "task.yaml").write_text(json.dumps(task))
    options = ("--escalate", name, "--task", tmp_path / "task.yaml", "--port", "0")
    ran = run_suffice("serve", unsure, *options, home=tmp_path / "home")
    assert ran.returncode == 2, ran.stderr
    assert said in " ".join(ran.stderr.split())


def test_a_bundle_without_a_threshold_asks_nobody_and_says_so(fitted, serve, tmp_path):
    with endpoint(tmp_path / "stub", TRUTH) as stub:
        task = yaml.safe_load(fitted.task.read_text()) | {"hosted": {"big": stub.spec()}}
        (tmp_path / "task.yaml").write_text(yaml.safe_dump(task))
        options = ("--escalate", "big", "--task", tmp_path / "task.yaml")
        with served(fitted.bundle("majority"), *options, home=tmp_path / "home") as up:
            assert f"no message goes to {stub.url} (hosted:big): no bundle here can be unsure" in up.began
            up.chat("majority", TEXTS[0])
            said = up.end()
        assert stub.calls() == []
    assert "majority has no threshold: no answer is held to be unsure; find one: suffice calibrate" in said
    told = " ".join(run_suffice("ledger", home=tmp_path / "home").stdout.split())
    assert "No threshold: none of 1 answers of majority" in told


def test_a_message_out_of_scope_keeps_its_flag_where_it_is_sent_on(fitted, tmp_path):
    bundle = shutil.copytree(fitted.bundle("tfidf"), tmp_path / "clerk")
    add_calibration(bundle, promise=None, scope=scope(-1e9))  # Everything is out of scope.
    with endpoint(tmp_path / "stub", TRUTH) as stub:
        task = yaml.safe_load(fitted.task.read_text()) | {"hosted": {"big": stub.spec()}}
        (tmp_path / "task.yaml").write_text(yaml.safe_dump(task))
        options = ("--escalate", "big", "--task", tmp_path / "task.yaml")
        with served(bundle, *options, home=tmp_path / "home") as up:
            headers = up.chat("clerk", TEXTS[0]).headers
            up.end()
    assert (headers["x-suffice-route"], headers["x-suffice-outside"]) == ("escalated", "true")
    (one,) = read_entries(str(tmp_path / "home" / "answers.sqlite"))
    assert (one.id, one.why, one.outcome) == (headers["x-suffice-id"], "outside", "answered")
