from dataclasses import replace

from report_fits import fit, manifest, texts_of_fit

from suffice.records.evaluation import Comparison, Interval, SliceChange, SliceScore
from suffice.report.slices import slice_table
from suffice.report.write import write_report

INTERVAL = Interval(low=0.5, high=0.9, confidence=0.95)
SCORE = SliceScore(
    name="north",
    says="region is north & <west>",
    n=40,
    n_correct=30,
    accuracy=0.75,
    interval=INTERVAL,
    against_all=-0.1,
    against_all_interval=Interval(low=-0.2, high=0.05, confidence=0.95),
)
EMPTY = SliceScore(
    name="south", says="region is south", n=0, n_correct=0, accuracy=None, interval=None, against_all=None,
    against_all_interval=None,
)  # fmt: skip
CHANGE = SliceChange(
    name="north",
    n=40,
    difference=0.2,
    interval=Interval(low=0.1, high=0.3, confidence=0.95),
    n_only_first=9,
    n_only_second=1,
    p_value=0.0001,
    q_value=0.0004,
)


def compared(first, second, *slices):
    return Comparison(
        first=first,
        second=second,
        split="validation",
        n=100,
        difference=0.1,
        interval=INTERVAL,
        n_only_first=10,
        n_only_second=1,
        p_value=0.01,
        slices=slices,
    )


def judged(run):
    return replace(run.evaluation, slices=(SCORE, EMPTY))


def test_the_change_is_that_of_the_first_comparison_that_the_run_takes_part_in():
    run = manifest("tfidf")
    comparisons = [compared("a", "b", CHANGE), compared(run.name, "majority-1", CHANGE)]
    table = slice_table(judged(run), None, comparisons, names={run.name: "tfidf", "majority-1": "majority"})
    north, south = table.lines
    assert table.change == "tfidf minus majority"
    assert (north.change, north.changed, north.test) == (CHANGE, True, None)
    assert (south.change, south.changed) == (None, False)


def test_what_may_be_chance_is_not_marked():
    run, likely = manifest("tfidf"), replace(CHANGE, q_value=0.051)
    table = slice_table(judged(run), None, [compared(run.name, "b", likely)], names={})
    assert not table.lines[0].changed
    assert table.change == f"{run.name} minus b"


def test_without_another_run_there_is_no_change():
    table = slice_table(judged(manifest("tfidf")), None, [], names={})
    assert (table.change, table.lines[0].change) == (None, None)


def _page(tmp_path, *, sliced):
    outcome = fit()
    texts = texts_of_fit(outcome)
    if sliced:
        rungs = tuple(
            replace(rung, chosen=replace(rung.chosen, evaluation=judged(rung.chosen)), test=rung.test)
            for rung in outcome.rungs
        )
        outcome = replace(outcome, rungs=rungs)
    write_report(outcome, texts, path=tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_slices_stand_on_the_page_escaped_and_those_without_rows_as_nothing(tmp_path):
    page = _page(tmp_path, sliced=True)
    assert "<h3>Slices</h3>" in page
    assert "region is north &amp; &lt;west&gt;" in page
    assert "<b>75.0%</b><small>50.0 to 90.0%</small>" in page


def test_a_task_without_slices_or_times_has_no_such_sections(tmp_path):
    page = _page(tmp_path, sliced=False)
    assert "<h3>Slices</h3>" not in page
    assert "<h3>Over time</h3>" not in page
