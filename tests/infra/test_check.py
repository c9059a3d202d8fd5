"""Which Bicep compiler is taken."""

from pathlib import Path

import pytest

from infra import check
from infra.errors import ReleaseError


def program(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'#!/bin/sh\n[ "$1" != --version ] || echo "Bicep CLI version {version} (0a1b)"\n'
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a Bicep of its own on the path."""
    program(tmp_path / "bin" / "bicep", "0.40.2")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("BICEP", raising=False)
    monkeypatch.setattr(check, "PROJECT", tmp_path / "repository")
    return tmp_path


def test_what_az_installed_goes_before_the_machine_s_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check.find_bicep() == str(home / "bin" / "bicep")
    installed = program(home / ".azure" / "bin" / "bicep", check.BICEP_VERSION)
    assert check.find_bicep() == str(installed)
    check.check(renew=False)
    named = program(home / "mine", "1.0.0")
    monkeypatch.setenv("BICEP", str(named))
    assert check.find_bicep() == str(named)


def test_another_version_is_refused(home: Path) -> None:
    with pytest.raises(ReleaseError, match=rf"0\.40\.2.*, not {check.BICEP_VERSION}: az bicep ins"):
        check.check(renew=False)
