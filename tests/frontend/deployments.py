"""The two ways in which the explorer is deployed, for any API."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.explorer import explorer_health, start_explorer
from local.processes import Children, free_port
from local.site import SiteServer, configure_site

PATIENCE_S = 300


@dataclass(frozen=True)
class Deployment:
    """A way to run the explorer: what it is called, and how to run it for an API's address."""

    name: str
    serving: Callable[[str], AbstractContextManager[str]] = field(compare=False)


@contextmanager
def streamlit_server(api: str, elsewhere: Path) -> Iterator[str]:
    """Streamlit serving the page, started away from the checkout as a container would."""
    port = free_port()
    with Children(elsewhere / "logs", cwd=elsewhere) as children:
        start_explorer(children, port, api)
        children.wait_for(explorer_health(port), PATIENCE_S)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def static_site(built: Path, api: str, folder: Path) -> Iterator[str]:
    """A copy of the built site, told the API's address and served."""
    site = folder / "site"
    shutil.copytree(built, site)
    configure_site(site, api)
    with SiteServer(site) as server:
        yield server.url
