"""An HTTP server on 127.0.0.1 for fakes of services: counts what is asked, and answers late, wrongly or not at all.

A fake is a subclass with `answer(request)`. It runs in a thread of the tests, so tests set faults and read counts as
attributes; a program under test reaches it by `url`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

HOLD, DROP = "hold", "drop"
"""Faults: accept and never answer; close the connection without an answer."""


class Request:
    """What came in."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body


class Response:
    """What goes out; `operation` is the name under which it is counted."""

    def __init__(self, operation: str, status: int, body: bytes, type: str = "application/json") -> None:
        self.operation = operation
        self.status = status
        self.body = body
        self.type = type


class Server:
    """The base of the fakes.

    Attributes:
        latency: seconds before each answer.
        faults: what happens to the next requests, one each: HOLD, DROP, or a fake's own word.
        always: the same for all requests, or "".
        counts: how often each operation came, whatever became of it.
        most: the highest number of requests at one time.
    """

    def __init__(self, port: int = 0) -> None:
        self.latency = 0.0
        self.always = ""
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self.most = 0
        self.lock = threading.Lock()
        self._now = 0
        self._stop = threading.Event()
        self._http = _Http(("127.0.0.1", port), _handler(self))
        self.port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request, fault: str) -> Response:
        """What the service says. `fault` is the fake's own word for a refusal, or ""."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget counts and faults."""
        self.latency, self.always, self.faults, self.most = 0.0, "", [], 0
        self.counts.clear()

    def serve(self) -> None:
        """Answer until `close`, in this thread."""
        self._http.serve_forever(0.05)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._http.shutdown()
        self._http.server_close()

    def handle(self, request: Request) -> Response | None:
        """The answer after the latency; None to close without one."""
        with self.lock:
            fault = self.faults.pop(0) if self.faults else self.always
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            if self.latency:
                time.sleep(self.latency)
            response = self.answer(request, fault)
            with self.lock:
                self.counts[response.operation] += 1
            if fault == HOLD:
                self._stop.wait(120)
            return None if fault in (HOLD, DROP) else response
        finally:
            with self.lock:
                self._now -= 1


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A program that hangs up is no news."""


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on standard error."""

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): text for name, text in self.headers.items()}
            response = server.handle(Request(self.command, self.path, headers, body))
            if response is None:
                self.close_connection = True
                return
            self.send_response(response.status)
            self.send_header("Content-Type", response.type)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = _serve  # noqa: N815

    return Handler
