"""The page of an audit: what was found, what can be learned, and rows to look at, with nothing that runs or loads."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from report_fits import fit, label_names, learnability
from report_page import Page

from suffice.records.finding import Audit
from suffice.records.verdict import DataSummary
from suffice.report import (
    ConfusedLabels,
    ExampleText,
    Leads,
    Suspect,
    audit_sentence,
    learnability_sentence,
    write_audit_report,
)

COMMANDS = ("suffice review 'my task.yaml'", "suffice clean 'my task.yaml'", "suffice fit 'my task.yaml'")
NONE = Leads(n_flagged=0, suspects=(), confused=())
AUDIT, DATA = fit().audit, fit().data


def leads(text: str = "why was I charged twice", *, n: int = 4, labels: tuple[str, ...] = label_names(2)) -> Leads:
    first, second = labels[:2]
    example, near = (ExampleText(text=text, label=label) for label in (first, second))
    return Leads(
        n_flagged=n + 3,
        suspects=tuple(
            Suspect(
                where=f"messages.csv: row {k}", example=example, suggested=second, margin=0.83, neighbours=(near, near)
            )
            for k in range(n)
        ),
        confused=tuple(
            ConfusedLabels(
                first=first,
                second=second,
                inseparable=k == 0,
                auc=0.62,
                n_rows=80,
                n_confused=21,
                gain=0.013,
                examples=(example, near),
            )
            for k in range(min(n, 5))
        ),
    )


def written(folder: Path, shown: Leads = NONE, *, audit: Audit = AUDIT, data: DataSummary = DATA) -> str:
    write_audit_report("my <task>", data, audit, shown, commands=COMMANDS, path=folder / "audit.html")
    return (folder / "audit.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with leads, for the tests that only read it."""
    return written(tmp_path_factory.mktemp("audit"), leads())


def words(html: str) -> str:
    return " ".join(Page(html).text.split())


def test_the_top_says_what_was_found_and_names_three_commands(page: str) -> None:
    top = words(page).split("The data")[0]
    assert "Audit of my <task>" in top
    assert audit_sentence(DATA, AUDIT) in top
    assert all(command in top for command in COMMANDS)


def test_sections_come_in_the_order_in_which_a_reader_asks(page: str, tmp_path: Path) -> None:
    assert re.findall(r'<section id="(\w+)">', page) == ["data", "confused", "suspects"]
    assert re.findall(r'<section id="(\w+)">', written(tmp_path)) == ["data", "suspects"]


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(Page(page).tags)
    assert not re.search(r"https?://|@import|src=|url\((?!#)", page)
    assert "default-src 'none'" in page


def test_every_finding_stands_with_its_rule_its_rows_and_what_to_do(page: str) -> None:
    text = words(page)
    for finding in AUDIT.findings:
        assert f"{finding.code} {finding.rule}" in text
        assert finding.message in text
        assert finding.fix in text
    assert "messages.csv: rows 16, 40, 102 and 17 more" in text
    assert "leakage: the data brings no split" in text


def test_only_the_first_of_many_findings_are_shown(tmp_path: Path) -> None:
    many = tuple(replace(AUDIT.findings[0], message=f"group {k}", score=float(k)) for k in range(40))
    text = words(written(tmp_path, audit=replace(AUDIT, findings=many)))
    assert "group 39" in text
    assert "group 34" not in text
    assert "and 35 more like these" in text


def test_what_can_be_learned_is_told_drawn_and_listed_label_by_label(page: str) -> None:
    assert AUDIT.learnability is not None
    text = words(page)
    assert learnability_sentence(AUDIT.learnability) in text
    assert '<svg role="img" aria-label="Accuracy out of fold against the number of training messages"' in page
    # The cells of a row, one behind the other.
    assert all(f"{reach.label}{reach.n}90.0%95.0 to 97.0%85.0%" in text for reach in AUDIT.learnability.per_label)


def test_where_no_model_could_be_asked_the_page_says_so_and_draws_nothing(tmp_path: Path) -> None:
    html = written(tmp_path, audit=replace(AUDIT, learnability=None))
    assert "<svg" not in html
    assert "No label is flagged, as no model could be asked." in words(html)


def test_where_models_agree_with_every_label_the_page_says_so(tmp_path: Path) -> None:
    assert "No label is flagged." in words(written(tmp_path))


def test_suspects_are_a_lead_with_their_evidence(page: str) -> None:
    text = words(page)
    first, second = label_names(2)
    assert "would give 7 messages another label: a lead, not a count of errors" in text
    assert f"{first} perhaps {second}, more probable by 83 points; messages.csv: row 0" in text
    assert text.count("the nearest messages") == 4


def test_confused_labels_are_told_with_texts_and_what_merging_gains(page: str) -> None:
    text = words(page)
    first, second = label_names(2)
    pair = f"{first} and {second} 21 of 80 messages taken for the other"
    assert f"{pair}; the data cannot tell them apart (right order 62.0%); merging them would bring 1.3 points" in text
    assert f"{pair}; told apart, but not well" in text
    assert text.count("why was I charged twice") == 4 * 3 + 4 * 2


def test_messages_names_and_findings_are_text_and_never_markup(tmp_path: Path) -> None:
    labels = ("<script>alert(1)</script>", "</style><b>x")
    hostile = "<script>alert('x')</script>\x1b[31m {% raw %} \N{CREDIT CARD} " + "<b>" * 200
    finding = replace(AUDIT.findings[0], message=f"label {labels[0]!r}", fix=labels[1], rule="<i>rule</i>")
    html = written(
        tmp_path,
        leads(hostile, labels=labels),
        audit=replace(AUDIT, findings=(finding,), learnability=learnability(labels)),
        data=replace(DATA, label_counts=dict.fromkeys(labels, 3)),
    )
    page = Page(html)
    assert "script" not in page.tags
    assert not {"i", "b"} & set(re.findall(r"<(\w+)", html.split('id="suspects"')[1]))
    assert page.text.count("<script>alert('x')</script>\N{REPLACEMENT CHARACTER}[31m {% raw %} \N{CREDIT CARD}") > 10
    assert all(label in page.text for label in labels)
    assert "\x1b" not in html


@pytest.mark.parametrize("n_labels", [2, 77])
def test_a_page_full_of_long_messages_can_be_mailed(tmp_path: Path, n_labels: int) -> None:
    labels = label_names(n_labels)
    html = written(
        tmp_path,
        leads("\N{POUTING FACE} <&> " * 2_000, n=30),
        audit=replace(AUDIT, learnability=learnability(labels)),
        data=replace(DATA, label_counts=dict.fromkeys(labels, 3)),
    )
    assert len(html.encode()) < 600_000
    text = Page(html).text
    assert all(name in text for name in labels)
