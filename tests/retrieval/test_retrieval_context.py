"""A context cites what is in it, and cuts nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from suffice.records.knowledge import Passage
from suffice.retrieval.context import cited_in, filled
from suffice.retrieval.words import n_words


def passage(name: str, text: str, *, headings: tuple[str, ...] = (), page: int | None = None) -> Passage:
    return Passage(id=name, source=f"{name}.md", headings=headings, text=text, page=page)


def test_passages_are_numbered_with_where_they_come_from():
    context = filled(
        [passage("a", "Ten days.", headings=("Returns", "Post")), passage("b", "Free.", page=3)], budget=99
    )
    assert context.text == "[1] (a.md, Returns > Post)\nTen days.\n\n[2] (b.md, page 3)\nFree."
    assert [one.id for one in context.cited] == ["a", "b"]
    # By hand: [1] (a.md, Returns > Post) Ten days. [2] (b.md, page 3) Free.
    assert (context.n_used, context.left_out) == (12, ())


def test_what_does_not_fit_is_left_out_whole_and_named():
    given_ = [passage("a", "one two"), passage("long", "word " * 50), passage("b", "three")]
    context = filled(given_, budget=8)
    assert context.text == "[1] (a.md)\none two\n\n[2] (b.md)\nthree"
    assert (context.left_out, context.n_used) == (("long",), 7)
    assert filled(given_, budget=1).text == ""
    assert filled([], budget=1).n_used == 0


def test_the_budget_may_be_in_the_tokens_of_a_model():
    context = filled([passage("a", "abc"), passage("b", "def")], budget=20, count=len)
    assert (context.text, context.n_used, context.left_out) == ("[1] (a.md)\nabc", 14, ("b",))


@given(st.lists(st.text(alphabet="ab \n", max_size=40), max_size=8), st.integers(1, 60))
def test_no_budget_is_exceeded_and_every_passage_is_cited_or_left_out(texts: list[str], budget: int):
    passages = [passage(str(number), text) for number, text in enumerate(texts)]
    context = filled(passages, budget=budget)
    assert context.n_used == n_words(context.text) <= budget
    assert {one.id for one in context.cited} | set(context.left_out) == {one.id for one in passages}
    assert len(context.cited) + len(context.left_out) == len(passages)


def test_numbers_that_an_answer_names_are_looked_up():
    context = filled([passage("a", "x"), passage("b", "y"), passage("c", "z")], budget=99)
    said = cited_in("Ten days [3], [1, 2] and [12][0]; see [x] and (2) or [2024-01]. [3]", context)
    assert (said.passages, said.invented) == (("a", "b", "c"), (0, 12))
    assert cited_in("[" + "1, " * 50_000, context).passages == ()
