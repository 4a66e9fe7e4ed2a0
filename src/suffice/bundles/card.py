"""The model card: what a stranger who finds the folder needs to know."""

from __future__ import annotations

import yaml

from suffice.bundles.answer_card import answer_figures, answers_front, use_of_answers, what_it_answers
from suffice.bundles.record import BundleRecord
from suffice.records.evaluation import Evaluation, NotMeasured
from suffice.records.promise import Promise
from suffice.records.scope import ScopeRecord
from suffice.records.splits import SPLIT_NAMES, SplitCertificate
from suffice.text.promise_words import promise_sentence
from suffice.text.scope_words import scope_sentence


def model_card(record: BundleRecord, promise: Promise | None = None, scope: ScopeRecord | None = None) -> str:
    """A README with Hugging Face front matter.

    Args:
        record: what the bundle is.
        promise: which answers it gives by itself; None where nothing is promised.
        scope: what lies outside; None where it was not calibrated.

    Source: the front matter's keys, Hugging Face Hub documentation, "Model Cards".
    """
    front = yaml.safe_dump(_front_matter(record), sort_keys=False, allow_unicode=True)
    if record.run.cell.kind != "classify":
        sections: tuple[str, ...] = (answer_figures(record), _split(record.split), use_of_answers(record.run.cell.kind))
    else:
        sections = (
            _figures(record),
            "" if promise is None else f"## Promise\n\n{promise_sentence(promise)}",
            "" if scope is None else f"## Out of scope\n\n{scope_sentence(scope)}",
            _split(record.split),
            _use(record),
        )
    parts = [
        f"---\n{front}---",
        f"# {record.task}: `{record.rung}`",
        _what_it_is(record),
        *sections,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(record: BundleRecord) -> dict[str, object]:
    if record.run.cell.kind != "classify":
        return answers_front(record) | _base_model(record)
    front: dict[str, object] = {
        "library_name": "peft" if record.run.cell.label_output else "suffice",
        "pipeline_tag": "text-classification",
        "tags": ["suffice", "text-classification"],
    }
    front |= _base_model(record)
    if record.test is not None:
        metrics = [
            {"type": "accuracy", "value": round(record.test.accuracy.accuracy, 4)},
            {"type": "f1", "name": "macro F1", "value": round(record.test.accuracy.macro_f1, 4)},
        ]
        task = {"type": "text-classification"}
        data = {"name": record.task, "type": record.task, "split": "test"}
        front["model-index"] = [{"name": record.task, "results": [{"task": task, "dataset": data, "metrics": metrics}]}]
    return front


def _base_model(record: BundleRecord) -> dict[str, object]:
    if record.base is None:
        return {}
    from suffice.base_models import hub_id_of  # noqa: PLC0415 - what stands on no base model is served without it

    hub_id = hub_id_of(record.base.name)
    return {"base_model": hub_id} if hub_id else {}


def _what_it_is(record: BundleRecord) -> str:
    run, cell = record.run, record.run.cell
    rows = "training and validation rows" if cell.refit else "training rows"
    is_labelled = cell.kind == "classify"
    puts = f"Puts a message into one of {len(cell.labels)} categories. It cannot answer anything else."
    lines = [
        puts if is_labelled else what_it_answers(record),
        "",
        f"- run `{run.name}`, fitted on {run.n_train:,} {rows}, seed {cell.seed}",
        f"- data `{cell.data_sha256[:12]}`, split `{cell.split_sha256[:12]}`",
    ]
    if run.precision != "none":
        lines.append(f"- measured and to be run in {run.precision}")
    if record.base is not None:
        lines.append(f"- stands on `{record.base.name}`, fingerprint `{record.base.fingerprint[:12]}`")
    if record.verdict:
        lines += ["", record.verdict]
    if not is_labelled:
        return "\n".join(lines)
    labels = ", ".join(f"`{label}`" for label in cell.labels)
    return "\n".join([*lines, "", f"Labels: {labels}."])


def _figures(record: BundleRecord) -> str:
    measured = [(name, e) for name, e in (("validation", record.validation), ("test", record.test)) if e is not None]
    if not measured:
        return ""
    head = "## Figures\n\n| rows | n | accuracy | 95% interval | macro F1 | log-loss | calibration error |\n"
    return head + "|---|---|---|---|---|---|---|\n" + "\n".join(_row(name, e) for name, e in measured)


def _row(name: str, evaluation: Evaluation) -> str:
    accuracy, probability = evaluation.accuracy, evaluation.probability
    where = "out of fold" if evaluation.split == "out_of_fold" else name
    assert not isinstance(probability, NotMeasured), "what ships states probabilities"
    return (
        f"| {where} | {accuracy.n:,} | {accuracy.accuracy:.4f} "
        f"| {accuracy.interval.low:.4f} to {accuracy.interval.high:.4f} | {accuracy.macro_f1:.4f} "
        f"| {probability.log_loss:.4f} | {probability.ece:.4f} (floor {probability.ece_floor:.4f}) |"
    )


def _split(split: SplitCertificate | None) -> str:
    if split is None:
        return ""
    made = [
        f"| {name} | {split.n_rows[name]:,} | {split.n_groups[name]:,} "
        f"| {'brought by the data' if name in split.brought else 'made'} |"
        for name in SPLIT_NAMES
        if split.n_rows[name]
    ]
    searched = "every pair was compared"
    if split.method == "minhash":
        searched = f"candidates by MinHash, which misses a pair right at that with chance {split.miss_rate:.4f}"
    lines = [
        *(
            f"- {split.n_leaked[name]:,} {name} rows have a copy, or a row of the same customer or thread, in "
            + " or ".join(SPLIT_NAMES[: SPLIT_NAMES.index(name)])
            for name in reversed(SPLIT_NAMES[1:])
            if split.n_rows[name]
        ),
        f"- copies, and near-copies that share {split.threshold:.0%} of their character 5-grams or more, count as one "
        f"group ({searched})",
        *(
            f"- {cut.n_rows:,} near-copies hung together and were parted at {cut.threshold:.0%}; their parts may stand "
            "in several splits"
            for cut in split.cut
        ),
        f"- split `{split.sha256}`",
        f"- test rows `{split.test_sha256}`",
    ]
    return "\n".join(["## Split", "", "| split | rows | groups | |", "|---|---|---|---|", *made, "", *lines])


def _use(record: BundleRecord) -> str:
    return (
        "## Use\n\n"
        '```python\nimport suffice\n\nclerk = suffice.load("path/to/this/folder")\n'
        'print(clerk.classify(["a message"])[0].label)\n```\n\n'
        f"Every file is listed with its hash in `SHA256SUMS` (`sha256sum -c SHA256SUMS`).\n"
        f"Wrong for: messages unlike those it was trained on, and categories other than these "
        f"{len(record.run.cell.labels)}."
    )
