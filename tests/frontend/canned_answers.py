"""What the canned API answers: pictures whose every pixel is known, and documents true to them."""

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any

CATEGORIES = [
    {"id": 0, "name": "void", "color": "#000000"},
    {"id": 1, "name": "flat", "color": "#804080"},
    {"id": 2, "name": "<b>sky</b>", "color": "#4682b4"},
]
LIMITS = {"bytes": 25_000_000, "jpeg_pixels": 50_000_000, "pixels": 16_000_000}
VOID, FLAT, SKY, IGNORE = 0, 1, 2, 255

Rows = Sequence[bytes]
"""One-byte pixels, row by row."""

ACTIVE, OTHER = "tiny:1.0.0", "tiny:1.1.0"
MASKS: dict[str, Rows] = {
    ACTIVE: (bytes([SKY] * 8), bytes([SKY] * 4 + [VOID] * 4), bytes([FLAT] * 8), bytes([FLAT] * 8)),
    OTHER: (
        bytes([SKY] * 8),
        bytes([SKY] * 6 + [VOID] * 2),
        bytes([FLAT] * 7 + [VOID]),
        bytes([FLAT] * 8),
    ),
}
"""What each model sees in every photo: void 4, flat 16, sky 12 pixels; void 3, flat 15, sky 14."""

TRUTH: Rows = (
    bytes([SKY] * 8),
    bytes([SKY] * 6 + [VOID] * 2),
    bytes([FLAT] * 8),
    bytes([FLAT] * 6 + [IGNORE] * 2),
)
"""30 pixels count; of the active model's 2 are wrong, of the other's 1."""

SURE, UNSURE = 240, 60
"""Confidence where the two models agree, and where not."""

_GREY, _PALETTE = 0, 3


def png(width: int = 8, height: int = 4) -> bytes:
    """A grey PNG, written by hand as all of these."""
    return grey_png([b"\x80" * width] * height)


def grey_png(rows: Rows) -> bytes:
    return _png(rows, _GREY)


def mask_png(rows: Rows) -> bytes:
    """Category ids in the categories' colours; IGNORE is transparent."""
    colors = b"".join(bytes.fromhex(str(row["color"])[1:]) for row in CATEGORIES)
    return _palette_png(rows, colors)


def confidence_png() -> bytes:
    rows = [
        bytes(SURE if one == other else UNSURE for one, other in zip(*pair, strict=True))
        for pair in zip(*MASKS.values(), strict=True)
    ]
    return grey_png(rows)


def without_void(mask: Rows) -> Rows:
    """A mask that void may not win."""
    return [row.replace(bytes([VOID]), bytes([FLAT])) for row in mask]


def official(truth: Rows) -> Rows:
    """A true mask where void is not evaluated."""
    return [row.replace(bytes([VOID]), bytes([IGNORE])) for row in truth]


def model(name: str) -> dict[str, Any]:
    """A row of /models; the active model is the weaker one on the second data set."""
    short, version = name.split(":")
    metrics = [
        _metrics(data, protocol, mean if name == ACTIVE else mean + gain)
        for data, mean, gain in (("<i>streets</i>", 0.75, -0.05), ("towns", 0.6, 0.1))
        for protocol in ("official", "with_void")
    ]
    return {
        "name": short,
        "version": version,
        "active": name == ACTIVE,
        "created": "2026-01-02T03:04:05+00:00",
        "license": "For <b>tests</b> only.",
        "input": {"height": 4, "width": 8},
        "bytes": 3_518_044,
        "metrics": metrics,
    }


def prediction(mask: Rows, name: str) -> dict[str, Any]:
    pixels = b"".join(mask)
    rows = [
        {**row, "pixels": pixels.count(row["id"]), "share": pixels.count(row["id"]) / len(pixels)}
        for row in CATEGORIES
    ]
    return {
        "width": 8,
        "height": 4,
        "model": name,
        "mean_confidence": 0.75,
        "categories": rows,
        "timings_ms": {"decode": 1.0, "infer": 20.4, "encode": 2.0, "total": 23.4},
        "mask": {"encoding": "png;base64", "data": base64.b64encode(mask_png(mask)).decode()},
    }


def evaluation(scene: str, name: str) -> dict[str, Any]:
    return {
        "id": scene,
        "model": name,
        "official": _scores(official(TRUTH), without_void(MASKS[name]), CATEGORIES[1:]),
        "with_void": _scores(TRUTH, MASKS[name], CATEGORIES),
    }


def batch(
    id: str, asked: dict[str, Any], state: str, *, failed: int = 0, scored: int = 0
) -> dict[str, Any]:
    """A batch of 8 photos, as GET /batches/{id} tells of it: planned, half done, or ended."""
    done = {"planning": 0, "running": 4, "cancelled": 4, "failed": 0, "done": 8}[state] - failed
    planned = 0 if state in {"planning", "failed"} else 8
    started = None if state in {"planning", "failed"} else 2.0
    scores = evaluation("", asked.get("model", ACTIVE))
    truths = {"photos": scored, "official": scores["official"], "with_void": scores["with_void"]}
    return {
        "id": id,
        "created": "2026-01-02T03:04:05+00:00",
        "model": asked.get("model", ACTIVE),
        "selection": {
            "folder": asked.get("folder", ""), "prefix": asked.get("prefix", ""),
            "ids": len(asked["ids"]) if "ids" in asked else None,
        },
        "outputs": asked.get("outputs", ["masks", "evaluation"]),
        "state": state,
        "reason": {"cancelled": "cancelled", "failed": "it *chooses* no photo"}.get(state),
        "photos": {
            "planned": planned, "done": done, "failed": failed, "left": planned - done - failed,
        },
        "seconds": started,
        "rate": started,
        "seconds_left": 2.0 if state == "running" else None,
        "waiting": None,
        "left_out": {"files": 0, "examples": []},
        "evaluation": truths if scored else None,
    }  # fmt: skip


def _scores(truth: Rows, mask: Rows, categories: list[dict[str, Any]]) -> dict[str, Any]:
    confusion = [[0] * len(CATEGORIES) for _ in CATEGORIES]
    for true, predicted in zip(b"".join(truth), b"".join(mask), strict=True):
        if true != IGNORE:
            confusion[true][predicted] += 1
    iou = {}
    for category in categories:
        id = category["id"]
        union = sum(confusion[id]) + sum(row[id] for row in confusion) - confusion[id][id]
        iou[category["name"]] = confusion[id][id] / union if union else None
    known = [value for value in iou.values() if value is not None]
    return {
        "mean_iou": sum(known) / len(known) if known else None,
        "iou": iou,
        "pixels": sum(map(sum, confusion)),
        "confusion": confusion,
    }


def _metrics(data: str, protocol: str, mean: float) -> dict[str, Any]:
    """IoUs around a mean; official ones come with robustness, as the real ones do."""
    around = {"void": 0.0, "flat": 0.2, "<b>sky</b>": -0.2}
    if protocol == "official":
        del around["void"]
    harm = {"noise": 0.3, "blur": 0.2, "night": 0.1, "fog": 0.05}
    curves = {kind: [mean - step * most / 3 for step in (1, 2, 3)] for kind, most in harm.items()}
    robustness = {"robustness": {"photos": 2, "clean": mean, **curves}}
    return {
        "data": data,
        "split": "val",
        "protocol": protocol,
        "photos": 12,
        "input": "8x4",
        "labels": "8x4",
        "iou": {name: mean + difference for name, difference in around.items()},
        "mean_iou": mean,
        **(robustness if protocol == "official" else {}),
    }


def _palette_png(rows: Rows, colors: bytes) -> bytes:
    transparent = bytes([255] * IGNORE + [0])
    chunks = _chunk(b"PLTE", colors.ljust(3 * 256, b"\0")) + _chunk(b"tRNS", transparent)
    return _png(rows, _PALETTE, chunks)


def _png(rows: Rows, color_type: int, palette: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, color_type, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = _chunk(b"IHDR", header), palette, _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)
