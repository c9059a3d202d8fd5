"""The rules of the house: who may import whom, and what a cold start loads."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.helpers.left_out import SLOW

ROOMS = {
    "function_app", "synthetic", "training", "frontend", "local", "bench", "infra", "docs", "tests",
}  # fmt: skip
MAY_IMPORT = {
    "function_app": set(),
    "frontend": set(),
    "synthetic": {"function_app"},
    "training": {"function_app", "synthetic"},
    "local": {"function_app", "synthetic", "training"},
    "bench": {"function_app", "local", "synthetic", "training"},
    "infra": {"function_app", "local", "synthetic", "training"},
    "docs": {"function_app", "synthetic", "training"},
}
PAGES = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), *PROJECT.glob("*/README.md")]
FLOORS = ["http", "batches", "storage", "vision"]
NEVER_SERVED = {"tensorflow", "keras", "tf2onnx", "pandas", "matplotlib", "streamlit"}


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".", maxsplit=1)[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".", maxsplit=1)[0])
    return names


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_only_what_they_may(room: str) -> None:
    files = sorted((PROJECT / room).rglob("*.py"))
    assert files
    for path in files:
        foreign = (imports(path) & ROOMS) - {room} - MAY_IMPORT[room]
        assert not foreign, f"{path.relative_to(PROJECT)} imports {foreign}"
        if room == "function_app":
            assert not imports(path) & NEVER_SERVED, path


@pytest.mark.parametrize("room", ["training", "synthetic"])
def test_of_the_service_only_vision_is_a_library(room: str) -> None:
    for path in sorted((PROJECT / room).rglob("*.py")):
        for name in modules(path):
            if name.startswith("function_app"):
                assert name.startswith("function_app.vision."), (path, name)


def test_imports_inside_the_service_point_downward_only() -> None:
    for number, floor in enumerate(FLOORS):
        above = FLOORS[:number]
        for path in sorted((PROJECT / "function_app" / floor).rglob("*.py")):
            for name in modules(path):
                assert not name.startswith(tuple(f"function_app.{f}" for f in above)), (path, name)
    for path in (PROJECT / "function_app").glob("*.py"):
        assert not {n for n in modules(path) if n.startswith("function_app")}, path


def test_vision_imports_without_azure_http_and_storage() -> None:
    parts = sorted(p.stem for p in (PROJECT / "function_app/vision").glob("[!_]*"))
    code = f"import sys; from function_app.vision import {', '.join(parts)}; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = ended.stdout.split()
    for name in ("azure", *(f"function_app.{floor}" for floor in FLOORS[:-1])):
        assert not [m for m in loaded if m == name or m.startswith(f"{name}.")], name


def modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_a_cold_start_loads_no_azure_client() -> None:
    code = "import main, sys; print(*sorted({m for m in sys.modules}))"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(ended.stdout.split())
    for heavy in (
        "azure.storage", "azure.identity", "azure.core", "kornia_rs",
        "PIL.PngImagePlugin", "training", "local", "tqdm",
    ):  # fmt: skip
        assert heavy not in loaded
    assert not loaded & NEVER_SERVED
    assert "onnxruntime" in loaded


def test_the_service_leaves_no_trace_of_telemetry(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", "import main"], cwd=PROJECT, check=True, env=environment)
    assert not list(tmp_path.iterdir())


def test_the_demo_needs_nothing_of_training_s_requirements() -> None:
    code = "import local.__main__, synthetic.__main__, sys; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert not set(ended.stdout.split()) & {*NEVER_SERVED, "onnx", "tqdm", "yaml"}


def test_serving_requirements_are_pinned_and_few() -> None:
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    names = {line.split("==")[0] for line in lines if line and not line.startswith("#")}
    assert all("==" in line for line in lines if line and not line.startswith("#"))
    assert names == {
        "azure-functions", "azure-identity", "azure-storage-blob", "azure-storage-queue", "isal",
        "kornia-rs", "numpy", "onnxruntime", "pillow", "python-multipart",
    }  # fmt: skip


def test_files_listed_as_slow_exist() -> None:
    assert [name for name in SLOW if not (PROJECT / name.partition("::")[0]).exists()] == []


def test_links_of_the_documentation_lead_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^) ]+)[^)]*\)", page.read_text()):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if not link.startswith("http"):
                assert target.exists(), f"{page.name}: {link}"
                assert not anchor or anchor in anchors(target.read_text()), f"{page.name}: {link}"


def anchors(text: str) -> set[str]:
    """GitHub's anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_nothing_large_or_licensed_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = PROJECT / name
        if path.exists():
            assert path.stat().st_size < 15_000_000, name
            if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
                # Only pictures that we drew: figures, synthetic scenes and what runs see in them.
                drawn = ("docs/", "frontend/samples/", "results/study/masks/")
                assert name.startswith(drawn), name
