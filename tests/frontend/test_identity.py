import identity
import pytest
from future_vision import ApiError
from identity_endpoint import IdentityEndpoint

TENANT = b'{"statusCode": 400, "message": "AADSTS500011: not in the tenant contoso"}'


def failure() -> str:
    with pytest.raises(ApiError, match=r"^The API cannot be reached: .*\.$") as caught:
        identity.token()
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
    assert [identity.token(), identity.token()] == ["token-1"] * 2, "it is kept"
    assert endpoint.asked == [expected]


def test_a_token_that_ends_soon_is_renewed(endpoint: IdentityEndpoint) -> None:
    endpoint.lasts_s = 60
    assert [identity.token(), identity.token()] == ["token-1", "token-2"]


@pytest.mark.parametrize(("status", "body"), [(400, TENANT), (200, b"<html>"), (200, b"{}")])
def test_what_is_no_token_is_told_and_its_details_are_for_the_log(
    endpoint: IdentityEndpoint, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    endpoint.refusal = (status, body)
    assert "contoso" not in failure()
    assert "No token for api://the-api: " in caplog.text
    assert ("AADSTS500011" in caplog.text) == (body is TENANT)
    assert endpoint.header not in caplog.text
    endpoint.refusal = None
    assert identity.token().startswith("token-"), "a failure is not kept"


def test_a_token_service_that_does_not_answer(
    endpoint: IdentityEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "TIMEOUT_S", 0.2)
    endpoint.resume.clear()
    failure()
    endpoint.resume.set()
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
    identity.credential.cache_clear()
    failure()
