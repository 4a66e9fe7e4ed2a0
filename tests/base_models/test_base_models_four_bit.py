"""Four bits: said when they cannot be had, and nothing fetched or printed when they can."""

from __future__ import annotations

import subprocess
import sys

import pytest

from suffice.base_models import four_bit
from suffice.errors import ModelError

needs_bitsandbytes = pytest.mark.skipif(not four_bit.is_installed(), reason="bitsandbytes is not installed")


def test_what_is_missing_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(four_bit, "is_installed", lambda: False)
    with pytest.raises(
        ModelError, match=r"needs bitsandbytes\n  got: it is not installed\n  fix: pip install 'suffice"
    ):
        four_bit.require_installed()


@needs_bitsandbytes
@pytest.mark.parametrize("kernels", ["", "raise AssertionError('code would have been fetched')"])
def test_it_is_imported_without_a_word_and_without_code_from_the_hub(tmp_path, kernels: str) -> None:
    if kernels:
        (tmp_path / "kernels.py").write_text(kernels)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from suffice.base_models import four_bit;"
        "four_bit.import_quietly(); assert 'bitsandbytes' in sys.modules; assert 'kernels' not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
