"""A scene: one photo and its true labels, wherever they come from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from function_app.vision.labels import LabelError, check_shape, read_label_ids, read_mask
from function_app.vision.photo import PhotoError, decode, resize


class DataError(ValueError):
    """A data set that is not laid out as its reader expects; the message names the path."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo file and its label file; nothing is read before `load`.

    Attributes:
        id: unique within the data set.
        photo: path of the photo.
        labels: path of the mask.
        lookup: (256,) uint8, file value -> label id of `training.data.classes` (255: ignore);
            None when the file holds Cityscapes labelIds.
        stretch: how many times wider than stored the photo really is (2 for squeezed Cityscapes);
            labels as high as the photo are as wide as stored and stretched with it.
    """

    id: str
    photo: Path
    labels: Path
    lookup: NDArray[np.uint8] | None = None
    stretch: int = 1

    def load(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Read photo (h, w, 3) RGB and label ids (H, W), both uint8, of the same shape H : W.

        Labels may be finer than the photo; they set the resolution of the scene.

        Raises:
            DataError: one of the files is damaged or of another kind, or their shapes differ.
        """
        try:
            photo = decode(self.photo.read_bytes())
        except PhotoError as error:
            raise DataError(f"{self.photo}: {error}") from error
        try:
            read = read_label_ids if self.lookup is None else read_mask
            labels = read(self.labels.read_bytes(), self.labels)
            if self.lookup is not None:
                labels = self.lookup[labels]
            if self.stretch != 1:
                if labels.shape == photo.shape[:2]:
                    labels = np.repeat(labels, self.stretch, axis=1)
                photo = resize(photo, photo.shape[0], photo.shape[1] * self.stretch)
            check_shape(labels.shape, (photo.shape[0], photo.shape[1]), self.labels)
        except LabelError as error:
            raise DataError(str(error)) from error
        return photo, labels


def pair(photos: dict[str, Path], labels: dict[str, Path], **options: object) -> list[Scene]:
    """Match photos and labels by id, sorted; photos without labels are left out.

    Raises:
        DataError: there is no pair at all.
    """
    ids = sorted(photos.keys() & labels.keys())
    if not ids:
        example = next(iter(photos.values()), "none")
        raise DataError(f"no photo has labels ({len(photos)} photos, for example {example})")
    return [Scene(i, photos[i], labels[i], **options) for i in ids]  # type: ignore[arg-type]


def require_folders(*folders: Path) -> None:
    """Raise DataError for the first of the folders that is not there."""
    for folder in folders:
        if not folder.is_dir():
            raise DataError(f"{folder} is missing: is the path, the split or the reader wrong?")
