"""openapi.json as the tests read it."""

import json

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
