"""What one or two models score on the gallery's scenes together, and each scene's as CSV."""

from collections.abc import Sequence

import parts
import pictures
import scores
import scoring
import streamlit as st
import tables
from future_vision import Category
from texts import number, text


def show(ids: Sequence[str], models: Sequence[str], categories: Sequence[Category]) -> None:
    """Show the scores of those scenes that every model has scored, if there are any.

    Args:
        ids: of the scenes that are to be scored.
        models: A, or A and B.
        categories: all of them.
    """
    kept = scoring.known()
    scored = [id for id in ids if all((id, model) in kept for model in models)]
    if not scored:
        return
    with st.expander(text("gallery.together")):
        counts = {"done": number(len(scored)), "total": number(len(ids))}
        caption = text("gallery.together_iou", **counts)
        sums = [scoring.added(scored, model) for model in models]
        names = set(kept[scored[0], models[0]].iou)
        ious = [scores.iou(matrix, [row.name for row in categories], names) for matrix in sums]
        if len(models) == 1:
            parts.show_scores(caption, text("quality.added"), categories, ious[0], sums[0])
        else:
            rows = [row for row in categories if row.name in names]
            a, b = ious
            st.html(tables.pair_of_ious(caption, rows, a, b, scores.mean(a), scores.mean(b)))
            st.caption(text("quality.added"))
        data = table(scored, models)
        st.html(pictures.saved(text("gallery.csv"), "scenes.csv", "text/csv", data))


def table(ids: Sequence[str], models: Sequence[str]) -> bytes:
    """Return the scenes' mean IoU by each model as CSV (RFC 4180), and B - A of two models."""
    kept = scoring.known()
    rows: list[list[object]] = [["scene", *models, *(["difference"] if models[1:] else [])]]
    for id in ids:
        means = [kept[id, model].mean for model in models]
        rows.append([id, *means])
        if models[1:]:
            a, b = means
            rows[-1].append(None if a is None or b is None else b - a)
    return tables.as_csv(rows)
