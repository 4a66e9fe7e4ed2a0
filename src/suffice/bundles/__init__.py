"""A fitted rung to a folder that ships, and back to the one object that answers."""

from suffice.bundles.answer import Answer
from suffice.bundles.answerer import Answerer, FreeAnswer, PassageRead
from suffice.bundles.classifier import Classifier
from suffice.bundles.folder import load_answerer, load_any, load_bundle

__all__ = ["Answer", "Answerer", "Classifier", "FreeAnswer", "PassageRead", "load_answerer", "load_any", "load_bundle"]
