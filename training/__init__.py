"""From photographs to published models; of the service it imports `function_app.vision` alone."""

import os

# Read when the libraries are imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
