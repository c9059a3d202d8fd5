"""HTML fragments of the page: figures, overlay, legend. Everything put into them is escaped."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from future_vision import Category, Picture

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


def main_shares(shares: Mapping[str, float], most: int = 3) -> str:
    """Say in words what a mask shows: "41 % flat, 22 % construction"."""
    largest = sorted(shares.items(), key=lambda row: row[1], reverse=True)[:most]
    words = [f"{share:.0%} {name}" for name, share in largest if share >= 0.005]
    return ", ".join(words).replace("%", " %")


def figure(title: str, picture: Picture, alt: str, *, mask: bool = False) -> str:
    """Show a picture over its title; the pixels of a mask stay sharp."""
    return _framed(title, _image(picture, alt, "fv-mask" if mask else ""))


def placeholder(title: str, text: str) -> str:
    """Hold a figure's place with a sentence."""
    return _framed(title, f'<div class="fv-empty">{escape(text)}</div>')


def overlay(title: str, photo: Picture, mask: Picture, alt: str, name: str) -> str:
    """Lay a mask over its photo; `opacity_style` with the same name says how strongly.

    The browser mixes the two, so that a new opacity costs neither a call nor a transfer.
    """
    layers = _image(photo, alt) + _image(mask, "", "fv-mask fv-layer")
    return _framed(title, f'<div class="fv-stack fv-stack-{escape(name)}">{layers}</div>')


def opacity_style(name: str, opacity: float) -> str:
    """Set the opacity of the overlay of that name, 0.0 to 1.0."""
    return f"<style>.fv-stack-{escape(name)} {{ --fv-opacity: {opacity:.2f} }}</style>"


def grid(figures: Sequence[str]) -> str:
    """Put figures side by side, or below each other where the screen is narrow."""
    return f'<div class="fv-grid">{"".join(figures)}</div>'


def key(categories: Iterable[Category]) -> str:
    """List categories with their colours."""
    items = "".join(f"<li>{_swatch(row)} {escape(row.name)}</li>" for row in categories)
    return f'<ul class="fv-key" aria-label="Categories">{items}</ul>'


def legend(title: str, categories: Iterable[Category], shares: Mapping[str, float]) -> str:
    """Tabulate categories: colour, name, share of the picture as bar and number."""
    # Bars end at the largest share: eight bars of a few percent would all look alike.
    largest = max(shares.values(), default=0.0) or 1.0
    rows = "".join(_legend_row(row, shares.get(row.name, 0.0), largest) for row in categories)
    return (
        f'<table class="fv-legend"><caption>{escape(title)}</caption>'
        '<thead><tr><th scope="col">Category</th><th aria-hidden="true"></th>'
        f'<th scope="col">Share</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _legend_row(row: Category, share: float, largest: float) -> str:
    style = f"width:{100 * share / largest:.1f}%;background:{_css_color(row)}"
    return (
        f'<tr><th scope="row">{_swatch(row)} {escape(row.name)}</th>'
        '<td class="fv-track" aria-hidden="true">'
        f'<div class="fv-bar" style="{style}"></div></td>'
        f'<td class="fv-number">{100 * share:.1f}&nbsp;%</td></tr>'
    )


def _framed(title: str, content: str) -> str:
    caption = f"<figcaption>{escape(title)}</figcaption>"
    return f'<figure class="fv-figure">{caption}{content}</figure>'


def _image(picture: Picture, alt: str, css_class: str = "") -> str:
    source = f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
    return f'<img src="{escape(source)}" alt="{escape(alt)}" class="{css_class}">'


def _swatch(category: Category) -> str:
    style = f"background:{_css_color(category)}"
    return f'<span class="fv-swatch" style="{style}" aria-hidden="true"></span>'


def _css_color(category: Category) -> str:
    known = re.fullmatch(r"#[0-9a-fA-F]{6}", category.color)
    return category.color if known else "transparent"
