"""`scratchgrade review`: the pages served on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import ipaddress
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from graders.batch.run import whoever
from graders.batch.store import Store
from graders.course.opening import store_of
from graders.errors import UsageError
from graders.messages import Bilingual, Language, M, Message, clean, language_here
from graders.review.arguments import LOOPBACK

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from graders.review.door import Keys

_GRACE = 3  # seconds for what is being answered when it ends
_AT_ONCE = 64


def run(options: argparse.Namespace) -> int:
    """Serve; 0 when it was ended."""
    language = _language(options.lang)
    for name in ("starlette", "uvicorn"):
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                M("`scratchgrade review` needs {name}, which is not installed: {command}", name=name,
                  command="pip install 'scratchgrade[review]'")
            )  # fmt: skip
    if not 0 <= options.port <= 65535:
        raise UsageError(M("--port {port}: must be from 0 to 65535", port=options.port))
    from graders.review.app import Review
    from graders.review.desk import Desk
    from graders.review.door import Door, Keys
    from graders.review.writer import Writer

    def say(message: Bilingual) -> None:
        print(f"note: {message.in_language(language)}", file=sys.stderr, flush=True)

    keys, by = Keys(), clean(options.by, 100) or whoever()
    with ThreadPoolExecutor(1, "desk") as thread, _opened(thread, options.folder) as store:
        desk = thread.submit(Desk, options.folder, store, keys, language, by).result()
        with _bound(options.host, options.port) as bound:
            writer = Writer(options.folder, say)
            if thread.submit(store.unwritten).result():
                writer.ask()  # of a run that was killed
            thread.submit(lambda: (desk.seen().standings, desk.alike())).result()
            port = bound.getsockname()[1]
            review = Review(desk, writer, thread, keys, language)
            app = Door(
                review.app(), keys, f"scratchgrade-{port}", _hosts(options.host, port), language
            )
            _tell(options.host, port, keys, say)
            asyncio.run(_served(app, bound))
            writer.finish()
    print(M("ended; all decisions are kept").in_language(language), flush=True)
    return 0


@contextlib.contextmanager
def _opened(thread: ThreadPoolExecutor, folder: Path) -> Iterator[Store]:
    """The class's store, opened, used and closed in one thread, as SQLite wants it."""
    stack = contextlib.ExitStack()
    try:
        yield thread.submit(lambda: stack.enter_context(store_of(folder))).result()
    finally:
        thread.submit(stack.close).result()


def _language(asked: str) -> Language:
    if asked == "auto":
        return language_here()
    return "ja" if asked == "ja" else "en"


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there.

    Raises:
        UsageError: nobody can, and why.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise UsageError(
            M("--host {host}: no address of this machine ({why})", host=host, why=str(error))
        ) from error
    # By the protocol asyncio knows that answers are not to wait for more to send (TCP_NODELAY).
    with socket.socket(family, kind, protocol) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
            bound.listen(_AT_ONCE)
        except OSError as error:
            raise UsageError(
                M("port {port} at {host} can't be used ({why}); give another with --port",
                  port=port, host=host, why=error.strerror or str(error))
            ) from error  # fmt: skip
        yield bound


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hosts(host: str, port: int) -> frozenset[str] | None:
    """How a browser may call this machine; anything where others are let in by their network."""
    if not _is_loopback(host):
        return None
    names = {LOOPBACK, "localhost", "[::1]", f"[{host}]" if ":" in host else host}
    return frozenset(f"{name}:{port}" for name in names)


def _tell(host: str, port: int, keys: Keys, say: Callable[[Message], None]) -> None:
    """Print the address, and who else can reach it."""
    shown = f"[{host}]" if ":" in host else host
    if host in ("0.0.0.0", "::"):
        shown = socket.gethostname()
    if not _is_loopback(host):
        say(M("others can reach this address, and nothing of it is encrypted: who has the token reads and "
              "decides all"))  # fmt: skip
    print(f"http://{shown}:{port}/?token={keys.token}", flush=True)


async def _served(app: ASGIApp, bound: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to us: what is decided has to be written before this ends."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """None of them."""
            yield

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="off", ws="none",
        http="h11", limit_concurrency=_AT_ONCE, timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=60,
    )  # fmt: skip
    server = Server(config)

    def end() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    await server.serve(sockets=[bound])
