"""A chart to an SVG that can stand inside the page: offline, in the page's own colours, with ids of its own."""

from __future__ import annotations

import re

import altair as alt
import vl_convert
from markupsafe import Markup

INK, MUTED, LINE, PAPER = "var(--ink)", "var(--muted)", "var(--line)", "var(--paper)"
ACCENT, TARGET = "var(--accent)", "var(--bad)"
"""Colours are the page's variables, so that charts follow it from light to dark."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
WIDTH = 430
"""Pixels: scaled down to a phone's width the text stays at 9 points, scaled up to half a page at 13."""


def inline_svg(chart: alt.LayerChart, *, name: str, height: int) -> Markup:
    """Draws a chart.

    Vega escapes every text that it writes, so that the result may stand in the page as it is.

    Args:
        chart: its data inline.
        name: goes in front of every id, since ids are shared by all that a page holds.
        height: of the whole, in pixels.
    """
    svg = vl_convert.vegalite_to_svg(_styled(chart, height=height).to_dict(), allowed_base_urls=[])
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg, count=2)
    svg = re.sub(r' (?:width|height)="\d+"', "", svg[: svg.index(">")]) + svg[svg.index(">") :]
    return Markup(_own_ids(svg, name))  # noqa: S704 (escaped by Vega, see above)


def _styled(chart: alt.LayerChart, *, height: int) -> alt.LayerChart:
    axis = {"labelColor": MUTED, "titleColor": MUTED, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
    styled: alt.LayerChart = (
        chart.properties(
            width=WIDTH,
            height=height,
            background="transparent",
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        )
        .configure(font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_axis(**axis, labelFontSize=12, titleFontSize=12, titleFontWeight="normal", titlePadding=8)
    )
    return styled


def _own_ids(svg: str, name: str) -> str:
    svg = re.sub(r'(<[^>]*? id=")', rf"\g<1>{name}-", svg)
    return re.sub(r'(="url\(#)', rf"\g<1>{name}-", svg)
