"""What predictions cost in Azure, by the thousand and by the month: python -m bench.cost --help.

From the CPU seconds of a request that bench.load measured, the bytes that bench.footprint weighs,
and a dated file of prices. Two ends of a range:

    sparse  every request finds the instance idle and is billed for the minimum time at least; the
            CPU seconds are a lone caller's
    steady  the instance is never idle, and every core works; the CPU seconds are those under load
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

from bench.footprint import footprint
from bench.record import PROJECT, RESULTS, command, store

PHOTO = "2048x1024 JPEG"
"""Of bench.load: what a camera sends."""

PRICES = Path(__file__).with_name("azure_prices.json")
LOADS = (1_000, 100_000, 10_000_000)
"""Predictions a month."""

DEFAULT_MB = 2048
"""instanceMemoryMB in infra/bicep/main.bicep."""

HOURS = 730
"""A month, as Azure's price pages count."""

SCENES, SCENE_MB = 500, 2.7
"""Cityscapes' validation set: photos of 2048x1024 as PNG, as in results/service_time.json."""

PACKAGES_GB = 0.2
"""All bundled models, and the deployment package of three releases."""

REFRESH_SECONDS = 30
"""MODEL_REFRESH_SECONDS: the pointer to the active model is read as often, while requests come."""

ALERT_RULES, ENDPOINTS, ZONES = 6, 4, 2
"""Of the rules four look every 15 minutes and cost less than the price of every 5."""
DAILY_CAP_GB = 1
"""logDailyCapGb in infra/bicep/main.bicep: what comes later that day is lost, and costs nothing."""

REQUEST_ROW, ROW, HOST_MESSAGES, HOST_MESSAGE = 1000, 500, 2, 150
"""Assumed, in bytes: Application Insights' row of a request; the columns of a row of logs beside
its message; and what the host says of every call ("Executing ...", "Executed ...")."""

KEPT_PER_SECOND = 20
"""Rows that host.json's sampling lets an instance send; requests are not sampled."""


class Work(NamedTuple):
    """One prediction.

    Attributes:
        alone_seconds: CPU time of a lone request, on one core.
        load_seconds: CPU time of a request among many.
        mask_bytes: of the answer.
        line_bytes: of the access log's line.
    """

    alone_seconds: float
    load_seconds: float
    mask_bytes: int
    line_bytes: int


Prices = dict[str, Any]
Range = tuple[float, float]
"""Steady and sparse."""


def price(prices: Prices, meter: str, quantity: float, grants: bool = True) -> float:
    """Price a month's quantity of a meter, its free share taken off unless without `grants`."""
    row = prices["meters"][meter]
    return float(row["price"] * max(0.0, quantity - (row["free_a_month"] if grants else 0)))


def gb_seconds(work: Work, instance: dict[str, Any], billing: dict[str, Any]) -> Range:
    """Return what one prediction is billed for: the instance's memory times the time it is active.

    Args:
        work: one prediction.
        instance: "megabytes" and "cores" of an instance size.
        billing: active time is at least "minimum_seconds", then in steps of "rounding_seconds".
    """
    gigabytes, cores = instance["megabytes"] / 1024, instance["cores"]
    step = billing["rounding_seconds"]
    alone = math.ceil(round(work.alone_seconds / min(1, cores) / step, 6)) * step
    return gigabytes * work.load_seconds / cores, gigabytes * max(billing["minimum_seconds"], alone)


def function_price(
    predictions: int, work: Work, instance: dict[str, Any], prices: Prices, grants: bool = True
) -> Range:
    """Price a month's executions on instances of that size."""
    executions = price(prices, "execution", predictions, grants)
    steady, sparse = gb_seconds(work, instance, prices["billing"])
    return (
        price(prices, "gb_second", predictions * steady, grants) + executions,
        price(prices, "gb_second", predictions * sparse, grants) + executions,
    )


def cost_of_1000(work: Work, instance: dict[str, Any], prices: Prices) -> dict[str, Any]:
    """Price 1,000 predictions, free grants not taken off.

    Returns:
        The instance; seconds one request takes there, alone; requests a second of one busy
        instance; price of 1,000 requests, sparse and steady.
    """
    steady, sparse = function_price(1000, work, instance, prices, grants=False)
    return {
        **instance,
        "seconds_alone": round(work.alone_seconds / min(1, instance["cores"]), 3),
        "requests_per_second": round(instance["cores"] / work.load_seconds, 1),
        "sparse": round(sparse, 4),
        "steady": round(steady, 4),
    }


def log_gb(predictions: int, work: Work, cores: float) -> Range:
    """Return a month's gigabytes of logs, sampled, before the daily cap."""
    rows = 1 + HOST_MESSAGES
    messages = work.line_bytes + HOST_MESSAGES * HOST_MESSAGE + rows * ROW
    per_second = rows * cores / work.load_seconds
    kept = KEPT_PER_SECOND / max(KEPT_PER_SECOND, per_second)
    sparse = REQUEST_ROW + messages
    return predictions * (sparse - (1 - kept) * messages) / 1e9, predictions * sparse / 1e9


def month(
    predictions: int, work: Work, instance: dict[str, Any], prices: Prices
) -> dict[str, Range]:
    """Price a month by its lines; "sum" is of all of them, and "left_out" of the prices of none."""

    def line(meter: str, steady: float, sparse: float, fixed: float = 0.0) -> Range:
        return fixed + price(prices, meter, steady), fixed + price(prices, meter, sparse)

    busy = predictions * work.load_seconds / instance["cores"]
    stored = PACKAGES_GB + SCENES * (SCENE_MB / 1e3 + 2 * work.mask_bytes / 1e9)
    cap, sent = DAILY_CAP_GB * HOURS / 24, predictions * work.mask_bytes / 1e9
    logs = (min(cap, gigabytes) for gigabytes in log_gb(predictions, work, instance["cores"]))
    lines = {
        "function": function_price(predictions, work, instance, prices),
        "storage": line("blob_read", busy / REFRESH_SECONDS, predictions,
                        fixed=price(prices, "blob_gb", stored)),
        "logs": line("log_gb", *logs),
        "masks sent": line("transfer_gb", sent, sent),
        "alert rules": line("log_alert", ALERT_RULES, ALERT_RULES),
        "explorer": line("explorer", 1, 1),
    }  # fmt: skip
    steady, sparse = (sum(line[end] for line in lines.values()) for end in (0, 1))
    return {**lines, "sum": (steady, sparse)}


def options(prices: Prices, visit_mb: float) -> dict[str, float]:
    """Price a month of what can be switched on; `visit_mb` is a first visit of the static site."""
    always = 3600 * HOURS * DEFAULT_MB / 1024
    endpoints = price(prices, "private_endpoint_hour", ENDPOINTS * HOURS)
    return {
        "one instance always ready, idle": price(prices, "ready_gb_second", always),
        "private network": endpoints + price(prices, "private_zone", ZONES),
        "1,000 first visits of the static site": price(
            prices, "transfer_gb", visit_mb, grants=False
        ),
    }


def document(work: Work, prices: Prices, visit_mb: float) -> dict[str, Any]:
    """Compute all that is stored, in the currency of the prices."""

    def rounded(pair: Range) -> list[float]:
        return [round(value, 2) for value in pair]

    instances, dates = prices["instances"], [row["as_of"] for row in prices["meters"].values()]
    default = next(i for i in instances if i["megabytes"] == DEFAULT_MB)
    months = [month(load, work, default, prices) for load in LOADS]
    return {
        "what": "price of 1,000 predictions without free grants, and of a month with them, from "
        "steady to sparse; cores as documented, speed of a core as on the machine that measured",
        "photo": PHOTO,
        "work": work._asdict(),
        "prices": {
            "currency": prices["currency"],
            "region": prices["region"],
            "as_of": prices["meters"]["gb_second"]["as_of"],
            "as_of_all": [min(dates), max(dates)],
        },
        "rows": [cost_of_1000(work, instance, prices) for instance in instances],
        "months": {
            "predictions": list(LOADS),
            "megabytes": DEFAULT_MB,
            "lines": {name: [rounded(m[name]) for m in months] for name in months[0]},
            "function by megabytes": {
                instance["megabytes"]: [
                    rounded(function_price(load, work, instance, prices)) for load in LOADS
                ]
                for instance in instances
            },
            "function without grants": [
                rounded(function_price(load, work, default, prices, grants=False)) for load in LOADS
            ],
            "log gigabytes before the cap": [
                rounded(log_gb(load, work, default["cores"])) for load in LOADS
            ],
        },
        "options": {name: round(value, 2) for name, value in options(prices, visit_mb).items()},
        "left_out": prices["left_out"],
    }


def main() -> None:
    """Weigh, compute, print and store."""
    parser = command(__file__, __doc__)
    parser.add_argument("--load", type=Path, default=RESULTS / "load.json")
    parser.add_argument("--site", type=Path, default=RESULTS / "site_time.json")
    parser.add_argument("--package", type=Path, default=PROJECT / "models/lite0-fpn-int8/1.0.0")
    parser.add_argument("--prices", type=Path, default=PRICES)
    args = parser.parse_args()
    cpu = json.loads(args.load.read_text())["throughput"][PHOTO]["cpu_ms_per_request"]
    visit = json.loads(args.site.read_text())["first_visit"]["megabytes_sent"]
    bytes_ = footprint(args.package)
    work = Work(cpu["service"] / 1e3, cpu["service_under_load"] / 1e3, bytes_.mask, bytes_.line)
    store(args.out, document(work, json.loads(args.prices.read_text()), visit))


if __name__ == "__main__":
    main()
