import asyncio
import threading

import pytest
from canned_api import CannedApi, problem
from future_vision import ApiError
from identity_endpoint import IdentityEndpoint
from service import asked, client


def test_asked_answers_as_the_client_does(api: CannedApi) -> None:
    api.scenes = {f"s_{i}": True for i in range(5)}
    scenes = asyncio.run(asked(lambda c: list(c.scenes())))
    assert scenes == list(client().scenes())
    assert len(api.asked) == 2 * 3  # once for each page, however often the question is asked


def test_every_question_has_the_explorers_token(api: CannedApi, endpoint: IdentityEndpoint) -> None:
    api.scenes = {f"s_{i}": True for i in range(5)}
    asyncio.run(asked(lambda c: list(c.scenes())))
    assert [headers["authorization"] for headers in api.headers] == ["Bearer token-1"] * 3
    assert len(endpoint.asked) == 1


def test_an_api_that_wants_no_token_gets_none(
    api: CannedApi, endpoint: IdentityEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_AUDIENCE")
    asyncio.run(asked(lambda c: c.categories()))
    assert "authorization" not in api.headers[0]
    assert endpoint.asked == []


def test_the_thread_is_free_while_a_token_is_asked_for(
    api: CannedApi, endpoint: IdentityEndpoint
) -> None:
    endpoint.resume.clear()

    async def turns() -> None:
        asking = asyncio.create_task(asked(lambda c: c.categories()))
        while not endpoint.asked:
            await asyncio.sleep(0.01)
        assert not asking.done()
        endpoint.resume.set()
        await asking

    asyncio.run(turns())
    assert len(api.asked) == 1


def test_the_thread_is_free_meanwhile(api: CannedApi) -> None:
    answered, free = threading.Event(), threading.Event()
    original = api.answer

    def slow(method: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        answered.set()
        assert free.wait(10)
        return original(method, target, body)

    api.answer = slow  # type: ignore[method-assign]

    async def both() -> str:
        prediction = asyncio.create_task(asked(lambda c: c.predict_scene("a_0")))
        while not answered.is_set():
            await asyncio.sleep(0.01)
        free.set()  # by the very thread that asked
        return (await prediction).model

    assert asyncio.run(both()) == "tiny:1.0.0"


def test_problems_arrive_at_once(api: CannedApi) -> None:
    api.raw["/api/predict"] = problem(503, "No model is active.")
    with pytest.raises(ApiError, match="No model is active") as caught:
        asyncio.run(asked(lambda c: c.predict(b"x")))
    assert caught.value.may_pass
    assert len(api.asked) == 1


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(ApiError, match="cannot be reached"):
        asyncio.run(asked(lambda c: c.categories()))


def test_nobody_waits_for_an_answer_that_nobody_wants(api: CannedApi) -> None:
    api.resume.clear()

    async def leave() -> None:
        asking = asyncio.ensure_future(asked(lambda c: c.categories()))
        while not api.asked:
            await asyncio.sleep(0.01)
        asking.cancel()

    asyncio.run(leave())
    assert api.answered == 0
    api.resume.set()
