"""`scratchgrade serve`: the hand-in page, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import io
import ipaddress
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.batch.command import check_workers, executor_for
from graders.batch.executor import Executor
from graders.batch.outputs.files import new
from graders.batch.outputs.gradebook import cell
from graders.batch.run import whoever
from graders.batch.store import Store
from graders.errors import UsageError
from graders.grading import Request
from graders.handin.keeping import MANIFEST, Kept
from graders.handin.people import Directory, Person, key_of, named, people_of, revoked_key
from graders.handin.settings import Settings, read_settings
from graders.messages import Bilingual, Language, M
from graders.web.addresses import is_loopback, own_names
from graders.web.serving import bound, held, language_of_pages, must_be_installed, served

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from graders.handin.door import Proxy
    from graders.handin.login import Login

RESULTS = "results"
_KEPT = "nothing was kept; hand it in again later"
_PATIENCE = 10.0  # seconds that another program's lock is waited for
_AT_ONCE = 500
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_LOGIN = ("authlib", "httpx2")
_NEEDED = ("starlette", "uvicorn", "python_multipart", "itsdangerous")


@dataclass(frozen=True)
class Course:
    """A class's folder, read."""

    folder: Path
    settings: Settings
    people: list[Person]
    key: bytes


def run(options: argparse.Namespace) -> int:
    """Serve, or tell links; 0 when it was ended."""
    language = language_of_pages(options.lang)
    must_be_installed("serve", "serve", _NEEDED)
    check_workers(options)
    _must_be_reachable(options, None)
    settings = read_settings(options.folder)
    if settings.login is not None:
        must_be_installed("serve", "login", _LOGIN)
    people = people_of(settings.roster, settings.instructors)
    course = Course(options.folder, settings, people, key_of(options.folder))
    if options.links is not None:
        return _links(course, options)
    if options.revoke is not None:
        return _revoke(course, options, language)
    return _serve(course, options, language)


# -- links -----------------------------------------------------------------------------------------


def _links(course: Course, options: argparse.Namespace) -> int:
    base = _base(course, options)
    with _store(course) as store:
        directory = Directory(course.people, course.key, store.uploads.revocations())
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["role", "id", "name", "email", "link"])
    for one in directory.people:
        student = one.handed.student if one.handed is not None else None
        rows.writerow([one.role.value, cell(one.key), cell(one.name),
                       cell(student.email if student else ""),
                       f"{base}/in/{directory.link(one)}"])  # fmt: skip
    if options.links == "-":
        print(text.getvalue(), end="")
        return 0
    file = Path(options.links)
    with new(file, bom=True) as written:
        os.chmod(written.fileno(), 0o600)
        written.write(text.getvalue())
    file.chmod(0o600)  # who has it comes in as anybody
    return 0


def _revoke(course: Course, options: argparse.Namespace, language: Language) -> int:
    person = named(course.people, options.revoke)
    with _store(course) as store:
        store.uploads.revoke(revoked_key(person), whoever())
        directory = Directory(course.people, course.key, store.uploads.revocations())
    said = M(
        "{name}: the link so far counts no more, and who came by it is out; the new one:",
        name=person.name,
    )
    print(said.in_language(language))
    print(f"{_base(course, options)}/in/{directory.link(person)}")
    return 0


@contextlib.contextmanager
def _store(course: Course) -> Iterator[Store]:
    """The class's store, made when it is needed first."""
    folder = course.folder / RESULTS
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(
            M(
                "{folder}: can't be written ({why})",
                folder=str(folder),
                why=error.strerror or str(error),
            )
        ) from error
    store = Store(folder, _PATIENCE, _KEPT)
    try:
        yield store
    finally:
        store.close()


def _base(course: Course, options: argparse.Namespace) -> str:
    """What links begin with."""
    _must_be_reachable(options, course.settings)
    host = f"[{options.host}]" if ":" in options.host else options.host
    return course.settings.address or f"http://{host}:{options.port}"


def _must_be_reachable(options: argparse.Namespace, settings: Settings | None) -> None:
    """Refuse addresses and proxies that are said by half.

    Raises:
        UsageError: and what is missing.
    """
    if bool(options.proxy_header) != bool(options.proxy_address):
        raise UsageError(
            M("--proxy-header and --proxy-address only together: a header counts from the proxy's own address alone")
        )  # fmt: skip
    if options.proxy_header and not _HEADER.fullmatch(options.proxy_header):
        raise UsageError(M("--proxy-header {name}: no name of a header", name=options.proxy_header))
    if options.proxy_address:
        try:
            ipaddress.ip_address(options.proxy_address)
        except ValueError as error:
            raise UsageError(
                M("--proxy-address {address}: no IP address, such as 127.0.0.1", address=options.proxy_address)
            ) from error  # fmt: skip
    if settings is not None and not is_loopback(options.host) and not settings.address:
        raise UsageError(
            M("--host {host}: say in hand-in.yaml under `address` how students reach it, such as "
              "https://hand-in.example.org", host=options.host)
        )  # fmt: skip


# -- serving ---------------------------------------------------------------------------------------


def _serve(course: Course, options: argparse.Namespace, language: Language) -> int:
    from graders.handin.app import HandIn
    from graders.handin.desk import Desk, Uploaded
    from graders.handin.door import Door, Sessions
    from graders.handin.line import Line
    from graders.handin.pages import Pages

    def say(message: Bilingual) -> None:
        print(f"note: {message.in_language(language)}", file=sys.stderr, flush=True)

    def engage(given: dict[str, Any], folder: Path) -> Executor:
        return executor_for(options, len(course.people), given, folder)

    settings, out = course.settings, course.folder / RESULTS
    manifest = course.folder / MANIFEST
    _base(course, options)
    kept = Kept(course.folder)
    request = Request(manifest, **settings.grading)
    with (
        ThreadPoolExecutor(1, "desk") as thread,
        held(thread, _store(course)) as store,
        bound(options.host, options.port, _AT_ONCE) as listening,
    ):
        uploads = thread.submit(store.uploads.all).result()
        uploaded = Uploaded(course.people, uploads)
        kept.list_counting(uploaded.counting(kept, settings))
        notes = {
            "submissions": str(manifest.resolve()), "layout": "manifest", "layout_asked": "auto",
            "assignment": settings.title, "roster": str(settings.roster.resolve()), "starter": "",
        }  # fmt: skip
        found = uploaded.found(kept, settings)
        line = Line(out, found, request, notes, engage, say)
        desk = thread.submit(
            Desk, store, kept, course.people, course.key, settings, uploaded, line, say
        ).result()
        pages, port = Pages(desk, settings), listening.getsockname()[1]
        secure = settings.address.startswith("https://")
        sessions = Sessions(port, secure)
        login = _login(settings)
        hand_in = HandIn(desk, pages, thread, sessions, secure, login)
        routes: ASGIApp = hand_in.app()
        if login is not None:
            key = Directory(course.people, course.key, {}).login_key()
            routes = login.behind(routes, key, secure)
        origins = {f"http://{name}" for name in own_names(options.host, port)}
        app = Door(
            routes, lambda: hand_in.on_desk(desk.directory), pages, sessions,
            frozenset({*origins, *([settings.address] if settings.address else ())}),
            _proxy(options),
        )  # fmt: skip
        if not is_loopback(options.host):
            say(M("others can reach this address, and nothing of it is encrypted: only a reverse proxy with TLS "
                  "should"))  # fmt: skip
        options.port = port
        command = f"scratchgrade serve {course.folder} --links --port {port}"
        told = M("{address}: {n} people; personal links: {command}", address=_base(course, options),
                 n=len(course.people), command=command).in_language(language)  # fmt: skip
        asyncio.run(served(app, listening, _AT_ONCE, lambda: print(told, flush=True)))
        line.finish()
    print(M("ended; what was handed in is kept").in_language(language), flush=True)
    return 0


def _login(settings: Settings) -> Login | None:
    if settings.login is None:
        return None
    from graders.handin.login import Login

    return Login(settings.login, settings.address)


def _proxy(options: argparse.Namespace) -> Proxy | None:
    from graders.handin.door import Proxy

    if not options.proxy_header:
        return None
    return Proxy(options.proxy_header, options.proxy_address)
