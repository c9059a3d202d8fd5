"""The photo in the body of a request: the bytes as they are, or a multipart upload."""

import re

import azure.functions as func

from function_app.http.problems import Problem
from function_app.http.wrappings import wrapping
from function_app.settings import settings

FIELD = "image"
MAX_PARTS = 16
"""Parts of a multipart body: a photo and a few fields that a form may add; each costs work."""


def limited_body(req: func.HttpRequest) -> bytes:
    """Return the body.

    Raises:
        Problem: 411 it was sent in chunks, which Azure's host does not hand over; 413 too many
            bytes, seen in Content-Length before the body is touched.
    """
    limit = settings().max_body_bytes
    declared = req.headers.get("Content-Length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
        raise _too_many(limit)
    body: bytes = req.get_body()
    if len(body) > limit:
        raise _too_many(limit)
    if not body and "chunked" in req.headers.get("Transfer-Encoding", "").lower():
        raise Problem(
            "length-required",
            "The body was sent in chunks (Transfer-Encoding: chunked), which do not arrive here: "
            "send it in one piece, with a Content-Length.",
        )
    return body


def photo_bytes(req: func.HttpRequest) -> bytes:
    """Return the photo's bytes.

    Raises:
        Problem: as `limited_body`; 413 too many parts; 415 the body holds a photo in a form that
            is not accepted, such as base64; 422 no bytes, or not one multipart field "image".
    """
    body = limited_body(req)
    content_type = req.headers.get("Content-Type", "")
    if body and content_type.strip().lower().startswith("multipart/"):
        body = _image_of_form(body, content_type)
    if not body:
        raise Problem(
            "missing-image",
            f"The body, or its field '{FIELD}', is empty: send the photo's bytes in it.",
        )
    if found := wrapping(body, req.headers.get("Content-Encoding", "")):
        raise Problem(
            "unsupported-photo", f"The body looks like {found}: send the photo's bytes as they are."
        )
    return body


def _too_many(limit: int) -> Problem:
    return Problem("too-many-bytes", f"At most {limit:,} bytes are accepted.")


def _image_of_form(body: bytes, content_type: str) -> bytes:
    """Return what the one field `image` holds, with a filename or without."""
    from python_multipart.multipart import parse_options_header

    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise Problem(
            "missing-image",
            "The Content-Type multipart/form-data has no boundary: let the HTTP library set this "
            "header, it knows the boundary.",
        )
    first = b"--" + boundary
    preamble = 0 if body.startswith(first) else body.find(b"\n" + first) + 1
    body = body[preamble:]
    if not body.startswith(first):
        name = boundary.decode("latin-1")[:80]
        detail = f"No line begins with --{name}, the boundary that the Content-Type names."
        raise Problem("missing-image", detail)
    # Counted first: the parser takes each of them byte by byte.
    if body.count(b"\r\n--" + boundary) > MAX_PARTS:
        raise Problem("too-many-bytes", f"A multipart body may have {MAX_PARTS} parts.")
    fields = _fields(_unfolded(body, boundary), boundary)
    images = [data for name, data in fields if name == FIELD]
    if not images:
        names = ", ".join(repr(name[:40]) for name, _ in fields)
        raise Problem(
            "missing-image", f"The multipart body has no field '{FIELD}', only: {names or 'none'}."
        )
    if len(images) > 1:
        detail = f"The multipart body has {len(images)} fields '{FIELD}': send one photo a request."
        raise Problem("missing-image", detail)
    return images[0]


def _unfolded(body: bytes, boundary: bytes) -> bytes:
    """Return the body as the parser takes it, the parts' bytes as they are.

    Each header of a part becomes one line (RFC 822, 3.1.1), and no blanks follow a boundary (RFC
    2046, 5.1.1).
    """
    # Nothing is tried twice (*+, ++): bodies may be made to cost time.
    head = rb"(\r\n--%b)[ \t]*+((?:\r\n[^\r\n]++)*+)(?=\r\n\r\n)" % re.escape(boundary)
    return re.sub(
        head, lambda found: found[1] + re.sub(rb"\r\n[ \t]+", b" ", found[2]), b"\r\n" + body
    )


def _fields(body: bytes, boundary: bytes) -> list[tuple[str, bytes]]:
    """Return the parts of a multipart body, each as its name in lower case and its bytes."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, MultipartState

    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type]
        parser.write(body)
    except FormParserError as error:
        raise Problem("missing-image", f"The multipart body cannot be read: {error}.") from error
    if parser.state not in (MultipartState.END, MultipartState.END_BOUNDARY):
        name = boundary.decode("latin-1")[:80]
        detail = f"The multipart body does not end with its boundary, --{name}--: it is cut off."
        raise Problem("missing-image", detail)
    return form.fields


class _Form:
    """Collects what python-multipart finds. Header values are bytes in any encoding."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, bytes]] = []
        self._header, self._value, self._name = b"", b"", ""
        self._data: list[bytes] = []

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_data,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._name, self._data = "", []

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header, self._value = self._header + data[start:end], b""

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        from python_multipart.multipart import parse_options_header

        if self._header.lower() == b"content-disposition":
            # Not escaped is the quote of a filename that ends in a backslash.
            value = re.sub(rb'\\(?="; *name=)', b"", self._value, flags=re.IGNORECASE)
            options = parse_options_header(value)[1]
            self._name = options.get(b"name", b"").decode("latin-1").lower()
        self._header = b""

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])

    def _end(self) -> None:
        self.fields.append((self._name, b"".join(self._data)))
