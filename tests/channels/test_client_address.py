from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from multidict import CIMultiDict

from sixty.channels.client_address import client_address


def request(*forwarded: str) -> Any:
    headers = CIMultiDict([("X-Forwarded-For", each) for each in forwarded])
    return SimpleNamespace(ip="10.0.0.1", headers=SimpleNamespace(getall=headers.getall))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, [], "10.0.0.1"),
        # Anybody can write such a header; without proxies of one's own it says nothing.
        (0, ["1.2.3.4"], "10.0.0.1"),
        (1, ["1.2.3.4"], "1.2.3.4"),
        (1, ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        (1, ["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
        (2, ["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        (2, ["1.2.3.4"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
        (1, ["6.6.6.6,"], "10.0.0.1"),
        (1, ["x" * 500], "x" * 64),
    ],
)
def test_whose_address_it_is(proxies: int, forwarded: list[str], address: str) -> None:
    assert client_address(request(*forwarded), proxies) == address
