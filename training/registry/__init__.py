"""The model registry: immutable packages in a Blob container or a folder, and what is active.

Both kinds have the layout that services read: `{name}/{version}/model.onnx`, `manifest.json`, and
`active.json` beside them. `Registry` is all that a kind has to be able to do; publishing,
activating, rolling back and listing are written once, on top of it.
"""

from training.registry.base import ActivationConflict, Registry, VersionTaken
from training.registry.blob import BlobRegistry
from training.registry.folder import FolderRegistry
from training.registry.listing import Listed, list_packages
from training.registry.operations import Move, Published, activate, publish, rollback
from training.registry.pointer import Activation, Pointer, read_pointer

__all__ = [
    "Activation",
    "ActivationConflict",
    "BlobRegistry",
    "FolderRegistry",
    "Listed",
    "Move",
    "Pointer",
    "Published",
    "Registry",
    "VersionTaken",
    "activate",
    "list_packages",
    "publish",
    "read_pointer",
    "rollback",
]
