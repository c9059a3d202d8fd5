"""The documentation page, tried out in a browser; and the examples of docs/api.md, run."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from function_app.vision.rle import encode_rle
from local.docs_page import PAGE
from local.node import toolchain
from tests.conftest import PROJECT
from tests.function_app.client import Client

API_MD = (PROJECT / "docs" / "api.md").read_text()
LOCAL, AZURE = "http://127.0.0.1:7071/api", "https://HOST/api"


def test_a_photo_tried_out_on_the_page_shows_its_mask(
    call: Client, photo: bytes, chromium: str, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright

    (tmp_path / "street.png").write_bytes(photo)
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{call.base}/api/docs")
        page.locator("#operations-Predict-predict_photo").click()
        page.locator("input[type=file]").set_input_files(tmp_path / "street.png")
        page.get_by_role("button", name="Execute").click()
        mask = page.locator(".live-responses-table img")
        mask.wait_for()
        page.wait_for_function("document.querySelector('.live-responses-table img').complete")
        assert mask.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1024, 512]
        browser.close()
    assert complaints == []
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {call.base[7:]}
    assert f"{call.base}/api/predict?format=mask" in {url.partition("&")[0] for url in asked}


def test_the_page_may_load_nothing_from_elsewhere(call: Client) -> None:
    policy = call("docs").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "://" not in policy


def test_the_page_has_its_own_files_and_no_others(call: Client) -> None:
    script = call("docs/page.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert script.body == (PROJECT / PAGE / "page.js").read_bytes()
    for name in ("x.js", "..%2fopenapi.json", "%2e%2e", "contract.py"):
        assert call(f"docs/{name}").status == 404


EXAMPLES = [
    pytest.param(language, code, id=f"{language}-{number}")
    for number, (language, code) in enumerate(
        re.findall(r"```(sh|python|js)\n(.+?)```", API_MD, re.S)
    )
    if "def decode" not in code
]


@pytest.mark.parametrize(("language", "code"), EXAMPLES)
def test_examples_run(call: Client, photo: bytes, tmp_path: Path, language: str, code: str) -> None:
    (tmp_path / "street.jpg").write_bytes(photo)
    for address in (LOCAL, AZURE):
        code = code.replace(address, f"{call.base}/api")
    batch = call("batches", b"{}").json["id"] if "/batches/" in code else ""
    code = re.sub(r"batches/\d{8}T\S+?-\w+", f"batches/{batch}", code)
    command = {
        "sh": ["bash", "-ec", code.replace("curl ", "curl --fail ")],
        "python": [sys.executable, "-c", code],
        # The one that Azurite runs on: what is first in PATH may be too old for fetch.
        "js": [toolchain()[0], "--input-type=module", "-e", BROWSER + code],
    }[language]
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    if "mask.png" in code:
        assert (tmp_path / "mask.png").read_bytes()[:4] == b"\x89PNG"
        assert (tmp_path / "overlay.jpg").read_bytes()[:2] == b"\xff\xd8"


BROWSER = """
import { readFile } from "node:fs/promises";
const file = await readFile("street.jpg");
const image = {};
"""
"""What the JavaScript example finds in a browser."""


def test_the_decoder_in_the_docs_decodes() -> None:
    code = next(c for c in re.findall(r"```python\n(.+?)```", API_MD, re.S) if "def decode" in c)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own documentation
    mask = np.random.default_rng(3).integers(0, 8, (23, 57), np.uint8).repeat(40, axis=0)
    for value, counts in encode_rle(mask).items():
        assert np.array_equal(names["decode"](counts, *mask.shape), mask == value)
