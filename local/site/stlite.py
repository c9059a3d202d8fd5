"""stlite's JavaScript, less what the page never shows, and with its worker in a file of its own."""

import ast
import base64
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from local.site.errors import SiteError

ENTRY = "stlite.js"

CHUNKS = {
    "button": "Button",
    "code": "StreamlitSyntaxHighlighter",
    "file_uploader": "FileUploader",
    "html": "Html",
    "link_button": "LinkButton",
    "number_input": "NumberInput",
    "pagination": "Pagination",
    "progress": "Progress",
    "radio": "Radio",
    "segmented_control": "ButtonGroup",
    "selectbox": "Selectbox",
    "slider": "Slider",
    "spinner": "Spinner",
    "text_input": "TextInput",
    "toggle": "Checkbox",
    "vega_lite_chart": "ArrowVegaLiteChart",
}
"""The file that shows an element, by the call that makes it. Each name precedes a hash."""

NO_CHUNK = {
    "caption", "columns", "container", "context", "empty", "error", "expander", "fragment", "info",
    "markdown", "popover", "query_params", "rerun", "session_state", "set_page_config", "success",
    "tabs", "warning", "write",
}  # fmt: skip
"""What a page may use besides: it is in the part that every page loads."""

WORKER_ADDRESS = (
    'new URL("./worker.js?" + encodeURIComponent(globalThis.APP_CONFIG?.API_BASE_URL ?? ""), '
    "import.meta.url).href"
)
"""A worker has the policy that came with its file, and caches keep that as long as its address."""

_STATIC = re.compile(r'(?:\bfrom|^import)\s*"\./([\w.-]+\.js)"', re.MULTILINE)
_DYNAMIC = re.compile(r'\bimport\(\s*"\./([\w.-]+\.js)"\s*\)')
_ANY = re.compile(r'(?:\bfrom|\bimport)[\s(]*"\./([\w.-]+\.js)"')
_WORKER = re.compile(
    r'new URL\("data:text/javascript;base64,([A-Za-z0-9+/=]+)", "" \+ import\.meta\.url\)\.href'
)

_ADDRESS = re.compile(r'queryParams: window\.location\?\.search\?\.replace\([^)]*\) \?\? ""')


def used_calls(sources: Iterable[Path]) -> set[str]:
    """Return the names of all attributes in Python files; `st.` ones must be known here.

    Raises:
        SiteError: the page uses something of which it is not known which file shows it.
    """
    used: set[str] = set()
    for path in sources:
        for found in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(found, ast.Attribute):
                continue
            used.add(found.attr)
            of_streamlit = isinstance(found.value, ast.Name) and found.value.id == "st"
            if of_streamlit and found.attr not in CHUNKS.keys() | NO_CHUNK:
                raise SiteError(
                    f"{path.name}:{found.lineno} uses st.{found.attr}: say in {Path(__file__).name}"
                    " which file of stlite shows it"
                )
    return used


def copy_stlite(build: Path, target: Path, calls: set[str]) -> list[Path]:
    """Copy what a page that makes these calls can reach.

    Returns:
        The scripts that every page loads, of the copy.

    Raises:
        SiteError: stlite does not have what is changed here exactly once: it is another version.
    """
    wanted = {chunk for call, chunk in CHUNKS.items() if call in calls}
    first = _reached(build, {ENTRY}, _STATIC)
    lazy = {name for script in first for name in _DYNAMIC.findall((build / script).read_text())}
    # Chunks of elements begin with a capital; the others are libraries that Markdown needs.
    kept = {name for name in lazy if name[0].islower() or name.partition("-")[0] in wanted}
    if missing := wanted - {name.partition("-")[0] for name in kept}:
        raise SiteError(f"stlite has no file for {', '.join(sorted(missing))}")
    scripts = first | _reached(build, kept, _ANY, lazy - kept)
    target.mkdir(parents=True)
    for name in (*sorted(scripts), "stlite.css"):
        shutil.copyfile(build / name, target / name)
    _take_worker_out(target, first)
    _read_address_late(target, first)
    text = "".join(path.read_text() for path in target.iterdir())
    (target / "assets").mkdir()
    for asset in (build / "assets").iterdir():
        if asset.name in text:
            shutil.copyfile(asset, target / "assets" / asset.name)
    return [target / name for name in (*sorted(first), "stlite.css", "worker.js")]


def _reached(
    build: Path, entries: set[str], imports: re.Pattern[str], never: Iterable[str] = ()
) -> set[str]:
    """Return the scripts that `entries` lead to, themselves included."""
    seen = set(never)
    todo = list(entries)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += imports.findall((build / name).read_text())
    return seen.difference(never)


def _take_worker_out(target: Path, scripts: set[str]) -> None:
    """Give the worker, a data: address within stlite, a file.

    A policy that admits data: scripts would admit any that somebody can put into the page.
    """
    script, worker = _only(_WORKER, target, scripts)
    (target / "worker.js").write_bytes(base64.b64decode(worker[1]))
    script.write_text(script.read_text().replace(worker[0], WORKER_ADDRESS))


def _read_address_late(target: Path, scripts: set[str]) -> None:
    """Have Streamlit read the address when Python first runs the page, not when it is mounted.

    In between, visitors may choose a scene on the loading page, which changes the address. With an
    empty state Streamlit reads `document.location` at each run until the page sets parameters.
    """
    script, found = _only(_ADDRESS, target, scripts)
    script.write_text(script.read_text().replace(found[0], 'queryParams: ""'))


def _only(pattern: re.Pattern[str], folder: Path, scripts: set[str]) -> tuple[Path, re.Match[str]]:
    """Return the one place that a pattern matches in these scripts."""
    found = [
        (folder / name, match)
        for name in sorted(scripts)
        for match in pattern.finditer((folder / name).read_text())
    ]
    if len(found) != 1:
        raise SiteError(f"stlite 1.9.2 had {pattern.pattern!r} once, this one {len(found)} times")
    return found[0]
