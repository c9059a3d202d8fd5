import asyncio
import gc
import re
from types import SimpleNamespace
from typing import Any

import parts
import pytest
from canned_api import CannedApi
from identity_endpoint import IdentityEndpoint
from streamlit.testing.v1 import AppTest


def test_a_wish_to_leave_is_noticed_while_the_api_works(api: object) -> None:
    def script() -> None:
        import asyncio
        import threading

        import parts
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        context = get_script_run_ctx()
        assert context is not None
        assert context.script_requests is not None
        st.session_state["answered"] = False

        async def answer() -> None:
            await asyncio.sleep(10)
            st.session_state["answered"] = True

        threading.Timer(0.5, context.script_requests.request_stop).start()
        asyncio.run(parts.waited(answer(), "Waiting"))

    app = AppTest.from_function(script, default_timeout=120).run()
    assert not app.exception
    assert app.session_state["answered"] is False


def test_what_comes_of_questions_that_nobody_waits_for_is_not_logged_as_a_mistake() -> None:
    async def leave() -> list[dict[str, Any]]:
        logged: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, said: logged.append(said))

        async def ask() -> None:
            await asyncio.sleep(60)

        questions = asyncio.gather(ask(), ask())
        page = asyncio.create_task(parts.waited(questions, "Waiting"))
        await asyncio.sleep(0.05)
        page.cancel()
        await asyncio.wait([page])
        await asyncio.sleep(0)
        assert questions.done()
        del questions, page
        gc.collect()
        return logged

    assert asyncio.run(leave()) == []


def test_a_failure_that_lasts_is_tried_ever_more_seldom(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    # Not the module's own: a server in this process would wait for years.
    monkeypatch.setattr("parts.time", SimpleNamespace(monotonic=lambda: clock[0]))
    api.down = True
    said = []
    for later in (0, 5, 25, 100, 60, 1000):
        clock[0] += later
        said += re.findall(r"\d+", app.run().caption[-1].value)
    assert said == ["5", "5", "15", "60", "60", "5"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "the explorer gets no access token"), ("fr", "pas de jeton")],
)
def test_no_token_is_told_like_an_api_that_cannot_be_reached(
    app: AppTest, api: CannedApi, endpoint: IdentityEndpoint, lang: str, said: str
) -> None:
    endpoint.refusal = (400, b"tenant contoso")
    app.query_params["lang"] = lang
    app.run()
    assert not app.exception
    assert said in app.error[0].value
    assert "contoso" not in str(app.main)
    assert endpoint.header not in str(app.main)
    assert app.button(key="page_retry")
    assert api.asked == []
