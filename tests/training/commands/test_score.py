"""`python -m training score` as a user types it, against a running service and a worker."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from function_app.vision.photo import encode_mask
from local.processes import Children, free_port, in_background
from local.service import start_worker
from tests.conftest import PROJECT
from tests.function_app.client import Client
from tests.function_app.services import services
from tests.helpers.storage import SCENES, Accounts, seed

pytestmark = pytest.mark.azurite

Run = Callable[..., subprocess.CompletedProcess[str]]

BROKEN = 7


@pytest.fixture(scope="module")
def storage(accounts: Accounts, synthetic_scenes: Path) -> str:
    """Connection string of an account with scenes, and with photos that are none."""
    connection = accounts.new()
    with BlobServiceClient.from_connection_string(connection) as account:
        scenes = seed(account, synthetic_scenes).get_container_client("scenes")
        for n in range(BROKEN):
            scenes.upload_blob(f"photos/odd/broken_{n}.png", b"no picture")
    return connection


@pytest.fixture(scope="module")
def serving(storage: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The service and one worker."""
    folder = tmp_path_factory.mktemp("serving")
    with services(folder) as start, Children(folder / "workers") as workers:
        start_worker(workers, storage)
        yield start(BLOB_CONNECTION_STRING=storage)


@pytest.fixture(scope="module")
def idle(
    storage: str, azurite_connection: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """The service over the same storage, with a queue that nobody listens to."""
    with services(tmp_path_factory.mktemp("idle")) as start:
        yield start(BLOB_CONNECTION_STRING=storage, QUEUES=azurite_connection)


def command(base: str, *more: object) -> list[str]:
    return [sys.executable, "-m", "training", "score", base, *map(str, more)]


def score(base: str, *more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(base, *more), cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120
    )


def test_scores_are_printed_as_evaluate_does_and_stored(serving: Client, tmp_path: Path) -> None:
    out = tmp_path / "made" / "scores.json"
    ended = score(serving.base, "--folder", "val", "--out", out)
    assert ended.returncode == 0, ended.stderr
    stored = json.loads(out.read_text())
    assert stored == serving(f"batches/{stored['id']}").json
    assert stored["photos"] == {"planned": SCENES, "done": SCENES, "failed": 0, "left": 0}
    for protocol in ("official", "with_void"):
        scores = stored["evaluation"][protocol]
        flat = scores["iou"]["flat"]
        begin = f"{'val/':16}{protocol:10}{scores['mean_iou']:.4f}   "
        (line,) = (line for line in ended.stdout.splitlines() if line.startswith(begin))
        assert f"flat {flat:.3f}" in line
    assert f"stored: {out}" in ended.stdout
    assert f"{SCENES}/{SCENES}" in ended.stderr, "progress"
    assert "photos/s" in ended.stderr
    assert list(out.parent.iterdir()) == [out]


def test_ids_of_a_file_and_another_model(serving: Client, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    chosen = [row["id"] for row in serving("scenes?prefix=synthetic&limit=2").json["scenes"]]
    ids.write_text("\n".join([*chosen, "", ""]))
    out = tmp_path / "scores.json"
    model = "lite0-fpn-fast-int8:0.3.0"
    more = ("--model", model, "--outputs", "evaluation", "--out", out)
    ended = score(serving.base, "--ids", ids, *more)
    assert ended.returncode == 0, ended.stderr
    stored = json.loads(out.read_text())
    assert (stored["model"], stored["outputs"]) == (model, ["evaluation"])
    assert stored["selection"]["ids"] == stored["photos"]["done"] == 2


def test_photos_that_fail_are_counted_and_the_first_are_named(
    serving: Client, tmp_path: Path
) -> None:
    ended = score(serving.base, "--folder", "odd", "--out", tmp_path / "scores.json")
    assert ended.returncode == 0, ended.stderr
    assert f"0 of {BROKEN} photos are done, {BROKEN} failed" in ended.stdout
    assert ended.stdout.count("failed: broken") == 5
    (last,) = (line for line in ended.stdout.splitlines() if line.startswith("and 2 more: "))
    path = last.removeprefix(f"and 2 more: {serving.base}/api/")
    failures = serving(path).json["failures"]
    assert len(failures) == BROKEN
    for failure in failures[:5]:
        assert f"failed: {failure['id']}: {failure['reason']}\n" in ended.stdout


def test_photos_without_truth_have_no_scores(serving: Client, storage: str, tmp_path: Path) -> None:
    import numpy as np

    with BlobServiceClient.from_connection_string(storage) as account:
        photo = encode_mask(np.zeros((64, 128), np.uint8))
        account.get_blob_client("scenes", "photos/bare/bare.png").upload_blob(photo)
    ended = score(serving.base, "--folder", "bare", "--out", tmp_path / "scores.json")
    assert ended.returncode == 0, ended.stderr
    assert "none of these photos has a true mask" in ended.stdout


def test_ctrl_c_leaves_the_batch_running_and_says_how_to_go_on(
    idle: Client, tmp_path: Path
) -> None:
    out = tmp_path / "scores.json"
    following = subprocess.Popen(
        command(idle.base, "--folder", "val", "--out", out), cwd=PROJECT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert following.stdout
    id = following.stdout.readline().removeprefix("batch ").strip()
    time.sleep(0.5)
    following.send_signal(signal.SIGINT)
    _, said = following.communicate(timeout=20)
    assert following.returncode == 130
    again = f"python -m training score {idle.base} --batch {id}"
    assert f"Follow it:  {again}\n" in said
    assert said.rstrip().endswith(f"{again} --cancel")
    assert "Traceback" not in said
    assert idle(f"batches/{id}").json["state"] == "planning"

    ended = score(idle.base, "--batch", id, "--cancel")
    assert (ended.returncode, ended.stdout.split(";")[0]) == (0, f"batch {id} is cancelled")
    assert idle(f"batches/{id}").json["state"] == "cancelled"
    ended = score(idle.base, "--batch", id, "--out", out)
    assert ended.returncode == 1
    assert f"batch {id} is cancelled" in ended.stderr
    assert not out.exists()


def refused(base: str, *more: object) -> str:
    """The one line of an error."""
    ended = score(base, *more)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    *_, line = ended.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line


def test_what_the_service_refuses_is_said_in_one_line(serving: Client, tmp_path: Path) -> None:
    base = serving.base
    assert "nobody:1.0.0 is not published" in refused(base, "--model", "nobody:1.0.0")
    assert "it chooses no photo" in refused(base, "--folder", "vla")
    ids = tmp_path / "ids.txt"
    ids.write_text("nowhere\n")
    assert "There is no scene 'nowhere'" in refused(base, "--ids", ids)
    assert "not both" in refused(base, "--ids", ids, "--folder", "val")
    assert "There is no batch" in refused(base, "--batch", "20260101T000000Z-00000000")


def test_mistakes_are_named_before_anything_is_sent(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    empty = tmp_path / "empty.txt"
    empty.touch()
    assert "empty.txt: expected ids" in refused(nobody, "--ids", empty)
    assert "none.txt" in refused(nobody, "--ids", tmp_path / "none.txt")
    assert "leave --folder out" in refused(nobody, "--batch", "x", "--folder", "val")
    assert "--batch ID" in refused(nobody, "--cancel")
    assert "must be like https://" in refused("func-1.azurewebsites.net")
    assert "does not answer" in refused(nobody)


class Guarded(BaseHTTPRequestHandler):
    """Another server: asks for a key, moves, is no API."""

    keys: tuple[str | None, ...] = ()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Guarded.keys += (self.headers["x-functions-key"],)
        status = int(self.path.split("/")[1])
        body = b"<html>"
        self.send_response(status)
        self.send_header("Location", f"http://{self.headers['Host']}/200/api/batches")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def guarded() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    Guarded.keys = ()
    with in_background(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


def test_a_refused_key_and_what_is_no_api(guarded: str) -> None:
    assert "401: give a valid key (--key or API_KEY)" in refused(f"{guarded}/401")
    assert "is this the API?" in refused(f"{guarded}/200")
    assert "is this the API?" in refused(f"{guarded}/404")
    assert "503" in refused(f"{guarded}/503")


def test_a_key_follows_no_redirection_and_is_not_printed(
    guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", "secret-key\n")
    line = refused(f"{guarded}/302")
    assert line.endswith(f"302: use {guarded}/200/api/batches")
    assert "secret" not in line
    assert Guarded.keys == ("secret-key",)
