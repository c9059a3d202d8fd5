"""What the smoke test reads in files: masks, photos, the static site's page and configuration."""

import json
import re
import struct

from local.smoke.asking import SmokeError

PNG = b"\x89PNG\r\n\x1a\n"
PALETTE = 3
"""PNG's colour type of pictures whose pixel values are indices (W3C PNG, 11.2.1)."""


class FileError(SmokeError):
    """A file has the wrong content; the message says what came and what was expected."""


def check_mask(mask: bytes, photo: bytes, palette: bytes) -> None:
    """Raise FileError unless a mask is an 8-bit palette PNG of the photo's size and the colours.

    Args:
        mask: what came.
        photo: a baseline or progressive JPEG.
        palette: red, green, blue of each category, in order of the ids.
    """
    if not mask.startswith(PNG):
        raise FileError(f"the mask begins with {mask[:8]!r}; expected a PNG")
    size, kind = struct.unpack(">II", mask[16:24]), struct.unpack("BB", mask[24:26])
    if kind != (8, PALETTE):
        raise FileError(f"the mask has depth and colour type {kind}; expected {(8, PALETTE)}")
    if size != (expected := jpeg_size(photo)):
        raise FileError(f"the mask has {size} pixels; expected the photo's {expected}")
    at = mask.find(b"PLTE") + 4
    if mask[at : at + len(palette)] != palette:
        raise FileError("the mask's palette is not the categories' colours")


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels, from the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    height, width = struct.unpack(">HH", data[at + 5 : at + 9])
    return width, height


def api_of_site(config: bytes) -> str | None:
    """Return the API's address in a site's config.js, None if it is the site's own host."""
    found = re.fullmatch(rb"globalThis\.APP_CONFIG = (\{.*\});\s*", config)
    if not found:
        raise FileError("config.js sets no APP_CONFIG: python -m local site configure")
    address: str | None = json.loads(found[1]).get("API_BASE_URL")
    return address and address.rstrip("/")


def first_script(page: bytes) -> str:
    """Return the path of the site's own script, which lies in the build's folder."""
    found = re.search(rb'<script type="module" src="\./([\w/.-]+)"', page)
    if not found:
        raise FileError("index.html starts no script: build the site again")
    return found[1].decode()
