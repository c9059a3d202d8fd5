"""The photo in a request's body: what counts as one, and what is refused before any work."""

import base64
import gzip
import json
import time
import zlib

import azure.functions as func
import pytest
from PIL import Image

from function_app.http.problems import Problem
from function_app.http.upload import MAX_PARTS, photo_bytes
from tests.function_app.client import encoded

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 8


def request(body: bytes, content_type: str = "", **headers: str) -> func.HttpRequest:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers["Content-Type"] = content_type
    return func.HttpRequest("POST", "http://h/api/predict", headers=headers, body=body)


def part(data: bytes, disposition: str = 'form-data; name="image"; filename="s.png"') -> bytes:
    head = f"--sep\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode("cp1252") + data + b"\r\n"


def field(name: str, data: bytes = b"x") -> bytes:
    return part(data, f'form-data; name="{name}"')


def multipart(*parts: bytes, kind: str = "multipart/form-data; boundary=sep") -> func.HttpRequest:
    return request(b"".join(parts) + b"--sep--\r\n", kind)


def refusal(req: func.HttpRequest) -> Problem:
    with pytest.raises(Problem) as caught:
        photo_bytes(req)
    return caught.value


@pytest.mark.parametrize("kind", ["", "image/jpeg", "application/x-www-form-urlencoded", "text/x"])
def test_a_plain_body_is_the_photo_whatever_it_is_called(kind: str) -> None:
    assert photo_bytes(request(PHOTO, kind)) == PHOTO


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_photos_are_never_taken_for_something_else(format: str) -> None:
    for color in ("white", "black", "#424d41", "#2d2d2d"):
        photo = encoded(Image.new("RGB", (64, 64), color), format)
        assert photo_bytes(request(photo, Content_Encoding="gzip")) == photo


@pytest.mark.parametrize(
    "disposition",
    [
        'form-data; name="image"; filename="strasse.jpg"',
        'form-data; name="image"; filename="straße.jpg"',
        "form-data; name=image; filename=a.jpg",
        'form-data; name="image"',
        'Form-Data; Name="image"; Filename="a.jpg"',
        'FORM-DATA;NAME="Image"',
        'form-data; filename="a;name=\\"x\\".jpg"; name="image"',
        'form-data; name="image"; filename="a.jpg"; filename*=UTF-8\'\'stra%C3%9Fe.jpg',
        'form-data; filename="C:\\"; name="image"',
        'form-data;\r\n name="image";\r\n\tfilename="a.jpg"',
    ],
)
def test_the_field_image_whatever_its_header_looks_like(disposition: str) -> None:
    large = PHOTO * 500
    req = multipart(field("note", b"hello"), part(large, disposition), field("thumb"))
    assert photo_bytes(req) == large


@pytest.mark.parametrize("preamble", [b"", b"\r\n", b"For readers of mail: --sep\r\n\r\n"])
@pytest.mark.parametrize("blanks", [b"", b" \t"])
def test_what_may_stand_around_a_boundary(preamble: bytes, blanks: bytes) -> None:
    # The folded lines and boundaries with blanks inside the photo are its bytes.
    data = PHOTO + b"\r\n folded\r\n--se \t\r\n\r\n x\r\n\r\n"
    parts = [part(each).replace(b"--sep", b"--sep" + blanks, 1) for each in (data, b"x")]
    parts[1] = parts[1].replace(b"image", b"note")
    assert photo_bytes(multipart(preamble, *parts)) == data


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "shift_jis", "gbk", "koi8-r", "utf-16"])
def test_filenames_in_any_encoding(encoding: str) -> None:
    name = {"cp1252": "straße", "koi8-r": "улица"}.get(encoding, "街").encode(encoding)
    name = name.replace(b"\r", b"").replace(b"\n", b"")
    head = b'--sep\r\ncontent-DISPOSITION: form-data; name="image"; filename="' + name + b'.jpg"'
    assert photo_bytes(multipart(head + b"\r\n\r\n" + PHOTO + b"\r\n")) == PHOTO


FORM = "multipart/form-data; boundary="
NO_PHOTO = [
    (request(b""), "is empty: send the photo's bytes"),
    (request(b"", f"{FORM}sep"), "is empty: send the photo's bytes"),
    (multipart(part(b"")), "is empty: send the photo's bytes"),
    (multipart(part(PHOTO), kind="multipart/form-data"), "has no boundary"),
    (multipart(part(PHOTO), kind=f"{FORM}other"), "No line begins with --other"),
    (multipart(part(PHOTO), kind=FORM + "b" * 5000), "No line begins"),
    (request(PHOTO, f"{FORM}sep"), "No line begins with --sep, the boundary"),
    (request(part(PHOTO), f"{FORM}sep"), "--sep--: it is cut off"),
    (request(part(PHOTO)[:900], f"{FORM}sep"), "it is cut off"),
    (multipart(field("photo"), field("Note")), "no field 'image', only: 'photo', 'note'"),
    (multipart(), "no field 'image', only: none"),
    (multipart(part(PHOTO), part(PHOTO)), "2 fields 'image': send one photo"),
    (multipart(b"--sep\r\nno header\r\n\r\n"), "cannot be read"),
]


@pytest.mark.parametrize(("req", "said"), NO_PHOTO)
def test_no_photo(req: func.HttpRequest, said: str) -> None:
    problem = refusal(req)
    assert (problem.status, problem.slug) == (422, "missing-image")
    assert said in problem.detail
    assert len(problem.detail) < 300


JPEG = encoded(Image.effect_noise((90, 60), 50).convert("RGB"), "JPEG")
BASE64 = base64.b64encode(JPEG)
WRAPPED = {
    "base64": (BASE64, "base64 text"),
    "base64 in lines": (base64.encodebytes(JPEG), "base64 text"),
    "base64 for URLs": (base64.urlsafe_b64encode(JPEG), "base64 text"),
    "base64 of anything": (base64.b64encode(bytes(range(200))), "base64 text"),
    "base64 of a short one": (b"iVBORw0KGgoAAAANSUhEUg==", "base64 text"),
    "hexadecimal": (JPEG.hex().encode(), "hexadecimal text"),
    "data URL": (b"data:image/jpeg;base64," + BASE64, "a data: URL"),
    "JSON": (json.dumps({"image": BASE64.decode()}).encode(), "JSON"),
    "JSON after spaces": (b"\xef\xbb\xbf \n[1, 2]", "JSON"),
    "JSON string": (b'"' + BASE64 + b'"', "JSON"),
    "form": (b"image=%FF%D8%FF%E0&x=1", "a URL-encoded form"),
    "address": (b"https://example.org/street.jpg", "an address"),
    "page": (b"\n<!DOCTYPE html><title>x</title>", "an HTML page"),
    "error of a storage": (b"<?xml version='1.0'?>\n<Error><Code>NoSuchKey</Code></Error>", "XML"),
    "multipart": (b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\nx', "a multipart"),
    "gzip": (gzip.compress(JPEG), "gzip data"),
    "zip": (b"PK\x03\x04" + bytes(40), "a ZIP archive"),
    "UTF-16": ("x".encode("utf-16"), "UTF-16 text"),
}


@pytest.mark.parametrize(("body", "said"), WRAPPED.values(), ids=WRAPPED)
def test_bodies_that_hold_a_photo_in_another_form_are_named(body: bytes, said: str) -> None:
    for req in (request(body), multipart(part(body))):
        problem = refusal(req)
        assert (problem.status, problem.slug) == (415, "unsupported-photo")
        assert f"looks like {said}" in problem.detail
        assert "send the photo's bytes" in problem.detail


def test_a_compressed_body_is_named_by_its_header() -> None:
    problem = refusal(request(zlib.compress(JPEG), Content_Encoding="deflate"))
    assert (problem.slug, "deflate data" in problem.detail) == ("unsupported-photo", True)


SVG = b"<?xml version='1.0'?><!-- a drawing --><svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.mark.parametrize("body", [SVG, b"no photo, just text", b"\0" * 500, b"{\x80\x00", b"hello"])
def test_what_is_not_recognised_is_left_to_the_decoder(body: bytes) -> None:
    assert photo_bytes(request(body)) == body


@pytest.mark.parametrize("length", ["25000001", "9" * 14, "9" * 5000, "-1", "x"])
def test_the_declared_length_is_checked_before_the_body_is_touched(length: str) -> None:
    class Untouched(func.HttpRequest):  # type: ignore[misc]
        def get_body(self) -> bytes:
            raise AssertionError("touched")

    headers = {"Content-Length": length}
    req = Untouched("POST", "http://h/api/predict", headers=headers, body=b"")
    assert refusal(req).slug == "too-many-bytes"


def test_the_parts_of_a_form_are_limited() -> None:
    fields = [field(f"field{number}") for number in range(MAX_PARTS)]
    assert photo_bytes(multipart(*fields[1:], part(PHOTO))) == PHOTO
    assert refusal(multipart(*fields, part(PHOTO))).slug == "too-many-bytes"


COSTLY = {
    "parts": field("a", b"") * 100_000,
    "almost boundaries": b"\r\n--sepa" * 2_000_000,
    "parts of boundaries": part(b"\r\n--se" * 2_000_000),
    "headers": b"--sep\r\n" + b"X: y\r\n" * 500_000,
    "header": b"--sep\r\n" + b"X" * 5_000_000,
    "line ends": b"\r\n" * 5_000_000,
    "folds": b"--sep\r\nX: y" + b"\r\n " * 1_000_000,
    "blanks": b"--sep" + b" " * 5_000_000,
}


@pytest.mark.parametrize("body", COSTLY.values(), ids=COSTLY)
def test_forms_made_to_cost_time_cost_little(body: bytes) -> None:
    start = time.process_time()
    assert refusal(multipart(body)).slug in ("too-many-bytes", "missing-image", "unsupported-photo")
    assert time.process_time() - start < 1
