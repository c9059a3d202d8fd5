"""The photo in a request's body: what counts as one, and what is refused before any work."""

import time

import azure.functions as func
import pytest

from function_app.http.problems import Problem
from function_app.http.upload import MAX_PARTS, MAX_TEXT_BYTES, photo_bytes
from function_app.settings import Settings

PHOTO = bytes(range(256)) * 8


def request(body: bytes, content_type: str = "", **headers: str) -> func.HttpRequest:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers["Content-Type"] = content_type
    return func.HttpRequest("POST", "http://h/api/predict", headers=headers, body=body)


def part(data: bytes, name: str = "image", file: str | None = "s.png", sep: str = "sep") -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
    head = f"--{sep}\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode() + data + b"\r\n"


def multipart(*parts: bytes) -> func.HttpRequest:
    return request(b"".join(parts) + b"--sep--\r\n", "multipart/form-data; boundary=sep")


def refusal(req: func.HttpRequest) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        photo_bytes(req)
    return caught.value.status, caught.value.slug


@pytest.mark.parametrize("kind", ["", "image/jpeg", "application/x-www-form-urlencoded", "text/x"])
def test_a_plain_body_is_the_photo_whatever_it_is_called(kind: str) -> None:
    assert photo_bytes(request(PHOTO, kind)) == PHOTO


def test_multipart_with_other_fields_around() -> None:
    req = multipart(part(b"hello", "note", None), part(PHOTO), part(b"other", "thumb"))
    assert photo_bytes(req) == PHOTO


@pytest.mark.parametrize(
    "req",
    [
        request(b""),
        request(b"", "multipart/form-data; boundary=sep"),
        request(part(PHOTO) + b"--sep--", "multipart/form-data"),
        request(part(PHOTO) + b"--sep--", "multipart/form-data; boundary=other"),
        request(PHOTO, "multipart/form-data; boundary=sep"),
        multipart(part(PHOTO, "photo")),
        multipart(part(PHOTO, file=None)),
        multipart(part(b"")),
    ],
    ids=["empty", "empty multipart", "no boundary", "other boundary", "no parts", "other field",
         "no file", "empty file"],
)  # fmt: skip
def test_no_photo(req: func.HttpRequest) -> None:
    assert refusal(req) == (422, "missing-image")


@pytest.mark.parametrize("length", ["25000001", "9" * 14, "9" * 5000, "-1", "x"])
def test_the_declared_length_is_checked_before_the_body_is_touched(length: str) -> None:
    class Untouched(func.HttpRequest):  # type: ignore[misc]
        def get_body(self) -> bytes:
            raise AssertionError("touched")

    headers = {"Content-Length": length}
    req = Untouched("POST", "http://h/api/predict", headers=headers, body=b"")
    assert refusal(req) == (413, "too-many-bytes")


def test_the_body_itself_counts_too() -> None:
    assert refusal(request(bytes(Settings().max_body_bytes + 1))) == (413, "too-many-bytes")


def test_multipart_limits() -> None:
    many = [part(b"x", f"field{number}", None) for number in range(MAX_PARTS)]
    assert refusal(multipart(*many, part(PHOTO))) == (413, "too-many-bytes")
    long = part(b"x" * (MAX_TEXT_BYTES + 1), "note", None)
    assert refusal(multipart(long, part(PHOTO))) == (413, "too-many-bytes")


def test_a_body_of_nothing_but_parts_costs_little() -> None:
    start = time.process_time()
    assert refusal(multipart(part(b"", "a", None) * 100_000))[0] == 413
    assert time.process_time() - start < 1
