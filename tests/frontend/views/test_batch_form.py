import json
import time
from typing import Any

import pytest
from canned_answers import ACTIVE, OTHER
from canned_api import CannedApi, problem
from page_text import html
from streamlit.testing.v1 import AppTest


@pytest.fixture
def tab(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.delenv("EXPLORER_BATCHES", raising=False)
    app.query_params["view"] = "batches"
    return app


def said(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown)


def posts(api: CannedApi) -> list[Any]:
    calls = zip(api.asked, api.bodies, strict=True)
    return [json.loads(body) for call, body in calls if call == "POST /api/batches"]


def test_what_will_happen_is_said_before(tab: AppTest, api: CannedApi) -> None:
    tab.run()
    assert not tab.exception
    assert "tiny\\:1\\.0\\.0 predicts all stored photos: more than 2" in said(tab)
    assert "Their masks are stored" in said(tab)
    assert "known only once the batch is planned" in said(tab)
    api.page_size = 1000
    tab.get("button_group")[1].set_value("prefix").run()
    assert tab.button(key="batch_start").disabled
    assert tab.info[0].value == "Say first how the ids begin."
    tab.text_input(key="batch_prefix").set_value("b").run()
    assert "whose ids begin with b: about 1" in said(tab)
    tab.text_input(key="batch_prefix").set_value("zz").run()
    assert tab.button(key="batch_start").disabled
    assert tab.info[0].value == "No stored photo fits."
    tab.get("button_group")[1].set_value("folder").run()
    tab.text_input(key="batch_folder").set_value("*val*").run()
    assert "in the folder \\*val\\* and below it. How many there are is not known" in said(tab)
    tab.toggle(key="batch_masks").set_value(False).run()
    assert "Their masks are stored" not in said(tab)
    tab.toggle(key="batch_evaluation").set_value(False).run()
    assert tab.button(key="batch_start").disabled
    assert not posts(api)


def test_starting_names_the_batch_in_the_address(tab: AppTest, api: CannedApi) -> None:
    tab.run().button(key="batch_start").click().run()
    assert not tab.exception
    assert posts(api) == [{"model": ACTIVE, "outputs": ["masks", "evaluation"]}]
    assert tab.query_params["batch"] == ["started-0"]
    assert tab.selectbox(key="choice_batch").value == "started-0"
    assert "<dd>being planned</dd>" in html(tab)
    assert not tab.button(key="batch_start").disabled
    tab.run()
    assert len(posts(api)) == 1


def test_a_choice_is_told_to_the_api(tab: AppTest, api: CannedApi) -> None:
    tab.query_params["model"] = OTHER
    tab.run().get("button_group")[1].set_value("folder").run()
    tab.text_input(key="batch_folder").set_value(" val ").run()
    tab.toggle(key="batch_masks").set_value(False).run()
    tab.button(key="batch_start").click().run()
    assert posts(api) == [{"folder": "val", "model": OTHER, "outputs": ["evaluation"]}]
    (label,) = tab.selectbox(key="choice_batch").options
    assert label == f"2026-01-02 03:04:05 UTC · folder val · {OTHER}"


def test_a_start_that_fails_says_why_and_is_not_repeated(tab: AppTest, api: CannedApi) -> None:
    tab.run()
    api.start_refusal = problem(422, "That is *no* folder.")
    tab.button(key="batch_start").click().run()
    assert tab.error[0].value == "That is \\*no\\* folder\\."
    assert not tab.warning
    assert not tab.button(key="batch_start").disabled
    api.start_refusal = problem(503, "Away.")
    time.sleep(1)
    tab.button(key="batch_start").click().run()
    assert "may have begun all the same" in tab.warning[0].value
    api.start_refusal = None
    tab.run()
    assert not tab.error
    assert len(posts(api)) == 2


def test_a_double_click_is_one_batch(
    tab: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.batch_form.DOUBLE_CLICK_S", 60.0)  # the page may take its time
    tab.run().button(key="batch_start").click().run()
    tab.button(key="batch_start").click().run()
    assert len(posts(api)) == 1


def test_another_batch_can_be_started_at_once_after_cancelling(
    tab: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.batch_form.DOUBLE_CLICK_S", 60.0)
    tab.run()
    for key in ("batch_start", "batch_stop", "batch_yes", "batch_start"):
        tab.button(key=key).click().run()
    assert len(posts(api)) == 2
