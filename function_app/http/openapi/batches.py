"""The operations on batches."""

from function_app.batches.planning import GROUP
from function_app.http.openapi.operation import Operation, json_of

STORED = ("storage-unavailable",)

BATCHES = (
    Operation(
        "start_batch", "/batches", "Batches", "Predict and score many stored photos",
        f"The work is done in the background, {GROUP} photos at a time, by as many instances as "
        "there is work for. The model is pinned: activating another one changes nothing. Masks are "
        "kept where the scenes' predictions are. Photos that cannot be used become failures, the "
        "others go on. Where the true mask lies beside its photo (the same folder below `truth/`) "
        "it counts in the scores.",
        "The batch as it begins; `Location` says where to follow it.", json_of("Batch"),
        problems=("unknown-model", "invalid-batch", "too-many-bytes", "no-model", *STORED),
        key=True, conditional=False, method="post", status=202, body="batch",
    ),
    Operation(
        "batches", "/batches", "Batches", "The latest batches",
        "What was asked for; newest first.", "The batches.", json_of("Batches"),
        query=("batches",), problems=("invalid-parameter", *STORED), key=True, conditional=False,
    ),
    Operation(
        "batch", "/batches/{id}", "Batches", "How far a batch is, and its scores",
        "While it runs, of what is done so far. Every photo counts once, however often its message "
        "is delivered.",
        "The batch.", json_of("Batch"), problems=("unknown-batch", *STORED),
        key=True, conditional=False,
    ),
    Operation(
        "batch_failures", "/batches/{id}/failures", "Batches", "The photos that came to nothing",
        "In the order in which they were listed; `next` goes into `after`, and is null at the end.",
        "The photos, and why.", json_of("Failures"), query=("position",),
        problems=("unknown-batch", "invalid-parameter", *STORED), key=True, conditional=False,
    ),
    Operation(
        "cancel_batch", "/batches/{id}", "Batches", "End a batch early",
        "Nothing new begins; what is under way is finished and counts. One that has ended stays as "
        "it is.",
        "The batch.", json_of("Batch"), problems=("unknown-batch", *STORED),
        key=True, conditional=False, method="delete", status=202,
    ),
)  # fmt: skip
