"""HTML fragments of the page: figures, overlay, legend. Everything put into them is escaped."""

import base64
import re
from collections.abc import Iterable, Sequence
from html import escape

from api_client import Category, Picture, Share

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


def main_shares(shares: Iterable[Share], most: int = 3) -> str:
    """Say in words what a mask shows: "41 % flat, 22 % construction"."""
    largest = sorted(shares, key=lambda row: row.share, reverse=True)[:most]
    words = [f"{row.share:.0%} {row.category.name}" for row in largest if row.share >= 0.005]
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


def legend(title: str, shares: Sequence[Share]) -> str:
    """Tabulate categories: colour, name, share of the picture as bar and number."""
    # Bars end at the largest share: eight bars of a few percent would all look alike.
    largest = max((row.share for row in shares), default=0.0) or 1.0
    rows = "".join(_legend_row(row, row.share / largest) for row in shares)
    return (
        f'<table class="fv-legend"><caption>{escape(title)}</caption>'
        '<thead><tr><th scope="col">Category</th><th aria-hidden="true"></th>'
        f'<th scope="col">Share</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _legend_row(row: Share, length: float) -> str:
    color = _css_color(row.category)
    return (
        f'<tr><th scope="row">{_swatch(row.category)} {escape(row.category.name)}</th>'
        '<td class="fv-track" aria-hidden="true">'
        f'<div class="fv-bar" style="width:{100 * length:.1f}%;background:{color}"></div></td>'
        f'<td class="fv-number">{100 * row.share:.1f}&nbsp;%</td></tr>'
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
