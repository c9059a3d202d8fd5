import json
from typing import Any

from streamlit.testing.v1 import AppTest

SOURCE = """
import json, streamlit as st, charts
curves = {"<b>fog": [0.7, 0.6], "noise": [0.75, 0.31]}
st.text(json.dumps(charts.robustness("Fog & noise", "9 photos", 0.78, curves)))
"""


def spec(language: str = "en") -> dict[str, Any]:
    app = AppTest.from_string(SOURCE, default_timeout=120)
    app.query_params["lang"] = language
    app.run()
    assert not app.exception
    found: dict[str, Any] = json.loads(app.text[0].value)
    return found


def test_all_data_stands_in_the_layers() -> None:
    chart = spec()
    assert "data" not in chart
    for layer in chart["layer"]:
        rows = layer["data"]["values"]
        assert [(r["kind"], r["strength"], r["iou"]) for r in rows] == [
            ("<b>fog", "0", 0.78), ("<b>fog", "1", 0.7), ("<b>fog", "2", 0.6),
            ("noise", "0", 0.78), ("noise", "1", 0.75), ("noise", "2", 0.31),
        ]  # fmt: skip


def test_it_says_what_it_shows_and_without_colour_too() -> None:
    chart = spec()
    assert chart["title"]["text"] == ["Fog & noise", "9 photos"]
    assert chart["description"] == "Fog & noise: 9 photos"
    lines, points = (layer["encoding"] for layer in chart["layer"])
    for channel in (lines["color"], lines["strokeDash"], points["shape"]):
        assert channel["scale"]["domain"] == ["<b>fog", "noise"]
        assert len({json.dumps(look) for look in channel["scale"]["range"]}) == 2


def test_the_axis_starts_at_zero_and_fits_the_best() -> None:
    assert spec()["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, 0.8]


def test_numbers_are_written_as_the_language_does() -> None:
    chart = spec("fr")
    assert chart["layer"][0]["data"]["values"][0]["said"] == "0,780"
    assert "','" in chart["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
