"""Headers that keep the desk's pages to themselves, and the chat to the sites that may show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOADER_HEADERS = {"Cross-Origin-Resource-Policy": "cross-origin"}
"""Beside the others, for the one script that other sites load."""


def security_headers(rasa_url: str) -> dict[str, str]:
    """The headers of every answer. The page loads its own files only and talks to this server and to Rasa."""
    return {
        "Content-Security-Policy": _policy(rasa_url, ()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def chat_headers(rasa_url: str, origins: Iterable[str]) -> dict[str, str]:
    """The headers of the chat's page, which other sites may show in a frame.

    Args:
        rasa_url: Where the chat's line leads.
        origins: The sites that may embed the chat besides this one. Their pictures may be shown in it, too.
    """
    headers = {
        **security_headers(rasa_url),
        "Content-Security-Policy": _policy(rasa_url, tuple(origins)),
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    # It knows of one site only; `frame-ancestors` says all that there is to say.
    del headers["X-Frame-Options"]
    return headers


def workbench_headers() -> dict[str, str]:
    """The headers of the workbench's page: it talks to this server alone, and is shown in nobody's frame.

    What it plays and shows beside its own files are uploads and pictures of this server.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob: data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _policy(rasa_url: str, origins: tuple[str, ...]) -> str:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        # A picture that is being sent is shown from where it lies, before it has an address.
        "img-src": " ".join(("'self' data: blob:", *origins)),
        "media-src": "'self'",
        "connect-src": f"'self' {rasa_url} {_web_socket(rasa_url)}",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(("'self'", *origins)),
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _web_socket(url: str) -> str:
    parts = urlsplit(url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"


class SecurityHeaders:
    """ASGI middleware that adds headers to every answer that does not set them itself."""

    def __init__(
        self, app: ASGIApp, headers: Mapping[str, str], of_path: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        """Wraps an application.

        Args:
            app: The application.
            headers: What every answer carries.
            of_path: What those of single paths carry instead.
        """
        self._app = app
        self._headers = headers
        self._of_path = of_path or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and adds the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        wanted = self._of_path.get(scope["path"], self._headers)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
