"""Scenes over the wire: paging, stored bytes, true masks, predictions that are kept."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient
from PIL import Image

from function_app.categories import IGNORE, LABEL_TO_CATEGORY, LABEL_TO_EVALUATED
from function_app.evaluation import ALL, OFFICIAL, confusion_matrix, score
from tests.function_app.client import SCENE, Client, check_problem, encoded
from tests.function_app.faulty_storage import FaultyStorage
from tests.function_app.services import services

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
    assert overlay.body == call("predict?format=overlay", photo).body
    stored = predictions.get_blob_client(f"{model}/{SCENE}.png")
    etag = stored.get_blob_properties().etag
    for query in ("format=confidence", "void=false"):
        fresh = call(f"scenes/{SCENE}/prediction?{query}")
        assert fresh.body == call(f"predict?{query}", photo).body
    assert stored.get_blob_properties().etag == etag, "what is kept is not written again"
    assert call(f"scenes?prefix={SCENE}").json["scenes"][0]["prediction"] is True


ASKED = ["prediction", "prediction?format=json&void=false", "errors", "errors?void=false",
         "evaluation"]  # fmt: skip


@pytest.fixture(scope="module")
def other_model(call: Client) -> str:
    """A published model that is not active."""
    other = next(m for m in call("models").json["models"] if not m["active"])
    return f"{other['name']}:{other['version']}"


@pytest.mark.parametrize("what", ASKED)
def test_what_is_computed_is_sent_once(call: Client, what: str, other_model: str) -> None:
    reply = call(f"scenes/{SCENE}/{what}")
    model, etag = reply.headers["X-Model"], reply.headers["ETag"]
    again = call(f"scenes/{SCENE}/{what}", If_None_Match=etag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert "Server-Timing" not in again.headers, "nothing was computed"
    joined = f"{what}{'&' if '?' in what else '?'}"
    assert call(f"scenes/{SCENE}/{joined}model={model}", If_None_Match=etag).status == 304
    assert call(f"scenes/{SCENE}/{joined}model={other_model}", If_None_Match=etag).status == 200


def test_storage_is_not_asked_for_what_is_known(
    seeded_account: BlobServiceClient, azurite_connection: str, tmp_path: Path
) -> None:
    with FaultyStorage(azurite_connection) as storage, services(tmp_path) as start:
        call = start(BLOB_CONNECTION_STRING=storage.connection)
        known = {
            what: call(f"scenes/{SCENE}/{what}").headers["ETag"]
            for what in ("photo", "truth", *ASKED)
        }
        assert storage.seen
        storage.heal()
        for what, etag in known.items():
            assert call(f"scenes/{SCENE}/{what}", If_None_Match=etag).status == 304
        assert storage.seen == []


def test_etags_tell_queries_apart(call: Client, other_model: str) -> None:
    queries = ["", "?void=false", "?format=color", "?format=overlay", "?format=overlay&alpha=0.7",
               "?format=json", "?format=json&mask=rle", f"?model={other_model}"]  # fmt: skip
    etags = [call(f"scenes/{SCENE}/prediction{query}").headers["ETag"] for query in queries]
    assert len(set(etags)) == len(queries)


def test_anything_at_all(call: Client) -> None:
    assert call(f"scenes/{SCENE}/evaluation", If_None_Match="*").status == 304
    unknown = call(f"scenes/{SCENE}/evaluation?model=lite0-fpn:99.0.0", If_None_Match="*")
    check_problem(unknown, 404, "unknown-model")


def test_errors_are_where_prediction_and_truth_differ(call: Client, synthetic_scenes: Path) -> None:
    labels = np.asarray(Image.open(next(synthetic_scenes.glob(f"gtFine/val/*/{SCENE}*"))))
    for void, table in (("true", LABEL_TO_CATEGORY), ("false", LABEL_TO_EVALUATED)):
        mask = np.asarray(call(f"scenes/{SCENE}/prediction?void={void}").image)
        truth = table[labels]
        expected = np.where(truth == IGNORE, IGNORE, truth != mask)
        image = call(f"scenes/{SCENE}/errors?void={void}").image
        assert np.array_equal(np.asarray(image), expected)
        assert 0 < (expected == 1).mean() < 0.2


def test_evaluation_by_both_protocols(
    call: Client, synthetic_scenes: Path, other_model: str
) -> None:
    labels = np.asarray(Image.open(next(synthetic_scenes.glob(f"gtFine/val/*/{SCENE}*"))))
    reply = call(f"scenes/{SCENE}/evaluation")
    answer = reply.json
    assert answer["model"] == reply.headers["X-Model"]
    assert "infer;dur=" in reply.headers["Server-Timing"]
    for protocol, void, table, categories in (
        ("official", "false", LABEL_TO_EVALUATED, OFFICIAL),
        ("with_void", "true", LABEL_TO_CATEGORY, ALL),
    ):
        mask = np.asarray(call(f"scenes/{SCENE}/prediction?void={void}").image)
        matrix = confusion_matrix(table[labels], mask)
        expected = score(matrix, categories)
        assert answer[protocol] == {
            "mean_iou": expected.mean_iou, "iou": expected.iou, "pixels": int(matrix.sum()),
            "confusion": matrix.tolist(),
        }  # fmt: skip
        assert expected.mean_iou is not None
        assert expected.mean_iou > 0.3
    other = call(f"scenes/{SCENE}/evaluation?model={other_model}").json
    assert other["model"] == other_model
    assert other["official"]["confusion"] != answer["official"]["confusion"]


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
    for part in ("truth", "errors", "evaluation"):
        reply = call(f"scenes/alone/{part}")
        check_problem(reply, 404, "unknown-scene")
        assert "no true mask" in reply.json["detail"]
    assert call("scenes/alone/photo").status == call("scenes/alone/prediction").status == 200


def test_truth_may_be_stored_as_category_ids(
    call: Client, own_scene: Callable[[Image.Image], None], seeded_account: BlobServiceClient
) -> None:
    scenes = seeded_account.get_container_client("scenes")
    truth = np.repeat(np.uint8([[0, 1, 5, 255]]), 8, axis=0)
    scenes.upload_blob("truth/other/alone.png", encoded(Image.fromarray(truth), "PNG"))
    try:
        own_scene(Image.new("RGB", (4, 8), "skyblue"))
        assert np.array_equal(np.asarray(call("scenes/alone/truth").image), truth)
        answer = call("scenes/alone/evaluation").json
        assert (answer["official"]["pixels"], answer["with_void"]["pixels"]) == (16, 24)
        errors = np.asarray(call("scenes/alone/errors?void=false").image)
        assert np.array_equal(errors == IGNORE, (truth == IGNORE) | (truth == 0))
    finally:
        scenes.delete_blob("truth/other/alone.png")


def test_a_new_photo_has_a_new_etag(call: Client, own_scene: Callable[[Image.Image], None]) -> None:
    etags = set()
    for color in ("red", "blue"):
        own_scene(Image.new("RGB", (64, 32), color))
        etags.add(call("scenes/alone/prediction").headers["ETag"])
    assert len(etags) == 2


def test_a_replaced_photo_is_predicted_anew(
    call: Client, own_scene: Callable[[Image.Image], None]
) -> None:
    for size in ((64, 32), (90, 60)):
        own_scene(Image.new("RGB", size))
        assert call("scenes/alone/prediction").image.size == size


@pytest.mark.parametrize("part", ["photo", "truth", "prediction", "errors", "evaluation"])
@pytest.mark.parametrize("scene", ["nobody", "..%2f..%2fmodels%2factive.json", "a%0d%0ab"])
def test_unknown_scenes(call: Client, part: str, scene: str) -> None:
    reply = call(f"scenes/{scene}/{part}")
    assert reply.status == 404
    assert reply.json["type"].endswith(("unknown-scene", "unknown-path"))
    assert "a" not in reply.headers, "no part of an id becomes a header"
