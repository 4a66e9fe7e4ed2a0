"""Bundles as they are loaded."""

from __future__ import annotations

import threading

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
