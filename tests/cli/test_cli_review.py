"""review, clean and diff, by lines, by keys on a terminal, and killed between two decisions."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import shlex
import signal
import sys
import termios
import time

import pytest

from commands import start_suffice
from messages import LABELS, split_rows, write_task
from suffice.cli.ask_label import completions

PATIENCE_SECONDS = 150.0
"""On a machine with other work, a start alone may take half a minute."""


@pytest.fixture
def task(tmp_path):
    return write_task(tmp_path, split_rows(wrong=0.1))


@pytest.fixture
def review(task, suffice, monkeypatch):
    """Reviews with one answer a line."""

    def run(*answers, options=("--who", "ann")):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))
        return suffice("review", task, *options)

    return run


def decisions(task):
    path = task.parent / "decisions.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def wait_for(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_one_answer_a_line_decides(review, task):
    ran = review("k", "l sig", "a", "d", "s", "q")
    assert ran.code == 0, ran.err
    assert [one["action"] for one in decisions(task)][:1] == ["keep"]
    assert [one["became"] for one in decisions(task)][1] in {"sign_in", None}
    assert [one["action"] for one in decisions(task)][2:4] == ["ambiguous", "drop"]
    assert {one["who"] for one in decisions(task)} == {"ann"}


def test_a_card_shows_the_message_the_label_and_why_in_eighty_columns(review):
    ran = review("q")
    assert max(len(line) for line in ran.out.splitlines() if "/" not in line) <= 80
    for said in (
        "1 of 300",
        "label ",
        "suggested ",
        "points more probable",
        "rank 1 of 150 by suspicion",
        "k keep  s sug",
    ):
        assert said in ran.out


def test_the_end_names_the_decisions_and_the_next_command(review, task):
    said = " ".join(review("k", "d").out.split())
    assert "ann has decided 2 of 300 rows: 1 keep, 1 drop" in said
    assert "no estimate yet" in said
    assert f"decisions: {task.parent / 'decisions.jsonl'} next: suffice clean {task}" in said


def test_enough_rows_give_an_estimate_and_the_same_command_goes_on(review):
    review(*["k"] * 100)
    ran = review(*["k"] * 50)
    assert ran.out.startswith("101 of 300 ─")
    said = " ".join(ran.out.split())
    assert re.search(
        r"train: about \d+ of 150 labels are wrong in the data as read \(90% interval \d+ to \d+\), by \d+ rows looked",
        said,
    )


def test_what_is_no_answer_is_told_and_the_row_asked_again(review, task):
    ran = review("", "x", "l zebra", "l ", "u", "k x", "?", "k")
    assert [one["action"] for one in decisions(task)] == ["keep"]
    for said in (
        "'' is no answer here",
        "'x' is no answer here",
        "no label begins with 'zebra'",
        "4 labels begin with ''",
        "there is no decision of yours to take back",
        "'k x' is no answer here",
        "take your last decision back",
    ):
        assert said in ran.out


def test_undo_is_written_too(review, task):
    ran = review("d", "u", "k")
    assert [one["action"] for one in decisions(task)] == ["drop", "undo", "keep"]
    assert len({one["row"] for one in decisions(task)}) == 1
    assert f"taken back: drop, row {decisions(task)[0]['row']} of messages.csv" in ran.out


def test_a_blind_row_offers_no_suggestion(review):
    ran = review(*["k"] * 45)
    blind = next(part for part in ran.out.split("─\n") if "a random validation row" in part)
    assert "suggested" not in blind
    assert "nearest" not in blind
    assert "by suspicion" not in blind


def test_json_is_all_that_is_on_standard_output(review, task):
    ran = review("k", "d", options=("--who", "ann", "--json"))
    document = json.loads(ran.out)
    assert (document["who"], document["n_decided"], document["actions"]) == ("ann", 2, {"keep": 1, "drop": 1})
    assert (document["estimates"], document["decisions"]) == ({}, str(task.parent / "decisions.jsonl"))
    assert "1 of 300" in ran.err


def test_validation_rows_alone_are_shown_blind_and_counted(review, task):
    ran = review(*["k"] * 40, options=("--validation",))
    assert "suggested" not in ran.out
    assert {one["shown"]["stratum"] for one in decisions(task)} == {"validation"}
    assert re.search(r"validation: about \d+ of \d+ labels are wrong in the data as read", " ".join(ran.out.split()))


def test_the_whole_queue_goes_on_from_validation_rows_decided_alone(review, task):
    review(*["k"] * 10, options=("--validation",))
    first = {one["row"] for one in decisions(task)}
    review(*["k"] * 140)
    assert first <= {one["row"] for one in decisions(task) if one["shown"]["stratum"] == "validation"}


def test_validation_rows_alone_stand_beside_no_other_order(review):
    ran = review("k", options=("--validation", "--fix-first"))
    assert ran.code == 2
    assert "--validation" in ran.err


def test_fix_first_says_that_it_estimates_nothing(review):
    assert "no estimate: --fix-first draws no rows at random" in review("k", options=("--fix-first",)).out


def test_fix_first_shows_no_test_rows(review):
    ran = review("k", options=("--fix-first", "--also-test"))
    assert ran.code == 2
    assert re.search(r"--fix-first: shows no row .*\n  got: --also-test beside it\n  fix: leave out one", ran.err)


def test_clean_names_the_command_that_shows_contradictions_again(suffice, tmp_path, monkeypatch):
    rows = [
        row._replace(text="the same" if k < 2 else row.text, label=LABELS[k % 2]) for k, row in enumerate(split_rows())
    ]
    path = write_task(tmp_path, rows)
    monkeypatch.setattr(sys, "stdin", io.StringIO("k\n" * 300))
    assert suffice("review", path, "--who", "ann").code == 0
    ran = suffice("clean", path)
    (command,) = [line for line in ran.out.splitlines() if "--row=" in line]
    monkeypatch.setattr(sys, "stdin", io.StringIO("k\nd\n"))
    again = suffice(*shlex.split(command)[1:], "--who", "ann")
    assert again.out.count("you named it; rank") == 2
    assert "several labels" not in suffice("clean", path).out


def test_a_file_that_cannot_be_written_is_told_before_a_row_is_shown(review, task):
    ran = review("k", options=("--decisions", str(task.parent / "nowhere" / "x.jsonl")))
    assert (ran.code, ran.out) == (2, "")
    assert re.search(r"no folder .*\n  fix: make the folder, or name another file with --decisions", ran.err)


def test_a_review_of_test_rows_says_that_it_spends_the_test(review):
    assert "spends the test" in " ".join(review("q", options=("--also-test",)).err.split())


def test_who_it_is_need_not_be_said(review, task):
    review("k", options=())
    assert decisions(task)[0]["who"]


def test_a_line_cut_off_is_told_with_its_place(review, task):
    review("k", "d")
    path = task.parent / "decisions.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    ran = review("k")
    assert re.search(
        r"decisions.jsonl:2: a line must be .*\n  got: .*cut off in mid-line\n  fix: decide about", ran.err
    )
    assert "2 of 300" in ran.out


def test_a_message_cannot_move_the_cursor(suffice, tmp_path, monkeypatch):
    rows = [row._replace(text=f"{row.text}\x1b[2J\x07") for row in split_rows()]
    monkeypatch.setattr(sys, "stdin", io.StringIO("q\n"))
    ran = suffice("review", write_task(tmp_path, rows))
    assert "\N{REPLACEMENT CHARACTER}[2J" in ran.out
    assert "\x1b" not in ran.out


@pytest.mark.parametrize(
    ("start", "found"),
    [("s", ["sign_in"]), ("CARD", ["card"]), ("p", ["parcel"]), ("in", ["sign_in"]), ("", list(LABELS)), ("x", [])],
)
def test_a_label_is_found_by_its_start_or_else_by_a_part_of_it(start, found):
    assert completions(start, LABELS) == found


def test_a_label_that_begins_another_can_be_meant():
    assert completions("card", ("card", "card_lost")) == ["card"]


def test_a_review_killed_between_decisions_has_lost_none(task, tmp_path):
    home = tmp_path / "home"
    process = start_suffice("review", task, "--who", "ann", home=home)
    for n, answer in enumerate("kdka", start=1):
        process.stdin.write(f"{answer}\n")
        process.stdin.flush()
        wait_for(lambda n=n: len(decisions(task)) == n)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert [one["action"] for one in decisions(task)] == ["keep", "drop", "keep", "ambiguous"]
    again = start_suffice("review", task, "--who", "ann", home=home)
    out, _ = again.communicate("k\n", timeout=PATIENCE_SECONDS)
    assert "5 of 300" in out.splitlines()[0]
    assert len(decisions(task)) == 5


def test_keys_decide_on_a_terminal_and_a_label_is_typed(task, tmp_path):
    ours, theirs = pty.openpty()
    process = start_suffice(
        "review", task, "--who", "ann", home=tmp_path / "home", stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""

    def type_when(expected, keys, *, without=termios.ICANON):
        """Types once the screen says so and the terminal gives single keys: until then they are thrown away."""
        nonlocal shown
        end = time.monotonic() + PATIENCE_SECONDS
        while (expected not in shown or termios.tcgetattr(ours)[3] & without) and time.monotonic() < end:
            if select.select([ours], [], [], 0.01)[0]:
                shown += os.read(ours, 65_536)
        assert expected in shown, shown
        shown = b""
        os.write(ours, keys)

    type_when(b"? help", b"d")
    type_when(b"? help", b"l")
    type_when(b"label: ", b"z")
    type_when(b"no such label", b"\x7f")
    type_when(b"card | money", b"mo")
    type_when(b"(money)", b"\t")
    type_when(b"label: money", b"\r")
    type_when(b"? help", b"l")
    type_when(b"label: ", b"\x1b")
    type_when(b"\r\x1b[K", b"\r", without=termios.ISIG)
    type_when(b"is no answer here", b"l")
    type_when(b"label: ", b"ca\r")
    type_when(b"? help", b"lmon\r")
    type_when(b"? help", b"q")
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    os.close(ours)
    first, *labelled = decisions(task)
    assert first["action"] == "drop"
    assert [one["became"] or one["was"] for one in labelled] == ["money", "card", "money"]


def test_clean_applies_what_was_decided_and_says_what_went(review, suffice, task):
    review("d", "d", "q")
    ran = suffice("clean", task)
    assert ran.code == 0, ran.err
    said = " ".join(ran.out.split())
    assert re.search(r"dropped decided: drop [12] ", said)
    assert re.search(r"clean-\w{12}: \d+ of 480 rows; the source file is as it was", said)
    assert f"next: suffice fit {task}" in said
    assert max(len(line) for line in ran.out.splitlines() if "changes.jsonl" not in line and "next:" not in line) <= 80
    again = suffice("clean", task)
    assert "nothing to do: the newest version is already that" in " ".join(again.out.split())


def test_the_commands_named_next_are_given_what_this_one_was(suffice, task, monkeypatch):
    out, decided = task.parent / "o o", task.parent / "my dec.jsonl"
    monkeypatch.setattr(sys, "stdin", io.StringIO("d\nq\n"))
    given = [str(task), "split.seed=3", "--out", str(out)]
    ran = suffice("review", *given, "--decisions", decided)
    named = ran.out.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(named) == ["suffice", "clean", *given, "--decisions", str(decided)]
    ran = suffice(*shlex.split(named)[1:])
    assert ran.code == 0, ran.err
    assert "decided: drop" in ran.out
    named = ran.out.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(named) == ["suffice", "fit", *given]


def test_after_cleaning_review_keeps_its_estimate_and_says_what_is_put_right(review, suffice, task):
    before = review(*["l card"] * 150)
    assert "put right" not in before.out
    ran = suffice("clean", task)
    cleaned = re.search(r"clean-\w{12}", ran.out)[0]
    after = " ".join(review("q").out.split())
    assert after.startswith("151 of 300")
    (estimate,) = re.findall(r"train: about .*?looked at", " ".join(before.out.split()))
    assert estimate in after
    assert re.search(rf"looked at of (\d+) found \1 are put right in {cleaned}", after)


def test_decisions_that_do_not_apply_are_told_by_review_audit_and_clean_alike(review, suffice, task):
    review("d", "d", "k")
    path = task.parent / "decisions.jsonl"
    first, second, third = map(json.loads, path.read_text().splitlines())
    bob = json.dumps(second | {"who": "bob", "action": "keep"})
    gone = json.dumps(first | {"text_sha256": "0"})
    path.write_text("\n".join([gone, json.dumps(second), bob, json.dumps(third)[:-9]]))
    for ran in (review("q"), suffice("audit", task), suffice("audit", task, "--json"), suffice("clean", task)):
        assert ran.code == 0, ran.err
        for said in ("decisions.jsonl:1: a decision applies to a row that is there", "decisions.jsonl:2 and "):
            assert said in ran.err
        assert "decisions.jsonl:4: a line must be one decision in JSON" in ran.err


def test_who_disagrees_is_told_at_the_end(review):
    review("d")
    ran = review("k", options=("--who", "bob"))
    assert "decisions.jsonl:1 and decisions.jsonl:2: people must agree about a row" in ran.err


def test_clean_as_json(suffice, task):
    document = json.loads(suffice("clean", task, "--json").out)
    assert document["version"].startswith("clean-")
    assert document["is_new"] is True
    assert document["n_rows"]["after"] == document["n_rows"]["before"] - sum(one["n"] for one in document["changes"])


def test_clean_does_not_take_a_wrong_name_for_no_decisions(suffice, task):
    ran = suffice("clean", task, "--decisions", "nope.jsonl")
    assert ran.code == 2
    assert re.search(r"--decisions: must name .*\n  got: no file 'nope.jsonl'\n  fix: correct the name", ran.err)


@pytest.fixture
def versions(suffice, task):
    """Names of the raw and the cleaned version."""
    document = json.loads(suffice("clean", task, "--json").out)
    return document["raw"], document["version"]


def test_diff_counts_and_names_rows(suffice, task, versions, monkeypatch):
    monkeypatch.chdir(task.parent)
    ran = suffice("diff", *versions)
    assert ran.code == 0, ran.err
    assert f"{versions[0]} (480 rows) to {versions[1]} (" in " ".join(ran.out.split())
    assert "dropped: messages.csv: row " in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    document = json.loads(suffice("diff", *versions, "--json").out)
    assert document["n_dropped"] == len(document["dropped"]) > 0
    assert (document["n_added"], document["n_relabelled"]) == (0, 0)


def test_diff_finds_versions_by_folder_hash_and_output_folder(suffice, task, versions):
    out = task.parent / "suffice-out" / "messages"
    raw, clean = versions
    by_folder = suffice("diff", out / "data" / raw, out / "data" / clean)
    by_hash = suffice("diff", raw.removeprefix("raw-"), clean.removeprefix("clean-"), "--out", out)
    assert by_folder.out == by_hash.out
    assert "the same rows with the same labels" in suffice("diff", raw, raw, "--out", out).out


def test_diff_tells_what_versions_there_are(suffice, task, versions, monkeypatch):
    monkeypatch.chdir(task.parent)
    ran = suffice("diff", "raw-000000000000", versions[1])
    assert ran.code == 2
    assert re.search(r"got: 'raw-0+', which none has\n  fix: there are: suffice-out/messages/data/raw-", ran.err)
    monkeypatch.chdir("/")
    assert "fix: there is none here; name the output folder with --out" in suffice("diff", *versions).err


def test_diff_refuses_a_name_that_several_have(suffice, tmp_path, monkeypatch):
    for name, sha in (("one", "abcd1"), ("two", "abcd2")):
        folder = tmp_path / "suffice-out" / name / "data" / f"raw-{sha}"
        folder.mkdir(parents=True)
        manifest = {"name": f"raw-{sha}", "sha256": sha, "parent": None, "change": "", "n_rows": 1}
        (folder / "manifest.json").write_text(json.dumps(manifest | {"sources": [], "text": []}))
    monkeypatch.chdir(tmp_path)
    ran = suffice("diff", "abcd", "abcd1")
    assert ran.code == 2
    assert re.search(r"got: 'abcd', which several have\n  fix: say which: .*raw-abcd1, .*raw-abcd2", ran.err)
