"""What a page under test says."""

import re
from urllib.parse import urlencode

from streamlit.testing.v1 import AppTest


def html(app: AppTest) -> str:
    """All that is drawn as HTML, without script and style, and with plain spaces."""
    bodies = (element.proto.body for element in app.get("html"))
    said = "".join(body for body in bodies if not re.search("<script>|<style>", body))
    return said.replace("\u00a0", " ")


def step_back(app: AppTest, **query: str) -> AppTest:
    """Have the browser go back or forward to another address, as the viewer's script reports it."""
    field = app.text_input(key="went")
    steps = int((field.value or "0").partition("?")[0]) + 1
    known = {**app.session_state["address"], **query}
    return field.set_value(f"{steps}?{urlencode(known)}").run()
