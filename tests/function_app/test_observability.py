"""The log line of a request: what is in it, what never is, and that it hurts nobody."""

import json
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import azure.functions as func
import pytest

from function_app import observability as access_log
from function_app.http.problems import answers_problems
from function_app.observability import note, scrub
from function_app.storage.concurrency import WORKERS
from function_app.storage.errors import StorageUnavailable
from function_app.vision.photo import NotAPhoto

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
Handler = Callable[[func.HttpRequest], func.HttpResponse]


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The log of a process that has answered nothing yet."""
    monkeypatch.setattr(access_log, "_seen", set())
    caplog.set_level(logging.INFO)
    return caplog


def answer(route: Handler, **request: Any) -> func.HttpResponse:
    values = {"method": "POST", "url": "http://h/api/x?code=KEY", "body": b"12345", **request}
    return answers_problems(route)(func.HttpRequest(**values))


def lines(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(r.getMessage()) for r in log.records if r.name == "function_app.access"
            and r.levelno == logging.INFO]  # fmt: skip


def routed(req: func.HttpRequest) -> func.HttpResponse:
    note(model="net:1.0.0", pixels=12)
    return func.HttpResponse(b"abc")


def plain(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse()


def test_a_line_says_who_what_and_how_long(log: pytest.LogCaptureFixture) -> None:
    response = answer(routed, route_params={"id": "scene_1"})
    (line,) = lines(log)
    assert line.pop("total_ms") >= 0
    assert line == {
        "request_id": response.headers["X-Request-Id"], "function": "routed", "method": "POST",
        "status": 200, "bytes_in": 5, "bytes_out": 3, "scene": "scene_1", "cold": True,
        "cold_model": True, "model": "net:1.0.0", "pixels": 12,
    }  # fmt: skip
    assert UUID(line["request_id"])
    assert "X-Request-Id" in response.headers["Access-Control-Expose-Headers"]


def test_only_the_first_request_and_the_first_of_a_model_are_cold(
    log: pytest.LogCaptureFixture,
) -> None:
    def other(req: func.HttpRequest) -> func.HttpResponse:
        note(model="net:2.0.0")
        return func.HttpResponse()

    for route in (routed, routed, other, other):
        answer(route)
    flags = [(line["cold"], line["cold_model"]) for line in lines(log)]
    assert flags == [(True, True), (False, False), (False, True), (False, False)]


def test_notes_from_a_worker_and_not_from_another_request(log: pytest.LogCaptureFixture) -> None:
    def in_worker(req: func.HttpRequest) -> func.HttpResponse:
        WORKERS.run(lambda: note(stage="infer"))
        return func.HttpResponse()

    answer(in_worker)
    answer(plain)
    first, second = lines(log)
    assert first["stage"] == "infer"
    assert first["queue_ms"] >= 0
    assert not {"stage", "queue_ms"} & second.keys()
    note(stage="outside of any request")


def raising(error: Exception) -> Handler:
    def route(req: func.HttpRequest) -> func.HttpResponse:
        raise error

    return route


def test_a_callers_mistake_is_one_line_without_a_stack(log: pytest.LogCaptureFixture) -> None:
    response = answer(raising(NotAPhoto("no picture")))
    (line,) = lines(log)
    assert (line["status"], line["problem"]) == (400, "not-a-photo")
    assert line["bytes_out"] == len(response.get_body())
    assert len(log.records) == 1


@pytest.mark.parametrize(
    ("error", "slug", "status"),
    [
        (KeyError(f"DefaultEndpointsProtocol=http;AccountKey={KEY};"), "internal-error", 500),
        (StorageUnavailable("https://a/b?sv=2&sig=abc%2Bdef&se=3"), "storage-unavailable", 503),
    ],
)
def test_our_own_failure_has_a_stack_and_no_secret(
    log: pytest.LogCaptureFixture, error: Exception, slug: str, status: int
) -> None:
    response = answer(raising(error))
    stack = next(r.getMessage() for r in log.records if r.levelno == logging.ERROR)
    assert response.headers["X-Request-Id"] in stack
    assert type(error).__name__ in stack
    assert "in route" in stack
    assert lines(log)[0]["problem"] == slug
    assert response.status_code == status
    everything = log.text + str(response.get_body()) + str([r.__dict__ for r in log.records])
    for secret in (KEY, KEY[:10], "abc%2B", "def&"):
        assert secret not in everything


@pytest.mark.parametrize(
    "text",
    [
        "AccountName=a;AccountKey=SECRET==;EndpointSuffix=core.windows.net",
        "BlobEndpoint=https://a;SharedAccessSignature=SECRET",
        "https://a.blob.core.windows.net/c/b?sv=2025&sr=b&sig=SECRET%3D&se=2026",
        "https://app/api/predict?code=SECRET",
        "https://app/api/predict?format=mask&code=SECRET",
        "{'Authorization': 'SharedKey account:SECRET='}",
        "Authorization: Bearer SECRET.a-b_c",
        '{"x-functions-key": "SECRET"}',
        "callback?next=sig%3DSECRET",
        "client_secret=SECRET&x=1",
    ],
)
def test_secrets_are_blotted_out(text: str) -> None:
    assert "SECRET" not in scrub(text)
    assert "***" in scrub(text)


def test_what_is_no_secret_stays() -> None:
    text = "HTTP status code: 404, signature b'\\x89PNG', assigned design=1, 3 x 4 pixels"
    assert scrub(text) == text


def test_a_caller_cannot_forge_a_line_or_make_it_long(log: pytest.LogCaptureFixture) -> None:
    answer(routed, method="GET\n" + "x" * 999, route_params={"id": '"\n{"status": 200}' * 99})
    message = log.records[0].getMessage()
    assert "\n" not in message
    assert len(message) < 600
    assert "KEY" not in message, "query strings are never logged"


def test_a_log_that_fails_fails_no_request(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    def odd(req: func.HttpRequest) -> func.HttpResponse:
        note(value={1, 2}, other=object())
        return func.HttpResponse(b"fine")

    assert answer(odd).get_body() == b"fine"
    monkeypatch.setattr(access_log.log, "info", broken)
    monkeypatch.setattr(access_log.log, "error", broken)
    assert answer(routed).status_code == 200
    assert answer(raising(KeyError("x"))).status_code == 500


def test_storage_s_own_chatter_stays_below() -> None:
    chatter = logging.getLogger("azure.core.pipeline.policies.http_logging_policy")
    assert not chatter.isEnabledFor(logging.INFO)
