import pytest


def test_keys_are_columns_and_blank_lines_are_passed_over(write, read):
    write("m.jsonl", '{"text": "a", "label": "x"}\n\n  \n{"label": "y", "text": "b", "more": [1]}')
    assert [(r["row"], r["text"], r["label"]) for r in read("m.jsonl")] == [(0, "a", "x"), (1, "b", "y")]


def test_whole_numbers_and_truth_values_become_labels_as_json_writes_them(write, read):
    write("m.jsonl", '{"text": "a", "label": 3}\n{"text": "b", "label": true}\n{"text": "c", "label": 0}\n')
    assert [r["label"] for r in read("m.jsonl")] == ["3", "true", "0"]


@pytest.mark.parametrize(
    ("label", "got"),
    [
        ("null", "null, or nothing there"),
        ('""', "''"),
        ('" "', "' '"),
        ('["x"]', r"a list: \['x'\]"),
        ('{"a": 1}', "an object: {'a': 1}"),
        ("NaN", "a number: nan"),
        ("1.5", "a number: 1.5"),
    ],
)
def test_a_label_that_is_no_single_value_is_told_with_its_line(write, refused, label, got):
    write("m.jsonl", '{"text": "a", "label": "x"}\n{"text": "b", "label": ' + label + "}\n")
    (problem,) = refused("m.jsonl")
    assert (problem.where, problem.rule) == ("m.jsonl:2", "label must be one label")
    assert problem.got == got.replace("\\", "")
    assert "label" in problem.fix


@pytest.mark.parametrize("row", ['{"label": "x"}', '{"text": null, "label": "x"}', '{"text": 5, "label": "x"}'])
def test_a_text_that_is_none_is_told_with_its_line(write, refused, row):
    write("m.jsonl", '{"text": "a", "label": "x"}\n' + row)
    (problem,) = refused("m.jsonl")
    assert (problem.where, problem.rule) == ("m.jsonl:2", "text must be text")
    assert problem.got in ("null, or nothing there", "5")
    assert problem.fix == "give the message as a string, or take the row out"


@pytest.mark.parametrize(
    ("line", "got"),
    [
        ('{"text": "a", "label"', "(Expecting ':' delimiter, column 22)"),
        ('{"text": "a"} {"label": "x"}', "(Extra data, column 15)"),
        ('{"text": "a", "text": "b"}', "(a key is there twice)"),
        ("[" * 100_000, "(maximum recursion depth exceeded"),
    ],
)
def test_a_line_that_is_no_json_is_told_with_the_place(write, refused, line, got):
    write("m.jsonl", '{"text": "a", "label": "x"}\n' + line + "\n")
    (problem,) = refused("m.jsonl")
    assert (problem.where, problem.rule) == ("m.jsonl:2", "every line must be one JSON object")
    assert got in problem.got
    assert problem.fix == "correct the line, or take it out"


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_number_that_is_too_long_is_told_by_its_digits_and_its_line(write, refused, read, sign):
    # Python reads whole numbers of up to 4,300 digits (library reference, integer string conversion length limitation).
    write("m.jsonl", f'{{"text": "a", "label": "x"}}\n{{"text": "b", "label": {sign}{"1" * 4_301}}}\n')
    (problem,) = refused("m.jsonl")
    assert (problem.where, problem.rule) == ("m.jsonl:2", "a number in JSON must have at most 4,300 digits")
    assert (problem.got, problem.fix) == ("one of 4,301 digits", "write it as text, in quotes")
    write("m.jsonl", f'{{"text": "a", "label": {sign}{"1" * 4_300}}}\n')
    assert read("m.jsonl")[0]["label"] == f"{sign}{'1' * 4_300}"


def test_a_line_that_is_a_list_is_told(write, refused):
    write("m.jsonl", '{"text": "a", "label": "x"}\n["b", "y"]\n')
    (problem,) = refused("m.jsonl")
    assert (problem.where, problem.got) == ("m.jsonl:2", "['b', 'y']")
    assert problem.fix == 'write every row as {"text": ..., "label": ...}'


@pytest.mark.parametrize(("escape", "got"), [(r"\u0000", "'a\\x00'"), (r"\ud83d", "half of a surrogate pair")])
def test_escapes_that_no_utf8_file_can_hold_are_told(write, refused, escape, got):
    write("m.jsonl", '{"text": "a' + escape + '", "label": "x"}\n')
    (problem,) = refused("m.jsonl")
    assert problem.where == "m.jsonl:1"
    assert got in problem.got
    assert problem.fix.startswith("remove")


def test_both_halves_of_a_surrogate_pair_are_one_character(write, read):
    write("m.jsonl", r'{"text": "\ud83d\ude00", "label": "x"}')
    assert [r["text"] for r in read("m.jsonl")] == ["😀"]


def test_a_field_of_ten_megabytes_is_read(write, read):
    write("m.jsonl", '{"text": "' + "a" * 10_000_000 + '", "label": "x"}\n')
    assert [len(r["text"]) for r in read("m.jsonl")] == [10_000_000]
