import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parent))

from viewer_page import Picture, layers, mount, opened, prediction, truth


@pytest.fixture
def page(browser: "Browser", request: Any) -> Iterator["Page"]:
    """A page with a place for the viewer, and no layers yet."""
    with opened(browser, getattr(request, "param", mount())) as page:
        yield page


@pytest.fixture
def picture(page: "Page") -> Picture:
    """Truth on the left, prediction on the right."""
    return Picture(page).show(layers(truth=truth(), prediction=prediction()))
