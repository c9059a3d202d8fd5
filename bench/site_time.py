"""What a visitor of the static site waits for and loads: python -m bench.site_time --help.

The site that `python -m local site build` makes, over the real service (`python -m local host`,
Azurite, the bundled model), on loopback, in headless Chromium. A first visit begins with an empty
profile; a second one finds what the service worker has kept. Needs the test extras and Chromium.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from bench.browser import chromium
from bench.record import PROJECT, command, record
from bench.service import serving_scenes
from local.site import Site, SiteServer, build_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

SCENES = 12
MOMENTS = {
    "gallery_s": "#scenes img",
    "header_s": ".fv-header",
    "photo_s": "#root img.fv-thumbnail",
}
"""What is on screen at a moment: the loading page's pictures, its header, its first photo."""


def measure(rounds: int) -> dict[str, Any]:
    """Return the medians of first and second visits, and the site's size."""
    found: dict[str, list[dict[str, float]]] = {"first_visit": [], "second_visit": []}
    with running_site() as (site, server), chromium() as browser:
        for _ in tqdm(range(rounds), desc="visiting", unit="round"):
            with profile(browser) as context:
                for rows in found.values():
                    rows.append(visit(context, server))
        files, size, sent = site.sizes()
    return {
        "what": "seconds from the request of the page; bytes that the site's host sends, "
        "compressed where that helps; medians",
        "rounds": rounds,
        "site": {
            "files": files,
            "megabytes": round(size / 1e6, 1),
            "megabytes_compressed": round(sent / 1e6, 1),
        },
        **{kind: medians(rows) for kind, rows in found.items()},
    }


@contextmanager
def running_site() -> Iterator[tuple[Site, SiteServer]]:
    """Serve the site over the real service with synthetic scenes."""
    with tempfile.TemporaryDirectory() as folder, serving_scenes(SCENES) as service:
        api = f"http://127.0.0.1:{service.port}"
        site = build_site(PROJECT, Path(folder) / "site", PROJECT / ".local" / "site", api)
        with SiteServer(site.folder) as server:
            yield site, server


@contextmanager
def profile(browser: "Browser") -> Iterator["BrowserContext"]:
    """Give a profile that has seen nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    yield context
    context.close()


def visit(context: "BrowserContext", server: SiteServer) -> dict[str, float]:
    """Return seconds to each moment, and what the site's host sent meanwhile."""
    requests, sent = server.files.requests, server.files.sent
    page = context.new_page()
    start = time.perf_counter()
    page.goto(server.url, wait_until="commit")
    seen = {}
    for name, selector in MOMENTS.items():
        page.locator(selector).first.evaluate("element => element.decode?.()")
        seen[name] = time.perf_counter() - start
    # What comes after the photo, such as the service worker's last files.
    page.wait_for_timeout(2000)
    page.close()
    return {
        **seen,
        "requests": server.files.requests - requests,
        "megabytes_sent": (server.files.sent - sent) / 1e6,
    }


def medians(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each number."""
    return {name: round(statistics.median(row[name] for row in rows), 2) for name in rows[0]}


def main() -> None:
    """Measure, print and store."""
    parser = command(__file__, __doc__, "--rounds 3")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    record(args.out, measure(args.rounds))


if __name__ == "__main__":
    main()
