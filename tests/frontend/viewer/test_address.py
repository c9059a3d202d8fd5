"""The viewer and the page's address in a real browser: links, steps, corrections, scrolling."""

from typing import TYPE_CHECKING

import numpy as np
from viewer_page import Picture, layers, mount, opened, prediction, truth

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_a_link_shows_what_another_visitor_saw(browser: "Browser") -> None:
    masks = {"truth": truth(), "prediction": prediction()}
    with opened(browser, mount(), "id=a_1") as page:
        picture = Picture(page).show(layers(**masks))
        picture.choose("Left", "Errors")
        picture.slide("Divider", 30)
        for _ in range(2):
            picture.press("Zoom in")
        page.wait_for_function(
            "() => new URL(location).searchParams.get('look') === 'errors~~30~0.2778~0.2778~0.4444'"
        )
        query = page.evaluate("location.search.slice(1)")
        # What the page writes keeps it, and is one step; a step back shows what was there.
        page.evaluate("history.pushState({}, '', '?id=b_2')")
        assert "look=errors" in page.url
        picture.press("Whole picture")
        picture.choose("Left", "Photo")
        page.wait_for_function("() => new URL(location).searchParams.get('look') === 'photo~~30'")
        # The gallery has no viewer, and a step back to it leaves the choices as they are.
        page.evaluate("history.pushState({}, '', '?sort=worst')")
        assert page.url.endswith("?sort=worst")
        page.evaluate("history.pushState({}, '', '?id=c_3')")
        page.go_back()
        picture.settle()
        page.wait_for_timeout(400)  # within which a link to a scene would have followed the view
        assert page.url.endswith("?sort=worst")
        assert picture.chosen() == ["Photo", "Prediction"]
        page.go_back()
        page.go_back()
        picture.settle()
        assert picture.chosen() == ["Errors", "Prediction"]
        assert picture.root.get_by_label("Whole picture").inner_text() == "225\u00a0%"
    with opened(browser, mount(), query) as page:
        picture = Picture(page).show(layers(**masks))
        assert picture.chosen() == ["Errors", "Prediction"]
        assert picture.root.get_by_role("slider", name="Divider").input_value() == "30"
        assert picture.root.get_by_label("Whole picture").inner_text() == "225\u00a0%"


def test_a_wrong_address_is_corrected_without_a_step(browser: "Browser") -> None:
    with opened(browser, mount(), "page=9999") as page:
        before = page.evaluate("history.length")
        page.evaluate("history.pushState({}, '', '?page=3&corrected=1')")
        assert page.url.endswith("?page=3")
        assert page.evaluate("history.length") == before
        page.evaluate("history.pushState({}, '', '?page=2')")
        assert page.evaluate("history.length") == before + 1


def test_what_was_written_before_the_script_ran_is_mended(browser: "Browser") -> None:
    early = "<script>history.pushState({}, '', '?page=3&corrected=1')</script>"
    with opened(browser, mount() + early, "page=9999") as page:
        page.wait_for_url("**/?page=3")
        assert page.evaluate("history.length") == 3  # about:blank, this, and the way forward
        # What lies ahead is the same page; then steps count as they do elsewhere.
        page.go_forward()
        page.wait_for_url("**/?page=3")
        page.evaluate("history.pushState({}, '', '?page=2')")
        page.go_back()
        assert page.url.endswith("?page=3")
        page.go_back()
        assert page.url.endswith("?page=3")
        page.go_back()
        assert page.url == "about:blank"
    with opened(browser, mount(), "page=3&corrected=1&step=2") as page:
        assert page.url.endswith("?page=3")
        page.evaluate("history.pushState({}, '', '?page=2')")
        page.go_back()
        assert page.url.endswith("?page=3")


def test_an_answer_to_an_earlier_step_is_out_of_date(page: "Page") -> None:
    page.evaluate(
        """() => { document.body.insertAdjacentHTML("beforeend",
            '<div class="st-key-went"><input></div>');
        for (const id of "abcd") history.pushState({}, "", `?id=${id}`); }"""
    )
    for _ in range(2):
        page.go_back()
    assert page.locator(".st-key-went input").input_value() == "2?id=b"
    # Sent before the page knew of a step, of the second step, and for it.
    for answer in ("id=e", "id=c&step=1", "id=b&step=2"):
        page.evaluate("query => history.pushState({}, '', '?' + query)", answer)
        assert page.url.endswith("?id=b"), answer
    page.go_forward()
    page.go_forward()
    assert page.url.endswith("?id=d")
    # A change that follows the latest step is a step of its own.
    page.evaluate("history.pushState({}, '', '?id=e&step=4')")
    assert page.url.endswith("?id=e")
    page.go_back()
    assert page.url.endswith("?id=d")


SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"
SCROLL = "document.querySelector('[data-testid=stMain]').scrollTop = 100"
SCROLLING = """() => {
    const main = document.createElement("div");
    main.style = "height: 50px; overflow: auto";
    main.dataset.testid = "stMain";
    main.append(...document.body.children);
    main.insertAdjacentHTML("beforeend", '<div style="height: 900px"></div>');
    document.body.append(main);
}"""
"""Streamlit's page scrolls within itself."""


def test_what_opens_is_seen_from_its_top(picture: Picture) -> None:
    page = picture.page
    page.evaluate(SCROLLING)
    for query, top in (("sort=worst", 100), ("sort=worst&page=2", 0), ("id=a_1", 0),
                       ("id=a_1&protocol=with_void", 100), ("view=photo", 0)):  # fmt: skip
        page.evaluate(SCROLL)
        page.evaluate("query => history.pushState({}, '', '?' + query)", query)
        assert page.evaluate(SCROLLED) == top, query


def test_an_own_photo_is_seen_from_its_top_though_the_address_stays(browser: "Browser") -> None:
    with opened(browser, mount(), "view=photo") as page:
        picture = Picture(page).show(layers(title="day", prediction=prediction()))
        page.evaluate(SCROLLING)
        other = np.full_like(prediction(), 2)
        for title, mask, place, top in (
            ("night", prediction(), "", 0),  # another sample or picture of the strip
            ("night", other, "", 100),  # another model
            ("night", other, mount("fr"), 100),  # a toggle that has the viewer made anew
            ("day", other, "", 0),
        ):
            page.evaluate(SCROLL)
            if place:
                script = "html => document.querySelector('.fv-viewer').outerHTML = html"
                page.evaluate(script, place)
            picture.show(layers(title=title, prediction=mask))
            assert page.evaluate(SCROLLED) == top, title
        page.evaluate("history.replaceState({}, '', '?view=scenes')")
        page.evaluate(SCROLL)
        picture.show(layers(title="a_1", prediction=mask))
        assert page.evaluate(SCROLLED) == 100, "a way back in the list of scenes"
