"""What the service takes: time, memory, money."""

import json
from pathlib import Path
from typing import Any

from docs.build import words
from docs.build.numbers import NARROW, fr

JPEG = "2048x1024 JPEG"
PHOTOS = {"2048x1024 PNG": "PNG 2048×1024", JPEG: "JPEG 2048×1024", "480x360 PNG": "PNG 480×360",
          "480x360 JPEG": "JPEG 480×360"}  # fmt: skip


def service(results: Path) -> dict[str, Any]:
    """Return the facts of the running service; milliseconds are of the measuring machine."""
    cold, load, cost, time = (
        json.loads((results / f"{name}.json").read_bytes())
        for name in ("cold_start", "load", "cost", "service_time")
    )
    fuzz = json.loads((results / "fuzz.json").read_bytes())
    return {
        "times": [_time(row) for row in time["rows"]],
        "jpeg": next(_time(row) for row in time["rows"] if row["photo"] == JPEG)[1],
        "jpeg_of_stock": next(fr(r["over_stock"], 2) for r in time["rows"] if r["photo"] == JPEG),
        "load": [_load(photo, row) for photo, row in load["throughput"].items()],
        "clients": fr(load["clients"], 0),
        "crowd": fr(load["throughput"][JPEG]["per_second"]["crowd"], 0),
        "p50": fr(load["throughput"][JPEG]["milliseconds"]["p50"], 0),
        "p99": fr(load["throughput"][JPEG]["milliseconds"]["p99"], 0),
        "memory": fr(load["memory"]["peak_mb"], 0),
        "memory_clients": fr(load["memory"]["clients"], 0),
        "cold": {
            "seconds": fr(cold["cpu_seconds"], 2),
            "without": fr(cold["cpu_seconds_without_bytecode"], 2),
            "package": fr(cold["package"]["megabytes"], 0),
            "stages": ", ".join(
                f"{words.STAGES[stage]} {fr(value, 2)}" for stage, value in cold["stages"].items()
            ),
        },
        "cost": _cost(cost),
        "fuzz": {"count": fr(fuzz["count"], 0), "bad": fr(len(fuzz["bad"]), 0)},
        "batches": _batches(results),
        "cores": fr(load["machine"]["cores"], 0),
        "architectures": _architectures(results),
    }


def _architectures(results: Path) -> list[list[str]]:
    rows = json.loads((results / "session_time.json").read_bytes())["rows"]
    return [
        [words.ARCHITECTURES[row["architecture"]], f"{fr(row['parameters'] / 1e6, 2)}{NARROW}M",
         fr(row["gmacs"], 2), fr(row["ratio"], 2)]
        for row in rows if "architecture" in row
    ]  # fmt: skip


def _time(row: dict[str, Any]) -> list[str]:
    ms = row["milliseconds"]
    own = ms["served"]
    return [
        PHOTOS[row["photo"]],
        fr(sum(own.values()), 0),
        *(fr(own[stage], 1) for stage in ("decode", "infer", "encode")),
        fr(row["over_floor"], 2),
        fr(row["over_stock"], 2),
    ]


def _load(photo: str, row: dict[str, Any]) -> list[str]:
    per_second, ms = row["per_second"], row["milliseconds"]
    return [
        PHOTOS[photo], fr(per_second["alone"], 0), fr(per_second["crowd"], 0),
        fr(ms["p50"], 0), fr(ms["p99"], 0),
    ]  # fmt: skip


def _cost(cost: dict[str, Any]) -> dict[str, Any]:
    months = cost["months"]
    lines = [
        [words.BILL[line], *(_range(*values) for values in months["lines"][line])]
        for line in words.BILL
    ]
    served = next(row for row in cost["rows"] if row["megabytes"] == months["megabytes"])
    return {
        "months": [fr(count, 0) for count in months["predictions"]],
        "lines": lines,
        "sum": lines[-1][1:],
        "explorer": lines[-2][1],
        "thousand": f"{fr(served['steady'], 4)} à {fr(served['sparse'], 4)}",
        "ready": fr(cost["options"]["one instance always ready, idle"], 0),
        "as_of": f"{cost['prices']['as_of_all'][0]} au {cost['prices']['as_of_all'][-1]}",
        "region": cost["prices"]["region"],
        "megabytes": fr(months["megabytes"], 0),
    }


def _batches(results: Path) -> dict[str, str]:
    measured = json.loads((results / "batches.json").read_bytes())
    runs, plan = measured["runs"], measured["planning"]["rows"][-1]
    return {
        "scenes": fr(runs["scenes"], 0),
        "workers": fr(max(row["workers"] for row in runs["rows"]), 0),
        "kills": fr(runs["killed"]["kills"], 0),
        "equal": fr(min(row["same_masks"] for row in (*runs["rows"], runs["killed"])), 0),
        "planned": fr(plan["photos"], 0),
        "plan_seconds": fr(plan["listed"]["plan_seconds"], 0),
        "plan_mb": fr(plan["listed"]["peak_mb"], 0),
    }


def _range(low: float, high: float) -> str:
    digits = 0 if high >= 100 else 2
    text = fr(low, digits)
    return text if fr(high, digits) == text else f"{text} à {fr(high, digits)}"
