from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import StorageError, TaskError
from suffice.records.task import DataSpec, TargetSpec, Task
from suffice.store.task_file import load_task, write_task
from suffice.store.task_file import task_yaml as as_yaml

WHOLE = """\
name: support
data:
  path: messages.csv
target:
  at_least: 0.95
"""


@pytest.fixture
def task_yaml(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "task.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def problems_of(path: Path, *overrides: str) -> list[tuple[str, str, str, str]]:
    with pytest.raises(TaskError) as caught:
        load_task(path, overrides=overrides)
    return [(p.where, p.rule, p.got, p.fix) for p in caught.value.problems]


def test_a_task_file_is_read_with_its_defaults(task_yaml):
    task = load_task(task_yaml(WHOLE))
    assert (task.name, task.data.path, task.target.at_least, task.split.seed) == ("support", "messages.csv", 0.95, 0)


def test_a_byte_order_mark_is_no_part_of_the_first_key(task_yaml):
    assert load_task(task_yaml(b"\xef\xbb\xbf" + WHOLE.encode())).name == "support"


def test_every_problem_is_told_at_once_with_its_line_and_key(task_yaml):
    path = task_yaml(WHOLE.replace("0.95", "95").replace("  path: messages.csv", "  path: messages.csv\n  label: 5"))
    assert [problem[:2] for problem in problems_of(path, "train.epochs=three")] == [
        ("task.yaml:4", "data.label must be text"),
        ("task.yaml:6", "target.at_least must be less than 1"),
        ("train.epochs=three", "train.epochs must be a whole number"),
    ]


def test_an_unknown_key_names_the_nearest_known_one_of_its_section(task_yaml):
    path = task_yaml(WHOLE + "train:\n  epoch: 3\n")
    ((where, rule, got, fix),) = problems_of(path)
    assert (where, rule, got) == (
        "task.yaml:7",
        "train.epoch is no key of a task file",
        "'epoch' (nearest: 'epochs')",
    )
    assert fix.startswith("correct the key or take it out; known here are n_train, ")


def test_an_unknown_key_at_the_top_names_the_keys_of_the_top(task_yaml):
    ((where, _, got, fix),) = problems_of(task_yaml(WHOLE + "ladr: [tfidf]\n"))
    assert (where, got) == ("task.yaml:6", "'ladr' (nearest: 'ladder')")
    assert "known here are name, kind, instruction" in fix


def test_missing_keys_are_all_named_with_what_to_add(task_yaml):
    assert problems_of(task_yaml("kind: classify\n")) == [
        ("task.yaml", "name must be given", "no such key", "add `name: support-messages`"),
        ("task.yaml", "data must be given", "no such key", "add `data:` with `path: messages.csv` below it"),
        ("task.yaml", "target must be given", "no such key", "add `target:` with `at_least: 0.95` below it"),
    ]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("no", "the truth value false"),
        ("yes", "the truth value true"),
        ("1.0", "the number 1.0"),
        ("7", "the number 7"),
        ("2024-01-31", "a date"),
    ],
)
def test_a_label_that_yaml_takes_for_something_else_is_to_be_quoted(task_yaml, written, read_as):
    path = task_yaml(WHOLE + f"labels:\n- fine\n- {written}\n")
    assert problems_of(path) == [
        ("task.yaml:8", "labels.1 must be text", f"{written}, which YAML reads as {read_as}", f'quote it: "{written}"')
    ]


def test_quoted_labels_stay_what_they_are(task_yaml):
    assert load_task(task_yaml(WHOLE + "labels: ['no', \"1.0\", yes please]\n")).labels == ("no", "1.0", "yes please")


def test_a_numeric_name_is_to_be_quoted(task_yaml):
    assert problems_of(task_yaml(WHOLE.replace("support", "2024"))) == [
        ("task.yaml:1", "name must be text", "2024, which YAML reads as the number 2024", 'quote it: "2024"')
    ]


def test_labels_as_keys_are_names_and_taken_as_written(task_yaml):
    # YAML 1.1 reads the keys as false and 1.0.
    path = task_yaml(WHOLE + "  recall: {no: 0.9, 1.0: 0.8}\n")
    assert load_task(path).target.recall == {"no": 0.9, "1.0": 0.8}


def test_a_fraction_given_in_percent_is_written_out_in_the_fix(task_yaml):
    ((*_, fix),) = problems_of(task_yaml(WHOLE.replace("0.95", "95")))
    assert fix == "write it as a fraction: 0.95"


def test_a_target_just_above_one_is_no_percentage(task_yaml):
    ((_, rule, got, fix),) = problems_of(task_yaml(WHOLE.replace("0.95", "1.2")))
    assert (rule, got, fix) == (
        "target.at_least must be less than 1",
        "1.2",
        "give a fraction between 0 and 1",
    )


def test_a_union_complains_once_and_where_it_is_deepest(task_yaml):
    path = task_yaml(WHOLE.replace("path: messages.csv", "path: messages.csv\n  text: [subject, 5]"))
    assert [problem[:2] for problem in problems_of(path)] == [("task.yaml:4", "data.text.1 must be text")]
    assert [p[:2] for p in problems_of(task_yaml(WHOLE), "data.text=5")] == [
        ("data.text=5", "data.text must be text or a list")
    ]


def test_a_wrong_word_of_a_few_names_the_right_ones(task_yaml):
    ((where, _, got, fix),) = problems_of(task_yaml(WHOLE + "  metric: acuracy\n"))
    assert (where, got, fix) == ("task.yaml:6", "'acuracy'", "write 'accuracy' or 'macro_f1'")


def test_an_order_of_rows_that_is_not_known_names_those_that_are(task_yaml):
    path = task_yaml(WHOLE + "train:\n  curriculum: hard-first\n  difficulty: steps\n")
    assert [(where, got, fix) for where, _, got, fix in problems_of(path)] == [
        ("task.yaml:7", "'hard-first'", "write 'random' or 'easy-first'"),
        ("task.yaml:8", "'steps'", "write 'loss' or 'length'"),
    ]


def test_a_difficulty_that_orders_nothing_is_an_error_at_its_line(task_yaml):
    ((where, rule, got, _),) = problems_of(task_yaml(WHOLE + "train:\n  difficulty: length\n"))
    assert where == "task.yaml:6"
    assert rule.startswith("train.difficulty goes with train.curriculum=easy-first")
    assert got == "the keys difficulty"
    assert [problem[0] for problem in problems_of(task_yaml(WHOLE), "train.difficulty=length")] == [
        "train.difficulty=length"
    ]


def test_a_task_that_orders_rows_is_the_same_when_it_is_read_back(task_yaml):
    for overrides in ((), ("train.curriculum=easy-first",), ("train.curriculum=easy-first", "train.difficulty=length")):
        train = load_task(task_yaml(WHOLE), overrides=overrides).train
        assert type(train).model_validate(train.model_dump()) == train


def test_a_duplicate_key_is_an_error_with_both_lines(task_yaml):
    path = task_yaml("name: a\ndata: {path: x.csv}\nname: b\ntarget:\n  at_least: 0.9\n  at_least: 0.8\n")
    assert [(where, got) for where, _, got, _ in problems_of(path)] == [
        ("task.yaml:3", "'name' again, first on task.yaml:1"),
        ("task.yaml:6", "'at_least' again, first on task.yaml:5"),
    ]


@pytest.mark.parametrize(
    ("text", "where", "got"),
    [
        ("name: a\ndata: [x\ntarget: b\n", "task.yaml:3", "while parsing a flow sequence, expected ',' or ']'"),
        ("name: a\n\tdata: b\n", "task.yaml:2", "'\\\\t' that cannot start any token"),
        ("name: a: b\n", "task.yaml:1", "mapping values are not allowed here"),
        ("name: a\n---\nname: b\n", "task.yaml:2", "expected a single document"),
        ("name: !!python/object:os.system x\n", "task.yaml:1", "could not determine a constructor"),
        ("name: a\x07\n", "task.yaml:1", "unacceptable character"),
    ],
)
def test_what_is_no_yaml_is_reported_at_its_line(task_yaml, text, where, got):
    with pytest.raises(TaskError, match=got) as caught:
        load_task(task_yaml(text))
    assert caught.value.problems[0].where == where


def test_an_alias_that_holds_itself_is_an_error(task_yaml):
    with pytest.raises(TaskError, match=r"task.yaml:1: a value must not hold itself(.|\n)*write the value out"):
        load_task(task_yaml("labels: &x [a, *x]\n"))


@pytest.mark.parametrize(("text", "got"), [("", "an empty file"), ("# todo\n", "an empty file"), ("- a\n", "a list")])
def test_a_file_without_keys_says_what_it_is(task_yaml, text, got):
    with pytest.raises(TaskError, match=f"got: {got}\n  fix: write `name:`.*suffice init FILE"):
        load_task(task_yaml(text))


def test_a_missing_file_names_the_nearest_one(task_yaml):
    path = task_yaml(WHOLE)
    with pytest.raises(TaskError, match=r"no file .*tsk.yaml' \(nearest: 'task.yaml'\)\n  fix: .*suffice init FILE"):
        load_task(path.with_name("tsk.yaml"))
    with pytest.raises(TaskError, match="no file"):
        load_task(path.parent / "nowhere" / "task.yaml")


def test_a_folder_is_no_task_file(tmp_path):
    with pytest.raises(TaskError, match="got: Is a directory\n  fix: give a file"):
        load_task(tmp_path)


def test_a_task_file_that_is_not_utf8_says_where(task_yaml):
    with pytest.raises(TaskError, match="byte 0xe9 in line 6\n  fix: save it as UTF-8"):
        load_task(task_yaml(WHOLE.encode() + b"instruction: r\xe9pondez\n"))


def test_options_set_values_in_yaml(task_yaml):
    options = ["train.epochs=3", "labels=[a, 'no']", "data.text=[subject, body]", "split.seed=0", "train.refit=false"]
    task = load_task(task_yaml(WHOLE), overrides=options)
    assert (task.train.epochs, task.labels, task.data.text) == (3, ("a", "no"), ("subject", "body"))
    assert (task.split.seed, task.train.refit) == (0, False)


def test_a_later_option_wins(task_yaml):
    assert load_task(task_yaml(WHOLE), overrides=["train.rank=8", "train.rank=4"]).train.rank == 4


def test_an_option_takes_the_place_of_what_the_file_says(task_yaml):
    path = task_yaml(WHOLE + "labels: [a, b, 5]\n")
    assert load_task(path, overrides=["labels=[x, y]", "data.path=other.csv"]).labels == ("x", "y")


def test_within_as_an_option_unsets_the_files_at_least_and_the_reverse(task_yaml):
    path = task_yaml(WHOLE)
    target = load_task(path, overrides=["target.within=0.02"]).target
    assert (target.at_least, target.within) == (None, 0.02)
    path = task_yaml(WHOLE.replace("at_least: 0.95", "within: 0.02"))
    target = load_task(path, overrides=["target.at_least=0.9"]).target
    assert (target.at_least, target.within) == (0.9, None)


def test_both_targets_as_options_exclude_each_other(task_yaml):
    ((where, rule, got, _),) = problems_of(task_yaml(WHOLE), "target.at_least=0.9", "target.within=0.02")
    assert where == "target.within=0.02"
    assert rule == "give either target.at_least or target.within, and exactly one of them"
    assert got == "the keys at_least, within"


def test_an_exclusive_key_of_the_file_is_told_at_its_section(task_yaml):
    ((where, rule, got, fix),) = problems_of(task_yaml(WHOLE + "  within: 0.02\n"))
    assert (where, got) == ("task.yaml:4", "the keys at_least, within")
    assert (rule[:11], fix) == ("give either", "add or take out a key, so that it holds")


@pytest.mark.parametrize(
    ("option", "got"),
    [
        ("epochs", "'epochs'"),
        ("=3", "'=3'"),
        ("name.first=a", "'name' with the value 'support'"),
        ("labels=[a", "while parsing a flow sequence"),
        ("train.epoch=3", r"'epoch' \(nearest: 'epochs'\)"),
        ("trian.epochs=3", r"'trian' \(nearest: 'train'\)"),
        ("labels=[yes]", "yes, which YAML reads as the truth value true"),
        ("name=", "nothing"),
        ("instruction=Answer: yes", "{'Answer': True}"),
    ],
)
def test_a_wrong_option_is_reported_by_its_own_text(task_yaml, option, got):
    with pytest.raises(TaskError, match=got) as caught:
        load_task(task_yaml(WHOLE), overrides=[option])
    (problem,) = caught.value.problems
    assert problem.where == option
    assert problem.fix


def test_all_wrong_options_are_told_at_once(task_yaml):
    assert [problem[0] for problem in problems_of(task_yaml(WHOLE), "a", "b", "labels=[")] == ["a", "b", "labels=["]


def test_an_option_makes_the_section_that_the_file_lacks_or_leaves_empty(task_yaml):
    assert load_task(task_yaml(WHOLE + "train:\n"), overrides=["train.epochs=2", "audit.allow=[rare]"]).audit.allow == (
        "rare",
    )


def a_task(**more) -> Task:
    return Task(name="support", data=DataSpec(path="m.csv", text="body"), target=TargetSpec(at_least=0.95), **more)


def test_a_written_task_file_holds_only_what_was_set_under_its_comments(tmp_path):
    path = tmp_path / "task.yaml"
    comments = {"": "Made by init.", "data.text": "found by name", "target": "what is good enough", "train": "unset"}
    write_task(path, a_task(labels=("billing", "no")), comments=comments)
    assert path.read_text() == (
        "# Made by init.\n\n"
        "name: support\n\n"
        "data:\n  path: m.csv\n  # found by name\n  text: body\n\n"
        "labels:\n- billing\n- 'no'\n\n"
        "# what is good enough\n"
        "target:\n  at_least: 0.95\n"
    )


def test_an_existing_task_file_is_not_overwritten(task_yaml):
    path = task_yaml(WHOLE)
    with pytest.raises(TaskError, match=r"not overwritten\n  got: .*\n  fix: go on with it: `suffice fit .*task.yaml`"):
        write_task(path, a_task(), comments={})
    assert path.read_text() == WHOLE


def test_a_folder_that_is_a_file_cannot_hold_a_task_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="got: Not a directory\n  fix: name a folder"):
        write_task(tmp_path / "file" / "below" / "task.yaml", a_task(), comments={})


@given(
    labels=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, unique=True),
    instruction=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_whatever_is_written_is_read_back(tmp_path_factory, labels, instruction):
    task = a_task(labels=tuple(labels), instruction=instruction)
    path = tmp_path_factory.mktemp("task") / "task.yaml"
    write_task(path, task, comments={"labels": "line one\nline two", "data.text": "why"})
    assert load_task(path) == task


SLICES = "name: a\ndata: {path: m.csv}\ntarget: {at_least: 0.9}\nslices:\n"


def test_slices_are_read_and_written_as_they_are_spelt(tmp_path):
    path = tmp_path / "task.yaml"
    path.write_text(
        f"{SLICES}  north: {{column: region, is: [north, south]}}\n  short: {{words: [0, 10]}}\n"
        "  long: {words: [10, null]}\n  cards: {label: card}\n",
        encoding="utf-8",
    )
    task = load_task(path)
    assert list(task.slices) == ["north", "short", "long", "cards"]
    assert (task.slices["north"].values, task.slices["cards"].labels) == (("north", "south"), ("card",))
    assert task.sliced_columns == ("region",)
    again = tmp_path / "again.yaml"
    again.write_text(as_yaml(task), encoding="utf-8")
    assert "is:" in as_yaml(task)
    assert load_task(again) == task
    assert load_task(path, overrides=["slices.north.is=west"]).slices["north"].values == ("west",)


@pytest.mark.parametrize(
    ("given", "rule", "got"),
    [
        ("n: {colum: region, is: x}", "slices.n.colum is no key of a task file", "'colum' (nearest: 'column')"),
        ("n: {column: region}", "a slice by column needs both column and is", "the keys column"),
        ("n: {is: x}", "a slice is given by exactly one of label, column and words", "the keys is"),
        ("n: {label: a, words: [0, 3]}", "a slice is given by exactly one of label, column", "the keys label, words"),
        ("n: {}", "a slice is given by exactly one of label, column and words", "no key"),
        ("n: {label: []}", "a slice must name at least one label, or one value", "the keys label"),
        ("n: {words: [3, 3]}", "words must be two numbers from fewer to more: [0, 10] holds", "the keys words"),
        ("n: {words: [3]}", "words must be two numbers from fewer to more", "the keys words"),
        ("n: {words: [-1, 3]}", "words must be two numbers from fewer to more", "the keys words"),
        ("n: {words: 3}", "slices.n.words must be a list", "3"),
        ("n: {column: r, is: [1]}", "slices.n.is.0 must be text", "1, which YAML reads as the number 1"),
        ("n: x", "slices.n must be keys with values", "'x'"),
        ("a b: {label: x}", "slices.a b must begin with a letter or digit and go on with", "'a b'"),
        ("N: {label: x}\n  n: {label: y}", "slices must have names that differ in more than case: N and n", "N, n"),
    ],
)
def test_a_slice_that_says_nothing_is_told(tmp_path, given, rule, got):
    path = tmp_path / "task.yaml"
    path.write_text(f"{SLICES}  {given}\n", encoding="utf-8")
    with pytest.raises(TaskError) as caught:
        load_task(path)
    (problem,) = caught.value.problems
    assert problem.where in {"task.yaml:4", "task.yaml:5"}
    assert problem.rule.startswith(rule)
    assert got in problem.got
    assert problem.fix


HOSTED = """\
hosted:
  big:
    base_url: https://api.example.com/v1/
    model: big-1
    api_key_env: BIG_KEY
    price_per_million: {input: 0.15, output: 0.6}
    max_cost: 2
"""
SECRET = "sk-Live-1234567890abcdef"


def test_an_endpoint_is_read_with_its_defaults(task_yaml):
    endpoint = load_task(task_yaml(WHOLE + HOSTED)).hosted["big"]
    assert (endpoint.base_url, endpoint.model, endpoint.max_cost) == ("https://api.example.com/v1", "big-1", 2.0)
    assert (endpoint.repeats, endpoint.repeat_rows, endpoint.max_rows, endpoint.concurrency) == (1, 50, 500, 4)
    assert (endpoint.timeout_seconds, endpoint.temperature, endpoint.answer_tokens) == (60.0, 0.0, None)


def test_what_is_out_of_scope_is_none_of_the_labels(task_yaml):
    with pytest.raises(TaskError, match=r"data\.out_of_scope must be none of labels\n") as told:
        load_task(task_yaml(WHOLE), overrides=("labels=[card, oos]", "data.out_of_scope=oos"))
    (problem,) = told.value.problems
    assert problem.where == "data.out_of_scope=oos"
    assert (problem.got, problem.fix.partition(":")[0]) == ("'oos'", "take oos out of labels")
    task = load_task(task_yaml(WHOLE), overrides=("data.out_of_scope=oos",))
    assert task.label_set(["refund", "oos", "card", "refund"]).names == ("card", "refund")
    declared = load_task(task_yaml(WHOLE), overrides=("data.out_of_scope=oos", "labels=[refund, card]"))
    assert declared.label_set(["oos", "card"]).names == ("refund", "card")


def test_an_option_reaches_a_setting_of_an_endpoint(task_yaml):
    task = load_task(
        task_yaml(WHOLE + HOSTED), overrides=["hosted.big.max_cost=5", "hosted.big.price_per_million.input=1"]
    )
    assert (task.hosted["big"].max_cost, task.hosted["big"].price_per_million.input) == (5.0, 1.0)
    assert load_task(task_yaml(as_yaml(task))) == task


def test_an_unknown_key_of_an_endpoint_names_the_nearest_known_one(task_yaml):
    ((where, rule, got, fix),) = problems_of(task_yaml(WHOLE + HOSTED + "    max_costs: 3\n"))
    assert (where, rule) == ("task.yaml:13", "hosted.big.max_costs is no key of a task file")
    assert got == "'max_costs' (nearest: 'max_cost')"
    assert "known here are base_url, model, api_key_env" in fix
    ((_, _, got, _),) = problems_of(task_yaml(WHOLE + HOSTED), "hosted.big.price_per_million.inputs=1")
    assert got == "'inputs' (nearest: 'input')"


def test_what_an_endpoint_must_have_is_named(task_yaml):
    found = problems_of(task_yaml(WHOLE + "hosted:\n  big:\n    model: m\n"))
    assert [(rule, got) for _, rule, got, _ in found] == [
        (f"hosted.big.{key} must be given", "no such key") for key in ("base_url", "price_per_million", "max_cost")
    ]


@pytest.mark.parametrize("name", ["a.b", "-a", "a b", "a:b", "a/b"])
def test_an_endpoints_name_must_be_one_that_options_and_folders_can_have(task_yaml, name):
    ((where, rule, _, fix),) = problems_of(task_yaml(WHOLE + HOSTED.replace("big:", f"{name!r}:")))
    assert where == "task.yaml:7"
    assert rule.endswith("must begin with a letter or digit and go on with those, - and _")
    assert fix == "write a short name such as gpt-mini: hosted:gpt-mini is then the rung"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("api_key_env", SECRET),
        ("api_key_env", "1234567890"),
        ("api_key", SECRET),
        ("base_url", f"https://user:{SECRET}@api.example.com/v1"),
        ("base_url", f"https://api.example.com/v1?key={SECRET}"),
        ("base_url", f"ftp://{SECRET}@x"),
    ],
)
@pytest.mark.parametrize("as_option", [False, True])
def test_a_key_that_was_pasted_into_the_task_is_told_to_nobody(task_yaml, key, value, as_option):
    written = "\n".join(line for line in HOSTED.splitlines() if not line.strip().startswith(f"{key}:"))
    path = task_yaml(WHOLE + (HOSTED if as_option else f"{written}\n    {key}: {value}\n"))
    found = problems_of(path, *([f"hosted.big.{key}={value}"] if as_option else []))
    told = " ".join(part for problem in found for part in problem)
    assert value not in told
    assert SECRET not in told
    assert key in told


def test_what_stands_in_the_place_of_a_key_says_where_the_key_goes(task_yaml):
    ((_, rule, got, fix),) = problems_of(task_yaml(WHOLE + HOSTED.replace("BIG_KEY", SECRET)))
    assert rule == "hosted.big.api_key_env must be the name of an environment variable, in capitals"
    assert got == "a value that is not shown here: it may be a key"
    assert fix == "put the key into an environment variable, and write the name of that: OPENAI_API_KEY"


def test_an_address_with_a_password_is_refused_and_shown_without_it(task_yaml):
    path = task_yaml(WHOLE + HOSTED.replace("https://", f"https://me:{SECRET}@"))
    ((_, rule, got, fix),) = problems_of(path)
    assert rule == "hosted.big.base_url must be an address without a name or password in it"
    assert got == "'https://***@api.example.com/v1/'"
    assert fix.endswith("a key goes into api_key_env")


@pytest.mark.parametrize("value", [".inf", "-1", ".nan"])
def test_a_cap_that_is_none_is_refused(task_yaml, value):
    ((_, rule, _, _),) = problems_of(task_yaml(WHOLE + HOSTED.replace("max_cost: 2", f"max_cost: {value}")))
    assert rule.startswith("hosted.big.max_cost must be ")


ANSWER = """\
name: sums
kind: answer
data:
  path: rows.jsonl
answer:
  type: choice
  choices: ["yes", "no"]
  form: "Answer: {answer}"
target:
  at_least: 0.9
"""


def test_a_task_of_answers_says_what_they_are_and_in_which_form(task_yaml):
    spec = load_task(task_yaml(ANSWER), kinds=("answer",)).answer
    assert (spec.type, spec.options, spec.before, spec.after) == ("choice", ("yes", "no"), "Answer: ", "")


def test_a_task_of_answers_is_the_same_when_it_is_read_back(task_yaml):
    task = load_task(task_yaml(ANSWER), kinds=("answer",))
    assert Task.model_validate(task.model_dump()) == task
    assert load_task(task_yaml(as_yaml(task)), kinds=("answer",)) == task


def test_a_command_refuses_a_task_of_another_kind_and_says_what_can_be_done(task_yaml):
    ((where, rule, got, fix),) = problems_of(task_yaml(ANSWER))
    assert (where, rule, got) == ("task.yaml:2", "this command is for tasks whose kind is classify", "kind: answer")
    assert "suffice evaluate" in fix
    with pytest.raises(TaskError, match="kind is answer"):
        load_task(task_yaml(WHOLE), kinds=("answer",))


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("labels: [a, b]\n", "labels"),
        ("slices:\n  short: {words: [0, 5]}\n", "slices"),
    ],
)
def test_keys_that_answers_have_no_use_for_are_refused(task_yaml, added, told):
    ((_, rule, _, _),) = problems_of(task_yaml(ANSWER + added))
    assert rule.startswith("kind: answer has no use for")
    assert told in rule


def test_keys_of_targets_and_data_that_answers_have_no_use_for_are_all_told_at_once(task_yaml):
    ((_, rule, _, _),) = problems_of(
        task_yaml(ANSWER), "target.metric=macro_f1", "target.recall={a: 0.5}", "data.annotators=[x]"
    )
    assert rule == "kind: answer has no use for target.metric, target.recall, data.annotators"


def test_labels_have_no_use_for_the_form_of_an_answer(task_yaml):
    options = ("answer.type=text", "data.trace=steps", "completion.max_tokens=9", "train.target=answer")
    ((_, rule, _, _),) = problems_of(task_yaml(WHOLE), *options)
    assert rule == "kind: classify has no use for answer, completion, data.trace, train.target"


def test_the_ladder_that_a_task_does_not_name_is_that_of_its_kind(task_yaml):
    of_answers = load_task(task_yaml(ANSWER), kinds=("answer",)).ladder
    assert of_answers == ("majority", "embed", "smollm2-135m", "smollm2-135m@prompted")
    assert load_task(task_yaml(WHOLE)).ladder == ("majority", "tfidf", "embed", "encoder", "smollm2-135m")


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("answer.form='####'", "answer.form must be one line with {answer} in it once"),
        ("answer.type=text", "answer.choices goes with answer.type: choice"),
        ("answer.choices=['yes', 'Yes']", "answer.choices must differ"),
    ],
)
def test_a_form_that_does_not_hold_together_is_told(task_yaml, option, told):
    ((_, rule, _, _),) = problems_of(task_yaml(ANSWER.replace('["yes", "no"]', '["y", "n"]')), option)
    assert rule.startswith(told)


@pytest.mark.parametrize(
    ("added", "where", "rule", "got", "fix"),
    [
        ("  form: Answer", 7, "answer.form must be one line with {answer} in it once", "'Answer'", "{answer} where"),
        ("  form: ''", 7, "answer.form must be one line with {answer} in it once", "''", "form: '#### {answer}'"),
        (
            "  form: '{answer} {answer}'",
            7,
            "answer.form must be one line with {answer} in it once",
            "'{answer} {answer}'",
            "{answer} where",
        ),
        ("  choices: [a, A]\n  type: choice", 7, "answer.choices must differ", "['a', 'A']", "keep one of those"),
        ("  choices: [a, b]", 7, "answer.choices goes with", "answer.choices: ['a', 'b']", "write type: choice"),
        ("  choices: [A]\n  type: choice", 7, "answer.choices must have at least 2 entries", "['A']", "give a value"),
    ],
)
def test_what_is_wrong_with_an_answer_is_shown_at_its_line_with_its_value(task_yaml, added, where, rule, got, fix):
    path = task_yaml(f"name: sums\nkind: answer\ndata: {{path: x.jsonl}}\ntarget:\n  at_least: 0.5\nanswer:\n{added}\n")
    ((found_where, found_rule, found_got, found_fix),) = problems_of(path)
    assert found_where == f"task.yaml:{where}"
    assert found_rule.startswith(rule)
    assert found_got == got
    assert fix in found_fix


def test_a_hold_that_the_form_of_calls_cannot_have_is_shown_with_both_keys(task_yaml):
    ((where, _, got, fix),) = problems_of(task_yaml(CALLS.replace("form: tagged", "form: python\n  held: true")))
    assert where == "task.yaml:7"
    assert got == "tools.held: true, tools.form: 'python'"
    assert fix == "write form: json below tools, or take held out"


def test_keys_that_a_kind_has_no_use_for_are_shown_at_the_first_of_them_with_their_values(task_yaml):
    path = task_yaml(CALLS.replace("kind: tools", "kind: answer") + "  metric: macro_f1\nlabels: [a, b]\n")
    ((where, rule, got, fix),) = problems_of(path)
    assert rule == "kind: answer has no use for tools, labels, target.metric"
    assert where == "task.yaml:5"
    assert got == "tools: {'form': 'tagged'}, labels: ['a', 'b'], target.metric: 'macro_f1'"
    assert fix == "take out what it names, or correct kind"


def test_text_that_must_not_be_empty_is_told_so(task_yaml):
    ((_, rule, got, _),) = problems_of(task_yaml(ANSWER), "completion.stop=['']")
    assert (rule, got) == ("completion.stop.0 must not be empty", "''")


def test_an_unknown_key_of_answers_names_the_nearest(task_yaml):
    ((_, _, got, fix),) = problems_of(task_yaml(ANSWER), "answer.typ=text")
    assert got == "'typ' (nearest: 'type')"
    assert "type, form, hold_form, choices" in fix


CALLS = """\
name: calls
kind: tools
data:
  path: rows.jsonl
tools:
  form: tagged
target:
  at_least: 0.9
"""


def test_a_task_of_calls_says_in_which_form_they_are_asked_for_and_is_read_back(task_yaml):
    task = load_task(task_yaml(CALLS), kinds=("answer", "tools"))
    assert task.tools.form == "tagged"
    assert load_task(task_yaml(as_yaml(task)), kinds=("tools",)) == task


def test_calls_are_held_to_a_list_and_to_no_other_form(task_yaml):
    ((_, rule, _, _),) = problems_of(task_yaml(CALLS), "tools.held=true")
    assert rule == "tools.held goes with tools.form: json, which is what completions are held to"
    assert load_task(task_yaml(CALLS), overrides=["tools.held=true", "tools.form=json"], kinds=("tools",)).tools.held


def test_calls_have_no_use_for_keys_of_answers_and_answers_none_for_those_of_calls(task_yaml):
    ((_, rule, _, _),) = problems_of(task_yaml(CALLS), "answer.type=text", "data.context=c", "labels=[a, b]")
    assert rule == "kind: tools has no use for answer, data.context, labels"
    ((_, rule, _, _),) = problems_of(task_yaml(ANSWER), "tools.form=python")
    assert rule == "kind: answer has no use for tools"


def test_knowledge_may_be_a_path_alone_and_options_go_below_it(task_yaml):
    path = task_yaml(ANSWER + "knowledge: docs/\n")
    spec = load_task(path, kinds=("answer",)).knowledge
    assert (spec.path, spec.use, spec.passages, spec.words, spec.ranking) == ("docs/", "switch", 3, 600, "auto")
    spec = load_task(path, overrides=["knowledge.use=always", "data.links=about"], kinds=("answer",)).knowledge
    assert (spec.path, spec.use) == ("docs/", "always")
    spec = load_task(path, overrides=["knowledge=more/", "knowledge.words=90"], kinds=("answer",)).knowledge
    assert (spec.path, spec.words) == ("more/", 90)


def test_knowledge_is_the_same_when_it_is_read_back(task_yaml):
    task = load_task(task_yaml(ANSWER + "knowledge: docs/\n"), kinds=("answer",))
    assert Task.model_validate(task.model_dump()) == task
    assert load_task(task_yaml(as_yaml(task)), kinds=("answer",)) == task


@pytest.mark.parametrize(
    ("added", "where", "rule", "told"),
    [
        ("knowledge: 5\n", "task.yaml:11", "knowledge must be keys with values", "5"),
        ("knowledge: {use: always}\n", "task.yaml:11", "knowledge.path must be given", "no such key"),
        (
            "knowledge: {path: d, pasages: 2}\n",
            "task.yaml:11",
            "knowledge.pasages is no key of a task file",
            "passages",
        ),
        ("knowledge: {path: d, use: never}\n", "task.yaml:11", "knowledge.use must be 'switch' or 'always'", "never"),
        ("knowledge: {path: d, passages: 0}\n", "task.yaml:11", "knowledge.passages must be greater than", "0"),
    ],
)
def test_knowledge_that_does_not_hold_together_is_told(task_yaml, added, where, rule, told):
    ((found_where, found, got, _),) = problems_of(task_yaml(ANSWER + added))
    assert found_where == where
    assert found.startswith(rule)
    assert told in got


def test_links_lead_into_knowledge_and_labels_have_no_use_for_either(task_yaml):
    ((_, rule, _, _),) = problems_of(task_yaml(ANSWER), "data.links=about")
    assert rule == "data.links names passages of the knowledge, and there is none: knowledge: docs/"
    ((_, rule, _, _),) = problems_of(task_yaml(WHOLE), "knowledge=docs/")
    assert rule == "kind: classify has no use for knowledge"
