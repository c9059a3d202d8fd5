import ast
import io
import json
import pickle
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import future_vision
import PIL.Image
import pytest
from canned_answers import ACTIVE, MASKS
from canned_api import CannedApi, png
from future_vision import ApiError, Client, Picture

PHOTO = b"\x89PNG\0\r\n\xff"


@pytest.fixture
def client(api: CannedApi) -> Client:
    return Client(api.url)


def test_mask_for_pillow_and_numpy(client: Client) -> None:
    mask = client.predict(PHOTO).mask
    assert mask.image().size == (8, 4)
    array = mask.array()
    assert (array.shape, array.dtype) == ((4, 8), "uint8")
    assert array.tobytes() == b"".join(MASKS[ACTIVE])


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "PNG"])
def test_a_photo_is_decoded_upright_as_its_mask_is(format: str) -> None:
    exif, out = PIL.Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    PIL.Image.new("RGB", (8, 4)).save(out, format, exif=exif)
    photo = Picture(f"image/{format.lower()}", out.getvalue())
    assert photo.image().size == (4, 8)
    assert photo.array().shape == (8, 4, 3)


@pytest.mark.parametrize(("missing", "named"), [("PIL", "pip install pillow"), ("numpy", "numpy")])
def test_library_that_is_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch, missing: str, named: str
) -> None:
    mask = client.predict(PHOTO).mask
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=named):
        mask.array()


def test_photo_as_bytes_path_and_file(client: Client, api: CannedApi, tmp_path: Path) -> None:
    path = tmp_path / "street.png"
    path.write_bytes(PHOTO)
    for photo in (PHOTO, path, str(path), io.BytesIO(PHOTO), bytearray(PHOTO), memoryview(PHOTO)):
        client.predict(photo)
    with path.open("rb") as file:
        client.predict(file)
    assert api.bodies == [PHOTO] * 7
    assert {headers["content-type"] for headers in api.headers} == {"application/octet-stream"}


def test_photo_that_is_not_there(client: Client, api: CannedApi, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        client.predict(tmp_path / "nowhere.jpg")
    assert api.asked == []


def test_photo_that_is_none(client: Client, api: CannedApi) -> None:
    for photo in (io.StringIO("text"), io.TextIOWrapper(io.BytesIO(b"\xff\xd8"), "utf-8"), [1, 2]):
        with pytest.raises(TypeError, match=r"open\(path, 'rb'\)"):
            client.predict(photo)  # type: ignore[arg-type]
    assert api.asked == []


def test_render(client: Client, api: CannedApi) -> None:
    assert client.render(PHOTO, "overlay", alpha=0.6, void=False).data == png()
    assert api.asked == ["POST /api/predict?format=overlay&alpha=0.6&void=false"]


@pytest.mark.parametrize("status", [201, 204, 300, 304])
def test_only_200_is_a_picture(client: Client, api: CannedApi, status: int) -> None:
    api.raw["/api/photos/a_0"] = (status, "image/png", b"")
    with pytest.raises(ApiError, match=f"answered with status {status}") as caught:
        client.photo("a_0")
    assert caught.value.status == status


@pytest.mark.parametrize("address", ["http://api", "http://h/api", "http://h/api/", "http://h/v1"])
def test_address_copied_from_a_route(address: str) -> None:
    bare = {"http://api": "http://api", "http://h/v1": "http://h/v1"}
    assert Client(address).url == bare.get(address, "http://h")


def test_problem(client: Client) -> None:
    with pytest.raises(ApiError, match="There is no scene z") as caught:
        client.photo("z")
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - processes hand it on so
    assert (error.status, error.type, error.request_id) == (404, "urn:x:problem", "request-7")
    assert error.retry_after is None
    assert not error.may_pass


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the client would have slept, one by one."""
    slept: list[float] = []
    monkeypatch.setattr(
        "future_vision.time", SimpleNamespace(monotonic=time.monotonic, sleep=slept.append)
    )
    return slept


@pytest.mark.parametrize("status", [429, 503])
def test_busy_service_is_asked_again(
    client: Client, api: CannedApi, pauses: list[float], status: int
) -> None:
    api.refusals = [(status, {"Retry-After": "1"})]
    client.predict(PHOTO)
    assert [1] <= pauses <= [1.25]
    assert api.bodies == [PHOTO] * 2


def test_pauses_grow_where_none_is_named(api: CannedApi, pauses: list[float]) -> None:
    api.refusals = [(503, {"Retry-After": "soon"})] * 4
    with pytest.raises(ApiError) as caught:
        Client(api.url, retries=3).categories()
    assert caught.value.may_pass
    assert len(api.asked) == 4
    assert [0.5, 1, 2] <= pauses <= [0.625, 1.25, 2.5]


def test_nobody_waits_longer_than_asked_to(api: CannedApi, pauses: list[float]) -> None:
    api.refusals = [(503, {"Retry-After": "30"})]
    with pytest.raises(ApiError, match="Not now") as caught:
        Client(api.url, timeout=10).categories()
    assert pauses == []
    assert caught.value.retry_after == 30


@pytest.mark.parametrize("status", [400, 404, 500])
def test_other_problems_are_final(client: Client, api: CannedApi, status: int) -> None:
    api.refusals = [(status, {"Retry-After": "1"})]
    with pytest.raises(ApiError):
        client.categories()
    assert len(api.asked) == 1


@pytest.mark.parametrize("body", [b"<html>Bad gateway", b"", b"[]", b"[1]", b'{"detail": null}'])
def test_error_of_something_in_between(client: Client, api: CannedApi, body: bytes) -> None:
    api.raw["/api/categories"] = (502, "text/html", body)
    with pytest.raises(ApiError, match=r"The API answered with status 502\."):
        client.categories()


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b"null", b'{"categories": [{"id": 1}]}'])
def test_answer_of_another_shape(client: Client, api: CannedApi, body: bytes) -> None:
    api.raw["/api/categories"] = (200, "application/json", body)
    with pytest.raises(ApiError, match="not in the form this client expects"):
        client.categories()


@pytest.mark.parametrize(
    "change", [{"mask": {"encoding": "rle", "data": ""}}, {"timings_ms": []}, {"width": "wide"}]
)
def test_prediction_of_another_shape(
    client: Client, api: CannedApi, change: dict[str, object]
) -> None:
    _, media_type, body = api.answer("POST", "/api/predict?format=json", png())
    changed = json.dumps({**json.loads(body), **change}).encode()
    api.raw["/api/predict"] = (200, media_type, changed)
    with pytest.raises(ApiError, match="not in the form"):
        client.predict(PHOTO)


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = Client(f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(ApiError, match=r"127\.0\.0\.1:\d+ cannot be reached") as caught:
            client.categories()
    assert caught.value.status is None
    assert caught.value.may_pass


def test_silence_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.3)
        with pytest.raises(ApiError, match=r"did not answer within 0\.3 s"):
            client.categories()


def test_connection_that_ends_in_the_middle() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_half() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")

        thread = threading.Thread(target=answer_half)
        thread.start()
        with pytest.raises(ApiError, match="cannot be reached"):
            Client(f"http://127.0.0.1:{server.getsockname()[1]}").categories()
        thread.join()


@pytest.mark.parametrize("url", ["", "127.0.0.1:7071", "file:///etc"])
def test_address_that_is_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("API_BASE_URL", url)
    with pytest.raises(ApiError, match="API_BASE_URL"):
        Client()


def test_the_file_stands_alone(tmp_path: Path) -> None:
    """A copy of it, without any package installed, on the oldest Python it promises."""
    source = Path(future_vision.__file__).read_text()
    ast.parse(source, feature_version=(3, 10))
    (tmp_path / "future_vision.py").write_text(source)
    code = "import future_vision; future_vision.Client('http://127.0.0.1:9')"
    subprocess.run([sys.executable, "-S", "-c", code], cwd=tmp_path, env={}, check=True)
