"""Nobody needs a key, and the one there is stays where it is used."""

import json
import re
from collections.abc import Iterator

from tests.infra.bicep.deployment import ACCOUNT, COMPONENT, WORKSPACE, Deployment, differences
from tests.infra.bicep.parameter_sets import SECRET

KEYS = re.compile(
    r"listKeys|listAccountSas|listServiceSas|AccountKey=|SharedAccessSignature|InstrumentationKey"
    r"|sharedKeys|listConnectionStrings",
    re.IGNORECASE,
)
"""How keys of storage, logs and telemetry are read or written."""


def storage_accounts_take_no_keys(of: Deployment) -> Iterator[str]:
    for account in of.of(ACCOUNT):
        wanted = {
            "properties.allowSharedKeyAccess": False,
            "properties.defaultToOAuthAuthentication": True,
        }
        yield from differences(account, wanted)


def telemetry_is_sent_with_an_identity(of: Deployment) -> Iterator[str]:
    """Both halves: what refuses keys, and what makes the host use its identity instead."""
    yield from differences(of.one(COMPONENT), {"properties.DisableLocalAuth": True})
    yield from differences(of.one(WORKSPACE), {"properties.features.disableLocalAuth": True})
    sent = of.settings("func-").get("APPLICATIONINSIGHTS_AUTHENTICATION_STRING")
    if sent != "ClientId=<api.properties.clientId>;Authorization=AAD":
        yield f"the function app authenticates its telemetry by {sent!r}"


def nothing_reads_keys(of: Deployment) -> Iterator[str]:
    for found in KEYS.finditer(json.dumps(of.evaluated)):
        yield f"{found[0]} in what is deployed"


def the_explorers_key_is_in_its_settings_only(of: Deployment) -> Iterator[str]:
    sent = of.wanted.callers == "key" and of.wanted.explorer
    for resource in of.resources:
        places = json.dumps(resource).count(SECRET)
        if places and not (sent and resource["name"].startswith("app-")):
            yield f"the explorer's key is in {resource['type']} {resource['name']}"
    key = of.settings("app-").get("API_KEY")
    if key != (SECRET if sent else None):
        yield f"the explorer's setting API_KEY is {key!r}"


def outputs_hold_no_secret(of: Deployment) -> Iterator[str]:
    for name, value in of.outputs.items():
        if SECRET in str(value) or KEYS.search(str(value)):
            yield f"output {name} holds a secret"
