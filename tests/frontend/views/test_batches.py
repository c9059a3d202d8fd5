import time
from datetime import UTC, datetime
from typing import Any

import pytest
from canned_answers import ACTIVE, OTHER, batch, evaluation
from canned_api import CannedApi, problem
from future_vision import ApiError
from future_vision_batches import BatchClient, BatchStatus, Failure
from page_text import html
from streamlit.testing.v1 import AppTest
from views.batch_report import Report, Watch

from tests.helpers.waiting import wait_until


@pytest.fixture
def tab(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.delenv("EXPLORER_BATCHES", raising=False)
    app.query_params["view"] = "batches"
    return app


def add(api: CannedApi, id: str, state: str, **more: Any) -> None:
    api.batches[id] = batch(id, more.pop("asked", {}), state, **more)


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def turned(watch: Watch, state: str) -> Report:
    """What is known when the batch has got so far."""

    def reached() -> bool:
        watch.turn()
        return watch.report.status.state == state

    if watch.report.status.state != state:
        wait_until(reached)
    return watch.report


def test_what_runs_is_asked_about_in_the_background(
    api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(api, "one", "planning")
    watch = Watch(Report(BatchClient(api.url).batch("one")))
    watch.turn()
    assert len(api.asked) == 1, "it is not yet time"
    monkeypatch.setattr(BatchStatus, "pause", 0.0)
    watch = Watch(watch.report)
    api.failures = [("x", "It is no photo.")]
    add(api, "one", "running", failed=1)
    assert turned(watch, "running").failures == [Failure("x", "It is no photo.")]
    add(api, "one", "cancelled", failed=1)
    assert turned(watch, "cancelled").failures
    assert api.asked.count("GET /api/batches/one/failures?after=0") == 1, "they are the same"


def test_no_answer_in_the_background_is_told(
    api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BatchStatus, "pause", 0.0)
    add(api, "one", "running")
    watch = Watch(Report(BatchClient(api.url).batch("one")))
    api.batches.clear()
    with pytest.raises(ApiError, match="no batch one"):
        turned(watch, "done")


def test_a_batch_that_runs(tab: AppTest, api: CannedApi) -> None:
    add(api, "one", "running", failed=1, scored=3)
    api.failures = [("<b>x", "It is *no* photo.")]
    tab.run()
    assert not tab.exception
    (bar,) = tab.get("progress")
    assert (bar.value, bar.text) == (50, "Photos: 4 of 8")
    for name, value in (
        ("State", "running"), ("Photos done", "3"), ("Photos failed", "1"), ("Photos left", "4"),
        ("Photos per second", "2.0"), ("Time left", "2 s"), ("Made of each photo", "mask, scores"),
    ):  # fmt: skip
        assert f"<dt>{name}</dt><dd>{value}</dd>" in html(tab)
    mean = evaluation("", ACTIVE)["official"]["mean_iou"]
    assert (
        f"Mean IoU {mean:.3f} (7 categories, official protocol); photos with ground truth: 3"
        in html(tab)
    )
    assert "fv-confusion" in html(tab)
    assert tab.button(key="failure_<b>x").label == "\\<b\\>x"
    assert any(row.value == "It is \\*no\\* photo\\." for row in tab.markdown)
    assert tab.button(key="batch_stop")


def test_one_that_has_ended(tab: AppTest, api: CannedApi) -> None:
    add(api, "one", "done")
    tab.run()
    assert "<dd>done</dd>" in html(tab)
    assert "Time left" not in html(tab)
    assert "batch_stop" not in keys(tab)
    assert "fv-bars" not in html(tab)
    assert not any("failures" in call for call in api.asked)


def test_one_that_failed_says_why(tab: AppTest, api: CannedApi) -> None:
    add(api, "one", "failed")
    tab.run()
    assert tab.warning[0].value == "The batch failed: it \\*chooses\\* no photo."


def test_failures_come_in_pages_and_not_all(tab: AppTest, api: CannedApi) -> None:
    add(api, "one", "done", failed=5)
    api.failures = [(f"p_{number}", "None.") for number in range(5)]
    tab.run()
    assert "**Photos that failed: 5**" in [row.value for row in tab.markdown]
    assert {"failure_p_0", "failure_p_1"} < keys(tab)
    assert "failure_p_2" not in keys(tab)
    assert any("first 2 are listed" in caption.value for caption in tab.caption)


def test_a_failure_leads_to_its_scene(tab: AppTest, api: CannedApi) -> None:
    add(api, "one", "done", failed=1, asked={"model": OTHER})
    api.failures = [("c_2", "None.")]
    tab.run().button(key="failure_c_2").click().run()
    shown = {name: tab.query_params[name] for name in ("view", "id", "model")}
    assert shown == {"view": ["scenes"], "id": ["c_2"], "model": [OTHER]}


def test_results_lead_to_the_scenes_worst_first(tab: AppTest, api: CannedApi) -> None:
    add(api, "one", "done", scored=8, asked={"model": OTHER, "folder": "a/"})
    tab.run().button(key="batch_scenes").click().run()
    shown = {name: tab.query_params[name][0] for name in ("view", "sort", "model", "folder")}
    assert shown == {"view": "scenes", "sort": "worst", "model": OTHER, "folder": "a/"}


def test_cancelling_asks_before(tab: AppTest, api: CannedApi) -> None:
    add(api, "one", "running")
    tab.run().button(key="batch_stop").click().run()
    assert "for good" in tab.warning[0].value
    tab.button(key="batch_no").click().run()
    assert not tab.warning
    assert not any(call.startswith("DELETE") for call in api.asked)
    tab.button(key="batch_stop").click().run()
    tab.button(key="batch_yes").click().run()
    assert not tab.exception
    assert api.asked.count("DELETE /api/batches/one") == 1
    assert "<dd>cancelled</dd>" in html(tab)
    assert "batch_stop" not in keys(tab)


def test_a_link_opens_its_batch(tab: AppTest, api: CannedApi) -> None:
    for id, folder in (("new", "val/"), ("old", "train/")):
        add(api, id, "done", asked={"folder": folder, "prefix": "a", "ids": ["a"]})
    tab.query_params["batch"] = "old"
    tab.run()
    assert tab.selectbox(key="choice_batch").value == "old"
    assert "named photos: 1, folder train, ids a…" in tab.selectbox(key="choice_batch").options[1]
    tab.selectbox(key="choice_batch").select("new").run()
    assert tab.query_params["batch"] == ["new"]


def test_a_link_to_an_older_one_than_is_listed(
    tab: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.batches.LISTED", 1)
    add(api, "new", "done")
    add(api, "old", "cancelled")
    tab.query_params["batch"] = "old"
    tab.run()
    assert not tab.warning
    assert "<dd>cancelled</dd>" in html(tab)


def test_a_link_to_nowhere_names_what_is_shown(tab: AppTest, api: CannedApi) -> None:
    add(api, "new", "done")
    tab.query_params["batch"] = "<b>"
    tab.run()
    assert "asks for \\<b\\>" in tab.warning[0].value
    assert "<dd>done</dd>" in html(tab)


def test_no_batch_yet(tab: AppTest) -> None:
    tab.query_params["batch"] = "gone"
    tab.run()
    assert tab.info[-1].value == "No batch has been started yet."


@pytest.mark.parametrize(("age", "warned"), [(5, False), (31, True)])
def test_no_worker(tab: AppTest, api: CannedApi, age: int, warned: bool) -> None:
    created = datetime.fromtimestamp(time.time() - age, UTC).isoformat()
    api.batches["one"] = {**batch("one", {}, "planning"), "created": created}
    tab.run()
    assert [row.value for row in tab.warning if "no worker seems" in row.value] == (
        [tab.warning[0].value] if warned else []
    )


@pytest.mark.parametrize(
    ("until", "told"),
    [("2026-01-02T03:16:05+00:00", "by 03:16:05 UTC at the latest"), (None, "Nobody works on")],
)
def test_a_batch_that_waits_says_for_what(
    tab: AppTest, api: CannedApi, until: str | None, told: str
) -> None:
    waiting = {"since": "2026-01-02T03:04:05+00:00", "until": until}
    left_out = {"files": 7, "examples": ["a*.txt"]}
    api.batches["one"] = {**batch("one", {}, "running"), "waiting": waiting, "left_out": left_out}
    tab.run()
    (said,) = [row.value for row in (*tab.info, *tab.warning) if "since 03:04:05 UTC" in row.value]
    assert told in said
    assert any("suffix: 7, such as a\\*\\.txt" in row.value for row in tab.caption)


def test_an_older_api(tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/batches"] = (404, "text/plain", b"")
    tab.run()
    assert not tab.exception
    assert "does not offer batches" in tab.info[0].value
    assert not tab.error


def test_an_api_that_is_away(tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/batches"] = problem(503, "Storage is away.")
    tab.run()
    assert tab.error[0].value == "Storage is away\\."
    del api.raw["/api/batches"]
    tab.button(key="batches_retry").click().run()
    assert not tab.error


@pytest.mark.parametrize(
    ("setting", "key", "offered"),
    [
        ("start", "a-key", True), ("START ", "", True), ("view", "", False), ("yes", "", False),
        ("", "", True), ("", "a-key", False),
    ],
)  # fmt: skip
def test_who_may_start_and_cancel(
    tab: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch,
    setting: str, key: str, offered: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("EXPLORER_BATCHES", setting)
    monkeypatch.setenv("API_KEY", key)
    add(api, "one", "running")
    tab.run()
    assert not tab.exception
    assert ({"batch_start", "batch_stop"} <= keys(tab)) is offered
    assert any("Batches are started by whoever" in row.value for row in tab.caption) is not offered
    assert "<dd>running</dd>" in html(tab)
