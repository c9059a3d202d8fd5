"""The real parts the tests share: Azurite, the seeded account, the running service."""

import os
import signal
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from function_app.settings import settings
from function_app.storage import blobs
from local import azurite
from local.node import NodeError
from local.processes import Children, free_port
from local.seed import create_containers, seed_models, seed_scenes
from local.service import start_api, start_worker, wait_for_api
from local.site import build_site
from synthetic import write_dataset
from training.registry import FolderRegistry, read_pointer

PROJECT = Path(__file__).parent.parent
SHARED_DATA = PROJECT.parent / "shared" / "data"
IN_CI = os.environ.get("CI") == "true"
SCENES = 6
AZURITE = PROJECT / ".local" / "azurite"
SITE_STATE = PROJECT / ".local" / "site"
TESTED_SITE = PROJECT / ".local" / "site-tested"

# The processes of pytest-xdist have a core each; with more threads than that the tiny networks of
# the tests take TensorFlow up to twice the CPU time.
os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

# What a shell starts in the background ignores Ctrl-C, and the commands under test inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Fetch what all processes of pytest-xdist use, before they begin."""
    if session.config.getoption("numprocesses", None) and not hasattr(
        session.config, "workerinput"
    ):
        with suppress(NodeError):
            azurite.install(AZURITE)
            build_site(PROJECT, TESTED_SITE, SITE_STATE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process works on alone in the end."""
    items.sort(key=lambda item: item.get_closest_marker("training") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing may be skipped: what skips there, fails."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed in CI: {report.longrepr}"
    return report


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
def azurite_connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Connection string of an empty Azurite."""
    state = tmp_path_factory.mktemp("azurite")
    try:
        azurite.install(AZURITE)
    except NodeError as error:
        pytest.skip(str(error))
    with azurite.running(AZURITE, state) as connection:
        yield connection


def forget_settings() -> None:
    """Have the service, in this process, read its environment anew."""
    settings.cache_clear()
    blobs._account.cache_clear()


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
    create_containers(account, ("models", "scenes", "predictions", "batches"))
    seed_models(PROJECT / "models", account.get_container_client("models"))
    scenes = account.get_container_client("scenes")
    seed_scenes(synthetic_scenes, SCENES, scenes, lambda *_: None)
    return account


@pytest.fixture(scope="session")
def service_url(
    seeded_account: BlobServiceClient,
    azurite_connection: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Base URL of the running service: the local function host over the seeded account."""
    del seeded_account
    with Children(tmp_path_factory.mktemp("service")) as children:
        refresh = {"MODEL_REFRESH_SECONDS": "1", "SCENE_REFRESH_SECONDS": "1"}
        api = start_api(children, free_port(), azurite_connection, **refresh)
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
