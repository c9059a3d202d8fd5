"""What file names say: which files are photos or masks, and what media type they have."""

from collections.abc import Iterator
from pathlib import Path, PurePath

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
"""Media type of a photo by the suffix of its file name, in lower case."""

MASK_SUFFIX = ".png"


def suffix(name: str | PurePath) -> str:
    """Return the suffix of a file name in lower case, with its dot; "" for hidden files.

    Hidden are names that begin with a dot: `.DS_Store`, and the `._photo.jpg` that macOS writes
    beside every file of a foreign disk or archive.
    """
    path = PurePath(name)
    return "" if path.name.startswith(".") else path.suffix.lower()


def is_clutter(name: str | PurePath) -> bool:
    """Whether a file of that name is hidden, or what Windows keeps thumbnails in: nobody's file."""
    own = PurePath(name).name
    return own.startswith(".") or own.lower() == "thumbs.db"


def media_type(photo: str | PurePath) -> str:
    """Return the media type of a photo of that name."""
    return MEDIA_TYPES[suffix(photo)]


def is_photo(name: str | PurePath) -> bool:
    """Whether a file of that name is a photo: a suffix of MEDIA_TYPES, in any case."""
    return suffix(name) in MEDIA_TYPES


def is_mask(name: str | PurePath) -> bool:
    """Whether a file of that name may be a mask: a PNG, its suffix in any case."""
    return suffix(name) == MASK_SUFFIX


def photo_files(folder: Path) -> Iterator[Path]:
    """Yield the photos in a folder by name; its subfolders and all other files are skipped."""
    return (path for path in sorted(folder.iterdir()) if is_photo(path) and path.is_file())


def mask_files(folder: Path) -> Iterator[Path]:
    """Yield the masks in a folder by name; its subfolders and all other files are skipped."""
    return (path for path in sorted(folder.iterdir()) if is_mask(path) and path.is_file())
