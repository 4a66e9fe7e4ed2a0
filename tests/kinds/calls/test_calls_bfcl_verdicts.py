"""Agreement with bfcl-eval on made-up cases, held without that package.

The verdicts were given by bfcl-eval 2026.3.23 through `benchmarks/bfcl_checker.py`, which also brings them up to date:
`bfcl/bin/python benchmarks/bfcl_checker.py < tests/kinds/calls/bfcl_verdicts.jsonl`.
"""

import json
from pathlib import Path

import pytest

from suffice.kinds.calls.judge import judge
from suffice.kinds.calls.parse import parse
from suffice.kinds.calls.rows import read_row

CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("bfcl_verdicts.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_case_is_judged_as_bfcl_eval_judges_it_unless_it_is_a_known_departure(case):
    row = {
        "messages": [{"role": "user", "content": "Please."}],
        "tools": case["tools"],
        "accepted_calls": case["accepted"],
    }
    example = read_row(row, where="a case")
    found = judge(parse(case["text"], names=[tool.name for tool in example.tools]), example)
    assert found.outcome == case["ours"]
    assert ((found.outcome == "right") == case["valid"]) is not case["departs"]


def test_the_departures_are_few_and_named():
    # Decision 0034 names them; a new one belongs there.
    assert len(CASES) == 70
    assert [case["what"] for case in CASES if case["departs"]] == [
        "a string in other case beside an accepted null",
        "a tuple for a list",
        "a float for a whole number in an object",
        "true for 1 in an object",
        "strings two levels down in other case",
        "calls that only fit the right way round",
        "a list in Python's syntax that is not closed",
        "a sum that would have to be computed",
        "a broken call where none is right",
        "words beside a call",
    ]
