"""What the page offers to paste works, as it stands there, against the running service."""

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import snippets
from canned_api import CannedApi, png
from future_vision import Client
from identity_endpoint import IdentityEndpoint
from PIL import Image

from local import node

FRONTEND = Path(snippets.__file__).parent
ALL = (snippets.curl, snippets.python, snippets.javascript)


@pytest.fixture(scope="module")
def street(service_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with street.jpg in it."""
    client, folder = Client(service_url), tmp_path_factory.mktemp("street")
    (folder / "street.jpg").write_bytes(client.photo(next(client.scenes()).id).data)
    return folder


def ran(command: list[str], folder: Path) -> str:
    env = {**os.environ, "PYTHONPATH": str(FRONTEND)}
    ended = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def check(saved: Path, format: str) -> None:
    if format == "json":
        assert json.loads(saved.read_text())["width"] == 1024
        return
    with Image.open(saved) as picture:
        assert picture.size == (1024, 512)
        assert picture.format == {".png": "PNG", ".jpg": "JPEG"}[saved.suffix]


@pytest.mark.parametrize("format", snippets.FILES)
def test_curl(format: str, service_url: str, street: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    saved = street / snippets.FILES[format]
    saved.unlink(missing_ok=True)
    ran(["sh", "-c", snippets.curl(service_url, format, keyed=True)], street)
    check(saved, format)


@pytest.mark.parametrize("format", ["overlay", "json"])
def test_python(format: str, service_url: str, street: Path) -> None:
    saved = street / snippets.FILES[format]
    saved.unlink(missing_ok=True)
    said = ran(
        [sys.executable, "-c", snippets.python(service_url, format, keyed=True)], street
    )  # fmt: skip
    if format == "json":
        assert " ms\n" in said
        assert "vehicle" in said
    else:
        check(saved, format)


@pytest.mark.parametrize("format", ["mask", "json"])
def test_javascript(format: str, service_url: str, street: Path) -> None:
    program, _ = node.toolchain()
    code = snippets.javascript(service_url, format, keyed=True)
    around = (
        "import { openAsBlob } from 'node:fs';\n"
        "const photo = await openAsBlob('street.jpg');\nconst image = {};\n"
        f"{code}\nconsole.log({'mask.data' if format == 'json' else 'image.src'});"
    )
    said = ran([program, "--input-type=module", "-e", around], street)
    assert said.startswith("iVBORw0KGgo" if format == "json" else "blob:")


@pytest.fixture
def entra(api: CannedApi, endpoint: IdentityEndpoint, tmp_path: Path) -> Path:
    """A folder with street.jpg in it; the canned API and the identity endpoint run."""
    del api, endpoint
    (tmp_path / "street.jpg").write_bytes(png())
    return tmp_path


AZ = r"""#!/bin/sh
# A stand-in for the Azure CLI: a token for exactly this question.
asked="account get-access-token --resource api://the '\$API --query accessToken -o tsv"
[ "$*" = "$asked" ] && echo az-token
"""


def test_curl_with_a_token(api: CannedApi, entra: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    (entra / "az").write_text(AZ)
    (entra / "az").chmod(0o755)
    monkeypatch.setenv("PATH", str(entra), prepend=os.pathsep)
    audience = "api://the '$API"
    ran(["sh", "-c", snippets.curl(api.url, "overlay", keyed=False, audience=audience)], entra)
    assert api.headers[0]["authorization"] == "Bearer az-token"
    assert (entra / "overlay.jpg").read_bytes() == png()


def test_python_with_a_token(api: CannedApi, endpoint: IdentityEndpoint, entra: Path) -> None:
    """By azure-identity, to which the stand-in must be as good as App Service's own endpoint."""
    audience = "api://the-api"
    code = snippets.python(api.url, "overlay", keyed=False, audience=audience)
    ran([sys.executable, "-c", code], entra)
    assert api.headers[0]["authorization"] == "Bearer token-1"
    asked = {"resource": audience, "api-version": "2019-08-01", "client_id": "the-explorer"}
    assert endpoint.asked == [asked]
    assert (entra / "overlay.jpg").read_bytes() == png()


def test_javascript_with_a_token(api: CannedApi, entra: Path) -> None:
    program, _ = node.toolchain()
    code = snippets.javascript(api.url, "overlay", keyed=True, audience="api://the-api")
    around = (
        "import { openAsBlob } from 'node:fs';\nconst photo = await openAsBlob('street.jpg');\n"
        f"const image = {{}}, token = 'js-token';\n{code}\nconsole.log(image.src);"
    )
    assert ran([program, "--input-type=module", "-e", around], entra).startswith("blob:")
    assert api.headers[0]["authorization"] == "Bearer js-token"
    assert api.headers[0]["x-functions-key"] == snippets.KEY


def test_a_token_is_asked_for_only_where_one_is_needed() -> None:
    for write in ALL:
        assert "api://a" in write("https://host", "mask", keyed=False, audience="api://a")
        assert "token" not in write("https://host", "mask", keyed=True).lower()


def test_a_key_is_named_only_where_one_is_needed() -> None:
    for write in ALL:
        assert snippets.KEY in write("https://host", "mask", keyed=True)
        assert "key" not in write("https://host", "mask", keyed=False).lower()


def test_an_address_stays_within_its_quotes() -> None:
    url = """http://h/'"$(id)`id`\\"""
    curl = snippets.curl(url, "mask", keyed=False)
    assert shlex.split(curl.replace("\\\n", ""))[-1] == f"{url}/api/predict?format=mask"
    (client,) = (
        call
        for call in ast.walk(ast.parse(snippets.python(url, "mask", keyed=False)))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Client"
    )
    assert ast.literal_eval(client.args[0]) == url
