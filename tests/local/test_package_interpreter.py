"""Which Python builds the packages: one of the version that Azure runs, wherever it is."""

import sys
from pathlib import Path

import pytest

from local.package import AZURE_PYTHON, BuildError, find_python


def says(path: Path, script: str) -> str:
    """Write a program that stands in for an interpreter; no machine has all of these."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any such Python: bin/ is its path, pyenv/ is pyenv's folder."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(sys, "executable", says(tmp_path / "venv" / "python", "echo 3.11"))
    return tmp_path


def test_the_one_on_the_path(machine: Path) -> None:
    python = says(machine / "bin" / f"python{AZURE_PYTHON}", f"echo {AZURE_PYTHON}")
    assert find_python() == python


def test_a_shim_that_fails_gives_way_to_pyenv_s_newest(machine: Path) -> None:
    says(machine / "bin" / f"python{AZURE_PYTHON}", "echo 'command not found' >&2; exit 127")
    for patch in "2", "10", "9", "11rc1", "12t":
        release = machine / "pyenv" / "versions" / f"{AZURE_PYTHON}.{patch}"
        says(release / "bin" / f"python{AZURE_PYTHON}", f"echo {AZURE_PYTHON}")
    assert f"/{AZURE_PYTHON}.10/" in find_python()


def test_this_process_s_own(machine: Path) -> None:
    says(machine / "bin" / f"python{AZURE_PYTHON}", f"echo {AZURE_PYTHON}")
    says(Path(sys.executable), f"echo {AZURE_PYTHON}")
    assert find_python() == sys.executable


def test_without_one_the_message_says_how_to_get_it() -> None:
    with pytest.raises(BuildError, match=rf"no Python {AZURE_PYTHON}.*pyenv install.*PYTHON=/"):
        find_python()


def test_the_one_named_must_be_of_that_version_and_run(machine: Path) -> None:
    says(machine / "bin" / f"python{AZURE_PYTHON}", f"echo {AZURE_PYTHON}")
    with pytest.raises(BuildError, match=rf"is Python 3\.11; Azure runs {AZURE_PYTHON}"):
        find_python(says(machine / "other", "echo 3.11"))
    for named in says(machine / "broken", "exit 1"), str(machine / "nowhere"):
        with pytest.raises(BuildError, match="is no Python that runs"):
            find_python(named)
    right = says(machine / "right", f"echo {AZURE_PYTHON}")
    assert find_python(right) == right
