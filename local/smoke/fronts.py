"""Checks of the explorer, its static site, and whose pages may call the API."""

from urllib.parse import urlsplit

from future_vision import Client

from local.smoke.asking import NotYetError, SmokeError, expect, fetch
from local.smoke.files import api_of_site, first_script

LOCAL = {"127.0.0.1", "localhost"}
"""Hosts of this machine's own API, which asks for no key and admits all origins."""

SIGN_IN = {"login.microsoftonline.com", "login.windows.net"}
"""Where App Service sends visitors who are to sign in."""

FOREIGN = "https://smoke-test.example"
"""An origin that no deployment names (RFC 2606)."""


def explorer(address: str) -> str:
    """The explorer is healthy, and shows its page or asks for a sign-in."""
    health, page = "/_stcore/health", fetch(f"{address}/")
    if b"ok" not in expect(fetch(address + health), address + health).body:
        raise NotYetError(f"{health} does not say ok: is this the explorer?")
    place = urlsplit(page.headers.get("location", ""))
    if page.status == 401 or place.hostname in SIGN_IN or place.path.startswith("/.auth/login"):
        return f"{address} is healthy and asks for a sign-in: its page cannot be seen from outside"
    if b'id="root"' not in expect(page, f"{address}/").body:
        raise NotYetError(f"{address}/ is no page of Streamlit: is this the explorer?")
    return address


def site(address: str, api: Client) -> str:
    """The site's files come with the right types, and it asks the API under test."""
    page = _file(address, "index.html", "text/html")
    if b'src="./config.js"' not in page:
        raise SmokeError("index.html names no config.js: is this the site of make site?")
    config = _file(address, "config.js", "text/javascript")
    named = api_of_site(config) or address
    if named != api.url:
        raise SmokeError(
            f"config.js names the API {named}; expected {api.url}: "
            f"python -m local site configure --api {api.url}, and upload it again"
        )
    script = first_script(page)
    _file(address, script, "text/javascript")
    wasm = f"{script.rpartition('/')[0]}/pyodide/pyodide.asm.wasm"
    _file(address, wasm, "application/wasm", "HEAD")
    return f"{address} asks {named}"


def _file(site: str, name: str, kind: str, method: str = "GET") -> bytes:
    answer = expect(fetch(f"{site}/{name}", method=method), f"/{name}")
    came = answer.headers.get("content-type", "no type").partition(";")[0]
    if came != kind:
        raise SmokeError(f"/{name} comes as {came}; expected {kind}: upload it with that type")
    return answer.body


def origins(api: Client, pages: tuple[str, ...]) -> str:
    """The pages' scripts may call the API, and those of other origins may not.

    Args:
        api: which one; on this machine all may call.
        pages: addresses of the explorer and the site.
    """
    local = urlsplit(api.url).hostname in LOCAL
    for origin in ("{0.scheme}://{0.netloc}".format(urlsplit(page)) for page in pages):
        for method in "OPTIONS", "GET":
            admitted = _admitted(api, origin, method)
            if admitted != origin and not (local and admitted == "*"):
                raise NotYetError(
                    f"{method} from {origin} is answered for {admitted or 'no origin'}; expected "
                    f"{origin}: az functionapp cors add --allowed-origins {origin}"
                )
    admitted = _admitted(api, FOREIGN, "GET")
    if admitted in (FOREIGN, "*") and not local:
        raise SmokeError(
            f"pages of {FOREIGN} may call too ({admitted}); expected none but the explorer and the "
            "site: az functionapp cors show"
        )
    return "all may call, as is right on this machine alone" if admitted == "*" else "ours alone"


def _admitted(api: Client, origin: str, method: str) -> str:
    """Return whose origin is admitted; OPTIONS is the question before a prediction."""
    if method == "OPTIONS":
        path, headers = "predict", {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        }  # fmt: skip
    else:
        path, headers = "health/live", {}  # which needs no key
    headers["Origin"] = origin
    answer = fetch(f"{api.url}/api/{path}", headers, method)
    return answer.headers.get("access-control-allow-origin", "")
