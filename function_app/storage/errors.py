"""How storage can fail, and how long its clients try."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# The Azure SDK is imported inside functions: a cold start would notice it, which liveness, the
# category table and requests that are refused anyway do not have to pay.

TRIES = 3


def patience(seconds: float) -> dict[str, Any]:
    """Return the options of a client whose tries share about so many seconds.

    The SDK's own defaults would let a request wait for minutes.
    """
    return {
        "connection_timeout": seconds / TRIES,
        "read_timeout": seconds / TRIES,
        "retry_total": TRIES - 1,
        # Between two tries 0 to 2/15 of the time, at random, so that instances do not come in step;
        # growth would be base**count seconds, whatever the time.
        "initial_backoff": seconds / 15,
        "increment_base": 0,
        "random_jitter_range": seconds / 15,
    }


PATIENCE = patience(30)
"""For people at a terminal, who send large files over slow lines."""


class StorageError(Exception):
    """Storage did not do what was asked."""


class BlobMissing(StorageError):
    """There is no such blob or container."""


class InvalidRequest(StorageError):
    """Storage does not accept a value that it was sent, such as the marker of a page."""


class StorageUnavailable(StorageError):
    """Storage cannot be reached, refuses, or is not configured.

    Attributes:
        reason: "no answer", "error", "no rights" or "not configured"; fit for anybody, while the
            message is for the log alone.
    """

    def __init__(self, message: str, reason: str = "error") -> None:
        super().__init__(message)
        self.reason = reason


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the SDK's exceptions into `StorageError`s."""
    from azure.core.exceptions import (
        AzureError,
        ClientAuthenticationError,
        HttpResponseError,
        ResourceNotFoundError,
    )

    try:
        yield
    except ResourceNotFoundError as error:
        raise BlobMissing(error.reason or "not found") from error
    except AzureError as error:
        summary = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        status = error.status_code if isinstance(error, HttpResponseError) else None
        if status == 400:
            raise InvalidRequest(summary) from error
        if status in {401, 403} or isinstance(error, ClientAuthenticationError):
            raise StorageUnavailable(
                "refused: the identity or key lacks rights (the role Storage Blob Data "
                f"Contributor), or a network rule is against it; {summary}",
                "no rights",
            ) from error
        raise StorageUnavailable(summary, "error" if status else "no answer") from error
