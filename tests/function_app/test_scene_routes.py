"""Scenes over the wire: paging, stored bytes, true masks, predictions that are kept."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient
from PIL import Image

from function_app.categories import LABEL_TO_CATEGORY
from tests.function_app.client import SCENE, Client, check_problem, encoded

pytestmark = pytest.mark.azurite


def test_scenes_page_by_page(call: Client) -> None:
    everything = [row["id"] for row in call("scenes").json["scenes"]]
    pages, after = [], ""
    while after is not None:
        page = call(f"scenes?limit=4&after={after}").json
        pages.append([row["id"] for row in page["scenes"]])
        after = page["next"]
    assert [len(page) for page in pages] == [4, 2]
    assert [scene for page in pages for scene in page] == everything == sorted(everything)
    assert [r["id"] for r in call(f"scenes?prefix={SCENE}").json["scenes"]] == [SCENE]
    for limit in ("0", "1001", "-1", "0000001009999", "%C2%B2"):
        check_problem(call(f"scenes?limit={limit}"), 422, "invalid-parameter")


def test_scene_photo_and_conditional_get(call: Client, photo: bytes) -> None:
    reply = call(f"scenes/{SCENE}/photo")
    assert reply.body == photo
    assert reply.headers["Content-Type"] == "image/png"
    etag = reply.headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = call(f"scenes/{SCENE}/photo", If_None_Match=known)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert call(f"scenes/{SCENE}/photo", If_None_Match='"other"').status == 200


def test_scene_truth_is_mapped_to_categories(call: Client, synthetic_scenes: Path) -> None:
    path = next(synthetic_scenes.glob(f"gtFine/val/*/{SCENE}*"))
    labels = np.asarray(Image.open(path))
    reply = call(f"scenes/{SCENE}/truth")
    assert np.array_equal(np.asarray(reply.image), LABEL_TO_CATEGORY[labels])
    assert call(f"scenes/{SCENE}/truth", If_None_Match=reply.headers["ETag"]).status == 304


def test_scene_prediction_is_computed_once_and_kept(
    call: Client, photo: bytes, seeded_account: BlobServiceClient
) -> None:
    first = call(f"scenes/{SCENE}/prediction")
    assert first.body == call("predict", photo).body
    model = first.headers["X-Model"].replace(":", "/")
    predictions = seeded_account.get_container_client("predictions")
    assert predictions.download_blob(f"{model}/{SCENE}.png").readall() == first.body
    again = call(f"scenes/{SCENE}/prediction")
    assert again.body == first.body
    assert "infer" not in again.headers["Server-Timing"]
    overlay = call(f"scenes/{SCENE}/prediction?format=overlay")
    assert "infer" not in overlay.headers["Server-Timing"]
    assert overlay.body == call("predict?format=overlay", photo).body
    stored = predictions.get_blob_client(f"{model}/{SCENE}.png")
    etag = stored.get_blob_properties().etag
    for query in ("format=confidence", "void=false"):
        fresh = call(f"scenes/{SCENE}/prediction?{query}")
        assert fresh.body == call(f"predict?{query}", photo).body
    assert stored.get_blob_properties().etag == etag, "what is kept is not written again"
    assert call(f"scenes?prefix={SCENE}").json["scenes"][0]["prediction"] is True


@pytest.fixture
def own_scene(seeded_account: BlobServiceClient) -> Iterator[Callable[[Image.Image], None]]:
    """Store pictures as scene "alone", which has no true mask."""
    scenes = seeded_account.get_container_client("scenes")
    name = "photos/other/alone.png"

    def store(image: Image.Image) -> None:
        scenes.upload_blob(name, encoded(image, "PNG"), overwrite=True)
        time.sleep(1.1)  # this service keeps its list for a second

    yield store
    scenes.delete_blob(name)


def test_scene_without_truth(call: Client, own_scene: Callable[[Image.Image], None]) -> None:
    own_scene(Image.new("RGB", (64, 32)))
    assert call("scenes?prefix=alone").json["scenes"][0]["truth"] is False
    check_problem(call("scenes/alone/truth"), 404, "unknown-scene")
    assert call("scenes/alone/prediction").status == 200


def test_a_replaced_photo_is_predicted_anew(
    call: Client, own_scene: Callable[[Image.Image], None]
) -> None:
    for size in ((64, 32), (90, 60)):
        own_scene(Image.new("RGB", size))
        assert call("scenes/alone/prediction").image.size == size


@pytest.mark.parametrize("part", ["photo", "truth", "prediction"])
@pytest.mark.parametrize("scene", ["nobody", "..%2f..%2fmodels%2factive.json", "a%0d%0ab"])
def test_unknown_scenes(call: Client, part: str, scene: str) -> None:
    assert call(f"scenes/{scene}/{part}").status == 404


def test_head_has_headers_and_no_body(call: Client, photo: bytes) -> None:
    reply = call(f"scenes/{SCENE}/photo", method="HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Content-Length"] == str(len(photo))
