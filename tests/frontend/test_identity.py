import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import identity
import pytest
from future_vision import ApiError
from identity import ManagedIdentity
from identity_endpoint import IdentityEndpoint

from tests.helpers.waiting import wait_until

TENANT = b'{"statusCode": 400, "message": "AADSTS500011: not in the tenant contoso"}'


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two requests for a token."""
    monkeypatch.setattr(identity, "PAUSE_S", 0)


def failure(managed: ManagedIdentity) -> str:
    with pytest.raises(ApiError, match=r"^The API cannot be reached: .*\.$") as caught:
        managed.token()
    assert (caught.value.status, caught.value.may_pass) == (None, True)
    return caught.value.detail


@pytest.mark.parametrize("client_id", ["the-explorer", None])
def test_a_token_is_asked_for_as_app_service_wants_it(
    endpoint: IdentityEndpoint, monkeypatch: pytest.MonkeyPatch, client_id: str | None
) -> None:
    expected = {"resource": "api://the-api", "api-version": "2019-08-01"}
    if client_id:
        expected["client_id"] = client_id
    else:
        monkeypatch.delenv("AZURE_CLIENT_ID")
    assert ManagedIdentity().token() == "token-1"
    assert endpoint.asked == [expected]


@pytest.mark.usefixtures("impatient")
def test_a_token_is_kept_until_some_minutes_before_its_end(endpoint: IdentityEndpoint) -> None:
    managed = ManagedIdentity()
    endpoint.lasts_s = identity.RENEW_S - 10
    assert [managed.token(), managed.token()] == ["token-1", "token-2"]
    endpoint.lasts_s = identity.RENEW_S + 60
    assert [managed.token() for _ in range(3)] == ["token-3"] * 3


def test_a_token_that_ends_soon_is_not_asked_for_by_every_call(endpoint: IdentityEndpoint) -> None:
    managed, endpoint.lasts_s = ManagedIdentity(), 60  # the platform keeps tokens too
    assert [managed.token() for _ in range(3)] == ["token-1"] * 3


def test_an_old_token_is_good_until_its_end(
    endpoint: IdentityEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(time=time.time, monotonic=lambda: now)
    monkeypatch.setattr(identity, "time", clock)
    managed, endpoint.lasts_s, now = ManagedIdentity(), 60, 1000.0
    managed.token()
    endpoint.refusal = (500, {}, b"")
    now += 50
    assert managed.token() == "token-1"
    assert len(endpoint.asked) == 2
    now += 15
    assert "status 500" in failure(managed)
    endpoint.refusal = None
    now += identity.PAUSE_S
    assert managed.token() == "token-4"


def test_a_token_that_comes_too_late(endpoint: IdentityEndpoint) -> None:
    endpoint.lasts_s = -10
    assert "has ended already" in failure(ManagedIdentity())


def test_a_refusal_is_told_and_its_details_are_for_the_log(
    endpoint: IdentityEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.refusal = (400, {}, TENANT)
    said = failure(ManagedIdentity())
    assert "status 400" in said
    assert "API_AUDIENCE" in said
    assert "contoso" not in said
    assert "api://the-api" in caplog.text
    assert "AADSTS500011: not in the tenant contoso" in caplog.text
    assert endpoint.header not in caplog.text + said


def test_a_slow_answer_is_not_waited_for(
    endpoint: IdentityEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "TIMEOUT_S", 0.2)
    endpoint.resume.clear()
    assert "does not answer" in failure(ManagedIdentity())
    endpoint.resume.set()


def test_visitors_that_come_together_share_one_token(endpoint: IdentityEndpoint) -> None:
    managed = ManagedIdentity()
    endpoint.resume.clear()
    with ThreadPoolExecutor(16) as visitors:
        coming = [visitors.submit(managed.token) for _ in range(16)]
        wait_until(lambda: endpoint.asked)
        endpoint.resume.set()
        tokens = [visitor.result() for visitor in coming]
    assert tokens == ["token-1"] * 16
    assert len(endpoint.asked) == 1


def test_visitors_that_come_together_share_one_failure(
    endpoint: IdentityEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "TIMEOUT_S", 0.3)
    managed = ManagedIdentity()
    endpoint.resume.clear()
    with ThreadPoolExecutor(16) as visitors:
        said = set(visitors.map(lambda _: failure(managed), range(16)))
    endpoint.resume.set()
    assert len(said) == len(endpoint.asked) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"{}", b'{"access_token": "t"}',
     b'{"access_token": "t", "expires_on": "soon"}', b'{"expires_on": "9999999999"}'],
)  # fmt: skip
def test_an_answer_that_is_no_token(endpoint: IdentityEndpoint, body: bytes) -> None:
    endpoint.refusal = (200, {}, body)
    assert "something that is no token" in failure(ManagedIdentity())


def test_the_secret_header_follows_no_redirect(endpoint: IdentityEndpoint) -> None:
    endpoint.refusal = (302, {"Location": endpoint.url}, b"")
    assert "status 302" in failure(ManagedIdentity())
    assert len(endpoint.asked) == 1


@pytest.mark.usefixtures("endpoint")
def test_the_secret_header_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert ManagedIdentity().token() == "token-1"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/msi/token", "nonsense", "https://h/msi"])
@pytest.mark.usefixtures("endpoint")
def test_an_endpoint_that_is_none(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", address)
    assert "does not answer" in failure(ManagedIdentity())


@pytest.mark.parametrize("missing", ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"])
@pytest.mark.usefixtures("endpoint")
def test_elsewhere_than_on_app_service(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delenv(missing)
    assert "has no managed identity" in failure(ManagedIdentity())
