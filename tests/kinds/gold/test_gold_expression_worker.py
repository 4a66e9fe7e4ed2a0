"""How the process that compares expressions reads them."""

import pytest
from latex2sympy2_extended import latex2sympy
from sympy import Float, Integer, Number, srepr
from sympy.parsing import sympy_parser

from suffice.kinds.gold.expression_worker import symbolic_equality


# What SymPy makes of such a text by itself is what the parser made of it.
@pytest.mark.parametrize(
    "text", ["7", "12345678901234567890", "0.5", ".50", "12.5", "0.0", "0.1234567890123456789", "1E5", "1.5E-3"]
)
def test_a_number_is_the_one_that_sympy_reads(text: str) -> None:
    symbolic_equality()
    assert srepr(latex2sympy(text)) == srepr(Number(text))


def test_zeros_in_front_do_not_count() -> None:
    symbolic_equality()
    assert srepr(latex2sympy("007")) == srepr(Integer(7))
    assert srepr(latex2sympy("007.5")) == srepr(Float("7.5"))


def test_no_number_is_run_as_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(code: str, *_: object) -> None:
        raise AssertionError(code)

    same = symbolic_equality()
    monkeypatch.setattr(sympy_parser, "eval_expr", run)
    assert same("0.5x+1287", "1287+.5x")
    assert not same("0.5x+1287", "1288+.5x")
