"""What the model card of a bundle says where its answers are free text or calls."""

from __future__ import annotations

from suffice.bundles.record import BundleRecord
from suffice.records.completion_evaluation import CompletionEvaluation, GraderScore
from suffice.records.task import Kind
from suffice.records.tool_spec import ToolSpec
from suffice.text.completion_words import CLASS_WORDS
from suffice.text.kind_words import ASKED


def answers_front(record: BundleRecord) -> dict[str, object]:
    """Keys of the front matter.

    Args:
        record: what the bundle is.

    Source: Hugging Face Hub documentation, "Model Cards".
    """
    front: dict[str, object] = {
        "library_name": "suffice",
        "pipeline_tag": "text-generation",
        "tags": ["suffice", "tool-calling" if record.run.cell.kind == "tools" else "question-answering"],
    }
    if record.test is not None:
        metrics = [{"type": "accuracy", "value": round(record.test.accuracy.accuracy, 4)}]
        data = {"name": record.task, "type": record.task, "split": "test"}
        results = [{"task": {"type": "text-generation"}, "dataset": data, "metrics": metrics}]
        front["model-index"] = [{"name": record.task, "results": results}]
    return front


def what_it_answers(record: BundleRecord) -> str:
    """What goes in and what comes out."""
    spec = record.run.cell.answer
    assert spec is not None, "a bundle whose answers are free says what an answer is"
    if isinstance(spec, ToolSpec):
        what = "Answers a request by calls of the tools that come with it, or by none."
        return f"{what} {_what_it_calls(spec)}{_read(record)}"
    options = f" One of: {', '.join(f'`{one}`' for one in spec.options)}." if spec.type == "choice" else ""
    return (
        f"Answers a question in its own words; the answer is of the type `{spec.type}` and is asked for in the form "
        f"`{spec.form}`.{options} A completion may be anything: it is checked, and nothing keeps it from being wrong."
        f"{_read(record)}"
    )


def _read(record: BundleRecord) -> str:
    """What of its knowledge stands before a question; nothing where it has none."""
    reads = record.run.cell.reads
    if reads is None:
        return ""
    asked, reading = ASKED[record.run.cell.kind], reads.reading
    return (
        f" Before a {asked} it reads up to {reading.passages} passages ({reading.words:,} words) of the documents in "
        "`knowledge/`, the best for it; each answer names them. `pip install 'suffice[retrieval]'` brings what "
        "searches them."
    )


def _what_it_calls(spec: ToolSpec) -> str:
    if spec.held:
        return "It is held to the schemas of these tools: no other tool and no argument against its schema comes out."
    return f"Calls are asked for in the form `{spec.form}` and checked; nothing keeps it from writing anything else."


def answer_figures(record: BundleRecord) -> str:
    """Accuracy as three graders see it, and where answers are lost."""
    measured = [
        (where, answers)
        for where, answers in ((_compared(record), record.validation_answers), ("test", record.test_answers))
        if answers is not None
    ]
    if not measured:
        return ""
    head = "## Figures\n\n| rows | n | strict | lenient | verified, with its 95% interval |\n|---|---|---|---|---|\n"
    lost = "\n".join(f"- {where}: {_lost(answers)}" for where, answers in measured)
    return f"{head}{chr(10).join(_row(where, answers) for where, answers in measured)}\n\n{lost}"


def use_of_answers(kind: Kind) -> str:
    """How to ask it.

    Args:
        kind: of its task.
    """
    if kind == "tools":
        return (
            "## Use\n\n"
            '```python\nimport suffice\n\nclerk = suffice.load("path/to/this/folder")\n'
            'asked = {"messages": [{"role": "user", "content": "a request"}], "tools": [...]}\n'
            "print(clerk.call([asked])[0].tool_calls())\n```\n\n"
            "Every file is listed with its hash in `SHA256SUMS` (`sha256sum -c SHA256SUMS`).\n"
            "Wrong for: requests unlike those it was fitted on, and calls that are made before anybody checks them."
        )
    return (
        "## Use\n\n"
        '```python\nimport suffice\n\nclerk = suffice.load("path/to/this/folder")\n'
        'print(clerk.answer(["a question"])[0].answer)\n```\n\n'
        "Every file is listed with its hash in `SHA256SUMS` (`sha256sum -c SHA256SUMS`).\n"
        "Wrong for: questions unlike those it was fitted on, and answers that nobody checks."
    )


def _compared(record: BundleRecord) -> str:
    is_out_of_fold = record.validation is not None and record.validation.split == "out_of_fold"
    return "out of fold" if is_out_of_fold else "validation"


def _row(where: str, answers: CompletionEvaluation) -> str:
    strict, lenient, verified = (getattr(answers.accuracy, name) for name in ("strict", "lenient", "verified"))
    return f"| {where} | {answers.n:,} | {strict.accuracy:.4f} | {lenient.accuracy:.4f} | {_with_interval(verified)} |"


def _with_interval(score: GraderScore) -> str:
    return f"{score.accuracy:.4f} ({score.interval.low:.4f} to {score.interval.high:.4f})"


def _lost(answers: CompletionEvaluation) -> str:
    return ", ".join(f"{CLASS_WORDS[one.name]} {one.share:.4f}" for one in answers.waterfall.classes if one.n)
