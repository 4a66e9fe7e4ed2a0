"""The text of a file that must be UTF-8; anything else is named, since a guessed encoding garbles names in silence."""

from __future__ import annotations

import codecs
from pathlib import Path

from suffice.dataset.blocks import iconv
from suffice.retrieval.formats.section import unreadable

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(path: Path, *, name: str) -> str:
    r"""A file's text, line ends as `\n`, without a byte order mark.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is binary, or in another encoding.
    """
    content = path.read_bytes()
    rule = "a knowledge file of this format must be UTF-8 text"
    if content.startswith(UTF_16):
        got = "UTF-16 text (it begins with its byte order mark)"
        raise unreadable(name, rule, got=got, fix=f"convert it: {iconv('UTF-16', name)}")
    if b"\0" in content:
        fix = "take the file out of the folder, or name it by what it holds"
        raise unreadable(name, rule, got=f"a binary file (byte 0 at {content.index(0):,})", fix=fix)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        got = f"byte 0x{content[error.start]:02x} in line {line:,}, which is no UTF-8"
        raise unreadable(name, rule, got=got, fix=f"convert it: {iconv('WINDOWS-1252', name)}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
