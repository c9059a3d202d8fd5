"""The fuzzer itself: its files are valid, its damage repeats, and harmful photos are kept."""

import io
import json
import subprocess
import sys
from pathlib import Path

import azure.functions as func
import numpy as np
import pytest
from PIL import Image

from bench.fuzz.__main__ import case, fuzz, undamaged
from bench.fuzz.corpus import SIZE, png_chunk, valid_files
from bench.fuzz.mutations import DIMENSIONS, mutate, with_checksums
from tests.conftest import PROJECT

WARM = 2 * len(undamaged())


def test_valid_files_are_valid() -> None:
    for name in valid_files().keys() - {"bomb.png"}:  # whose text Pillow refuses to unpack
        with Image.open(io.BytesIO(valid_files()[name])) as image:
            image.load()
            assert name == "refused.ico" or image.size in (SIZE, SIZE[::-1]), name


def test_a_case_is_always_the_same_and_no_two_are() -> None:
    assert case(1, 5) == case(1, 5)
    photos = {case(1, i).photo for i in range(50)} | {case(2, i).photo for i in range(50)}
    assert len(photos) > 90


def test_files_of_any_length_can_be_damaged() -> None:
    for length in (0, 1, 9):
        for seed in range(300):
            mutate(b"\x89PNG\r\n\x1a\n\0"[:length], b"", np.random.default_rng(seed))


@pytest.mark.parametrize("name", ["baseline.jpg", "rgb.png", "lossless.webp", "rgb.bmp", "lzw.tif",
                                  "tiled_big_endian.tif"])  # fmt: skip
def test_sizes_are_found_in_headers_and_can_be_damaged_alone(name: str) -> None:
    data, sizes = valid_files()[name], set()
    for at in (match.start() + i for match in DIMENSIONS.finditer(data) for i in range(4)):
        damaged = with_checksums(data[:at] + b"\7" + data[at + 1 :])
        try:
            sizes.add(Image.open(io.BytesIO(damaged)).size)
        except (OSError, SyntaxError, Image.DecompressionBombError):  # no size that Pillow reads
            continue
    assert len({width for width, _ in sizes}) > 1
    assert len({height for _, height in sizes}) > 1


def test_checksums_are_those_of_the_specification() -> None:
    assert png_chunk(b"IEND", b"") == bytes.fromhex("00000000 49454e44 ae426082")
    damaged = valid_files()["text.png"].replace(b"IDAT", b"IDAX")
    assert damaged != with_checksums(damaged) != valid_files()["text.png"]
    assert with_checksums(valid_files()["text.png"]) == valid_files()["text.png"]


def test_harmful_photos_are_kept_and_others_are_not(tmp_path: Path) -> None:
    refusal = json.dumps({"type": "urn:future-vision:problem:not-a-photo"})
    failure = json.dumps({"type": "urn:future-vision:problem:internal"})
    sent: list[func.HttpRequest] = []

    def predict(request: func.HttpRequest) -> func.HttpResponse:
        sent.append(request)
        match len(sent) - WARM:
            case 2:
                return func.HttpResponse(failure, status_code=500)
            case 4:
                raise BaseException("a panic of native code")  # noqa: TRY002
            case 5:
                return func.HttpResponse(b"<html>", mimetype="image/png")
            case 6:
                return func.HttpResponse(b"\x89PNG", mimetype="image/png")
        return func.HttpResponse(refusal, status_code=400)

    report = fuzz(1, 8, predict, tmp_path / "kept")
    assert report["outcomes"] == {"not-a-photo": 4, "200": 2, "internal": 1, "escaped": 1}
    assert [row["i"] for row in report["bad"]] == [1, 3, 4]
    assert "a panic of native code" in report["bad"][1]["why"]
    assert len(list((tmp_path / "kept").iterdir())) == 3
    for row in report["bad"]:
        photo = (tmp_path / "kept" / row["photo"]).read_bytes()
        assert photo == case(1, row["i"]).photo == sent[WARM + row["i"]].get_body()
    assert report["memory"].keys() == {
        "baseline_heap_mb", "baseline_rss_mb", "final_heap_mb", "final_rss_mb", "peak_rss_mb",
    }  # fmt: skip


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    def predict(request: func.HttpRequest) -> func.HttpResponse:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fuzz(1, 8, predict, tmp_path)


CRASH = """
import json, os, sys
from pathlib import Path
import azure.functions as func
from bench.fuzz.__main__ import fuzz, undamaged
left = iter(range(2 * len(undamaged()) + 3))
def predict(request):
    if next(left, None) is None:
        os.abort()
    return func.HttpResponse(b"{", mimetype="application/json")
fuzz(1, 9, predict, Path(sys.argv[1]))
"""


def test_a_crash_leaves_its_photo(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path)], cwd=PROJECT, capture_output=True, check=False
    )
    assert ended.returncode < 0, ended.stderr
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == case(1, 3).photo
