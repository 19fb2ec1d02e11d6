"""Reads request bodies that may only be so large."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request


class TooLargeError(Exception):
    """The body is larger than it may be."""


async def chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body in pieces, as it comes.

    Args:
        request: The request.
        limit: The most bytes.

    Raises:
        TooLargeError: It is larger, or says so beforehand.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLargeError
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLargeError
        if chunk:
            yield chunk


async def whole_body(request: Request, limit: int) -> bytes:
    """The body.

    Raises:
        TooLargeError: It is larger than `limit` bytes.
    """
    return b"".join([chunk async for chunk in chunks(request, limit)])
