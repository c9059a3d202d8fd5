"""Two processes of the service on one storage: what one knows must hold for the other, cold one."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from function_app.vision.model_package import ACTIVE_FILE, MODEL_FILE, ModelRef
from local.processes import Children, free_port
from local.seed import create_containers
from local.service import start_api, start_worker, wait_for_api
from tests.function_app.client import Client, Reply, check_problem, encoded
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.packages import write_package
from tests.helpers.storage import Accounts
from tests.helpers.waiting import wait_until
from training import registry

PHOTO = encoded(Image.new("RGB", (64, 64), "grey"), "PNG")


class Instances:
    """Processes of the service, each behind a proxy of its own that remembers its requests."""

    def __init__(self, children: Children, connection: str) -> None:
        self._children, self._connection = children, connection
        self.calls: list[Client] = []
        self.storages: list[FaultyStorage] = []

    def start(self, refresh: int = 1) -> Client:
        """Start another one, whose knowledge of models may be so many seconds old."""
        storage = FaultyStorage(self._connection)
        seconds = {"MODEL_REFRESH_SECONDS": str(refresh)}
        api = start_api(self._children, free_port(), storage.connection, **seconds)
        wait_for_api(self._children, api)
        self.calls.append(Client(api.address))
        self.storages.append(storage)
        return self.calls[-1]

    def all(self, path: str, body: bytes | None = None) -> list[Reply]:
        """Ask all of them; none may fail."""
        replies = [call(path, body) for call in self.calls]
        assert all(reply.status < 500 for reply in replies), [reply.body for reply in replies]
        return replies

    def agree(self, path: str, holds: Callable[[Any], bool], body: bytes | None = None) -> None:
        """Wait until all of them answer alike and so."""
        wait_until(lambda: all(holds(reply) for reply in self.all(path, body)))

    def downloads(self, ref: ModelRef) -> list[int]:
        """How often each has read a model's file."""
        name = ref.prefix + MODEL_FILE
        return [sum(name in request for request in storage.seen) for storage in self.storages]


class Place(NamedTuple):
    instances: Instances
    account: BlobServiceClient
    models: ContainerClient
    start_worker: Callable[[], object]


@pytest.fixture
def place(accounts: Accounts, tmp_path: Path) -> Iterator[Place]:
    connection = accounts.new()
    with (
        BlobServiceClient.from_connection_string(connection) as account,
        Children(tmp_path) as children,
    ):
        create_containers(account, ("models", "scenes", "predictions", "batches"))
        instances = Instances(children, connection)
        models = account.get_container_client("models")
        yield Place(instances, account, models, lambda: start_worker(children, connection))
        for storage in instances.storages:
            storage.__exit__()


@pytest.fixture
def refs(place: Place, tmp_path: Path) -> list[ModelRef]:
    """Three published models; each sees another category everywhere."""
    blobs = registry.BlobRegistry(place.models)
    packages = [write_package(tmp_path, f"tiny:1.0.{n}", category=n) for n in (1, 2, 3)]
    return [registry.publish(package, blobs).ref for package in packages]


def serving(ref: ModelRef, refused: ModelRef | None) -> Callable[[Reply], bool]:
    """Whether health/ready says that this model serves and that one is refused."""

    def holds(reply: Reply) -> bool:
        why = (reply.json["refused"] or {"model": None})["model"]
        return [reply.json["model"], why] == [str(ref), str(refused) if refused else None]

    return holds


def point(place: Place, ref: ModelRef) -> None:
    """Move the pointer as nobody would who checks first; the history is kept."""
    before = json.loads(place.models.download_blob(ACTIVE_FILE).readall())
    entry = {"name": ref.name, "version": ref.version, "since": None}
    pointer = json.dumps({**entry, "history": [entry, *before["history"]]})
    place.models.upload_blob(ACTIVE_FILE, pointer, overwrite=True)


def check_masks(place: Place, ref: ModelRef, category: int, refused: ModelRef | None) -> None:
    """All instances say everywhere that this model serves, and give its masks."""
    kinds = (("predict", PHOTO), ("predictions/a", None), ("predictions/a?void=false", None))
    for reply in [reply for kind in kinds for reply in place.instances.all(*kind)]:
        assert (reply.status, reply.headers["X-Model"]) == (200, str(ref))
        assert reply.headers["X-Model-Refused"] == (str(refused) if refused else None)
        assert (np.asarray(reply.image) == category).all()
    for reply in place.instances.all("models"):
        assert reply.json["active"] == str(ref)
        assert [row["version"] for row in reply.json["models"] if row["active"]] == [ref.version]


def test_both_follow_and_refuse_the_same_models(place: Place, refs: list[ModelRef]) -> None:
    first, second, corrupt = refs
    instances, blobs = place.instances, registry.BlobRegistry(place.models)
    vanished = ModelRef("tiny", "9.9.9")
    place.account.get_blob_client("scenes", "photos/a.png").upload_blob(PHOTO)
    registry.activate(first, blobs)
    instances.start()
    check_masks(place, first, 1, None)
    registry.activate(second, blobs)
    place.models.upload_blob(corrupt.prefix + MODEL_FILE, b"other bytes", overwrite=True)
    point(place, corrupt)
    cold = instances.start()  # it has never seen a good model
    assert cold("predictions/a").headers["X-Model"] == str(second)
    for refused in (corrupt, vanished):
        point(place, refused)
        instances.agree("health/ready", serving(second, refused))
        check_masks(place, second, 2, refused)
    registry.activate(second, blobs)
    registry.activate(first, blobs)
    instances.agree("health/ready", serving(first, None))
    registry.activate(second, blobs)
    instances.agree("health/ready", serving(second, None))
    registry.rollback(blobs)
    instances.agree("health/ready", serving(first, None))
    check_masks(place, first, 1, None)


def test_a_model_that_cannot_be_loaded_is_read_once_and_starts_no_batch(
    place: Place, refs: list[ModelRef]
) -> None:
    good, _, corrupt = refs
    registry.activate(good, registry.BlobRegistry(place.models))
    place.models.upload_blob(corrupt.prefix + MODEL_FILE, b"other bytes", overwrite=True)
    for _ in range(2):
        place.instances.start(refresh=600)
    asked = json.dumps({"model": str(corrupt)}).encode()
    for _ in range(3):
        for path, body in ((f"predict?model={corrupt}", PHOTO), ("batches", asked)):
            for reply in place.instances.all(path, body):
                check_problem(reply, 409, "unusable-model")
                assert "model.onnx has sha256" in reply.json["detail"]
    assert place.instances.downloads(corrupt) == [1, 1]
    for reply in place.instances.all("models"):
        assert corrupt.version in [row["version"] for row in reply.json["models"]]
    point(place, corrupt)
    cold = place.instances.start()
    reply = cold("batches", b"{}")
    assert (reply.status, reply.json["model"]) == (202, str(good))


def test_what_one_is_told_the_other_knows(place: Place, refs: list[ModelRef]) -> None:
    registry.activate(refs[0], registry.BlobRegistry(place.models))
    scenes = place.account.get_container_client("scenes")
    place.instances.start()
    assert [reply.json["scenes"] for reply in place.instances.all("scenes")] == [[]]
    ids = [f"{day}/{n}" for day in ("monday", "tuesday") for n in range(3)]
    for n, id in enumerate(ids):
        photo = encoded(Image.new("RGB", (64, 64), (40 * n, 0, 0)), "PNG")
        scenes.upload_blob(f"photos/{id}.png", photo)
    truth = encoded(Image.fromarray(np.full((64, 64), 1, np.uint8)), "PNG")
    scenes.upload_blob("truth/monday/0.png", truth)
    cold = place.instances.start()
    etags = [reply.headers["ETag"] for reply in place.instances.all("photos/tuesday/2")]
    assert len(set(etags)) == 1
    assert cold("predictions/monday/0").status == 200
    for reply in place.instances.all("scenes"):
        assert reply.json["scenes"] == [
            {"id": id, "truth": id == "monday/0", "prediction": id == "monday/0"} for id in ids
        ]
    place.start_worker()
    batch = cold("batches", b'{"prefix": "tuesday/"}').json["id"]
    place.instances.agree(f"batches/{batch}", lambda reply: bool(reply.json["state"] == "done"))
    for reply in place.instances.all(f"batches/{batch}"):
        assert reply.json["photos"] == {"planned": 3, "done": 3, "failed": 0, "left": 0}
    for reply in place.instances.all("scenes?prefix=tuesday/"):
        assert [row["prediction"] for row in reply.json["scenes"]] == [True] * 3
    scenes.delete_blob("photos/monday/1.png")
    for reply in place.instances.all("photos/monday/1"):
        check_problem(reply, 404, "unknown-scene")
