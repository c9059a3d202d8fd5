import pytest
from canned_api import CannedApi, png, problem
from page_text import html
from streamlit.testing.v1 import AppTest


@pytest.fixture
def photo_tab(app: AppTest) -> AppTest:
    app.query_params["view"] = "photo"
    return app.run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    return app.file_uploader(key="upload").set_value((name, data, "image/png")).run()


def predictions(api: CannedApi) -> int:
    return sum("predict?" in call for call in api.asked)


def test_upload(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, "x.png", png())
    assert not photo_tab.exception
    assert 'alt="Your photo x.png"' in html(photo_tab)
    photo_tab.run()
    assert predictions(api) == 1


def test_upload_survives_a_look_elsewhere(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, "x.png", png())
    photo_tab.query_params["view"] = "explore"
    photo_tab.run()
    assert "Your photo" not in html(photo_tab)
    photo_tab.query_params["view"] = "photo"
    photo_tab.run()
    assert 'alt="Your photo x.png"' in html(photo_tab)
    assert predictions(api) == 1


def test_photo_that_browsers_cannot_show(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, "x.tif", b"II*\0")
    assert 'alt="Your photo x.tif"' in html(photo_tab)
    assert "POST /api/predict?format=overlay&alpha=0&void=true" in api.asked


def test_a_photo_that_browsers_may_show_unturned_is_drawn_by_the_api(
    photo_tab: AppTest, api: CannedApi
) -> None:
    upload(photo_tab, "x.png", png() + b"eXIf")
    assert "POST /api/predict?format=overlay&alpha=0&void=true" in api.asked
    assert 'alt="Your photo x.png"' in html(photo_tab)


def test_text_file(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, "x.jpg", b"hello")
    assert not photo_tab.exception
    assert photo_tab.error[0].value == "These 5 bytes are \\*no\\* picture\\."
    photo_tab.run()
    assert predictions(api) == 1  # refused once is refused


def test_while_the_service_is_busy(photo_tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/predict"] = problem(503, "Busy.")
    upload(photo_tab, "x.png", png())
    assert photo_tab.error[0].value == "Busy\\."
    del api.raw["/api/predict"]
    photo_tab.button(key="photo_retry").click().run()
    assert not photo_tab.error
    assert 'alt="Your photo x.png"' in html(photo_tab)


def test_a_busy_service_for_the_confidence_map_leaves_the_mask(
    photo_tab: AppTest, api: CannedApi
) -> None:
    upload(photo_tab, "x.png", png())
    api.raw["/api/predict"] = problem(503, "Busy.")
    photo_tab.toggle(key="photo_sure").set_value(True).run()
    assert photo_tab.error[0].value == "Busy\\."
    assert 'data-fv-layer="prediction"' in html(photo_tab)
    del api.raw["/api/predict"]
    photo_tab.button(key="photo_retry").click().run()
    assert 'data-fv-layer="confidence"' in html(photo_tab)


def test_samples(photo_tab: AppTest, api: CannedApi) -> None:
    photo_tab.session_state["source"] = "sample"
    photo_tab.run()
    assert html(photo_tab).count('class="fv-thumbnail"') == 3
    api.raw["/api/predict"] = problem(413, "Got it.")  # the canned API knows no JPEG
    photo_tab.button(key="rain").click().run()
    assert api.bodies[-1].startswith(b"\xff\xd8\xff")
    assert photo_tab.error[0].value == "Got it\\."


def test_the_confidence_map_is_of_the_model_of_the_mask(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, "x.png", png())
    photo_tab.toggle(key="photo_sure").set_value(True).run()
    assert any("format=confidence" in c and "model=tiny%3A1.0.0" in c for c in api.asked)
