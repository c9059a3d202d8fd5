"""The page's address: every state of the page is a link, and the session knows it best.

Streamlit takes the address from what the browser sends with a click. A browser that has not heard
of the latest change, because a quick rerun swallowed its news, would take the page back to where it
was. So the session keeps the address, corrects the browser's, and follows the browser only on
arrival and when the visitor goes back or forward: the script in viewer/link.js then writes the
address into a field that nobody sees, with the number of the step. Every address that the session
sends has the number of the last step that it knows: one sent before a later step is out of date.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import streamlit as st

VIEWER = "look"
"""The parameter that the browser alone writes and reads: layers, divider, zoom; viewer/link.js."""

STEP, CORRECTED = "step", "corrected"
"""The number of a step, and that the address before was wrong; viewer/link.js takes them out."""

_MARKS = (VIEWER, STEP, CORRECTED)

_KEY, _DRAWN, _FOLLOWED = "address", "address_drawn", "address_followed"


def settle() -> None:
    """Take the address from the browser on arrival, else correct it; once, as a run begins."""
    sent = _ours(st.query_params.to_dict())
    known = st.session_state.setdefault(_KEY, sent)
    went = st.session_state.get("went")
    # Here and not in a callback: a step counts for more than what other widgets report with it,
    # since a list that has not been drawn anew yet reports its old choice as new.
    if went and went != st.session_state.get(_FOLLOWED):
        st.session_state[_FOLLOWED] = went
        known = st.session_state[_KEY] = _ours(dict(parse_qsl(went.partition("?")[2])))
    st.session_state[_DRAWN] = dict(known)
    if known != sent:
        _send(known)


def put(**values: str | None) -> None:
    """Change the address, which is a step; None takes a parameter away."""
    _change(values)


def correct(**values: str | None) -> None:
    """Change an address that says something wrong: a step back does not come to it again."""
    _change(values, **{CORRECTED: "1"})


def _change(values: Mapping[str, str | None], **marks: str) -> None:
    known = st.session_state.setdefault(_KEY, {})
    for name, value in values.items():
        known.pop(name, None)
        if value is not None:
            known[name] = value
    if known != _ours(st.query_params.to_dict()):
        _send({**known, **marks})


def moved() -> bool:
    """Whether the address has changed since the page was last drawn."""
    return bool(st.session_state.get(_KEY) != st.session_state.get(_DRAWN))


def draw_field() -> None:
    """Draw the field into which the browser writes an address that it went back or forward to."""
    with st.container(key="fv_went"):
        went = st.text_input("went", key="went", label_visibility="collapsed")
    # A browser that comes back to a new session still has its last step in the field.
    st.session_state.setdefault(_FOLLOWED, went)


def _send(known: dict[str, str]) -> None:
    step = str(st.session_state.get(_FOLLOWED) or "").partition("?")[0]
    st.query_params.from_dict(known | ({STEP: step} if step else {}))


def _ours(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in _MARKS}
