"""Everything that can be set from outside, read once from the environment."""

import os
from dataclasses import dataclass
from functools import cache


class SettingsError(ValueError):
    """An environment variable that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The service's settings; each attribute is the environment variable of the same name.

    Attributes:
        blob_service_url: storage account that is reached with an Entra identity (Azure).
        blob_connection_string: storage account that is reached with a key (Azurite only).
        models_container: container of the model packages.
        scenes_container: container of photos and true masks.
        predictions_container: container of masks already computed.
        batches_container: container of what batches consist of.
        api_auth_level: "function" (a key is asked for) or "anonymous".
        max_body_bytes: largest request body, and largest photo of a batch.
        max_pixels: largest width x height of a JPEG; others end at `MAX_FULL_PIXELS` too.
        model_refresh_seconds: how old the knowledge of the active model may get.
        inference_threads: ONNX Runtime threads for one photo.
        inference_workers: photos worked on at once; the cores an instance really has.
        max_waiting: photos that may wait for a worker; more are refused as busy.
        max_batch_photos: most photos of one batch.
        storage_seconds: how long storage may keep one request waiting, retries included.
    """

    blob_service_url: str = ""
    blob_connection_string: str = ""
    models_container: str = "models"
    scenes_container: str = "scenes"
    predictions_container: str = "predictions"
    batches_container: str = "batches"
    api_auth_level: str = "function"
    max_body_bytes: int = 25_000_000
    max_pixels: int = 50_000_000
    model_refresh_seconds: int = 30
    inference_threads: int = 1
    inference_workers: int = os.cpu_count() or 1
    max_waiting: int = 16
    max_batch_photos: int = 1_000_000
    storage_seconds: int = 15


@cache
def settings() -> Settings:
    """Read the environment, on first use.

    Raises:
        SettingsError: a number is no number, or a choice is none of the choices.
    """
    values: dict[str, str | int] = {}
    for name, kind in Settings.__annotations__.items():
        text = os.environ.get(name.upper())
        if text is None:
            continue
        if kind is int and not (text.isascii() and text.isdigit() and int(text) > 0):
            raise SettingsError(f"{name.upper()}={text!r} must be a whole number above 0")
        values[name] = int(text) if kind is int else text
    read = Settings(**values)  # type: ignore[arg-type]
    if read.api_auth_level not in ("function", "anonymous"):
        raise SettingsError(
            f"API_AUTH_LEVEL={read.api_auth_level!r} must be 'function' or 'anonymous'"
        )
    return read
