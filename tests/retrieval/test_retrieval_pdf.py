"""PDF files give a section for each page, or say why not."""

from __future__ import annotations

import logging
from importlib.util import find_spec

import pytest
from pdf_files import encrypted, pdf

from suffice.errors import DataError
from suffice.retrieval.formats import pdf as reading


def test_pages_are_numbered_and_those_without_text_are_named(write, read):
    write("a.pdf", pdf(["Refunds take ten days.", "", "Cards are free."]))
    knowledge = read()
    assert [(p.page, p.line, p.text) for p in knowledge.passages] == [
        (1, None, "Refunds take ten days."),
        (3, None, "Cards are free."),
    ]
    assert [(s.where, s.got) for s in knowledge.skipped] == [("a.pdf, page 2", "none: empty, or a picture")]


def test_an_encrypted_file_is_named_with_how_to_open_it(write, read):
    write("a.pdf", encrypted(pdf(["Secret."]), password="word"))
    with pytest.raises(DataError, match=r"a\.pdf: .*\n  got: an encrypted file\n  fix: .*qpdf --decrypt"):
        read()


def test_a_file_that_only_forbids_printing_is_read(write, read):
    write("a.pdf", encrypted(pdf(["Anybody may read this."]), password=""))
    assert [p.text for p in read().passages] == ["Anybody may read this."]


@pytest.mark.skipif(find_spec("cryptography") is not None, reason="AES is known here")
def test_aes_without_the_library_that_knows_it_is_named_once(write, read):
    write("a.pdf", encrypted(pdf(["One.", "Two."]), password="", says_aes=True))
    with pytest.raises(
        DataError, match=r"no library that knows how\n  fix: pip install cryptography, .* qpdf"
    ) as caught:
        read()
    assert len(caught.value.problems) == 1


def test_pictures_of_pages_are_no_text(write, read):
    write("a.pdf", pdf(["", ""]))
    with pytest.raises(DataError, match=r"got: 2 pages without any; of a.pdf, page 1: none.*\n  fix: .*OCR"):
        read()


@pytest.mark.parametrize("content", [b"not a pdf", pdf(["Cut off."])[:60], b"%PDF-1.4\n" + bytes(200)])
def test_a_damaged_file_is_named_and_nothing_is_logged(write, read, content, caplog):
    write("a.pdf", content)
    with caplog.at_level(logging.DEBUG), pytest.raises(DataError, match=r"a\.pdf: a PDF must"):
        read()
    assert caplog.records == []
    assert logging.getLogger("pypdf").level == logging.NOTSET


def test_pages_that_time_does_not_reach_are_named(write, read, monkeypatch):
    clock = iter([0.0, 1.0, 500.0])
    monkeypatch.setattr(reading, "monotonic", lambda: next(clock))
    write("a.pdf", pdf(["One.", "Two.", "Three."]))
    knowledge = read()
    assert [p.text for p in knowledge.passages] == ["One."]
    assert [(s.where, s.got) for s in knowledge.skipped] == [
        ("a.pdf, page 2", "120 seconds, and 2 pages from here on not read")
    ]
