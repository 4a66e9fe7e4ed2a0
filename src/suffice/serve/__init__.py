"""Bundles to HTTP: requests in, one label of the set out, and never another one."""

from suffice.serve.app import make_app
from suffice.serve.book import BookSettings
from suffice.serve.desk import Desk
from suffice.serve.escalation import EscalationSettings
from suffice.serve.run import listening, serve
from suffice.serve.settings import Keys, ServeSettings
from suffice.serve.shelf import Shelf

__all__ = [
    "BookSettings",
    "Desk",
    "EscalationSettings",
    "Keys",
    "ServeSettings",
    "Shelf",
    "listening",
    "make_app",
    "serve",
]
