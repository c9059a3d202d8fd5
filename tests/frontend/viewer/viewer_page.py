"""A page with layers of known pixels and the viewer, opened in a real browser."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import viewer
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FRONTEND = Path(viewer.__file__).parents[1]
COLORS = {0: (0, 0, 0), 1: (128, 64, 128), 2: (70, 130, 180), 3: (220, 220, 0)}
ONE, TWO = COLORS[1], COLORS[2]
NAMES = ("void", "flat", "sky", "sign")
GREY = (128, 128, 128)
WIDTH, HEIGHT, SCALE = 64, 32, 10
"""Of the photo, and how many pixels on screen each of its pixels is wide."""

HTML = "text/html; charset=utf-8"
MODELS = {"prediction": '{"model": "<é>:1"}', "other": '{"model": "b:2"}'}

Values = NDArray[np.uint8]
CATALOGUE = json.loads((FRONTEND / "texts.json").read_text(encoding="utf-8"))


def photo() -> Values:
    return np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)


def truth() -> Values:
    """Left half 1, right half 2; not evaluated in the upper left corner."""
    mask = np.ones((HEIGHT, WIDTH), np.uint8)
    mask[:, WIDTH // 2 :] = 2
    mask[:8, :8] = 255
    return mask


def prediction() -> Values:
    """1 is too wide, and there is a stripe of 0 below."""
    mask = np.ones((HEIGHT, WIDTH), np.uint8)
    mask[:, 40:] = 2
    mask[24:] = 0
    return mask


def source(pixels: Values, *, mask: bool = True) -> str:
    """The pixels as PNG in a data URL: a palette of the categories where they are a mask's."""
    image, out = Image.fromarray(pixels), io.BytesIO()
    if mask:
        palette = np.zeros((256, 3), np.uint8)
        for id, color in COLORS.items():
            palette[id] = color
        image.putpalette(palette.tobytes())
        image.save(out, "PNG", transparency=b"\xff" * 255 + b"\0")
    else:
        image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def layer(name: str, src: str, title: str = "a_1", **data: str) -> str:
    attributes = {"layer": name, "title": title, **data}
    written = "".join(f' data-fv-{key}="{escape(value)}"' for key, value in attributes.items())
    return f'<img alt="{name}" src="{src}"{written}>'


def layers(title: str = "a_1", **masks: Values) -> str:
    """A grey photo and masks; predictions have a document with them."""
    html = layer("photo", source(photo(), mask=False), title)
    for name, pixels in masks.items():
        data = {"json": MODELS[name]} if name in MODELS else {}
        html += layer(name, source(pixels, mask=name != "confidence"), title, **data)
    return html


def mount(lang: str = "en", *, two: bool = False) -> str:
    rows = [
        {"id": id, "name": name, "label": name.title(), "color": "#{:02x}{:02x}{:02x}".format(*rgb)}
        for name, (id, rgb) in zip(NAMES, COLORS.items(), strict=True)
    ]
    texts = {
        key.removeprefix(start): words[lang]
        for start in ("viewer.", *["viewer_two."] * two)
        for key, words in CATALOGUE.items()
        if key.startswith(start)
    }
    texts["protocol"] = "official"
    setup = escape(json.dumps({"categories": rows, "texts": texts}))
    return f'<div class="fv-viewer" data-fv-setup="{setup}"></div>'


def document(body: str) -> str:
    css = (FRONTEND / "viewer.css").read_text(encoding="utf-8")
    return (
        f"<!doctype html><style>{css} * {{ box-sizing: border-box }} body {{ margin: 0 }}"
        f" main img {{ max-width: 64px }}</style>"
        f'<main id="layers"></main><div id="mounts">{body}</div><script>{viewer.script()}</script>'
    )


@contextmanager
def opened(browser: "Browser", body: str, query: str = "", **settings: Any) -> Iterator["Page"]:
    """Open a page with a mount point at an address; afterwards nothing may have failed."""
    window = {"width": SCALE * WIDTH, "height": 900}
    context = browser.new_context(**{"viewport": window, **settings})
    context.set_default_timeout(60_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/*", lambda route: route.fulfill(body=document(body), content_type=HTML))
    page.goto(f"http://127.0.0.1/?{query}")
    yield page
    context.close()
    assert errors == []


class Picture:
    """The viewer as visitors find it."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.root = page.locator(".fv-viewer")
        self.canvas = self.root.get_by_role("application")

    def show(self, html: str) -> "Picture":
        """Have the page show these layers instead of those it shows."""
        self.page.evaluate("html => document.getElementById('layers').innerHTML = html", html)
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until what the page holds is decoded and painted."""
        frames = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 5)))"
        for _ in range(2):
            self.page.evaluate(frames)
        self.page.wait_for_function("() => !document.querySelector('.fv-viewer[aria-busy=true]')")

    def choose(self, side: str, view: str) -> None:
        self.root.get_by_role("combobox", name=side).select_option(label=view)
        self.settle()

    def chosen(self) -> list[str]:
        """The views on the left and on the right."""
        options = self.root.locator("select option:checked")
        return [option.inner_text() for option in options.all()]

    def slide(self, name: str, value: int) -> None:
        self.root.get_by_role("slider", name=name).fill(str(value))
        self.settle()

    def pixel(self, x: float, y: float) -> tuple[int, ...]:
        """The colour on screen in the middle of a pixel of the photo that is shown whole."""
        at = [(x + 0.5) / WIDTH, (y + 0.5) / HEIGHT]
        color: list[int] = self.canvas.evaluate(
            """(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(
                Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data]""",
            at,
        )
        return tuple(color[:3])

    def colors(self, x: int, y: int) -> set[tuple[int, ...]]:
        """All colours on screen within 3 x 3 pixels of the photo."""
        data: Any = self.canvas.evaluate(
            """(canvas, [x, y, width]) => {
                const s = canvas.width / width;
                return [...canvas.getContext("2d").getImageData(x * s, y * s, 3 * s, 3 * s).data];
            }""",
            [x, y, WIDTH],
        )
        return {tuple(row[:3]) for row in np.reshape(data, (-1, 4)).tolist()}

    def press(self, name: str) -> None:
        self.root.get_by_role("button", name=name).click()
        self.settle()

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the photo, shown whole, is in the window."""
        box = self.canvas.bounding_box()
        assert box
        return box["x"] + (x + 0.5) / WIDTH * box["width"], box["y"] + (y + 0.5) / HEIGHT * box[
            "height"
        ]

    def hover(self, x: float, y: float) -> str:
        """Point at a pixel of the photo, shown whole; return what is said about it."""
        self.page.mouse.move(*self.point(x, y))
        return self.readout()

    def readout(self) -> str:
        return self.words(".fv-readout")

    def words(self, selector: str) -> str:
        return self.root.locator(selector).inner_text().replace("\u00a0", " ")
