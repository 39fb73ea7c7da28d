"""Learning systems on loopback that speak the documented protocols, as far as marks are concerned."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-of-a-teacher"
Reply = tuple[int, dict[str, str], Any]


@dataclass
class User:
    """Somebody in the course."""

    id: int
    name: str
    email: str = ""
    number: str = ""  # of the school
    mark: float | None = None
    excused: bool = False
    comment: str = ""
    grader: int | None = None


@dataclass
class Fake:
    """What a system has, what it was asked, and what it is to do wrong."""

    users: list[User]
    points: float = 28.0
    per_page: int = 2
    asked: list[tuple[str, str]] = field(default_factory=list)  # method and path, or the function
    # Before an answer: may change what is there, and may give another answer.
    before: Callable[[Fake, str, str], Reply | None] = lambda fake, method, path: None
    more: dict[str, Any] = field(default_factory=dict)  # of the assignment
    taken_off: float = 0.0  # by a late policy of the system's own
    url: str = ""

    def user(self, id_: object) -> User | None:
        """One of them."""
        return next((u for u in self.users if str(u.id) == str(id_)), None)

    def marks(self) -> dict[str, float | None]:
        """The marks by name."""
        return {u.name: u.mark for u in self.users}


def canvas(fake: Fake, method: str, path: str, fields: dict[str, str], headers: Any) -> Reply:
    """Canvas: paged by Link, marks by PUT."""
    if headers.get("Authorization") != f"Bearer {TOKEN}":
        return 401, {}, {"errors": [{"message": "Invalid access token."}]}
    base = "/api/v1/courses/12/assignments/34"
    plain = path.partition("?")[0]
    if plain == base:
        return 200, {}, {
            "id": 34, "name": "Sprint 1", "points_possible": fake.points, "grading_type": "points",
            "group_category_id": None, "grade_group_students_individually": False, **fake.more,
        }  # fmt: skip
    if plain == f"{base}/submissions":
        asked = {k: v[-1] for k, v in parse_qs(path.partition("?")[2]).items()}
        begin = int(asked.get("page", "bookmark:0").removeprefix("bookmark:"))
        end = begin + min(int(asked.get("per_page", 10)), fake.per_page)
        links = [f'<{fake.url}{plain}?page=bookmark:{begin}&per_page=100>; rel="current"']
        if end < len(fake.users):
            links.append(
                f'<{fake.url}{plain}?include[]=user&page=bookmark:{end}&per_page=100>; rel="next"'
            )
        return 200, {"Link": ",".join(links)}, [_submission(fake, u) for u in fake.users[begin:end]]
    user = fake.user(plain.removeprefix(f"{base}/submissions/"))
    if user is None or not plain.startswith(base):
        return 404, {}, {"errors": [{"message": "The specified resource does not exist."}]}
    if method == "PUT":
        user.mark, user.grader = float(fields["submission[posted_grade]"]), 1
    return 200, {}, {k: v for k, v in _submission(fake, user).items() if k != "user"}


def _submission(fake: Fake, user: User) -> dict[str, Any]:
    score = None if user.mark is None else user.mark - fake.taken_off
    return {
        "id": 1000 + user.id, "user_id": user.id, "assignment_id": 34, "entered_score": user.mark,
        "score": score, "grade": None if score is None else str(score), "excused": user.excused,
        "grader_id": user.grader, "workflow_state": "submitted" if user.mark is None else "graded",
        "user": {"id": user.id, "name": user.name, "login_id": user.email, "sis_user_id": user.number or None},
    }  # fmt: skip


def moodle(fake: Fake, method: str, path: str, fields: dict[str, str], headers: Any) -> Reply:
    """Moodle: one address, functions by name, faults with status 200."""
    if method != "POST" or path != "/webservice/rest/server.php":
        return 404, {}, {}
    if fields.get("wstoken") != TOKEN:
        return 200, {}, {"exception": "core\\exception\\moodle_exception", "errorcode": "invalidtoken",
                         "message": "Invalid token - token not found"}  # fmt: skip
    function = fields["wsfunction"]
    if function in fake.more.get("without", ()):
        return 200, {}, {"exception": "webservice_access_exception", "errorcode": "accessexception",
                         "message": "Access control exception"}  # fmt: skip
    if function == "mod_assign_get_assignments":
        one = {
            "id": 7, "cmid": 34, "course": 12, "name": "Sprint 1", "grade": fake.points,
            "teamsubmission": 0, "blindmarking": 0, "revealidentities": 0, "markingworkflow": 0,
            "configs": [{"plugin": "comments", "subtype": "assignfeedback", "name": "enabled", "value": "1"}],
            **{k: v for k, v in fake.more.items() if k != "without"},
        }  # fmt: skip
        other = {"id": 8, "cmid": 35, "name": "Another", "grade": 10}
        return 200, {}, {"courses": [{"id": 12, "assignments": [other, one]}], "warnings": []}
    if function == "mod_assign_list_participants":
        begin, most = int(fields["skip"]), int(fields["limit"])
        page = fake.users[begin : begin + most]
        told = [
            {"id": u.id, "fullname": u.name, "email": u.email, "idnumber": u.number} for u in page
        ]
        return 200, {}, told
    if function == "mod_assign_get_grades":
        marks = [
            {"id": n, "userid": u.id, "grade": _moodles(u), "grader": u.grader or 0, "attemptnumber": 0}
            for n, u in enumerate(fake.users) if u.mark is not None
        ]  # fmt: skip
        if not marks:
            return 200, {}, {"assignments": [], "warnings": [{"warningcode": "3"}]}
        return 200, {}, {"assignments": [{"assignmentid": 7, "grades": marks}], "warnings": []}
    user = fake.user(fields["userid"])
    assert user is not None
    if function == "mod_assign_get_submission_status":
        feedback = {"grade": {"userid": user.id, "grade": _moodles(user)}, "plugins": [
            {"type": "comments", "editorfields": [{"name": "comments", "text": user.comment, "format": 1}]},
        ]}  # fmt: skip
        return 200, {}, {"feedback": feedback, "warnings": []} if user.mark is not None else {}
    assert function == "mod_assign_save_grade"
    assert (fields["attemptnumber"], fields["addattempt"], fields["applytoall"]) == ("-1", "0", "0")
    if not fake.more.get("rubric"):
        user.mark = float(fields["grade"])
    user.comment = fields.get(
        "plugindata[assignfeedbackcomments_editor][text]", ""
    )  # else it is lost
    return 200, {}, None


def _moodles(user: User) -> str:
    return f"{-1 if user.mark is None else user.mark:.5f}"


@contextmanager
def served(speak: Callable[..., Reply], fake: Fake) -> Iterator[Fake]:
    """The system at work on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            fields = {k: v[-1] for k, v in parse_qs(body, keep_blank_values=True).items()}
            what = fields.get("wsfunction", urlsplit(self.path).path)
            fake.asked.append((self.command, what))
            status, headers, data = fake.before(fake, self.command, what) or speak(
                fake, self.command, self.path, fields, self.headers
            )
            raw = data.encode() if isinstance(data, str) else json.dumps(data).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
