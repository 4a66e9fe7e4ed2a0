"""One row under review on the terminal: the message, its label, and the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from suffice.text.rounding import margin_points

if TYPE_CHECKING:
    from suffice.review.card import Card

KEYS = "k keep  s suggested  l label  a ambiguous  d drop  u undo  q quit  ? help"
BLIND_KEYS = KEYS.replace("s suggested  ", "")


def print_card(console: Console, card: Card) -> None:
    """Prints a card; the message comes first, so that what is decided about stays in sight below a long one.

    Args:
        console: where to.
        card: the row.
    """
    console.rule(Text(f"{card.number:,} of {card.total:,}", style="bold"), align="left", style="dim")
    console.print(Padding(Text(visible(card.text)), (1, 2)))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", min_width=9, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("label", Text(visible(card.label), style="bold"))
    if card.suggested is not None and card.margin is not None:
        table.add_row("suggested", _suggestion(card, card.suggested, card.margin))
    table.add_row("shown", _why(card))
    width = max((len(neighbour.label) for neighbour in card.neighbours), default=0)
    for k, neighbour in enumerate(card.neighbours):
        said = f"{neighbour.similarity:.2f}  {visible(neighbour.label):<{width}}  {visible(neighbour.text)}"
        line = Text(" ".join(said.split("\n")))
        line.truncate(console.width - 11, overflow="ellipsis")
        table.add_row("nearest" if k == 0 else "", line)
    console.print(table)
    console.print(Text(BLIND_KEYS if card.queued.blind else KEYS, style="dim"))


def visible(text: str) -> str:
    """A text that cannot move the cursor or colour the screen.

    Args:
        text: any text.
    """
    return "".join(c if c.isprintable() or c in "\n\t\u200d\u200c" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _suggestion(card: Card, suggested: str, margin: float) -> Text:
    if suggested == card.label:
        return Text("the same: the models agree with the label")
    more = Text(f"  {margin_points(margin)} more probable", style="dim")
    return Text(visible(suggested), style="bold") + more


def _why(card: Card) -> str:
    why = card.queued.why
    if card.queued.blind:
        brought = "a random" if why == "random" else "you named this"
        return f"{brought} {card.split} row: models are judged by it, and are not heard"
    brought = {"suspicious": "", "random": "drawn at random; ", "asked": "you named it; "}[why]
    return f"{brought}rank {card.queued.rank:,} of {card.n_ranked:,} by suspicion"
