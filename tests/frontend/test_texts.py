import ast
import json
import re
from pathlib import Path

import texts
from streamlit.testing.v1 import AppTest

FRONTEND = Path(__file__).parents[2] / "frontend"
CATALOGUE = json.loads((FRONTEND / "texts.json").read_text(encoding="utf-8"))
# Read as whole sections: by the viewer's script, by the loading page, by what the API says.
SECTIONS = ("viewer.", "viewer_two.", "loading.", "category.", "problem.", "step.", "camera.")


def in_language(code: str, expression: str) -> str:
    source = f"import streamlit as st, texts\nst.text({expression})"
    app = AppTest.from_string(source, default_timeout=120)
    app.query_params["lang"] = code
    app.run()
    assert not app.exception
    return app.text[0].value


def test_every_sentence_is_there_in_every_language() -> None:
    for key, row in CATALOGUE.items():
        assert list(row) == list(texts.LANGUAGES), key
        fields = [sorted(re.findall(r"\{\w*\}", sentence)) for sentence in row.values()]
        assert fields[0] == fields[1], key
        for sentence in row.values():
            assert sentence.strip(), key
            assert "'" not in sentence, f"{key}: an apostrophe is U+2019"
        assert not re.search(r" [:;!?…]", row["fr"]), f"{key}: before these a space is U+00A0"


def test_every_problem_of_the_api_has_a_sentence() -> None:
    document = json.loads((FRONTEND.parent / "function_app/http/openapi.json").read_text("utf-8"))
    types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert types
    slugs = [name.rpartition(":")[2] for name in types]
    assert [slug for slug in slugs if f"problem.{slug}" not in CATALOGUE] == []


def test_every_sentence_that_the_page_asks_for_exists_and_none_is_left_over() -> None:
    asked = set()
    for path in FRONTEND.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "text"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                asked.add(node.args[0].value)
            # Keys that are built of parts: text(f"scenes.{name}").
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                asked |= {key for key in CATALOGUE if "." in start and key.startswith(start)}
    assert asked - set(CATALOGUE) == set()
    left_over = {key for key in CATALOGUE if key not in asked and not key.startswith(SECTIONS)}
    assert left_over == set()


def test_numbers_are_written_as_the_language_does() -> None:
    assert in_language("en", "texts.number(12345.678, 1)") == "12,345.7"
    assert in_language("fr", "texts.number(12345.678, 1)") == "12\u202f345,7"
    assert in_language("en", "texts.percent(0.4567, 1)") == "45.7\u00a0%"
    assert in_language("fr", "texts.percent(0.4567, 1)") == "45,7\u00a0%"


def test_categories_have_names_in_every_language() -> None:
    assert in_language("fr", "texts.category('sky')") == "ciel"
    assert in_language("fr", "texts.category('lagoon')") == "lagoon"
