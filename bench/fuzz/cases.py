"""Case i of a seed: always the same damaged photo, sent in the same way."""

import io
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode

import azure.functions as func
import numpy as np
from PIL import Image

from bench.fuzz.corpus import valid_files
from bench.fuzz.mutations import mutate
from bench.record import PROJECT
from function_app.vision.model_package import MANIFEST_FILE, Manifest

FORMATS: tuple[dict[str, str], ...] = (
    {},
    {"format": "color"},
    {"format": "overlay", "alpha": "0.3"},
    {"format": "confidence"},
    {"format": "json", "void": "false"},
)
QUERIES = (*[FORMATS[0]] * 5, *FORMATS)
BOUNDARY = "Ka7--x"

LARGE = (3400, 3100)
"""(width, height) whose RGB pixels take 31.6 MB."""


class Case(NamedTuple):
    """A request to /predict; `name` says which valid file it was made from."""

    name: str
    photo: bytes
    query: dict[str, str]
    multipart: bool

    def request(self) -> func.HttpRequest:
        """Build what Azure's worker hands to the route."""
        body, kind = self.photo, "application/octet-stream"
        if self.multipart:
            body = (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n'
                "Content-Type: image/png\r\n\r\n"
            ).encode() + self.photo + f"\r\n--{BOUNDARY}--\r\n".encode()  # fmt: skip
            kind = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {"Content-Type": kind, "Content-Length": str(len(body))}
        url = f"http://h/api/predict?{urlencode(self.query)}"
        return func.HttpRequest(
            "POST", url, headers=headers, params=self.query, route_params={}, body=body
        )


def case(seed: int, i: int) -> Case:
    """Return case `i` of `seed`."""
    rng = np.random.default_rng([seed, i])
    files = _files()
    name, other = (list(files)[int(rng.integers(len(files)))] for _ in range(2))
    photo = mutate(files[name], files[other], rng)
    query = QUERIES[int(rng.integers(len(QUERIES)))]
    if rng.random() < 0.9:
        query = {**query, "model": _quick_model()}
    return Case(name, photo, query, bool(rng.random() < 0.1))


def undamaged() -> list[Case]:
    """The valid files as they are, to each of the models that cases ask for; and large ones."""
    quick = {"model": _quick_model()}
    small = [
        Case(name, photo, query, False) for name, photo in _files().items() for query in ({}, quick)
    ]
    # glibc keeps free blocks of up to 32 MB once it has met them (M_MMAP_THRESHOLD, mallopt(3)):
    # memory is where it will be after the first photos whose pixels are almost that large.
    out = io.BytesIO()
    Image.new("RGB", LARGE).save(out, "JPEG")
    return small + [Case("large.jpg", out.getvalue(), quick | query, False) for query in FORMATS]


@cache
def _quick_model() -> str:
    """The bundled model with the smallest input, for most cases: it is decoding that may break."""
    packages = (PROJECT / "models").glob(f"*/*/{MANIFEST_FILE}")
    manifests = [Manifest.from_json(path.read_bytes()) for path in packages]
    return str(min(manifests, key=lambda manifest: manifest.height * manifest.width).ref)


@cache
def _files() -> dict[str, bytes]:
    return valid_files()
