"""Checks of the API itself; each returns what it found, or raises SmokeError."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from local.smoke.asking import Api, NotYetError, SmokeError
from local.smoke.files import check_mask

SAMPLE = Path(__file__).parents[2] / "frontend" / "samples" / "day.jpg"


def lives(api: Api) -> str:
    """The process answers."""
    api.ask("health/live")
    return api.address


def is_ready(api: Api) -> str:
    """A model is loaded, and storage answers."""
    health = api.json("health/ready")
    if health["status"] != "ready":
        raise NotYetError(
            f"it is {health['status']}, storage: {health['storage']}; expected ready: look at the "
            "storage account's roles and network rules"
        )
    return f"{health['model']}, up for {health['uptime_s']:.0f} s"


def categories(api: Api) -> str:
    """The 8 categories have the ids 0 to 7."""
    rows = api.json("categories")["categories"]
    ids = [row["id"] for row in rows]
    if ids != list(range(8)):
        raise SmokeError(f"the ids are {ids}; expected 0 to 7: is this the API?")
    return ", ".join(row["name"] for row in rows)


def models(api: Api) -> str:
    """The active one is among those published."""
    document = api.json("models")
    names = [f"{row['name']}:{row['version']}" for row in document["models"]]
    if document["active"] not in names:
        raise NotYetError(
            f"{document['active'] or 'none'} is active, published are {', '.join(names) or 'none'}"
            "; expected one of these: python -m training list, then publish or activate"
        )
    return f"{len(names)} published, {document['active']} is active"


def prediction(api: Api) -> str:
    """A bundled street has a mask of its size, in the categories' colours, and several of them."""
    rows = api.json("categories")["categories"]
    photo = SAMPLE.read_bytes()
    start = time.perf_counter()
    answer = api.ask("predict", photo)
    elapsed = (time.perf_counter() - start) * 1000
    check_mask(answer.body, photo, bytes.fromhex("".join(row["color"][1:] for row in rows)))
    counted = api.json("predict?format=json", photo)["categories"]
    seen = [row["name"] for row in counted if row["share"] >= 0.01]
    if len(seen) < 3:
        raise SmokeError(
            f"it sees {' and '.join(seen) or 'nothing'} in a street; expected flat, sky and "
            "others: is the active model a trained one? If not: python -m training rollback"
        )
    model, timing = (answer.headers.get(name, "") for name in ("x-model", "server-timing"))
    return f"{elapsed:.0f} ms by {model}; {timing}"


def scenes(api: Api) -> str:
    """They can be listed, and the first one's photo be read."""
    rows = _scenes(api)
    if not rows:
        return "none stored"
    first = rows[0]["id"]
    if not api.ask(f"thumbnails/{quote(first)}").body.startswith(b"\xff\xd8"):
        raise SmokeError(f"the thumbnail of {first} is no JPEG: look at that photo")
    return f"the first is {first}"


def _scenes(api: Api) -> list[dict[str, Any]]:
    """List some scenes: of a page with other files than photos there may be none."""
    after = ""
    while after is not None:
        page = api.json(f"scenes?limit=10&after={quote(after)}")
        if page["scenes"]:
            return list(page["scenes"])
        after = page["next"]
    return []


BATCH_SECONDS, BATCH_PAUSE = 150.0, 0.5
"""How long a batch may take at least, as in Azure its first message starts an instance of its own,
which can take two minutes (Azure/azure-functions-dotnet-worker#2902); and the pause between two
looks at its status."""


def batch(api: Api) -> str:
    """A batch of one photo is done: its message goes through the queue and is worked on."""
    rows = _scenes(api)
    if not rows:
        return "no scene to try it on"
    asked = json.dumps({"ids": [rows[0]["id"]]}).encode()
    id = api.json("batches", asked)["id"]

    def ended() -> str:
        status = api.json(f"batches/{id}")
        state, photos = status["state"], status["photos"]
        if state in ("planning", "running"):
            raise NotYetError(
                f"batch {id} is {state}, {photos['left']} photos left; expected done: does "
                "something take messages from the queue `batches` (setting QUEUES, its role)?"
            )
        if state != "done":
            raise SmokeError(f"batch {id} is {state}: {status['reason']}; expected done")
        return f"{photos['done']} done, {photos['failed']} failed in {status['seconds']} s"

    return api.clock.patiently(ended, BATCH_SECONDS, BATCH_PAUSE)


def strangers(api: Api) -> str:
    """A caller without a key is refused."""
    status = api.clock.fetch(f"{api.address}/api/scenes?limit=1").status
    if status not in (200, 401, 403):
        raise NotYetError(f"a caller without key or token got {status}; expected 401")
    if status == 200:
        raise SmokeError(
            "a caller without key or token got 200; expected 401: set "
            "API_AUTH_LEVEL=function or switch on the sign-in; is it open to all, test without key"
        )
    return f"refused with {status}"
