"""What callers and operators may know: categories, models, health, the contract itself."""

from typing import Any

import azure.functions as func

from function_app.http.problems import Problem, answers_problems
from function_app.http.readiness import readiness
from function_app.http.routes.answers import READ, conditional, json_answer, known_json, weak_etag
from function_app.observability import note
from function_app.storage.model_store import MODELS
from function_app.vision.model_package import Manifest, ModelRef, category_table

# The contract is imported where it is asked for: cold starts have no use for it.

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]
ANYBODY = func.AuthLevel.ANONYMOUS

LINEAGE = ("parameters", "git_commit", "libraries", "quantization", "notes")
"""What callers may know of how a model came about; the rest is about the trainer's machine."""


@blueprint.route("categories", methods=READ, auth_level=ANYBODY)
@answers_problems
def categories(req: func.HttpRequest) -> func.HttpResponse:
    """The 8 categories with ids, names and colours."""
    return known_json(req, {"categories": category_table()})


@blueprint.route("models", methods=READ, auth_level=ANYBODY)
@answers_problems
def models(req: func.HttpRequest) -> func.HttpResponse:
    """The published models with their scores, and which one is active."""
    active = MODELS.active_ref()
    rows = [_model(manifest, active) for manifest in MODELS.manifests()]
    return known_json(req, {"active": str(active) if active else None, "models": rows})


@blueprint.route("models/{model}", methods=READ, auth_level=ANYBODY)
@answers_problems
def model(req: func.HttpRequest) -> func.HttpResponse:
    """All that is published of one model, by name:version."""
    name = req.route_params["model"]
    manifest = next((m for m in MODELS.manifests() if str(m.ref) == name), None)
    if manifest is None:
        raise Problem(404, "unknown-model", f"Model {name[:80]!r} is not published.")
    details = {
        "sha256": manifest.sha256,
        "categories": category_table(),
        "lineage": {key: manifest.lineage[key] for key in LINEAGE if key in manifest.lineage},
    }
    return known_json(req, _model(manifest, MODELS.active_ref()) | details)


@blueprint.route("health/live", methods=READ, auth_level=ANYBODY)
@answers_problems
def live(req: func.HttpRequest) -> func.HttpResponse:
    """The process answers."""
    return json_answer({"status": "live"})


@blueprint.route("health/ready", methods=READ, auth_level=ANYBODY)
@answers_problems
def ready(req: func.HttpRequest) -> func.HttpResponse:
    """A model is loaded; what ails, if anything."""
    return json_answer(readiness())


@blueprint.route("openapi.json", methods=READ, auth_level=ANYBODY)
@answers_problems
def openapi(req: func.HttpRequest) -> func.HttpResponse:
    """This contract as OpenAPI 3.1."""
    from function_app.http.openapi import document

    return known_json(req, document())


@blueprint.route("docs", methods=READ, auth_level=ANYBODY)
@answers_problems
def docs(req: func.HttpRequest) -> func.HttpResponse:
    """This contract as a page for people."""
    from function_app.http.openapi import document
    from function_app.http.openapi.page import SECURITY_POLICY, render_page

    here = req.url.partition("?")[0].rstrip("/")
    html = render_page(document(), here.rpartition("/")[0])
    headers = {"Content-Security-Policy": SECURITY_POLICY}
    answer = func.HttpResponse(html, mimetype="text/html", headers=headers)
    return conditional(req, weak_etag(html), lambda: answer)


# No methods: all of them. Azure's host tries functions in order of their names where routes
# overlap (azure-functions-host issue 9876), so that this one's must come last.
@blueprint.route("{*path}", auth_level=ANYBODY)
@answers_problems
def unknown_path(req: func.HttpRequest) -> func.HttpResponse:
    """Whatever no other route takes: 404, or 405 where only the method is wrong."""
    from function_app.http.openapi import methods_of

    methods = methods_of(f"/{req.route_params.get('path', '')}")
    if not methods:
        raise Problem(404, "unknown-path", "There is nothing at this address: see /api/docs.")
    allowed = ", ".join((*methods, "OPTIONS"))
    if req.method == "OPTIONS":
        return func.HttpResponse(status_code=204, headers={"Allow": allowed})
    note(problem="method-not-allowed")
    response = Problem(405, "method-not-allowed", f"Use one of {allowed}.").response()
    response.headers["Allow"] = allowed
    return response


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
