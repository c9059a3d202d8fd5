"""The explorer's package: what is in it, and that it runs as Azure runs it."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from local.explorer import explorer_health
from local.package import Package
from local.package.locks import EXPLORER, FUNCTION_APP, lock_file, write_lock
from local.processes import Children, free_port
from tests.conftest import PROJECT

UV = PROJECT / ".venv-tools" / "bin" / "uv"
TEMPLATE = PROJECT / "infra" / "bicep" / "modules" / "explorer.bicep"
START = re.compile(r"appCommandLine: '(.+)'")
ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 - in the template, where a load balancer stands in front
MOST_MEGABYTES = 2

PAGE = """
import json
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("streamlit_app.py", default_timeout=60).run()
print(json.dumps({
    "exceptions": [found.message for found in page.exception],
    "html": "".join(element.proto.body for element in page.get("html")),
    "buttons": [button.key for button in page.button],
}))
"""


@pytest.fixture(scope="module")
def uv() -> str:
    if not UV.exists():
        pytest.skip("uv is not here; `make infra-tools` installs it")
    return str(UV)


@pytest.fixture(scope="module")
def azure(
    explorer: Path, azure_python: str, uv: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A virtual environment of what App Service would install; its interpreter."""
    venv = tmp_path_factory.mktemp("antenv") / "antenv"
    subprocess.run([uv, "venv", "-q", "--python", azure_python, venv], check=True)
    python = venv / "bin" / "python"
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r",
         explorer / "requirements.txt"], check=True,
    )  # fmt: skip
    return python


def test_it_holds_the_pages_and_nothing_else(packages: list[Package], explorer: Path) -> None:
    package = packages[1]
    assert package.path.stat().st_size == package.size < MOST_MEGABYTES * 1e6
    names = {path.relative_to(explorer).as_posix() for path in explorer.rglob("*")}
    assert {
        ".streamlit/config.toml",
        "requirements.txt",
        "samples/day.jpg",
        "views/scene.py",
    } <= names
    top = {name.partition("/")[0] for name in names}
    frontend = {path.name for path in (PROJECT / "frontend").iterdir()}
    commands = {"segment.py", "score_batch.py"}
    assert frontend - top <= {"site", *commands, "__pycache__", ".mypy_cache", ".ruff_cache"}
    assert not [name for name in names if "cache" in name]
    for name in "streamlit_app.py", "texts.json", "viewer/viewer.js":
        assert (explorer / name).read_bytes() == (PROJECT / "frontend" / name).read_bytes()


@pytest.mark.parametrize("name", [FUNCTION_APP, EXPLORER])
def test_the_locks_are_what_the_requirements_ask_for(uv: str, name: str, tmp_path: Path) -> None:
    def pins(path: Path) -> list[str]:
        # Hashes of files that were added to a release since then do not matter.
        return re.findall(r"(?m)^[^ #]+", path.read_text())

    lock = lock_file(PROJECT, name)
    again = tmp_path / lock.name
    again.write_bytes(lock.read_bytes())
    write_lock(PROJECT, name, again)
    assert pins(again) == pins(lock), "make lock"
    assert lock.read_text().count("--hash=sha256:") >= len(pins(lock)) > 20


def test_it_runs_as_azure_runs_it(
    explorer: Path, azure: Path, service_url: str, tmp_path: Path
) -> None:
    template = TEMPLATE.read_text()
    (line,) = START.findall(template)
    port = free_port()
    # A port that is free, and on loopback only.
    for azures, ours in ("python", str(azure)), ("8000", str(port)), (ALL_ADDRESSES, "127.0.0.1"):
        line, found = re.subn(rf"(?<= ){re.escape(azures)}(?= )", ours, f" {line}")
        assert found == 1, azures
    assert "WEBSITES_PORT: '8000'" in template
    with Children(tmp_path, cwd=explorer) as children:
        children.start("explorer", shlex.split(line), API_BASE_URL=service_url)
        children.wait_for(explorer_health(port))
    ended = subprocess.run(
        [azure, "-c", PAGE], cwd=explorer, env={**os.environ, "API_BASE_URL": service_url},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    page = json.loads(ended.stdout.splitlines()[-1])
    assert page["exceptions"] == []
    assert "lite0-fpn" in page["html"]
    assert any(key.startswith("open_val/synthetic/") for key in page["buttons"])
