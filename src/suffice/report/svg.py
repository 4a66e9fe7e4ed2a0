"""A chart to an SVG that can stand inside the page: offline, in the page's own colours, with ids of its own."""

from __future__ import annotations

import re

import altair as alt
import vl_convert
from markupsafe import Markup, escape

MUTED, LINE, PAPER = "var(--muted)", "var(--line)", "var(--paper)"
ACCENT, TARGET = "var(--accent)", "var(--bad)"
"""Colours are the page's variables, so that charts follow it from light to dark."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
WIDTH = 380
"""Pixels: text of 12 is shown at 11 on a phone and at 15 where the chart takes half a wide page."""


def inline_svg(chart: alt.LayerChart | alt.FacetChart, *, name: str, tells: str, height: int, right: int) -> Markup:
    """Draws a chart.

    Vega escapes every text that it writes, so that the result may stand in the page as it is.

    Args:
        chart: its data inline.
        name: goes in front of every id, since ids are shared by all that a page holds.
        tells: what the chart shows, for whoever hears the page.
        height: of the whole, in pixels.
        right: pixels kept free on the right, for what is written beside the plot.
    """
    svg = vl_convert.vegalite_to_svg(_styled(chart, height=height, right=right).to_dict(), allowed_base_urls=[])
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg, count=2)
    svg = re.sub(r' (?:width|height)="\d+"', "", svg[: svg.index(">")]) + svg[svg.index(">") :]
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{escape(tells)}"', 1)
    return Markup(_own_ids(svg, name))  # noqa: S704 (escaped by Vega, see above)


def _styled(chart: alt.LayerChart | alt.FacetChart, *, height: int, right: int) -> alt.LayerChart | alt.FacetChart:
    axis = {"labelColor": MUTED, "titleColor": MUTED, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
    styled: alt.LayerChart | alt.FacetChart = (
        chart.properties(
            width=WIDTH,
            height=height,
            background="transparent",
            padding={"left": 16, "right": right, "top": 18, "bottom": 4},
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        )
        .configure(font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            **axis, labelFontSize=12, titleFontSize=12, titleFontWeight="normal", titlePadding=8, labelFlush=False
        )
    )
    return styled


def _own_ids(svg: str, name: str) -> str:
    svg = re.sub(r'(<[^>]*? id=")', rf"\g<1>{name}-", svg)
    return re.sub(r'(="url\(#)', rf"\g<1>{name}-", svg)
