"""Entries and the receipt: the same shape for rungs and runs."""

from report_fits import fit, manifest

from suffice.report.ladder import entries_of_fit, entries_of_runs, shown_on_one_split, what_it_is
from suffice.report.receipt import receipt_of


def test_entries_of_a_fit_keep_its_order_and_mark_the_proposed_rung() -> None:
    entries = entries_of_fit(fit())
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.name for entry in entries if entry.proposed] == ["tfidf"]


def test_all_entries_are_shown_on_the_test_once_it_was_read_else_on_validation() -> None:
    tested, sealed = (shown_on_one_split(entries_of_fit(outcome)) for outcome in (fit(), fit(tested=False)))
    assert {one.evaluation.split for one in tested} == {"test"}
    assert {one.evaluation.split for one in sealed} == {"validation"}


def test_a_run_that_was_not_judged_is_no_part_of_a_chart() -> None:
    runs = [manifest("tfidf"), manifest("tfidf", refit=True)]
    assert [one.entry.number for one in shown_on_one_split(entries_of_runs(runs))] == [1]


def test_a_base_model_is_told_as_a_tuned_language_model() -> None:
    assert what_it_is(manifest("Qwen/Qwen2.5-0.5B", cost=4)) == "language model tuned with LoRA"
    assert what_it_is(manifest("tfidf")) == "word counts and logistic regression"


def test_a_trained_label_head_is_named() -> None:
    (head,) = entries_of_fit(fit())[4].alternatives
    assert what_it_is(head) == "language model tuned with LoRA, trained label head"


def test_the_receipt_names_every_run_and_the_part_that_it_played() -> None:
    receipt = receipt_of(entries_of_fit(fit(rungs=("tfidf", "encoder", "embed", "encoder", "smollm2-135m"))))
    parts = [(part.run.name, part.what) for part in receipt.runs]
    assert parts[:2] == [("tfidf-n1565-s0-3f2a", "compared"), ("tfidf-n1565-s0-9c1e", "bundled")]
    assert parts[-2:] == [
        ("smollm2-135m-n1565-s0-3f2a", "compared and bundled"),
        ("smollm2-135m-n1565-s0-3f2a-head", "compared, not chosen"),
    ]


def test_the_receipt_of_runs_calls_none_of_them_bundled() -> None:
    receipt = receipt_of(entries_of_runs([manifest("tfidf"), manifest("embed", cost=2)]))
    assert [part.what for part in receipt.runs] == ["compared", "compared"]


def test_the_receipt_tells_apart_what_runs_do_not_share() -> None:
    one, other = manifest("tfidf"), manifest("embed", cost=2)
    other.versions["torch"] = "2.12.0"
    shared = dict(receipt_of(entries_of_runs([one, other])).shared)
    assert shared["torch"] == ("2.13.0", "2.12.0")
    assert shared["python"] == ("3.11.9",)
    assert shared["base model minilm-l6"] == (other.cell.base_fingerprint,)
    assert shared["data"] == ("5d" * 32,)
