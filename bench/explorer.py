"""What the explorer's server bears: python -m bench.explorer --help.

The real explorer (Streamlit) over the real service (`python -m local host`, Azurite, the bundled
model), on loopback. A headless Chromium has scenes predicted, one after the other, as several
visitors who come and go. Memory is the server's resident set; it grows while the caches fill, which
are bounded, and should not grow after that.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from bench.browser import chromium
from bench.proc import rss_mb
from bench.record import command, record
from bench.service import Service, serving_scenes
from local.explorer import explorer_health, start_explorer
from local.processes import Children, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCENES = 24
PREDICTED = 'img[data-fv-layer="prediction"]'
VISITORS = 5
WARM_SHARE = 0.2
"""Share of the predictions after which caches are taken to be full, and growth counts."""

MARK_MB = 20.0
"""The most that memory may grow after that."""


def measure(predictions: int) -> dict[str, Any]:
    """Return memory by number of predictions, and what a rerun sends again."""
    with running_explorer() as explorer, chromium() as browser:
        url = f"http://127.0.0.1:{explorer.port}"
        memory = _visits(browser, url, explorer.pid, predictions)
        rerun = _rerun(browser, url)
    warm = next(mb for count, mb in memory if count >= WARM_SHARE * predictions)
    return {
        "predictions": predictions,
        "visitors": VISITORS,
        "scenes": SCENES,
        "memory_mb": memory,
        "growth_mb": round(memory[-1][1] - warm, 1),
        "mark_mb": MARK_MB,
        **rerun,
    }


@contextmanager
def running_explorer() -> Iterator[Service]:
    """Run Streamlit over the real service with synthetic scenes."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as logs,
        serving_scenes(SCENES) as service,
        Children(Path(logs)) as children,
    ):
        pid = start_explorer(children, port, f"http://127.0.0.1:{service.port}")
        children.wait_for(explorer_health(port))
        yield Service(port, pid)


def _visits(browser: "Browser", url: str, pid: int, predictions: int) -> list[tuple[int, float]]:
    """Have so many scenes predicted by visitors in turn; memory at every twentieth of them."""
    memory, often = [(0, rss_mb(pid))], max(1, predictions // 20)
    with tqdm(total=predictions, desc="predicting", unit="scene") as bar:
        for _ in range(VISITORS):
            page = browser.new_page()
            _open_scene(page, url)
            steps = cycle(["Next"] * (SCENES - 1) + ["Previous"] * (SCENES - 1))
            for step in islice(steps, predictions // VISITORS):
                page.get_by_role("button", name=step).first.click()
                _settle(page)
                bar.update()
                if bar.n % often == 0:
                    memory.append((bar.n, rss_mb(pid)))
            page.close()
    return memory


def _open_scene(page: "Page", url: str) -> None:
    page.goto(url)
    page.locator('[class*="st-key-open_"] button').first.click()
    page.locator(PREDICTED).wait_for(state="attached")
    _settle(page)


def _settle(page: "Page") -> None:
    # Streamlit says here whether a run is under way.
    page.wait_for_timeout(50)
    page.locator('[data-test-script-state="notRunning"]').wait_for()


def _rerun(browser: "Browser", url: str) -> dict[str, int]:
    """Count the bytes that reach a browser for a first view and for the same prediction again."""
    received = [0]
    page = browser.new_page()
    page.on(
        "websocket",
        lambda socket: socket.on(
            "framereceived", lambda data: received.__setitem__(0, received[0] + len(data))
        ),
    )
    _open_scene(page, url)
    first = received[0]
    page.keyboard.press("r")  # Streamlit's key for a rerun
    page.wait_for_timeout(1000)
    _settle(page)
    page.close()
    return {"first_view_bytes": first, "same_prediction_bytes": received[0] - first}


def main() -> None:
    """Measure, print and store."""
    parser = command(__file__, __doc__, "--predictions 200")
    parser.add_argument("--predictions", type=int, default=200)
    args = parser.parse_args()
    record(args.out, measure(args.predictions))


if __name__ == "__main__":
    main()
