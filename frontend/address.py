"""The page's address: every state of the page is a link, and the session knows it best.

Streamlit reads the address that the browser sends with a click. A browser that has not yet heard of
the latest change, because its news were lost between two quick runs, would take the page back to
where it was. So the session keeps the address, corrects the browser's, and follows the browser only
on arrival and when the visitor went back or forward: the viewer then presses a button of ours.
"""

import streamlit as st

VIEWER = "look"
"""The only parameter that the viewer in the browser writes: layers, divider, zoom."""

_KEY, _DRAWN = "address", "address_drawn"


def settle() -> None:
    """Take the address from the browser on arrival, else correct it; once, as a run begins."""
    sent = st.query_params.to_dict()
    look = {VIEWER: sent.pop(VIEWER)} if VIEWER in sent else {}
    known = st.session_state.setdefault(_KEY, sent)
    st.session_state[_DRAWN] = dict(known)
    if known != sent:
        st.query_params.from_dict({**known, **look})


def put(**values: str | None) -> None:
    """Change the address; None takes a parameter away."""
    known = st.session_state.setdefault(_KEY, {})
    for name, value in values.items():
        if value is None:
            known.pop(name, None)
        else:
            known[name] = value
    look = {name: st.query_params[name] for name in (VIEWER,) if name in st.query_params}
    if {**known, **look} != st.query_params.to_dict():
        st.query_params.from_dict({**known, **look})


def moved() -> bool:
    """Whether the address has changed since the page was last drawn."""
    return bool(st.session_state.get(_KEY) != st.session_state.get(_DRAWN))


def draw_reread() -> None:
    """Draw the button, seen by nobody, that the viewer's script presses after a step back."""
    with st.container(key="fv_reread"):
        st.button("reread", key="reread", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(_KEY, None)
