"""HTML pages give what a reader sees."""

from __future__ import annotations

PAGE = """<!doctype html><html><head><title>Shop &amp; more</title><style>p {}</style></head><body>
<nav><a href="/">Home</a></nav>
<p>Wel<b>come</b>
  to us.</p><script>alert(1)</script>
<h1>Returns</h1><p>Thirty&nbsp;days.<br>No fee.</p>
<h2>By <i>post</i></h2><ul><li>print</li><li>send</li></ul>
<table><tr><th>Zone</th><th>Fee</th></tr><tr><td>A</td><td>4 €</td></tr></table>
<pre><code>def f():
    return  1</code></pre>
</body></html>"""


def test_text_stands_under_title_and_headings(write, read):
    write("a.html", PAGE)
    assert [(p.headings, p.text, p.line) for p in read().passages] == [
        (("Shop & more",), "Welcome to us.", None),
        (("Shop & more", "Returns"), "Thirty\xa0days.\nNo fee.", None),
        (
            ("Shop & more", "Returns", "By post"),
            "print\nsend\n\nZone | Fee\nA | 4 €\n\ndef f():\n    return  1",
            None,
        ),
    ]


def test_a_first_heading_that_is_the_title_is_told_once(write, read):
    write("a.htm", "<title>Fees</title><h1>Fees</h1><p>None.</p><h2>Abroad</h2><p>One euro.")
    assert [p.headings for p in read().passages] == [("Fees",), ("Fees", "Abroad")]


def test_nesting_beyond_what_recursion_takes_is_borne(write, read):
    write("a.html", "<div>" * 5_000 + "deep" + "</div>" * 5_000)
    assert [p.text for p in read().passages] == ["deep"]


def test_a_page_without_text_is_named(write, read):
    write("a.html", "<script>1</script>")
    write("b.txt", "text")
    assert [(s.where, s.got) for s in read().skipped] == [("a.html", "none between its marks and headings")]
