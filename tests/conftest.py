"""What tests share: Azurite, a seeded account, the running service, the static site, Chromium."""

import fcntl
import os
import shutil
import signal
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from function_app.settings import settings
from function_app.storage.account import account as storage_account
from local import azurite
from local.docs_page import fetch_swagger_ui
from local.node import NodeError
from local.processes import Children, free_port
from local.service import start_api, start_worker, wait_for_api
from local.site import build_site
from synthetic import write_dataset
from tests.helpers import core_tools, left_out
from tests.helpers.left_out import (
    pytest_deselected,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.helpers.storage import SCENES, Accounts, emulator, seed
from training.registry import FolderRegistry, read_pointer

__all__ = [
    "pytest_deselected",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
]

PROJECT = Path(__file__).parent.parent
SHARED_DATA = PROJECT.parent / "shared" / "data"
IN_CI = os.environ.get("CI") == "true"
KEPT = PROJECT / ".local"
AZURITE = KEPT / "azurite"
SITE_STATE = KEPT / "site"
TESTED_SITE = KEPT / "site-tested"

# The processes of pytest-xdist share the cores; with more threads the tiny networks of the tests
# take TensorFlow up to twice the CPU time.
os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

# What a shell starts in the background ignores Ctrl-C, and the commands under test inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their needs, and put those side by side that share something slow to start.

    pytest-xdist gives each process a stretch of this order: few then start the same things.
    """
    left_out.mark(items)
    items.sort(key=_neighbours)


def _neighbours(item: pytest.Item) -> tuple[bool, bool, bool]:
    uses = getattr(item, "fixturenames", ())
    training = item.get_closest_marker("training") is not None
    return not training, "chromium" not in uses, "service_url" not in uses


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing may be skipped: what skips there, fails."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed in CI: {report.longrepr}"
    return report


@contextmanager
def alone() -> Iterator[None]:
    """Keep the other processes of pytest-xdist from what is done once for all of them."""
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real photographs; they cannot be distributed with the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} with Cityscapes, CamVid and KITTI photographs is not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def synthetic_scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Cityscapes folder of synthetic scenes, split val."""
    root = tmp_path_factory.mktemp("synthetic")
    write_dataset(root, SCENES)
    return root


@pytest.fixture(scope="session")
def package() -> Path:
    """The bundled model package that `make demo` activates."""
    pointer = read_pointer(FolderRegistry(PROJECT / "models"))
    assert pointer, "models/active.json names a package"
    return PROJECT / "models" / pointer.ref.prefix


@pytest.fixture(scope="session")
def installed_azurite() -> Path:
    """Folder of the storage emulator. Swagger UI, which every host fetches, is there then too."""
    try:
        with alone():
            azurite.install(AZURITE)
            fetch_swagger_ui(PROJECT)
    except NodeError as error:
        pytest.skip(str(error))
    return AZURITE


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The static site, built anew where its sources have changed."""
    try:
        with alone():
            return build_site(PROJECT, TESTED_SITE, SITE_STATE).folder
    except NodeError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed")
    return executable


@pytest.fixture(scope="session")
def accounts(
    installed_azurite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Accounts]:
    """Storage accounts of the one Azurite of this process; each purpose takes one of its own."""
    with emulator(installed_azurite, tmp_path_factory.mktemp("azurite")) as found:
        yield found


@pytest.fixture(scope="session")
def azurite_connection(accounts: Accounts) -> str:
    """Connection string of the account that most tests share."""
    return accounts.new()


def forget_settings() -> None:
    """Have the service, in this process, read its environment anew."""
    settings.cache_clear()
    storage_account.cache_clear()


@pytest.fixture
def service_environment(
    azurite_connection: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """Point the settings of the service, in this process, to Azurite; more can be set."""
    monkeypatch.setenv("BLOB_CONNECTION_STRING", azurite_connection)
    forget_settings()
    yield monkeypatch
    forget_settings()


@pytest.fixture(scope="session")
def account(azurite_connection: str) -> Iterator[BlobServiceClient]:
    with BlobServiceClient.from_connection_string(azurite_connection) as client:
        yield client


@pytest.fixture(scope="session")
def seeded_account(account: BlobServiceClient, synthetic_scenes: Path) -> BlobServiceClient:
    """The account with the bundled model active and synthetic scenes uploaded."""
    return seed(account, synthetic_scenes)


@pytest.fixture(scope="session")
def service_url(
    seeded_account: BlobServiceClient,
    azurite_connection: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Base URL of the running service: the local function host over the seeded account."""
    del seeded_account
    with Children(tmp_path_factory.mktemp("service")) as children:
        refresh = {"MODEL_REFRESH_SECONDS": "1"}
        start = core_tools.start if os.environ.get("FUNCTIONS_HOST") == "func" else start_api
        api = start(children, free_port(), azurite_connection, **refresh)
        wait_for_api(children, api)
        urllib.request.urlopen(f"{api.address}/api/health/ready").close()
        yield api.address


@pytest.fixture(scope="module")
def queue_worker(
    azurite_connection: str, service_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """What takes the running service's messages; those that other tests left are thrown away."""
    del service_url
    queue = QueueClient.from_connection_string(azurite_connection, "batches")
    with queue, suppress(ResourceNotFoundError):
        queue.clear_messages()
    with Children(tmp_path_factory.mktemp("worker")) as children:
        start_worker(children, azurite_connection)
        yield
