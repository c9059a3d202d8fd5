"""The queue worker: messages as Azure's host delivers them, from Azurite's queues."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from azure.storage.queue import QueueClient

from function_app.http.routes import app
from local.bindings import HostError, queue
from local.processes import Children
from local.worker import QueueSettings, load_triggers, work
from tests.conftest import PROJECT
from tests.helpers.storage import Accounts
from tests.helpers.waiting import wait_until

APP = """
import os, pathlib, time
import azure.functions as func
app = func.FunctionApp()

@app.queue_trigger("message", queue_name="jobs", connection="JOBS")
@app.queue_output("more", queue_name="results", connection="JOBS")
def job(message: func.QueueMessage, more: func.Out[list[str]]) -> None:
    text = message.get_body().decode()
    more.set([text + "!", text + "?"])
    if text == "fails":
        raise RuntimeError("never")
    if text.startswith("slow"):
        pathlib.Path(os.environ["BEGUN"]).touch()
        time.sleep(4)
    print(text, message.dequeue_count, flush=True)
"""
SETTINGS = {"batchSize": 1, "newBatchThreshold": 0, "maxDequeueCount": 2,
            "visibilityTimeout": "00:00:01", "maxPollingInterval": "00:00:00.2"}  # fmt: skip

Run = Callable[[str], int]


@pytest.fixture(scope="module")
def connection(accounts: Accounts) -> str:
    return accounts.new()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "queue_entry.py").write_text(APP)
    (tmp_path / "host.json").write_text(json.dumps({"extensions": {"queues": SETTINGS}}))
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": {}}))
    return tmp_path


@pytest.fixture
def queues(connection: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[QueueClient]]:
    """jobs, results and jobs-poison, empty."""
    monkeypatch.setenv("JOBS", connection)
    queue.cache_clear()
    clients = [queue(name, "JOBS") for name in ("jobs", "results", "jobs-poison")]
    for client in clients:
        client.clear_messages()
    yield clients
    queue.cache_clear()


@pytest.fixture
def run(project: Path, connection: str) -> Iterator[Run]:
    """Start a worker of that name; what it prints is in {name}.log."""
    code = "import sys, pathlib; from local.worker import work; work(pathlib.Path(sys.argv[1]), 2)"
    with Children(project) as children:
        yield lambda name: children.start(
            name,
            [sys.executable, "-c", code, str(project)],
            JOBS=connection,
            BEGUN=str(project / "begun"),
            PYTHON_SCRIPT_FILE_NAME="queue_entry.py",
            PYTHONPATH=str(PROJECT),
        )


def contents(client: QueueClient) -> list[str]:
    return [message.content for message in client.peek_messages(32)]


def test_a_message_is_done_once_and_its_results_are_sent(
    queues: list[QueueClient], run: Run, project: Path
) -> None:
    jobs, results, poison = queues
    for text in ("a", "b", "c"):
        jobs.send_message(text)
    run("worker")
    wait_until(lambda: len(contents(results)) == 6)
    assert sorted(contents(results)) == sorted(f"{t}{end}" for t in "abc" for end in "!?")
    wait_until(lambda: jobs.get_queue_properties().approximate_message_count == 0)
    assert (project / "worker.log").read_text().splitlines()[-3:] == ["a 1", "b 1", "c 1"]
    assert contents(poison) == []


def test_what_fails_comes_again_and_then_is_poison(
    queues: list[QueueClient], run: Run, project: Path
) -> None:
    jobs, results, poison = queues
    jobs.send_message("fails")
    run("worker")
    wait_until(lambda: contents(poison))
    assert contents(poison) == ["fails"]
    assert contents(results) == [], "of a function that raised nothing is sent"
    log = (project / "worker.log").read_text()
    assert "delivery 1" in log
    assert "delivery 2" in log
    assert "delivery 3" not in log


def test_a_message_that_is_not_base64_is_poison_at_once(
    queues: list[QueueClient], run: Run, project: Path, connection: str
) -> None:
    jobs, results, _ = queues
    QueueClient.from_connection_string(connection, "jobs").send_message("not base64!")
    jobs.send_message("next")
    run("worker")
    poison = QueueClient.from_connection_string(connection, "jobs-poison")
    wait_until(lambda: len(contents(results)) == 2 and contents(poison))
    assert contents(poison) == ["not base64!"]
    assert sorted(contents(results)) == ["next!", "next?"]
    assert "not base64! 1" not in (project / "worker.log").read_text()


def test_work_that_takes_longer_than_the_lease_is_done_once(
    queues: list[QueueClient], run: Run, project: Path
) -> None:
    jobs, results, _ = queues
    jobs.send_message("slow")
    run("one")
    run("two")
    wait_until(lambda: contents(results))
    time.sleep(1)
    assert len(contents(results)) == 2
    both = (project / "one.log").read_text() + (project / "two.log").read_text()
    assert both.count("slow 1") == 1


def test_the_message_of_a_worker_that_was_killed_comes_again(
    queues: list[QueueClient], run: Run, project: Path
) -> None:
    jobs, results, _ = queues
    jobs.send_message("slow")
    killed = run("one")
    wait_until((project / "begun").exists)
    os.kill(killed, signal.SIGKILL)
    run("two")
    wait_until(lambda: contents(results))
    assert "slow 2" in (project / "two.log").read_text()


def test_a_worker_that_dies_of_a_message_is_not_asked_for_ever(
    queues: list[QueueClient], run: Run, project: Path
) -> None:
    jobs, results, poison = queues
    jobs.send_message("slow")
    for name in ("one", "two"):
        (project / "begun").unlink(missing_ok=True)
        killed = run(name)
        wait_until((project / "begun").exists)
        os.kill(killed, signal.SIGKILL)
    run("three")
    wait_until(lambda: contents(poison))
    assert contents(results) == []


def test_sigterm_ends_it_after_the_message_under_way(
    queues: list[QueueClient], run: Run, project: Path
) -> None:
    jobs, results, _ = queues
    jobs.send_message("slow")
    jobs.send_message("next")
    worker = run("worker")
    wait_until((project / "begun").exists)
    os.kill(worker, signal.SIGTERM)
    wait_until(lambda: contents(results))
    time.sleep(0.5)
    assert sorted(contents(results)) == ["slow!", "slow?"]
    assert contents(jobs) == ["next"]


def test_without_a_connection_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JOBS", raising=False)
    queue.cache_clear()
    with pytest.raises(HostError, match="JOBS is not set"):
        queue("jobs", "JOBS")


def test_an_app_without_queues_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain_entry.py").write_text("import azure.functions as f\napp = f.FunctionApp()")
    (tmp_path / "host.json").write_text("{}")
    (tmp_path / "local.settings.json").write_text('{"Values": {}}')
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "plain_entry.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(HostError, match="no function that a queue triggers"):
        work(tmp_path)


def test_the_settings_of_host_json_and_what_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text("{}")
    assert QueueSettings.of(tmp_path) == QueueSettings(24, 5, 0, 60.0)
    assert QueueSettings.of(PROJECT) == QueueSettings(1, 5, 120, 2.0)


def test_the_triggers_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "main.py")
    # An app can be indexed once; other tests may have done so in this process.
    monkeypatch.setattr(app, "functions_bindings", None)
    found = {(trigger.name, trigger.queue) for trigger in load_triggers(PROJECT)}
    assert found == {
        ("batch_task", "batches"),
        ("batch_poison", "batches-poison"),
        ("predict_upload", "uploads"),
    }
