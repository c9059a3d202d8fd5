import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# `streamlit run frontend/streamlit_app.py` puts the page's folder on the path, and so do we.
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "frontend")]

from canned_api import CannedApi, serving  # noqa: E402


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedApi]:
    """A canned API that the page's modules talk to."""
    with serving(CannedApi()) as canned:
        monkeypatch.setenv("API_BASE_URL", canned.url + "/")
        monkeypatch.delenv("API_KEY", raising=False)
        yield canned
