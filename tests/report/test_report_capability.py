"""Size against capability, break-even, rounds, symptoms and the receipt, as words and on the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report_fits import fit, texts_of_fit, with_proposed
from report_page import Page

from suffice.diagnose.break_even import SetUp, break_even
from suffice.records.break_even import HostedOrOwn
from suffice.records.diagnosis import Compared
from suffice.records.evaluation import Interval
from suffice.records.hosted import HostedFigures
from suffice.records.rounds import Rounds, RoundScore
from suffice.records.verdict import FitOutcome
from suffice.report import break_even_sentences, rounds_sentence, write_report
from suffice.report.break_even_words import messages_words
from suffice.report.capability_words import against_words, ceiling_words, money_words, parts_words

HOSTED = HostedFigures(
    model="big-1",
    host="api.example.com",
    n_asked=200,
    n_invented=0,
    n_cut_off=0,
    n_refused=0,
    invented=(),
    consistency=None,
    latency_p50_ms=812.4,
    latency_p95_ms=2_103.0,
    concurrency=4,
    input_tokens_per_thousand=None,
    output_tokens_per_thousand=None,
    cost_per_thousand=None,
    spent=0.0098,
)
SET_UP = SetUp(n_labels=0, label_price=0.1, review_cost=300.0, training_minutes=0.0, minute_price=0.0)


def pair(*, hosted: float = 0.002, own: float = 0.0005, difference: float = 0.0, n: int = 300) -> HostedOrOwn:
    found = break_even(
        SET_UP,
        hosted_per_message=hosted,
        local_per_message=own,
        messages_per_month=1_000_000,
        horizon_months=1.0,
    )
    return HostedOrOwn(
        hosted="hosted:big",
        own="tfidf",
        n=n,
        difference=difference,
        interval=Interval(low=difference - 0.01, high=difference + 0.01, confidence=0.95),
        n_labels=0,
        n_at_hand=2_000,
        paid=found,
        anew=found,
    )


def history(*, stopped: bool, last_paid: int) -> Rounds:
    gained = Interval(low=-0.01, high=0.012, confidence=0.9)
    rounds = tuple(
        RoundScore(
            run=f"tfidf-{k}",
            time=f"2026-11-0{k + 1}T12:00:00+00:00",
            accuracy=0.9 + 0.01 * k,
            gain=0.01 if k else None,
            interval=gained if k else None,
            paid=k <= last_paid,
        )
        for k in range(3)
    )
    return Rounds(rung="tfidf", n=300, rounds=rounds, last_paid=last_paid, stopped=stopped)


def page_of(outcome: FitOutcome, path: Path) -> tuple[str, str]:
    write_report(outcome, texts_of_fit(outcome), path=path / "report.html")
    html = (path / "report.html").read_text(encoding="utf-8")
    return html, " ".join(Page(html).text.split())


@pytest.mark.parametrize(
    ("amount", "written"),
    [(None, "not measured"), (1.1, "1.1"), (0.000283, "0.00028"), (1_127.0, "1,100"), (0.0, "0"), (3.0, "3")],
)
def test_money_has_two_figures(amount, written):
    assert money_words(amount) == written


def test_a_ceiling_is_a_figure_or_not_reached():
    first, last = fit().capability.rungs[0], fit().capability.rungs[-1]
    assert ceiling_words(first.ceiling) == "not reached"
    assert ceiling_words(last.ceiling).endswith("%")


def test_parts_are_counted_by_label_and_named_by_slice():
    one = fit("more_data").capability.rungs[0]
    n = len(one.which("not_good"))
    sliced = replace(one.parts[0], kind="slice", name="short", standing="not_good")
    assert parts_words(replace(one, parts=(*one.parts, sliced)), "not_good") == f"{n} of 11 labels; short"
    assert parts_words(one, "good") == "none shown"


def test_what_parts_are_held_against_is_told():
    table = fit().capability
    assert against_words(table) == "the target of 95%"
    assert against_words(replace(table, against="own")) == "the accuracy of the rung itself on all rows"


def test_a_cheaper_rung_that_is_as_accurate_is_no_reason_to_keep_prompting():
    # By hand: 300 paid once and 0.0015 saved a message: 200,000 messages; a million save 1,500 less the 300.
    (sentence,) = break_even_sentences([pair()], fit().capability)
    assert sentence.startswith("money is no reason to keep prompting hosted:big: tfidf is the cheaper from 200,000")
    assert "saves 1,200 USD over 1,000,000 answers" in sentence
    assert "the two are right equally often on 300 rows" in sentence


def test_what_would_never_be_paid_back_says_keep_prompting():
    (sentence,) = break_even_sentences([pair(hosted=0.0006)], fit().capability)
    # By hand: a million messages save 100 of the 300.
    assert sentence.startswith("keep prompting hosted:big: over 1,000,000 answers, tfidf would cost 200 USD more")


def test_a_rung_that_is_cheaper_and_shown_to_be_worse_leaves_accuracy_as_the_reason():
    (sentence,) = break_even_sentences([pair(difference=-0.03)], fit().capability)
    assert sentence.startswith("keep prompting hosted:big only for its accuracy")
    assert "tfidf is 3.0 points behind" in sentence


def test_an_endpoint_is_held_against_the_most_accurate_rung_here():
    table = fit().capability
    best = max(table.rungs, key=lambda one: one.accuracy).rung
    others = [replace(pair(), own=one.rung) for one in table.rungs]
    (sentence,) = break_even_sentences(others, table)
    assert f"{best} is the cheaper" in sentence


def test_no_volume_is_told_as_none():
    assert messages_words(None) == "no number of"
    assert messages_words(199_123.4) == "200,000"


def test_rounds_are_told_by_the_last_that_paid():
    assert rounds_sentence(history(stopped=False, last_paid=2)).endswith("paid (+2.0 points since the first)")
    assert "tuning stopped paying after tfidf-1" in rounds_sentence(history(stopped=True, last_paid=1))
    assert rounds_sentence(history(stopped=False, last_paid=0)).endswith("of 2 rounds since it is open")


def test_the_page_has_the_table_with_what_is_not_reached_and_why(tmp_path):
    _, text = page_of(fit("more_data"), tmp_path)
    size = text[text.index("What each size can do") : text.index("Rungs from cheap to dear")]
    for one in fit("more_data").capability.rungs:
        assert one.rung in size
    assert "not reached" in size
    assert "endless rows may bring 4.1 points more" in size
    assert "too few messages to show any good" in size


def test_the_page_says_what_was_run_and_why_and_what_was_not(tmp_path):
    _, text = page_of(fit(), tmp_path)
    receipt = text[text.index("What was run") :]
    assert all(f"{one.run}the rung on all rows" in receipt or one.run in receipt for one in fit().ran)
    assert "5 runs in" in receipt
    assert "gemma3-270m: tfidf meets the target on validation; about 14 minutes" in receipt
    assert "smollm2-135m: all rows: foretold at 0.930 on all rows, it would not change the verdict" in receipt


def test_the_page_tells_symptoms_with_their_units_and_what_they_tell(tmp_path):
    _, text = page_of(fit(), tmp_path)
    told = text[text.index("What people take for signs") : text.rindex("The data")]
    for said in (
        "clear Repetition and generic output Answers vary less than the data's labels (Shannon (1948)).",
        "not applicable Poor logic",
        "found No gain after tuning",
        "3.31 bits",
        "+0.3 points",
        "percentage points",
        "99.4%share",
        "-0.4 to +1.1 points (90%)",
        "Threshold: 2.0 points (STATISTICS of the project, section 6).",
        "Of planted cases it was found in 6 of 8 where size was the cause and in 3 of 60 where it was not: "
        "a likelihood ratio of 15 (4.7 to 48, 95%). It speaks for a model that is too small.",
        "How often it is found where size is the cause was not measured: no planted case could show it.",
    ):
        assert said in told


def test_break_even_and_rounds_stand_on_the_page_where_there_are_some(tmp_path):
    outcome = fit()
    html, text = page_of(outcome, tmp_path)
    assert 'id="prompting"' not in html
    assert "Rounds of tuning" not in text
    more = replace(outcome, break_even=(pair(),), rounds=history(stopped=True, last_paid=1))
    html, text = page_of(more, tmp_path)
    assert 'id="prompting"' in html
    assert "Money is no reason to keep prompting hosted:big" in text
    assert "labels at 0.5x" in text
    assert "tuning stopped paying after tfidf-1" in text


def test_what_was_only_foretold_is_hatched_in_both_charts_and_ids_stay_apart(tmp_path):
    html, _ = page_of(fit("more_data"), tmp_path)
    for name in ("data-wide", "data-narrow", "gap-wide", "gap-narrow"):
        assert html.count(f'<pattern id="{name}-hatch"') == 1
        assert f"url(#{name}-hatch)" in html


def test_of_a_lookup_no_sign_of_size_is_shown(tmp_path):
    _, text = page_of(with_proposed(fit(), "majority"), tmp_path)
    assert "majority gives what training rows have and is no model" in text
    assert "Repetition and generic output" not in text


def test_what_an_endpoint_loads_and_learns_from_is_told_alike_in_every_table(tmp_path):
    outcome = fit()
    one = outcome.rungs[-1]
    away = replace(one.shipped, hosted=HOSTED, cost=replace(one.shipped.cost, size_bytes=0, adapter_bytes=0, n_train=0))
    asked = Compared(
        switch="prompt",
        rung=one.rung,
        change="prompt:short",
        against="prompt:default",
        n=318,
        rows=52,
        difference=0.1,
        interval=Interval(low=0.0, high=0.2, confidence=0.9),
    )
    outcome = replace(
        outcome,
        rungs=(*outcome.rungs[:-1], replace(one, chosen=away, shipped=away)),
        diagnosis=replace(outcome.diagnosis, interventions=(asked,)),
    )
    html, text = page_of(outcome, tmp_path)
    assert 'data-of="Examples">0<' in html[html.index("One thing changed") : html.index("Rungs from cheap to dear")]
    assert "318" not in text
    ladder = html[html.index("Figures of every rung") : html.index('id="mistakes"')]
    assert 'data-of="Size loaded">elsewhere<' in ladder
    assert "adapter 0.0 MB" not in ladder
