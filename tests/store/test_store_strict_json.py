import math
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suffice.errors import BundleError, StorageError
from suffice.records.answer_spec import AnswerSpec
from suffice.records.completion_spec import CompletionSpec
from suffice.records.evaluation import Comparison, Evaluation, Interval
from suffice.records.finding import Audit
from suffice.records.run import Cell, RunManifest
from suffice.records.task import HostedSpec, PriceSpec, TrainSpec
from suffice.records.tool_spec import ToolSpec
from suffice.records.verdict import FitOutcome, Proposal, Verdict
from suffice.store import strict_json
from suffice.store.versions import VersionManifest

RECORDS = (Interval, Evaluation, Comparison, Cell, RunManifest, Audit, Proposal, Verdict, FitOutcome, VersionManifest)
PLAIN = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    NoneType: st.none(),
    HostedSpec: st.just(
        HostedSpec(
            base_url="https://x.example/v1", model="m", price_per_million=PriceSpec(input=1, output=2), max_cost=3
        )
    ),
    AnswerSpec: st.sampled_from([AnswerSpec(), AnswerSpec(type="choice", choices=("yes", "no"))]),
    ToolSpec: st.sampled_from([ToolSpec(), ToolSpec(form="tagged"), ToolSpec(held=True)]),
    CompletionSpec: st.sampled_from([CompletionSpec(), CompletionSpec(max_tokens=9, stop=("Q:",))]),
    TrainSpec: st.sampled_from([TrainSpec(), TrainSpec(epochs=3, learning_rate=1e-4, refit=False)]),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type that stands in a record."""
    inner = get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if is_dataclass(kind):
        return st.builds(kind, **{name: any_of(of) for name, of in get_type_hints(kind).items()})
    if get_origin(kind) is Literal:
        return st.sampled_from(inner)
    if get_origin(kind) in {UnionType, Union}:
        return st.one_of(*map(any_of, inner))
    if get_origin(kind) is dict:
        return st.dictionaries(any_of(inner[0]), any_of(inner[1]), max_size=2)
    assert get_origin(kind) is tuple, kind
    if inner[-1] is Ellipsis:
        return st.lists(any_of(inner[0]), max_size=1).map(tuple)
    return st.tuples(*map(any_of, inner))


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    name: str
    n: int
    inner: Inner
    many: tuple[Inner, ...] = ()


OUTER = Outer(name="grün", n=3, inner=Inner(share=0.5), many=(Inner(share=1.0),))
TEXT = '{"name": "grün", "n": 3, "inner": {"share": 0.5}, "many": [{"share": 1.0}]}'


@pytest.fixture
def stored(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "outer.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("kind", RECORDS)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_record_comes_back_from_json_as_it_was(tmp_path_factory, kind: type, data):
    record = data.draw(any_of(kind))
    path = tmp_path_factory.mktemp("json") / "record.json"
    strict_json.write(path, record)
    assert strict_json.read(path, kind) == record


def test_a_record_is_written_with_its_keys_in_the_order_of_its_fields():
    assert strict_json.dumps(OUTER, indent=None) == TEXT
    assert list(strict_json.plain(OUTER)) == [field.name for field in fields(Outer)]


def test_a_container_of_records_is_written_too():
    assert strict_json.dumps({"inner": [OUTER.inner]}, indent=None) == '{"inner": [{"share": 0.5}]}'


@pytest.mark.parametrize("share", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_never_written(tmp_path: Path, share: float):
    with pytest.raises(ValueError, match="not JSON compliant"):
        strict_json.write(tmp_path / "record.json", Inner(share=share))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_never_read(stored, share: str):
    with pytest.raises(BundleError, match=r"must hold a Outer\n  got: inner.share: Input should be a finite number"):
        strict_json.read(stored(TEXT.replace("0.5", share)), Outer)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (TEXT.replace('"n": 3', '"n": 3, "colour": 1'), "colour"),
        (TEXT.replace("0.5", '0.5, "colour": 1'), "inner.colour"),
        (TEXT.replace("1.0", '1.0, "colour": 1'), "many.0.colour"),
    ],
)
def test_an_unknown_key_is_refused_wherever_it_stands(stored, text: str, key: str):
    with pytest.raises(BundleError, match=rf"got: {key}: Unexpected keyword argument\n  fix: .*run the command"):
        strict_json.read(stored(text), Outer)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        (TEXT.replace('"n": 3, ', ""), "n: Field required"),
        (TEXT.replace("3", '"3"'), "n: Input should be a valid integer"),
        (TEXT.replace("3", "true"), "n: Input should be a valid integer"),
        (TEXT[:-3], "no JSON: EOF while parsing an object at line 1 column 7"),
        ("", "no JSON: EOF while parsing"),
        (f"{TEXT}, {TEXT}", "no JSON: trailing characters"),
        (b"\xff", "no JSON: expected value at line 1 column 1"),
        ("[7]", "Input should be an object"),
    ],
)
def test_what_is_not_the_record_is_refused_with_what_is_wrong(stored, text: str | bytes, got: str):
    with pytest.raises(BundleError, match=rf"outer.json: must hold a Outer\n  got: .*({got})[^\n]*\n  fix: .*changed"):
        strict_json.read(stored(text), Outer)


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_record_that_is_not_there_is_told(tmp_path: Path, folder: str):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        BundleError, match=r"outer.json is part of the folder\n  got: no such file\n  fix: name a folder"
    ):
        strict_json.read(tmp_path / folder / "outer.json", Outer)


def test_a_record_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="fix: name a folder, not a file"):
        strict_json.write(tmp_path / "file" / "outer.json", OUTER)


def test_the_digest_is_that_of_the_content_and_not_of_the_order_of_keys():
    assert strict_json.digest({"a": 1, "b": 2}) == strict_json.digest({"b": 2, "a": 1})
    assert strict_json.digest({"a": 1}) != strict_json.digest({"a": 2})
    # SHA-256 of the five bytes `"abc"`, by sha256sum.
    assert strict_json.digest("abc") == "6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25"


def test_the_digest_of_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        strict_json.digest(Inner(share=math.nan))


@pytest.mark.parametrize(
    ("text", "stated"),
    [('{"format": 7, "colour": 1}', 7), ("{}", None), ("[7]", None), ("7", None), ("{", None), (b"\xff", None)],
)
def test_the_format_is_read_whatever_else_has_changed(stored, text: str | bytes, stated: int | None):
    assert strict_json.format_of(stored(text)) == stated
