"""What 1,000 predictions cost on Flex Consumption: python -m bench.cost --help.

From the CPU seconds of a request that bench.load measured, and a dated file of prices. Sparse:
every request finds the instance idle, and is billed for the minimum time at least; the CPU seconds
are a lone caller's. Steady: the instance is never idle, and every core works; the CPU seconds are
those under load. The free monthly grants are not taken off.
"""

import argparse
import json
import math
from pathlib import Path
from typing import Any

from training.files import write_atomically

PHOTO = "2048x1024 JPEG"
"""Of bench.load: what a camera sends."""

PRICES = Path(__file__).with_name("flex_prices.json")


def cost_of_1000(
    alone_seconds: float, load_seconds: float, instance: dict[str, Any], prices: dict[str, Any]
) -> dict[str, Any]:
    """Price 1,000 predictions, free grants not taken off.

    Args:
        alone_seconds: CPU time of a lone request, on one core.
        load_seconds: CPU time of a request among many.
        instance: "megabytes" and "cores" of an instance size.
        prices: of `bench/flex_prices.json`. Billed is the memory of the instance times the time
            it is active: at least "minimum_seconds", then in steps of "rounding_seconds".

    Returns:
        The instance; seconds one request takes there, alone; requests a second of one busy
        instance; price of 1,000 requests, sparse and steady.
    """
    gigabytes, cores = instance["megabytes"] / 1024, instance["cores"]
    alone = alone_seconds / min(1, cores)
    step = prices["rounding_seconds"]
    billed = max(prices["minimum_seconds"], math.ceil(round(alone / step, 6)) * step)
    executions = 1000 * prices["per_million_executions"] / 1e6
    per_second = 1000 * gigabytes * prices["per_gb_second"]
    return {
        **instance,
        "seconds_alone": round(alone, 3),
        "requests_per_second": round(cores / load_seconds, 1),
        "sparse": round(per_second * billed + executions, 4),
        "steady": round(per_second * load_seconds / cores + executions, 4),
    }


def main() -> None:
    """Compute, print and store."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.cost", description=__doc__, epilog="example: python -m bench.cost"
    )
    parser.add_argument("--load", type=Path, default=Path("results/load.json"))
    parser.add_argument("--prices", type=Path, default=PRICES)
    parser.add_argument("--out", type=Path, default=Path("results/cost.json"))
    args = parser.parse_args()
    prices = json.loads(args.prices.read_text())
    load = json.loads(args.load.read_text())
    cpu = load["throughput"][PHOTO]["cpu_ms_per_request"]
    seconds = cpu["service"] / 1000, cpu["service_under_load"] / 1000
    rows = [cost_of_1000(*seconds, instance, prices) for instance in prices["instances"]]
    print(f"1,000 predictions of {cpu['service']:.0f} CPU ms, {prices['currency']}, "
          f"prices of {prices['as_of']}, {prices['region']}")  # fmt: skip
    for row in rows:
        speed = f"{row['seconds_alone']:.2f} s alone, {row['requests_per_second']:.1f} a second"
        print(f"  {row['megabytes']:5} MB: sparse {row['sparse']:.4f}, "
              f"steady {row['steady']:.4f} ({speed})")  # fmt: skip
    result = {
        "what": "price of 1,000 predictions without free grants; cores as documented, speed of a "
        "core as on the machine that measured",
        "photo": PHOTO,
        "cpu_seconds": {"alone": seconds[0], "under_load": seconds[1]},
        "prices": {key: value for key, value in prices.items() if key != "instances"},
        "rows": rows,
    }
    write_atomically(args.out, json.dumps(result, indent=1).encode() + b"\n")
    print(f"stored: {args.out}")


if __name__ == "__main__":
    main()
