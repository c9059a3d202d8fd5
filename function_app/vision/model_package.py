"""The model package: one ONNX file and the manifest that says what it is.

A package is a folder (or blob prefix) `{name}/{version}/` with `model.onnx` and `manifest.json`.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

from function_app.vision.categories import CATEGORIES

MODEL_FILE = "model.onnx"
MANIFEST_FILE = "manifest.json"
ACTIVE_FILE = "active.json"
"""Beside the packages: {"name", "version"} of the one that serves by default, and "history",
the activations that a rollback goes back through."""

IMAGE, ALLOW_VOID = "image", "allow_void"
MASK, CONFIDENCE = "mask", "confidence"
"""Tensor names every model has. In: image (1, H, W, 3) uint8 RGB; whether void may win, one bool.
Out, each (1, H, W) uint8: category ids; confidence 0..255 (softmax of the winner among those that
may win), of which the network's own, lower, resolution is enough."""

SCHEMA = 2
"""Of the manifest and the tensors; 1 had both masks as outputs, and took longer for each."""

LFS_POINTER = b"version https://git-lfs.github.com/"
"""What a file begins with that Git LFS has left in place of the real one."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_VERSION = re.compile(r"[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}")


class PackageError(ValueError):
    """A package that must not be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Name and version of a model, written `name:version`."""

    name: str
    version: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not _VERSION.fullmatch(self.version):
            raise PackageError(
                f"{self.name!r}:{self.version!r} is no model: expected a name of a-z, 0-9 and "
                "hyphens and a version like 1.0.0"
            )

    @classmethod
    def parse(cls, text: str) -> "ModelRef":
        """Read `name:version`; raises PackageError."""
        name, _, version = text.partition(":")
        return cls(name, version)

    def __str__(self) -> str:
        return f"{self.name}:{self.version}"

    def __lt__(self, other: "ModelRef") -> bool:
        """By name, then by version as numbers: 0.9.0 comes before 0.10.0."""
        return (self.name, self._numbers) < (other.name, other._numbers)

    @property
    def _numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))

    @property
    def prefix(self) -> str:
        """Folder of the package, with a slash at the end."""
        return f"{self.name}/{self.version}/"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a published model carries.

    Attributes:
        ref: name and version.
        sha256: of model.onnx, lower-case hex.
        height: input rows.
        width: input columns.
        created: when it was packaged, ISO 8601 UTC.
        license: terms of use of the weights.
        metrics: measured scores, each with data, split, protocol, resolution and iou.
        lineage: training data and configuration, git commit, library versions.
        max_stretch: how far photos are stretched to the input's shape (`vision.photo.fit`).
    """

    ref: ModelRef
    sha256: str
    height: int
    width: int
    created: str
    license: str
    metrics: tuple[dict[str, Any], ...] = ()
    lineage: dict[str, Any] = field(default_factory=dict)
    max_stretch: float = 1.0

    @property
    def input(self) -> tuple[int, int, float]:
        """What `function_app.vision.photo.fit` wants to know: height, width, max_stretch."""
        return self.height, self.width, self.max_stretch

    def to_json(self) -> bytes:
        """Serialise; categories and tensor names are written out for readers without this code."""
        values = asdict(self)
        ref = values.pop("ref")
        size = {key: values.pop(key) for key in ("height", "width", "max_stretch")}
        document = {
            "schema": SCHEMA,
            **ref,
            **values,
            "input": {"name": IMAGE, "dtype": "uint8", "layout": "NHWC RGB", **size},
            "outputs": [MASK, CONFIDENCE],
            "categories": category_table(),
        }
        return json.dumps(document, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Parse and check.

        Raises:
            PackageError: not a manifest of this schema, or of other categories.
        """
        try:
            document = json.loads(data, parse_constant=_no_number)
            if document["schema"] != SCHEMA:
                raise PackageError(
                    f"manifest schema {document['schema']!r} is not {SCHEMA}: export the model anew"
                )
            if document["categories"] != category_table():
                raise PackageError("the manifest's categories are not the 8 of this service")
            return cls(
                ref=ModelRef(document["name"], document["version"]),
                sha256=str(document["sha256"]),
                height=int(document["input"]["height"]),
                width=int(document["input"]["width"]),
                # Packages older than this entry kept the aspect of every photo.
                max_stretch=float(document["input"].get("max_stretch", 1.0)),
                created=str(document["created"]),
                license=str(document["license"]),
                metrics=tuple(map(dict, document["metrics"])),
                lineage=dict(document["lineage"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            if isinstance(error, PackageError):
                raise
            raise PackageError(f"manifest.json cannot be used: {error!r}") from error

    def check_ref(self, ref: ModelRef) -> None:
        """Raise PackageError unless this is `ref`'s manifest."""
        if self.ref != ref:
            raise PackageError(f"{ref.prefix} holds the manifest of {self.ref}")

    def verify(self, ref: ModelRef, model: bytes) -> None:
        """Raise PackageError unless this is `ref`'s manifest and `model` the file it describes."""
        self.check_ref(ref)
        if model.startswith(LFS_POINTER):
            raise PackageError(
                f"{self.ref}: model.onnx is a Git LFS pointer, not the model: run git lfs pull"
            )
        actual = hashlib.sha256(model).hexdigest()
        if actual != self.sha256:
            raise PackageError(
                f"{self.ref}: model.onnx has sha256 {actual[:12]}..., the manifest says "
                f"{self.sha256[:12]}...: it is truncated, damaged or another model"
            )


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def category_table() -> list[dict[str, Any]]:
    """The categories as JSON: id, name, color as #rrggbb."""
    return [
        {"id": c.id, "name": c.name, "color": "#{:02x}{:02x}{:02x}".format(*c.color)}
        for c in CATEGORIES
    ]
