"""What lies outside of a bundle: measured, written, read, and told in answers."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import suffice
from scopes import scope
from suffice.bundles.folder import add_calibration
from suffice.bundles.scope import Scope, how_far, measure_of
from suffice.bundles.together import scored_together
from suffice.errors import BundleError
from suffice.rungs.interface import Scores
from suffice.stats.distance import clouds


def scores(features=None):
    logits = np.array([[3.0, 1.0], [-2.0, -5.0]])
    return Scores(logits=logits, truncated=np.zeros(2, dtype=np.bool_), features=features)


@pytest.fixture
def bundle(fitted, tmp_path):
    """A copy of a bundle, to be changed."""
    return shutil.copytree(fitted.bundle("tfidf"), tmp_path / "bundle")


def test_each_kind_of_rung_is_measured_in_one_way():
    assert measure_of("majority") is None
    assert measure_of("embed") == "distance"
    assert {measure_of(rung) for rung in ("tfidf", "encoder", "smollm2-135m")} == {"logit"}


def test_the_less_speaks_for_any_label_the_farther_a_message_lies():
    assert how_far(scores(), clouds=None).tolist() == [-3.0, 2.0]


def test_distances_come_back_from_the_folder_as_they_were(tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    kept = scope(1.5, measure="distance", known=clouds(x, np.arange(40) % 4))
    kept.save(tmp_path)
    found = Scope.load(tmp_path)
    assert found.record == kept.record
    given = scores(features=x[:2])
    assert found.of(given).tolist() == kept.of(given).tolist()
    scope(None).save(tmp_path)
    assert not (tmp_path / "scope.safetensors").exists()
    assert Scope.load(tmp_path / "nowhere") is None


def test_a_bundle_without_a_scope_says_nothing_of_it(bundle):
    (answer,) = suffice.load(bundle).classify(["my card"])
    assert (answer.out_of_scope, answer.outside, answer.route) == (None, False, "local")


def test_what_lies_beyond_the_threshold_is_flagged_and_goes_to_review(bundle):
    texts = ["my card", "zzzz qqqq", ""]
    add_calibration(bundle, promise=None, scope=scope(None))
    near, far, empty = suffice.load(bundle).classify(texts)
    assert near.out_of_scope < far.out_of_scope
    assert empty.out_of_scope is None
    assert [one.route for one in (near, far, empty)] == ["local", "local", "review"]
    add_calibration(bundle, promise=None, scope=scope((near.out_of_scope + far.out_of_scope) / 2))
    clerk = suffice.load(bundle)
    told = clerk.classify(texts)
    assert [one.outside for one in told] == [False, True, False]
    assert [one.route for one in told] == ["local", "review", "review"]
    assert told[1].out_of_scope == far.out_of_scope
    assert "## Out of scope" in (bundle / "README.md").read_text()
    (message,) = clerk.read([texts[1]])
    (scored,) = scored_together([(clerk, message)])
    narrowed = clerk.answer(texts[1], scored, among=[far.label])
    assert (narrowed.probability, narrowed.outside, narrowed.route) == (1.0, True, "review")


def test_a_changed_scope_is_refused(bundle):
    add_calibration(bundle, promise=None, scope=scope(0.5))
    (bundle / "scope.json").write_text((bundle / "scope.json").read_text().replace("0.5", "9.5"))
    with pytest.raises(BundleError, match=r"scope\.json: must have the sha256"):
        suffice.load(bundle)


@pytest.mark.parametrize("kind", ["embed"], indirect=True)
def test_embeddings_are_what_distances_are_measured_in(kind):
    texts = ["my card", "my parcel is late", "a refund"]
    found = kind.scores(texts)
    assert found.features.shape == (3, 32)
    assert np.linalg.norm(found.features, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert found.logits == pytest.approx(kind.logits(texts)[0])


def test_a_message_on_a_shared_base_lies_as_far_as_alone(fitted_causal, tmp_path):
    (place,) = [folder for folder in fitted_causal.bundle("").iterdir() if folder.name != "majority"]
    bundle = shutil.copytree(place, tmp_path / "bundle")
    add_calibration(bundle, promise=None, scope=scope(0.0))
    from suffice.bundles.folder import load_bundle  # noqa: PLC0415
    from suffice.rungs.shared_bases import SharedBases  # noqa: PLC0415 (torch is loaded for this test alone)

    shared, alone = load_bundle(bundle, on_base=SharedBases().load), load_bundle(bundle)
    (message,) = shared.read(["my card"])
    (scored,) = scored_together([(shared, message)])
    assert scored.far == pytest.approx(alone.classify(["my card"])[0].out_of_scope, abs=0.05)
