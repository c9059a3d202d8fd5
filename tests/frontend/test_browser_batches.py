"""Batches in a real browser, against a real service with and without a worker."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from axe import check
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient
from future_vision_batches import BatchClient
from playwright.sync_api import expect
from visitor import Visitor

from local.processes import Children
from local.service import start_worker
from tests.helpers.waiting import wait_until

BROKEN = "photos/odd/broken.png"
Working = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def client(service_url: str) -> BatchClient:
    return BatchClient(service_url)


@pytest.fixture(scope="module")
def broken(seeded_account: BlobServiceClient, client: BatchClient) -> Iterator[str]:
    """The id of a stored photo that is none, for as long as these tests last."""
    scenes = seeded_account.get_container_client("scenes")
    scenes.upload_blob(BROKEN, b"no picture")
    wait_until(lambda: "odd/broken" in {scene.id for scene in client.scenes()})
    yield "odd/broken"
    scenes.delete_blob(BROKEN)
    wait_until(lambda: "odd/broken" not in {scene.id for scene in client.scenes()})


@pytest.fixture
def working(azurite_connection: str, service_url: str, tmp_path: Path) -> Working:
    """Runs a worker while a block lasts; messages that other tests left are thrown away."""
    queue = QueueClient.from_connection_string(azurite_connection, "batches")
    with queue, suppress(ResourceNotFoundError):
        queue.clear_messages()

    @contextmanager
    def run() -> Iterator[None]:
        with Children(tmp_path) as children:
            start_worker(children, azurite_connection)
            yield

    return run


def test_a_batch_from_its_start_to_its_end(
    visitor: Visitor, client: BatchClient, broken: str, working: Working
) -> None:
    visitor.open(view="batches")
    visitor.press("batches.start")
    state = visitor.page.locator(".fv-status dd").first
    expect(state).to_have_text(visitor.says("batches.state.planning"))
    first = visitor.query["batch"]
    assert client.batch(first).state == "planning"

    visitor.press("batches.cancel")
    visitor.press("batches.no")
    visitor.press("batches.cancel")
    visitor.screenshot("batches_cancel")
    visitor.press("batches.yes")
    expect(state).to_have_text(visitor.says("batches.state.cancelled"))
    assert client.batch(first).state == "cancelled"

    visitor.page.get_by_text(visitor.says("batches.new"), exact=True).click()
    visitor.press("batches.start")
    expect(state).to_have_text(visitor.says("batches.state.planning"))
    second = visitor.query["batch"]
    assert second != first
    with working():
        # Without a click: what is shown follows the batch, and then asks no more.
        expect(state).to_have_text(visitor.says("batches.state.done"), timeout=180_000)
    visitor.settle()

    status = client.batch(second)
    counts = visitor.page.locator(".fv-status dd").all_inner_texts()[1:4]
    assert counts == [str(status.done), str(status.failed), str(status.left)] == ["6", "1", "0"]
    bar = visitor.page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "100")
    assert status.evaluation
    official = status.evaluation["official"]
    bars = visitor.page.locator("table.fv-bars")
    expect(bars.locator("tfoot .fv-number")).to_have_text(f"{official['mean_iou']:.3f}")
    numbers = bars.locator("tbody .fv-number").all_inner_texts()
    assert numbers == [f"{iou:.3f}" for iou in official["iou"].values()]
    counted = official["confusion"][1][1:]
    cells = visitor.page.locator("table.fv-confusion tbody tr").first.locator("td")
    shares = [f"{100 * count / sum(counted):.1f}\u00a0%" for count in counted]
    assert cells.all_inner_texts() == shares
    (failure,) = client.batch_failures(second)
    assert failure.id == broken
    expect(visitor.page.get_by_role("button", name=broken, exact=True)).to_be_visible()
    expect(visitor.page.get_by_text(failure.reason)).to_be_visible()
    check(visitor.page)
    visitor.screenshot("batches_done")
    visitor.forgive(f"{client.url}/api/thumbnails/{broken}")  # of the site's loading page
