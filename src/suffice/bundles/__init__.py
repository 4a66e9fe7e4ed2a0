"""A fitted rung to a folder that ships, and back to the one object that answers."""

from suffice.bundles.answer import Answer
from suffice.bundles.answerer import Answerer, FreeAnswer
from suffice.bundles.classifier import Classifier
from suffice.bundles.folder import load_answerer, load_any, load_bundle
from suffice.bundles.passages import PassageRead

__all__ = ["Answer", "Answerer", "Classifier", "FreeAnswer", "PassageRead", "load_answerer", "load_any", "load_bundle"]
