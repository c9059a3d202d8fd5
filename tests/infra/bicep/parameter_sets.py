"""Parameter sets that stand for every way to deploy."""

from typing import Any

from infra.check import EXAMPLE

Parameters = dict[str, Any]

CALLERS = ["33333333-0000-0000-0000-000000000000", "44444444-0000-0000-0000-000000000000"]
EMAILS = EXAMPLE["ALERT_EMAILS"].split(", ")

DEFAULTS: Parameters = {
    "publicDemo": False, "callers": "key", "apiAuthClientId": "", "apiCallerClientIds": [],
    "explorer": True, "explorerAuthClientId": "", "explorerApiKey": "", "githubRepository": "",
    "instanceMemoryMB": 2048, "maximumInstanceCount": 5, "alwaysReadyInstances": 0,
    "httpConcurrency": 4, "predictOnUpload": False, "storageRedundancy": "Standard_LRS",
    "predictionRetentionDays": 30, "recoveryDays": 30, "vnetEnabled": False,
    "deployerIpRanges": [], "budgetStartDate": "",
}  # fmt: skip
"""What main.bicep takes where nothing is given."""

REQUIRED: Parameters = {
    "environmentName": "fvs-dev", "location": "swedencentral", "alertEmails": ["ops@example.org"],
}  # fmt: skip
USUAL = REQUIRED | {
    "explorerAuthClientId": EXAMPLE["EXPLORER_AUTH_CLIENT_ID"],
    "explorerApiKey": EXAMPLE["EXPLORER_API_KEY"],
}
FROM_ENVIRONMENT = USUAL | {
    "alertEmails": EMAILS,
    "apiAuthClientId": EXAMPLE["API_AUTH_CLIENT_ID"],
    "budgetStartDate": EXAMPLE["BUDGET_START_DATE"],
    "githubRepository": EXAMPLE["PUBLISHER_REPOSITORY"],
    "predictOnUpload": True,
}

FILES: dict[str, Parameters] = {
    "main": FROM_ENVIRONMENT,
    "prod": FROM_ENVIRONMENT
    | {
        "environmentName": "fvs-prod", "callers": "entra", "explorerApiKey": "",
        "alwaysReadyInstances": 1, "maximumInstanceCount": 60, "storageRedundancy": "Standard_ZRS",
    },
}  # fmt: skip
"""The parameter files, with the variables of EXAMPLE: what is to come of them."""

SETS: dict[str, Parameters] = {
    "default": USUAL,
    "demo": REQUIRED | {"publicDemo": True},
    "entra": USUAL
    | {
        "callers": "entra", "apiAuthClientId": EXAMPLE["API_AUTH_CLIENT_ID"],
        "apiCallerClientIds": CALLERS, "predictOnUpload": True,
    },
    "bare": REQUIRED
    | {
        "explorer": False, "instanceMemoryMB": 512, "predictionRetentionDays": 7,
        "maximumInstanceCount": 1,
    },
    "private": USUAL
    | {
        "vnetEnabled": True, "deployerIpRanges": ["203.0.113.0/24"], "predictOnUpload": True,
        "githubRepository": "octo-org/streets",
    },
    # A demo in a network gets no static site: nobody outside could fetch it.
    "private-demo": REQUIRED
    | {"publicDemo": True, "vnetEnabled": True, "instanceMemoryMB": 4096, "recoveryDays": 14},
}  # fmt: skip
"""Parameters given to main.bicep."""

REFUSED: dict[str, tuple[Parameters, str]] = {
    "explorer without sign-in": (
        REQUIRED | {"explorerApiKey": "key"}, "EXPLORER_AUTH_CLIENT_ID.*PUBLIC_DEMO=true",
    ),
    "explorer without key": (
        REQUIRED | {"explorerAuthClientId": "1"}, "needs explorerApiKey .EXPLORER_API_KEY",
    ),
    "entra without registration": (USUAL | {"callers": "entra"}, "needs .*API_AUTH_CLIENT_ID"),
    "entra without callers": (
        REQUIRED | {"callers": "entra", "apiAuthClientId": "1", "explorer": False},
        "needs apiCallerClientIds .API_CALLER_CLIENT_IDS",
    ),
    "open key mode": (USUAL | {"callers": "anonymous"}, "type .*entra.*key.*anonymous"),
    "nobody to warn": (REQUIRED | {"publicDemo": True, "alertEmails": []}, "(?i)length|at least"),
}  # fmt: skip
"""Parameters that must not be deployed, and what the compiler says."""
