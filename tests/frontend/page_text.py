"""What a page under test says."""

import re

from streamlit.testing.v1 import AppTest


def html(app: AppTest) -> str:
    """All that is drawn as HTML, without script and style, and with plain spaces."""
    bodies = (element.proto.body for element in app.get("html"))
    said = "".join(body for body in bodies if not re.search("<script>|<style>", body))
    return said.replace("\u00a0", " ")


def step_back(app: AppTest, **query: str) -> AppTest:
    """Have the browser go back or forward to another address, as the viewer's script reports it."""
    app.query_params.update(query)
    return app.button(key="reread").click().run()
