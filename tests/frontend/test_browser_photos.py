"""Photos that visitors bring along, in a real browser, in both deployments."""

import io
import os
import re
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect
from visitor import Visitor


def test_own_photos(visitor: Visitor) -> None:
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.files"), exact=True).click()
    # Phones' upright photos; browsers do not turn WebP.
    visitor.upload(
        ("phone.jpg", rotated("JPEG")), ("turned.webp", rotated("WEBP", (400, 300))),
        ("grey16.png", deep_grey_png()), ("notes.jpg", b"no picture at all"),
    )  # fmt: skip
    expect(visitor.page.get_by_role("alert")).to_contain_text(visitor.says("problem.not-a-photo"))
    expect(panel.locator('[data-testid="stFileUploaderFile"]')).to_have_count(0)
    shapes = {"phone.jpg": [3000, 4000], "turned.webp": [300, 400], "grey16.png": [300, 200]}
    for name, size in shapes.items():
        panel.get_by_role("button", name=name, exact=True).click()
        visitor.wait_for("prediction", name.partition(".")[0])
        visitor.settle()
        assert visitor.sizes() == [size] * 2
    visitor.screenshot("own_photos")
    with visitor.page.expect_download() as saved:
        visitor.press("photo.zip", count=3)
    with zipfile.ZipFile(saved.value.path()) as masks:
        found = {name: Image.open(masks.open(name)) for name in masks.namelist()}
    assert [(mask.mode, list(mask.size)) for mask in found.values()] == [
        ("P", size) for size in shapes.values()
    ]
    visitor.tab("api")
    visitor.tab("photo")
    visitor.wait_for("photo", "grey16")
    visitor.press("photo.forget")
    expect(visitor.layer("photo")).to_have_count(0)
    visitor.settle()
    visitor.forgive("/api/predict?")


def test_files_that_are_not_taken(visitor: Visitor, tmp_path: Path) -> None:
    visitor.speak("fr")
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.files"), exact=True).click()
    alert = panel.get_by_test_id("stAlert")
    grey, large, huge = (tmp_path / name for name in ("grey.png", "large.tif", "huge.tif"))
    grey.write_bytes(deep_grey_png())
    for path, size in ((large, 27_000_000), (huge, 210_000_000)):
        path.touch()
        os.truncate(path, size)
    # Streamlit itself takes no more than 200 MiB.
    said = visitor.says("photo.not_taken", megabytes="25", names="huge.tif")
    chooser = visitor.page.locator('input[type="file"]')
    chooser.set_input_files([grey, huge])
    visitor.wait_for("prediction", "grey")
    visitor.settle()
    expect(panel.get_by_text(said)).to_be_visible()
    for files in ([large], [large, grey]):
        chooser.set_input_files(files)
        expect(alert).to_have_text(re.compile(r"large\.tif.*25 Mo au plus"))
        visitor.settle()
        expect(panel.get_by_test_id("stFileChip")).to_have_count(0)
        expect(panel.get_by_text(said)).to_have_count(0)
    visitor.wait_for("prediction", "grey")
    chooser.set_input_files([grey, huge])
    note = panel.get_by_text(said)
    expect(note).to_be_visible()
    # Above the picture, though the uploader is far below it on a phone.
    visitor.settle()
    top = note.bounding_box()
    picture = panel.get_by_role("application").bounding_box()
    assert top is not None
    assert picture is not None
    assert top["y"] < picture["y"]
    visitor.press("photo.forget")
    expect(alert).to_have_count(0)
    expect(note).to_have_count(0)

    panel.get_by_text(visitor.says("photo.folder"), exact=True).click()
    visitor.settle()
    choose = panel.get_by_test_id("stFileUploaderDropzone").locator("button")
    expect(choose).to_have_count(1)
    words = f'"{visitor.says("photo.choose.folder")}"'
    expect(choose).to_have_css("content", words, pseudo="after")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "notes.txt").write_text("no photo")
    chooser.set_input_files(folder)
    said = visitor.says("photo.not_taken", megabytes="25", names="folder/notes.txt")
    expect(panel.get_by_text(said)).to_be_visible()
    expect(choose).to_have_count(2)
    for place in range(2):
        expect(choose.nth(place)).to_have_css("content", "none", pseudo="after")
    visitor.screenshot("not_taken")
    panel.get_by_text(visitor.says("photo.files"), exact=True).click()
    expect(panel.get_by_text(said)).to_have_count(0)
    visitor.settle()


def test_a_photo_chosen_on_a_phone_is_seen(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.samples"), exact=True).click()
    for number, name in ((2, "dusk"), (3, "rain")):
        visitor.press("photo.sample_number", number=number)
        visitor.wait_for("prediction", name)
        visitor.settle()
        expect(visitor.canvas).to_be_in_viewport(ratio=1)
    visitor.press("photo.forget")
    visitor.settle()


def test_camera_and_samples(visitor: Visitor) -> None:
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.samples"), exact=True).click()
    panel.get_by_role("button", name=visitor.says("photo.sample_number", number=2)).click()
    visitor.wait_for("prediction", "dusk")
    visitor.settle()
    visitor.screenshot("sample")

    panel.get_by_text(visitor.says("photo.camera"), exact=True).click()
    panel.get_by_role("button", name=visitor.says("camera.take")).click()
    photo = visitor.page.locator('img[data-fv-layer="photo"][data-fv-title^="camera"]')
    expect(photo).to_have_js_property("naturalWidth", 3840)  # all that the fake camera has
    expect(photo).to_have_js_property("naturalHeight", 2160)
    visitor.settle()
    visitor.screenshot("camera")


def rotated(format: str, size: tuple[int, int] = (4000, 3000)) -> bytes:
    """A phone's upright photo: stored lying on its side, with a note to turn it."""
    ramp = np.linspace(0, 255, size[0], dtype=np.uint8)
    lying = Image.merge("RGB", [Image.fromarray(np.tile(ramp, (size[1], 1)))] * 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    lying.save(out, format, exif=exif)
    return out.getvalue()


def deep_grey_png() -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.linspace(0, 65535, 300 * 200).reshape(200, 300).astype(np.uint16)).save(
        out, "PNG"
    )
    return out.getvalue()
