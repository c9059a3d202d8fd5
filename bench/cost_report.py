"""The tables of what Azure bills, for `bench.report`."""

from bench.record import Document
from training.markdown import table

QUOTA_CORES, INSTANCES = 250, 1000
"""Of all Flex Consumption apps in a region, unless raised; and the most one app may have.
https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan"""


def cost(document: Document) -> str:
    """Price of 1,000 predictions."""
    prices = document["prices"]
    rows = [
        [f"{row['megabytes']} MB, {row['cores']} cores", f"{row['seconds_alone']:.2f} s",
         f"{row['requests_per_second']:.1f}", f"{row['sparse']:.4f}", f"{row['steady']:.4f}"]
        for row in document["rows"]
    ]  # fmt: skip
    head = ["instance", "alone", "a second at most", "sparse", "steady"]
    return table(head, rows) + (
        f"\n{prices['currency']} per 1,000 predictions, {prices['region']}, prices of "
        f"{prices['as_of']}, free monthly grants not taken off.\n"
    )


def monthly_cost(document: Document) -> str:
    """The bill of a month, and what can be switched on."""
    months, prices = document["months"], document["prices"]
    default, lines = months["megabytes"], dict(months["lines"])
    total = lines.pop("sum")
    by_size = {
        f"function, {megabytes} MB": ends
        for megabytes, ends in months["function by megabytes"].items()
        if megabytes != str(default)
    }
    rows = [
        (f"function, {default} MB", lines.pop("function")), *lines.items(), ("**sum**", total),
        *by_size.items(), (f"function, {default} MB, no free grants",
                           months["function without grants"]),
        ("GB of logs, were there no cap", months["log gigabytes before the cap"]),
    ]  # fmt: skip
    bill = [[name, *(_range(*pair) for pair in ends)] for name, ends in rows]
    extra = [[name, f"{value:.2f}"] for name, value in document["options"].items()]
    return (
        table(["predictions a month", *(f"{load:,}" for load in months["predictions"])], bill)
        + f"\n{prices['currency']}, {prices['region']}, prices of "
        f"{' to '.join(prices['as_of_all'])}. "
        f"Not in the sum: {'; '.join(document['left_out'])}.\n\n"
        + table(["switched on besides", f"{prices['currency']} a month"], extra)
    )


def scale(document: Document) -> str:
    """Requests a second within Azure's default core quota, and of as many instances as may be."""
    rows = []
    for row in document["rows"]:
        within = min(INSTANCES, int(QUOTA_CORES / row["cores"]))
        rows.append([
            f"{row['megabytes']} MB, {row['cores']} cores", f"{within:,}",
            f"{within * row['requests_per_second']:,.0f}", f"{INSTANCES * row['cores']:,.0f}",
            f"{INSTANCES * row['requests_per_second']:,.0f}",
        ])  # fmt: skip
    head = ["instance", f"within {QUOTA_CORES} cores", "a second", f"cores for {INSTANCES:,}",
            "a second"]  # fmt: skip
    return table(head, rows)


def _range(low: float, high: float) -> str:
    return f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
