"""The coordinator: hands submissions to workers, and alone writes what comes of them."""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import hashlib
import json
import os
import re
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from graders import __version__, secret
from graders.batch.executor import Died, Done, Executor, Outcome
from graders.batch.local import PREFIX
from graders.batch.model import MAX_DEATHS, Found, Handed
from graders.batch.staging import fingerprint
from graders.batch.store import FILE, REPORTS, Enrolled, Result, Row, Store
from graders.batch.work import in_both, not_graded, report_text, request_of, settings_of
from graders.binding.overrides import read_overrides
from graders.errors import GraderError, UsageError
from graders.grading import Request, policy_of, sprints_for
from graders.installed import spec_packages
from graders.messages import M
from graders.plugins import plugins
from graders.report.html import page
from graders.report.report import replace_file
from graders.sandbox.forkserver import servers
from graders.sandbox.isolation import Wanted
from graders.sandbox.isolation.folders import end_left, remove
from graders.sandbox.process import StudentProcess
from graders.secret import Secret
from graders.specs.document import BUILTIN

_LOCK = ".lock"
PAGES = "pages"
_ROOM = 4 * 2**20  # bytes: the digits of a grading are 3 MB


class Busy(UsageError):
    """Another run is at work in the folder."""


class Listener(Protocol):
    """Hears how far things are."""

    def begin(self, total: int, done: int) -> None:
        """So many submissions, so many of them graded before."""
        ...

    def finished(self, id_: str, result: Result) -> None:
        """One more has its result."""
        ...

    def again(self, id_: str, reason: str) -> None:
        """The worker that graded it died; it is tried again."""
        ...

    def wait(self) -> None:
        """Time goes by."""
        ...


@dataclass(frozen=True)
class Class:
    """A class that is about to be graded: its submissions, in a store of its own folder."""

    out: Path
    store: Store
    handed: dict[str, Handed]
    request: Request
    items: dict[str, list[str]] | None = None  # those to judge, by submission; None for all
    shown: bool = True  # what is graded gets its files; a proposal has none
    stayed: int = 0  # graded by other rules than now, and published
    common: Mapping[str, Any] = field(
        default_factory=dict
    )  # what its keys are made of besides files

    def report_file(self, id_: str) -> Path:
        """Where the report of a submission goes."""
        return self.out / REPORTS / f"{id_}.json"

    def page_file(self, id_: str) -> Path:
        """Where the page of a submission goes."""
        return self.out / PAGES / f"{id_}.html"


@contextmanager
def opened(found: Found, out: Path, request: Request, resume: bool) -> Iterator[Class]:
    """The output folder, locked, with the class in its store; reports that are missing are written.

    Raises:
        UsageError: the folder has something else in it, or results and `resume` is not asked for;
            another run is at work in it; or a value of `request` can't be used.
        GraderError: the store can't be used.
    """
    common = common_key(request)
    given_secret = secret.given(request.secret_file)
    try:
        out.mkdir(parents=True, exist_ok=True)
        has_results = (out / FILE).exists()
        # A run that was killed at once may have left no more than an empty folder of reports.
        ours = {_LOCK} if any(out.glob(f"{REPORTS}/*")) else {_LOCK, REPORTS, PAGES}
        if not has_results and any(p.name not in ours for p in out.iterdir()):
            raise UsageError(
                f"--out {out}: not empty, and holds no results of a batch; give another folder"
            )
        for folder in (REPORTS, PAGES):
            (out / folder).mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: can't be used ({error.strerror or error})") from error
    with alone_in(out):
        store = Store(out)
        try:
            if not resume and not store.is_empty():
                total, done = store.counts()
                raise UsageError(
                    f"--out {out}: holds results of an earlier run ({done} of {total} graded); go on "
                    "with it, or grade what has changed since, with --resume; or give another folder"
                )
            request = with_secret(request, store, given_secret)
            common["secret"] = request.secret
            keyed = enrolled(found.handed, common)
            keep_settings(store, common)
            before, stayed = store.roll(), 0
            marked = {row.id for row in store.rows() if row.status == "graded"}
            if store.ledger.publications():
                # What was handed out isn't changed by other rules: `regrade` shows what would change.
                for number, one in enumerate(keyed):
                    old = before.get(one.handed.id)
                    if old is None or old.handed.id not in marked:
                        continue
                    if old.files == one.files and old.key != one.key:
                        keyed[number] = one._replace(key=old.key, settings=old.settings)
                        stayed += 1
            store.enrol(keyed, "batch", whoever())
            note_request(store, request)
            everyone = {h.id: h for h in found.handed}
            graded = Class(out, store, everyone, request, stayed=stayed, common=common)
            _tidy(graded)
            yield graded
        finally:
            store.close()


def enrolled(handed: Iterable[Handed], common: Mapping[str, Any]) -> list[Enrolled]:
    """Submissions with their keys: what they are, and what they are graded with."""
    digest, _ = _told_of(common)
    found = []
    for one in handed:
        files = fingerprint(one)
        found.append(Enrolled(one, _key(common, files), files, digest))
    return found


def keep_settings(store: Store, common: dict[str, Any]) -> None:
    """Keep what gradings are made with, for their history."""
    store.keep_settings(*_told_of(common))


REQUEST, PROPOSED_REQUEST = "request", "proposed_request"


def note_request(store: Store, request: Request, under: str = REQUEST) -> None:
    """Keep what was asked for, so that a re-grade need not be told again; not the secret, which
    is in its own place. `under`: the name by which it is kept.
    """
    data = settings_of(replace(request, secret="", secret_file=None))
    for name, value in data.items():
        if isinstance(getattr(request, name), Path) and name != "submission":
            data[name] = os.path.abspath(value)
    parts = [os.path.abspath(p) if p.endswith(".py") else p for p in request.plugin.split(",")]
    store.note(under, json.dumps({**data, "plugin": ",".join(parts)}))


def noted_request(store: Store, under: str = REQUEST) -> Request:
    """What was asked for when the class was graded last, or by what was proposed.

    Raises:
        UsageError: no run of this version was there.
    """
    noted = store.noted(under)
    if not noted:
        raise UsageError(
            f"{store.folder}: graded by an earlier version, which didn't note its options; run its "
            "`scratchgrade batch` command once more with --resume"
        )
    known = Request.__dataclass_fields__
    request = request_of({k: v for k, v in json.loads(noted).items() if k in known}, Path())
    return replace(request, secret=store.noted("secret") if request.seed is None else "")


def whoever() -> str:
    """Who does it, as the system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return f"uid {os.getuid()}"


def with_secret(request: Request, store: Store, given_secret: Secret | None = None) -> Request:
    """The request with the class's secret, which goes with its store: the one that is given now, the
    one that its first run had, or the installation's, by which `grade` draws the same inputs.
    """
    request = replace(request, secret_file=None)
    if request.seed is not None:
        return request
    kept = store.noted("secret")
    if given_secret is not None or not re.fullmatch("[0-9a-f]{64}", kept):
        kept = (given_secret or secret.installation()).text
        store.note("secret", kept)
    return replace(request, secret=kept)


@contextmanager
def scratch(store: Store) -> Iterator[Path]:
    """A folder for workers' temporary files; that of a run that was killed is removed."""
    left = Path(store.noted("scratch") or "/nowhere")
    if left.parent == Path(tempfile.gettempdir()) and left.name.startswith(PREFIX):
        end_left(left)
        remove(left)
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        raise _no_room(error) from error
    store.note("scratch", str(folder))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        remove(folder)


def grade_class(graded: Class, executor: Executor, listener: Listener) -> None:
    """Grade all that has no result yet. Whatever breaks it off, what was committed is kept.

    Raises:
        GraderError: there are no workers to be had.
    """
    total, done = graded.store.counts()
    listener.begin(total, done)
    refuse(graded, listener)
    queue = Queue(graded, executor, listener)
    while not queue.is_empty:
        queue.step(1.0)


class Queue:
    """Submissions on their way through an executor, the first one first. More may be added meanwhile."""

    def __init__(self, graded: Class, executor: Executor, listener: Listener) -> None:
        self._graded, self._executor, self._listener = graded, executor, listener
        self._roll = graded.store.roll()
        self._waiting = deque(graded.store.waiting())
        self._running: dict[str, Enrolled] = {}

    @property
    def is_empty(self) -> bool:
        """True if nothing waits or is at work."""
        return not self._waiting and not self._running

    @property
    def running(self) -> list[Enrolled]:
        """What is at work."""
        return list(self._running.values())

    @property
    def waiting(self) -> list[Enrolled]:
        """What waits, in the order in which it will be graded."""
        return [self._roll[id_] for id_ in self._waiting]

    def add(self, one: Enrolled) -> None:
        """Take up what a student has handed in since; what the student had waiting is replaced."""
        id_ = one.handed.id
        self._graded.handed[id_] = one.handed
        self._roll[id_] = one
        if id_ not in self._waiting and id_ in self._graded.store.waiting():
            self._waiting.append(id_)

    def step(self, seconds: float) -> None:
        """Hand out what there are workers for, and wait that long at most for one of them to be done.

        Raises:
            GraderError: there are no workers to be had.
        """
        self._hand_out()
        outcome = self._executor.outcome(seconds)
        self._listener.wait()
        if outcome is None:
            return
        one = self._running.pop(outcome.id)
        if isinstance(outcome, Died) and self._roll[outcome.id].key != one.key:
            return  # nobody waits for it any more: what was handed in since is in the queue
        result = _result(self._graded, outcome)
        if result is None:
            self._waiting.append(outcome.id)
            self._listener.again(outcome.id, getattr(outcome, "reason", ""))
            return
        self._hand_out()  # no worker waits for the disk
        _keep(self._graded, one, result, self._listener)

    def _hand_out(self) -> None:
        for _ in range(len(self._waiting)):
            if self._executor.free <= 0:
                return
            id_ = self._waiting.popleft()
            if id_ in self._running:  # an earlier one of the same student
                self._waiting.append(id_)
                continue
            items = None if self._graded.items is None else self._graded.items[id_]
            self._executor.submit(self._graded.handed[id_].task(items))
            self._running[id_] = self._roll[id_]


def _result(graded: Class, outcome: Outcome) -> Result | None:
    """What to keep; None where it is to be tried again."""
    if isinstance(outcome, Done):
        return Result(**outcome.result)
    if outcome.scarce:  # which is no submission's fault, and would be each one's in turn
        raise GraderError(f"{outcome.reason}; what was graded is kept, --resume goes on")
    _must_have_room(graded.out)
    reasons = graded.store.died(outcome.id, outcome.reason)
    if len(reasons) < MAX_DEATHS and not outcome.final:
        return None
    often = "; ".join(dict.fromkeys(reasons))
    said = M("quarantined after {n} attempts: {reasons}", n=len(reasons), reasons=often)
    shown = graded.handed[outcome.id].shown
    return not_graded("quarantined", in_both(said), shown, graded.request.language)


def _must_have_room(out: Path) -> None:
    """A machine that is full costs nobody a grade: what a worker died of is then the machine's.

    Raises:
        GraderError: there is no room for files like those that a grading makes.
    """
    for folder in (Path(tempfile.gettempdir()), out):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(_ROOM))
                file.flush()
        except OSError as error:
            raise _no_room(error, folder) from error


def _no_room(error: OSError, folder: Path | None = None) -> GraderError:
    place = folder or tempfile.gettempdir()
    return GraderError(
        f"{place}: files can't be written there ({error.strerror or error}); see to it (TMPDIR names "
        "another folder for temporary files); what was graded is kept, --resume goes on"
    )


def refuse(graded: Class, listener: Listener) -> None:
    """What has nothing in it to grade gets its row, and the reason, without a worker."""
    roll = graded.store.roll()
    for id_ in graded.store.waiting():
        one = graded.handed[id_]
        if one.refused is not None:
            language = graded.request.language
            result = not_graded("unreadable", in_both(one.refused), one.shown, language)
            _keep(graded, roll[id_], result, listener)


def _keep(graded: Class, one: Enrolled, result: Result, listener: Listener) -> None:
    id_ = one.handed.id
    graded.store.keep(id_, result, one)
    if graded.shown:
        with contextlib.suppress(KeyError):  # something else was handed in meanwhile
            _write(graded, graded.store.row(id_))
    listener.finished(id_, result)


def _write(graded: Class, row: Row) -> None:
    """Its report and its page, with what people decided in them."""
    data = graded.store.shown_report(row)
    for path, text in (
        (graded.report_file(row.id), report_text(data)),
        (graded.page_file(row.id), page(data)),
    ):
        try:
            replace_file(path, text)
        except OSError as error:
            raise GraderError(
                f"{path}: can't be written ({error.strerror or error}); "
                "its result is kept, --resume goes on"
            ) from error
    graded.store.written(row.id, row.decisions)


def write_unwritten(graded: Class) -> list[str]:
    """Write reports and pages of which the store has something newer; whose they are."""
    ids = graded.store.unwritten()
    _write_all(graded, set(ids))
    return ids


def _write_all(graded: Class, ids: Set[str]) -> None:
    """Those of these; the decisions about the class are read once."""
    for row in [row for row in graded.store.rows() if row.id in ids] if ids else ():
        _write(graded, row)


def _tidy(graded: Class) -> None:
    """Make the folders of reports and pages what the store says: after a kill, or when the class
    changed.
    """
    rewrite: set[str] = set()
    for file_of in (graded.report_file, graded.page_file):
        wanted = {file_of(id_).name for id_ in graded.handed}
        there = set()
        for file in file_of("x").parent.iterdir():
            if file.name not in wanted:
                with contextlib.suppress(OSError):
                    file.unlink()
            there.add(file.name)
        rewrite.update(r.id for r in graded.store.rows() if file_of(r.id).name not in there)
    rewrite.update(graded.store.unwritten())
    _write_all(graded, rewrite)
    for id_ in sorted(set(graded.store.waiting())):  # of an earlier version of the submission
        graded.report_file(id_).unlink(missing_ok=True)
        graded.page_file(id_).unlink(missing_ok=True)


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Alone in the folder; the kernel gives it back however the process ends.

    Raises:
        Busy: another run is at work in it.
        UsageError: it can't be written.
    """
    try:
        descriptor = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UsageError(f"--out {out}: can't be written ({error.strerror})") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(f"--out {out}: another run is at work in it") from error
        yield
    finally:
        os.close(descriptor)


# -- keys ------------------------------------------------------------------------------------


def common_key(request: Request) -> dict[str, Any]:
    """All that a verdict depends on besides the submission, looked at before anything is graded.

    Raises:
        GraderError: a value of the request can't be used; the student's interpreter can't be
            started, or not behind the walls that are asked for.
    """
    sprints = sprints_for(request)
    if request.overrides is not None:
        read_overrides(request.overrides, True, sprints)
    with StudentProcess(
        request.student_python, wanted=Wanted(request.require_isolation)
    ) as process:
        versions = [str(process.hello.get(k, "")) for k in ("python", "numpy")]
    servers.close()  # the workers have their own
    settings = settings_of(replace(request, secret_file=None))  # what is in it counts
    policy_of(request, sprints)
    folders = [request.specs] if request.specs else [BUILTIN, *(p.package for p in spec_packages())]
    settings["specs"] = " ".join(_digest_of(folder) for folder in folders)
    settings["plugin"] = " ".join(_digest_of(place) for place in plugins().places)
    for name, digest in (("policy", _digest_of), ("overrides", _digest_of), ("mnist", _stamp_of)):
        path: Path | None = getattr(request, name)
        settings[name] = digest(path) if path else ""
    return {"version": __version__, "student": versions, **settings}


def _digest_of(path: Path) -> str:
    """Of a file, or of the specs in a folder and a reference that lies with them."""
    files = [path]
    if path.is_dir():
        files = sorted(f for f in path.rglob("*") if f.suffix in (".yaml", ".py") and f.is_file())
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _stamp_of(path: Path) -> str:
    """Files of MNIST are large: their names, sizes and times stand for them."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    told = [(f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in files if f.is_file()]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _told_of(common: Mapping[str, Any]) -> tuple[str, str]:
    """What gradings are made with: its digest, and what the history tells of it."""
    text = json.dumps(dict(common), sort_keys=True)
    told = {k: v for k, v in common.items() if k not in ("secret", "secret_file", "submission")}
    return hashlib.sha256(text.encode()).hexdigest(), json.dumps(told, sort_keys=True)


def _key(common: Mapping[str, Any], files: str) -> str:
    text = json.dumps([dict(common), files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
