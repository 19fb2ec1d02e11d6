"""An action server that fails in every way that one can."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FakeActionServer:
    """What it answers, and how long it takes, may be changed while it runs."""

    status: int = 200
    body: bytes = b'{"events": [], "responses": []}'
    delay: float = 0.0
    asked: list[bytes] = field(default_factory=list)
    # Set when the test is over, so that nobody waits for an answer that nobody reads.
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def running(port: int, fake: FakeActionServer) -> Iterator[FakeActionServer]:
    """Listens on the port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            fake.over.wait(fake.delay)
            self.send_response(fake.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(fake.body)))
            self.end_headers()
            self.wfile.write(fake.body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Rasa has hung up, which is what is tested."""

    server = Server(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
