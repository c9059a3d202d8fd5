"""Zips of which the bytes depend on names and contents alone."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from training.files import write_atomically

EPOCH = (1980, 1, 1, 0, 0, 0)
"""What zip files call no date."""


class BuildError(RuntimeError):
    """The package cannot be built; the message is the builder's own."""


class Package(NamedTuple):
    """A zip: where it is, its digest, its bytes, and those of its files when unpacked."""

    path: Path
    sha256: str
    size: int
    unpacked: int

    def __str__(self) -> str:
        size, unpacked = self.size / 1e6, self.unpacked / 1e6
        return f"{self.path}: {size:.1f} MB, {unpacked:.1f} MB unpacked, sha256 {self.sha256}"


def write_zip(target: Path, files: Mapping[str, bytes]) -> Package:
    """Write `files`, contents by name, as a whole or not at all."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED)
    data = out.getvalue()
    write_atomically(target, data)
    unpacked = sum(map(len, files.values()))
    return Package(target, hashlib.sha256(data).hexdigest(), len(data), unpacked)
