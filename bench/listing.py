"""Blob Storage of very many blobs that are but names: what List Blobs and Get Blob answer.

Names are not stored one by one in Azurite, which looks through all of them for each call: then
this would measure the emulator. https://learn.microsoft.com/rest/api/storageservices/list-blobs
"""

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from local.azurite import KEY

ROW = (
    "<Blob><Name>{}</Name><Properties><Etag>0x1</Etag><Content-Length>{}</Content-Length>"
    "</Properties></Blob>"
)


class Storage:
    """Containers by name, each with the names of its blobs in order; all blobs are alike.

    Attributes:
        requests: how many were answered.
        connection: connection string.
    """

    def __init__(self, containers: Mapping[str, Sequence[str]], blob: bytes, url: str) -> None:
        self._containers, self._blob = containers, blob
        self.requests = 0
        self.connection = (
            f"DefaultEndpointsProtocol=http;AccountName=names;AccountKey={KEY};"
            f"BlobEndpoint={url}/names;"
        )

    def answer(self, target: str) -> tuple[int, bytes]:
        """Return status and body of a GET."""
        self.requests += 1
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        _, _, container, *path = unquote(url.path).split("/")
        names = self._containers.get(container, ())
        if query.get("comp") == "list":
            return 200, _page(names, len(self._blob), query)
        name = "/".join(path)
        place = bisect_left(names, name)
        found = place < len(names) and names[place] == name
        return (200, self._blob) if found else (404, b"")


def _page(names: Sequence[str], size_of_blob: int, query: Mapping[str, str]) -> bytes:
    prefix, size = query.get("prefix", ""), int(query.get("maxresults", "5000"))
    first = bisect_left(names, query.get("marker") or prefix)
    rows = [name for name in names[first : first + size] if name.startswith(prefix)]
    following = names[first + size : first + size + 1]
    marker = following[0] if following and following[0].startswith(prefix) else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?><EnumerationResults>'
        f"<Prefix>{escape(prefix)}</Prefix><MaxResults>{size}</MaxResults><Blobs>"
        + "".join(ROW.format(escape(name), size_of_blob) for name in rows)
        + f"</Blobs><NextMarker>{escape(marker)}</NextMarker></EnumerationResults>"
    ).encode()


@contextmanager
def storage_of_names(containers: Mapping[str, Sequence[str]], blob: bytes) -> Iterator[Storage]:
    """Serve such a storage on a free port of loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = storage.answer(self.path)
            listed = "comp=list" in self.path
            self.send_response(206 if status == 200 and not listed else status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/xml" if listed else "image/png")
            if status == 200 and not listed:
                self.send_header("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}")
                self.send_header("x-ms-blob-type", "BlockBlob")
            if status == 404:
                self.send_header("x-ms-error-code", "BlobNotFound")
            self.send_header("ETag", '"0x1"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    storage = Storage(containers, blob, f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield storage
    finally:
        server.shutdown()
        server.server_close()
