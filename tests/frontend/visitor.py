"""Someone before the explorer in Chromium: what they do and see, and what goes wrong meanwhile."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        ConsoleMessage,
        FilePayload,
        Locator,
        Request,
        Response,
        ViewportSize,
    )

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / ".local" / "screenshots"
PATIENCE_MS = 60_000
START_MS = 600_000
WINDOW: "ViewportSize" = {"width": 1400, "height": 950}
VIEWS = ("scenes", "photo", "quality", "batches", "api")
UNROLLED = """
    .stApp, [data-testid="stAppViewContainer"], [data-testid="stMain"] {
        position: static !important; overflow: visible !important; height: auto !important;
    }"""
TEXTS: dict[str, dict[str, str]] = json.loads((ROOT / "frontend/texts.json").read_text("utf-8"))

expect.set_options(timeout=PATIENCE_MS)


class Visitor:
    """A window on a deployment.

    Args:
        browser: a running one.
        explorer: address of the deployment.
        name: of the deployment, for screenshots.
        context: what else Playwright shall know of the visitor, such as `locale`.
    """

    def __init__(self, browser: "Browser", explorer: str, name: str, **context: Any) -> None:
        self.explorer, self.name = explorer, name
        # Else axe measures the contrast of a view that is still fading in.
        given = {"locale": "en-GB", "viewport": WINDOW, "reduced_motion": "reduce", **context}
        self.context = browser.new_context(permissions=["camera"], **given)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        """Requests to elsewhere or in vain, and what the console complained of."""
        self._watch()

    def _watch(self) -> None:
        def trouble(what: str, why: str) -> None:
            self.troubles.append(f"{what}: {why}"[:500])

        def console(message: "ConsoleMessage") -> None:
            if message.type in {"error", "warning"}:
                trouble(message.type, f"{message.text} {message.location}")

        def failed(request: "Request") -> None:
            if request.failure != "net::ERR_ABORTED":  # of a page that was left meanwhile
                trouble("failed", f"{request.url} {request.failure}")

        def answered(response: "Response") -> None:
            if response.status >= 400:
                trouble(str(response.status), response.url)

        self.context.on(
            "request", lambda r: trouble("outside", r.url) if _elsewhere(r.url) else None
        )
        self.context.on("requestfailed", failed)
        self.context.on("response", answered)
        self.page.on("console", console)
        self.page.on("pageerror", lambda error: trouble("exception", str(error)))

    def open(self, **query: str) -> None:
        """Open the explorer at an address and wait until it is there."""
        self.page.goto(f"{self.explorer}/?{urlencode(query)}")
        self.page.locator(".fv-header").wait_for(timeout=START_MS)
        self.settle()

    @property
    def query(self) -> dict[str, str]:
        """What the address says."""
        return {name: value for name, (value,) in parse_qs(urlsplit(self.page.url).query).items()}

    @property
    def language(self) -> str:
        return self.page.locator(".fv-header").get_attribute("data-fv-lang") or ""

    def says(self, key: str, **values: object) -> str:
        """What the page calls something, in the language that it has now."""
        return TEXTS[key][self.language].format(**values)

    def settle(self) -> None:
        """Wait until the page has nothing to do."""
        # A click has to get to the script first. By the page's own clock, which a busy page stops.
        self.page.evaluate("() => new Promise(passed => setTimeout(passed, 100))")
        self.page.locator('[data-test-script-state="notRunning"]').wait_for()

    def speak(self, language: str) -> None:
        """Have the page in that language."""
        if self.language == language:
            return
        name = {"en": "English", "fr": "Français"}[language]
        self.page.get_by_role("radio", name=name, exact=True).click()
        expect(self.page.locator(".fv-header")).to_have_attribute("data-fv-lang", language)
        expect(self.page.locator("html")).to_have_attribute("lang", language)
        self.settle()

    def tab(self, name: str) -> "Locator":
        """Open a tab and return what it shows."""
        label = self.says(f"tab.{name}")
        self.page.get_by_role("tab", name=label, exact=True).click()
        self.settle()
        return self.page.get_by_role("tabpanel", name=label, exact=True)

    def press(self, key: str, **values: object) -> None:
        """Press a button that the catalogue names."""
        name = re.compile(f"^{re.escape(self.says(key, **values))}( Shortcut [A-Z])?$")
        self.page.get_by_role("button", name=name).click()

    def step(self, way: str) -> None:
        """Go to the "previous" or the "next" scene."""
        self.page.locator(f".st-key-{way}").get_by_role("button").click()

    def layer(self, name: str, title: str = "") -> "Locator":
        """A picture that the viewer is given, of the photo of that name or of any."""
        of = f'[data-fv-title="{title}"]' if title else ""
        return self.page.locator(f'img[data-fv-layer="{name}"]{of}')

    def wait_for(self, name: str, title: str = "") -> None:
        """Wait until the viewer is given a picture."""
        expect(self.layer(name, title)).to_have_count(1)

    def go_to(self, scene: str) -> None:
        """Open a scene from the gallery, or by typing a part of its id into the list."""
        if self.query.get("view", VIEWS[0]) == VIEWS[0] and "id" not in self.query:
            self.page.get_by_role("button", name=scene, exact=True).click()
        else:
            self._pick(self.page.locator(".st-key-scene").get_by_role("combobox"), scene)
        self.wait_for("photo", scene)
        self.settle()

    def choose(self, key: str, option: str, **values: object) -> None:
        """Choose from the list that the catalogue names."""
        label = self.says(key, **values)
        self._pick(self.page.get_by_role("combobox", name=label, exact=True), option)
        self.settle()

    def _pick(self, box: "Locator", option: str) -> None:
        box.click()
        box.fill(option)
        self.page.get_by_role("option", name=option, exact=True).click()

    def show(self, view: str, scene: str) -> None:
        """Open a view and have all of its content there."""
        panel = self.tab(view)
        if view == "scenes":
            if "id" not in self.query:
                self.open(**{**self.query, "id": scene})
            elif self.query["id"] != scene:
                self.go_to(scene)
            self.wait_for("prediction", scene)
        elif view == "photo":
            panel.get_by_text(self.says("photo.samples"), exact=True).click()
            self.press("photo.sample_number", number=2)
            self.wait_for("prediction", "dusk")
        self.settle()

    def upload(self, *photos: tuple[str, bytes]) -> None:
        """Choose files, given by name and content."""
        kind = "application/octet-stream"
        files: list[FilePayload] = [
            {"name": name, "mimeType": kind, "buffer": data} for name, data in photos
        ]
        self.page.locator('input[type="file"]').set_input_files(files)

    def download(self, key: str, **values: object) -> tuple[str, bytes]:
        """Press a button that saves a file; its name and content."""
        self.settle()
        with self.page.expect_download() as saved:
            self.press(key, **values)
        return saved.value.suggested_filename, saved.value.path().read_bytes()

    @property
    def canvas(self) -> "Locator":
        """The viewer's picture."""
        return self.page.locator("canvas.fv-canvas")

    @property
    def readout(self) -> "Locator":
        """What the viewer says of the pixel that is pointed at."""
        return self.page.locator(".fv-readout")

    def side(self, name: str) -> "Locator":
        """The viewer's list of what it shows on one side."""
        return self.page.get_by_role("combobox", name=name, exact=True)

    def point(self, x: float, y: float) -> None:
        """Point at a place of the picture, given as shares of its width and height."""
        box = self.canvas.bounding_box()
        assert box
        self.canvas.hover(position={"x": x * box["width"], "y": y * box["height"]})

    def colour(self, x: float, y: float) -> list[int]:
        """What the picture shows at a place: red, green and blue, 0 to 255."""
        self.page.evaluate("() => new Promise(requestAnimationFrame)")
        pixel: list[int] = self.canvas.evaluate(
            """(shown, [x, y]) => {
                const pixel = new OffscreenCanvas(1, 1).getContext("2d");
                pixel.drawImage(shown, -Math.floor(x * shown.width), -Math.floor(y * shown.height));
                return [...pixel.getImageData(0, 0, 1, 1).data];
            }""",
            [x, y],
        )
        return pixel[:3]

    def sizes(self) -> list[list[int]]:
        """Natural sizes of the pictures that the viewer is given."""
        found: list[list[int]] = self.page.locator("img[data-fv-layer]").evaluate_all(
            "all => all.map(i => [i.naturalWidth, i.naturalHeight])"
        )
        return found

    def screenshot(self, name: str) -> None:
        """Save the whole page, all of which Streamlit scrolls within itself."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{self.name}_{name}.png"
        self.page.screenshot(path=path, full_page=True, style=UNROLLED)

    def leave(self) -> None:
        """Close the window; nothing may have gone wrong."""
        self.context.close()
        self.complain()

    def forgive(self, url: str) -> None:
        """Overlook what was refused or could not be fetched there: the console says so too."""
        self.troubles = [line for line in self.troubles if url not in line]

    def complain(self) -> None:
        """Fail if anything went wrong since the last time."""
        troubles, self.troubles = self.troubles, []
        assert not troubles, "\n".join(troubles)


def _elsewhere(url: str) -> bool:
    return urlsplit(url).hostname not in (None, "127.0.0.1")
