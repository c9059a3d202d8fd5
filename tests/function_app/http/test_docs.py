"""The documentation page, and the examples on it: they run as they stand there."""

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from function_app.http.openapi import document
from function_app.http.openapi.examples import ADDRESS
from function_app.http.openapi.page import render_page
from function_app.vision.rle import encode_rle
from local.node import toolchain
from tests.conftest import PROJECT
from tests.function_app.client import SCENE, Client

EXAMPLES = [
    pytest.param(operation["operationId"], sample["lang"], sample["source"],
                 id=f"{operation['operationId']}-{sample['lang']}")
    for item in document()["paths"].values()
    for operation in item.values()
    for sample in operation.get("x-codeSamples", ())
]  # fmt: skip


@pytest.mark.azurite
def test_the_page_loads_nothing_and_runs_nothing(call: Client) -> None:
    reply = call("docs")
    assert reply.headers["Content-Type"].startswith("text/html")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = reply.body.decode()
    assert "<script" not in page
    assert not re.findall(r"\son\w+=", page)
    assert set(re.findall(r'(?:src|href)="([^"#]+)"', page)) == {
        "data:,", f"{call.base}/api/openapi.json",
    }  # fmt: skip


@pytest.mark.azurite
def test_the_page_names_every_route_at_its_real_address(call: Client) -> None:
    page = call("docs").body.decode()
    for path in document()["paths"]:
        assert f"{call.base}/api{path}" in page
    assert ADDRESS not in page
    etag = call("docs").headers["ETag"]
    assert call("docs", If_None_Match=etag).status == 304


def test_a_hostile_host_header_stays_text() -> None:
    page = render_page(document(), 'http://x"><script>alert(1)</script>/api')
    assert "<script" not in page
    assert html.escape('"><script>') in page


@pytest.mark.azurite
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_phones_browser(call: Client, scheme: Any) -> None:
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed")
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{call.base}/api/docs")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}[scheme]
        page.get_by_role("link", name="POST /predict").click()
        page.get_by_text("--data-binary").first.wait_for()
        browser.close()
    assert complaints == []
    assert {url.partition("#")[0] for url in asked} <= {f"{call.base}/api/docs", "data:,"}


@pytest.mark.azurite
@pytest.mark.parametrize(("operation", "language", "source"), EXAMPLES)
def test_examples_run(
    call: Client, photo: bytes, tmp_path: Path, operation: str, language: str, source: str
) -> None:
    (tmp_path / "street.jpg").write_bytes(photo)
    source = source.replace(ADDRESS, f"{call.base}/api").replace("SCENE", SCENE)
    # The one that Azurite runs on: what is first in PATH may be too old for fetch.
    javascript = toolchain()[0]
    command = {
        "Shell": ["bash", "-ec", source],
        "Python": [sys.executable, "-c", source],
        "JavaScript": [javascript, "--input-type=module", "-e", source],
    }[language]
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    if (operation, language) == ("predict_photo", "Shell"):
        assert (tmp_path / "mask.png").read_bytes()[:4] == b"\x89PNG"
        assert (tmp_path / "overlay.jpg").read_bytes()[:2] == b"\xff\xd8"
    else:
        part = {
            "predict_photo": "lite0-fpn",
            "scenes": "synthetic",
            "scene_evaluation": "sky",
            "start_batch": "Z-",
        }
        assert part[operation] in ended.stdout


def test_the_decoder_in_the_docs_decodes() -> None:
    text = (PROJECT / "docs" / "api.md").read_text()
    code = next(c for c in re.findall(r"```python\n(.+?)```", text, re.S) if "def decode" in c)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own documentation
    mask = np.random.default_rng(3).integers(0, 8, (23, 57), np.uint8).repeat(40, axis=0)
    for value, counts in encode_rle(mask).items():
        assert np.array_equal(names["decode"](counts, *mask.shape), mask == value)
