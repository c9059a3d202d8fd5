"""Parts that both views of the page show: a prediction's details, an error, plain text."""

import re

import pictures
import streamlit as st
from future_vision import ApiError, Category, Picture, Prediction


def show_details(
    view: str,
    title: str,
    prediction: Prediction,
    photo: Picture,
    categories: tuple[Category, ...],
) -> None:
    """Show a prediction's legend, overlay and origin, and offer the mask.

    Args:
        view: name that keeps the widgets of two views apart.
        title: of the photo; the mask's file is called after it.
        prediction: what to show.
        photo: what was segmented.
        categories: all there are; a prediction may leave out those it does not show.
    """
    left, right = st.columns([3, 2], gap="medium")
    with left:
        alt = f"Overlay of the prediction on the photo: {pictures.main_shares(prediction.shares)}"
        st.html(pictures.overlay("Overlay", photo, prediction.mask, alt, view))
        opacity = st.slider("Mask opacity", 0, 100, 50, format="%d %%", key=f"{view}_opacity")
        st.html(pictures.opacity_style(view, opacity / 100))
    with right:
        st.html(pictures.legend("Predicted shares", categories, prediction.shares))
        st.caption(plain(_origin(prediction)))
        st.download_button(
            "Download mask (PNG)",
            prediction.mask.data,
            file_name=f"{title}_mask.png",
            mime=prediction.mask.media_type,
            on_click="ignore",
            key=f"{view}_download",
        )


def mask_figure(prediction: Prediction) -> str:
    """Return the figure of a predicted mask."""
    alt = f"Predicted mask: {pictures.main_shares(prediction.shares)}"
    return pictures.figure("Predicted mask", prediction.mask, alt, mask=True)


def show_error(error: ApiError, name: str) -> None:
    """Say what went wrong and, where another try can help, offer it.

    The button does nothing but rerun the page: failed answers are kept nowhere.
    """
    st.error(plain(error.detail))
    if error.request_id:
        st.caption(f"Request id {plain(error.request_id)}")
    if error.may_pass:
        st.button("Retry", key=f"{name}_retry")


def plain(text: str) -> str:
    """Escape text for Streamlit's Markdown, so that nothing in it is taken for markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _origin(prediction: Prediction) -> str:
    steps = dict(prediction.timings_ms)
    total = steps.pop("total", sum(steps.values()))
    parts = ", ".join(f"{step} {ms:.0f}" for step, ms in steps.items())
    size = f"{prediction.width} x {prediction.height} pixels"
    return f"{prediction.model} · {size} · {total:.0f} ms in the service ({parts})"
