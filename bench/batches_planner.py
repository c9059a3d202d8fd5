"""A process that plans a batch, as a worker would, and says what it took.

It is `bench.batches_planning`'s child: alone in its process, so that its memory is the planning's,
and without photos to work on.
"""

import argparse
import json
import os
import time

from azure.functions.queue import QueueMessage

from bench.proc import cpu_seconds, peak_rss_mb
from bench.service import PROJECT
from function_app.batches.messages import (
    GroupTask,
    ListTask,
    SplitTask,
    Task,
    from_message,
    to_message,
)
from local.app import load_settings
from local.worker import Trigger, load_triggers

TRIGGER = "batch_task"


def main() -> None:
    """Plan the batch of the id that is given, and print numbers as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.batches_planner", description=__doc__,
        epilog="example: QUEUES=... BLOB_CONNECTION_STRING=... python -m bench.batches_planner "
        "20261123T043300Z-1a2b3c4d",
    )  # fmt: skip
    parser.add_argument("batch")
    batch = parser.parse_args().batch
    load_settings(PROJECT)
    (trigger,) = (t for t in load_triggers(PROJECT) if t.name == TRIGGER)
    before = peak_rss_mb(os.getpid())
    started, listed = time.perf_counter(), 0.0
    tasks: list[Task] = [ListTask(batch)]
    pages = messages = 0
    for task in tasks:
        sent = _deliver(trigger, to_message(task))
        messages += len(sent)
        # Only what is still planning: the messages of groups are not kept.
        tasks += [next for next in map(from_message, map(str.encode, sent))
                  if not isinstance(next, GroupTask)]  # fmt: skip
        if isinstance(task, ListTask):
            listed = round(time.perf_counter() - started, 2)
        pages += isinstance(task, SplitTask)
    print(
        json.dumps(
            {
                "pages": pages,
                "messages": messages,
                "list_seconds": listed,
                "plan_seconds": round(time.perf_counter() - started, 2),
                "cpu_seconds": round(cpu_seconds(os.getpid()), 2),
                "before_mb": before,
                "peak_mb": peak_rss_mb(os.getpid()),
            }
        )
    )


def _deliver(trigger: Trigger, message: str) -> list[str]:
    """Have a message carried out, and what follows sent; return what was sent."""
    body = QueueMessage(id="0", body=message.encode(), dequeue_count=1)  # type: ignore[no-untyped-call]
    with trigger.outputs.sent() as outputs:
        trigger.handler(**{trigger.argument: body}, **outputs)
    (output,) = outputs.values()
    return list(output.get() or [])


if __name__ == "__main__":
    main()
