"""Actions go over connections that last."""

from __future__ import annotations

import pytest
from aiohttp import web
from rasa.utils.endpoints import EndpointConfig

from sixty.channels.lasting_connections import keep_connections, let_connections_go


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EndpointConfig, "session", EndpointConfig.session)
    keep_connections()


async def test_one_connection_serves_many_actions(kept: None) -> None:
    peers, tokens = set(), []

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        tokens.append((request.query.get("token"), request.headers.get("X-Shop"), request.headers.get("Authorization")))
        return web.json_response({"events": [], "said": (await request.json())["next_action"]})

    application = web.Application()
    application.router.add_post("/webhook", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    basic = {"username": "sixty", "password": "secret"}
    endpoint = EndpointConfig(url, headers={"X-Shop": "1"}, basic_auth=basic, token="t")
    try:
        for number in range(5):
            answered = await endpoint.request(json={"next_action": number}, timeout=60)
            assert answered == {"events": [], "said": number}
        assert len(peers) == 1
        assert set(tokens) == {("t", "1", "Basic c2l4dHk6c2VjcmV0")}
        await let_connections_go()
        assert await endpoint.request(json={"next_action": 9}, timeout=60)
        assert len(peers) == 2
    finally:
        await let_connections_go()
        await runner.cleanup()
