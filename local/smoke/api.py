"""Checks of the API itself; each returns what it found, or raises SmokeError or ApiError."""

import time
from pathlib import Path

from future_vision import ApiError, Client
from future_vision_batches import BatchClient

from local.smoke.asking import Clock, NotYetError, SmokeError
from local.smoke.files import check_mask

SAMPLE = Path(__file__).parents[2] / "frontend" / "samples" / "day.jpg"


def is_ready(api: Client) -> str:
    """A model is loaded, and storage answers."""
    health = api.health()
    if health["status"] != "ready":
        raise NotYetError(
            f"it is {health['status']}, storage: {health['storage']}; expected ready: look at the "
            "storage account's roles and network rules"
        )
    return f"{health['model']}, up for {health['uptime_s']:.0f} s"


def categories(api: Client) -> str:
    """The 8 categories have the ids 0 to 7."""
    rows = api.categories()
    ids = [row.id for row in rows]
    if ids != list(range(8)):
        raise SmokeError(f"the ids are {ids}; expected 0 to 7: is this the API?")
    return ", ".join(row.name for row in rows)


def models(api: Client) -> str:
    """The active one is among those published."""
    document = api.models()
    names = [f"{row['name']}:{row['version']}" for row in document["models"]]
    if document["active"] not in names:
        raise NotYetError(
            f"{document['active'] or 'none'} is active, published are {', '.join(names) or 'none'}"
            "; expected one of these: python -m training list, then publish or activate"
        )
    return f"{len(names)} published, {document['active']} is active"


def prediction(api: Client) -> str:
    """A bundled street has a mask of its size, in the categories' colours, and several of them."""
    colors = "".join(row.color[1:] for row in api.categories())
    photo = SAMPLE.read_bytes()
    start = time.perf_counter()
    mask = api.render(photo, "mask")
    elapsed = (time.perf_counter() - start) * 1000
    check_mask(mask.data, photo, bytes.fromhex(colors))
    found = api.predict(photo)
    seen = [name for name, share in found.shares.items() if share >= 0.01]
    if len(seen) < 3:
        raise SmokeError(
            f"it sees {' and '.join(seen) or 'nothing'} in a street; expected flat, sky and "
            "others: is the active model a trained one? If not: python -m training rollback"
        )
    steps = ", ".join(f"{step} {ms:.0f}" for step, ms in found.timings_ms.items())
    return f"{elapsed:.0f} ms by {found.model}; in the service: {steps}"


def scenes(api: Client) -> str:
    """They can be listed, and the first one's photo be read."""
    first = next(api.scenes(), None)
    if first is None:
        return "none stored"
    if not api.thumbnail(first.id).data.startswith(b"\xff\xd8"):
        raise SmokeError(f"the thumbnail of {first.id} is no JPEG: look at that photo")
    return f"the first is {first.id}"


BATCH_SECONDS, BATCH_PAUSE = 150.0, 0.5
"""How long a batch may take at least, as in Azure its first message starts an instance of its own,
which can take two minutes (Azure/azure-functions-dotnet-worker#2902); and the pause between two
looks at its status."""


def batch(api: BatchClient, clock: Clock) -> str:
    """A batch of one photo is done: its message goes through the queue and is worked on."""
    first = next(api.scenes(), None)
    if first is None:
        return "no scene to try it on"
    id = api.start_batch(ids=[first.id]).id

    def ended() -> str:
        status = api.batch(id)
        if status.running:
            raise NotYetError(
                f"batch {id} is {status.state}, {status.left} photos left; expected done: does "
                "something take messages from the queue `batches` (setting QUEUES, its role)?"
            )
        if status.state != "done":
            raise SmokeError(f"batch {id} is {status.state}: {status.reason}; expected done")
        return f"{status.done} done, {status.failed} failed in {status.seconds} s"

    return clock.patiently(ended, BATCH_SECONDS, BATCH_PAUSE)


def strangers(api: Client) -> str:
    """A caller without a key is refused."""
    try:
        Client(api.url, "", retries=0).scene_page(limit=1)
    except ApiError as error:
        if error.status in (401, 403):
            return f"refused with {error.status}"
        raise
    raise SmokeError(
        "a caller without key or token got 200; expected 401: set "
        "API_AUTH_LEVEL=function or switch on the sign-in; is it open to all, test without key"
    )
