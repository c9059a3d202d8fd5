"""The checks in their order."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from local.login import Login
from local.progress import step
from local.smoke import api as checks
from local.smoke import fronts
from local.smoke.asking import TIMEOUT, Clock, SmokeError, api_of

WAIT = 120.0
"""Seconds, enough for a service that slept to start and load its model."""

Report = Callable[[str], AbstractContextManager[Callable[[str], None]]]
"""Prints a check's title, and its result when it ends; `local.progress.step` is one."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to look at.

    Attributes:
        api: address of the service, with or without /api.
        explorer, site: addresses of the explorer and of its static site; "" if there is none.
        login: key or token of the caller.
        wait: seconds in all to repeat checks whose failure may pass.
        batch: whether to run a batch of one photo, which stays in the service's list of batches.
    """

    api: str
    explorer: str = ""
    site: str = ""
    login: Login = field(default=Login(), repr=False)
    wait: float = WAIT
    batch: bool = True


def run_smoke(target: Target, report: Report = step) -> dict[str, str]:
    """Run every check, one after the other.

    Args:
        target: what to look at.
        report: told of each check.

    Returns:
        What was found, by check.

    Raises:
        SmokeError: a check failed, which ends the run.
    """
    clock, found = Clock(target.wait), dict[str, str]()
    for title, check in _checks(target, clock):
        try:
            with report(title) as note:
                found[title] = clock.patiently(check)
                note(found[title])
        except SmokeError as error:
            raise SmokeError(f"{title}: {error}") from error
    return found


def _checks(target: Target, clock: Clock) -> Iterator[tuple[str, Callable[[], str]]]:
    pages = tuple(filter(None, (target.explorer.rstrip("/"), target.site.rstrip("/"))))
    for address in target.api, *pages:
        if not address.startswith(("http://", "https://")):
            raise SmokeError(f"{address!r} must be like https://func-1.azurewebsites.net")
    api = api_of(target.api, target.login, max(target.wait, TIMEOUT))
    yield "Model is loaded", lambda: checks.is_ready(api)
    yield "Categories", lambda: checks.categories(api)
    yield "Models", lambda: checks.models(api)
    yield "Prediction", lambda: checks.prediction(api)
    yield "Scenes", lambda: checks.scenes(api)
    if target.batch:
        yield "Batch", lambda: checks.batch(api, clock)
    if any(target.login) and urlsplit(api.url).hostname not in fronts.LOCAL:
        yield "Callers without a key", lambda: checks.strangers(api)
    if target.explorer:
        yield "Explorer", lambda: fronts.explorer(pages[0])
    if target.site:
        yield "Static site", lambda: fronts.site(pages[-1], api)
    if (
        not target.login.token
    ):  # with Entra no page calls the API, and preflights may meet the sign-in
        yield "Origins (CORS)", lambda: fronts.origins(api, pages)
