import subprocess
import sys
from pathlib import Path

import pytest
import segment
from canned_api import CannedApi, png, problem


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, segment.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    path.write_bytes(png())
    return path


def test_a_photo_becomes_a_file(api: CannedApi, photo: Path) -> None:
    output = photo.with_name("overlay.jpg")
    ended = run(photo, "-o", output, "--api", api.url, "--format", "overlay", "--model", "t:1.0.0")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{output}: overlay of {photo}, image/png, ")
    assert output.read_bytes() == png()
    assert api.asked == ["POST /api/predict?format=overlay&alpha=0.5&model=t%3A1.0.0&void=true"]


def test_a_problem_is_told(api: CannedApi, photo: Path) -> None:
    api.raw["/api/predict"] = problem(400, "This is no photo.")
    output = photo.with_name("mask.png")
    ended = run(photo, "-o", output)  # API_BASE_URL is set
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "This is no photo.\nRequest id request-7\n"
    assert not output.exists()


def test_a_token_is_read_from_the_environment(
    api: CannedApi, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(photo, "-o", photo.with_name("mask.png"))
    monkeypatch.setenv("API_TOKEN", "a-token")
    run(photo, "-o", photo.with_name("mask.png"))
    sent = [headers.get("authorization") for headers in api.headers]
    assert sent == [None, "Bearer a-token"]


@pytest.mark.parametrize("missing", ["photo", "folder", "api"])
def test_what_is_missing_is_named(api: CannedApi, photo: Path, missing: str) -> None:
    source = photo.with_name("none.jpg") if missing == "photo" else photo
    output = photo.parent / ("none" if missing == "folder" else "") / "mask.png"
    address = "http://127.0.0.1:9" if missing == "api" else api.url
    api.raw["/api/predict"] = (200, "image/png", png())
    ended = run(source, "-o", output, "--api", address)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert {"photo": "none.jpg", "folder": "none", "api": ":9"}[missing] in ended.stderr


def test_help_has_an_example() -> None:
    ended = run("--help")
    assert ended.returncode == 0
    assert "street.jpg -o mask.png --api http://127.0.0.1:7071" in ended.stdout
