"""The deployment packages, built once; the service with defects."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.package import BuildError, Package, build_packages, find_python
from tests.conftest import PROJECT
from tests.local.broken_service import BrokenService, serving_broken


@pytest.fixture
def broken(service_url: str, queue_worker: None) -> Iterator[BrokenService]:
    """The real service, to be broken."""
    with serving_broken(service_url) as service:
        yield service


@pytest.fixture(scope="session")
def azure_python() -> str:
    """An interpreter of the version that Azure runs."""
    try:
        return find_python()
    except BuildError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def packages(azure_python: str, tmp_path_factory: pytest.TempPathFactory) -> list[Package]:
    """The function app's package and the explorer's."""
    return build_packages(PROJECT, tmp_path_factory.mktemp("dist"), azure_python)


@pytest.fixture(scope="session")
def function_app(packages: list[Package], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function app's package, unpacked."""
    return _unpacked(packages[0], tmp_path_factory.mktemp("function_app"))


@pytest.fixture(scope="session")
def explorer(packages: list[Package], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The explorer's package, unpacked."""
    return _unpacked(packages[1], tmp_path_factory.mktemp("explorer"))


def _unpacked(package: Package, folder: Path) -> Path:
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(folder)
    return folder
