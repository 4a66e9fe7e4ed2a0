"""The libraries that only retrieval needs: named with their install line where they are missing."""

from __future__ import annotations

from importlib.util import find_spec

from suffice.errors import DataError, Problem

INSTALL = "pip install 'suffice[retrieval]'"
LIBRARIES = ("bm25s", "markdown_it", "pypdf", "selectolax")


def require_installed() -> None:
    """Refuses to go on without one of the libraries; imports none of them.

    A folder may hold any format. Files of one whose library is missing are no unreadable files, to be skipped: the
    installation is what is wrong.

    Raises:
        DataError: some are not installed.
    """
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        rule, got = "reading and searching knowledge needs the retrieval extra", f"not installed: {', '.join(missing)}"
        raise DataError(Problem(where="knowledge", rule=rule, got=got, fix=INSTALL))
