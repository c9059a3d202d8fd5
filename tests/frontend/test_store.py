import asyncio
import json
from collections.abc import Iterator

import pytest
import store
from canned_api import CannedApi, problem
from future_vision import ApiError


@pytest.fixture(autouse=True)
def empty_store(api: CannedApi) -> Iterator[None]:
    store.forget()
    yield
    store.forget()


def test_an_answer_is_kept(api: CannedApi) -> None:
    assert asyncio.run(store.photo("a_0")) == asyncio.run(store.photo("a_0"))
    asyncio.run(store.photo("b_1"))
    assert len(api.asked) == 2


def test_a_failure_is_not_kept(api: CannedApi) -> None:
    api.raw["/api/photos/a_0"] = problem(500, "Away.")
    with pytest.raises(ApiError, match="Away"):
        asyncio.run(store.photo("a_0"))
    del api.raw["/api/photos/a_0"]
    assert asyncio.run(store.photo("a_0")).media_type == "image/png"


def test_another_service_s_answers_are_its_own(
    api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(store.photo("a_0"))
    monkeypatch.setenv("API_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(ApiError, match="cannot be reached"):
        asyncio.run(store.photo("a_0"))


def test_what_is_kept_stays_within_its_budget(api: CannedApi) -> None:
    api.scenes = {f"s_{number}": True for number in range(90)}
    for scene_id in api.scenes:
        api.raw[f"/api/photos/{scene_id}"] = (200, "image/png", bytes(1_000_000))
        asyncio.run(store.photo(scene_id))
    asked = len(api.asked)
    asyncio.run(store.photo("s_89"))
    assert len(api.asked) == asked  # the latest is there
    asyncio.run(store.photo("s_0"))
    assert len(api.asked) == asked + 1  # the first had to go


def test_what_is_above_the_budget_passes_through(api: CannedApi) -> None:
    api.raw["/api/photos/a_0"] = (200, "image/png", bytes(70_000_000))
    assert len(asyncio.run(store.photo("a_0")).data) == 70_000_000


@pytest.mark.parametrize(
    ("media_type", "data"),
    [("image/webp", b"RIFF\0\0\0\0WEBPVP8X...EXIF"), ("image/tiff", b"II*\0")],
)
def test_a_photo_that_browsers_may_show_unturned_comes_drawn_upright(
    api: CannedApi, media_type: str, data: bytes
) -> None:
    api.raw["/api/photos/a_0"] = (200, media_type, data)
    api.raw["/api/predictions/a_0"] = (200, "image/jpeg", b"upright")
    assert asyncio.run(store.photo("a_0")).data == b"upright"
    assert any("format=overlay" in asked and "alpha=0" in asked for asked in map(str, api.asked))
    store.forget()
    api.raw["/api/predictions/a_0"] = problem(413, "Too many pixels.")
    assert asyncio.run(store.photo("a_0")).data == data, "rather unturned than not at all"


def test_thumbnails_come_in_order(api: CannedApi) -> None:
    for number, scene_id in enumerate(api.scenes):
        api.raw[f"/api/thumbnails/{scene_id}"] = (200, "image/jpeg", bytes([number]))
    small = asyncio.run(store.thumbnails(list(api.scenes)))
    assert [picture and picture.data for picture in small] == [b"\0", b"\1", b"\2"]


def test_what_a_document_holds_counts(api: CannedApi) -> None:
    rows = [list(range(2000)) for _ in range(75)]  # 5 MB as Python keeps it
    scenes = [f"s_{number}" for number in range(4)]
    for scene_id in scenes:
        body = json.dumps({"official": {"confusion": rows}}).encode()
        api.raw[f"/api/evaluations/{scene_id}"] = (200, "application/json", body)
        asyncio.run(store.evaluation(scene_id, "tiny:1.0.0"))
    asked = len(api.asked)
    asyncio.run(store.evaluation(scenes[-1], "tiny:1.0.0"))
    assert len(api.asked) == asked
    asyncio.run(store.evaluation(scenes[0], "tiny:1.0.0"))
    assert len(api.asked) == asked + 1


def test_a_refused_thumbnail_leaves_the_others(api: CannedApi) -> None:
    api.raw["/api/thumbnails/b_1"] = problem(400, "Damaged.")
    small = asyncio.run(store.thumbnails(list(api.scenes)))
    assert [picture is None for picture in small] == [False, True, False]
    api.raw["/api/thumbnails/b_1"] = problem(503, "Busy.")
    with pytest.raises(ApiError, match="Busy"):
        asyncio.run(store.thumbnails(list(api.scenes)))
