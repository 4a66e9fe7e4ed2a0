"""A chart to an SVG that can stand inside the page: offline, in the page's own colours, with ids of its own."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence

import altair as alt
import vl_convert
from markupsafe import Markup, escape

from suffice.text.rounding import power_words

INK, MUTED, LINE, PAPER = "var(--ink)", "var(--muted)", "var(--line)", "var(--paper)"
ACCENT, TARGET = "var(--accent)", "var(--bad)"
"""Colours are the page's variables, so that charts follow it from light to dark."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
WIDTH = 380
"""Pixels: text of 12 is shown at 11 on a phone and at 15 where the chart takes half a wide page."""
WIDE = 860
"""Pixels of a chart that takes the whole width of a page; on a phone another drawing of it stands in its place."""
HATCHED = "url(#hatch)"
"""Fill of what was not run but foretold: stripes in the page's muted colour."""
_STRIPES = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="2" height="6" fill="{MUTED}" opacity="0.55"></rect></pattern></defs>'
)


_UNSEEN = re.compile(
    r'<path class="(?:background|foreground)"[^>]*(?:></path|/)>'
    r'| (?:font-family="[^"]*"|pointer-events="none"|aria-hidden="true"|role="graphics-[a-z]+"'
    r'|aria-roledescription="[^"]*")'
)
"""Empty frames, the font, which the page's style sets for all of them, and what says nothing where nothing answers to a
pointer: a third of what Vega writes."""


MAX_POWERS = 6
"""Powers of ten that are written along an axis: more would run into one another."""


def powers_axis(ticks: Sequence[float]) -> alt.Axis:
    """The axis of a logarithmic scale, on which every second, third, ... power of ten is written where there are many.

    Args:
        ticks: neighbouring powers of ten, ascending.
    """
    every = -(-len(ticks) // MAX_POWERS)
    written = [power_words(tick) for tick in ticks]
    # Below the labels of the other axis, which would meet these in the corner.
    return alt.Axis(
        values=list(ticks[::every]),
        labelExpr=f"{json.dumps(written)}[round(log(datum.value) / LN10) - {round(math.log10(ticks[0]))}]",
        domain=False,
        ticks=False,
        labelPadding=11,
    )


def inline_svg(
    chart: alt.LayerChart | alt.FacetChart, *, name: str, tells: str, height: int, right: int, width: int = WIDTH
) -> Markup:
    """Draws a chart.

    Vega escapes every text that it writes, so that the result may stand in the page as it is.

    Args:
        chart: its data inline.
        name: goes in front of every id, since ids are shared by all that a page holds.
        tells: what the chart shows, for whoever hears the page.
        height: of the whole, in pixels.
        right: pixels kept free on the right, for what is written beside the plot.
        width: of the whole, in pixels.
    """
    styled = _styled(chart, width=width, height=height, right=right)
    svg = vl_convert.vegalite_to_svg(styled.to_dict(), allowed_base_urls=[])
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg, count=2)
    svg = _UNSEEN.sub("", svg)
    svg = re.sub(r' (?:width|height)="\d+"', "", svg[: svg.index(">")]) + svg[svg.index(">") :]
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{escape(tells)}"', 1)
    if HATCHED in svg:
        svg = svg.replace(">", f">{_STRIPES}", 1)
    return Markup(_own_ids(svg, name))  # noqa: S704 (escaped by Vega, see above)


def _styled(
    chart: alt.LayerChart | alt.FacetChart, *, width: int, height: int, right: int
) -> alt.LayerChart | alt.FacetChart:
    axis = {"labelColor": MUTED, "titleColor": MUTED, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
    styled: alt.LayerChart | alt.FacetChart = (
        chart.properties(
            width=width,
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
