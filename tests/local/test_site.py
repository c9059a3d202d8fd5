"""The static build of the explorer: reproducible, closed, told where its API is."""

import json
import re
import shutil
import urllib.error
import urllib.request
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from local.site import SiteError, SiteServer, build_site, configure_site
from local.site.build import Site
from local.site.stlite import CHUNKS, used_calls
from tests.conftest import PROJECT, SITE_STATE

API = "https://api.example.org"


@pytest.fixture(scope="module")
def built(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "site"
    shutil.copytree(built_site, folder)
    configure_site(folder, API)
    return folder


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    """A copy of the built site, to be changed."""
    return Path(shutil.copytree(built, tmp_path / "site"))


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def content(folder: Path) -> Path:
    """The folder of what never changes."""
    return folder / json.loads((folder / "build.json").read_text())["id"]


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def policy(page: str) -> dict[str, list[str]]:
    (content,) = [
        attributes["content"]
        for tag, attributes in Tags(page).found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert content
    return {name: values for name, *values in (row.split() for row in content.split(";"))}


def test_two_builds_are_the_same(built: Path, tmp_path: Path) -> None:
    again = build_site(PROJECT, tmp_path / "again", SITE_STATE, API).folder
    assert files(again) == files(built)
    assert not (tmp_path / "again.new").exists()


def test_it_stays_small_enough_to_wait_for(built: Path) -> None:
    _, size, sent = Site(built).sizes()
    assert size < 45e6
    assert sent < 20e6


def test_nothing_is_built_anew_without_need(site: Path) -> None:
    marker = content(site) / "marker"
    marker.touch()
    build_site(PROJECT, site, SITE_STATE, "https://other.example.org")
    assert marker.exists()
    assert "https://other.example.org" in (site / "config.js").read_text()


def test_the_policy_admits_the_page_the_api_and_nothing_else(built: Path) -> None:
    rules = policy((built / "index.html").read_text())
    assert rules["default-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'", API]
    assert rules["img-src"] == ["'self'", API, "data:", "blob:"]
    scripts = rules["script-src"]
    assert scripts[:2] == ["'self'", "'wasm-unsafe-eval'"]
    assert [row[:8] for row in scripts[2:]] == ["'sha256-"]
    assert rules["worker-src"] == ["'self'"]
    assert all("*" not in values for values in rules.values())
    headers = json.loads((built / "staticwebapp.config.json").read_text())["globalHeaders"]
    assert headers["Content-Security-Policy"].endswith("; frame-ancestors 'none'")


def test_the_page_has_no_script_of_its_own_and_names_no_other_origin(built: Path) -> None:
    page = (built / "index.html").read_text()
    for tag, attributes in Tags(page).found:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in "src", "href":
            if value := attributes.get(name):
                assert value.startswith("./"), value
                assert (built / value).exists(), value
        if tag == "script":
            assert "src" in attributes or attributes["type"] == "application/json"
    for path in built / "sw.js", content(built) / "boot.js", content(built) / "loading.css":
        assert "//" not in re.sub(r"(?m)//.*$", "", path.read_text().replace("/+$/", "")), path
    assert "$" not in re.sub(r"\$\{\w+\}", "", page)


def test_every_sentence_is_there_in_both_languages(built: Path) -> None:
    page = (built / "index.html").read_text()
    facts = re.search(r'<script id="facts" type="application/json">(.*?)</script>', page)
    assert facts
    texts = json.loads(facts[1])["texts"]
    asked = set(re.findall(r'text\("(\w+)"', (content(built) / "boot.js").read_text()))
    assert len(asked) > 5
    assert asked <= texts["en"].keys() == texts["fr"].keys()


def test_python_comes_from_here_and_compiled(built: Path) -> None:
    folder = content(built) / "pyodide"
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    assert [row["file_name"] for row in lock["packages"].values()] == ["packages.zip"]
    with zipfile.ZipFile(folder / "packages.zip") as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names}
    assert {"streamlit", "stlite_lib", "micropip", "cachetools", "ssl.py"} <= top
    pins = re.findall(r"(?m)^(\w+)==(.+)$", (PROJECT / "frontend/requirements.txt").read_text())
    assert {f"{name}-{version}.dist-info" for name, version in pins} <= top, "as on a server"
    assert not top & {"numpy", "pandas", "PIL", "altair"}
    sources = [name for name in names if name.endswith(".py")]
    assert all(name == "ssl.py" or name.endswith("__init__.py") for name in sources)
    with zipfile.ZipFile(folder / "python_stdlib.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".py")]


def test_the_app_is_the_frontend_and_no_more(built: Path) -> None:
    with zipfile.ZipFile(content(built) / "app.zip") as archive:
        names = set(archive.namelist())
        assert archive.read("page.py") == (PROJECT / "frontend/page.py").read_bytes()
    assert {".streamlit/config.toml", "streamlit_app.py", "texts.json", "style.css"} <= names
    assert not [name for name in names if name.startswith(("site/", "segment", "requirements"))]
    assert not [name for name in names if "cache" in name]


def test_what_the_page_uses_is_there_and_the_rest_is_not(built: Path) -> None:
    sources = [
        path
        for path in (PROJECT / "frontend").rglob("*.py")
        if not path.relative_to(PROJECT / "frontend").parts[0].startswith(("site", "."))
    ]
    wanted = {CHUNKS[call] for call in used_calls(sources) & CHUNKS.keys()}
    assert {"Html", "Button", "Selectbox"} <= wanted
    there = {path.name.partition("-")[0] for path in (content(built) / "stlite").glob("*.js")}
    assert wanted <= there
    assert not there & {"PlotlyChart", "DeckGlJsonChart", "GraphVizChart", "DateInput"}


def test_an_element_of_which_nothing_is_known_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("import streamlit as st\n\nst.graphviz_chart('')\n")
    with pytest.raises(SiteError, match=r"page\.py:3 uses st\.graphviz_chart"):
        used_calls([tmp_path / "page.py"])


def test_configuring_again_changes_only_the_address(site: Path, built: Path) -> None:
    configure_site(site, "http://127.0.0.1:7071/api/")
    rules = policy((site / "index.html").read_text())
    assert rules["connect-src"] == ["'self'", "http://127.0.0.1:7071"]
    assert '"http://127.0.0.1:7071"' in (site / "config.js").read_text()
    configure_site(site, None)
    assert policy((site / "index.html").read_text())["connect-src"] == ["'self'"]
    assert "http" not in (site / "config.js").read_text()
    for _ in range(2):
        configure_site(site, API)
        assert files(site) == files(built)


@pytest.mark.parametrize(
    "api",
    [
        "", "api.example.org", "ftp://api.example.org", "https://api.example.org/?code=1",
        "https://user:secret@api.example.org", "https://a.example.org; script-src *",
        "https://a.example.org https://b.example.org", 'https://a.example.org/"><script>',
        "https://a.example.org/\n", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(site: Path, built: Path, api: str) -> None:
    with pytest.raises(SiteError, match="must be like https"):
        configure_site(site, api)
    assert files(site) == files(built)


def test_only_a_built_site_can_be_configured(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="holds no built site"):
        configure_site(tmp_path, API)


def test_the_server_sends_types_headers_and_compresses(built: Path) -> None:
    build = content(built).name
    with SiteServer(built) as server:

        def get(path: str, **headers: str) -> tuple[dict[str, str], bytes]:
            asked = urllib.request.Request(f"{server.url}/{path}", headers=headers)
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return {k.lower(): v for k, v in answer.headers.items()}, answer.read()

        headers, body = get("")
        assert body == (built / "index.html").read_bytes()
        assert headers["content-type"] == "text/html"
        assert headers["cache-control"] == "no-cache"
        assert API in headers["content-security-policy"]
        wasm = f"{build}/pyodide/pyodide.asm.wasm"
        headers, body = get(wasm, **{"Accept-Encoding": "gzip"})
        assert headers["content-type"] == "application/wasm"
        assert "immutable" in headers["cache-control"]
        assert headers["content-encoding"] == "gzip"
        assert len(body) < 0.5 * (built / wasm).stat().st_size
        for path in "nothing", "../pyproject.toml", "%2e%2e/pyproject.toml":
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(path)
