"""Limits before work, and what attackers try first, against the running service."""

import http.client
import io
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.storage.blob import BlobServiceClient
from PIL import Image

from bench.fuzz.corpus import PNG_SIGNATURE, png_chunk, valid_files
from tests.function_app.client import SCENE, Client, Reply, check_problem, encoded
from tests.function_app.services import services

pytestmark = pytest.mark.azurite
FILES = valid_files()
QUICK = 3.0
"""Seconds within which a refusal comes, on a busy machine; decoding any of these takes longer."""


@pytest.fixture
def quick() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < QUICK


def raw(call: Client, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
    """Send what urllib would not: any target, any header, a body other than announced."""
    connection = http.client.HTTPConnection(urlsplit(call.base).netloc, timeout=30)
    connection.putrequest(method, target, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    reply = Reply(response.status, response.headers, response.read())
    connection.close()
    return reply


def test_a_huge_body_is_refused_from_its_announcement(call: Client, quick: None) -> None:
    reply = raw(call, "POST", "/api/predict", {"Content-Length": "4000000000"}, b"only this")
    assert (reply.status, reply.body) == (500, b""), "by the host, before the service"
    reply = raw(call, "POST", "/api/batches", {"Content-Length": "33554433"}, b"only this")
    assert (reply.status, reply.body) == (500, b"")


def test_one_byte_too_many(call: Client) -> None:
    check_problem(call("predict", bytes(25_000_001)), 413, "too-many-bytes")
    check_problem(call("predict", bytes(25_000_000)), 400, "not-a-photo")


def test_a_body_without_length_or_with_a_senseless_one(call: Client, quick: None) -> None:
    check_problem(raw(call, "POST", "/api/predict", {}, b""), 422, "missing-image")
    for length in ("-1", "1e3", "0x10"):
        reply = raw(call, "POST", "/api/predict", {"Content-Length": length}, b"")
        assert (reply.status, reply.body) == (400, b"")


@pytest.mark.parametrize("path", ["predict", "batches"])
def test_a_body_in_chunks(call: Client, photo: bytes, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(call.base).netloc, timeout=30)
    pieces = iter([photo[:1000], photo[1000:]])
    connection.request("POST", f"/api/{path}", pieces, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    response = connection.getresponse()
    reply = Reply(response.status, response.headers, response.read())
    connection.close()
    check_problem(reply, 411, "length-required")
    assert "with a Content-Length" in reply.json["detail"]


def claims(name: str, width: int, height: int) -> bytes:
    """A small file whose header says it is that large."""
    data = FILES[name]
    if name.endswith(".png"):
        header = struct.pack(">II", width, height) + data[24:29]
        return PNG_SIGNATURE + png_chunk(b"IHDR", header) + data[33:]
    if name.endswith(".jpg"):
        at = data.index(b"\xff\xc2" if "progressive" in name else b"\xff\xc0") + 5
        return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]
    if name.endswith(".bmp"):
        return data[:18] + struct.pack("<ii", width, height) + data[26:]
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "TIFF", compression="tiff_adobe_deflate")
    return out.getvalue()


@pytest.mark.parametrize("name", ["rgb.png", "interlaced.png", "baseline.jpg", "progressive.jpg",
                                  "rgb.bmp", "rle8.bmp", "adobe_deflate.tif"])  # fmt: skip
def test_pixels_are_counted_before_they_are_decoded(call: Client, name: str, quick: None) -> None:
    check_problem(call("predict", claims(name, 8_000, 8_000)), 413, "too-many-pixels")


@pytest.mark.parametrize("name", ["rgb.png", "interlaced.png", "rgb.bmp"])
def test_a_header_that_promises_just_little_enough(call: Client, name: str, quick: None) -> None:
    assert call("predict", claims(name, 4_000, 3_900)).status == 400


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """0.3 MB of zlib data that unpack to 300 MB."""
    return zlib.compress(bytes(300_000_000), 9)


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [(b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0"), (b"iCCP", b"profile\0\0")],
)
def test_chunks_that_unpack_to_hundreds_of_megabytes(
    call: Client, bomb: bytes, kind: bytes, prefix: bytes, quick: None
) -> None:
    data = FILES["rgb.png"]
    photo = data[:33] + png_chunk(kind, prefix + bomb) + data[33:]
    assert call("predict", photo).body == call("predict", data).body


def test_pixel_data_that_unpacks_to_more_than_the_header_says(
    call: Client, bomb: bytes, quick: None
) -> None:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    photo = PNG_SIGNATURE + header + png_chunk(b"IDAT", bomb) + png_chunk(b"IEND", b"")
    assert call("predict", photo).image.size == (8, 8)


def test_tens_of_megabytes_of_metadata(call: Client) -> None:
    segment = b"\xff\xe2\xff\xffICC_PROFILE\0\1\1" + bytes(0xFFFF - 16)
    jpeg = FILES["baseline.jpg"]
    expected = call("predict", jpeg).body
    assert call("predict", jpeg[:2] + segment * 300 + jpeg[2:]).body == expected
    exif = b"\xff\xe1\xff\xffExif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(range(256)) * 256
    assert call("predict", jpeg[:2] + exif[: 0xFFFF + 2] + jpeg[2:]).body == expected


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_many_pictures_cost_what_the_first_costs(call: Client, format: str, quick: None) -> None:
    frames = [Image.new("RGB", (320, 240), (i, 0, 255 - i)) for i in range(100)]
    photo = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    assert call("predict", photo).image.size == (320, 240)


@pytest.mark.parametrize(
    "id",
    [
        "..", "%2e%2e", "..%2f..%2fmodels%2factive.json", "%2fetc%2fpasswd", "..%5c..%5cx",
        f"{SCENE}.png", "%0d%0aX-Evil:%201", "%ff%fe", "*", "%25%30%30",
        "a" * 4000, "%E2%80%AE", "'%20or%201=1--", "$(id)", "", "/", SCENE.upper(),
        f"{SCENE}/", f"/{SCENE}", SCENE.replace("/", "//"),
        SCENE.rpartition("/")[2], "val", "val/synthetic/synthetic_000000_00001",
    ],
)  # fmt: skip
def test_no_scene_has_such_an_id(call: Client, id: str) -> None:
    reply = raw(call, "GET", f"/api/photos/{id}", {}, b"")
    assert reply.status == 404
    assert reply.headers["X-Evil"] is None
    assert len(reply.body) < 1000


@pytest.mark.parametrize("path", ["predict", "scenes", f"photos/{SCENE}", "health/live"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_wrong_methods(call: Client, path: str, method: str) -> None:
    reply = raw(call, method, f"/api/{path}", {}, b"")
    assert reply.status == 405
    assert reply.headers["Allow"]


@pytest.mark.parametrize(
    "target",
    [
        "predict?format=mask&format=json", "predict?alpha=0&alpha=1", f"predict?model={'a' * 7000}",
        f"predict?format={'%00' * 2000}", "predict?alpha=%0d%0aX-Evil:%201", "predict?alpha=1_0",
        "predict?void=", "predict?model=a:1.0.0%0aX:1",
    ],
)  # fmt: skip
def test_odd_queries(call: Client, target: str) -> None:
    reply = raw(call, "POST", f"/api/{target}", {"Content-Length": "9"}, b"any bytes")
    check_problem(reply, 422, "invalid-parameter")
    assert reply.headers["X-Evil"] is None
    assert len(reply.body) < 600


@pytest.mark.parametrize("host", ["[", "a b", "evil.example\\@x", "a" * 500, ""])
def test_odd_hosts(call: Client, host: str) -> None:
    reply = raw(call, "GET", "/api/scenes?limit=1", {"Host": host}, b"")
    assert reply.status == 200


def test_hundreds_of_query_keys(call: Client, quick: None) -> None:
    query = "&".join(f"k{i}=1" for i in range(900))
    check_problem(call(f"scenes?{query}"), 422, "invalid-parameter")


def multipart(parts: int, field: str = "image") -> bytes:
    part = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="x"\r\n\r\nx\r\n'
    return (part * parts + "--b--\r\n").encode()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data; boundary=b", multipart(20_000), 413),
        ("multipart/form-data; boundary=b", multipart(1, "other"), 422),
        ("multipart/form-data", multipart(1), 422),
        ("multipart/form-data; boundary=" + "b" * 5000, multipart(1), 422),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: y\r\n" * 500_000, 422),
        ("multipart/form-data; boundary=b", b"\r\n" * 5_000_000, 422),
    ],
    ids=["parts", "field", "no boundary", "long boundary", "headers", "line ends"],
)
def test_odd_forms(call: Client, kind: str, body: bytes, status: int, quick: None) -> None:
    reply = call("predict", body, Content_Type=kind)
    assert reply.status == status, reply.body


@pytest.fixture
def small_service(
    seeded_account: BlobServiceClient, azurite_connection: str, tmp_path: Path
) -> Iterator[Client]:
    """A service with one worker and room for two who wait."""
    del seeded_account
    with services(tmp_path) as start:
        call = start(
            BLOB_CONNECTION_STRING=azurite_connection,
            INFERENCE_WORKERS="1",
            MAX_WAITING="2",
            PYTHON_THREADPOOL_THREAD_COUNT="16",
        )
        assert call("health/ready").status == 200
        yield call


def test_too_many_at_once_are_told_when_to_come_back(small_service: Client, photo: bytes) -> None:
    predict: Callable[[int], Reply] = lambda _: small_service("predict", photo)  # noqa: E731
    with ThreadPoolExecutor(12) as crowd:
        replies = list(crowd.map(predict, range(36)))
        live = small_service("health/live")
    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) == {200, 503}
    for reply in replies:
        if reply.status == 503:
            check_problem(reply, 503, "busy")
            assert 1 <= int(reply.headers["Retry-After"]) <= 30
    assert live.status == 200
    assert small_service("predict", photo).status == 200, "and it is as before"
