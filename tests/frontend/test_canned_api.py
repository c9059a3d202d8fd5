"""The canned API answers as the real one does, and fails where a test wants it to."""

import io
import json
import time
import urllib.request
from typing import Any

import pytest
from canned_answers import ACTIVE, IGNORE, MASKS, TRUTH, evaluation, mask_png, model, prediction
from canned_api import CannedApi
from future_vision import ApiError, Client
from PIL import Image

from function_app.http.contract import contract


@pytest.mark.parametrize(
    ("schema", "described"),
    [
        ("Model", model(ACTIVE)),
        ("Metrics", model(ACTIVE)["metrics"][0]),
        ("Evaluation", evaluation("a_0", ACTIVE)),
        ("Scores", evaluation("a_0", ACTIVE)["official"]),
        ("Prediction", prediction(MASKS[ACTIVE], ACTIVE)),
        ("Ready", "/api/health/ready"),
        ("Scenes", "/api/scenes"),
        ("Categories", "/api/categories"),
    ],
)
def test_documents_have_the_keys_of_the_real_ones(schema: str, described: Any) -> None:
    if isinstance(described, str):
        described = json.loads(CannedApi().answer("GET", described, b"")[2])
    assert (
        described.keys()
        == json.loads(contract())["components"]["schemas"][schema]["properties"].keys()
    )


def test_masks_have_the_categories_colours_and_transparent_gaps() -> None:
    pixels = Image.open(io.BytesIO(mask_png(TRUTH))).convert("RGBA")
    assert pixels.getpixel((0, 0)) == (0x46, 0x82, 0xB4, 255)
    assert pixels.getpixel((7, 1)) == (0, 0, 0, 255)
    assert TRUTH[3][7] == IGNORE
    assert pixels.getpixel((7, 3))[3] == 0  # type: ignore[index]


def test_down_and_back_at_the_same_address(api: CannedApi) -> None:
    client = Client(api.url)
    api.down = True
    with pytest.raises(ApiError, match="cannot be reached"):
        client.health()
    assert api.asked == []
    api.down = False
    assert client.health()["status"] == "ready"


def test_slow(api: CannedApi) -> None:
    api.delay = 0.2
    start = time.monotonic()
    Client(api.url).categories()
    assert time.monotonic() - start >= 0.2


def test_scripts_of_other_origins_may_ask(api: CannedApi) -> None:
    preflight = urllib.request.Request(
        f"{api.url}/api/predict",
        headers={"Origin": "http://site", "Access-Control-Request-Headers": "content-type"},
        method="OPTIONS",
    )
    with urllib.request.urlopen(preflight) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    with urllib.request.urlopen(f"{api.url}/api/categories") as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert api.asked == ["GET /api/categories"]
