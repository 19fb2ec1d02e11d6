"""A shop's site of its own, on another origin, with nothing of ours but the script tag."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class MerchantSite:
    """The site; its pages may be changed while it runs."""

    def __init__(self, port: int) -> None:
        """Makes a site for that port; `localhost` is another site than `127.0.0.1`."""
        self.origin = f"http://localhost:{port}"
        self.port = port
        self.desk = ""
        self.attributes = ""
        self.before = ""
        """A script of the site's own, ahead of the widget's."""
        self.frame: str | None = None
        """A script in a frame of the site's own, at /frame."""

    @property
    def policy(self) -> str:
        """As strict as docs/widget.md says that it may be."""
        frames = self.desk if self.frame is None else f"'self' {self.desk}"
        return f"default-src 'none'; script-src 'self' {self.desk}; frame-src {frames}; base-uri 'none'"

    def page(self, path: str) -> tuple[str, bytes]:
        """Content type and content of what is there."""
        if path in ("/own.js", "/frame.js"):
            script = self.before if path == "/own.js" else self.frame or ""
            return "text/javascript; charset=utf-8", script.encode()
        if path == "/frame":
            return "text/html; charset=utf-8", b'<!doctype html><title>-</title><script src="/frame.js"></script>'
        html = f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>小店</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<h1>小店的页面</h1><p><a href="/cart">购物车</a> <button>立即购买</button> <input aria-label="搜索"></p>
<script src="/own.js"></script>
<script defer src="{self.desk}/widget.js" {self.attributes}></script></html>"""
        return "text/html; charset=utf-8", html.encode()


@contextmanager
def running_site(port: int) -> Iterator[MerchantSite]:
    """The site, served until the end."""
    site = MerchantSite(port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content_type, content = site.page(self.path.partition("?")[0])
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Security-Policy", site.policy)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
