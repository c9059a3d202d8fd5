"""What a batch is asked for with, checked before anything is stored."""

import json
import secrets
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from function_app.storage.scene_store import CONTROL
from function_app.vision.model_package import ModelRef, PackageError

MASKS, EVALUATION = "masks", "evaluation"
OUTPUTS = (MASKS, EVALUATION)
"""What can be made of each photo: its mask, stored; and its part of the scores."""

MAX_IDS = 100_000
MAX_TEXT = 1024
"""Characters of a folder or a prefix: what Blob Storage allows in a name."""

KEYS = ("folder", "prefix", "ids", "model", "outputs")


class InvalidBatch(ValueError):
    """A batch that cannot be started; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a request for a batch.

    Attributes:
        folder: folder below `photos/` with a slash at its end, "" for all.
        prefix: ids begin with it, "" for all.
        ids: of scenes, instead of folder and prefix.
        model: None for the active one.
        outputs: of OUTPUTS.
    """

    folder: str
    prefix: str
    ids: tuple[str, ...] | None
    model: ModelRef | None
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was asked for; never changes.

    Attributes:
        id: the time it was created, to the microsecond, and three random hexadecimal digits; ids
            sort by time.
        created: ISO 8601, UTC.
        model: who predicts.
        sha256: of the model's file.
        folder, prefix: as asked for.
        ids: how many were named; None where photos are chosen by folder and prefix.
        outputs: of OUTPUTS.
    """

    id: str
    created: str
    model: ModelRef
    sha256: str
    folder: str
    prefix: str
    ids: int | None
    outputs: tuple[str, ...]

    @classmethod
    def new(cls, asked: Asked, model: ModelRef, sha256: str) -> "Batch":
        """Give what was asked for an id."""
        now = datetime.now(UTC)
        return cls(
            id=f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond:05x}{secrets.randbelow(16**3):03x}",
            created=now.isoformat(timespec="seconds"),
            model=model,
            sha256=sha256,
            folder=asked.folder,
            prefix=asked.prefix,
            ids=None if asked.ids is None else len(asked.ids),
            outputs=asked.outputs,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self) | {"model": str(self.model)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Batch":
        """Read what `to_dict` returned."""
        model, outputs = ModelRef.parse(values["model"]), tuple(values["outputs"])
        return cls(**values | {"model": model, "outputs": outputs})

    def summary(self) -> dict[str, Any]:
        """Return what callers learn of it."""
        return {
            "id": self.id,
            "created": self.created,
            "model": str(self.model),
            "selection": {"folder": self.folder, "prefix": self.prefix, "ids": self.ids},
            "outputs": list(self.outputs),
        }


def parse_request(body: bytes) -> Asked:
    """Read the body of a request for a batch; `{}` asks for everything.

    Raises:
        InvalidBatch: the body is no JSON object of KEYS with valid values.
    """
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidBatch("The body is no JSON; {} would ask for all photos.") from error
    if not isinstance(values, dict):
        raise InvalidBatch(f"The body must be a JSON object with any of {', '.join(KEYS)}.")
    if unknown := sorted(values.keys() - set(KEYS)):
        raise InvalidBatch(f"{unknown[0][:80]!r} is unknown: expected any of {', '.join(KEYS)}.")
    if "ids" in values and {"folder", "prefix"} & values.keys():
        raise InvalidBatch("Give ids, or folder and prefix, not both.")
    folder = _text(values, "folder").strip("/")
    return Asked(
        folder=f"{folder}/" if folder else "",
        prefix=_text(values, "prefix"),
        ids=_ids(values["ids"]) if "ids" in values else None,
        model=_model(values["model"]) if "model" in values else None,
        outputs=_outputs(values.get("outputs", list(OUTPUTS))),
    )


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT or CONTROL.search(value):
        raise InvalidBatch(
            f"{name} must be a text of at most {MAX_TEXT} characters, none of control."
        )
    return value


def _ids(ids: Any) -> tuple[str, ...]:
    if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_IDS:
        raise InvalidBatch(f"ids must be a list of 1 to {MAX_IDS:,} ids of scenes.")
    if not all(isinstance(id, str) for id in ids):
        raise InvalidBatch("ids must be a list of texts.")
    twice, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise InvalidBatch(f"ids names {twice[:80]!r} more than once.")
    return tuple(ids)


def _model(text: Any) -> ModelRef:
    try:
        return ModelRef.parse(text)
    except (AttributeError, PackageError) as error:
        raise InvalidBatch("model must be like name:1.0.0.") from error


def _outputs(outputs: Any) -> tuple[str, ...]:
    known = isinstance(outputs, list) and all(output in OUTPUTS for output in outputs)
    if not known or not 1 <= len(outputs) == len(set(outputs)):
        raise InvalidBatch(f"outputs must be a list of any of {', '.join(OUTPUTS)}, each once.")
    return tuple(outputs)
