"""The page's address: every state of the page is a link, and the session knows it best.

Streamlit takes the address from what the browser sends with a click. A browser that has not heard
of the latest change, because a quick rerun swallowed its news, would take the page back to where it
was. So the session keeps the address, corrects the browser's, and follows the browser only on
arrival and when the visitor goes back or forward: the script in viewer/link.js then writes the
address into a field that nobody sees.
"""

from urllib.parse import parse_qsl

import streamlit as st

VIEWER = "look"
"""The parameter that the browser alone writes and reads: layers, divider, zoom; viewer/link.js."""

_KEY, _DRAWN = "address", "address_drawn"


def settle() -> None:
    """Take the address from the browser on arrival, else correct it; once, as a run begins."""
    sent = _ours(st.query_params.to_dict())
    known = st.session_state.setdefault(_KEY, sent)
    st.session_state[_DRAWN] = dict(known)
    if known != sent:
        st.query_params.from_dict(known)


def put(**values: str | None) -> None:
    """Change the address; None takes a parameter away."""
    known = st.session_state.setdefault(_KEY, {})
    for name, value in values.items():
        known.pop(name, None)
        if value is not None:
            known[name] = value
    if known != _ours(st.query_params.to_dict()):
        st.query_params.from_dict(known)


def moved() -> bool:
    """Whether the address has changed since the page was last drawn."""
    return bool(st.session_state.get(_KEY) != st.session_state.get(_DRAWN))


def draw_field() -> None:
    """Draw the field into which the browser writes an address that it went back or forward to."""

    def follow() -> None:
        st.session_state[_KEY] = _ours(dict(parse_qsl(st.session_state["went"].partition("?")[2])))

    with st.container(key="fv_went"):
        st.text_input("went", key="went", on_change=follow, label_visibility="collapsed")


def _ours(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name != VIEWER}
