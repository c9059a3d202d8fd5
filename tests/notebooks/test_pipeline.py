"""The pipeline notebook: one with its text form, presentable as committed, and it still runs."""

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from notebooks.run import SOURCE, execute, read_source

COMMITTED = SOURCE.with_suffix(".ipynb")

MACHINE = re.compile(r"(?<![\w.<])/\w[\w.-]*/\w|[A-Z]:\\|file:|localhost|\b127\.\d|\w@\w")
"""An absolute path, an address on loopback, a user at a host."""


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: Any) -> list[str]:
    found: list[str] = cell.metadata.get("tags", [])
    return found


def texts(notebook: Any) -> str:
    """Everything that the outputs say; pictures left out."""
    parts = []
    for output in (output for cell in code_cells(notebook) for output in cell.outputs):
        parts.append(output.get("text", ""))
        data = output.get("data", {})
        parts += [value for kind, value in data.items() if not kind.startswith("image/")]
    return "\n".join(parts)


def facts(notebook: Any) -> dict[str, Any]:
    """What the last code cell says held."""
    (output,) = code_cells(notebook)[-1].outputs
    found: dict[str, Any] = json.loads(output.text)
    return found


def running_in(folder: Path) -> list[str]:
    """Commands of processes whose temporary files are in `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            if f"TMPDIR={folder}".encode() in environment:
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has just ended
            continue
    return found


@pytest.fixture(scope="module")
def committed() -> Any:
    return nbformat.read(COMMITTED, as_version=4)


def test_the_text_form_is_the_notebook(committed: Any) -> None:
    def content(notebook: Any) -> list[tuple[str, str, list[str]]]:
        return [(cell.cell_type, cell.source, tags(cell)) for cell in notebook.cells]

    assert content(committed) == content(read_source()), "run python notebooks/run.py"


def test_it_is_committed_as_executed_from_top_to_bottom(committed: Any) -> None:
    nbformat.validate(committed)
    cells = code_cells(committed)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert kinds >= {"image/jpeg", "image/png", "text/markdown"}
    for output in outputs:
        assert output.output_type in {"stream", "display_data"}
        assert output.get("name") != "stderr", output.text


def test_it_is_small_and_says_nothing_of_the_machine(committed: Any) -> None:
    text = COMMITTED.read_text()
    assert len(text.encode()) < 1_500_000
    assert not MACHINE.search(texts(committed))
    for folder in Path.home(), Path(tempfile.gettempdir()), SOURCE.parents[1]:
        assert f"{folder}/" not in texts(committed)
        assert not any(f"{folder}/" in cell.source for cell in committed.cells)


def test_its_pictures_are_drawn_ones(committed: Any) -> None:
    (parameters,) = [cell for cell in committed.cells if "parameters" in tags(cell)]
    assert parameters.source.startswith("DATA_ROOT = None\n")


def test_it_runs_holds_what_it_held_and_leaves_nothing_behind(
    installed_azurite: Path, committed: Any, tmp_path: Path
) -> None:
    notebook = read_source()
    execute(notebook, TMPDIR=str(tmp_path))
    assert facts(notebook) == facts(committed)
    assert all(facts(committed).values())
    assert not re.search(r"warning|error", texts(notebook), re.IGNORECASE)
    assert not list(tmp_path.iterdir())
    assert not running_in(tmp_path)


def test_a_failing_cell_leaves_nothing_behind_either(
    installed_azurite: Path, tmp_path: Path
) -> None:
    notebook = read_source()
    wanted = {"parameters", "setup", "services"}
    notebook.cells = [cell for cell in notebook.cells if wanted & set(tags(cell))]
    notebook.cells.append(nbformat.v4.new_code_cell("print(client.categories())\n1 / 0"))
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(notebook, TMPDIR=str(tmp_path))
    assert notebook.cells[-1].outputs[0].output_type == "stream", "the servers were running"
    assert not list(tmp_path.iterdir())
    assert not running_in(tmp_path)
