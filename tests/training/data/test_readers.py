"""Readers on real photographs where they are, and on folders made up otherwise."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from function_app.vision.categories import LABEL_TO_CATEGORY, NAMES
from training.data import READERS, DataError

DATA_SETS = {"cityscapes": "cityscapes_256", "camvid": "camvid", "kitti": "kitti"}


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def squeezed(tmp_path: Path) -> Path:
    photo = np.zeros((32, 32, 3), np.uint8)
    photo[:, 16:] = 200
    labels = np.full((32, 32), 7, np.uint8)
    labels[:, 16:] = 255
    save(tmp_path / "leftImg8bit/train/ulm/ulm_000001_000019_leftImg8bit.png", photo)
    save(tmp_path / "gtFine/train/ulm/ulm_000001_000019_gtFine_labelIds.png", labels)
    return tmp_path


@pytest.mark.data
@pytest.mark.parametrize(
    ("reader", "folder", "split", "count", "shape"),
    [
        ("cityscapes", "cityscapes_256", "train", 2975, (256, 512)),
        ("cityscapes", "cityscapes_256", "val", 431, (256, 512)),
        ("camvid", "camvid", "train", 367, (360, 480)),
        ("camvid", "camvid", "val", 101, (360, 480)),
        ("kitti", "kitti", "train", 180, (375, 1242)),
        ("kitti", "kitti", "val", 20, (375, 1242)),
    ],
)
def test_real_data_sets(
    shared_data: Path, reader: str, folder: str, split: str, count: int, shape: tuple[int, int]
) -> None:
    scenes = READERS[reader](shared_data / folder, split)
    assert len({scene.id for scene in scenes}) == len(scenes) == count
    photo, labels = scenes[1].load()
    assert (photo.shape, labels.shape) == ((*shape, 3), shape)
    ahead = []
    for scene in scenes[:: count // 5]:
        categories = LABEL_TO_CATEGORY[scene.load()[1]]
        height, width = categories.shape
        middle = categories[height * 3 // 5 : height * 3 // 4, width // 3 : 2 * width // 3]
        ahead.append((middle == NAMES.index("flat")).mean())
    assert np.mean(ahead) > 0.4, "there is road ahead"


@pytest.mark.data
def test_train_and_val_share_no_scene(shared_data: Path) -> None:
    for reader, folder in DATA_SETS.items():
        train, val = (
            {scene.id for scene in READERS[reader](shared_data / folder, split)}
            for split in ("train", "val")
        )
        assert train
        assert not train & val


def test_synthetic_scenes_are_a_cityscapes_folder(synthetic_scenes: Path) -> None:
    scenes = READERS["cityscapes"](synthetic_scenes, "val")
    photo, labels = scenes[0].load()
    assert (photo.shape, labels.shape, scenes[0].stretch) == ((512, 1024, 3), (512, 1024), 1)


def test_squeezed_photos_are_stretched_back_and_labels_stay_labels(squeezed: Path) -> None:
    (scene,) = READERS["cityscapes"](squeezed, "train")
    photo, labels = scene.load()
    assert (photo.shape, labels.shape) == ((32, 64, 3), (32, 64))
    assert set(np.unique(labels)) == {7, 255}
    assert (labels[:, :32] == 7).all()


def test_camvid_classes_become_cityscapes_labels(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.uint8)[None].repeat(2, 0)
    save(tmp_path / "train/a.png", np.zeros((2, 12, 3), np.uint8))
    save(tmp_path / "trainannot/a.png", values)
    (scene,) = READERS["camvid"](tmp_path, "train")
    names = [NAMES[c] for c in LABEL_TO_CATEGORY[scene.load()[1][0]]]
    assert names == [
        "sky", "construction", "object", "flat", "flat", "nature", "object", "construction",
        "vehicle", "human", "human", "void",
    ]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_a_wrong_folder_is_named(reader: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=str(tmp_path)):
        READERS[reader](tmp_path, "train")


def test_labels_of_another_size_are_refused(squeezed: Path) -> None:
    save(
        squeezed / "gtFine/train/ulm/ulm_000001_000019_gtFine_labelIds.png",
        np.zeros((16, 16), np.uint8),
    )
    (scene,) = READERS["cityscapes"](squeezed, "train")
    with pytest.raises(DataError, match=r"\(16, 16\), its photo \(32, 32\)"):
        scene.load()
