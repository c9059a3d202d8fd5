"""HTML fragments of pictures. Everything put into them is escaped."""

import base64
import re
from html import escape

from future_vision import Picture

_BROWSER_SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM"), "image/bmp"),
)


def browser_picture(data: bytes) -> Picture | None:
    """Name the type of picture bytes by their first few, None where no browser shows them."""
    for signature, media_type in _BROWSER_SIGNATURES:
        if signature.match(data):
            return Picture(media_type, data)
    return None


def needs_drawing(picture: Picture) -> bool:
    """Whether browsers may show a photo turned otherwise than the API sees it, or not at all.

    They ignore the EXIF rotation of WebP and of some PNG files, and of a JPEG all EXIF segments
    but the first.
    """
    match picture.media_type:
        case "image/jpeg":
            return _exif_segments(picture.data) > 1
        case "image/png":
            return b"eXIf" in picture.data
        case "image/webp":
            return b"EXIF" in picture.data
    return picture.media_type == "image/tiff"


def _exif_segments(jpeg: bytes) -> int:
    """Count the EXIF segments before the pixels; previews and trailers behind have their own."""
    count, at = 0, 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        count += jpeg[at + 1] == 0xE1 and jpeg.startswith(b"Exif\0", at + 4)
        at += 2 + max(2, int.from_bytes(jpeg[at + 2 : at + 4]))
    return count


def layer(picture: Picture, name: str, title: str, protocol: str = "", document: str = "") -> str:
    """Return a picture that nobody sees but the viewer.

    Args:
        picture: the photo, or a mask or grey picture of it.
        name: "photo", "truth", "prediction", "other" or "confidence".
        title: of the photo.
        protocol: by which it is made; layers of one title and protocol lie over each other.
        document: JSON about a predicted mask, for download.
    """
    said = {"layer": name, "title": title, "protocol": protocol, "json": document}
    data = "".join(f' data-fv-{name}="{escape(value)}"' for name, value in said.items())
    return f'<img hidden alt="" src="{_source(picture)}"{data}>'


def thumbnail(picture: Picture | None, badge: str = "") -> str:
    """Show a small picture whose words are on the button below; where there is none, its place.

    Args:
        picture: what to show.
        badge: a few words over its corner, such as a score.
    """
    over = f'<span class="fv-score">{escape(badge)}</span>' if badge else ""
    if picture is None:
        return f'<div class="fv-thumbnail"></div>{over}'
    return f'<img class="fv-thumbnail" src="{_source(picture)}" alt="">{over}'


def overlap(first: str, second: str) -> str:
    """Draw two areas of these names that overlap; the words beside it say what that means."""
    areas = "".join(f"<div>{escape(name)}</div>" for name in (first, second))
    return f'<div class="fv-overlap" aria-hidden="true">{areas}</div>'


def saved(label: str, name: str, media_type: str, data: bytes) -> str:
    """Return a button that saves a file, by the viewer's script: the static site has no server."""
    source = _source(Picture(media_type, data))
    file = f'data-fv-save="{source}" data-fv-name="{escape(name)}"'
    return f'<button type="button" class="fv-save" {file}>{escape(label)}</button>'


def _source(picture: Picture) -> str:
    return escape(f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}")
