"""Build the site: the same inputs give the same bytes."""

import hashlib
import json
import shutil
import string
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple

from local.package.archive import write_zip
from local.package.explorer import app_files
from local.progress import step
from local.site.deploy import FACTS, check_address, configure_site, script_hash
from local.site.errors import SiteError
from local.site.inputs import Inputs, fetch_inputs, inputs_digest
from local.site.server import encoded
from local.site.stlite import copy_stlite, used_calls

RUNTIME = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm")
OWN_FILES = ("boot.js", "loading.css", "favicon.svg")


class Site(NamedTuple):
    """A built site: its folder."""

    folder: Path

    def sizes(self) -> tuple[int, int, int]:
        """Return the number of files, their bytes, and their bytes as a good host sends them."""
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        sent = sum(len(encoded(path, path.stat().st_mtime_ns)[0]) for path in paths)
        return len(paths), sum(path.stat().st_size for path in paths), sent


def build_site(project: Path, out: Path, state: Path, api: str | None = None) -> Site:
    """Build the site into `out`, unless it holds a build of the same inputs, and configure it.

    Args:
        project: the repository.
        out: folder of the site; replaced as a whole or not at all.
        state: folder that keeps what is fetched.
        api: address of the API; None for the host that serves the site.

    Raises:
        NodeError: Node.js cannot be had, or npm fails.
        SiteError: something else is missing; the message says what.
    """
    check_address(api)
    frontend = project / "frontend"
    build = _build_id(frontend)
    facts = out / FACTS
    if facts.exists() and json.loads(facts.read_text())["id"] == build:
        configure_site(out, api)
        return Site(out)
    inputs = fetch_inputs(frontend / "site", state)
    with step("Building the static site"):
        beside = out.with_name(out.name + ".new")
        shutil.rmtree(beside, ignore_errors=True)
        _assemble(frontend, inputs, beside, build)
        configure_site(beside, api)
        shutil.rmtree(out, ignore_errors=True)
        beside.replace(out)
    return Site(out)


def _assemble(frontend: Path, inputs: Inputs, target: Path, build: str) -> None:
    source, content = frontend / "site", target / build
    calls = used_calls(path for path in app_files(frontend) if path.suffix == ".py")
    first = copy_stlite(inputs.stlite, content / "stlite", calls)
    first += _add_python(inputs, content / "pyodide")
    first.append(_zip_app(frontend, content / "app.zip"))
    for name in OWN_FILES:
        shutil.copyfile(source / name, content / name)
    loaded = sum(path.stat().st_size for path in first)
    shutil.copyfile(source / "sw.js", target / "sw.js")
    page = _page((source / "index.html").read_text("utf-8"), _texts(frontend), build, loaded)
    (target / "index.html").write_text(page, "utf-8")
    document = {"id": build, "scripts": [script_hash(_viewer_script(frontend))]}
    (target / FACTS).write_text(json.dumps(document, indent=2) + "\n")


def _add_python(inputs: Inputs, folder: Path) -> list[Path]:
    folder.mkdir()
    for name in RUNTIME:
        shutil.copyfile(inputs.pyodide / name, folder / name)
    for name in ("python_stdlib.zip", "packages.zip"):
        shutil.copyfile(inputs.python / name, folder / name)
    # Pyodide looks here for packages, and stlite has it load micropip, which then finds that all
    # is there; what a lock file does not name would be asked of the Python Package Index.
    lock = json.loads((inputs.pyodide / "pyodide-lock.json").read_text())
    micropip = {
        **lock["packages"]["micropip"],
        "file_name": "packages.zip",
        "sha256": hashlib.sha256((folder / "packages.zip").read_bytes()).hexdigest(),
    }
    document = {"info": lock["info"], "packages": {"micropip": micropip}}
    (folder / "pyodide-lock.json").write_text(json.dumps(document))
    return sorted(folder.iterdir())


def _zip_app(frontend: Path, target: Path) -> Path:
    files = {
        path.relative_to(frontend).as_posix(): path.read_bytes() for path in app_files(frontend)
    }
    return write_zip(target, files).path


def _page(template: str, texts: dict[str, dict[str, str]], build: str, loaded: int) -> str:
    facts = json.dumps({"build": build, "bytes": loaded, "texts": texts}, ensure_ascii=False)
    return string.Template(template).substitute(
        build=build,
        policy="",
        # Within <script> only its end, and what begins like it, is markup.
        facts=facts.replace("<", "\\u003c"),
        **{
            f"{name}_{language}": escape(texts[language][name])
            for language in texts
            for name in ("what", "noscript")
        },
    )


def _texts(frontend: Path) -> dict[str, dict[str, str]]:
    """Return the loading page's sentences by language and name."""
    catalogue: dict[str, dict[str, str]] = json.loads((frontend / "texts.json").read_text("utf-8"))
    rows = {
        key.partition(".")[2]: row
        for key, row in catalogue.items()
        if key.startswith("loading.") or key == "page.what"
    }
    languages = ("en", "fr")
    return {language: {key: row[language] for key, row in rows.items()} for language in languages}


def _viewer_script(frontend: Path) -> str:
    """Return the inline script that the page sends, in the words of the page itself."""
    code = "import sys, viewer; sys.stdout.buffer.write(viewer.script().encode())"
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=frontend, capture_output=True, check=False
    )
    if ended.returncode:
        raise SiteError(f"frontend/viewer: {ended.stderr.decode(errors='replace')[-2000:]}")
    return ended.stdout.decode()


def _build_id(frontend: Path) -> str:
    """Return a name for all that the site is made of, and for how it is made."""
    hashed = hashlib.sha256(inputs_digest(frontend / "site").encode())
    sources = [path for path in (frontend / "site").iterdir() if path.is_file()]
    for path in [*app_files(frontend), *sorted(sources), *sorted(Path(__file__).parent.glob("*"))]:
        if path.is_file():
            hashed.update(b"\0%s\0%s" % (path.name.encode(), path.read_bytes()))
    return hashed.hexdigest()[:16]
