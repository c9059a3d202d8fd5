"""Ids are paths: folders, suffixes, odd characters, and other files between the photos."""

from urllib.parse import quote

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from tests.function_app.client import SCENE, Client, check_problem, encoded
from tests.helpers.storage import uploaded


@pytest.fixture
def scenes(seeded_account: BlobServiceClient) -> ContainerClient:
    return seeded_account.get_container_client("scenes")


def test_two_photos_that_differ_in_suffix_only(call: Client, scenes: ContainerClient) -> None:
    photo = encoded(Image.new("RGB", (64, 32)), "PNG")
    for name in ("photos/twins/a.png", "photos/twins/a.jpg"):
        scenes.upload_blob(name, photo)
    try:
        for kind in ("photos", "thumbnails", "predictions", "errors", "evaluations"):
            reply = call(f"{kind}/twins/a")
            check_problem(reply, 409, "ambiguous-scene")
            assert "photos/twins/a.jpg and photos/twins/a.png" in reply.json["detail"]
    finally:
        scenes.delete_blob("photos/twins/a.jpg")
    assert call("photos/twins/a").body == photo
    scenes.delete_blob("photos/twins/a.png")


def test_one_frame_number_in_two_folders(call: Client, scenes: ContainerClient) -> None:
    colors = {"monday": (0, 0, 255), "tuesday": (0, 128, 0)}
    for day, color in colors.items():
        photo = encoded(Image.new("RGB", (64, 32), color), "PNG")
        scenes.upload_blob(f"photos/{day}/1.png", photo)
    try:
        for day, color in colors.items():
            photo = call(f"photos/{day}/1")
            assert photo.image.getpixel((0, 0)) == color
            assert call(f"predictions/{day}/1").body == call("predict", photo.body).body
            rows = call(f"scenes?prefix={day}").json["scenes"]
            assert rows == [{"id": f"{day}/1", "truth": False, "prediction": True}]
    finally:
        for day in colors:
            scenes.delete_blob(f"photos/{day}/1.png")


def test_slashes_may_be_encoded(call: Client) -> None:
    for sent in (SCENE.replace("/", "%2F"), SCENE.replace("/", "%2f")):
        assert call(f"photos/{sent}").body == call(f"photos/{SCENE}").body


@pytest.mark.parametrize("name", ["名前/日 本", "a+b & c#d", "100%25", "x//y", "dots.in.it.1"])
def test_ids_with_characters_that_addresses_encode(
    call: Client, scenes: ContainerClient, name: str
) -> None:
    data = encoded(Image.new("RGB", (64, 32)), "PNG")
    scenes.upload_blob(f"photos/odd/{name}.png", data)
    try:
        (row,) = call(f"scenes?prefix={quote(f'odd/{name}')}").json["scenes"]
        assert row["id"] == f"odd/{name}"
        assert call(f"photos/{quote(row['id'])}").body == data
        assert call(f"predictions/{quote(row['id'])}").status == 200
        assert call(f"scenes?prefix=odd/{quote(name)}").json["scenes"][0]["prediction"] is True
    finally:
        scenes.delete_blob(f"photos/odd/{name}.png")


def test_a_page_may_be_empty_while_others_follow(call: Client, scenes: ContainerClient) -> None:
    names = ["photos/mixed/1.txt", "photos/mixed/2.png"]
    with uploaded(scenes, *names):
        first = call("scenes?prefix=mixed/&limit=1").json
        assert first["scenes"] == []
        second = call(f"scenes?prefix=mixed/&limit=1&after={quote(first['next'])}").json
        assert [row["id"] for row in second["scenes"]] == ["mixed/2"]


@pytest.mark.parametrize("id", ["nobody", "a%0d%0ab", ""])
def test_unknown_scenes(call: Client, id: str) -> None:
    for kind in ("photos", "thumbnails", "truths", "predictions", "errors", "evaluations"):
        check_problem(call(f"{kind}/{id}"), 404, "unknown-scene")
