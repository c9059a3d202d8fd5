"""How long networks take in ONNX Runtime: python -m bench.session_time --help.

One thread, mask and confidence included, interleaved runs in one process: only the ratios to the
first row mean anything on another machine.
"""

import os
from pathlib import Path
from typing import Any

import onnxruntime as ort
from tqdm import tqdm

from bench.record import command, record
from function_app.vision.model_package import ModelRef
from training.packages import read_package
from training.sessions import multiply_adds, time_sessions

ROUNDS = 15
SIZE = (256, 512)
"""(height, width) at which architectures are compared."""


def package_rows(folders: list[Path]) -> list[tuple[dict[str, Any], bytes]]:
    """Describe packages; each with the bytes of its graph."""
    rows = []
    for folder in folders:
        manifest, _, model = read_package(folder)
        rows.append((
            {
                "package": str(manifest.ref),
                "input": f"{manifest.width}x{manifest.height}",
                "megabytes": round(len(model) / 1e6, 2),
            },
            model,
        ))  # fmt: skip
    return rows


def architecture_rows() -> list[tuple[dict[str, Any], bytes]]:
    """Build every architecture with random weights, and export it as a package would be."""
    from training.graph import to_onnx, without_logits
    from training.models import ARCHITECTURES, build

    rows = []
    for name in tqdm(ARCHITECTURES, desc="export", unit="network"):
        model = build(name, SIZE)
        graph = to_onnx(model, ModelRef("bench", "0.0.0"))
        description = {
            "architecture": name,
            "input": f"{SIZE[1]}x{SIZE[0]}",
            "parameters": model.count_params(),
            "gmacs": round(multiply_adds(graph) / 1e9, 2),
        }
        rows.append((description, without_logits(graph)))
    return rows


def main() -> None:
    """Measure, print and store."""
    parser = command(__file__, __doc__, "models/*/*/ --architectures")
    parser.add_argument("packages", type=Path, nargs="*", help="folders; the first is the unit")
    parser.add_argument("--architectures", action="store_true", help="all of training.models too")
    args = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    measured = package_rows(args.packages) + (architecture_rows() if args.architectures else [])
    if not measured:
        parser.error("name packages, or ask for --architectures")
    seconds = time_sessions([model for _, model in measured], ROUNDS)
    rows = [
        {**row, "ratio": round(s / seconds[0], 3), "milliseconds": round(1000 * s, 1)}
        for (row, _), s in zip(measured, seconds, strict=True)
    ]
    record(args.out, {"onnxruntime": ort.__version__, "threads": 1, "rows": rows})


if __name__ == "__main__":
    main()
