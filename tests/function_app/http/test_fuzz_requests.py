"""Requests nobody meant to send, straight to the routes' handlers, over the seeded account."""

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import azure.functions as func
import pytest
from azure.storage.blob import BlobServiceClient
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from bench.fuzz.corpus import valid_files
from tests.conftest import forget_settings
from tests.function_app.client import SCENE
from tests.function_app.contract import functions

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
"""How many requests; by default a few hundred, always the same."""

PHOTO = valid_files()["baseline.jpg"]
BOUNDARY = "b-o.u"

texts = st.text(max_size=40)
rare = st.sampled_from([
    "", " ", "\r\nX-Evil: 1", "../../secret", "%2e%2e/", "\0", "a" * 100_000, "nan", "-1", "1e309",
    "0x10", "\N{ARABIC-INDIC DIGIT ONE}", "true", "null", "*", "<svg onload=1>", "'--",
])  # fmt: skip
ids = st.one_of(st.just(SCENE), texts, rare)
keys = st.one_of(
    st.sampled_from(["format", "alpha", "void", "model", "mask", "limit", "prefix", "after"]), texts
)
meant = st.sampled_from([
    "mask", "color", "overlay", "confidence", "json", "false", "0.5", "rle", "png", "1", SCENE,
    "lite0-fpn-fast-int8:1.0.0", "lite0-fpn:99.0.0",
])  # fmt: skip
values = st.one_of(meant, rare, texts)
names = st.sampled_from([
    "If-None-Match", "Content-Type", "Content-Length", "Accept", "Origin", "Range", "X-Request-Id",
    "X-Forwarded-Host", "If-Modified-Since",
])  # fmt: skip
header_values = st.sampled_from(['W/"x", *', "multipart/form-data", "999999999999"])
headers = st.dictionaries(names, st.one_of(rare, texts, header_values), max_size=3)


def part(name: str, filename: str, extra: str, body: bytes) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"{filename}\r\n{extra}\r\n'
    return f"--{BOUNDARY}\r\n{disposition}".encode(errors="replace") + body + b"\r\n"


parts = st.builds(
    part,
    st.one_of(st.just("image"), texts),
    st.sampled_from(["", '; filename="a.jpg"', "; filename*=x''%FF"]),
    st.sampled_from(["", "Content-Type: \xff\r\n"]),
    st.one_of(st.just(PHOTO), st.binary(max_size=60)),
)
multipart = st.lists(parts, max_size=20).map(lambda p: b"".join(p) + f"--{BOUNDARY}--".encode())
bodies = st.one_of(st.just(b""), st.just(PHOTO), st.binary(max_size=200), multipart)


class Handler:
    """One route of the app, as Azure's worker finds it."""

    def __init__(self, function: Any) -> None:
        trigger = function.get_trigger()
        self.call: Callable[[func.HttpRequest], func.HttpResponse] = function.get_user_function()
        self.methods = [
            getattr(method, "value", method) for method in trigger.methods or ("GET", "POST")
        ]
        self.params = re.findall(r"\{(\w+)", trigger.route)


@pytest.fixture(scope="module")
def handlers(azurite_connection: str, seeded_account: BlobServiceClient) -> Iterator[list[Handler]]:
    del seeded_account
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BLOB_CONNECTION_STRING", "QUEUES"):
            patch.setenv(name, azurite_connection)
        forget_settings()
        yield [Handler(f) for f in functions() if f.get_trigger().type == "httpTrigger"]
    forget_settings()


@settings(
    max_examples=int(EXAMPLES or 300), derandomize=not EXAMPLES, database=None, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_no_request_hurts(handlers: list[Handler], data: st.DataObject) -> None:
    handler = data.draw(st.sampled_from(handlers))
    query = data.draw(st.lists(st.tuples(keys, values), max_size=4))
    sent = data.draw(headers)
    body = data.draw(bodies)
    if body.startswith(b"--") and data.draw(st.booleans()):
        sent["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    method = data.draw(st.sampled_from(handler.methods))
    host = data.draw(st.sampled_from(["h", "h:80", "[", "[::1]:80", 'h"><script>', "a@b", ""]))
    url = f"http://{host}/api/x?{urlencode(query, errors='surrogatepass')}"
    assume(len(url) < 300_000)
    request = func.HttpRequest(
        method, url, headers=sent, params=dict(query), body=body,
        route_params={name: data.draw(ids) for name in handler.params},
    )  # fmt: skip
    response = handler.call(request)
    event(str(response.status_code))
    check(response)


def check(response: func.HttpResponse) -> None:
    assert response.status_code in {200, 202, 304, 400, 404, 405, 411, 413, 415, 422}, (
        response.get_body()
    )
    assert response.headers["X-Request-Id"]
    for name, value in response.headers.items():
        assert not re.search(r"[\r\n\0]", f"{name}{value}"), "a header was injected"
        f"{name}: {value}".encode("latin-1")
    if response.status_code >= 400:
        problem = json.loads(response.get_body())
        assert problem["status"] == response.status_code
        assert len(response.get_body()) < 2000, "what was sent is not sent back in full"
        assert not re.search(r"Traceback|/work|\.py|devstoreaccount", response.get_body().decode())
