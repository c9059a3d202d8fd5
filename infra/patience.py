"""Waiting for what Azure takes minutes to know: new role assignments, new sites."""

import time
from collections.abc import Callable
from typing import TypeVar

from function_app.storage.errors import StorageError, storage_errors
from infra.errors import NotYetError, ReleaseError
from training.registry import RegistryError

T = TypeVar("T")

LONGEST = 600.0
"""Seconds. Changes of role assignments can take 10 minutes to take effect
(https://learn.microsoft.com/azure/role-based-access-control/troubleshooting)."""

PAUSE = 15.0
"""Seconds between two tries."""

NO_ROLE = "AuthorizationPermissionMismatch"
"""Storage's code where the caller lacks a role, or has it since a moment ago."""

NO_WAY_IN = "AuthorizationFailure"
"""Storage's code where a network rule is against the caller."""


def patiently(action: Callable[[], T]) -> T:
    """Return what `action` returns; where it raises NotYetError, say so, wait and repeat it.

    Raises:
        ReleaseError: that did not pass.
    """
    end = time.monotonic() + LONGEST
    while True:
        try:
            return action()
        except NotYetError as error:
            left = end - time.monotonic()
            if left <= 0:
                raise ReleaseError(f"{error} (waited {LONGEST / 60:.0f} minutes)") from error
            print(f"\n  {error}; trying again in {PAUSE:.0f} s, for {left:.0f} s", flush=True)
            time.sleep(PAUSE)


def with_rights(action: Callable[[], T]) -> T:
    """Return what `action` on storage returns, once a role that it needs has taken effect.

    Args:
        action: may be repeated as a whole.

    Raises:
        ReleaseError: the role did not take effect, or a network rule is against this machine.
        StorageError, RegistryError: another fault.
    """

    def translated() -> T:
        try:
            with storage_errors():
                return action()
        except (StorageError, RegistryError) as error:
            code = _code(error)
            if code == NO_ROLE:
                raise NotYetError(
                    "storage refuses this login: the role Storage Blob Data Contributor is "
                    "missing, or so new that it has not taken effect"
                ) from error
            if code == NO_WAY_IN:
                raise ReleaseError(
                    "storage admits no call from this machine's address: add it to the parameter "
                    "deployerIpRanges and provision, or release from within the network"
                ) from error
            raise

    return patiently(translated)


def _code(error: BaseException | None) -> str | None:
    while error is not None:
        if code := getattr(error, "error_code", None):
            return str(getattr(code, "value", code))
        error = error.__cause__
    return None
