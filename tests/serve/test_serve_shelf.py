"""Bundles as they are loaded."""

from __future__ import annotations

import logging
import shutil
import threading
import weakref
from types import SimpleNamespace

import pytest

import suffice
from suffice.errors import BundleError
from suffice.rungs import shared_bases
from suffice.serve import Shelf, shelf


def test_a_bundle_is_loaded_in_a_thread_that_ends_so_that_no_team_of_its_stays(fitted, monkeypatch):
    loading, load = [], shelf.load_bundle

    def watched(*args, **more):
        loading.append(threading.current_thread())
        return load(*args, **more)

    monkeypatch.setattr(shelf, "load_bundle", watched)
    clerk = Shelf(None).put("clerk", fitted.out / "bundles" / "majority")
    assert clerk.name == "clerk"
    assert loading[0] is not threading.main_thread()
    assert not loading[0].is_alive()


@pytest.fixture
def texts():
    return ["my card", "a refund", "my parcel never came"]


def form_of(shelf_, name):
    return type(shelf_.get(name).classifier.rung.form).__name__


def test_one_bundle_alone_on_its_base_answers_as_classify_does(causal_bundle, texts):
    here = Shelf()
    clerk = here.put("one", causal_bundle)
    assert form_of(here, "one") == "TunedCausal"
    assert clerk.classifier.classify(texts) == suffice.load(causal_bundle).classify(texts)


def test_bundles_that_come_and_go_change_the_form_and_not_the_answers(causal_bundle, texts):
    here = Shelf()
    here.put("one", causal_bundle)
    alone = here.get("one").classifier.classify(texts)
    here.put("two", causal_bundle)
    assert {form_of(here, name) for name in ("one", "two")} == {"Beside"}
    for answer, name in zip(alone * 2, ["one"] * 3 + ["two"] * 3, strict=True):
        (said,) = here.get(name).classifier.classify([answer.text])
        # Where the tests' model multiplies in bfloat16, one step of it is 0.4%, and many go into a logit.
        assert said.probability == pytest.approx(answer.probability, abs=0.05)
    here.drop("two")
    assert form_of(here, "one") == "TunedCausal"
    assert here.get("one").classifier.classify(texts) == alone


def test_several_that_are_named_at_the_start_stand_beside_one_another_at_once(causal_bundle, fitted, monkeypatch):
    loaded, load = [], shared_bases.TunedCausal.load
    monkeypatch.setattr(shared_bases.TunedCausal, "load", lambda *a, **k: loaded.append(a) or load(*a, **k))
    here = Shelf()
    bundles = [("one", causal_bundle), ("words", fitted.bundle("tfidf")), ("two", causal_bundle)]
    assert [clerk.name for clerk in here.put_all(bundles)] == ["one", "words", "two"]
    assert {form_of(here, name) for name in ("one", "two")} == {"Beside"}
    assert not loaded  # No base was read only to be given up again.


def test_all_bundles_are_held_against_their_hashes_before_the_first_is_loaded(fitted, tmp_path):
    changed = shutil.copytree(fitted.bundle("tfidf"), tmp_path / "changed")
    (changed / "README.md").write_text("changed")
    here = Shelf()
    with pytest.raises(BundleError, match="must have the sha256"):
        list(here.put_all([("fine", fitted.bundle("majority")), ("changed", changed)]))
    assert here.names == ()


def test_one_that_takes_anothers_name_is_part_of_its_base_at_once(causal_bundle, monkeypatch):
    here, made = Shelf(), []
    here.put("one", causal_bundle)
    monkeypatch.setattr(shared_bases, "SharedBase", lambda *a, **k: made.append(a))
    here.put("one", causal_bundle)
    assert form_of(here, "one") == "TunedCausal"
    assert not made


def test_a_bundle_that_is_taken_off_leaves_no_base_in_memory(causal_bundle):
    here = Shelf()
    here.put("one", causal_bundle)
    body = weakref.ref(here.get("one").classifier.rung.form._scorer._body)
    here.drop("one")
    here.give_back()
    assert body() is None


def test_a_bundle_with_other_labels_in_the_place_of_one_is_told(caplog):
    def clerk(version, *names, has_threshold=True):
        classifier = SimpleNamespace(labels=SimpleNamespace(names=names), saved=SimpleNamespace(rung="tfidf"))
        told = {"name": "clerk", "version": version, "folder": "bundles/clerk", "has_threshold": has_threshold}
        return SimpleNamespace(classifier=classifier, **told)

    caplog.set_level(logging.INFO)
    shelf.tell_change(clerk("v1", "card", "money"), None)
    shelf.tell_change(clerk("v2", "money", "card"), clerk("v1", "card", "money"))
    shelf.tell_change(clerk("v3", "card", "parcel"), clerk("v2", "money", "card"))
    assert caplog.messages == [
        "clerk is loaded: tfidf, 2 labels, v1",
        "clerk is replaced: v1 by v2",
        "clerk is replaced: v2 by v3",
        "clerk answers with other labels now: new: 'parcel'; gone: 'money'",
    ]
    caplog.clear()
    shelf.tell_change(clerk("v4", "card", has_threshold=False), clerk("v3", "card"))
    assert caplog.messages == [
        "clerk is replaced: v3 by v4",
        "clerk has no threshold: no answer is held to be unsure; find one: suffice calibrate bundles/clerk",
    ]
