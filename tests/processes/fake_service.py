"""A service for the supervisor's tests: healthy, stubborn, short-lived or silent, as its arguments say."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from os import _exit, getpid
from pathlib import Path


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--pids", type=Path)
    parser.add_argument("--say", default="")
    parser.add_argument("--stubborn", action="store_true")
    parser.add_argument("--unhealthy", action="store_true")
    parser.add_argument("--with-child", action="store_true")
    parser.add_argument("--dies-with", type=int)
    options = parser.parse_args()
    if options.stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    (options.pids / str(getpid())).touch()
    if options.with_child:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (options.pids / str(child.pid)).touch()
    print(options.say or "started", flush=True)
    if options.dies_with is not None:
        threading.Timer(1.0, _exit, [options.dies_with]).start()
    if options.unhealthy:
        time.sleep(600)
    HTTPServer(("127.0.0.1", options.port), _Health).serve_forever()


_main()
