"""active.json: which package is active, and which ones were before.

    {"name": "a", "version": "1.1.0",
     "history": [{"name": "a", "version": "1.1.0", "since": "2026-11-22T14:09:37+00:00"},
                 {"name": "a", "version": "1.0.0", "since": "2026-11-02T08:00:00+00:00"}]}

Services read name and version alone. The history begins with the active package itself; since is
when it was activated, ISO 8601 UTC, or null where nobody wrote it down.
"""

import datetime
import json
from typing import Any, NamedTuple

from function_app.vision.model_package import ACTIVE_FILE, ModelRef, PackageError
from training.registry.stores import Registry

MAX_HISTORY = 20
"""Activations that are remembered, the current one included."""


class Activation(NamedTuple):
    """One entry of the history."""

    ref: ModelRef
    since: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as active.json stores it."""
        return {"name": self.ref.name, "version": self.ref.version, "since": self.since}


class Pointer(NamedTuple):
    """What active.json says; `history` is newest first and never empty."""

    history: tuple[Activation, ...]

    @property
    def ref(self) -> ModelRef:
        """The active package."""
        return self.history[0].ref

    @classmethod
    def moved(cls, before: "Pointer | None", ref: ModelRef) -> "Pointer":
        """Return the pointer after activating `ref` now; the oldest entry may be forgotten."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        earlier = before.history if before else ()
        return cls((Activation(ref, now), *earlier)[:MAX_HISTORY])

    def moved_back(self) -> "Pointer | None":
        """Return the pointer before the last activation, None if none is remembered."""
        return Pointer(self.history[1:]) if len(self.history) > 1 else None

    def to_json(self) -> bytes:
        """Serialise as active.json."""
        document = {
            "name": self.ref.name,
            "version": self.ref.version,
            "history": [activation.to_dict() for activation in self.history],
        }
        return json.dumps(document, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes, registry: Registry) -> "Pointer":
        """Parse active.json; one without a history has the active package as its history.

        Raises:
            PackageError: it names no package, or its history another active one.
        """
        try:
            document = json.loads(data)
            active = ModelRef(document["name"], document["version"])
            history = tuple(
                Activation(ModelRef(entry["name"], entry["version"]), entry["since"])
                for entry in document.get("history", [])
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PackageError(f"{ACTIVE_FILE} in {registry} cannot be used: {error!r}") from error
        pointer = cls(history or (Activation(active, None),))
        if pointer.ref != active:
            raise PackageError(
                f"{ACTIVE_FILE} in {registry} cannot be used: it names {active}, "
                f"but its history begins with {pointer.ref}"
            )
        return pointer


def read_pointer(registry: Registry) -> Pointer | None:
    """Return the registry's pointer, None if nothing is active.

    Raises:
        PackageError: active.json cannot be used.
        RegistryError: the registry does not exist or does not answer.
    """
    content = registry.read(ACTIVE_FILE)
    return Pointer.from_json(content.data, registry) if content else None
