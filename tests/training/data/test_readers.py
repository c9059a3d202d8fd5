"""Readers on real photographs where they are, and on folders made up otherwise."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from function_app.vision.categories import NAMES
from training.data import READERS, DataError
from training.data.classes import CLASSES, LEARNED_CATEGORY, MEANINGS, SHOWN_CATEGORY

DATA_SETS = (("cityscapes", "cityscapes_exact"), ("cityscapes", "cityscapes_sharp"),
             ("camvid", "camvid"), ("kitti", "kitti"))  # fmt: skip


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def squeezed(tmp_path: Path) -> Path:
    photo = np.zeros((32, 32, 3), np.uint8)
    photo[:, 16:] = 200
    labels = np.full((32, 32), 7, np.uint8)
    labels[:, 16:] = 33
    save(tmp_path / "leftImg8bit/train/ulm/ulm_000001_000019_leftImg8bit.png", photo)
    save(tmp_path / "gtFine/train/ulm/ulm_000001_000019_gtFine_labelIds.png", labels)
    return tmp_path


@pytest.mark.parametrize(
    ("reader", "folder", "split", "count", "size", "labels_size"),
    [
        ("cityscapes", "cityscapes_exact", "train", 2956, (256, 512), (512, 1024)),
        ("cityscapes", "cityscapes_exact", "val", 431, (256, 512), (512, 1024)),
        ("cityscapes", "cityscapes_sharp", "val", 19, (1024, 2048), (1024, 2048)),
        ("camvid", "camvid", "train", 367, (360, 480), (360, 480)),
        ("kitti", "kitti", "train", 170, (375, 1242), (375, 1242)),
        ("kitti", "kitti", "val", 30, (375, 1242), (375, 1242)),
    ],
)
def test_real_data_sets(
    shared_data: Path, reader: str, folder: str, split: str, count: int,
    size: tuple[int, int], labels_size: tuple[int, int],
) -> None:  # fmt: skip
    scenes = READERS[reader](shared_data / folder, split)
    assert len({scene.id for scene in scenes}) == len(scenes) == count
    photo, labels = scenes[1].load()
    assert (photo.shape, labels.shape) == ((*size, 3), labels_size)
    ahead = []
    for scene in scenes[:: max(1, count // 5)]:
        categories = SHOWN_CATEGORY[scene.load()[1]]
        height, width = categories.shape
        middle = categories[height * 3 // 5 : height * 3 // 4, width // 3 : 2 * width // 3]
        ahead.append((middle == NAMES.index("flat")).mean())
    assert np.mean(ahead) > 0.4, "there is road ahead"


def test_train_and_val_share_no_scene(shared_data: Path) -> None:
    for reader, folder in DATA_SETS:
        train, val = (
            {scene.id for scene in READERS[reader](shared_data / folder, split)}
            for split in ("train", "val")
        )
        assert train
        assert not train & val
    train = {scene.id for scene in READERS["cityscapes"](shared_data / "cityscapes_exact", "train")}
    sharp = {scene.id for scene in READERS["cityscapes"](shared_data / "cityscapes_sharp", "val")}
    assert not train & sharp


def test_squeezed_photos_are_stretched_back_and_labels_stay_labels(squeezed: Path) -> None:
    (scene,) = READERS["cityscapes"](squeezed, "train")
    photo, labels = scene.load()
    assert (photo.shape, labels.shape) == ((32, 64, 3), (32, 64))
    assert set(np.unique(labels)) == {7, 33}
    assert (labels[:, :32] == 7).all()


def test_camvid_classes_are_used_for_what_they_know(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.uint8)[None].repeat(2, 0)
    save(tmp_path / "train/a.png", np.zeros((2, 12, 3), np.uint8))
    save(tmp_path / "trainannot/a.png", values)
    (scene,) = READERS["camvid"](tmp_path, "train")
    meanings = [
        {CLASSES[i] for i in np.flatnonzero(MEANINGS[label])} for label in scene.load()[1][0]
    ]
    assert meanings == [
        {"sky"}, {"building"}, {"pole"}, {"road"}, {"sidewalk"}, {"vegetation"}, {"traffic sign"},
        {"fence"}, {"car"}, {"person"}, {"rider", "bicycle"}, set(),
    ]  # fmt: skip


def test_masks_of_categories_are_used_for_what_they_know(tmp_path: Path) -> None:
    save(tmp_path / "train/photos/a.jpg", np.zeros((8, 9, 3), np.uint8))
    save(tmp_path / "train/masks/a.png", np.array([*range(8), 255], np.uint8)[None].repeat(8, 0))
    (scene,) = READERS["folder"](tmp_path, "train")
    labels = scene.load()[1][0]
    assert list(LEARNED_CATEGORY[labels]) == [*range(8), 255]
    assert {CLASSES[i] for i in np.flatnonzero(MEANINGS[labels[6]])} == {"person", "rider"}


def kitti(root: Path, numbers: range) -> None:
    for number in numbers:
        save(root / f"image_2/{number:06}_10.png", np.zeros((2, 4, 3), np.uint8))
        save(root / f"semantic/{number:06}_10.png", np.full((2, 4), 26, np.uint8))


def test_kitti_holds_out_runs_of_neighbours_whatever_else_lies_there(tmp_path: Path) -> None:
    kitti(tmp_path, range(15, 95))
    for name in ("image_2/.DS_Store", "semantic/._000020_10.png", "image_2/Thumbs.db"):
        (tmp_path / name).write_bytes(b"junk")
    (tmp_path / "semantic/000021_10.png.d").mkdir()
    held_out = [int(scene.id[:6]) for scene in READERS["kitti"](tmp_path, "val")]
    assert held_out == [*range(20, 30), *range(80, 90)]
    train = {int(scene.id[:6]) for scene in READERS["kitti"](tmp_path, "train")}
    assert train == set(range(15, 95)) - set(held_out)


@pytest.mark.parametrize("suffix", [".JPG", ".jpeg", ".PNG", ".webp"])
def test_photos_of_any_suffix_and_case(tmp_path: Path, suffix: str) -> None:
    save(tmp_path / f"train/a{suffix}", np.zeros((2, 2, 3), np.uint8))
    save(tmp_path / "trainannot/a.PNG", np.zeros((2, 2), np.uint8))
    (tmp_path / f"train/._a{suffix}").write_bytes(b"junk")
    (tmp_path / "train/more").mkdir()
    assert [scene.id for scene in READERS["camvid"](tmp_path, "train")] == ["a"]


def city(root: Path, name: str, frame: str, labels: np.ndarray, photo: str = ".png") -> None:
    height, width = labels.shape[:2]
    stem = f"{frame}_000000_000019"
    save(root / f"leftImg8bit/train/{name}/{stem}_leftImg8bit{photo}",
         np.zeros((height, width, 3), np.uint8))  # fmt: skip
    save(root / f"gtFine/train/{name}/{stem}_gtFine_labelIds.png", labels)


def test_cities_may_number_their_frames_alike(tmp_path: Path) -> None:
    for name, label in (("ulm", 7), ("bonn", 26)):
        city(tmp_path, name, "frame", np.full((2, 4), label, np.uint8))
    scenes = READERS["cityscapes"](tmp_path, "train")
    assert [scene.id.split("/")[0] for scene in scenes] == ["bonn", "ulm"]
    assert [int(scene.load()[1][0, 0]) for scene in scenes] == [26, 7]


def test_a_photo_that_is_there_twice_is_named(tmp_path: Path) -> None:
    for photo in (".png", ".jpg"):
        city(tmp_path, "ulm", "frame", np.full((2, 4), 7, np.uint8), photo)
    with pytest.raises(
        DataError, match=r"frame_.*\.png and .*\.jpg are the same|\.jpg are the same"
    ):
        READERS["cityscapes"](tmp_path, "train")


def test_a_folder_of_photos_may_be_a_link_copied_as_text(tmp_path: Path) -> None:
    city(tmp_path / "one", "ulm", "frame", np.full((2, 4), 7, np.uint8))
    (tmp_path / "two").mkdir()
    (tmp_path / "one/gtFine").rename(tmp_path / "two/gtFine")
    (tmp_path / "two/leftImg8bit").write_text("../one/leftImg8bit\n")
    assert len(READERS["cityscapes"](tmp_path / "two", "train")) == 1


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.full((4, 8), 7, np.uint16), "16-bit"),
        (np.full((4, 8, 3), 7, np.uint8), "RGB"),
        (np.arange(32, dtype=np.uint8).reshape(4, 8) % 19, "labelTrainIds"),
        (np.full((8, 4), 26, np.uint8), "same part of the scene|unturned"),
    ],
    ids=["16 bits", "RGB", "trainIds", "shape"],
)
def test_labels_of_another_kind_are_refused_by_their_path(
    tmp_path: Path, labels: np.ndarray, said: str
) -> None:
    city(tmp_path, "ulm", "frame", np.full((4, 8), 26, np.uint8))
    (path,) = (tmp_path / "gtFine").rglob("*.png")
    save(path, labels)
    (scene,) = READERS["cityscapes"](tmp_path, "train")
    with pytest.raises(DataError, match=said) as caught:
        scene.load()
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("reader", READERS)
def test_a_wrong_folder_is_named(reader: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=str(tmp_path)):
        READERS[reader](tmp_path, "train")
