"""PDF files with text on their pages, written by hand as the standard has them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pypdf


def pdf(pages: Sequence[str]) -> bytes:
    """A PDF with one line of Helvetica on each page; nothing is drawn on a page that is empty.

    Source: ISO 32000-1:2008, annex H.2 and H.3 (minimal file, simple text string).
    """
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        contents = f"/Contents {len(objects)} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {resources} {contents} >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n"
    )
    return out + end.encode() + b"%%EOF\n"


def encrypted(content: bytes, *, password: str, says_aes: bool = False) -> bytes:
    """The same with RC4; an empty password forbids printing and opens for anybody.

    Args:
        content: a PDF.
        password: what it asks for.
        says_aes: names AES as its cipher, which needs a library beside pypdf to be written.
    """
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(BytesIO(content)))
    writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    written = out.getvalue()
    # ISO 32000-1:2008, tables 20 and 25: the key is derived in the same way under both ciphers.
    filters = b"/V 4 /CF << /StdCF << /CFM /AESV2 /AuthEvent /DocOpen /Length 16 >> >> /StmF /StdCF /StrF /StdCF"
    return written.replace(b"/V 2", filters).replace(b"/R 3", b"/R 4") if says_aes else written
