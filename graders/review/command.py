"""`scratchgrade review`: the pages served on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import functools
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from graders.batch.run import whoever
from graders.course.opening import store_of
from graders.messages import Bilingual, M, Message, clean
from graders.web.addresses import is_loopback, own_names
from graders.web.serving import bound, held, language_of_pages, must_be_installed, served

if TYPE_CHECKING:
    from graders.review.door import Keys

_AT_ONCE = 64


def run(options: argparse.Namespace) -> int:
    """Serve; 0 when it was ended."""
    language = language_of_pages(options.lang)
    must_be_installed("review", "review", ("starlette", "uvicorn"))
    from graders.review.app import Review
    from graders.review.desk import Desk
    from graders.review.door import Door, Keys
    from graders.review.writer import Writer

    def say(message: Bilingual) -> None:
        print(f"note: {message.in_language(language)}", file=sys.stderr, flush=True)

    keys, by = Keys(), clean(options.by, 100) or whoever()
    with ThreadPoolExecutor(1, "desk") as thread, held(thread, store_of(options.folder)) as store:
        desk = thread.submit(Desk, options.folder, store, keys, language, by).result()
        with bound(options.host, options.port, _AT_ONCE) as listening:
            writer = Writer(options.folder, say)
            if thread.submit(store.unwritten).result():
                writer.ask()  # of a run that was killed
            thread.submit(lambda: (desk.seen().standings, desk.alike())).result()
            port = listening.getsockname()[1]
            review = Review(desk, writer, thread, keys, language)
            app = Door(
                review.app(), keys, f"scratchgrade-{port}", _hosts(options.host, port), language
            )
            tell = functools.partial(_tell, options.host, port, keys, say)
            asyncio.run(served(app, listening, _AT_ONCE, tell))
            writer.finish()
    print(M("ended; all decisions are kept").in_language(language), flush=True)
    return 0


def _hosts(host: str, port: int) -> frozenset[str] | None:
    """How a browser may call this machine; anything where others are let in by their network."""
    return own_names(host, port) if is_loopback(host) else None


def _tell(host: str, port: int, keys: Keys, say: Callable[[Message], None]) -> None:
    """Print the address, and who else can reach it."""
    shown = f"[{host}]" if ":" in host else host
    if host in ("0.0.0.0", "::"):
        shown = socket.gethostname()
    if not is_loopback(host):
        say(M("others can reach this address, and nothing of it is encrypted: who has the token reads and "
              "decides all"))  # fmt: skip
    print(f"http://{shown}:{port}/?token={keys.token}", flush=True)
