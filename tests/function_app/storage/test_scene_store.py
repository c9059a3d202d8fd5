"""What the stores make of what people upload: names, masks, things that vanish or change."""

from collections.abc import Iterator

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from numpy.typing import NDArray
from PIL import Image

from function_app.storage.scene_store import (
    SceneEntry,
    SceneStore,
    UnknownScene,
)
from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY, LABEL_TO_EVALUATED, LABELS
from tests.function_app.client import encoded

pytestmark = pytest.mark.azurite
IDS = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.fixture
def scenes(
    account: BlobServiceClient, service_environment: pytest.MonkeyPatch
) -> Iterator[ContainerClient]:
    """An empty scenes container, which the service's settings point to."""
    service_environment.setenv("SCENES_CONTAINER", "scene-store")
    yield account.create_container("scene-store")
    account.delete_container("scene-store")


def upload(container: ContainerClient, *names: str, data: bytes = b"-") -> None:
    for name in names:
        container.upload_blob(name, data, overwrite=True)


def png(mask: NDArray[np.uint8]) -> bytes:
    return encoded(Image.fromarray(mask), "PNG")


def ids(page: tuple[list[SceneEntry], bool]) -> list[str]:
    return [entry.id for entry in page[0]]


def test_ids_come_from_names_in_any_folder(scenes: ContainerClient) -> None:
    upload(
        scenes, "photos/val/ulm/a_leftImg8bit.png", "photos/b.JPG", "photos/c.txt", "photos/d",
        "truth/val/ulm/a_gtFine_labelIds.png", "truth/val/ulm/a_gtFine_polygons.json",
        "truth/b.txt", "elsewhere/e.png",
    )  # fmt: skip
    store = SceneStore()
    assert ids(store.page("", "", 9)) == ["a", "b"]
    assert store.entry("a").true_mask.name == "truth/val/ulm/a_gtFine_labelIds.png"
    assert store.entry("b").photo.content_type == "image/jpeg"
    with pytest.raises(UnknownScene, match="Scene b has no true mask"):
        store.truth(store.entry("b"))
    for unknown in ("c", "d", "e", "", "A", "photos/b"):
        with pytest.raises(UnknownScene, match="There is no scene"):
            store.entry(unknown)


def test_the_etag_is_the_one_that_reading_gives(scenes: ContainerClient) -> None:
    upload(scenes, "photos/ä & <b>.png")
    photo = SceneStore().entry("ä & <b>").photo
    assert photo.etag == scenes.get_blob_client(photo.name).get_blob_properties().etag


def test_of_two_blobs_of_one_id_the_first_by_name_counts(scenes: ContainerClient) -> None:
    upload(scenes, "photos/z/a.png", "photos/y/a.jpg", "photos/y/a.txt")
    upload(scenes, "truth/y/a_gtFine_labelIds.png", "truth/y/a.png")
    entry = SceneStore().entry("a")
    assert (entry.photo.name, entry.true_mask.name) == ("photos/y/a.jpg", "truth/y/a.png")


def test_pages(scenes: ContainerClient) -> None:
    upload(scenes, *(f"photos/{id}.png" for id in ("ab", "a", "b1", "b3", "b2", "c")))
    store = SceneStore()
    assert ids(store.page("", "", 9)) == ["a", "ab", "b1", "b2", "b3", "c"]
    assert (ids(store.page("", "a", 2)), store.page("", "a", 2)[1]) == (["ab", "b1"], True)
    assert (ids(store.page("b", "", 3)), store.page("b", "", 3)[1]) == (["b1", "b2", "b3"], False)
    assert (ids(store.page("b", "b1", 1)), store.page("b", "b1", 1)[1]) == (["b2"], True)
    assert ids(store.page("b", "a", 9)) == ["b1", "b2", "b3"]
    assert ids(store.page("b", "bx", 9)) == ids(store.page("x", "", 9)) == []
    assert ids(store.page("a", "b2", 9)) == []


def test_true_masks_of_labels_and_of_categories(scenes: ContainerClient) -> None:
    categories = np.where(IDS < 8, IDS, np.uint8(IGNORE))
    upload(scenes, "photos/labels.png", "photos/categories.png")
    upload(scenes, "truth/labels_gtFine_labelIds.png", data=png(IDS))
    upload(scenes, "truth/categories.png", data=png(categories))
    store = SceneStore()
    labels = store.entry("labels")
    assert np.array_equal(store.truth(labels).with_void, LABEL_TO_CATEGORY[IDS])
    official = store.truth(labels).official
    assert np.array_equal(official, LABEL_TO_EVALUATED[IDS])
    assert (official != IGNORE).sum() == sum(label.evaluated for label in LABELS)
    entry = store.entry("categories")
    assert np.array_equal(store.truth(entry).with_void, categories)
    without_void = np.where(categories == 0, np.uint8(IGNORE), categories)
    assert np.array_equal(store.truth(entry).official, without_void)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no picture", "damaged"),
        (png(IDS)[:-30], "damaged"),
        (encoded(Image.new("RGB", (4, 4)), "PNG"), "truth/a.png: .*not one 8-bit channel"),
        (png(np.full((4, 4), 8, np.uint8)), "no category"),
    ],
    ids=["no picture", "truncated", "colours", "no categories"],
)
def test_a_mask_that_cannot_be_used_is_none(
    scenes: ContainerClient, data: bytes, message: str
) -> None:
    upload(scenes, "photos/a.png")
    upload(scenes, "truth/a.png", data=data)
    store = SceneStore()
    with pytest.raises(UnknownScene, match=message):
        store.truth(store.entry("a"))


def test_what_vanishes_after_it_was_listed_is_gone_from_the_list_too(
    scenes: ContainerClient,
) -> None:
    upload(scenes, "photos/a.png", "photos/b.png", "truth/b.png")
    store = SceneStore()
    gone = store.entry("a")
    scenes.delete_blob("photos/a.png")
    with pytest.raises(UnknownScene, match="no longer stored"):
        store.photo(gone)
    assert ids(store.page("", "", 9)) == ["b"]
    gone = store.entry("b")
    scenes.delete_blob("truth/b.png")
    with pytest.raises(UnknownScene, match="no longer stored"):
        store.truth(gone)
    assert store.entry("b").truth is None
