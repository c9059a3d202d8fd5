"""openapi.json as the tests read it, and the functions that answer."""

import json
from typing import Any

from function_app.http.contract import contract

DOCUMENT = json.loads(contract())
COMPONENTS = DOCUMENT["components"]
SCHEMAS = COMPONENTS["schemas"]
PREFIX = DOCUMENT["servers"][0]["url"]
OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "x-route"
}


def functions() -> list[Any]:
    """The app's functions. Other tests in this process may have had them listed before."""
    from function_app.http.routes import app

    app.functions_bindings = None
    found: list[Any] = app.get_functions()
    return found
