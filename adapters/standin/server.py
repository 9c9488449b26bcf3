"""Serving a stand-in over real HTTP: in a thread for tests, in the foreground for a person."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, overload

import uvicorn
from starlette.types import ASGIApp

from adapters.standin.connection import DroppableProtocol
from adapters.standin.wire import write_json

P = ParamSpec("P")
T = TypeVar("T")

ReadyLine = Mapping[str, object] | Callable[[str], Mapping[str, object]]


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready, leaves when told, and leaves no connection open behind it."""

    def __init__(self, app: ASGIApp, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=DroppableProtocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                date_header=False,
                server_header=False,
            )
        )
        self._on_ready = on_ready
        self._leave = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def main_loop(self) -> None:
        await self._leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, cut what is still open, end the lifespan."""
        for listening in self.servers:
            listening.close()
        for one in sockets or []:
            one.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        while self.server_state.connections:
            await asyncio.sleep(0)
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        await self.lifespan.shutdown()

    def leave(self) -> None:
        """Ask the server to stop; call it on the loop thread."""
        self._leave.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the caller's own business."""
        yield


class RunningStandIn:
    """A stand-in served by a daemon thread on 127.0.0.1, from construction until `stop`.

    `port` 0 takes a free one. Raises OSError when the port is taken, RuntimeError when the application cannot start.
    """

    address: str

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._listening = _listen(port)
        self.port: int = self._listening.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._ready = threading.Event()
        self._serving = False
        self._thread = threading.Thread(target=self._run, name=f"stand-in {self.port}", daemon=True)
        self._thread.start()
        self._ready.wait()
        if not self._serving:
            self._thread.join()
            raise RuntimeError("The stand-in could not be started.")

    def stop(self) -> None:
        """Stop serving: open connections are cut. A second call does nothing."""
        if self._serving and self._loop is not None and self._server is not None:
            self._serving = False
            self._loop.call_soon_threadsafe(self._server.leave)
            self._thread.join()

    @overload
    def call_in_loop(self, fn: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T: ...

    @overload
    def call_in_loop(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def call_in_loop(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run `fn` on the loop thread and return what it returns (an awaitable is awaited there first).

        Whatever it raises is raised here. Raises RuntimeError when the stand-in has been stopped.
        """
        if not self._serving or self._loop is None:
            raise RuntimeError("The stand-in has been stopped.")
        if threading.current_thread() is self._thread:
            raise RuntimeError("This is the stand-in's own thread: call the function itself.")

        async def run() -> Any:
            outcome = fn(*args, **kwargs)
            return await outcome if inspect.isawaitable(outcome) else outcome

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def __enter__(self) -> RunningStandIn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._listening.close()
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = _Server(self._app, self._say_ready)
        await self._server.serve(sockets=[self._listening])

    def _say_ready(self) -> None:
        self._serving = True
        self._ready.set()


def serve_foreground(app: ASGIApp, port: int, ready_line: ReadyLine) -> None:
    """Serve until SIGINT or SIGTERM; print one JSON line on standard output once ready.

    `ready_line` is that line's content, or a function that makes it from the address (of use when `port` is 0).
    """
    listening = _listen(port)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def say_ready() -> None:
        line = ready_line(address) if callable(ready_line) else ready_line
        sys.stdout.write(write_json(dict(line)).decode() + "\n")
        sys.stdout.flush()

    async def serve() -> None:
        server = _Server(app, say_ready)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, server.leave)
        await server.serve(sockets=[listening])

    try:
        asyncio.run(serve())
    finally:
        listening.close()


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off on what it accepts: 40 ms a call otherwise.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
    except OSError:
        listening.close()
        raise
    return listening
