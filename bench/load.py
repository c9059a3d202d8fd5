"""What the running service bears: python -m bench.load --help.

The real service (`python -m local host`, Azurite, the bundled model) in a process of its own, and
callers in this one, over loopback. CPU times come from /proc. The callers share the cores with the
service, so throughput is held against two bounds:

    of_bound   cores / (CPU seconds of service and caller per request), what the machine can do
    of_strict  cores / (CPU seconds of the service per request), as if callers cost nothing

Both take the CPU time of a lone caller's requests, so that what crowding costs counts against the
service. `others` is how many cores everything else on the machine used meanwhile: if it is not
near 0, the machine was not quiet and the ratios are too low.
"""

import io
import os
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from bench.crowd import Crowd, crowd
from bench.proc import peak_rss_mb, reset_peak, rss_mb
from bench.record import command, record
from bench.service import Service, running_service, seeded_storage

CLIENTS = 16
MARKS = {"throughput": 0.9, "p99_to_p50": 2.5, "peak_mb": 400.0, "growth_mb": 20.0}
"""Throughput at least so much of the bound; the others at most."""

WARM_REQUESTS = 20
TURNS = 6
SAMPLES = 50
"""Points at which memory is read during the long run."""


def street_photo(width: int, height: int, format: str = "JPEG") -> bytes:
    """Encode a picture with a street photo's mixture of flat, sloping and noisy areas."""
    rng = np.random.default_rng(0)
    rgb = np.full((height, width, 3), (70, 130, 180), np.uint8)
    rgb[height // 3 :] = rng.integers(60, 120, (height - height // 3, width, 1))
    rgb[-height // 4 :, :, 0] = np.linspace(90, 140, width)
    out = io.BytesIO()
    Image.fromarray(rgb).resize((width, height)).save(out, format)
    return out.getvalue()


def throughput(service: Service, photo: bytes, requests: int) -> dict[str, Any]:
    """One caller and CLIENTS of them in turns, with the same photo."""
    print(f"{requests} photos of {len(photo):,} bytes from {CLIENTS} callers ...", flush=True)
    alone, many = Crowd(), Crowd()
    # In turns: the machine's own speed may change from one minute to the next.
    for _ in range(TURNS):
        alone = alone.then(crowd(service, photo, 1, max(5, requests // TURNS // 4)))
        many = many.then(crowd(service, photo, CLIENTS, requests // TURNS))
    requests = len(many.latencies)
    cores = os.cpu_count() or 1
    count = len(alone.latencies)
    service_cpu, caller_cpu = alone.service_cpu / count, alone.caller_cpu / count
    bound, strict = cores / (service_cpu + caller_cpu), cores / service_cpu
    return {
        "photo_bytes": len(photo),
        "requests": requests,
        "cpu_ms_per_request": {
            "service": round(service_cpu * 1000, 2),
            "caller": round(caller_cpu * 1000, 2),
            "service_under_load": round(many.service_cpu / requests * 1000, 2),
            "caller_under_load": round(many.caller_cpu / requests * 1000, 2),
        },
        "cores": {
            "service": round(many.service_cpu / many.seconds, 2),
            "callers": round(many.caller_cpu / many.seconds, 2),
            "others": round(many.other_cpu / many.seconds, 2),
        },
        "per_second": {"alone": round(alone.per_second, 1), "crowd": round(many.per_second, 1)},
        "of_bound": round(many.per_second / bound, 3),
        "of_strict": round(many.per_second / strict, 3),
        "milliseconds": {"alone_p50": alone.percentile(50), "p50": many.percentile(50),
                         "p95": many.percentile(95), "p99": many.percentile(99)},
        "p99_to_p50": round(many.percentile(99) / many.percentile(50), 2),
    }  # fmt: skip


def peak(service: Service, clients: int, requests: int) -> dict[str, Any]:
    """Peak memory while `clients` send photos of 2048x1024, PNG and JPEG in turn."""
    reset_peak(service.pid)
    for format in ("PNG", "JPEG"):
        crowd(service, street_photo(2048, 1024, format), clients, requests)
    return {"clients": clients, "requests": 2 * requests, "peak_mb": peak_rss_mb(service.pid)}


def growth(service: Service, photo: bytes, requests: int) -> dict[str, Any]:
    """Memory over many small requests: first and last fifth, and the slope of a line through it."""
    memory = []
    share = max(1, requests // SAMPLES)
    for _ in tqdm(range(SAMPLES), desc="memory", unit="sample"):
        crowd(service, photo, 4, share)
        memory.append(rss_mb(service.pid))
    fifth = SAMPLES // 5
    slope = np.polyfit(np.arange(SAMPLES) * share, memory, 1)[0]
    return {
        "requests": share * SAMPLES,
        "first_mb": round(float(np.mean(memory[:fifth])), 1),
        "last_mb": round(float(np.mean(memory[-fifth:])), 1),
        "mb_per_1000_requests": round(float(slope) * 1000, 3),
        "rss_mb": memory,
    }


def measure(
    connection: str, requests: int, peak_requests: int, long_requests: int
) -> dict[str, Any]:
    """Run all measurements, each marked as passed or not.

    Args:
        connection: connection string of an account with an active model.
        requests: of the crowd, per photo.
        peak_requests: while peak memory is looked for, per format.
        long_requests: while memory may grow.
    """
    small = street_photo(480, 360)
    photos = {
        "480x360 JPEG": small,
        "2048x1024 JPEG": street_photo(2048, 1024),
        "2048x1024 PNG": street_photo(2048, 1024, "PNG"),
    }
    # Processes of their own: memory that one measurement took must not show in the next.
    with running_service(connection) as service:
        crowd(service, small, 2, WARM_REQUESTS)
        speed = {name: throughput(service, photo, requests) for name, photo in photos.items()}
    with running_service(connection) as service:
        memory = peak(service, 8, peak_requests)
    with running_service(connection) as service:
        crowd(service, small, 2, WARM_REQUESTS)
        long = growth(service, small, long_requests)
    return {
        "throughput": speed,
        "memory": memory,
        "long_run": long,
        "marks": MARKS,
        "passed": {
            "throughput": all(row["of_bound"] >= MARKS["throughput"] for row in speed.values()),
            "p99_to_p50": all(row["p99_to_p50"] <= MARKS["p99_to_p50"] for row in speed.values()),
            "peak_mb": memory["peak_mb"] <= MARKS["peak_mb"],
            "growth_mb": long["last_mb"] - long["first_mb"] <= MARKS["growth_mb"],
        },
    }


def main() -> None:
    """Measure, print and store."""
    parser = command(__file__, __doc__, "--requests 100 --long-requests 500")
    parser.add_argument("--requests", type=int, default=1200, help="of the crowd (1200)")
    parser.add_argument("--peak-requests", type=int, default=200, help="for peak memory (200)")
    parser.add_argument("--long-requests", type=int, default=5000, help="for memory growth (5000)")
    args = parser.parse_args()
    with seeded_storage() as connection:
        measured = measure(connection, args.requests, args.peak_requests, args.long_requests)
    record(args.out, {"clients": CLIENTS, **measured})


if __name__ == "__main__":
    main()
