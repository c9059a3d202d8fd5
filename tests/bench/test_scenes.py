"""What few and many scenes cost, measured on few; and the storage that knows names only."""

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from bench.listing import storage_of_names
from bench.scenes import measure


def test_more_scenes_take_no_more_calls() -> None:
    result = measure((20, 2500))
    assert [row["scenes"] for row in result["rows"]] == [20, 2500]
    for row in result["rows"]:
        assert {name: answer["calls"] for name, answer in row["answers"].items()} == {
            "scenes": 3, "photo": 2, "truth": 2,
        }  # fmt: skip
    assert result["more_calls"] == 0


def test_the_storage_lists_like_a_real_one() -> None:
    names = [f"a/{n}" for n in range(7)] + ["ab & <c>", "b"]
    with (
        storage_of_names({"x": names}, b"blob") as storage,
        BlobServiceClient.from_connection_string(storage.connection) as account,
    ):
        client = account.get_container_client("x")
        for prefix in ("", "a/", "a/3", "ab", "z"):
            expected = [name for name in names if name.startswith(prefix)]
            listed = client.list_blob_names(name_starts_with=prefix, results_per_page=3)
            pages = [list(page) for page in listed.by_page()]
            assert [name for page in pages for name in page] == expected
            assert all(len(page) <= 3 for page in pages)
        assert client.download_blob("a/3").readall() == b"blob"
        with pytest.raises(ResourceNotFoundError):
            client.download_blob("a/9")
