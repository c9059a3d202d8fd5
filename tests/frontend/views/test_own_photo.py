import io
import json
import re
import zipfile

import own_photos
import pytest
from canned_answers import ACTIVE, MASKS, mask_png
from canned_api import CannedApi, png, problem
from future_vision import Picture
from page_text import html, step_back
from streamlit.testing.v1 import AppTest

TWO = [("day/x.png", png()), ("night/x.png", png(4, 4))]


@pytest.fixture
def photo_tab(app: AppTest) -> AppTest:
    app.query_params["view"] = "photo"
    return app.run()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    (uploader,) = app.file_uploader
    return uploader.set_value([(name, data, "image/png") for name, data in files]).run()


def shown(app: AppTest) -> str:
    """The name of the photo that the viewer is given, "" if there is none."""
    found = re.search(r'data-fv-layer="photo" data-fv-title="([^"]*)"', html(app))
    return found[1] if found else ""


def predictions(api: CannedApi) -> int:
    return sum("predict?" in call for call in api.asked)


def test_a_photo(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, ("x.png", png()))
    assert not photo_tab.exception
    assert shown(photo_tab) == "x"
    photo_tab.run()
    assert predictions(api) == 1


def limited(app: AppTest, api: CannedApi, size: int) -> AppTest:
    """The page in French, of an API that takes `size` bytes."""
    limits = {"bytes": size, "jpeg_pixels": 2_000_000, "pixels": 1_000_000}
    answer = {"categories": json.loads(api.answer("GET", "/api/categories", b"")[2])["categories"]}
    document = json.dumps({**answer, "limits": limits}).encode()
    api.raw["/api/categories"] = (200, "application/json", document)
    app.query_params.update(view="photo", lang="fr")
    return app.run()


def test_the_limit_is_the_service_s(app: AppTest, api: CannedApi) -> None:
    limited(app, api, 8_000_000)
    assert "8 Mo au plus" in app.file_uploader[0].label
    refusal = json.dumps({"type": "urn:x:too-many-pixels", "detail": "Too many."}).encode()
    api.raw["/api/predict"] = (413, "application/problem+json", refusal)
    upload(app, ("x.png", png()))
    said = "a trop de pixels\N{NO-BREAK SPACE}\\: 2 mégapixels au plus en JPEG\\, 1 dans"
    assert said in app.error[0].value


def test_a_file_above_the_limit_is_named_and_neither_sent_nor_kept(
    app: AppTest, api: CannedApi
) -> None:
    limited(app, api, 2_000_000)
    assert app.file_uploader[0].proto.max_upload_size_mb == 200, "else the browser refuses it"
    at_most, above = (png() + bytes(2_000_000 + more - len(png())) for more in (0, 1))
    upload(app, ("large.png", above), ("x.png", at_most))
    assert [row.value for row in app.error] == [
        "large\\.png\N{NO-BREAK SPACE}\\: Le fichier est trop volumineux"
        "\N{NO-BREAK SPACE}\\: 2 Mo au plus sont acceptés\\."
    ]
    assert shown(app) == "x"
    assert predictions(api) == 1
    assert sum(len(photo.data) for photo in own_photos_of(app)) == len(at_most)
    upload(app, ("large.png", above))
    assert len(app.error) == 1
    upload(app, ("y.png", png()))
    assert not app.error
    assert predictions(api) == 2


def own_photos_of(app: AppTest) -> list[own_photos.OwnPhoto]:
    return list(app.session_state["own_photos"].values())


def test_several_photos(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, *TWO, ("again.png", png()))
    assert predictions(api) == 2, "the same bytes are one photo"
    assert html(photo_tab).count("fv-thumbnail") == 2
    assert shown(photo_tab) == "day/x"
    photo_tab.button(key=f"own_{list(photo_tab.session_state['own_photos'])[1]}").click().run()
    assert shown(photo_tab) == "night/x"
    assert predictions(api) == 2
    photo_tab.button(key="own_forget").click().run()
    assert shown(photo_tab) == ""


def test_masks_as_an_archive() -> None:
    mask = Picture("image/png", mask_png(MASKS[ACTIVE]))
    made = own_photos.archive([("day/x.png", mask), ("x.png", mask), ("x.jpg", mask)])
    with zipfile.ZipFile(io.BytesIO(made)) as masks:
        assert masks.namelist() == ["day/x_mask.png", "x_mask.png", "x_2_mask.png"]
        assert masks.read("x_mask.png") == mask.data


def test_it_survives_a_look_elsewhere(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, ("x.png", png()))
    step_back(photo_tab, view="api")
    assert shown(photo_tab) == ""
    step_back(photo_tab, view="photo")
    assert shown(photo_tab) == "x"
    assert predictions(api) == 1


def test_photo_that_browsers_cannot_show(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, ("x.tif", b"II*\0"))
    assert shown(photo_tab) == "x"
    assert "POST /api/predict?format=overlay&alpha=0&void=true" in api.asked


def test_a_photo_that_browsers_may_show_unturned_is_drawn_by_the_api(
    photo_tab: AppTest, api: CannedApi
) -> None:
    upload(photo_tab, ("x.png", png() + b"eXIf"))
    assert "POST /api/predict?format=overlay&alpha=0&void=true" in api.asked
    assert shown(photo_tab) == "x"


def test_a_refused_file_is_named_once_and_gone_with_the_next(
    photo_tab: AppTest, api: CannedApi
) -> None:
    upload(photo_tab, ("x.jpg", b"hello"), ("y.png", png()))
    assert not photo_tab.exception
    assert [row.value for row in photo_tab.error] == [
        "x\\.jpg\\: These 5 bytes are \\*no\\* picture\\."
    ]
    assert shown(photo_tab) == "y"
    photo_tab.run()
    assert predictions(api) == 2, "refused once is refused"
    assert photo_tab.file_uploader[0].value == [], "no chip stays beside later files"
    upload(photo_tab, ("z.png", png(4, 4)))
    assert not photo_tab.error
    assert shown(photo_tab) == "z"


@pytest.mark.parametrize(
    ("lang", "slug", "said"),
    [
        ("en", "missing-image", "The file is empty."),
        ("fr", "missing-image", "Le fichier est vide."),
        ("en", "not-a-photo", "This is no picture, or it is damaged."),
        ("en", "unsupported-photo", "send an ordinary JPEG or PNG."),
        ("en", "too-many-bytes", "at most 25 MB are accepted."),
        ("en", "something-new", "The body, or its field 'image'."),
    ],
)
def test_a_refusal_is_said_in_words_for_visitors(
    app: AppTest, api: CannedApi, lang: str, slug: str, said: str
) -> None:
    app.query_params.update(view="photo", lang=lang)
    refusal = {
        "type": f"urn:future-vision:problem:{slug}",
        "detail": "The body, or its field 'image'.",
    }
    api.raw["/api/predict"] = (422, "application/problem+json", json.dumps(refusal).encode())
    upload(app.run(), ("x.png", png()))
    assert said in app.error[0].value.replace("\\", "")
    assert ("body" in app.error[0].value) == (slug == "something-new")


@pytest.mark.parametrize("source", ["files", "samples"])
def test_more_than_is_kept_is_left_out(
    photo_tab: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setattr(own_photos, "MOST", len(png()) + 10)
    upload(photo_tab, TWO[0])
    if source == "files":
        upload(photo_tab, TWO[1])
    else:
        photo_tab.session_state["source"] = "samples"
        photo_tab.run()
        photo_tab.button(key="rain").click().run()
    assert predictions(api) == 1
    assert "Left out: 1" in photo_tab.warning[0].value
    photo_tab.button(key="own_forget").click().run()
    assert not photo_tab.warning


def test_while_the_service_is_busy(photo_tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/predict"] = problem(503, "Busy.")
    upload(photo_tab, *TWO)
    assert photo_tab.error[0].value == "Busy\\."
    del api.raw["/api/predict"]
    photo_tab.button(key="photo_retry").click().run()
    assert not photo_tab.error
    assert html(photo_tab).count("fv-thumbnail") == 2


def test_samples(photo_tab: AppTest, api: CannedApi) -> None:
    photo_tab.session_state["source"] = "samples"
    photo_tab.run()
    assert html(photo_tab).count('class="fv-thumbnail"') == 3
    api.raw["/api/predict"] = problem(413, "Got it.")  # the canned API knows no JPEG
    photo_tab.button(key="rain").click().run()
    assert api.bodies[-1].startswith(b"\xff\xd8\xff")
    assert photo_tab.error[0].value == "rain\\.jpg\\: Got it\\."


def test_the_confidence_map_is_of_the_model_of_the_mask(photo_tab: AppTest, api: CannedApi) -> None:
    upload(photo_tab, ("x.png", png()))
    api.raw["/api/predict"] = problem(503, "Busy.")
    photo_tab.toggle(key="sure").set_value(True).run()
    assert photo_tab.error[0].value == "Busy\\."
    assert 'data-fv-layer="prediction"' in html(photo_tab)
    del api.raw["/api/predict"]
    photo_tab.button(key="sure_retry").click().run()
    assert 'data-fv-layer="confidence"' in html(photo_tab)
    assert any("format=confidence" in c and "model=tiny%3A1.0.0" in c for c in api.asked)
