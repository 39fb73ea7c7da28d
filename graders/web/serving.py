"""A server in this process: its socket, and its end by a signal."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from graders.errors import UsageError
from graders.messages import Language, M, language_here

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_GRACE = 3  # seconds for what is being answered when it ends
_T = TypeVar("_T")


def must_be_installed(command: str, extra: str, modules: Iterable[str]) -> None:
    """Refuse to serve without what it needs.

    Raises:
        UsageError: a module is not installed.
    """
    for name in modules:
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                M("`scratchgrade {command}` needs {name}, which is not installed: {install}",
                  command=command, name=name, install=f"pip install 'scratchgrade[{extra}]'")
            )  # fmt: skip


def language_of_pages(asked: str) -> Language:
    """The language that was asked for, else the environment's."""
    if asked == "auto":
        return language_here()
    return "ja" if asked == "ja" else "en"


@contextmanager
def held(thread: ThreadPoolExecutor, opened: AbstractContextManager[_T]) -> Iterator[_T]:
    """What is opened, used and closed in one thread, as SQLite wants it."""
    stack = ExitStack()
    try:
        yield thread.submit(lambda: stack.enter_context(opened)).result()
    finally:
        thread.submit(stack.close).result()


@contextmanager
def bound(host: str, port: int, at_once: int) -> Iterator[socket.socket]:
    """A socket that listens there; `at_once`: how many may wait to be let in.

    Raises:
        UsageError: nobody can, and why.
    """
    if not 0 <= port <= 65535:
        raise UsageError(M("--port {port}: must be from 0 to 65535", port=port))
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise UsageError(
            M("--host {host}: no address of this machine ({why})", host=host, why=str(error))
        ) from error
    # By the protocol asyncio knows that answers are not to wait for more to send (TCP_NODELAY).
    with socket.socket(family, kind, protocol) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
            listening.listen(at_once)
        except OSError as error:
            raise UsageError(
                M("port {port} at {host} can't be used ({why}); give another with --port",
                  port=port, host=host, why=error.strerror or str(error))
            ) from error  # fmt: skip
        yield listening


async def served(
    app: ASGIApp, listening: socket.socket, at_once: int, tell: Callable[[], None]
) -> None:
    """Serve until SIGINT or SIGTERM. `at_once`: connections; who comes when there are more is told to
    come again. `tell` says the address, as soon as who reads it can end this by a signal.
    """
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to us: what is decided has to be written before this ends."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """None of them."""
            yield

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="off", ws="none",
        http="h11", limit_concurrency=at_once, timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=60,
    )  # fmt: skip
    server = Server(config)

    def end() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    tell()
    await server.serve(sockets=[listening])
