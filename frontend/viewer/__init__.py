"""The viewer: one picture made of layers, drawn by a script in the visitor's browser.

It finds the layers in the page (`pictures.layer`) and the place where to show them, so that a
change of opacity, category or zoom costs neither a call nor a transfer.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st
import texts
from future_vision import Category

FOLDER = Path(__file__).parent


@cache
def script() -> str:
    """Return the script, exactly as it stands between its tags: a content-security policy names
    it by its hash."""
    files = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.js")))
    # Streamlit's sanitiser (DOMPurify) drops a script in which it sees what could be a tag.
    files = re.sub(r"<(?=[\w/!])", "< ", files)
    return f'(() => {{\n"use strict";\n{files}}})();'


def start() -> None:
    """Send the script, once per page; a rerun does not run it again."""
    # A script that came first would be taken for a part of the document's head, and dropped.
    st.html(f"<span></span><script>{script()}</script>", unsafe_allow_javascript=True)


def place(categories: Sequence[Category], protocol: str, *, two: bool) -> None:
    """Show the layers of the page here, as long as there is a photo among them.

    Args:
        categories: all of them.
        protocol: by which pixels are counted, "official" or "with_void".
        two: whether there are, or soon will be, predictions of two models, A and B.
    """
    rows = [
        {"id": row.id, "name": row.name, "label": texts.category(row.name), "color": row.color}
        for row in categories
    ]
    words = texts.section("viewer") | (texts.section("viewer_two") if two else {})
    words["protocol"] = texts.text(f"choice.{protocol}")
    setup = json.dumps({"categories": rows, "texts": words})
    st.html(f'<div class="fv-viewer" data-fv-setup="{escape(setup)}"></div>')
