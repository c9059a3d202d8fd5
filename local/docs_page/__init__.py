"""Swagger UI, fetched as package-lock.json says, for the documentation page of the API.

It becomes part of the function app's folder, so that the page works without any other server; git
ignores it there.
"""

import filecmp
import os
import shutil
from pathlib import Path

from local import node

SOURCE = Path(__file__).parent
FILES = {
    "swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
    "swagger-ui.css": "swagger-ui.css",
    "swagger-ui.LICENSE.txt": "LICENSE",
    "swagger-ui.NOTICE.txt": "NOTICE",
}
"""Names in the npm package by names beside the page. Its licence comes along."""
PAGE = Path("function_app/http/docs")
"""Where the function app looks for them, below the project."""


def fetch_swagger_ui(project: Path) -> None:
    """Put Swagger UI beside the documentation page, where it is not there yet.

    Raises:
        NodeError: Node.js cannot be had, or npm fails.
    """
    folder = project / ".local" / "docs_page"
    node.install_packages(SOURCE, folder)
    for name, packaged in FILES.items():
        source = folder / "node_modules" / "swagger-ui-dist" / packaged
        target = project / PAGE / name
        if not (target.exists() and filecmp.cmp(source, target, shallow=False)):
            partial = target.with_name(f".{name}.{os.getpid()}")
            shutil.copyfile(source, partial)
            partial.replace(target)
