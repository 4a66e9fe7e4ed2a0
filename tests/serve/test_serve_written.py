"""A bundle whose answers are free text, served by a process of its own."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

import suffice
from commands import RUNGS_ALONE, Fitted, fit_json, run_here
from served import Reply, Served, another_version, served
from suffice.bundles.folder import version_of
from suffice.records.completion import Decoding
from suffice.rungs.answering import AskedQuestion
from suffice.serve.scribes import Scribes, Wish
from word_sums import ENDS_SOON, word_sums, write_answer_task

ASKED = word_sums(3)[2]["question"]


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Fitted:
    """A finished fit of the commonest answer and a tiny language model as it is."""
    folder = tmp_path_factory.mktemp("answering")
    task = write_answer_task(folder, ladder=["majority", f"{tiny_llama}@prompted"])
    return fit_json(task, *RUNGS_ALONE, out=folder / "out", home=folder / "home")


@pytest.fixture(scope="module")
def writer(answering: Fitted) -> Path:
    """The bundle of the language model."""
    (place,) = [folder for folder in answering.bundle("").iterdir() if folder.name != "majority"]
    return place


@pytest.fixture(scope="module")
def desk(answering: Fitted, writer: Path, fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serves both beside one that gives labels."""
    bundles = [f"writer={writer}", f"common={answering.bundle('majority')}", fitted.bundle("tfidf")]
    with served(*bundles, "--deadline", 60, home=tmp_path_factory.mktemp("serving")) as up:
        yield up


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Path:
    """The bundle of a language model whose answers are held to their form."""
    folder = tmp_path_factory.mktemp("holding")
    task = write_answer_task(
        folder,
        n=60,
        ladder=[f"{tiny_llama}@prompted"],
        answer={"hold_form": True},
        completion={"max_tokens": 8, "stop": ENDS_SOON},
    )
    found = fit_json(task, "--skip", "prompt", out=folder / "out", home=folder / "home")
    (place,) = found.bundle("").iterdir()
    return place


def content(reply) -> str:
    return reply.body["choices"][0]["message"]["content"]


def test_it_says_what_the_bundle_writes_and_counts_its_tokens(desk: Served, writer: Path) -> None:
    (expected,) = suffice.load(writer).answer([ASKED])
    reply = desk.chat("writer", ASKED)
    assert content(reply) == expected.completion
    usage = reply.body["usage"]
    assert usage["completion_tokens"] == expected.n_tokens == 8
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert reply.body["choices"][0]["finish_reason"] == "length"


def test_an_answer_is_served_in_its_form_where_that_is_held(holder: Path, tmp_path: Path) -> None:
    (expected,) = suffice.load(holder).answer([ASKED])
    assert (expected.held, expected.in_form) == (True, True)
    with served(f"holder={holder}", "--deadline", 60, home=tmp_path / "serving") as up:
        reply = up.chat("holder", ASKED)
    assert content(reply) == expected.completion
    assert content(reply).splitlines()[-1].startswith("#### ")
    assert reply.body["choices"][0]["finish_reason"] == "stop"
    ran = run_here("answer", holder, home=tmp_path / "home", given=f"{ASKED}\n")
    assert json.loads(ran.stdout)["completion"] == expected.completion


def test_an_answer_that_is_looked_up_took_no_tokens(desk: Served) -> None:
    reply = desk.chat("common", ASKED)
    assert content(reply) == "#### 12"
    assert reply.body["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert reply.body["choices"][0]["finish_reason"] == "stop"


def test_the_most_tokens_and_stop_strings_are_honoured(desk: Served) -> None:
    whole = content(desk.chat("writer", ASKED))
    assert desk.chat("writer", ASKED, max_tokens=3).body["usage"]["completion_tokens"] == 3
    sign = whole[len(whole) // 2]
    cut = desk.chat("writer", ASKED, stop=[sign])
    assert content(cut) == whole.partition(sign)[0]
    assert cut.body["choices"][0]["finish_reason"] == "stop"


def test_an_answer_that_is_looked_up_ends_where_a_stop_string_stands_and_has_no_tokens_to_be_short_of(
    desk: Served,
) -> None:
    cut = desk.chat("common", ASKED, stop=["2", " 1"])
    assert content(cut) == "####"
    assert cut.body["choices"][0]["finish_reason"] == "stop"
    assert content(desk.chat("common", ASKED, stop="#")) == ""
    assert content(desk.chat("common", ASKED, stop="x")) == "#### 12"
    # It counts none, which is at most one.
    assert content(desk.chat("common", ASKED, max_tokens=1)) == "#### 12"


def test_a_seed_draws_the_same_whatever_else_is_asked_meanwhile(desk: Served) -> None:
    def drawn(seed: int) -> str:
        return content(desk.chat("writer", ASKED, temperature=2.0, seed=seed, max_tokens=12))

    alone = drawn(5)
    with ThreadPoolExecutor(6) as pool:
        beside = list(pool.map(drawn, [5, 6, 7, 5, 8, 5]))
    assert [beside[0], beside[3], beside[5]] == [alone] * 3
    assert len(set(beside)) > 1


def test_an_answer_comes_in_parts_where_that_is_asked_for(desk: Served) -> None:
    reply = desk.chat("writer", ASKED, stream=True, stream_options={"include_usage": True})
    assert reply.text.rstrip().endswith("data: [DONE]")
    assert '"completion_tokens":8' in reply.text


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"logprobs": True}, "logprobs cannot be honoured: free text"),
        ({"guided_choice": ["a"]}, "guided_choice cannot be honoured: there are no labels"),
        ({"n": 2}, "n cannot be honoured: one answer is written"),
        ({"tools": [{}]}, "tools cannot be honoured: this model answers in its own words"),
        ({"guided_json": {}}, "guided_json cannot be honoured: the form of an answer was settled"),
        ({"frequency_penalty": 1.0}, "frequency_penalty cannot be honoured: the model writes as it was measured"),
        (
            {"messages": [{"role": "system", "content": "Be brief."}]},
            "send the message as the user's, and nothing else",
        ),
        ({"messages": [{"role": "assistant", "content": "12"}]}, "it is the one that is answered"),
        ({"stop": ""}, "stop must hold no empty string"),
        ({"stop": ["a", ""]}, "stop must hold no empty string"),
    ],
)
def test_what_free_text_cannot_honour_is_refused(desk: Served, more: dict[str, object], told: str) -> None:
    reply = desk.chat("writer", ASKED, **more)
    assert reply.status == 400
    assert told in reply.error["message"]


def test_more_tokens_than_the_model_holds_or_the_server_writes_are_refused_with_both(desk: Served) -> None:
    for key in ("max_tokens", "max_completion_tokens"):
        reply = desk.chat("writer", ASKED, **{key: 257})
        assert reply.status == 400
        # The tiny model holds 256 tokens, and a server writes 2,048 where nobody says otherwise.
        assert "max_tokens is at most 256 here" in reply.error["message"]
        assert "writes 2,048 tokens for a request" in reply.error["message"]
        assert "holds 256 together with the question; got 257" in reply.error["message"]
    assert desk.chat("common", ASKED, max_tokens=2_048).status == 200
    assert "at most 2,048 here" in desk.chat("common", ASKED, max_tokens=2_049).error["message"]


def test_labels_are_not_cut_and_other_routes_say_where_to_ask(desk: Served) -> None:
    assert "a whole label" in desk.chat("tfidf", "card", stop="x").error["message"].replace("one whole", "a whole")
    assert desk.chat("tfidf", "card", stop=[]).status == 200
    assert "there is one most probable label" in desk.chat("tfidf", "card", n=2).error["message"]
    refused = desk.ask("/classify", {"model": "writer", "texts": [ASKED]})
    assert refused.status == 400
    assert "ask it at /v1/chat/completions" in refused.error["message"]


def test_a_question_that_leaves_no_room_is_refused_and_those_beside_it_are_answered(desk: Served) -> None:
    with ThreadPoolExecutor(4) as pool:
        long, *others = pool.map(lambda text: desk.chat("writer", text), ["word " * 600, ASKED, ASKED, ASKED])
    assert (long.status, {one.status for one in others}) == (400, {200})
    assert "must leave room for an answer" in long.error["message"]


def test_models_are_listed_with_labels_where_they_have_some(desk: Served) -> None:
    cards = {card["id"]: card["labels"] for card in desk.ask("/v1/models").body["data"]}
    assert cards["writer"] == cards["common"] == []
    assert cards["tfidf"]


def test_training_rows_leave_as_questions_with_their_answers(writer: Path, tmp_path: Path) -> None:
    ran = run_here("export", writer, "--to", "openai-jsonl", "--out", tmp_path / "rows.jsonl", home=tmp_path / "home")
    assert ran.returncode == 0, ran.stderr
    rows = [json.loads(line)["messages"] for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    answers = {row["question"]: row["answer"] for row in word_sums(120)}
    assert rows
    assert all(said["content"] == answers[asked["content"]] for _, asked, said in rows)


def test_one_who_has_gone_takes_no_answer_from_another_and_ends_no_thread(writer: Path) -> None:
    scribes = Scribes(max_waiting=9, told=lambda n, seconds: None)
    scribe, question = scribes.put("writer", writer), AskedQuestion(id="0", text=ASKED)
    gone, late, stays = (
        Wish(asked=question, decoding=Decoding(max_new_tokens=3), deadline=monotonic() + seconds)
        for seconds in (60, -1, 60)
    )
    for one in (gone, late):
        one.future.cancel()
    for one in (gone, late, stays):
        scribe.ask(one)
    assert stays.future.result(60).completion.n_tokens == 3
    scribes.close()


KEYS = {"SUFFICE_ADMIN_KEY": "admin-key"}
CHANGE = {"authorization": "Bearer admin-key"}


def loaded(up: Served, name: str, path: str) -> Reply:
    return up.ask("/v1/load_lora_adapter", {"lora_name": name, "lora_path": path}, **CHANGE)


def test_one_that_writes_is_swapped_under_load_and_no_request_is_lost(writer: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shutil.copytree(writer, shelf / "one")
    another_version(writer, shelf / "two")
    answers, ends = [], threading.Event()
    with served(f"w={shelf / 'one'}", "--bundles", shelf, "--deadline", 60, home=tmp_path / "home", **KEYS) as up:

        def ask(_: int) -> None:
            while not ends.is_set():
                answers.append(up.chat("w", ASKED, max_tokens=3))

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask, i) for i in range(4)]
            for path in ("two", "one", "two"):
                reply = loaded(up, "w", path)
                assert reply.status == 200
                # From here on the new one answers.
                assert up.chat("w", ASKED).headers["x-suffice-bundle"] == f"w@{reply.body['version']}"
            ends.set()
            for one in asking:
                one.result(60)
        cards = up.ask("/v1/models").body["data"]
    assert {one.status for one in answers} == {200}
    assert len({content(one) for one in answers}) == 1
    versions = {one.headers["x-suffice-bundle"] for one in answers}
    assert versions <= {f"w@{version_of(shelf / name)}" for name in ("one", "two")}
    assert [card["id"] for card in cards] == ["w"]


def test_a_name_goes_from_one_that_writes_to_one_that_names_labels_and_back(
    answering: Fitted, fitted: Fitted, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    shutil.copytree(answering.bundle("majority"), shelf / "writes")
    shutil.copytree(fitted.bundle("tfidf"), shelf / "labels")
    with served(f"clerk={shelf / 'writes'}", "--bundles", shelf, home=tmp_path / "home", **KEYS) as up:
        assert content(up.chat("clerk", ASKED)) == "#### 12"
        for path, said in (("labels", 4), ("writes", 0)):
            card = loaded(up, "clerk", path)
            assert (card.status, len(card.body["labels"])) == (200, said)
            assert [one["id"] for one in up.ask("/v1/models").body["data"]] == ["clerk"]
            assert up.ask("/classify", {"model": "clerk", "texts": ["card"]}).status == (200 if said else 400)
        assert loaded(up, "other", "writes").status == 200
        assert up.ask("/v1/unload_lora_adapter", {"lora_name": "clerk"}, **CHANGE).status == 200
        assert up.chat("clerk", ASKED).status == 404
        assert content(up.chat("other", ASKED)) == "#### 12"
        refused = up.ask("/v1/unload_lora_adapter", {"lora_name": "othr"}, **CHANGE)
        assert (refused.status, refused.error["param"]) == (400, "lora_name")
        assert "'othr' (nearest: 'other') among 1" in refused.error["message"]


def test_whoever_found_a_bundle_before_another_took_its_place_is_answered_by_it(answering: Fitted) -> None:
    scribes = Scribes(max_waiting=9, told=lambda n, seconds: None)
    found = scribes.put("w", answering.bundle("majority"))
    assert scribes.put("w", answering.bundle("majority")) is not found
    for _ in range(2):
        wish = Wish(
            asked=AskedQuestion(id="0", text=ASKED), decoding=Decoding(max_new_tokens=8), deadline=monotonic() + 60
        )
        found.ask(wish)
        assert wish.future.result(60).completion.text == "#### 12"
    scribes.close()
