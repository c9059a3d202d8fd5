import ast
import json

import pytest
import snippets
from canned_answers import ACTIVE
from canned_api import CannedApi, problem
from identity_endpoint import IdentityEndpoint
from page_text import html
from streamlit.testing.v1 import AppTest

WELL = {"status": "ready", "model": ACTIVE, "storage": "ok", "refused": None, "uptime_s": 3600.0}


def opened(app: AppTest, **query: str) -> AppTest:
    app.query_params.update(view="api", **query)
    return app.run()


def answer(api: CannedApi, **health: object) -> None:
    body = json.dumps({**WELL, **health}).encode()
    api.raw["/api/health/ready"] = (200, "application/json", body)


def codes(app: AppTest) -> list[str]:
    return [element.value for element in app.code]


def test_status(app: AppTest, api: CannedApi) -> None:
    opened(app)
    assert not app.exception
    said = html(app)
    assert "<dt>Service</dt><dd>ready</dd>" in said
    assert f"<dd>{ACTIVE}</dd>" in said
    assert "warm: up for 60 minutes" in said
    assert " ms</dd>" in said
    app.button(key="refresh").click().run()
    assert api.asked.count("GET /api/health/ready") == 2


def test_degraded(app: AppTest, api: CannedApi) -> None:
    answer(
        api, status="degraded", storage="The <b>storage</b> is away.",
        refused={"model": None, "reason": "sha256 *differs*"},
    )  # fmt: skip
    opened(app)
    assert "fv-unwell" in html(app)
    assert "The &lt;b&gt;storage&lt;/b&gt; is away." in html(app)
    assert "Storage does not answer" in app.warning[0].value
    assert "sha256 \\*differs\\*" in app.warning[1].value


def test_a_service_that_is_not_ready_says_why_and_the_rest_stays(
    app: AppTest, api: CannedApi
) -> None:
    api.raw["/api/health/ready"] = problem(503, "No usable model.")
    opened(app)
    assert not app.exception
    assert app.error[0].value == "No usable model\\."
    assert app.button(key="api_retry")
    assert len(codes(app)) == 4


def test_snippets_have_the_real_address_and_the_chosen_format(app: AppTest, api: CannedApi) -> None:
    opened(app, format="overlay")
    address, *snippets = codes(app)
    assert address == f"{api.url}/api"
    assert all(api.url in snippet and "overlay" in snippet for snippet in snippets)
    ast.parse(snippets[1])
    app.selectbox(key="choice_format").select("json").run()
    assert app.query_params["format"] == ["json"]
    assert "format=json" in codes(app)[1]


def test_no_key_is_needed(app: AppTest) -> None:
    opened(app)
    assert any("No key is needed" in element.value for element in app.markdown)
    assert "YOUR_KEY" not in "".join(codes(app))


def test_the_key_is_never_shown(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "very-secret")
    opened(app)
    assert not app.exception
    assert all("YOUR_KEY" in code for code in codes(app)[1:])
    assert "very-secret" not in str(app.main)
    assert "very-secret" not in "".join(codes(app)) + html(app)


@pytest.mark.parametrize(("lang", "said"), [("en", "access token for"), ("fr", "Un jeton")])
def test_how_to_call_with_a_token(
    app: AppTest, endpoint: IdentityEndpoint, lang: str, said: str
) -> None:
    opened(app, lang=lang)
    assert not app.exception
    (needed,) = (element.value for element in app.markdown if "Entra" in element.value)
    assert said in needed
    assert "api\\:\\/\\/the\\-api" in needed
    curl, python, javascript = codes(app)[1:]
    assert "az account get-access-token --resource api://the-api" in curl
    assert 'get_bearer_token_provider(DefaultAzureCredential(), "api://the-api/.default")' in python
    assert "Bearer ${token}" in javascript
    everything = "".join(codes(app)) + html(app) + str(app.main)
    assert "token-1" not in everything
    assert endpoint.header not in everything
    assert snippets.KEY not in everything


def test_the_client_is_there_to_copy(app: AppTest) -> None:
    opened(app)
    app.session_state["client"] = True
    app.run()
    assert "class Client" in codes(app)[-1]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "\N{EN DASH}"), (3.4, "froid : démarré il y a 3 s"),
        (119.0, "chaud : en service depuis 119 s"), (120.0, "2 minutes"), (7200.0, "2 heures"),
        (2e5, "2 jours"),
    ],
)  # fmt: skip
def test_durations(app: AppTest, api: CannedApi, seconds: float | None, said: str) -> None:
    answer(api, uptime_s=seconds)
    assert said in html(opened(app, lang="fr"))
