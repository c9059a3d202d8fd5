"""Put the measured numbers into the pages of docs/: python -m bench.report --help.

The pages' text is written by hand; what stands between `<!-- name -->` and `<!-- end -->` is drawn
from results/. A test fails when the two have drifted apart.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

from bench.cost_report import cost, monthly_cost, scale
from bench.record import PROJECT, RESULTS, Document, verdict
from training.files import write_atomically
from training.markdown import table

PAGES = tuple(
    PROJECT / "docs" / f"{name}.md"
    for name in ("performance", "operations", "scale", "explorer", "static-site")
)
BLOCK = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


UNMEASURED = "*Not measured yet.*\n"


def service_time(document: Document) -> str:
    """From bytes to bytes, against the floor and the stock way."""
    rows = []
    for row in document["rows"]:
        ms = {way: sum(stages.values()) for way, stages in row["milliseconds"].items()}
        stages = row["milliseconds"]["served"].items()
        rows.append([
            f"{row['photo']}, {row['megabytes']:.1f} MB",
            f"{ms['served']:.1f} ({', '.join(f'{stage} {value:.1f}' for stage, value in stages)})",
            verdict(row["over_floor"], row["at_most"]["floor"]),
            verdict(row["over_stock"], row["at_most"]["stock"]),
            f"{ms['floor'] / ms['stock']:.2f}",
        ])  # fmt: skip
    return table(["photo", "CPU ms", "over the floor", "over stock", "floor over stock"], rows)


def load(document: Document) -> str:
    """Throughput, latencies and memory."""
    rows, marks = [], document["marks"]
    for photo, row in document["throughput"].items():
        cpu, ms = row["cpu_ms_per_request"], row["milliseconds"]
        rows.append([
            photo, f"{cpu['service']:.1f} + {cpu['caller']:.1f}",
            f"{row['per_second']['alone']:.1f} / {row['per_second']['crowd']:.1f}",
            f"{row['of_bound']:.2f} / {row['of_strict']:.2f} (at least {marks['throughput']}: "
            f"{'met' if row['of_bound'] >= marks['throughput'] else 'missed'})",
            f"{ms['p50']:.0f} / {ms['p99']:.0f}",
            verdict(row["p99_to_p50"], marks["p99_to_p50"]),
        ])  # fmt: skip
    head = ["photo", "CPU ms service + caller", "a second: 1 / 16 clients",
            "of the bound / as if callers cost nothing", "p50 / p99 ms", "p99 : p50"]  # fmt: skip
    memory, long = document["memory"], document["long_run"]
    return table(head, rows) + (
        f"\nPeak memory at {memory['clients']} concurrent 2048x1024 predictions: "
        f"{memory['peak_mb']:.0f} MB (at most {marks['peak_mb']:.0f}). "
        f"Over {long['requests']:,} predictions: "
        f"{long['first_mb']:.0f} MB in the first fifth, {long['last_mb']:.0f} MB in the last.\n"
    )


def cold_start(document: Document) -> str:
    """CPU seconds to the first mask."""
    stages = document["stages"]
    return (
        table(list(stages), [[f"{seconds:.2f}" for seconds in stages.values()]])
        + f"\nIn all {verdict(document['cpu_seconds'], document['mark'])} CPU s, "
        f"{document['cpu_seconds_without_bytecode']:.2f} without the bytecode. The package: "
        f"{document['package']['megabytes']:.1f} MB zipped (at most 60), "
        f"{document['package']['megabytes_unpacked']:.0f} MB unpacked.\n"
    )


def mask_upsampling(document: Document) -> str:
    """Where the argmax is taken."""
    sets = list(document["photos"])
    rows = [
        [f"{row['argmax_over_input']:g} x input", f"{row['time']:.2f}",
         *(f"{row['category_iou'][name]:.4f}" for name in sets)]
        for row in document["rows"]
    ]  # fmt: skip
    return table(["argmax at", "time over fit + network", *sets], rows)


def site_time(document: Document) -> str:
    """What a visitor of the static site waits for."""
    rows = [
        [name, f"{visit['gallery_s']:.1f} s", f"{visit['header_s']:.1f} s",
         f"{visit['photo_s']:.1f} s", visit["requests"], f"{visit['megabytes_sent']:.1f} MB"]
        for name in ("first", "second") for visit in [document[f"{name}_visit"]]
    ]  # fmt: skip
    site, machine = document["site"], document["machine"]
    head = ["visit", "small pictures", "the page", "its first photo", "requests", "sent"]
    return table(head, rows) + (
        f"\n{site['files']} files, {site['megabytes']:.0f} MB, compressed "
        f"{site['megabytes_compressed']:.0f} MB; medians of {document['rounds']} visits over "
        f"loopback in headless Chromium, {machine['cores']} cores of an {machine['processor']} "
        "(`python -m bench.site_time`).\n"
    )


def explorer(document: Document) -> str:
    """What the explorer's server bears."""
    memory = dict(document["memory_mb"])
    counts = sorted({0, 10, 40, 100, max(memory)} & memory.keys())
    rows = [["resident memory", *(f"{memory[count]:.0f} MB" for count in counts)]]
    growth, mark = document["growth_mb"], document["mark_mb"]
    return table(["predictions", *counts], rows) + (
        f"\nBy {document['visitors']} visitors in turn; after the first fifth it grew by "
        f"{growth:.1f} MB (at most {mark:g}: {'met' if growth <= mark else 'missed'}). A first "
        f"view sends {document['first_view_bytes'] / 1000:.0f} kB, the same prediction again "
        f"{document['same_prediction_bytes'] / 1000:.0f} kB (`python -m bench.explorer`).\n"
    )


def batches(document: Document) -> str:
    """The same batch over several workers, and while workers are killed."""
    runs, mark = document["runs"], document["marks"]["of_one"]
    rows = []
    for row in runs["rows"]:
        cores, of_one = row["cores"], row["of_one"]
        rows.append([
            row["workers"], f"{row['seconds']:.0f}", f"{row['photos_per_second']:.1f}",
            f"{cores['workers']:.2f} + {cores['storage']:.2f} + {cores['api']:.2f}, "
            f"{cores['others']:.2f}",
            f"{row['photos_per_worker_cpu_second']:.1f}",
            f"{of_one:.2f} (at least {mark:g}: {'met' if of_one >= mark else 'missed'})",
            _same(row, runs["scenes"]),
        ])  # fmt: skip
    killed = runs["killed"]
    head = ["workers", "seconds", "photos a second", "cores: workers + storage + API, others",
            "photos a worker's CPU second", "relative to one worker", "as one by one"]  # fmt: skip
    return table(head, rows) + (
        f"\n{runs['scenes']:,} photos of {runs['size']}; one by one, by one caller, they take "
        f"{runs['one_by_one_seconds']:.0f} s. With {killed['workers']} workers of which "
        f"{killed['kills']} were killed and replaced: {killed['seconds']:.0f} s, "
        f"{killed['repeated']} messages came again, {killed['skipped']} found their work done; "
        f"{_same(killed, runs['scenes'])}.\n"
    )


def _same(row: Document, scenes: int) -> str:
    totals = "same totals" if row["same_confusion"] else "**other totals**"
    return f"{row['same_masks']:,} of {scenes:,} masks the same, {totals}"


def batch_planning(document: Document) -> str:
    """How long it takes to plan a batch and to say how far it is, and the memory of that."""
    planning, mark = document["planning"], document["marks"]["memory"]
    rows = []
    for row in planning["rows"]:
        status = row["status_seconds"]
        for way, begun in (("listed", "folder"), ("ids", "ids")):
            planned = row[way]
            service = f", service {row['ids']['service_peak_mb']:.0f} MB" if way == "ids" else ""
            rows.append([
                f"{row['photos']:,} by {begun}", f"{planned['start_seconds']:.1f} s",
                f"{planned['list_seconds']:.1f} s", f"{planned['plan_seconds']:.1f} s",
                f"{planned['messages']:,}",
                f"{planned['peak_mb']:.0f} MB{service}",
                " / ".join(f"{status[name]:.2f} s" for name in status) if way == "listed" else "",
            ])  # fmt: skip
    head = ["photos", "answered after", "listed in", "queued in", "messages", "peak memory",
            "status: first / again / of another instance"]  # fmt: skip
    return table(head, rows) + (
        f"\nTwice the photos take {verdict(planning['memory'], mark)} times the memory.\n"
    )


def scenes(document: Document) -> str:
    """Memory and first answers by the number of stored scenes."""
    rows = []
    for row in document["rows"]:
        answers = [
            f"{answer['seconds']:.2f} s, {answer['calls']} calls"
            for answer in row["answers"].values()
        ]
        rows.append([f"{row['scenes']:,}", *answers, f"{row['peak_mb']:.0f} MB"])
    head = ["scenes", *(f"first {name}" for name in document["rows"][0]["answers"]), "peak memory"]
    mark = document["marks"]["memory"]
    return table(head, rows) + (
        f"\nThe most scenes take {verdict(document['memory'], mark)} times the memory of the "
        f"fewest, and {document['more_calls']} more calls to storage.\n"
    )


BLOCKS: dict[str, Callable[[Document], str]] = {
    function.__name__: function
    for function in (
        service_time, load, cold_start, cost, monthly_cost, scale, mask_upsampling, site_time,
        explorer, batches, batch_planning, scenes,
    )
}  # fmt: skip
STORED = {"monthly_cost": "cost", "scale": "cost", "batch_planning": "batches"}
"""Blocks that are drawn from another's file."""


def render(page: str, results: Path) -> str:
    """Return the page with every block drawn anew from what `results` holds."""

    def draw(match: re.Match[str]) -> str:
        stored = results / f"{STORED.get(match[2], match[2])}.json"
        if not stored.exists():
            return f"{match[1]}{UNMEASURED}{match[3]}"
        return f"{match[1]}{BLOCKS[match[2]](json.loads(stored.read_text()))}{match[3]}"

    return BLOCK.sub(draw, page)


def main() -> None:
    """Rewrite the pages."""
    for page in PAGES:
        write_atomically(page, render(page.read_text(), RESULTS).encode())
        print(f"written: {page}")


if __name__ == "__main__":
    main()
