"""The page: one file that holds all a reader needs, in order, and nothing that runs or loads."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import report_fits
from report_fits import LADDER, evaluation, fit, goal, label_names, manifest, texts_of, texts_of_fit, with_proposed
from report_page import Page

from suffice.errors import StorageError
from suffice.records.causes import VerdictCode
from suffice.records.verdict import FitOutcome
from suffice.report import ExampleText, verdict_sentence, write_report, write_run_report

EIGHT = (*LADDER, "gemma3-270m", "HuggingFaceTB/SmolLM2-1.7B-Instruct-" + "long-" * 20, "/models/" + "deep/" * 30)


def _written(outcome: FitOutcome, path: Path, texts: Mapping[str, ExampleText] | None = None) -> str:
    write_report(outcome, texts_of_fit(outcome) if texts is None else texts, path=path / "report.html")
    return (path / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of `fit()`, written once for the tests that only read it."""
    return _written(fit(), tmp_path_factory.mktemp("proven"))


@pytest.mark.parametrize("code", ["suffices", "as_good_as_best", "more_data", "undecided"])
def test_every_verdict_stands_on_top_as_its_sentence(code: VerdictCode, tmp_path: Path) -> None:
    outcome = fit(code)
    text = Page(_written(outcome, tmp_path)).text
    assert verdict_sentence(outcome) in text
    assert text.index(verdict_sentence(outcome)) < text.index("Why") < text.index("The ladder")


def test_sections_come_in_the_order_in_which_a_reader_asks(proven: str) -> None:
    found = re.findall(r'<section id="(\w+)">', proven)
    assert found == ["way", "size", "ladder", "mistakes", "symptoms", "data", "proof", "receipt"]


def test_the_top_tells_what_to_type_the_opening_the_bundle_and_what_would_turn_it(proven: str) -> None:
    outcome = fit()
    top = Page(proven).text.split("Rungs from cheap to dear")[0]
    assert outcome.verdict.flip is not None
    for said in (
        "suffice classify out/messages/bundles/tfidf < new.txt",
        "The sealed test was read once.",
        "2.3 MB loaded",
        "9 in 10 by the test’s rows",
        outcome.verdict.flip,
        *outcome.verdict.because,
    ):
        assert said in top


def test_the_page_loads_nothing_and_runs_nothing(proven: str) -> None:
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(Page(proven).tags)
    assert not re.search(r"https?://|@import|src=|url\((?!#)", proven)
    assert "default-src 'none'" in proven


@pytest.mark.parametrize("n_labels", [2, 11, 77])
@pytest.mark.parametrize("rungs", [("tfidf",), LADDER, EIGHT])
def test_any_number_of_labels_and_rungs_makes_a_whole_page_that_can_be_mailed(
    n_labels: int, rungs: tuple[str, ...], tmp_path: Path
) -> None:
    html = _written(fit("more_data", n_labels=n_labels, rungs=rungs), tmp_path)
    page = Page(html)
    assert len(html.encode()) < 650_000
    assert len(page.ids) == len(set(page.ids))
    assert all(name in page.text for name in (*rungs, *label_names(n_labels)))


def test_hundreds_of_long_mistakes_do_not_make_a_page_too_large_to_mail(tmp_path: Path) -> None:
    outcome = fit("more_data", n_labels=77)
    chosen = outcome.rungs[1].chosen
    many = evaluation("tfidf", chosen.name, labels=label_names(77), split="validation", n=5_000, accuracy=0.7)
    rung = replace(outcome.rungs[1], chosen=replace(chosen, evaluation=many))
    texts = {
        name: ExampleText(text="\N{POUTING FACE} <&> " * 2_000, label=t.label) for name, t in texts_of(many).items()
    }
    html = _written(replace(outcome, rungs=(outcome.rungs[0], rung, *outcome.rungs[2:])), tmp_path, texts)
    assert len(html.encode()) < 650_000
    assert html.count('class="text"') > 100
    assert "further mistakes not listed" in Page(html).text


def test_messages_and_names_are_text_and_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ("<script>alert(1)</script>", "</style><b>x", "{{ 7*7 }}", "quote \" & ' end", "\u05e9\u05dc\u05d5\u05dd")
    monkeypatch.setattr(report_fits, "label_names", lambda n: labels[:n])
    outcome = with_proposed(fit("more_data", n_labels=5), "<img src=x onerror=alert(1)>")
    card = "\u0628\u0637\u0627\u0642\u0629"
    hostile = f"<script>alert('x')</script>\x1b[31m {{% raw %}} \N{CREDIT CARD} {card}"
    texts = {name: ExampleText(text=hostile, label=text.label) for name, text in texts_of_fit(outcome).items()}
    html = _written(outcome, tmp_path, texts)
    page = Page(html)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert all(label in page.text for label in labels)
    assert "<script>alert('x')</script>\N{REPLACEMENT CHARACTER}[31m {% raw %} \N{CREDIT CARD} \u0628" in page.text
    assert "\x1b" not in html
    assert '<p class="text" dir="auto">' in html


def test_a_long_message_opens_to_its_full_text(tmp_path: Path) -> None:
    outcome = fit("more_data")
    long = "begin " + "word " * 300 + "finish"
    texts = {name: ExampleText(text=long, label=text.label) for name, text in texts_of_fit(outcome).items()}
    html = _written(outcome, tmp_path, texts)
    assert '<details class="text" dir="auto"><summary>begin word' in html
    assert "finish</details>" in html


def test_no_text_of_a_test_row_is_shown_even_when_it_is_handed_in(tmp_path: Path) -> None:
    outcome = fit("more_data")
    tested = [texts_of(rung.test) for rung in outcome.rungs if rung.test is not None]
    secret = {name: ExampleText(text="a sealed message", label="x") for texts in tested for name in texts}
    assert secret
    assert "a sealed message" not in _written(outcome, tmp_path, texts_of_fit(outcome) | secret)


def test_the_proposed_rung_is_marked_and_the_others_are_called_descriptive(proven: str) -> None:
    proposed = re.findall(r'<tr class="proposed">(.*?)</tr>', proven, flags=re.DOTALL)
    # Once in the table of size against capability, and once in the ladder.
    assert len(proposed) == 2
    assert all("tfidf" in line for line in proposed)
    assert "ship this" in proposed[1]
    assert "descriptive" not in proposed[1]
    # Accuracy, macro-F1, log-loss and ECE of the four other rungs.
    assert proven.count('class="number descriptive"') == 16
    assert "describe them and prove nothing" in proven


def test_a_rung_that_is_not_proven_is_proposed_and_not_to_be_shipped(tmp_path: Path) -> None:
    text = Page(_written(fit("more_data"), tmp_path)).text
    assert "proposed" in text
    assert "ship this" not in text
    assert "Not to be shipped as it is" in text


def test_without_a_test_all_figures_are_those_of_validation(tmp_path: Path) -> None:
    html = _written(fit("undecided", tested=False), tmp_path)
    text = Page(html).text
    assert "The sealed test was not read: all figures are those of validation messages." in text
    assert "Sealed test</th>" not in html
    assert "Accuracy on validation" in text


def test_figures_measured_out_of_fold_say_so(tmp_path: Path) -> None:
    outcome = fit("undecided", tested=False, rungs=("tfidf",))
    rung = outcome.rungs[0]
    folded = manifest("tfidf", labels=label_names(11), split="out_of_fold")
    outcome = replace(outcome, rungs=(replace(rung, chosen=folded),))
    text = Page(_written(outcome, tmp_path)).text
    assert "On 300 out-of-fold messages tfidf is right in 99.0%" in verdict_sentence(outcome)
    assert "300 messages of train and validation" in text
    assert "each judged by a model that had not seen it" in text


def test_rungs_not_run_comparisons_and_alternatives_are_told(proven: str) -> None:
    text = Page(proven).text
    assert "gemma3-270m: tfidf meets the target on validation; about 14 minutes" in text
    assert "embed is 0.7 points behind tfidf, which may be chance" in text
    assert "Also tried for smollm2-135m: smollm2-135m-n1565-s0-3f2a-head (answers with a trained label head)" in text


def test_the_data_section_tells_splits_copies_leaks_and_findings(proven: str) -> None:
    text = " ".join(Page(proven).text.split())
    for said in (
        "train 1,565",
        "test 440",
        "20 messages are copies",
        "rare_label",
        "leakage: the data brings no split",
    ):
        assert said in text
    assert "of an earlier one; copies never stand in two splits." in text
    assert "No test message has a copy, or a message of the same customer or thread, in another split." in text


@pytest.mark.parametrize(
    ("leaked", "n_cut", "said"),
    [
        ({"test": 3}, 0, "3 test messages have a copy, or a message of the same customer or thread, in another split"),
        (
            {"validation": 1},
            0,
            "1 validation message has a copy, or a message of the same customer or thread, in tr",
        ),
        ({"calibration": 2}, 0, "2 calibration messages have a copy"),
        ({}, 1, "1 set of near-copies, too large for one group, was parted"),
    ],
)
def test_copies_are_said_to_stand_apart_only_where_no_two_splits_share_any(
    leaked: dict[str, int], n_cut: int, said: str, tmp_path: Path
) -> None:
    outcome = fit()
    data = replace(outcome.data, n_leaked=outcome.data.n_leaked | leaked, n_cut=n_cut)
    text = " ".join(Page(_written(replace(outcome, data=data), tmp_path)).text.split())
    assert said in text
    assert "copies never stand in two splits" not in text
    assert ("No test message has a copy" in text) == ("test" not in leaked)


def test_every_goal_is_listed_with_its_bounds_and_outcome(tmp_path: Path) -> None:
    goals = (
        goal("accuracy against embed", estimate=-0.00455, lower=-0.01318, upper=0.0041, target=-0.02),
        goal("recall of card_lost", estimate=None, lower=0.0, upper=1.0, target=0.9, n=0, more_rows=None),
    )
    text = Page(_written(fit("undecided", goals=goals), tmp_path)).text
    for said in ("-0.5 points", "-1.4 points", "+0.5 points", "recall of card_lost", "you asked for 90%", "undecided"):
        assert said in text


def test_the_receipt_holds_what_repeats_the_fit(proven: str) -> None:
    outcome = fit()
    text = Page(proven).text
    for said in (
        outcome.task_yaml.strip(),
        "Seed 7",
        "5d" * 32,
        "a7" * 32,
        "b179c9523d0e",
        "2.13.0",
        "bf16",
        *outcome.notes,
    ):
        assert said in text


def test_a_page_of_runs_has_no_verdict_and_says_why(tmp_path: Path) -> None:
    runs = [rung.chosen for rung in fit().rungs]
    assert runs[1].evaluation is not None
    write_run_report(runs, fit().comparisons, texts_of_fit(fit()), path=tmp_path / "runs.html")
    html = (tmp_path / "runs.html").read_text(encoding="utf-8")
    page = Page(html)
    assert "There is no verdict on this page" in page.text
    assert re.findall(r'<section id="(\w+)">', html) == ["ladder", "mistakes", "receipt"]
    assert all(run.name in page.text for run in runs)
    assert "proposed" not in page.text


def test_a_page_of_runs_that_nothing_judged_still_shows_their_cost(tmp_path: Path) -> None:
    write_run_report([manifest("tfidf", refit=True)], [], {}, path=tmp_path / "runs.html")
    text = Page((tmp_path / "runs.html").read_text(encoding="utf-8")).text
    assert "Nothing was judged on messages that may be shown here." in text
    assert "0.12 ms" in text


def test_a_page_replaces_the_older_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    _written(fit(), tmp_path)
    assert "More data" in _written(fit("more_data"), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_a_folder_that_is_a_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StorageError, match="name a folder, not a file"):
        write_report(fit(), {}, path=tmp_path / "out" / "deep" / "report.html")


def test_what_was_foretold_stands_beside_what_came_and_other_causes_beside_the_verdict(tmp_path):
    html = _written(fit("more_data"), tmp_path)
    assert 'data-of="Foretold"><b>90.0%</b><small>89.9 to 93.5%</small></td>' in html
    assert 'data-of="Came"><b>92.0%</b></td>' in html
    assert "<dd>undecided, 3 in 10: the held-out rows, the reviewed labels or the budget cannot tell</dd>" in html


def test_every_cell_of_the_ladder_and_of_the_goals_tells_on_a_phone_what_it_is_of(proven: str) -> None:
    for name in ("Figures of every rung", "Goals", "Runs", "What was run"):
        table = proven[proven.index(f'aria-label="{name}"') :]
        table = table[: table.index("</table>")]
        assert "stacked" in table
        assert table.count("<td") == table.count("data-of=") > 0


def test_bars_of_the_gap_that_are_no_switch_are_explained_where_they_are_drawn(tmp_path: Path) -> None:
    outcome = fit("more_data")
    gap = outcome.diagnosis.gap
    assert gap is not None
    page = _written(replace(outcome, diagnosis=replace(outcome.diagnosis, gap=replace(gap, evidence=0.02))), tmp_path)
    assert "evidence is how far above the target a score must lie for so few test messages to prove it" in page
    page = _written(replace(outcome, diagnosis=replace(outcome.diagnosis, gap=replace(gap, evidence=None))), tmp_path)
    assert "evidence is how far" not in page


def test_what_is_cut_off_at_an_edge_has_a_shadow_there(proven: str) -> None:
    style = proven[proven.index("<style>") : proven.index("</style>")]
    scroll = style[style.index(".scroll {") :]
    assert "no-repeat scroll" in scroll[: scroll.index("}")]
