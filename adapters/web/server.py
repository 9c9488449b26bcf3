"""Serving the web application over HTTP, from a thread of its own.

TLS is the business of what stands in front. There is no access log: addresses carry codes and states.
"""

import asyncio
import socket
import threading
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp

STOP_SECONDS = 5
"""What is being answered when the server is told to stop has this long."""
BACKLOG = 256
MOST_CONNECTIONS = 200
"""More are answered 503 at once: their senders come again."""


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config, listening: threading.Event) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening.set()


class RunningServer:
    """A server that runs from construction until `stop`; a context manager.

    Raises OSError when it cannot listen at `host` and `port` (0 takes a free one), RuntimeError when it cannot start.
    """

    address: str

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = _listening(host, port)
        self.port: int = self._socket.getsockname()[1]
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        self.address = f"http://[{shown}]:{self.port}" if ":" in shown else f"http://{shown}:{self.port}"
        self._started, self._ended = threading.Event(), threading.Event()
        self._server = _Server(_config(app), self._started)
        self._thread = threading.Thread(target=self._run, name=f"web {self.port}", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._ended.is_set():
            raise RuntimeError("The web server could not be started.")

    def wait(self, seconds: float | None = None) -> bool:
        """For use in the foreground: blocks until the server has ended, or for `seconds`; True when it has."""
        return self._ended.wait(seconds)

    def stop(self) -> None:
        """Stops listening, lets what is being answered end, and returns when all is over. Twice does no harm."""
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._socket.close()
            self._ended.set()
            self._started.set()


def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> RunningServer:
    """Serves `app`, from now until `.stop()`. In the foreground: `serve(app, host, port).wait()`."""
    return RunningServer(app, host, port)


def _listening(host: str, port: int) -> socket.socket:
    # TCP must be named: asyncio sends small answers at once only on sockets that say they are TCP; otherwise each one
    # waits 40 ms for the other side's delayed acknowledgement
    listening = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=16 * 1024,
    )
