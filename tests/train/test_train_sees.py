"""Training cannot read validation labels: it is given rows and nothing that knows of splits."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import get_origin, get_type_hints

import pytest

import suffice.train
from suffice.train.choose import train_with_folds
from suffice.train.loop import train
from suffice.train.rows import CompletionRows, Rows, TokenRows

MODULES = sorted(Path(suffice.train.__file__).parent.glob("*.py"))
MAY_IMPORT = {"errors", "predict", "records.progress", "records.task.TrainSpec", "store.files", "train"}
"""All that training needs of the product: no room or record in this list has heard of a split, and of the task file it
is only told how to train."""


def ours(tree: ast.AST) -> Iterator[str]:
    """Modules of the product that a file imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_training_imports_nothing_that_knows_of_splits(module: Path) -> None:
    imported = [name.removeprefix("suffice.") for name in ours(ast.parse(module.read_text())) if "suffice" in name]
    strangers = [name for name in imported if not any(f"{name}.".startswith(f"{room}.") for room in MAY_IMPORT)]
    assert strangers == []


def test_every_module_of_training_is_looked_at() -> None:
    assert {path.stem for path in MODULES} >= {"checkpoint", "choose", "loop", "order", "schedule"}
    assert sum(1 for path in MODULES for name in ours(ast.parse(path.read_text())) if "suffice" in name) >= 10


def test_training_is_given_token_rows_and_no_data_set() -> None:
    assert {field.name for field in dataclasses.fields(TokenRows)} == {"tokens", "y", "difficulty"}
    of_completions = {"prompts", "completions", "n_shared", "difficulty"}
    assert {field.name for field in dataclasses.fields(CompletionRows)} == of_completions
    allowed = {"network", "rows", "tune", "folds", "schedule", "seed", "stop_after", "checkpoints", "progress", "what"}
    for function in (train, train_with_folds):
        assert set(inspect.signature(function).parameters) <= allowed
        assert get_origin(get_type_hints(function)["rows"]) is Rows


def test_nothing_in_training_opens_a_file_but_its_checkpoints() -> None:
    readers = {"open", "read_text", "read_bytes", "safe_open", "load", "load_file", "read_table", "glob", "iterdir"}
    found = {
        (path.stem, node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    assert {(module, name) for module, name in found if name in readers} == {("checkpoint", "safe_open")}
