"""Where a request to the desk comes from, seen past one's own proxies."""

from __future__ import annotations

from fastapi import Request


def client_address(request: Request, proxies: int) -> str:
    """The network address of whoever sent a request.

    Args:
        request: The request.
        proxies: How many proxies of one's own stand before this server. Each adds the address it sees to the right of
            `X-Forwarded-For`; what stands further left was written by the client and says nothing.
    """
    if proxies:
        seen = [each.strip() for each in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
        if len(seen) >= proxies and seen[-proxies]:
            return seen[-proxies][:64]
    return request.client.host if request.client else ""
