from __future__ import annotations

import csv
import io
import json
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from commands import SUFFICE, environment, run_suffice, start_suffice
from messages import LABELS, message_rows, split_rows

TEXTS = [row.text for row in message_rows(600, seed=9)]


@pytest.fixture
def bundle(fitted):
    return fitted.bundle("tfidf")


def test_lines_on_standard_input_become_json_lines_in_order(fitted, bundle):
    ran = run_suffice("classify", bundle, home=fitted.home, given="\n".join([*TEXTS[:300], "", "last"]) + "\n")
    assert ran.returncode == 0, ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [answer["text"] for answer in answers] == [*TEXTS[:300], "", "last"]
    assert list(answers[0])[:5] == ["text", "label", "probability", "probabilities", "route"]
    assert tuple(answers[0]["probabilities"]) == LABELS
    assert [answer["route"] for answer in answers[-3:]] == ["local", "review", "local"]
    assert ran.stderr == ""


def test_a_pipe_that_gives_a_line_now_and_then_is_answered_line_by_line(fitted):
    process = start_suffice("classify", fitted.bundle("majority"), home=fitted.home)
    for text in ("first", "second"):
        process.stdin.write(f"{text}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["text"] == text
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def test_head_ends_it_quietly(fitted, tmp_path):
    many = tmp_path / "many.txt"
    many.write_text("message\n" * 50_000)
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{SUFFICE}' classify '{fitted.bundle('majority')}' '{many}' | head -1"],
        env=environment(fitted.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert len(ran.stdout.splitlines()) == 1
    assert ran.stderr == ""


def test_csv_in_and_csv_out(suffice, bundle, tmp_path):
    messages = tmp_path / "new.csv"
    messages.write_text('id,Message\n1,"my card, please"\n2,\n', encoding="utf-8")
    ran = suffice("classify", bundle, messages, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [row["text"] for row in rows] == ["my card, please", ""]
    assert [row["route"] for row in rows] == ["local", "review"]
    assert json.loads(rows[0]["probabilities"])["card"] == pytest.approx(float(rows[0]["probability"]))


def test_json_lines_by_name_and_by_option(suffice, bundle, tmp_path):
    messages = tmp_path / "new.jsonl"
    messages.write_text('{"text": "my card"}\n"my refund"\n', encoding="utf-8")
    answers = [json.loads(line) for line in suffice("classify", bundle, messages).out.splitlines()]
    assert [answer["text"] for answer in answers] == ["my card", "my refund"]
    as_lines = suffice("classify", bundle, messages, "--input-format", "lines").out.splitlines()
    assert json.loads(as_lines[0])["text"] == '{"text": "my card"}'


def test_the_column_may_be_named(suffice, bundle, tmp_path):
    messages = tmp_path / "new.csv"
    messages.write_text("text,note\na,my card\n", encoding="utf-8")
    answer = json.loads(suffice("classify", bundle, messages, "--text", "note").out)
    assert (answer["text"], answer["label"]) == ("my card", "card")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "new.txt",
            b"one\ncaf\xe9\n",
            r"new.txt:2: must be UTF-8\n  got: byte 0xe9 at position 3 of the line",
        ),
        ("new.jsonl", b'"one"\n{bad\n', "new.jsonl:2: every line must be JSON"),
        ("new.csv", b"id,words\n1,one\n", "new.csv:1: must have a column 'text'"),
        ("new.tsv", b"text\tb\n", "messages are read as lines, CSV or JSON Lines"),
        ("new.parquet", b"PAR1", "convert it to CSV or JSON Lines"),
    ],
)
def test_what_cannot_be_read_ends_with_two_and_the_line(suffice, bundle, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    ran = suffice("classify", bundle, tmp_path / name)
    assert ran.code == 2

    assert re.search(message, ran.err), ran.err
    assert [json.loads(line)["text"] for line in ran.out.splitlines()] == (["one"] if "2: " in message else [])


def test_files_that_are_not_there_are_named(suffice, bundle, tmp_path):
    ran = suffice("classify", bundle, tmp_path / "nowhere.txt")
    assert (ran.code, ran.out) == (2, "")
    assert "nowhere.txt: must be a file that can be read" in ran.err
    assert suffice("classify", tmp_path / "no-bundle", tmp_path / "nowhere.txt").code == 2


def test_a_byte_order_mark_is_no_part_of_the_message(suffice, bundle, tmp_path):
    (tmp_path / "new.txt").write_bytes(b"\xef\xbb\xbfmy card\n")
    assert json.loads(suffice("classify", bundle, tmp_path / "new.txt").out)["text"] == "my card"


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_interrupted_file_of_answers_is_gone_on_with(suffice, bundle, tmp_path, form):
    messages, out = tmp_path / "new.txt", tmp_path / "answers"
    messages.write_text("\n".join(TEXTS) + "\n")
    assert suffice("classify", bundle, messages, "--out", out, "--format", form) == (0, "", "")
    whole = out.read_bytes()
    out.write_bytes(whole[: len(whole) // 2])
    suffice("classify", bundle, messages, "--out", out, "--format", form)
    assert out.read_bytes() == whole
    messages.write_text("\n".join(reversed(TEXTS)) + "\n")
    ran = suffice("classify", bundle, messages, "--out", out, "--format", form)
    assert ran.code == 2
    assert "name the same messages as before, or another --out" in ran.err
    assert out.read_bytes() == whole


def test_a_changed_bundle_is_refused(suffice, bundle, tmp_path):

    changed = shutil.copytree(bundle, tmp_path / "bundle")
    (changed / "classifier.json").write_text("{}")
    ran = suffice("classify", changed, bundle / "README.md")
    assert (ran.code, ran.out) == (2, "")
    assert "classifier.json: must have the sha256" in ran.err


def test_a_table_on_standard_input_is_told_by_its_header_and_it_says_so(fitted, bundle):
    ran = run_suffice("classify", bundle, home=fitted.home, given="id,text\n1,my card\n2,my refund\n")
    assert [json.loads(line)["text"] for line in ran.stdout.splitlines()] == ["my card", "my refund"]
    assert ran.stderr.startswith("standard input is read as csv, by its first line")
    as_lines = run_suffice(
        "classify", bundle, "--input-format", "lines", home=fitted.home, given="id,text\n1,my card\n"
    )
    assert [json.loads(line)["text"] for line in as_lines.stdout.splitlines()] == ["id,text", "1,my card"]


def test_messages_of_two_columns_are_made_again_as_the_bundle_learned_them(tmp_path, suffice):
    rows = split_rows()
    table = "".join(f'{row.text},"{row.text.split()[2]} again",{row.label},{row.split}\n' for row in rows)
    (tmp_path / "messages.csv").write_text("subject,body,label,split\n" + table, encoding="utf-8")
    task = {"name": "two", "data": {"path": "messages.csv", "text": ["subject", "body"]}, "target": {"at_least": 0.9}}
    (tmp_path / "task.yaml").write_text(json.dumps(task), encoding="utf-8")
    assert suffice("fit", tmp_path / "task.yaml", "--rungs", "tfidf", "--json").code == 0
    bundle = tmp_path / "suffice-out" / "two" / "bundles" / "tfidf"
    lines = suffice("classify", bundle, tmp_path / "messages.csv").out.splitlines()
    assert json.loads(lines[0])["text"] == f"{rows[0].text}\n\n{rows[0].text.split()[2]} again"
    one = suffice("classify", bundle, tmp_path / "messages.csv", "--text", "body").out.splitlines()
    assert json.loads(one[0])["text"] == f"{rows[0].text.split()[2]} again"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only Linux has a device that is always full")
def test_a_full_disk_behind_standard_output_is_the_persons_to_mend(fitted, bundle):
    with Path("/dev/full").open("w") as full:
        process = start_suffice("classify", bundle, home=fitted.home, stdout=full)
        _, said = process.communicate("message\n" * 1_000, timeout=60)
    assert process.returncode == 2
    assert said == (
        "standard output: must take what is written\n  got: No space left on device\n"
        "  fix: free some space, and run the same command again\n"
    )


def test_an_interruption_does_not_wait_for_the_next_line_of_a_pipe(fitted):
    process = start_suffice("classify", fitted.bundle("majority"), home=fitted.home)
    process.stdin.write("first\n")
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert process.stderr.read().startswith("interrupted;")
    process.communicate()


def test_an_interruption_does_not_wait_for_whoever_reads_the_answers(fitted, tmp_path):
    (tmp_path / "many.txt").write_text("message\n" * 50_000)
    process = start_suffice("classify", fitted.bundle("majority"), tmp_path / "many.txt", home=fitted.home)
    process.stdout.read(1)
    time.sleep(0.5)  # The pipe fills; if it has not, the test is the easier one of an interruption while answering.
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert process.stderr.read().startswith("interrupted;")
    process.communicate()


def test_answers_that_nobody_reads_any_more_end_it_before_the_next_line_comes(fitted):
    process = start_suffice("classify", fitted.bundle("majority"), home=fitted.home)
    process.stdin.write("first\n")
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write("second\n")
    process.stdin.flush()
    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == ""
    process.stdin.close()
    process.stderr.close()
