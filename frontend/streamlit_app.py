"""Entry of the explorer: `streamlit run frontend/streamlit_app.py` with API_BASE_URL set."""

import asyncio

import page

# Here and nowhere else: the static build turns this very call into an `await`, which lets a
# browser's single thread draw the spinner while the API works.
asyncio.run(page.show())
