"""Execute pipeline.py, the source of the notebook, into pipeline.ipynb."""

import argparse
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

SOURCE = Path(__file__).with_name("pipeline.py")
PROJECT = SOURCE.parents[1]
CELL_SECONDS = 1800

NATIVE_LOG = re.compile(
    r"^(?:[IWEF]\d{4} \d|WARNING: All log messages before absl|To enable the following instr).*\n?",
    re.MULTILINE,
)
"""Lines that TensorFlow's C++ writes while it is imported and looks for a GPU, whatever its log
level: times and numbers of processes, of no use to a reader."""

Notebook = Any
Progress = Callable[[int, Any], None]


def read_source(source: Path = SOURCE) -> Notebook:
    """Return the notebook that a text form in the percent format stands for, not executed."""
    notebook = jupytext.read(source)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"  # nbformat draws lots, which no review wants to see
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    return notebook


def set_parameters(notebook: Notebook, **values: object) -> None:
    """Add a cell after the one tagged `parameters`, as papermill does, that sets `values`."""
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    place = next(number for number, names in enumerate(tags) if "parameters" in names)
    lines = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    cell = nbformat.v4.new_code_cell(lines, metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(place + 1, cell)


def execute(notebook: Notebook, progress: Progress = lambda *_: None, **environment: str) -> None:
    """Execute a notebook in place, its kernel started in the folder of this file.

    Args:
        notebook: its cells get their outputs.
        progress: called with the number and the cell before each code cell.
        environment: variables of the kernel, besides this process's.

    Raises:
        CellExecutionError: a cell failed; the message holds the cell and the traceback.
        DeadKernelError: the kernel died.
    """
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(SOURCE.parent)}},
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        on_cell_execute=lambda cell, cell_index: progress(cell_index, cell),
    )
    client.execute(env={**os.environ, **environment})
    notebook.metadata.pop("language_info", None)  # differs from one Python to the next
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_native_log(output)]


def _is_native_log(output: Any) -> bool:
    return output.get("name") == "stderr" and not NATIVE_LOG.sub("", output.text).strip()


def main() -> int:
    """Parse the command line, execute, write."""
    parser = argparse.ArgumentParser(
        prog="python notebooks/run.py",
        description=__doc__,
        epilog="example: python notebooks/run.py --data-root ~/cityscapes",
    )
    parser.add_argument(
        "--data-root", type=Path, help="a copy of Cityscapes (default: synthetic scenes)"
    )
    parser.add_argument(
        "--out", type=Path,
        help="notebook to write (default notebooks/pipeline.ipynb; with --data-root "
        "runs/pipeline.ipynb, because photos may not be distributed)",
    )  # fmt: skip
    args = parser.parse_args()
    notebook, started = read_source(), time.monotonic()
    out = SOURCE.with_suffix(".ipynb")
    if args.data_root:
        set_parameters(notebook, DATA_ROOT=str(args.data_root.resolve()))
        out = PROJECT / "runs" / out.name
    out = args.out or out

    def show(number: int, cell: Any) -> None:
        line = cell.source.strip().partition("\n")[0]
        elapsed = time.monotonic() - started
        print(f"{elapsed:6.1f} s  cell {number} of {len(notebook.cells)}  {line}", flush=True)

    try:
        execute(notebook, show)
    except (CellExecutionError, DeadKernelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".new")
    nbformat.write(notebook, unfinished)
    unfinished.replace(out)
    print(f"{time.monotonic() - started:6.1f} s  {out}, {out.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
