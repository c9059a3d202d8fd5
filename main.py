"""Entry point for Azure Functions (PYTHON_SCRIPT_FILE_NAME=main.py)."""

import os

# OpenBLAS, which NumPy loads and nothing here uses, would start threads that spin for a while: a
# fifth of what a cold start computes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# onnxruntime's telemetry, which leaves a session id in the temporary folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from function_app.http.routes import app

__all__ = ["app"]
