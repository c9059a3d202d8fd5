"""A storage of very many photos that are but names."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient

from bench.service import AZURITE, seed_storage
from local import azurite

CONTAINER = "scenes"


@contextmanager
def storage_of_names(names: Sequence[str]) -> Iterator[str]:
    """Run Azurite with blobs of these names in `scenes`; gives its connection string.

    For each upload Azurite looks through all blobs that it has: 100,000 uploads take over an hour.
    So one is uploaded, and its row in Azurite's table is copied.
    """
    azurite.install(AZURITE)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        with azurite.running(AZURITE, state) as connection:
            seed_storage(connection)
            with BlobServiceClient.from_connection_string(connection) as account:
                account.get_container_client(CONTAINER).upload_blob(names[0], b"a photo")
        (tables,) = state.rglob("__azurite_db_blob__.json")
        _copy_row(tables, names)
        with azurite.running(AZURITE, state) as connection:
            yield connection


def _copy_row(tables: Path, names: Sequence[str]) -> None:
    """Give the blob of the first name all the other names too, in a database of LokiJS."""
    database = json.loads(tables.read_bytes())
    (blobs,) = (c for c in database["collections"] if c["name"] == "$BLOBS_COLLECTION$")
    rows: list[dict[str, Any]] = blobs["data"]
    (first,) = (row for row in rows if row["name"] == names[0])
    last = blobs["maxId"]
    rows += [first | {"name": name, "$loki": last + n} for n, name in enumerate(names[1:], 1)]
    blobs["maxId"] = last + len(names) - 1
    for column, index in blobs["binaryIndices"].items():
        index["values"] = sorted(range(len(rows)), key=lambda n: rows[n][column])
    tables.write_text(json.dumps(database))
