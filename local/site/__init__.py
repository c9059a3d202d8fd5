"""The static build of the explorer: Streamlit in the visitor's browser (stlite), no server.

`build_site` makes it from locked inputs, `configure_site` writes the API's address into it,
`SiteServer` serves it on loopback with the headers that a host should send.
"""

from local.site.build import Site, build_site
from local.site.deploy import configure_site
from local.site.errors import SiteError
from local.site.server import SiteServer

__all__ = ["Site", "SiteError", "SiteServer", "build_site", "configure_site"]
