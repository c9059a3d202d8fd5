"""Which files count as photos and masks, by their names."""

from pathlib import Path

import pytest

from function_app.vision.file_names import is_mask, is_photo, mask_files, photo_files


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "A.JPG", "b.Jpeg", "c.jpe", "c.JFIF", "d.PNG", "e.webp", "f.bmp", "g.TIF",
     "h.tiff", "photos/deep/ä b.c.jpg", Path("x/y.jpeg")],
)  # fmt: skip
def test_suffixes_of_photos_count_in_any_case(name: str) -> None:
    assert is_photo(name)


@pytest.mark.parametrize(
    "name",
    ["a.gif", "a", "jpg", ".jpg", "._a.jpg", "photos/._a.png", ".DS_Store", "Thumbs.db",
     "a.jpg.txt", "desktop.ini", "a.xmp", ""],
)  # fmt: skip
def test_other_and_hidden_files_are_no_photos(name: str) -> None:
    assert not is_photo(name)
    assert not is_mask(name)


def test_masks_are_png_in_any_case() -> None:
    assert is_mask("a_gtFine_labelIds.PNG")
    assert not is_mask("a.jpg")


def test_a_folder_s_photos_come_by_name_without_strays(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "._a.JPG", ".DS_Store", "Thumbs.db", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in photo_files(tmp_path)] == ["a.JPG", "b.png"]
    assert [path.name for path in mask_files(tmp_path)] == ["b.png"]
