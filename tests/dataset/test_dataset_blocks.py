import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.dataset import blocks as blocks_module
from suffice.dataset.blocks import LONGEST_LINE, TextBlocks, lines
from suffice.dataset.problems import Problems


def read_blocks(content: bytes) -> tuple[str, Problems, list[int]]:
    problems, advances = Problems("m.csv"), list[int]()
    blocks = TextBlocks(io.BytesIO(content), problems=problems, advance=advances.append)
    return "".join(blocks), problems, advances


def test_a_byte_that_is_not_utf8_is_told_with_line_offset_and_conversion():
    _, problems, _ = read_blocks(b"text,label\nok,x\ncaf\xe9,y\n")
    (problem,) = problems.kept
    assert problem.where == "m.csv:3"
    # "text,label\n" are 11 bytes, "ok,x\n" 5 and "caf" 3.
    assert (problem.rule, problem.got) == ("the file must be UTF-8 text", "byte 0xe9 at byte offset 19")
    assert "iconv -f WINDOWS-1252 -t UTF-8 m.csv > utf8-m.csv" in problem.fix


def test_many_bad_bytes_in_one_line_are_one_problem_and_every_line_is_told():
    _, problems, _ = read_blocks(b"\xe9\xe9 \xe9\nfine\n\xff\n")
    assert [problem.where for problem in problems.kept] == ["m.csv:1", "m.csv:3"]


def test_a_nul_is_told_once_a_line_with_what_removes_it():
    text, problems, _ = read_blocks(b"a\n\0b\0\nc\n\0")
    assert [(p.where, p.got) for p in problems.kept] == [("m.csv:2", "byte 0x00"), ("m.csv:4", "byte 0x00")]
    assert "tr -d '\\000' < m.csv" in problems.kept[0].fix
    assert text == "a\n\ufffdb\ufffd\nc\n\ufffd"


def test_bad_bytes_far_into_a_file_have_their_own_line_and_offset():
    line = b"0123456789abcde\n"
    content = line * 200_000 + b"\xff\n" + line * 100_000 + b"\0\n"
    _, problems, _ = read_blocks(content)
    assert [p.where for p in problems.kept] == ["m.csv:200001", "m.csv:300002"]
    # 200,000 lines of 16 bytes.
    assert "offset 3,200,000" in problems.kept[0].got


def test_a_character_cut_off_at_the_end_is_told():
    text, problems, _ = read_blocks("aé".encode()[:-1])
    assert (text, [p.got for p in problems.kept]) == ("a\ufffd", ["byte 0xc3 at byte offset 1"])


def test_progress_adds_up_to_the_size_without_the_byte_order_mark():
    text, _, advances = read_blocks(b"\xef\xbb\xbf" + b"a" * 3_000_000)
    assert (len(text), sum(advances), len(advances)) == (3_000_000, 3_000_000, 3)


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")), size=st.integers(1, 7))
def test_text_is_whole_however_blocks_cut_it(text, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks_module, "BLOCK_BYTES", size)
        read, problems, _ = read_blocks(text.encode())
        assert (read, problems.n) == (text, 0)
        blocks = TextBlocks(io.BytesIO(text.encode()), problems=problems, advance=lambda n: None)
        physical = list(lines(blocks, problems=problems))
    assert "".join(physical) == text
    assert [line.count("\n") for line in physical[:-1]] == [1] * max(0, len(physical) - 1)


@given(content=st.binary(), size=st.integers(1, 7))
def test_bad_bytes_are_told_at_the_lines_where_they_are_however_blocks_cut_them(content, size):
    content = content.removeprefix(b"\xef\xbb\xbf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks_module, "BLOCK_BYTES", size)
        patch.setattr("suffice.dataset.problems.MAX_SHOWN", 1000)
        _, problems, _ = read_blocks(content)
    # A character never spans a line end, so that each line can be decoded by itself.
    bad = [n for n, line in enumerate(content.split(b"\n"), 1) if b"\0" in line or not is_utf8(line)]
    assert sorted({problem.where for problem in problems.kept}) == sorted(f"m.csv:{n}" for n in bad)


def is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_a_line_without_end_is_told_and_ends_the_reading():
    problems = Problems("m.jsonl")
    content = b"short\n" + b"x" * (LONGEST_LINE + 2**20)
    blocks = TextBlocks(io.BytesIO(content), problems=problems, advance=lambda n: None)
    assert list(lines(blocks, problems=problems)) == ["short\n"]
    (problem,) = problems.kept
    assert problem.where == "m.jsonl:2"
    assert problem.fix == "close the quote or bracket that was left open, or take this row out"
