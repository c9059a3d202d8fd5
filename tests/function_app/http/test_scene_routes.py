"""Scenes over the wire: paging, stored bytes, true masks, predictions that are kept, scores."""

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

BLUE = encoded(Image.new("RGB", (64, 32), "skyblue"), "PNG")


@pytest.fixture
def labels(synthetic_scenes: Path) -> np.ndarray:
    """The labelIds of SCENE."""
    return np.asarray(Image.open(next(synthetic_scenes.glob(f"gtFine/val/*/{FRAME}*"))))


Store = Callable[[str, bytes | np.ndarray], None]


@pytest.fixture
def store(seeded_account: BlobServiceClient) -> Iterator[Store]:
    """Store blobs of scenes until the test ends."""
    scenes, names = seeded_account.get_container_client("scenes"), set[str]()

    def store(name: str, data: bytes | np.ndarray) -> None:
        names.add(name)
        data = data if isinstance(data, bytes) else encoded(Image.fromarray(data), "PNG")
        scenes.upload_blob(name, data, overwrite=True)

    yield store
    for name in names:
        scenes.delete_blob(name)


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


def test_photo_and_thumbnail(call: Client, photo: bytes) -> None:
    stored, small = call(f"photos/{SCENE}"), call(f"thumbnails/{SCENE}")
    assert (stored.body, stored.headers["Content-Type"]) == (photo, "image/png")
    assert (small.image.size, small.headers["Content-Type"]) == ((320, 160), "image/jpeg")
    assert len(small.body) < 20_000
    expected = resize(decode(photo), 160, 320).astype(int)
    assert np.abs(expected - np.asarray(small.image)).mean() < 5, "but for JPEG's losses"


def test_photos_that_cannot_be_decoded_have_no_thumbnail(call: Client, store: Store) -> None:
    store("photos/other/alone.png", b"GIF89a no photo")
    check_problem(call("thumbnails/other/alone"), 415, "unsupported-photo")
    store("photos/other/alone.png", b"no picture at all")
    check_problem(call("thumbnails/other/alone"), 400, "not-a-photo")


def test_truth_is_mapped_to_categories(call: Client, labels: np.ndarray) -> None:
    for query, table in (("", LABEL_TO_CATEGORY), ("?void=false", LABEL_TO_EVALUATED)):
        image = call(f"truths/{SCENE}{query}").image
        assert np.array_equal(np.asarray(image), table[labels])
        clear = np.asarray(image.convert("RGBA"))[..., 3] == 0
        assert np.array_equal(clear, table[labels] == IGNORE)


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
    stored = predictions.get_blob_client(f"{model}/{SCENE}.png")
    etag = stored.get_blob_properties().etag
    for query in ("format=overlay", "format=confidence", "void=false"):
        fresh = call(f"predictions/{SCENE}?{query}")
        assert fresh.body == call(f"predict?{query}", photo).body
    assert stored.get_blob_properties().etag == etag, "what is kept is not written again"
    assert call(f"scenes?prefix={SCENE}").json["scenes"][0]["prediction"] is True


def test_errors_are_where_prediction_and_truth_differ(call: Client, labels: np.ndarray) -> None:
    for void, table in (("true", LABEL_TO_CATEGORY), ("false", LABEL_TO_EVALUATED)):
        mask = np.asarray(call(f"predictions/{SCENE}?void={void}").image)
        truth = table[labels]
        expected = np.where(truth == IGNORE, IGNORE, truth != mask)
        image = call(f"errors/{SCENE}?void={void}").image
        assert np.array_equal(np.asarray(image), expected)
        assert 0 < (expected == 1).mean() < 0.2


def test_evaluation_by_both_protocols(call: Client, labels: np.ndarray, other_model: str) -> None:
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


def test_scene_without_truth(call: Client, store: Store) -> None:
    store("photos/other/alone.png", BLUE)
    assert call("scenes?prefix=other/").json["scenes"][0]["truth"] is False
    for part in ("truths", "errors", "evaluations"):
        reply = call(f"{part}/other/alone")
        check_problem(reply, 404, "unknown-scene")
        assert "no true mask" in reply.json["detail"]
    for part in ("photos", "thumbnails", "predictions"):
        assert call(f"{part}/other/alone").status == 200


def test_truth_may_be_stored_as_category_ids(call: Client, store: Store) -> None:
    truth = np.repeat(np.uint8([[0, 1, 5, 255]]), 2, axis=0)
    store("photos/other/alone.png", BLUE)
    store("truth/other/alone.png", truth)
    assert np.array_equal(np.asarray(call("truths/other/alone").image), truth)
    answer = call("evaluations/other/alone").json
    assert (answer["official"]["pixels"], answer["with_void"]["pixels"]) == (4, 6)


def test_labels_that_cannot_be_used_are_named_not_scored(call: Client, store: Store) -> None:
    truth = "truth/other/alone_gtFine_labelIds.png"
    store("photos/other/alone.png", BLUE)
    store(truth, np.zeros((64, 32), np.uint8))
    for part in ("evaluations", "errors"):
        reply = call(f"{part}/other/alone")
        check_problem(reply, 404, "unknown-scene")
        assert reply.json["detail"].startswith(f"{truth}: ")


PARTS = ("photos", "thumbnails", "truths", "predictions", "errors", "evaluations")


def test_etags_follow_what_they_are_made_of(call: Client, store: Store) -> None:
    of_photo, of_truth = {*PARTS} - {"truths"}, {"truths", "errors", "evaluations"}

    def etags() -> dict[str, str]:
        return {part: call(f"{part}/other/alone").headers["ETag"] for part in PARTS}

    def changed(before: dict[str, str]) -> set[str]:
        return {part for part, etag in before.items()
                if call(f"{part}/other/alone", If_None_Match=etag).status == 200}  # fmt: skip

    store("photos/other/alone.png", BLUE)
    store("truth/other/alone.png", np.full((32, 64), 1, np.uint8))
    first = etags()
    assert changed(first) == set()
    store("photos/other/alone.png", encoded(Image.new("RGB", (64, 32), "red"), "PNG"))
    assert changed(first) == of_photo
    second = etags()
    store("truth/other/alone.png", np.full((32, 64), 5, np.uint8))
    assert changed(second) == of_truth
    assert len({*first.values(), *second.values(), *etags().values()}) == 6 + 5 + 3
