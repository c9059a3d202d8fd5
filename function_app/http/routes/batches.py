"""Many photos at once: begin, follow, cancel."""

import json
from http import HTTPStatus
from typing import Any

import azure.functions as func

from function_app.batches import batch_store
from function_app.batches.planning import store_ids
from function_app.batches.request import Batch, parse_request
from function_app.batches.status import begun, failures, latest, shared_status, status
from function_app.batches.task_queue import start
from function_app.http.inference import load_model
from function_app.http.parameters import count_query, no_query, position_query
from function_app.http.problems import answers_problems
from function_app.http.responses import READ, json_response
from function_app.http.upload import limited_body
from function_app.observability import note

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@blueprint.route("batches", methods=("POST",))
@answers_problems
def start_batch(req: func.HttpRequest) -> func.HttpResponse:
    """Begin a batch: its first task goes to the queue."""
    no_query(req)
    asked = parse_request(limited_body(req))
    # Loaded before it is accepted, and pinned: a batch of hours must not change its model when
    # another one is activated.
    model = load_model(asked.model).manifest
    batch = Batch.new(asked, model.ref, model.sha256)
    if asked.ids is not None:
        store_ids(batch.id, asked.ids)
    start(batch)
    note(batch=batch.id, model=str(batch.model))
    return _accepted(batch, begun(batch))


@blueprint.route("batches", methods=READ)
@answers_problems
def list_batches(req: func.HttpRequest) -> func.HttpResponse:
    """The latest batches: what was asked for."""
    count = count_query(req)
    found = latest(count)
    return json_response({"batches": [batch.summary() for batch in found]})


@blueprint.route("batches/{id}", methods=READ)
@answers_problems
def batch_status(req: func.HttpRequest) -> func.HttpResponse:
    """How far a batch is, and its scores so far."""
    no_query(req)
    return json_response(shared_status(_batch(req)))


@blueprint.route("batches/{id}/failures", methods=READ)
@answers_problems
def batch_failures(req: func.HttpRequest) -> func.HttpResponse:
    """The photos that came to nothing, and why."""
    found, following = failures(_batch(req), position_query(req))
    return json_response(
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
    document = status(batch)
    if document["state"] in {"planning", "running"}:
        batch_store.stop(batch.id, batch_store.CANCELLED)
        document = status(batch)
    return _accepted(batch, document)


def _accepted(batch: Batch, document: dict[str, Any]) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(document),
        status_code=HTTPStatus.ACCEPTED,
        headers={"Location": f"/api/batches/{batch.id}"},
        mimetype="application/json",
    )


def _batch(req: func.HttpRequest) -> Batch:
    batch = batch_store.read_batch(req.route_params["id"])
    note(batch=batch.id)
    return batch
