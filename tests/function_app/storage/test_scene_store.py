"""Scenes found by their ids: paths, names that collide, names that are hard to find."""

from collections.abc import Iterator

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.storage import blobs, scene_store
from function_app.storage.blobs import BlobTooLarge
from function_app.storage.scene_store import (
    MAX_ID,
    AmbiguousScene,
    ScenePage,
    UnknownScene,
    find_photo,
    find_photos,
    find_truth,
    list_scenes,
    read,
    scene_id,
)
from tests.conftest import forget_settings


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


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("photos/a.png", "a"),
        ("photos/b.JPG", "b"),
        ("photos/c.Jpeg", "c"),
        ("photos/val/ulm/d_leftImg8bit.png", "val/ulm/d"),
        ("photos/e.1.2.png", "e.1.2"),
        ("photos/x//f.webp", "x//f"),
        ("photos/_leftImg8bit.png", "_leftImg8bit"),
        ("photos/x/_leftImg8bit.png", "x/_leftImg8bit"),
        ("photos/通り/日本 1.tiff", "通り/日本 1"),
        ("photos/50%off.jpg", "50%off"),
        ("photos/50%2Foff.jpg", None),
        ("photos/50%2foff.jpg", None),
        ("photos/a.txt", None),
        ("photos/a", None),
        ("photos/.png", None),
        ("photos/x/.png", None),
        ("photos/._a.png", None),
        ("photos/a.png/", None),
        ("photos/../a.png", None),
        ("photos/x/./a.png", None),
        ("photos/a\n.png", None),
        (f"photos/{'a' * MAX_ID}.png", "a" * MAX_ID),
        (f"photos/{'a' * (MAX_ID + 1)}.png", None),
        (f"photos/{'🚗' * MAX_ID}.png", None),
        ("truth/a.png", None),
    ],
)
def test_the_id_is_the_path_of_the_photo(name: str, id: str | None) -> None:
    assert scene_id(name) == id


NAMES = {
    "a": "photos/a.png",
    "a_b": "photos/a_b.JPG",
    "a.b": "photos/a.b_leftImg8bit.png",
    "a/b": "photos/a/b.webp",
    "a-": "photos/a-.tif",
    "frame_1": "photos/frame_1.bmp",
    "monday/1": "photos/monday/1.jpg",
    "tuesday/1": "photos/tuesday/1.jpg",
    "ä & <b>+%2B?#": "photos/ä & <b>+%2B?#.png",
    "通り/日本": "photos/通り/日本.Png",
}
"""Photos of which many begin like others."""


def test_each_photo_is_found_by_its_id_alone(
    scenes: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "FEW", 4)
    monkeypatch.setattr(blobs, "LISTED", 8)
    upload(scenes, *NAMES.values(), *(f"photos/frame_1{n:03}.png" for n in range(40)))
    upload(scenes, "photos/a.txt", "photos/b", "truth/c.png", "photos/frame_1.b.png")
    assert {id: [photo.name for photo in found] for id, found in find_photos(NAMES).items()} == {
        id: [name] for id, name in NAMES.items()
    }
    for id, name in NAMES.items():
        photo = find_photo(id)
        assert photo.name == name
        assert photo.etag == scenes.get_blob_client(name).get_blob_properties().etag
        assert read(photo).data == b"-"
    for unknown in ("", "b", "c", "A", "photos/a", "a.png", "a/", "/a", "frame", "monday", "1",
                    "a.b_leftImg8bit", "x/../a", "../photos/a", "a\0", "a\n", "\ud800",
                    "a" * 5000):  # fmt: skip
        with pytest.raises(UnknownScene, match="There is no scene"):
            find_photo(unknown)
        with pytest.raises(UnknownScene, match="has no true mask"):
            find_truth(unknown if unknown != "c" else "d")


def test_a_scene_is_found_in_few_calls(
    scenes: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "FEW", 10)
    upload(scenes, "photos/v/frame_1.png", *(f"photos/v/frame_1{n:03}.png" for n in range(40)))
    calls = []

    def counted(*args: object, **kwargs: object) -> blobs.Page:
        calls.append(args)
        return list_page(*args, **kwargs)  # type: ignore[arg-type]

    list_page = blobs.list_page
    monkeypatch.setattr(blobs, "list_page", counted)
    for id, most in (("v/frame_1015", 1), ("v/nobody", 1), ("v/frame_1", 2)):
        calls.clear()
        find_photos([id])
        assert len(calls) <= most, id
    calls.clear()
    assert all(find_photos(f"v/frame_1{n:03}" for n in range(40)).values())
    assert len(calls) == 1


def test_two_photos_of_one_id_are_an_error_that_names_both(scenes: ContainerClient) -> None:
    upload(scenes, "photos/y/a.jpg", "photos/y/a.png", "photos/y/b.png", "photos/y/c.png")
    upload(scenes, "photos/y/c_leftImg8bit.png", "photos/y/a.txt")
    with pytest.raises(AmbiguousScene, match=r"photos/y/a\.jpg and photos/y/a\.png"):
        find_photo("y/a")
    with pytest.raises(AmbiguousScene, match=r"photos/y/c\.png and photos/y/c_leftImg8bit\.png"):
        find_photo("y/c")
    assert find_photo("y/b").name == "photos/y/b.png"
    assert list_scenes("y/").ids == ["y/a", "y/b", "y/c"]


def test_the_true_mask_lies_at_the_same_path(scenes: ContainerClient) -> None:
    names = {
        "monday/1": "truth/monday/1_gtFine_labelIds.png",
        "tuesday/1": "truth/tuesday/1.png",
        "both": "truth/both_gtFine_labelIds.png",
    }
    upload(scenes, *names.values(), "truth/both.png", "truth/tuesday/1_gtFine_polygons.json")
    for id, name in names.items():
        assert find_truth(id).name == name
    with pytest.raises(UnknownScene, match="Scene '1' has no true mask"):
        find_truth("1")


def pages(prefix: str, limit: int) -> Iterator[ScenePage]:
    page = list_scenes(prefix, "", limit)
    yield page
    while page.next is not None:
        page = list_scenes(prefix, page.next, limit)
        yield page


def test_pages_follow_each_other_and_say_what_has_a_true_mask(scenes: ContainerClient) -> None:
    ids = [f"{folder}/{n:02}" for folder in ("a", "b", "bb") for n in range(12)]
    upload(scenes, *(f"photos/{id}_leftImg8bit.png" for id in ids), "photos/b/readme.txt")
    upload(scenes, *(f"truth/{id}_gtFine_labelIds.png" for id in ids[::2]), "truth/a/01.png")
    upload(scenes, "truth/a/00_gtFine_polygons.json", "truth/a/03.txt", "truth/nobody.png")
    for limit in (1, 5, 12, 1000):
        found = list(pages("", limit))
        assert [id for page in found for id in page.ids] == ids
        assert {id for page in found for id in page.truths} == {*ids[::2], "a/01"}
        assert all(len(page.ids) <= limit for page in found)
    assert [id for page in pages("b", 7) for id in page.ids] == ids[12:]
    assert [id for page in pages("b/", 7) for id in page.ids] == ids[12:24]
    assert list_scenes("c") == ([], set(), None)
    assert list_scenes("a/00_left").ids == [], "which is no part of an id"


def test_what_is_stored_or_deleted_counts_at_once(scenes: ContainerClient) -> None:
    assert list_scenes().ids == []
    upload(scenes, "photos/new.jpg")
    found = find_photo("new")
    assert list_scenes().ids == ["new"]
    scenes.delete_blob("photos/new.jpg")
    with pytest.raises(UnknownScene, match="no longer stored"):
        read(found)
    with pytest.raises(UnknownScene, match="There is no scene"):
        find_photo("new")
    assert list_scenes().ids == []


def test_a_stored_photo_has_the_size_limit_of_one_that_is_sent(
    scenes: ContainerClient, service_environment: pytest.MonkeyPatch
) -> None:
    service_environment.setenv("MAX_BODY_BYTES", "10")
    forget_settings()
    upload(scenes, "photos/small.png", data=b"." * 10)
    upload(scenes, "photos/large.png", data=b"." * 11)
    assert len(read(find_photo("small")).data) == 10
    with pytest.raises(BlobTooLarge, match="11 bytes; at most 10"):
        read(find_photo("large"))


def test_many_ids_are_looked_for_slice_by_slice(
    scenes: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_store, "MIN_SLICE", 3)
    upload(scenes, *(f"photos/{n}.png" for n in range(10)))
    found = find_photos(str(n) for n in reversed(range(11)))
    assert list(found) == [str(n) for n in reversed(range(11))]
    assert [len(photos) for photos in found.values()] == [0] + [1] * 10
