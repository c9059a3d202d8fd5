"""Scenes over the wire: paging, stored bytes, true masks, predictions that are kept."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient
from PIL import Image

from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY, LABEL_TO_EVALUATED
from function_app.vision.evaluation import ALL, OFFICIAL, confusion_matrix, score
from function_app.vision.photo import decode, resize
from tests.function_app.client import FRAME, SCENE, Client, check_problem, encoded
from tests.function_app.services import services
from tests.helpers.faulty_storage import FaultyStorage


def test_scenes_page_by_page(call: Client) -> None:
    everything = [row["id"] for row in call("scenes").json["scenes"]]
    pages, after = [], ""
    while after is not None:
        page = call(f"scenes?limit=4&after={quote(after)}").json
        pages.append([row["id"] for row in page["scenes"]])
        after = page["next"]
    assert [len(page) for page in pages] == [4, 2]
    assert [scene for page in pages for scene in page] == everything == sorted(everything)
    assert [r["id"] for r in call(f"scenes?prefix={SCENE}").json["scenes"]] == [SCENE]
    for limit in ("0", "1001", "-1", "0000001009999", "%C2%B2"):
        check_problem(call(f"scenes?limit={limit}"), 422, "invalid-parameter")
    for query in ("prefix=%00", "after=%0a", f"prefix={'a' * 1025}", f"after={'a' * 4097}"):
        check_problem(call(f"scenes?{query}"), 422, "invalid-parameter")


def test_scene_photo_and_conditional_get(call: Client, photo: bytes) -> None:
    reply = call(f"photos/{SCENE}")
    assert reply.body == photo
    assert reply.headers["Content-Type"] == "image/png"
    etag = reply.headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = call(f"photos/{SCENE}", If_None_Match=known)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert call(f"photos/{SCENE}", If_None_Match='"other"').status == 200


def test_scene_thumbnail(call: Client, photo: bytes) -> None:
    reply = call(f"thumbnails/{SCENE}")
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert reply.image.size == (320, 160)
    assert len(reply.body) < 20_000
    expected = resize(decode(photo), 160, 320).astype(int)
    assert np.abs(expected - np.asarray(reply.image)).mean() < 5, "but for JPEG's losses"
    etag = reply.headers["ETag"]
    again = call(f"thumbnails/{SCENE}", If_None_Match=etag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize("part", ["photos", "thumbnails"])
def test_browsers_keep_photos_and_shared_caches_do_not(call: Client, part: str) -> None:
    first = call(f"{part}/{SCENE}")
    again = call(f"{part}/{SCENE}", If_None_Match=first.headers["ETag"])
    for reply in (first, again):
        assert reply.headers["Cache-Control"] == "private, max-age=300"
        assert reply.headers["Vary"] == "Origin"
    assert call(f"truths/{SCENE}").headers["Cache-Control"] == "private, max-age=60"
    assert "Cache-Control" not in call(f"{part}/nobody").headers


def test_scene_truth_is_mapped_to_categories(call: Client, synthetic_scenes: Path) -> None:
    path = next(synthetic_scenes.glob(f"gtFine/val/*/{FRAME}*"))
    labels = np.asarray(Image.open(path))
    reply = call(f"truths/{SCENE}")
    assert np.array_equal(np.asarray(reply.image), LABEL_TO_CATEGORY[labels])
    shown = np.asarray(reply.image.convert("RGBA"))
    assert np.array_equal(shown[..., 3] == 0, LABEL_TO_CATEGORY[labels] == IGNORE)
    etag = reply.headers["ETag"]
    assert call(f"truths/{SCENE}", If_None_Match=etag).status == 304
    official = call(f"truths/{SCENE}?void=false", If_None_Match=etag)
    assert np.array_equal(np.asarray(official.image), LABEL_TO_EVALUATED[labels])
    again = official.headers["ETag"]
    assert call(f"truths/{SCENE}?void=false", If_None_Match=again).status == 304


def test_scene_prediction_is_computed_once_and_kept(
    call: Client, photo: bytes, seeded_account: BlobServiceClient
) -> None:
    first = call(f"predictions/{SCENE}")
    assert first.body == call("predict", photo).body
    model = first.headers["X-Model"].replace(":", "/")
    predictions = seeded_account.get_container_client("predictions")
    assert predictions.download_blob(f"{model}/{SCENE}.png").readall() == first.body
    again = call(f"predictions/{SCENE}")
    assert again.body == first.body
    assert "infer" not in again.headers["Server-Timing"]
    overlay = call(f"predictions/{SCENE}?format=overlay")
    assert overlay.body == call("predict?format=overlay", photo).body
    stored = predictions.get_blob_client(f"{model}/{SCENE}.png")
    etag = stored.get_blob_properties().etag
    for query in ("format=confidence", "void=false"):
        fresh = call(f"predictions/{SCENE}?{query}")
        assert fresh.body == call(f"predict?{query}", photo).body
    assert stored.get_blob_properties().etag == etag, "what is kept is not written again"
    assert call(f"scenes?prefix={SCENE}").json["scenes"][0]["prediction"] is True


ASKED = [f"{kind}/{SCENE}{query}" for kind, query in (
    ("predictions", ""), ("predictions", "?format=json&void=false"), ("errors", ""),
    ("errors", "?void=false"), ("evaluations", ""),
)]  # fmt: skip


@pytest.fixture(scope="module")
def other_model(call: Client) -> str:
    """A published model that is not active."""
    other = next(m for m in call("models").json["models"] if not m["active"])
    return f"{other['name']}:{other['version']}"


@pytest.mark.parametrize("what", ASKED)
def test_what_is_computed_is_sent_once(call: Client, what: str, other_model: str) -> None:
    reply = call(what)
    model, etag = reply.headers["X-Model"], reply.headers["ETag"]
    again = call(what, If_None_Match=etag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert "Server-Timing" not in again.headers, "nothing was computed"
    joined = f"{what}{'&' if '?' in what else '?'}"
    assert call(f"{joined}model={model}", If_None_Match=etag).status == 304
    assert call(f"{joined}model={other_model}", If_None_Match=etag).status == 200


def test_a_cold_instance_loads_no_model_to_say_what_is_stored(
    seeded_account: BlobServiceClient, azurite_connection: str, call: Client, tmp_path: Path
) -> None:
    known = {
        what: call(what).headers["ETag"]
        for what in (f"photos/{SCENE}", f"thumbnails/{SCENE}", f"truths/{SCENE}", *ASKED)
    }
    with FaultyStorage(azurite_connection) as storage, services(tmp_path) as start:
        cold = start(BLOB_CONNECTION_STRING=storage.connection)
        for what, etag in known.items():
            assert cold(what, If_None_Match=etag).status == 304
        rows = cold(f"scenes?prefix={SCENE}").json["scenes"]
        assert rows == [{"id": SCENE, "truth": True, "prediction": True}]
        read = {request.partition("?")[0] for request in storage.seen if "comp=list" not in request}
    assert {name.rpartition("/")[2] for name in read} == {"active.json"}


def test_etags_tell_queries_apart(call: Client, other_model: str) -> None:
    queries = ["", "?void=false", "?format=color", "?format=overlay", "?format=overlay&alpha=0.7",
               "?format=json", "?format=json&mask=rle", f"?model={other_model}"]  # fmt: skip
    etags = [call(f"predictions/{SCENE}{query}").headers["ETag"] for query in queries]
    assert len(set(etags)) == len(queries)


def test_errors_are_where_prediction_and_truth_differ(call: Client, synthetic_scenes: Path) -> None:
    labels = np.asarray(Image.open(next(synthetic_scenes.glob(f"gtFine/val/*/{FRAME}*"))))
    for void, table in (("true", LABEL_TO_CATEGORY), ("false", LABEL_TO_EVALUATED)):
        mask = np.asarray(call(f"predictions/{SCENE}?void={void}").image)
        truth = table[labels]
        expected = np.where(truth == IGNORE, IGNORE, truth != mask)
        image = call(f"errors/{SCENE}?void={void}").image
        assert np.array_equal(np.asarray(image), expected)
        assert 0 < (expected == 1).mean() < 0.2


def test_evaluation_by_both_protocols(
    call: Client, synthetic_scenes: Path, other_model: str
) -> None:
    labels = np.asarray(Image.open(next(synthetic_scenes.glob(f"gtFine/val/*/{FRAME}*"))))
    reply = call(f"evaluations/{SCENE}")
    answer = reply.json
    assert answer["model"] == reply.headers["X-Model"]
    assert "infer;dur=" in reply.headers["Server-Timing"]
    for protocol, void, table, categories in (
        ("official", "false", LABEL_TO_EVALUATED, OFFICIAL),
        ("with_void", "true", LABEL_TO_CATEGORY, ALL),
    ):
        mask = np.asarray(call(f"predictions/{SCENE}?void={void}").image)
        matrix = confusion_matrix(table[labels], mask)
        expected = score(matrix, categories)
        assert answer[protocol] == {
            "mean_iou": expected.mean_iou, "iou": expected.iou, "pixels": int(matrix.sum()),
            "confusion": matrix.tolist(),
        }  # fmt: skip
        assert expected.mean_iou is not None
        assert expected.mean_iou > 0.3
    other = call(f"evaluations/{SCENE}?model={other_model}").json
    assert other["model"] == other_model
    assert other["official"]["confusion"] != answer["official"]["confusion"]


Store = Callable[[Image.Image | bytes], None]


@pytest.fixture
def own_scene(call: Client, seeded_account: BlobServiceClient) -> Iterator[Store]:
    """Store pictures, or other bytes, as scene "other/alone", which has no true mask."""
    del call
    blob = seeded_account.get_blob_client("scenes", "photos/other/alone.png")

    def store(stored: Image.Image | bytes) -> None:
        data = stored if isinstance(stored, bytes) else encoded(stored, "PNG")
        blob.upload_blob(data, overwrite=True)

    yield store
    blob.delete_blob()


def test_scene_without_truth(call: Client, own_scene: Store) -> None:
    own_scene(Image.new("RGB", (64, 32)))
    assert call("scenes?prefix=other/").json["scenes"][0]["truth"] is False
    for part in ("truths", "errors", "evaluations"):
        reply = call(f"{part}/other/alone")
        check_problem(reply, 404, "unknown-scene")
        assert "no true mask" in reply.json["detail"]
    for part in ("photos", "thumbnails", "predictions"):
        assert call(f"{part}/other/alone").status == 200


def test_truth_may_be_stored_as_category_ids(
    call: Client, own_scene: Store, seeded_account: BlobServiceClient
) -> None:
    scenes = seeded_account.get_container_client("scenes")
    truth = np.repeat(np.uint8([[0, 1, 5, 255]]), 8, axis=0)
    scenes.upload_blob("truth/other/alone.png", encoded(Image.fromarray(truth), "PNG"))
    try:
        own_scene(Image.new("RGB", (4, 8), "skyblue"))
        image = call("truths/other/alone").image
        assert np.array_equal(np.asarray(image), truth)
        assert np.array_equal(np.asarray(image.convert("RGBA"))[..., 3], 255 * (truth != IGNORE))
        answer = call("evaluations/other/alone").json
        assert (answer["official"]["pixels"], answer["with_void"]["pixels"]) == (16, 24)
        errors = np.asarray(call("errors/other/alone?void=false").image)
        assert np.array_equal(errors == IGNORE, (truth == IGNORE) | (truth == 0))
    finally:
        scenes.delete_blob("truth/other/alone.png")


def test_labels_that_cannot_be_used_are_named_not_scored(
    call: Client, own_scene: Store, seeded_account: BlobServiceClient
) -> None:
    truth = seeded_account.get_blob_client("scenes", "truth/other/alone_gtFine_labelIds.png")
    truth.upload_blob(encoded(Image.fromarray(np.zeros((64, 32), np.uint8)), "PNG"))
    try:
        own_scene(Image.new("RGB", (64, 32)))
        for part in ("evaluations", "errors"):
            reply = call(f"{part}/other/alone")
            check_problem(reply, 404, "unknown-scene")
            assert reply.json["detail"].startswith(f"{truth.blob_name}: ")
    finally:
        truth.delete_blob()


def test_etags_follow_what_they_are_made_of(
    call: Client, own_scene: Store, seeded_account: BlobServiceClient
) -> None:
    truth = seeded_account.get_blob_client("scenes", "truth/other/alone.png")
    of_photo = {"photos", "thumbnails", "predictions", "errors", "evaluations"}
    of_truth = {"truths", "errors", "evaluations"}

    def store(color: str, id: int) -> None:
        own_scene(Image.new("RGB", (64, 32), color))
        mask = Image.fromarray(np.full((32, 64), id, np.uint8))
        truth.upload_blob(encoded(mask, "PNG"), overwrite=True)

    def etags() -> dict[str, str]:
        return {p: call(f"{p}/other/alone").headers["ETag"] for p in of_photo | of_truth}

    def changed(before: dict[str, str]) -> set[str]:
        return {
            part
            for part, etag in before.items()
            if call(f"{part}/other/alone", If_None_Match=etag).status == 200
        }

    try:
        store("red", 1)
        first = etags()
        assert changed(first) == set()
        own_scene(Image.new("RGB", (64, 32), "blue"))
        assert changed(first) == of_photo
        second = etags()
        truth.upload_blob(encoded(Image.fromarray(np.full((32, 64), 5, np.uint8)), "PNG"),
                          overwrite=True)  # fmt: skip
        assert changed(second) == of_truth
        assert len({*first.values(), *second.values(), *etags().values()}) == 6 + 5 + 3
    finally:
        truth.delete_blob()


def test_photos_that_cannot_be_decoded_have_no_thumbnail(call: Client, own_scene: Store) -> None:
    own_scene(b"GIF89a no photo")
    check_problem(call("thumbnails/other/alone"), 415, "unsupported-photo")
    own_scene(b"no picture at all")
    check_problem(call("thumbnails/other/alone"), 400, "not-a-photo")
