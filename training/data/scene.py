"""A scene: one photo and its true labels, wherever they come from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from function_app.vision.photo import PhotoError, decode, resize, resize_mask


class DataError(ValueError):
    """A data set that is not laid out as its reader expects; the message names the path."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo file and its label file; nothing is read before `load`.

    Attributes:
        id: unique within the data set.
        photo: path of the photo.
        labels: path of the mask.
        lookup: (256,) uint8, file value -> Cityscapes labelId (255: ignore); None when the file
            holds labelIds already.
        stretch: how many times wider than stored the scene really is (2 for squeezed Cityscapes).
    """

    id: str
    photo: Path
    labels: Path
    lookup: NDArray[np.uint8] | None = None
    stretch: int = 1

    def load(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Read photo (h, w, 3) RGB and labels (h, w) of Cityscapes labelIds, both uint8.

        Raises:
            DataError: one of the files is damaged, or photo and labels differ in size.
        """
        try:
            photo = decode(self.photo.read_bytes())
        except PhotoError as error:
            raise DataError(f"{self.photo}: {error}") from error
        try:
            with Image.open(self.labels) as image:
                labels = np.asarray(image)
        except (OSError, SyntaxError) as error:
            raise DataError(f"{self.labels}: the picture is damaged: {error}") from error
        if labels.shape != photo.shape[:2]:
            raise DataError(
                f"{self.labels} has shape {labels.shape}, its photo {photo.shape[:2]}; "
                "labels must be one channel of the photo's size"
            )
        labels = labels.astype(np.uint8)
        if self.lookup is not None:
            labels = self.lookup[labels]
        if self.stretch != 1:
            height, width = labels.shape
            photo = resize(photo, height, width * self.stretch)
            labels = resize_mask(labels, height, width * self.stretch)
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
