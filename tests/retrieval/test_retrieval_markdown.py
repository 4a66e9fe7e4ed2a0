"""Markdown files are cut at what CommonMark calls a heading, and at nothing else."""

from __future__ import annotations


def test_sections_stand_under_their_headings_with_their_lines(write, read):
    write("a.md", "Before.\n\n# Returns\n\nThirty days.\n\n## By *post*\n\nUse the label.\n\n# Prices\n\nIn euros.\n")
    assert [(p.headings, p.text, p.line) for p in read().passages] == [
        ((), "Before.", 1),
        (("Returns",), "Thirty days.", 5),
        (("Returns", "By post"), "Use the label.", 9),
        (("Prices",), "In euros.", 13),
    ]


def test_a_hash_in_code_is_no_heading_and_an_underlined_line_is_one(write, read):
    write("a.md", "Use `it`\n========\n\n```\n# a comment\n```\n\n    # also code\n\nEnd.\n")
    (passage,) = read().passages
    assert passage.headings == ("Use it",)
    assert passage.text == "```\n# a comment\n```\n\n    # also code\n\nEnd."


def test_front_matter_makes_no_heading(write, read):
    write("a.md", "---\ntitle: Fees\nowner: Ann\n---\n# Fees\n\nNone.\n")
    assert [(p.headings, p.text, p.line) for p in read().passages] == [
        ((), "---\ntitle: Fees\nowner: Ann\n---", 1),
        (("Fees",), "None.", 7),
    ]


def test_a_rule_at_the_top_that_nothing_closes_is_no_front_matter(write, read):
    write("a.md", "---\n# Fees\n\nNone.\n")
    assert [p.headings for p in read().passages] == [(), ("Fees",)]


def test_a_heading_without_text_gives_no_passage_and_keeps_its_place(write, read):
    write("a.md", "# Cards\n## Lost\nCall us.\n### \n## Stolen\nCall at once.\n")
    assert [(p.headings, p.text) for p in read().passages] == [
        (("Cards", "Lost"), "Call us."),
        (("Cards", "Stolen"), "Call at once."),
    ]
