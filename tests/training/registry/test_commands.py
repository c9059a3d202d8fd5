"""`python -m training publish`, `activate`, `rollback` and `list`, as typed."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient

from tests.helpers.commands import Ended, run_command
from tests.helpers.packages import write_package
from training.__main__ import main

Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    return partial(run_command, main)


def test_a_models_way_in_a_folder(run: Run, tmp_path: Path) -> None:
    registry = ("--folder", tmp_path / "models")
    first, second = (write_package(tmp_path / "made", f"a:1.{i}.0") for i in range(2))
    assert run("publish", first, *registry) == (
        0,
        f"published a:1.0.0 in {tmp_path}/models\n"
        f"active in {tmp_path}/models is a:1.0.0, before none; "
        "running services that read it follow within a minute\n",
        "",
    )
    assert "active" not in run("publish", second, *registry, "--keep-active")[1]
    assert "is a:1.1.0, before a:1.0.0" in run("activate", "a:1.1.0", *registry)[1]
    assert "a:1.1.0 is active in" in run("publish", second, *registry)[1]
    assert "is a:1.0.0, before a:1.1.0" in run("rollback", *registry)[1]
    status, _, error = run("rollback", *registry)
    assert (status, "nothing to roll back to" in error) == (1, True)
    status, _, error = run("activate", "a:9.9.9", *registry)
    assert (status, "a:9.9.9 is not published" in error) == (1, True)


def test_list_is_a_table_and_json(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    for version in ("1.0.0", "1.1.0"):
        package = write_package(tmp_path / "made", f"a:{version}")
        run("publish", package, "--folder", folder, "--keep-active")
    run("activate", "a:1.0.0", "--folder", folder)
    (folder / "a/1.2.0").mkdir()
    (folder / "a/1.2.0/model.onnx").write_bytes(bytes(2_500_000))
    status, out, _ = run("list", "--folder", folder)
    assert status == 0
    head, *rows, problem = out.splitlines()
    assert re.split(" {2,}", head) == [
        "package", "state", "MB", "input", "created", "official category IoU",
    ]  # fmt: skip
    assert [re.split(" {2,}", row)[:3] for row in rows] == [
        ["a:1.0.0", "active", "0.0"],
        ["a:1.1.0", "published", "0.0"],
        ["a:1.2.0", "incomplete", "2.5"],
    ]
    assert rows[0].endswith("0.0  32x32  2026-01-02  camvid val 0.812")
    assert problem == "a:1.2.0: manifest.json is missing"

    document = json.loads(run("list", "--folder", folder, "--json")[1])
    assert document["active"] == "a:1.0.0"
    assert [entry["version"] for entry in document["history"]] == ["1.0.0"]
    assert [package["active"] for package in document["packages"]] == [True, False, False]
    assert document["packages"][0]["official_iou"] == {"camvid val": 0.8125}

    (folder / "a/1.0.0/model.onnx").write_bytes(b"other")
    assert "active, altered" in run("list", "--folder", folder, "--verify")[1]


def test_list_says_what_is_not_there(run: Run, tmp_path: Path) -> None:
    assert run("list", "--folder", tmp_path)[1].splitlines() == [
        f"{tmp_path} holds no package",
        "no package is active",
    ]
    (tmp_path / "active.json").write_text('{"name": "a", "version": "1.0.0"}')
    assert "points to a:1.0.0, which is not published" in run("list", "--folder", tmp_path)[1]
    (tmp_path / "active.json").write_text("{}")
    assert "active.json in" in run("list", "--folder", tmp_path)[1]


def test_the_key_may_come_from_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch, azurite_connection: str, blobs: ContainerClient,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azurite_connection)
    package, target = write_package(tmp_path, "a:1.0.0"), ("--container", blobs.container_name)
    status, out, _ = run("publish", package, *target)
    assert status == 0
    assert f"published a:1.0.0 in {blobs.url}" in out
    assert f"a:1.0.0 is in {blobs.url} already" in run("publish", package, *target)[1]
    assert "a:1.0.0" in run("list", *target, "--connection-string", azurite_connection)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--account-url .*--folder .*--connection-string .*AZURE_STORAGE_CONNECTION_STRING"),
        (("--connection-string", "AccountKey=secret"), "the connection string cannot be used"),
        (("--account-url", "name"), "--account-url name: expected https://"),
    ],
)
def test_a_registry_must_be_named(run: Run, arguments: tuple[str, ...], message: str) -> None:
    status, _, error = run("list", *arguments)
    assert status == 1
    assert re.search(message, error)
    assert "secret" not in error
