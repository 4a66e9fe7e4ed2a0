"""Rungs of every kind behind the same interface: embeddings, an encoder fitted whole and a prompted language model,
each through the real application. N-grams, the commonest label and a tuned language model: `test_serve_routes.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, isclose
from pathlib import Path

import numpy as np
import pytest

import suffice
from commands import RUNGS_ALONE, Fitted, fit_json
from messages import LABELS, QUICK, split_rows, write_task
from served import Served, served

TEXTS = ["my parcel never came", "the card is blocked", "I want a refund", "\u00e9\u00df\u4e2d \U0001f600", ""]
KINDS = ("embed", "encoder", "prompted")


@pytest.fixture(scope="module")
def fitted_networks(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_llama: Path) -> Fitted:
    """A finished fit of the three over tiny models with random weights."""
    folder = tmp_path_factory.mktemp("fitted-networks")
    ladder, train = ["embed", "encoder", f"{tiny_llama}@prompted"], QUICK | {"encoder": str(tiny_bert)}
    task = write_task(folder, split_rows(), ladder=ladder, train=train)
    return fit_json(task, *RUNGS_ALONE, out=folder / "out", home=folder / "home")


@pytest.fixture(scope="module")
def bundles(fitted_networks: Fitted) -> dict[str, Path]:
    """Their bundles, by kind."""
    folders = {folder.name: folder for folder in fitted_networks.bundle("").iterdir()}
    (prompted,) = folders.keys() - {"embed", "encoder", "majority"}
    return {"embed": folders["embed"], "encoder": folders["encoder"], "prompted": folders[prompted]}


@pytest.fixture(scope="module")
def up(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """All three in one process."""
    named = [f"{name}={folder}" for name, folder in bundles.items()]
    with served(*named, "--deadline", 60, home=tmp_path_factory.mktemp("serving")) as server:
        yield server


@pytest.mark.parametrize("kind", KINDS)
def test_http_answers_as_the_bundle_does_in_python(up: Served, bundles: dict[str, Path], kind: str) -> None:
    expected = suffice.load(bundles[kind]).classify(TEXTS)
    reply = up.ask("/classify", {"model": kind, "texts": TEXTS})
    assert reply.status == 200, reply.text
    results = reply.body["results"]
    assert [one["label"] for one in results] == [one.label for one in expected]
    assert [one["route"] for one in results] == [one.route for one in expected]
    assert results[-1]["route"] == "review"  # Of an empty message the commonest label is said, and looked at.
    for got, wanted in zip(results, expected, strict=True):
        assert list(got["probabilities"]) == list(LABELS)
        assert isclose(sum(got["probabilities"].values()), 1.0, abs_tol=1e-9)
        np.testing.assert_allclose([*got["probabilities"].values()], [*wanted.probabilities.values()], atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chat_says_one_of_the_labels_with_its_probability_and_narrows(up: Served, kind: str) -> None:
    reply = up.chat(kind, TEXTS[0], logprobs=True, top_logprobs=4)
    (choice,) = reply.body["choices"]
    told = {one["token"]: exp(one["logprob"]) for one in choice["logprobs"]["content"][0]["top_logprobs"]}
    assert told.keys() == set(LABELS)
    assert choice["message"]["content"] == max(told, key=lambda label: told[label])
    assert isclose(sum(told.values()), 1.0, abs_tol=1e-9)
    least = min(told, key=lambda label: told[label])
    narrowed = up.chat(kind, TEXTS[0], guided_choice=[least, "no label"])
    assert narrowed.body["choices"][0]["message"]["content"] == least
    assert reply.body["usage"]["prompt_tokens"] > 0
    assert reply.headers["x-suffice-bundle"].startswith(f"{kind}@")
