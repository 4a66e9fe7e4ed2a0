"""The name of a base model (catalogue, hub id, folder, GGUF file) in; its files on this machine, or the model, out."""

from suffice.base_models.catalogue import CATALOGUE, CatalogueEntry, Kind, Package, entry_named, hub_id_of
from suffice.base_models.find import find_here, find_local, locate
from suffice.base_models.folder import BaseModelFiles
from suffice.base_models.load import Causal, Encoder, Reader, load_causal, load_encoder, load_tokenizer
from suffice.base_models.precision import Device, Format, choose_precision, usable_device

__all__ = [
    "CATALOGUE",
    "BaseModelFiles",
    "CatalogueEntry",
    "Causal",
    "Device",
    "Encoder",
    "Format",
    "Kind",
    "Package",
    "Reader",
    "choose_precision",
    "entry_named",
    "find_here",
    "find_local",
    "hub_id_of",
    "load_causal",
    "load_encoder",
    "load_tokenizer",
    "locate",
    "usable_device",
]
