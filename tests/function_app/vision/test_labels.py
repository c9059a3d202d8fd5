"""Mask files: what is read, and what is refused by the path of its file."""

import numpy as np
import pytest
from cityscapesscripts.helpers.labels import labels as official_labels
from PIL import Image

from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY, LABEL_TO_EVALUATED
from function_app.vision.labels import (
    LabelError,
    check_shape,
    decode_truth,
    read_label_ids,
    read_mask,
)
from tests.function_app.vision.photo.files import encoded, turned

RNG = np.random.default_rng(3)
IDS = np.array([0, 1, 3, 7, 8, 11, 17, 20, 21, 23, 24, 26, 33], np.uint8)
LABELS = RNG.choice(IDS, (20, 30))
TRAIN_IDS = np.full(256, 255, np.uint8)
for official in official_labels:
    if official.id >= 0:
        TRAIN_IDS[official.id] = official.trainId % 256


def png(ids: np.ndarray) -> bytes:
    return encoded(ids, "PNG")


def test_grey_and_palette_files_are_read_as_they_are() -> None:
    assert np.array_equal(read_mask(png(LABELS), "a.png"), LABELS)
    palette = Image.fromarray(LABELS, "P")
    palette.putpalette(RNG.integers(0, 256, 768, np.uint8).tobytes())
    assert np.array_equal(read_mask(encoded(palette, "PNG"), "a.png"), LABELS)
    assert np.array_equal(read_mask(encoded(palette, "PNG", transparency=0), "a.png"), LABELS)
    few = Image.fromarray(LABELS % 4, "P")
    few.putpalette(bytes(range(12)))
    data = encoded(few, "PNG", bits=2)
    assert data[24] == 2
    assert np.array_equal(read_mask(data, "a.png"), LABELS % 4)


NOISE = png(RNG.integers(0, 34, (64, 64)).astype(np.uint8))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (encoded(LABELS.astype(np.uint16), "PNG"), "16-bit grey"),
        (encoded(LABELS.astype(np.uint16) * 256, "PNG"), "16-bit grey"),
        (encoded(np.stack([LABELS] * 3, -1), "PNG"), "8-bit RGB"),
        (encoded(Image.fromarray(LABELS).convert("RGBA"), "PNG"), "8-bit RGB with alpha"),
        (encoded(Image.fromarray(LABELS).convert("LA"), "PNG"), "8-bit grey with alpha"),
        (encoded(Image.fromarray(LABELS > 9), "PNG"), "1-bit grey"),
        (encoded(LABELS, "PNG", exif=turned(6)), "EXIF rotation"),
        (encoded(LABELS, "TIFF"), "no PNG"),
        (encoded(LABELS, "JPEG"), "no PNG"),
        (b"", "no PNG"),
        (png(LABELS)[:-40], "damaged or truncated"),
        (NOISE[: NOISE.index(b"IDAT") + 1000], "damaged or truncated"),
        (encoded(Image.new("L", (5000, 4000)), "PNG"), "5000 x 4000"),
    ],
)
def test_what_is_no_mask_is_refused_by_its_path(data: bytes, message: str) -> None:
    with pytest.raises(LabelError, match=rf"^gtFine/x/a\.png: .*{message}"):
        read_mask(data, "gtFine/x/a.png")


def test_masks_of_large_photos_are_read_where_the_limit_is_higher() -> None:
    large = png(np.zeros((4000, 5000), np.uint8))
    assert read_mask(large, "a.png", 20_000_000).shape == (4000, 5000)
    with pytest.raises(LabelError, match=r"5000 x 4000 pixels; at most 19,999,999 in all"):
        read_mask(large, "a.png", 19_999_999)


def test_every_label_id_is_read() -> None:
    every = np.arange(34, dtype=np.uint8)[None].repeat(3, 0)
    assert np.array_equal(read_label_ids(png(every), "a.png"), every)


@pytest.mark.parametrize(
    "labels",
    [
        TRAIN_IDS[LABELS],
        RNG.integers(0, 19, (20, 30)).astype(np.uint8),
        LABEL_TO_CATEGORY[LABELS],
        *(np.array([few], np.uint8)
          for few in ([0, 0, 1, 2, 255, 10, 8], [0, 255], [2, 255, 255], [7, 7, 11, 255], [0, 1])),
    ],
    ids=["trainIds", "all trainIds", "category ids", "a few", "road", "building",
         "sign and person", "road and sidewalk"],
)  # fmt: skip
def test_train_ids_under_the_name_of_label_ids_are_recognised(labels: np.ndarray) -> None:
    with pytest.raises(LabelError, match=r"^a\.png: .*labelTrainIds"):
        read_label_ids(png(labels), "a.png")
    with pytest.raises(LabelError, match="labelTrainIds"):
        decode_truth(png(labels), "a_gtFine_labelIds.png")


@pytest.mark.parametrize(
    "labels",
    [
        [[7, 7]], [[255, 255]], [[0, 0]], [[7, 7, 11, 4]], [[11, 11, 7, 4]], [[3, 33]],
        [[0, 0, 0, 0, 0, 7, 11]], [[1, 1, 1, 8, 7]], [[0, 1, 2, 3, 7]],
    ],
)  # fmt: skip
def test_simple_label_ids_are_no_train_ids(labels: list[list[int]]) -> None:
    array = np.array(labels, np.uint8)
    assert np.array_equal(read_label_ids(png(array), "a.png"), array)


def test_a_truth_of_labels_and_one_of_categories() -> None:
    truth = decode_truth(png(LABELS), "truth/a_gtFine_labelIds.png")
    assert np.array_equal(truth.with_void, LABEL_TO_CATEGORY[LABELS])
    assert np.array_equal(truth.official, LABEL_TO_EVALUATED[LABELS])
    categories = np.array([[0, 1, 7, IGNORE]], np.uint8)
    truth = decode_truth(png(categories), "truth/a.png")
    assert np.array_equal(truth.with_void, categories)
    assert truth.official.tolist() == [[IGNORE, 1, 7, IGNORE]]
    with pytest.raises(LabelError, match=r"^truth/a\.png: .*no category"):
        decode_truth(png(LABELS), "truth/a.png")


@pytest.mark.parametrize(
    ("labels", "photo"),
    [((1024, 2048), (1024, 2048)), ((1024, 2048), (256, 512)), ((375, 1242), (256, 848)),
     ((256, 848), (375, 1242)), ((3, 5), (1, 2)), ((1, 1), (1, 1))],
)  # fmt: skip
def test_labels_may_have_another_resolution(
    labels: tuple[int, int], photo: tuple[int, int]
) -> None:
    check_shape(labels, photo, "a.png")


@pytest.mark.parametrize(
    ("labels", "photo", "message"),
    [
        ((256, 512), (512, 256), "turned upright as its EXIF data says"),
        ((512, 1024), (512, 256), "turned upright as its EXIF data says"),
        ((256, 512), (375, 1242), "same part of the scene"),
        ((256, 256), (256, 512), "same part of the scene"),
        ((1024, 2048), (1000, 2048), "same part of the scene"),
    ],
)
def test_labels_of_another_shape_are_refused(
    labels: tuple[int, int], photo: tuple[int, int], message: str
) -> None:
    with pytest.raises(LabelError, match=rf"^a\.png: .*{message}"):
        check_shape(labels, photo, "a.png")
