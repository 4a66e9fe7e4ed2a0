from pathlib import Path

CSV = "text,label\na,x\n"


def test_a_missing_file_names_the_nearest_one_beside_it(write, refused, tmp_path):
    write("messages.csv", CSV)
    (problem,) = refused("mesages.csv")
    assert problem.where == "mesages.csv"
    assert problem.got == f"no such file in {str(tmp_path)!r} (nearest: 'messages.csv')"
    assert problem.fix == "correct the path; it is relative to the task file's folder"


def test_a_missing_folder_is_named(refused, tmp_path):
    assert refused("data/2024/m.csv")[0].got == f"no folder {str(tmp_path / 'data/2024')!r}"


def test_a_folder_is_no_file(write, refused):
    write("data/m.csv", CSV)
    (problem,) = refused("data")
    assert (problem.got, problem.fix) == ("a folder", "name a file in it")


def test_what_is_neither_file_nor_folder_is_refused(refused):
    (problem,) = refused("/dev/null")
    assert (problem.got, problem.fix) == ("something that is no file", "write the rows to a file first")


def test_a_file_that_may_not_be_read_is_refused(write, refused, monkeypatch):
    path = write("m.csv", CSV)
    real_open = Path.open

    def closed(self, *args, **kwargs):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return real_open(self, *args, **kwargs)

    # Tests may run as root, whom no mode keeps out.
    monkeypatch.setattr(Path, "open", closed)
    (problem,) = refused("m.csv")
    assert (problem.got, problem.fix) == (
        "Permission denied",
        "correct the path, or let yourself read it: chmod u+r m.csv",
    )


def test_a_name_that_no_file_can_have_is_refused(refused):
    assert refused("m" * 300 + ".csv")[0].got == "File name too long"


def test_a_link_is_read_by_its_own_name(write, read, tmp_path):
    blob = write("blobs/1f3a", CSV)
    (tmp_path / "m.csv").symlink_to(blob)
    assert [r["source"] for r in read("m.csv")] == ["m.csv"]


def test_an_absolute_path_and_the_home_folder_are_followed(write, read, tmp_path, monkeypatch):
    write("m.csv", CSV)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(read(str(tmp_path / "m.csv"))) == len(read("~/m.csv")) == 1


def test_separate_files_are_the_splits(write, read):
    for name in ("a.csv", "b.csv", "c.csv"):
        write(name, CSV)
    rows = read(train="a.csv", validation="b.csv", test="c.csv")
    assert [(r["source"], r["row"], r["split"]) for r in rows] == [
        ("a.csv", 0, "train"),
        ("b.csv", 0, "validation"),
        ("c.csv", 0, "test"),
    ]


def test_files_of_one_name_are_called_as_they_are_given(write, read):
    write("train/m.csv", CSV)
    write("test/m.csv", CSV)
    rows = read(train="train/m.csv", test="test/m.csv")
    assert [r["source"] for r in rows] == ["train/m.csv", "test/m.csv"]
    assert len({r["id"] for r in rows}) == 2


def test_all_files_that_are_wrong_are_told_at_once(write, refused):
    write("b.csv", "")
    problems = refused(train="b.csv", test="c.csv")
    assert [(p.where, p.got[:12]) for p in problems] == [("b.csv", "an empty fil"), ("c.csv", "no such file")]


def test_files_with_other_columns_than_the_first_are_refused(write, refused):
    write("a.csv", CSV)
    write("b.csv", "message,label\na,x\n")
    (problem,) = refused(train="a.csv", test="b.csv")
    assert (problem.where, problem.rule) == ("b.csv", "all files must have the same columns")
    assert problem.got == "['message', 'label'] where the first file has ['text', 'label']"
    assert "data.text" in problem.fix


def test_columns_of_files_may_stand_in_another_order(write, read):
    write("a.csv", CSV)
    write("b.csv", "label,more,text\nx,1,a\n")
    assert [(r["text"], r["label"]) for r in read(train="a.csv", test="b.csv")] == [("a", "x"), ("a", "x")]


def test_one_file_as_two_splits_is_refused(write, refused):
    write("m.csv", CSV)
    (problem,) = refused(train="m.csv", test="./m.csv")
    assert (problem.where, problem.got) == ("m.csv", "one file as data.train and data.test")
    assert problem.fix == "give it as data.path, and the rows are divided"
