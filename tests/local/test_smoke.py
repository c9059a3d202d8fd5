"""The smoke test: passes against the real service, and names what is wrong with a broken one."""

import json
import re

import pytest

from local.__main__ import main
from local.login import Login
from local.processes import free_port
from local.smoke import SmokeError, Target
from local.smoke.files import jpeg_size
from tests.conftest import PROJECT
from tests.helpers.commands import run_command
from tests.helpers.proxy import Answer
from tests.local.broken_service import BrokenService, Change, failure, instead, quietly

pytestmark = pytest.mark.usefixtures("queue_worker")

SAMPLES = PROJECT / "frontend" / "samples"


def test_the_real_service_passes_as_a_user_runs_it(service_url: str) -> None:
    ended = run_command(main, "smoke", f"{service_url}/api/", "--wait", "20")
    assert (ended.status, ended.stderr) == (0, "")
    lines = [line for line in ended.stdout.splitlines() if not line.endswith(" ...")]
    assert [line[:36].strip() for line in lines] == [
        "Model is loaded", "Categories", "Models", "Prediction", "Scenes", "Batch",
        "Origins (CORS)",
    ]  # fmt: skip
    assert all(" s  " in line for line in lines), "each with its time"
    assert re.search(r"\d ms by lite0-fpn.*; in the service: .*infer \d+", lines[3])


def test_keys_come_from_the_environment_and_failures_end_with_1(broken: BrokenService) -> None:
    broken.login = {"x-functions-key": "the-key", "authorization": "Bearer the-token"}
    credentials = {"API_KEY": "the-key", "API_TOKEN": "the-token"}
    ended = run_command(main, "smoke", broken.url, "--wait", "0", **credentials)
    assert (ended.status, ended.stderr) == (0, "")
    assert "the-" not in ended.stdout
    ended = run_command(
        main, "smoke", broken.url, "--wait", "0", "--key", "the-other", "--token", "the-token"
    )
    assert ended.status == 1
    assert ended.stderr.startswith("error: Prediction: The API wants a valid function key")
    assert "the-" not in ended.stdout + ended.stderr


def test_a_remote_service_passes_and_gets_the_key_alone(broken: BrokenService) -> None:
    broken.login = {"x-functions-key": "the-key"}
    found = quietly(Target(broken.url, login=Login("the-key"), wait=0))
    assert found["Callers without a key"] == "refused with 401"
    assert found["Origins (CORS)"] == "ours alone"
    keys = [headers.get("x-functions-key") for _, headers in broken.asked]
    assert set(keys) == {"the-key", None}, "one asks without"


def test_a_token_is_sent_as_such(broken: BrokenService) -> None:
    with pytest.raises(SmokeError, match=r"^Callers without a key: .* got 200; expected 401"):
        quietly(Target(broken.url, login=Login("", "a.b.c"), wait=0))
    assert ("/api/predict?format=mask&alpha=0.5&void=true", "Bearer a.b.c") in [
        (path, headers.get("authorization")) for path, headers in broken.asked
    ]


def altered(was: bytes, now: bytes) -> Change:
    def change(answer: Answer) -> Answer:
        assert was in answer.body
        return answer._replace(body=answer.body.replace(was, now))

    return change


def patched(at: int, now: bytes) -> Change:
    return lambda answer: answer._replace(
        body=answer.body[:at] + now + answer.body[at + len(now) :]
    )


def documents(**fields: object) -> Change:
    """A change of some fields of a JSON document."""
    return lambda answer: answer._replace(
        body=json.dumps({**json.loads(answer.body), **fields}).encode()
    )


def problem(status: int, detail: str) -> Change:
    body = json.dumps({"type": "urn:x", "detail": detail}).encode()
    return instead(body, status, content_type="application/problem+json", x_request_id="abc")


DEFECTS: dict[str, tuple[str, Change, str]] = {
    "not deployed": ("/api/health/ready", instead(b"", 404),
        r"Model is loaded: The API answered with status 404.*: look at .*\(waited 0 s in all\)"),
    "no model": ("/api/health/ready", problem(503, "No usable model is published."),
        r"Model is loaded: No usable model is published \(status 503\): look at"),
    "no storage": ("/api/health/ready", instead(b'{"status": "degraded", "storage": "no rights"}'),
        r"Model is loaded: it is degraded, storage: no rights; expected ready: .*roles"),
    "another service": ("/api/categories", instead(b"<!doctype html>"),
        r"Categories: The API answered, but not in the form this client expects"),
    "an API of another kind": ("/api/health/ready", instead(b'{"state": "up"}'),
        r"Model is loaded: the answer has no 'status': is this the API\?"),
    "a list of something": ("/api/categories", instead(b"[8]"),
        r"Categories: The API answered, but not in the form this client expects"),
    "a category lost": ("/api/categories", altered(b'"id": 7', b'"id": 8'),
        r"Categories: the ids are .*8\]; expected 0 to 7"),
    "one category everywhere": (
        "/api/predict?format=json&void=true", documents(categories=[{"name": "sky", "share": 1.0}]),
        r"Prediction: it sees sky in a street; expected flat, sky and others",
    ),
    "the active model is gone": ("/api/models", instead(b'{"active": "a:1.0.0", "models": []}'),
        r"Models: a:1\.0\.0 is active, published are none; expected one of these"),
    "a mask of another size": ("/api/predict", patched(16, b"\0\0\1\0\0\0\0\x80"),
        r"Prediction: the mask has \(256, 128\) pixels; expected the photo's \(1024, 512\)"),
    "a grey mask": ("/api/predict", patched(25, b"\0"),
        r"Prediction: the mask has depth and colour type \(8, 0\); expected \(8, 3\)"),
    "other colours": ("/api/predict", altered(b"PLTE", b"PLTE\1"),
        r"Prediction: the mask's palette is not the categories' colours"),
    "no mask at all": ("/api/predict", instead(b"<html>"),
        r"Prediction: the mask begins with b'<html>'; expected a PNG"),
    "a fault": ("/api/predict", problem(500, "A mistake of ours."),
        r"Prediction: A mistake of ours \(status 500\): look in the log for abc"),
    "moved": ("/api/predict", instead(b"", 301, location="https://elsewhere.example"),
        r"Prediction: The service is at https://elsewhere\.example: use that address"),
    "an unreadable scene": (
        "/api/thumbnails/val/synthetic/synthetic_000000_000019", instead(b"GIF89a"),
        r"Scenes: the thumbnail of val/synthetic/synthetic_000000_000019 is no JPEG",
    ),
    "a batch that is lost": ("/api/batches", documents(id="20260101T000000Z-00000000"),
        r"Batch: There is no batch"),
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
def test_what_is_wrong_is_named(broken: BrokenService, defect: str) -> None:
    path, change, message = DEFECTS[defect]
    broken.changes[path] = change
    with pytest.raises(SmokeError, match=f"^{message}"):
        quietly(Target(broken.url, wait=0))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("planning", r"is planning, 1 photos left; expected done: .*queue `batches`.*waited 1 s"),
        ("failed", r"is failed: no reason; expected done"),
    ],
)
def test_a_batch_that_does_not_end_well(
    broken: BrokenService, monkeypatch: pytest.MonkeyPatch, state: str, message: str
) -> None:
    monkeypatch.setattr("local.smoke.api.BATCH_SECONDS", 1.0)
    photos = {"planned": 1, "done": 0, "failed": 0, "left": 1}
    changed = documents(id="x", state=state, reason="no reason", photos=photos)

    def started(answer: Answer) -> Answer:
        answer = changed(answer)
        broken.changes["/api/batches/x"] = lambda _: answer
        return answer

    broken.changes["/api/batches"] = started
    with pytest.raises(SmokeError, match=f"^Batch: batch x {message}"):
        quietly(Target(broken.url, wait=0))


def test_wrong_keys_are_named_and_not_shown(broken: BrokenService) -> None:
    broken.login = {"x-functions-key": "right"}
    assert failure(broken) == (
        "Prediction: The API wants a valid function key (key= or API_KEY) or Entra token (token=) "
        "(status 401): give one by --key, --token or the environment"
    )
    assert "secret" not in failure(broken, key="secret")
    assert "secret" not in repr(Target(broken.url, login=Login("secret", "secret")))


def test_a_key_that_nobody_needs_is_found_out(broken: BrokenService) -> None:
    assert "without key or token got 200; expected 401" in failure(broken, key="any")


def test_a_cold_start_is_waited_for_and_nobody_forever(broken: BrokenService) -> None:
    cold = iter([Answer(503, {}, b""), Answer(404, {}, b"")])
    broken.changes["/api/health/ready"] = lambda answer: next(cold, answer)
    assert quietly(Target(broken.url, wait=30))
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(
        SmokeError, match=r"^Model is loaded: .*cannot be reached: .*\(waited 1 s in all\)"
    ):
        quietly(Target(address, wait=1))


@pytest.mark.parametrize("address", ["func-1.azurewebsites.net", "file:///etc/passwd"])
def test_addresses_are_of_the_web(address: str) -> None:
    with pytest.raises(SmokeError, match="must be like https://"):
        quietly(Target(address))


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir()))
def test_sizes_of_jpegs(sample: str) -> None:
    from PIL import Image

    with Image.open(SAMPLES / sample) as image:
        assert jpeg_size((SAMPLES / sample).read_bytes()) == image.size
