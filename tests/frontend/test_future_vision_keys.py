"""The client's keys and tokens: where they go, and where not."""

import traceback

import pytest
from canned_api import CannedApi
from future_vision import ApiError, Client

PHOTO = b"\x89PNG"


def test_function_key_goes_into_its_header(api: CannedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    Client(api.url).categories()
    Client(api.url, "key-1").categories()
    monkeypatch.setenv("API_KEY", "key-2\n")
    Client().categories()
    keys = [headers.get("x-functions-key") for headers in api.headers]
    assert keys == [None, "key-1", "key-2"]


def test_every_request_has_a_token_of_its_own(api: CannedApi) -> None:
    tokens = iter(["t-1\n", "t-2", "t-3"])
    client = Client(api.url, token=lambda: next(tokens))
    client.categories()
    api.refusals = [(503, {"Retry-After": "0"})]
    client.predict(PHOTO)
    sent = [headers["authorization"] for headers in api.headers]
    assert sent == ["Bearer t-1", "Bearer t-2", "Bearer t-3"]
    assert not any("x-functions-key" in headers for headers in api.headers)


def test_a_token_that_cannot_be_had(api: CannedApi) -> None:
    class NotLoggedInError(Exception):
        pass

    def token() -> str:
        raise NotLoggedInError

    with pytest.raises(NotLoggedInError):
        Client(api.url, token=token).categories()
    assert api.asked == []


def test_key_and_token_show_nowhere(api: CannedApi) -> None:
    key = "-".join(["s3", "cret"])  # the traceback quotes this file
    client = Client(api.url, key, token=lambda: key)
    unreachable = Client("http://127.0.0.1:9", key, token=lambda: key)
    assert key not in repr(client)
    for failing in (
        lambda: client.photo("nowhere"),
        unreachable.categories,
        lambda: Client(api.url, f"{key}\nX-Evil: 1"),
        Client(api.url, token=lambda: f"{key}\nX-Evil: 1").categories,
    ):
        with pytest.raises(ApiError) as caught:
            failing()
        assert key not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_but_told(api: CannedApi, status: int) -> None:
    elsewhere = api.url.replace("127.0.0.1", "localhost")
    path = "/api/predict?format=mask&alpha=0.5&void=true"
    api.refusals = [(status, {"Location": elsewhere + path})]
    with pytest.raises(ApiError, match=f"is at {elsewhere}: use that address") as caught:
        Client(api.url, "s3cret", token=lambda: "s3cret").render(PHOTO, "mask")
    assert (caught.value.status, caught.value.may_pass) == (status, False)
    assert len(api.asked) == 1


def test_key_or_token_that_is_missing(api: CannedApi) -> None:
    api.raw["/api/predict"] = (401, "text/plain", b"")
    with pytest.raises(ApiError, match=r"function key \(key= or API_KEY\) or .*token \(token=\)"):
        Client(api.url).predict(PHOTO)
