"""What a new instance computes before its first mask: python -m bench.cold_start --help.

CPU seconds of a fresh interpreter that runs the deployment package of `python -m local package`:
start, import of the app, import of the storage SDK, loading of the model, photo to mask. The
model's download is left out. Beside it the same without the bytecode that the package carries.
"""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from bench.record import command, record
from local.package import LIBRARIES, find_python
from synthetic import render

MARK = 0.6
"""CPU seconds that a cold start may take."""

STAGES = ("interpreter", "app", "storage SDK", "model", "first mask")

CHILD = """
import json, pathlib, sys, time
stages = [time.process_time()]
import main
stages.append(time.process_time())
import azure.storage.blob
stages.append(time.process_time())
from function_app.vision.model_package import Manifest
from function_app.vision.segmenter import Segmenter
folder = pathlib.Path(sys.argv[1])
manifest = Manifest.from_json((folder / "manifest.json").read_bytes())
segmenter = Segmenter((folder / "model.onnx").read_bytes(), manifest)
stages.append(time.process_time())
from function_app.vision.prediction import predict, render
photo = pathlib.Path(sys.argv[2]).read_bytes()
body = render(predict(photo, segmenter, max_pixels=10**8), "mask", 0.5, "png").body
stages.append(time.process_time())
assert body.startswith(b"\\x89PNG")
print(json.dumps(stages))
"""


def start_once(package: Path, python: str, model: Path, photo: Path) -> list[float]:
    """CPU seconds by stage of one fresh interpreter that runs the unpacked `package`."""
    environment = {
        "PYTHONPATH": os.pathsep.join([str(package / LIBRARIES), str(package)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.environ["PATH"],
    }
    ended = subprocess.run(  # noqa: S603
        # -S: nothing but the package and the standard library can be imported.
        [python, "-S", "-c", CHILD, str(model.resolve()), str(photo)],
        env=environment, cwd=package, capture_output=True, text=True, check=True,
    )  # fmt: skip
    times: list[float] = json.loads(ended.stdout)
    return [after - before for before, after in zip([0.0, *times], times, strict=False)]


def measure(archive: Path, python: str, model: Path, rounds: int) -> dict[str, Any]:
    """Median over interleaved rounds, with and without bytecode."""
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.png"
        packages = {True: Path(folder) / "compiled", False: Path(folder) / "sources"}
        for package in packages.values():
            with zipfile.ZipFile(archive) as content:
                content.extractall(package)
        for cache in packages[False].rglob("__pycache__"):
            shutil.rmtree(cache)
        rgb, _ = render(0)
        Image.fromarray(rgb).save(photo)
        runs: dict[bool, list[list[float]]] = {True: [], False: []}
        for _ in tqdm(range(rounds), desc="start", unit="round"):
            for bytecode, found in runs.items():
                found.append(start_once(packages[bytecode], python, model, photo))
        files = [path for path in packages[True].rglob("*") if path.is_file()]
        unpacked = sum(path.stat().st_size for path in files)
    medians = {
        bytecode: [round(statistics.median(stage), 3) for stage in zip(*found, strict=True)]
        for bytecode, found in runs.items()
    }
    total = statistics.median(sum(run) for run in runs[True])
    without = statistics.median(sum(run) for run in runs[False])
    return {
        "what": "CPU seconds from the start of the interpreter to the mask of a 1024x512 PNG, "
        "median; the model's download is left out",
        "package": {
            "megabytes": round(archive.stat().st_size / 1e6, 1),
            "megabytes_unpacked": round(unpacked / 1e6, 1),
        },
        "model": "/".join(model.resolve().parts[-2:]),
        "rounds": rounds,
        "cpu_seconds": round(total, 3),
        "cpu_seconds_fastest": round(min(sum(run) for run in runs[True]), 3),
        "stages": dict(zip(STAGES, medians[True], strict=True)),
        "cpu_seconds_without_bytecode": round(without, 3),
        "mark": MARK,
        "passed": total <= MARK,
    }


def main() -> None:
    """Measure, print and store."""
    parser = command(__file__, __doc__, "dist/function_app.zip models/lite0-fpn-int8/1.0.0")
    parser.add_argument("package", type=Path, help="function_app.zip of `python -m local package`")
    parser.add_argument("model", type=Path, help="folder of a model package")
    parser.add_argument("--python", help="interpreter, of the version that Azure runs")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    record(args.out, measure(args.package, find_python(args.python), args.model, args.rounds))


if __name__ == "__main__":
    main()
