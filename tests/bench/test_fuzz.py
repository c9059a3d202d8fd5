"""The fuzzer itself: its files are valid, its damage repeats, and no crash escapes it."""

import io
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.fuzz import run
from bench.fuzz.cases import case
from bench.fuzz.corpus import SIZE, png, rle_bmp, tiled_tiff, valid_files
from bench.fuzz.mutations import BOMB_BYTES, MUTATIONS, chunks, header, mutate

FILES = valid_files()
GREY = np.add.outer(np.arange(61), np.arange(93)).astype(np.uint8)


def test_valid_files_are_valid() -> None:
    for name, data in FILES.items():
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert name.endswith(".ico") or image.size in (SIZE, SIZE[::-1]), name


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize(
    "data", [rle_bmp(GREY), tiled_tiff(GREY, "<"), tiled_tiff(GREY, ">")], ids=["bmp", "<", ">"]
)
def test_handmade_grey_files_hold_what_was_put_in(data: bytes) -> None:
    assert np.array_equal(pixels(data), np.repeat(GREY[..., None], 3, axis=2))


@pytest.mark.parametrize("interlaced", [False, True])
def test_handmade_png_holds_what_was_put_in(interlaced: bool) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (9, 13, 3), np.uint8)
    assert np.array_equal(pixels(png(rgb, interlaced=interlaced)), rgb)


def test_a_case_is_always_the_same_and_no_two_are() -> None:
    assert case(1, 5) == case(1, 5)
    photos = {case(1, i).photo for i in range(50)} | {case(2, i).photo for i in range(50)}
    assert len(photos) > 90


@pytest.mark.parametrize("name", ["", "progressive.jpg", "text.png", "lzw.tif"])
def test_every_mutation_works_on_every_file_and_changes_some(name: str) -> None:
    data, other = FILES.get(name, b""), FILES["rgb.bmp"]
    special = {"segments": ".jpg", "frame_size": ".jpg", "chunks": ".png", "header": ".png"}
    for mutation in MUTATIONS:
        results = {mutation(data, other, np.random.default_rng(i)) for i in range(60)}
        if name and name.endswith(special.get(mutation.__name__, name)):
            assert results != {data}, mutation
        elif mutation.__name__ in special:
            assert results == {data}, mutation


def test_damage_to_png_chunks_has_right_checksums() -> None:
    for i in range(40):
        rng = np.random.default_rng(i)
        damaged, at = (chunks, header)[i % 2](FILES["text.png"], b"", rng), 8
        while at < len(damaged):
            end = at + 8 + int.from_bytes(damaged[at : at + 4])
            assert zlib.crc32(damaged[at + 4 : end]) == int.from_bytes(damaged[end : end + 4])
            at = end + 4


def test_some_photos_carry_a_decompression_bomb() -> None:
    bomb = zlib.compress(bytes(BOMB_BYTES), 9)[:2000]
    damaged = (mutate(FILES["rgb.png"], b"", np.random.default_rng(i)) for i in range(400))
    assert any(bomb in data for data in damaged)


CRASHING = """
import json, os, sys
seed, start, stop = map(int, sys.argv[1:])
print(json.dumps({"baseline_heap_mb": 10.0}))
for i in range(start, stop):
    if i in (3, 7):
        os.abort()
    bad = "status 500" if i == 5 else None
    print(json.dumps({"i": i, "outcome": "200", "ms": i, "bad": bad}), flush=True)
print(json.dumps({"final_heap_mb": 11.0}))
"""


def test_a_crash_is_kept_and_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING)
    monkeypatch.setattr(run, "CHILD", (sys.executable, str(script)))
    report = run.fuzz(1, 10, "", tmp_path / "kept")
    assert report.outcomes == {"200": 8, "crash": 2}
    assert [row["i"] for row in report.bad] == [3, 5, 7]
    assert "status -6" in report.bad[0]["why"]
    for row in report.bad:
        assert (tmp_path / "kept" / row["photo"]).read_bytes() == case(1, row["i"]).photo
    assert report.memory == {"baseline_heap_mb": 10.0, "final_heap_mb": 11.0}
