"""View of a photo that the visitor brings along."""

from dataclasses import dataclass
from pathlib import Path

import parts
import pictures
import streamlit as st
from future_vision import ApiError, Category, Picture, Prediction
from service import asked
from streamlit.runtime.uploaded_file_manager import UploadedFile

NAME = "own"


@dataclass(frozen=True)
class Segmented:
    """An uploaded photo, fit for a browser, with what the API made of it."""

    photo: Picture
    prediction: Prediction


async def show(categories: tuple[Category, ...]) -> None:
    """Take a photo and show its prediction."""
    # No list of types: the API knows what it accepts and says so better than a greyed-out file.
    upload = st.file_uploader("A street photo: JPEG, PNG, WebP, BMP or TIFF", key="upload")
    st.caption("The photo goes to the prediction service, which does not keep it.")
    if upload is None:
        st.session_state.pop(NAME, None)
        return
    result = await _segmented(upload)
    if isinstance(result, ApiError):
        parts.show_error(result, NAME)
    else:
        _show_result(upload.name, result, categories)


async def _segmented(upload: UploadedFile) -> Segmented | ApiError:
    """Have a file segmented, once: reruns find the outcome in the session.

    A refusal is final for that file; a failure that may pass is not kept, so a rerun tries anew.
    """
    kept: tuple[str, Segmented | ApiError] | None = st.session_state.get(NAME)
    if kept and kept[0] == upload.file_id:
        return kept[1]
    outcome: Segmented | ApiError
    try:
        with st.spinner("Predicting …"):
            outcome = await _segment(upload.getvalue())
    except ApiError as error:
        outcome = error
    if isinstance(outcome, ApiError) and outcome.may_pass:
        return outcome
    st.session_state[NAME] = (upload.file_id, outcome)
    return outcome


async def _segment(data: bytes) -> Segmented:
    prediction = await asked(lambda client: client.predict(data))
    photo = pictures.browser_picture(data)
    if photo is None:  # an overlay without its colours is the photo as JPEG
        photo = await asked(lambda client: client.render(data, "overlay", alpha=0))
    return Segmented(photo, prediction)


def _show_result(name: str, result: Segmented, categories: tuple[Category, ...]) -> None:
    photo = pictures.figure("Photo", result.photo, f"Your photo {name}")
    st.html(pictures.grid([photo, parts.mask_figure(result.prediction)]))
    parts.show_details(NAME, Path(name).stem, result.prediction, result.photo, categories)
