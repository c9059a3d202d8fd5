"""View for those who call the API themselves: is it well, where is it, how is it called."""

import inspect
import time
from collections.abc import Mapping, Sequence
from typing import Any

import future_vision
import identity
import parts
import snippets
import streamlit as st
import tables
import texts
from future_vision import ApiError, Category
from service import asked, client, keyed
from texts import text

from views import model_list

NAME = "api"

COLD_S = 30
"""A process that has served for less was just started, perhaps by this very question."""


async def show(categories: Sequence[Category]) -> None:
    """Show how the service is and how to call it."""
    del categories
    st.markdown(f"### {text('api.status')}")
    try:
        await _draw_status()
    except ApiError as error:
        parts.show_error(error, NAME)
    st.button(text("api.refresh"), key="refresh")  # it only has the page run again
    st.markdown(f"### {text('api.call')}")
    _draw_address()
    _draw_snippets()


async def _draw_status() -> None:
    start = time.perf_counter()
    health = await parts.waited(asked(lambda client: client.health()), text("page.waiting"))
    milliseconds = 1000 * (time.perf_counter() - start)
    ready = health["status"] == "ready"
    well = health["storage"] == "ok"
    rows = {
        text("api.service"): text("api.ready") if ready else text("api.degraded"),
        text("api.model"): str(health["model"]),
        text("api.storage"): text("api.storage_ok") if well else str(health["storage"]),
        text("api.process"): _process(health.get("uptime_s")),
        text("api.round_trip"): f"{texts.number(milliseconds)}\u00a0ms",
    }
    st.html(parts.facts(rows, well=ready))
    if not ready:
        st.warning(text("api.degraded_why"))
    if refused := health.get("refused"):
        st.warning(_refusal(refused))


def _process(uptime_s: float | None) -> str:
    if uptime_s is None:  # an older service, while a new version is being deployed
        return tables.NONE
    lasted = texts.duration(uptime_s)
    return text("api.cold", time=lasted) if uptime_s < COLD_S else text("api.warm", time=lasted)


def _refusal(refused: Mapping[str, Any]) -> str:
    model = refused.get("model") or text("api.unnamed")
    return text("api.refused", model=parts.plain(model), reason=parts.plain(refused["reason"]))


def _draw_address() -> None:
    url = client().url
    _draw_code(f"{url}/api", None)
    needs = [text("api.keyed", key=snippets.KEY)] if keyed() else []
    if audience := identity.audience():
        needs.append(text("api.tokened", audience=parts.plain(audience)))
    st.markdown(" ".join(needs) or text("api.keyless"))
    with st.container(horizontal=True):
        st.link_button(text("api.docs"), f"{url}/api/docs")
        st.link_button(text("api.contract"), f"{url}/api/openapi.json")


def _draw_snippets() -> None:
    url, audience = client().url, identity.audience()
    formats = list(snippets.FILES)
    format = model_list.choose(
        "format", text("api.format"), formats, formats[0], lambda name: text(f"api.format.{name}")
    )
    curl, python, javascript = st.tabs(["curl", "Python", "JavaScript"])
    with curl:
        _draw_code(snippets.curl(url, format, keyed=keyed(), audience=audience), "bash")
    with python:
        _draw_code(snippets.python(url, format, keyed=keyed(), audience=audience), "python")
    with javascript:
        _draw_code(snippets.javascript(url, format, keyed=keyed(), audience=audience), "javascript")
        st.caption(text("api.cors"))
    with st.expander(text("api.client"), key="client", on_change="rerun") as opened:
        if opened.open:
            _draw_code(inspect.getsource(future_vision), "python")


def _draw_code(code: str, language: str | None) -> None:
    # Wrapped: a block that scrolls sideways cannot be reached by keyboard.
    st.code(code, language=language, wrap_lines=True)
