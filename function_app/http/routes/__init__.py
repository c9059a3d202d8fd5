"""The HTTP routes and the queue triggers, by concern: parse, call, answer; nothing else.

Each function below is one address. `@blueprint.route` says which, and which methods and callers it
admits; `@answers_problems` turns exceptions into the API's problems and writes the log line.
What queues trigger is in `queue_triggers`.
"""

import azure.functions as func

from function_app.http.routes.about import blueprint as about_routes
from function_app.http.routes.batches import blueprint as batch_routes
from function_app.http.routes.predict import blueprint as prediction_routes
from function_app.http.routes.queue_triggers import blueprint as queue_routes
from function_app.http.routes.scenes import blueprint as scene_routes
from function_app.settings import settings

app = func.FunctionApp(http_auth_level=func.AuthLevel[settings().api_auth_level.upper()])
for routes in (prediction_routes, scene_routes, batch_routes, about_routes, queue_routes):
    app.register_functions(routes)
