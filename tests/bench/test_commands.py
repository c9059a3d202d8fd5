"""Measurements with small numbers: each writes a record of the form that results/ holds."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from bench import batches_planning, batches_runs, mask_upsampling, scenes, service_time
from bench.crowd import crowd
from bench.listing import storage_of_names
from bench.service import Service, running_service, seed_storage
from tests.conftest import PROJECT
from tests.helpers.storage import Accounts
from training.data import READERS
from training.evaluator import load_package
from training.packages import read_package

SERVED, PLAIN = (
    PROJECT / "models" / name / "1.0.0" for name in ("lite0-fpn-fast-int8", "lite0-fpn-fast")
)
BY_DATA_SET = {"photos", "category_iou"}
"""Keys whose values are by name of a data set."""

Record = Callable[..., Any]


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """Run `python -m bench.NAME` in this process; what it stored, whose form is checked."""

    def run(name: str, *arguments: object, **constants: object) -> Any:
        module, out = import_module(f"bench.{name}"), tmp_path / "made" / f"{name}.json"
        for constant, value in constants.items():
            monkeypatch.setattr(module, constant, value)
        monkeypatch.setattr("sys.argv", ["bench", *map(str, arguments), "--out", str(out)])
        module.main()
        stored = json.loads(out.read_text())
        assert form(stored) == form(json.loads((PROJECT / "results" / out.name).read_text()))
        return stored

    return run


def form(value: Any) -> Any:
    """The keys of a record; of a list its first entry's."""
    if isinstance(value, dict):
        return {key: {} if key in BY_DATA_SET else form(entry) for key, entry in value.items()}
    return [form(value[0])] if isinstance(value, list) else None


@pytest.fixture(scope="module")
def service(seeded_account: BlobServiceClient, azurite_connection: str) -> Iterator[Service]:
    del seeded_account
    with running_service(azurite_connection) as running:
        yield running


SMALL = {
    "session_time": ((SERVED, SERVED), {"ROUNDS": 2}),
    "service_time": (
        (SERVED, PLAIN),
        {"ROUNDS": 2, "SIZES": {"2048x1024": (128, 64), "480x360": (48, 36)}},
    ),
    "mask_upsampling": (
        (SERVED, "--data-root", "{data}", "--set", "cityscapes:.:val", "--every", "3"),
        {"ROUNDS": 1, "TIMED_PHOTO": (64, 128)},
    ),
}  # fmt: skip
"""Arguments, and constants of the module, by name of the command."""


@pytest.mark.parametrize("name", SMALL)
def test_the_record_has_the_form_of_the_stored_one(
    record: Record, synthetic_scenes: Path, name: str
) -> None:
    arguments, constants = SMALL[name]
    assert record(
        name, *(str(text).format(data=synthetic_scenes) for text in arguments), **constants
    )


def test_load(record: Record, service: Service) -> None:
    stored = record(
        "load", "--requests", 16, "--peak-requests", 2, "--long-requests", 5,
        TURNS=1, SAMPLES=5, WARM_REQUESTS=2,
        seeded_storage=nullcontext, running_service=lambda _: nullcontext(service),
    )  # fmt: skip
    for row in stored["throughput"].values():
        assert row["cpu_ms_per_request"]["service"] > row["cpu_ms_per_request"]["caller"] > 0
        assert 0 < row["of_strict"] < row["of_bound"]
    assert 100 < stored["memory"]["peak_mb"] < 2000
    assert stored["long_run"]["requests"] == len(stored["long_run"]["rss_mb"]) == 5


def test_answers_that_fail_are_no_measurement(service: Service) -> None:
    with pytest.raises(RuntimeError, match="not-a-photo"):
        crowd(service, b"no photo", 2, 4)


def test_more_scenes_take_no_more_calls(record: Record) -> None:
    stored = record("scenes", measure=partial(scenes.measure, (20, 300)))
    assert [row["scenes"] for row in stored["rows"]] == [20, 300]
    for row in stored["rows"]:
        calls = {name: answer["calls"] for name, answer in row["answers"].items()}
        assert calls == {"scenes": 3, "photo": 2, "truth": 2}
    assert stored["more_calls"] == 0


def test_batches(
    record: Record, accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed_at_once(setup: batches_runs.Setup, workers: int, alone: Any, _: float) -> Any:
        return batches_runs.run_killed(setup, workers, alone, 0)

    monkeypatch.setattr(batches_runs, "KILLS", 1)
    monkeypatch.setattr(batches_runs, "PAUSE", 0.1)
    seed_storage(connection := accounts.new())
    once = cache(lambda: batches_planning.plan(20))
    stored = record(
        "batches", "--scenes", 8, "--plan", 20, "--folder", tmp_path / "drawn",
        WORKERS=(1,), KILLED=1, SIZE=(64, 32), seeded_storage=lambda: nullcontext(connection),
        run_killed=killed_at_once, plan=lambda _: once(),
    )  # fmt: skip
    (row,), killed = stored["runs"]["rows"], stored["runs"]["killed"]
    for run in (row, killed):
        assert (run["same_masks"], run["same_confusion"], run["exact"]) == (8, True, True)
        assert run["photos"] == {"done": 8, "failed": 0}
    assert row["of_one"] == 1
    rate = row["photos_per_worker_cpu_second"]  # of seconds that are stored to one decimal
    assert rate * row["worker_cpu_seconds"] == pytest.approx(8, abs=0.06 * rate)
    assert (killed["kills"], killed["messages"]) == (1, 1 + 1)
    assert killed["repeated"] <= 2
    planned = stored["planning"]["rows"][0]
    for way in ("listed", "ids"):
        # The page's own message, and those of its groups.
        assert (planned[way]["pages"], planned[way]["messages"]) == (1, 1 + 2)
        assert planned[way]["peak_mb"] >= planned[way]["before_mb"] > 30
        assert 0 < planned[way]["list_seconds"] <= planned[way]["plan_seconds"]


def test_the_storage_of_names_lists_like_a_real_one() -> None:
    names = [f"a/{n}" for n in range(7)] + ["ab & <c>", "b"]
    with (
        storage_of_names({"x": names}, b"blob") as storage,
        BlobServiceClient.from_connection_string(storage.connection) as account,
    ):
        client = account.get_container_client("x")
        for prefix in ("", "a/", "a/3", "ab", "z"):
            listed = client.list_blob_names(name_starts_with=prefix, results_per_page=3)
            pages = [list(page) for page in listed.by_page()]
            expected = [name for name in names if name.startswith(prefix)]
            assert [name for page in pages for name in page] == expected
            assert all(len(page) <= 3 for page in pages)
        assert client.download_blob("a/3").readall() == b"blob"
        with pytest.raises(ResourceNotFoundError):
            client.download_blob("a/9")


def test_stock_computes_the_same_network() -> None:
    package = read_package(PLAIN)
    network = service_time.to_logits(package.model)
    image, allow_void = network.session.get_inputs()
    canvas = np.random.default_rng(0).integers(0, 256, (*package.manifest.input[:2], 3), np.uint8)
    normal = canvas.astype(np.float32) * network.scale + network.offset
    assert np.abs(normal).max() <= 1
    allowed = np.array(True)
    (logits,) = network.session.run(None, {image.name: normal[None], allow_void.name: allowed})
    session = service_time.one_thread(package.model)
    (mask,) = session.run(["mask"], {"image": canvas[None], "allow_void": allowed})
    assert (logits.argmax(-1) == mask).mean() > 0.999


def test_upsampling_at_the_size_of_the_input_is_the_served_mask(synthetic_scenes: Path) -> None:
    photo, _ = READERS["cityscapes"](synthetic_scenes, "val")[0].load()
    network = mask_upsampling.Upsampling(SERVED)
    mask = network.mask(network.logits(photo), 1, photo.shape[:2])
    served = load_package(SERVED).segment(photo, void=False).mask
    assert (mask == served).mean() > 0.9999
    assert not np.array_equal(network.mask(network.logits(photo), 0.5, photo.shape[:2]), mask)
