"""What callers and operators may know: categories, models, health, and the contract."""

from typing import Any

import azure.functions as func

from function_app.http.contract import SECURITY_POLICY, contract, docs_files, methods_of
from function_app.http.parameters import no_query
from function_app.http.problems import Problem, answers_problems
from function_app.http.readiness import readiness
from function_app.http.responses import READ, cached, cached_json, json_response, strong_etag
from function_app.settings import settings
from function_app.storage.model_store import MODELS
from function_app.storage.published_models import NoModel
from function_app.vision.model_package import Manifest, ModelRef, PackageError, category_table
from function_app.vision.photo import MAX_FULL_PIXELS

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]
ANYBODY = func.AuthLevel.ANONYMOUS

LINEAGE = ("parameters", "git_commit", "libraries", "quantization", "notes")
"""What callers may know of how a model came about; the rest is about the trainer's machine."""


@blueprint.route("categories", methods=READ, auth_level=ANYBODY)
@answers_problems
def categories(req: func.HttpRequest) -> func.HttpResponse:
    """The 8 categories with ids, names and colours, and how large photos may be."""
    no_query(req)
    limits = {
        "bytes": settings().max_body_bytes,
        "jpeg_pixels": settings().max_pixels,
        "pixels": min(MAX_FULL_PIXELS, settings().max_pixels),
    }
    return cached_json(req, {"categories": category_table(), "limits": limits})


@blueprint.route("models", methods=READ, auth_level=ANYBODY)
@answers_problems
def models(req: func.HttpRequest) -> func.HttpResponse:
    """The published models with their scores, and which one is active."""
    no_query(req)
    active = _active()
    rows = [_model(row.manifest, active) | {"bytes": row.size} for row in MODELS.packages()]
    return cached_json(req, {"active": str(active) if active else None, "models": rows})


@blueprint.route("models/{model}", methods=READ, auth_level=ANYBODY)
@answers_problems
def model(req: func.HttpRequest) -> func.HttpResponse:
    """All that is published of one model, by name:version."""
    no_query(req)
    name = req.route_params["model"]
    try:
        ref = ModelRef.parse(name)
    except PackageError as error:
        raise Problem("unknown-model", f"Model {name[:80]!r} is not published.") from error
    manifest = MODELS.manifest(ref)
    details = {
        "sha256": manifest.sha256,
        "categories": category_table(),
        "lineage": {key: manifest.lineage[key] for key in LINEAGE if key in manifest.lineage},
    }
    return cached_json(req, _model(manifest, _active()) | details)


@blueprint.route("health/live", methods=READ, auth_level=ANYBODY)
@answers_problems
def live(req: func.HttpRequest) -> func.HttpResponse:
    """The process answers."""
    no_query(req)
    return json_response({"status": "live"})


@blueprint.route("health/ready", methods=READ, auth_level=ANYBODY)
@answers_problems
def ready(req: func.HttpRequest) -> func.HttpResponse:
    """A model is loaded; what is wrong, if anything."""
    no_query(req)
    return json_response(readiness())


@blueprint.route("openapi.json", methods=READ, auth_level=ANYBODY)
@answers_problems
def openapi(req: func.HttpRequest) -> func.HttpResponse:
    """This contract as OpenAPI 3.1."""
    return _file(req, contract(), "application/json")


@blueprint.route("docs", methods=READ, auth_level=ANYBODY)
@answers_problems
def docs(req: func.HttpRequest) -> func.HttpResponse:
    """This contract as a page for people, who can try it out there."""
    return _docs_file(req, "index.html")


@blueprint.route("docs/{file}", methods=READ, auth_level=ANYBODY)
@answers_problems
def docs_file(req: func.HttpRequest) -> func.HttpResponse:
    """Scripts and styles of the page."""
    return _docs_file(req, req.route_params["file"])


# No methods: all of them. Azure's host tries functions in order of their names where routes
# overlap (azure-functions-host issue 9876), so this one's name must come last.
@blueprint.route("{*path}", auth_level=ANYBODY)
@answers_problems
def unknown_path(req: func.HttpRequest) -> func.HttpResponse:
    """Whatever no other route takes: 404, or 405 where only the method is wrong."""
    methods = methods_of(f"/{req.route_params.get('path', '')}")
    if not methods:
        raise Problem("unknown-path", "There is no such route: see /api/docs.")
    allow = {"Allow": ", ".join((*methods, "OPTIONS"))}
    if req.method == "OPTIONS":
        return func.HttpResponse(status_code=204, headers=allow)
    raise Problem("method-not-allowed", f"Use one of {allow['Allow']}.", allow)


def _docs_file(req: func.HttpRequest, name: str) -> func.HttpResponse:
    found = docs_files().get(name)
    if found is None:
        raise Problem("unknown-path", f"The documentation has no file {name[:80]!r}.")
    response = _file(req, *found)
    response.headers["Content-Security-Policy"] = SECURITY_POLICY
    return response


def _file(req: func.HttpRequest, data: bytes, media_type: str) -> func.HttpResponse:
    no_query(req)
    return cached(req, strong_etag(data), lambda: func.HttpResponse(data, mimetype=media_type))


def _active() -> ModelRef | None:
    try:
        return MODELS.active().manifest.ref
    except NoModel:
        return None


def _model(manifest: Manifest, active: ModelRef | None) -> dict[str, Any]:
    return {
        "name": manifest.ref.name,
        "version": manifest.ref.version,
        "active": manifest.ref == active,
        "created": manifest.created,
        "license": manifest.license,
        "input": {"height": manifest.height, "width": manifest.width},
        "metrics": list(manifest.metrics),
    }
