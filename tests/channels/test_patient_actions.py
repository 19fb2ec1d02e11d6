from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from sixty.channels import patient_actions
from sixty.channels.patient_actions import _patient, wait_for_actions
from sixty.processes.ports import free_port

Request = Callable[..., Awaitable[Any]]


@pytest.fixture
def request_patiently() -> Request:
    plain = getattr(EndpointConfig.request, "__wrapped__", EndpointConfig.request)
    return _patient(plain)


async def server(port: int, status: int = 200) -> web.AppRunner:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"events": []}, status=status)

    app = web.Application()
    app.router.add_post("/webhook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


async def test_a_server_that_comes_back_in_time_has_never_been_away(request_patiently: Request) -> None:
    port = free_port()
    endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
    asked = [asyncio.ensure_future(request_patiently(endpoint, json={})) for _ in range(3)]
    await asyncio.sleep(0.5)
    assert not any(each.done() for each in asked)
    runner = await server(port)
    try:
        assert await asyncio.gather(*asked) == [{"events": []}] * 3
    finally:
        await runner.cleanup()


async def test_a_server_that_stays_away_is_waited_for_once(
    request_patiently: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient_actions, "PATIENCE_SECONDS", 0.4)
    endpoint = EndpointConfig(f"http://127.0.0.1:{free_port()}/webhook")
    with pytest.raises(aiohttp.ClientConnectorError):
        await request_patiently(endpoint, json={})
    monkeypatch.setattr(patient_actions, "_PAUSE", 3600.0)
    # Whoever asks now would wait for an hour if they waited at all.
    with pytest.raises(aiohttp.ClientConnectorError):
        await asyncio.wait_for(request_patiently(endpoint, json={}), 30)


async def test_after_it_was_back_it_is_waited_for_again(
    request_patiently: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient_actions, "PATIENCE_SECONDS", 0.3)
    port = free_port()
    endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
    with pytest.raises(aiohttp.ClientConnectorError):
        await request_patiently(endpoint, json={})
    runner = await server(port)
    assert await request_patiently(endpoint, json={}) == {"events": []}
    await runner.cleanup()
    monkeypatch.setattr(patient_actions, "PATIENCE_SECONDS", 60.0)
    asked = asyncio.ensure_future(request_patiently(endpoint, json={}))
    await asyncio.sleep(0.4)
    assert not asked.done()
    runner = await server(port)
    assert await asked == {"events": []}
    await runner.cleanup()


async def test_an_answer_that_is_an_error_is_passed_on_at_once(request_patiently: Request) -> None:
    port = free_port()
    runner = await server(port, status=500)
    try:
        with pytest.raises(ClientResponseError):
            await request_patiently(EndpointConfig(f"http://127.0.0.1:{port}/webhook"), json={})
    finally:
        await runner.cleanup()


def test_it_is_put_in_place_once() -> None:
    wait_for_actions()
    once = EndpointConfig.request
    wait_for_actions()
    assert EndpointConfig.request is once
