"""Choices that the page's address keeps, and the published models as one of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import address
import parts
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from texts import text

Models = Mapping[str, Mapping[str, Any]]
"""What is published of each model, by name:version."""


def published(models: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the published models by name:version, the active one first.

    Args:
        models: what the API tells of them (`Client.models`).
    """
    rows = {f"{row['name']}:{row['version']}": row for row in models["models"]}
    return dict(sorted(rows.items(), key=lambda item: item[0] != models["active"]))


def choose(
    parameter: str, label: str, options: Sequence[str], default: str,
    said: Callable[[str], str] = str, resets: Sequence[str] = (),
    warn: DeltaGenerator | None = None,
) -> str:  # fmt: skip
    """Draw a list and return what is chosen in it.

    Args:
        parameter: of the page's address, which keeps the choice.
        label: over the list.
        options: at least one.
        default: the choice of an address that names none of the options.
        said: what an option is called.
        resets: parameters that another choice takes out of the address.
        warn: where it is said that the address names none of the options; else above the list.
    """
    wanted = st.query_params.get(parameter) or default
    chosen = wanted if wanted in options else default
    if wanted != chosen:
        here = parts.plain(said(chosen))
        (warn or st).warning(
            text("choice.unknown", choice=label, wanted=parts.plain(wanted), chosen=here)
        )
    key = f"choice_{parameter}"

    def remember() -> None:
        # A list that comes into sight again may report its old choice as new.
        if st.session_state[key] != chosen:
            others = dict.fromkeys(resets)
            address.put(**others, **{parameter: st.session_state[key] or None})

    st.session_state[key] = chosen
    names = {option: said(option) for option in options}
    st.selectbox(label, options, format_func=names.__getitem__, key=key, on_change=remember)
    return chosen


def protocol(name: str) -> str:
    """Return what a protocol of evaluation is called."""
    return text("choice.official") if name == "official" else text("choice.with_void")


def data_set(metric: Mapping[str, Any]) -> str:
    """Return the name of what a published score was measured on: "camvid val"."""
    return f"{metric['data']} {metric['split']}"


def pixels(size: Mapping[str, int]) -> str:
    """Write a model's input size."""
    return f"{size['width']}x{size['height']}"


def means(model: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what was published of a model by the official protocol, by the name of the data."""
    return {data_set(row): row for row in model["metrics"] if row["protocol"] == "official"}


def other_than(name: str, models: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the model to compare with: of another input size, else of another mean IoU.

    Args:
        name: of a model.
        models: at least two, by name:version.
    """

    def unlike(other: str) -> tuple[bool, float]:
        mine, others = means(models[name]), means(models[other])
        gaps = [
            abs(mine[key]["mean_iou"] - others[key]["mean_iou"]) for key in mine if key in others
        ]
        return models[other].get("input") != models[name].get("input"), max(gaps, default=0.0)

    return max((other for other in models if other != name), key=unlike)


def open_scene(scene_id: str, a: str, b: str | None = None) -> None:
    """Show a scene from the next run on, with the masks of models A and B if both are named."""
    address.put(view="scenes", id=scene_id, model=a, other=b)
