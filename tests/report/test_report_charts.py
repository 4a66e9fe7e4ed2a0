"""Charts: the records' figures, in the page's colours, safe beside one another."""

import re
from dataclasses import replace

import altair as alt
from report_fits import fit, learnability, with_proposed

from suffice.records.evaluation import Interval, ProbabilityLayer
from suffice.records.verdict import FitOutcome
from suffice.report.charts import cost_chart, ladder_chart, learning_chart, reliability_chart
from suffice.report.figures import Figures, Metric, figures_of
from suffice.report.ladder import entries_of_fit, shown_on_one_split
from suffice.report.svg import inline_svg


def _figures(outcome: FitOutcome, *, metric: Metric = "accuracy", target: float | None = 0.95) -> Figures:
    return figures_of(shown_on_one_split(entries_of_fit(outcome)), metric=metric, target=target)


def _texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def _numbered(svg: str) -> list[str]:
    """What is written inside the circles, which are drawn after the axes."""
    marks = svg[svg.index("mark-symbol") :]
    return re.findall(r">(\d)</text>", marks)


def test_the_ladder_names_every_rung_in_order_of_cost_with_its_figure_on_the_test() -> None:
    texts = _texts(ladder_chart(_figures(fit())))
    named = [text.strip() for text in texts if re.match(r"^\d ", text)]
    assert [name.split()[1] for name in named] == ["majority", "tfidf", "embed", "encoder", "smollm2-135m"]
    assert {"10.9%", "99.5%", "98.9%", "99.3%", "99.8%", "target 95%"} <= set(texts)


def test_a_rung_far_below_the_others_does_not_stretch_the_scale() -> None:
    figures = _figures(fit())
    assert [figure.entry.name for figure in figures.below_scale] == ["majority"]
    assert figures.low > 0.9
    assert "\N{LEFTWARDS ARROW}" in _texts(ladder_chart(figures))
    assert _numbered(cost_chart(figures)) == ["2", "3", "4", "5"]


def test_every_interval_on_the_scale_and_the_target_lie_within_it() -> None:
    figures = _figures(fit("more_data"))
    ends = [end for figure in figures.on_scale for end in (figure.interval.low, figure.interval.high)]
    assert figures.low <= min(*ends, 0.95)
    assert figures.high >= max(*ends, 0.95)


def test_the_scale_of_a_perfect_rung_ends_at_one() -> None:
    (shown,) = shown_on_one_split(entries_of_fit(fit(rungs=("tfidf",))))
    layer = replace(shown.evaluation.accuracy, accuracy=1.0, interval=Interval(low=0.99, high=1.0, confidence=0.95))
    perfect = replace(shown, evaluation=replace(shown.evaluation, accuracy=layer))
    assert figures_of([perfect], metric="accuracy", target=None).high == 1.0


def test_macro_f1_is_drawn_where_the_target_speaks_of_it() -> None:
    figures = _figures(fit(), metric="macro_f1", target=0.9)
    test = entries_of_fit(fit())[1].test
    assert test is not None
    texts = _texts(ladder_chart(figures))
    assert f"{test.accuracy.macro_f1:.3f}" in texts
    assert "target 0.9" in texts


def test_without_a_target_no_line_is_drawn() -> None:
    assert not any("target" in text for text in _texts(ladder_chart(_figures(fit(), target=None))))
    assert not any("target" in text for text in _texts(cost_chart(_figures(fit(), target=None))))


def test_one_rung_makes_a_chart() -> None:
    figures = _figures(fit(rungs=("tfidf",)))
    assert _numbered(cost_chart(figures)) == ["1"]
    assert any("tfidf" in text for text in _texts(ladder_chart(figures)))


def test_a_latency_of_zero_can_be_drawn_on_a_logarithmic_scale() -> None:
    outcome = fit(rungs=("tfidf", "embed"))
    first = outcome.rungs[0]
    free = replace(first.shipped, cost=replace(first.shipped.cost, latency_p50_ms=0.0))
    figures = _figures(replace(outcome, rungs=(replace(first, shipped=free), *outcome.rungs[1:])))
    assert "NaN" not in cost_chart(figures)


def test_the_reliability_curve_has_a_point_for_every_bin() -> None:
    found = fit().rungs[1].chosen.evaluation
    assert found is not None
    assert isinstance(found.probability, ProbabilityLayer)
    drawn = reliability_chart(found.probability.reliability)
    assert len(re.findall(r'<path transform="translate\([^"]*" d="M[^"]*A', drawn)) == 10


def test_the_learning_curve_has_a_point_and_an_interval_for_every_size() -> None:
    svg = learning_chart(learnability(("a", "b")).curve)
    assert len(re.findall(r'<path transform="translate\([^"]*" d="M[^"]*A', svg)) == 4
    assert len(re.findall(r'<line [^>]*stroke-width="2"', svg)) == 4
    assert {"200", "400", "800", "1,600", "100%"} <= set(_texts(svg))


def test_a_learning_curve_of_one_point_or_of_figures_near_zero_can_be_drawn() -> None:
    last = learnability(("a", "b")).curve[-1]
    low = replace(last, accuracy=0.0, interval=Interval(low=0.0, high=0.03, confidence=0.95))
    for curve in ([last], [low], [low, replace(last, n_train=last.n_train + 1)]):
        assert "NaN" not in learning_chart(curve)


def test_names_are_escaped_and_cut() -> None:
    svg = ladder_chart(_figures(with_proposed(fit(), "<script>alert(1)</script>" + "m" * 200)))
    assert "<script" not in svg
    assert "&lt;script" in svg
    assert "m" * 40 not in svg


def test_colours_are_variables_of_the_page() -> None:
    for svg in (ladder_chart(_figures(fit())), cost_chart(_figures(fit()))):
        painted = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
        assert painted <= {"none", "transparent"} | {colour for colour in painted if colour.startswith("var(--")}


def test_an_svg_scales_with_the_page_and_names_no_address() -> None:
    svg = ladder_chart(_figures(fit()))
    opening = svg[: svg.index(">")]
    assert 'viewBox="0 0 380' in opening
    assert "width=" not in opening
    assert "http" not in svg


def test_ids_of_two_charts_do_not_collide() -> None:
    rows = alt.InlineData(values=[{"x": 1}, {"x": 9}])
    # Marks are clipped by a path with an id of its own, which Vega numbers from 0 in every chart.
    clipped = alt.layer(alt.Chart(rows).mark_point(clip=True).encode(x=alt.X("x:Q", scale=alt.Scale(domain=[0, 5]))))
    first, second = (inline_svg(clipped, name=name, tells="", height=100, right=0) for name in ("first", "second"))
    ids = [set(re.findall(r'\bid="([^"]*)"', svg)) for svg in (first, second)]
    used = [set(re.findall(r"url\(#([^)]*)\)", svg)) for svg in (first, second)]
    assert ids[0]
    assert used == ids
    assert all(name.startswith("first-") for name in ids[0])
    assert all(name.startswith("second-") for name in ids[1])


def test_powers_along_a_logarithmic_axis_are_few_enough_to_stand_apart() -> None:
    figures = _figures(fit())
    named = {-3: "0.001", -1: "0.1", 1: "10", 3: "1,000", 5: "10⁵"}
    fastest, *others, slowest = figures.every[1:]
    every = tuple(
        replace(
            figure,
            entry=replace(
                figure.entry,
                shipped=replace(
                    figure.entry.shipped, cost=replace(figure.entry.shipped.cost, latency_p50_ms=milliseconds)
                ),
            ),
        )
        for figure, milliseconds in ((fastest, 0.002), *((one, 1.0) for one in others), (slowest, 40_000.0))
    )
    texts = _texts(cost_chart(replace(figures, every=every)))
    assert [text for text in texts if text in named.values()] == list(named.values())
    assert not {"0.01", "1", "100", "10,000"} & (set(texts) - set("12345"))
