"""Entry point for Azure Functions (PYTHON_SCRIPT_FILE_NAME=main.py)."""

from function_app.routes import app

__all__ = ["app"]
