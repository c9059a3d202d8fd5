"""A scene: one photo and its true labels, wherever they come from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from function_app.vision.labels import LabelError, check_shape, read_label_ids, read_mask
from function_app.vision.photo import PhotoError, decode, resize
from training.errors import DataError


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
