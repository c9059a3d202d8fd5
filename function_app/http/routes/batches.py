"""Many photos at once: begin, follow, cancel."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

import azure.functions as func

from function_app.batches import records
from function_app.batches.planning import PlanTask, store_ids
from function_app.batches.request import Batch, parse_request
from function_app.batches.status import begun, failures, latest, status
from function_app.batches.tasks import QUEUE, to_message
from function_app.http.parameters import count_query, no_query, position_query
from function_app.http.problems import Problem, answers_problems
from function_app.http.routes.answers import READ, json_answer
from function_app.http.routes.tasks import QUEUES, Messages
from function_app.http.upload import limited_body
from function_app.observability import note
from function_app.storage.deadline import in_background, wait_for
from function_app.storage.model_store import MODELS, NoModel
from function_app.vision.model_package import Manifest, ModelRef

T = TypeVar("T")

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@blueprint.route("batches", methods=("POST",))
@blueprint.queue_output("messages", queue_name=QUEUE, connection=QUEUES)
@answers_problems
def start_batch(req: func.HttpRequest, messages: Messages) -> func.HttpResponse:
    """Begin a batch: its first task goes to the queue."""
    no_query(req)
    asked = parse_request(limited_body(req))
    manifest = _manifest(asked.model)
    batch = Batch.new(asked, manifest.ref, manifest.sha256)
    if asked.ids is not None:
        store_ids(batch.id, asked.ids)
    records.create(f"{records.REQUESTS}{batch.id}.json", batch.to_json())
    messages.set([to_message(PlanTask(batch.id))])
    note(batch=batch.id, model=str(batch.model))
    return _accepted(batch, begun(batch))


@blueprint.route("batches", methods=READ)
@answers_problems
def batches(req: func.HttpRequest) -> func.HttpResponse:
    """The latest batches: what was asked for."""
    count = count_query(req)
    found = _in_time(lambda: latest(count))
    return json_answer({"batches": [batch.to_dict() for batch in found]})


@blueprint.route("batches/{id}", methods=READ)
@answers_problems
def batch(req: func.HttpRequest) -> func.HttpResponse:
    """How far a batch is, and its scores so far."""
    no_query(req)
    batch = _batch(req)
    return json_answer(_in_time(lambda: status(batch)))


@blueprint.route("batches/{id}/failures", methods=READ)
@answers_problems
def batch_failures(req: func.HttpRequest) -> func.HttpResponse:
    """The photos that came to nothing, and why."""
    batch, position = _batch(req), position_query(req)
    found, following = _in_time(lambda: failures(batch, position))
    return json_answer(
        {
            "failures": [failure._asdict() for failure in found],
            "next": None if following is None else str(following),
        }
    )


@blueprint.route("batches/{id}", methods=("DELETE",))
@answers_problems
def cancel_batch(req: func.HttpRequest) -> func.HttpResponse:
    """Let nothing new of a batch begin; one that has ended stays as it is."""
    no_query(req)
    batch = _batch(req)
    document = _in_time(lambda: status(batch))
    if document["state"] in {"planning", "running"}:
        records.stop(batch.id, records.CANCELLED)
        document = _in_time(lambda: status(batch))
    return _accepted(batch, document)


def _in_time(look: Callable[[], T]) -> T:
    """Look at many blobs, within what is left of the request's time for storage.

    It goes on if there is none left, and what it has read is not read again.
    """
    return wait_for(in_background(look))


def _accepted(batch: Batch, document: dict[str, Any]) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(document),
        status_code=HTTPStatus.ACCEPTED,
        headers={"Location": f"/api/batches/{batch.id}"},
        mimetype="application/json",
    )


def _batch(req: func.HttpRequest) -> Batch:
    batch = records.read_batch(req.route_params["id"])
    note(batch=batch.id)
    return batch


def _manifest(asked: ModelRef | None) -> Manifest:
    """What is pinned: a batch of hours must not change its model when another is activated."""
    ref = asked or MODELS.active_ref()
    if ref is None:
        raise NoModel("no model is published and activated")
    for manifest in MODELS.manifests():
        if manifest.ref == ref:
            return manifest
    raise Problem("unknown-model", f"Model {ref} is not published.")
