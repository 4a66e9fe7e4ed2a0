"""One request with the same tools and several sets of right calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import CallRows, RowCheck, positions, without_two_rows
from suffice.kinds.calls.rows import accepted_json
from suffice.text.counted import counted
from suffice.text.normalise import canonical


def _look(rows: CallRows) -> Iterator[Found]:
    alike: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for row, (question, example) in enumerate(zip(rows.questions, rows.examples, strict=True)):
        alike[canonical(question), tuple(sorted(tool.name for tool in example.tools))].append(row)
    for group in alike.values():
        n_different = len({repr(accepted_json(rows.examples[row].accepted)) for row in group})
        if n_different > 1:
            yield Found(
                rows=positions(group),
                got=f"one request in {counted(len(group), 'row')} has {n_different:,} different sets of right calls",
                fix="keep the right one, or list all values that are right in each of these rows",
                score=len(group),
            )


CONFLICTING_CALLS = RowCheck(
    code="conflicting_calls",
    severity="warn",
    rule="a request that is there twice, with the same tools, should have the same right calls",
    look=_look,
    needs=without_two_rows,
)
