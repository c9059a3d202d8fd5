"""The numbers in README.md, models/README.md and training/README.md.

What stands between `<!-- name -->` and `<!-- end -->` is drawn from results/ and models/.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docs.build.served import (
    evaluation,
    input_size,
    packages,
    read_manifest,
    rows_of,
    served_package,
    session_times,
)
from training.files import write_atomically
from training.markdown import table

PAGES = (Path("README.md"), Path("models/README.md"), Path("training/README.md"))
BLOCK = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

NETWORKS = {
    "unet": "U-Net from scratch, 16 filters (Ronneberger et al., 2015)",
    "fast_scnn": "Fast-SCNN, two branches, from scratch (Poudel et al., 2019)",
    "lite0_fpn": "EfficientNet-Lite0, feature pyramid (Lin et al., 2017) down to stride 4",
    "lite0_lraspp": "the same encoder up to stride 16, LR-ASPP (Howard et al., 2019)",
    "lite0_deeplabv3plus": "the same encoder, DeepLabV3+ (Chen et al., 2018)",
}


def build_pages(results: Path) -> None:
    """Write every page anew."""
    for page in PAGES:
        write_atomically(page, render(page.read_text(), results).encode())


def render(page: str, results: Path) -> str:
    """Return a page with its blocks drawn from what `results` holds.

    Raises:
        KeyError: the page has a block that nothing here draws.
    """
    return BLOCK.sub(lambda match: match[1] + BLOCKS[match[2]](results) + match[3], page)


def three_numbers(results: Path) -> str:
    """How good, how fast, how dear the default package is."""
    row = rows_of(evaluation(results, served_package())["scores"])[0]
    load = _read(results, "load")["throughput"]["2048x1024 JPEG"]["milliseconds"]
    months = _read(results, "cost")["months"]
    place = months["predictions"].index(100_000)
    low, high = months["lines"]["sum"][place]
    least, most = row["interval"]
    return table(
        ["", ""],
        [
            ["quality", f"**{row['mean_iou']:.3f}** ({least:.2f} to {most:.2f}, 95 %) official "
             f"category IoU, mean of 7, on {row['photos']} validation photos of {row['labels']} "
             f"(`{row['data']}`), {row['counted']:.0%} of their pixels counted"],
            ["latency", f"**{load['alone_p50']:.0f} ms** for a JPEG of two megapixels over HTTP, "
             "alone on two cores, without the network"],
            ["cost", f"**{low:.0f} to {high:.0f} USD** for 100,000 predictions a month, "
             "calculated; most of it is the explorer and the alerts"],
        ],
    )  # fmt: skip


def package_scores(results: Path) -> str:
    """Official / with void IoU of every bundled package."""
    times = session_times(results)
    sets = [row["data"] for row in rows_of(evaluation(results, served_package())["scores"])]
    rows = []
    for package in packages():
        manifest, scores = read_manifest(package), evaluation(results, package)["scores"]
        ref = f"{manifest['name']}:{manifest['version']}"
        found = {(row["data"], row["protocol"]): f"{row['mean_iou']:.3f}" for row in scores}
        rows.append([
            f"[{ref}]({package.relative_to('models')}/MODEL_CARD.md)"
            + (" **default**" if package == served_package() else ""),
            input_size(manifest),
            f"{(package / 'model.onnx').stat().st_size / 1e6:.1f} MB",
            f"{times[ref]:.2f}" if ref in times else "",
            *(f"{found[name, 'official']} / {found[name, 'with_void']}"
              if (name, "official") in found else "" for name in sets),
        ])  # fmt: skip
    return table(["package", "input", "size", "time", *sets], rows)


def networks(results: Path) -> str:
    """What each network of the configuration costs."""
    stored = {row["architecture"]: row for row in _read(results, "session_time")["rows"]
              if "architecture" in row}  # fmt: skip
    rows = [
        [f"`{name}`", what, f"{stored[name]['parameters'] / 1e6:.2f} M",
         f"{stored[name]['gmacs']:.2f}", f"{stored[name]['ratio']:.2f}"]
        for name, what in NETWORKS.items()
    ]  # fmt: skip
    return table(["architecture", "what", "parameters", "GMAC at 512x256", "time"], rows)


def input_shapes(results: Path) -> str:
    """How a photo may meet the input, with the same weights."""
    document = _read(results, "input_shape")
    rows = [
        [row["policy"], ", ".join(row["inputs"]), f"{row['time']:.2f}",
         *(f"{iou:.3f}" for iou in row["category_iou"].values())]
        for row in document["rows"]
    ]  # fmt: skip
    head = ["photo meets", "input", "time", *document["photos"]]
    return table(head, rows) + (
        f"\nWeights of the run `{document['run']}`, an earlier network at 512x256: read the "
        "differences between policies, not the levels.\n"
    )


def _read(results: Path, name: str) -> Any:
    return json.loads((results / f"{name}.json").read_bytes())


BLOCKS: dict[str, Callable[[Path], str]] = {
    function.__name__: function
    for function in (three_numbers, package_scores, networks, input_shapes)
}
