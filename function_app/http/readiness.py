"""What health checks learn: which model serves predictions, and what is wrong, if anything."""

from time import monotonic
from typing import Any

from function_app.settings import settings
from function_app.storage.account import container
from function_app.storage.concurrency import ask, storage_time
from function_app.storage.errors import StorageUnavailable
from function_app.storage.model_store import MODELS
from function_app.storage.refreshed import Refreshed
from function_app.vision.model_package import ACTIVE_FILE

STARTED = monotonic()
"""When this process began to serve. Azure keeps bare processes waiting for any app, so that when
the process itself began says nothing about a cold start."""

PROBE_SECONDS = 2.0
"""How long storage may take to answer a probe."""

PROBE_AGE_SECONDS = 5.0
"""How old the outcome of a probe may get: any number of health checks costs one probe in this."""


def readiness() -> dict[str, Any]:
    """Return the document of health/ready, with nothing internal in it.

    `status` is "ready", or "degraded" while storage does not answer: predictions go on with the
    model in memory, so that a load balancer which took instances out would turn a fault that few
    notice into one that all do. `storage` says "ok" or why it does not answer, as of a few seconds
    ago; `refused` which activation is not followed, and why, or None; `uptime_s` for how many
    seconds this process has served, to 0.1.

    Raises:
        NoModel, StorageError: no prediction can be served.
    """
    model, refused = MODELS.choice()
    storage = _STORAGE.get()
    return {
        "status": "ready" if storage == "ok" else "degraded",
        "model": str(model.manifest.ref),
        "storage": storage,
        "refused": refused and {
            "model": str(refused.model) if refused.model else None,
            "reason": refused.reason,
        },
        "uptime_s": round(monotonic() - STARTED, 1),
    }  # fmt: skip


def _probe() -> str:
    try:
        with storage_time(PROBE_SECONDS):
            pointer = container(settings().models_container).get_blob_client(ACTIVE_FILE)
            ask(pointer.exists)
    except StorageUnavailable as error:
        return error.reason
    return "ok"


_STORAGE = Refreshed(_probe, lambda: PROBE_AGE_SECONDS)
