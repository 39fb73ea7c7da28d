"""Moodle by its web services (REST, JSON): the functions of ``mod_assign``.

A mark is put by ``mod_assign_save_grade``, one after another, the comment that is there sent along: without it
Moodle would take it away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from graders.errors import UsageError
from graders.messages import M
from graders.systems.model import Account, Assignment, There
from graders.systems.transport import SystemFault, Transport, site_of

VARIABLE = "SCRATCHGRADE_MOODLE_TOKEN"
FUNCTIONS = (
    "mod_assign_get_assignments", "mod_assign_list_participants", "mod_assign_get_grades",
    "mod_assign_get_submission_status", "mod_assign_save_grade",
)  # fmt: skip
"""What the external service that the token is for has to offer."""

_ADDRESS = r"/mod/assign/view\.php\?(?:[^#\s]*&)?id=(?P<id>\d+)(?:[&#].*)?"
_EXAMPLE = "https://moodle.school.jp/mod/assign/view.php?id=34"
_PAGE = 100
_MOST_PAGES = 1_000
_HTML = 1  # FORMAT_HTML
_NO_TOKEN = ("invalidtoken", "invalidtimedtoken", "tokennotfound")
_NO_FUNCTION = ("accessexception", "servicenotavailable", "cannotfindfunction")


class Moodle:
    """One assignment of Moodle. Raises `SystemFault`, in one sentence."""

    name = "Moodle"
    # The number in the names of Moodle's files is the participant's in this assignment, no user's id.
    numbers_are_ids: frozenset[str] = frozenset()

    def __init__(
        self, address: str, token: str, where: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        found = site_of(address, _ADDRESS, _EXAMPLE)
        self.place = f"{found['site']}/mod/assign/view.php?id={found['id']}"
        self._module = int(found["id"])
        self._token, self._where = token, where
        self._way = Transport(found["site"], token, where, {}, wait)
        self._id = 0
        self._comments = False  # has it a field for comments, which has to be sent along?

    def assignment(self) -> Assignment:
        """What it is. Raises UsageError where marks can't be entered from outside."""
        told = _dict(self._call("mod_assign_get_assignments"))
        every = (
            one for course in _list(told.get("courses")) for one in _list(course.get("assignments"))
        )
        found = next((one for one in every if one.get("cmid") == self._module), None)
        if found is None:
            raise SystemFault(
                M("{site}: there is no such course or assignment for whose token it is; look at the address",
                  site=self._way.site)
            )  # fmt: skip
        self._id = int(found["id"])
        title, most = str(found.get("name", "")), float(found.get("grade") or 0)
        for wrong, said in (
            (most <= 0, M("it is graded by a scale or not at all, not by points")),
            (found.get("teamsubmission"), M("groups share one mark there")),
            (found.get("blindmarking") and not found.get("revealidentities"),
             M("identities are hidden there")),
            (found.get("markingworkflow"), M("marks go through a workflow there")),
        ):  # fmt: skip
            if wrong:
                raise UsageError(
                    M(
                        "Moodle, {title}: {why}; import moodle.csv there instead",
                        title=title,
                        why=said,
                    )
                )
        self._comments = any(
            (c.get("plugin"), c.get("subtype"), c.get("name"), str(c.get("value")))
            == ("comments", "assignfeedback", "enabled", "1")
            for c in _list(found.get("configs"))
        )
        return Assignment(title, most)

    def all(self) -> list[There]:
        """Everybody who may hand in, with the marks that there are."""
        told = _dict(self._call("mod_assign_get_grades", ("assignmentids[0]", str(self._id))))
        marks = {
            str(one.get("userid")): _mark(one.get("grade"))
            for assignment in _list(told.get("assignments"))
            for one in _list(assignment.get("grades"))
        }
        found = []
        for one in self._participants():
            id_ = str(one.get("id", ""))
            known = tuple(str(one[k]) for k in ("username", "idnumber") if one.get(k))
            account = Account(id_, str(one.get("fullname", "")), str(one.get("email", "")), known)
            found.append(There(account, marks.get(id_)))
        return found

    def now(self, there: There) -> There:
        """The mark of one, as it is now."""
        feedback = self._feedback(there.account.id)
        return There(there.account, _mark(_dict(feedback.get("grade")).get("grade")))

    def put(self, there: There, mark: float) -> float | None:
        """Enter a mark for the latest attempt, and look whether it is there."""
        fields = [
            ("assignmentid", str(self._id)), ("userid", there.account.id), ("grade", f"{mark:.10g}"),
            ("attemptnumber", "-1"), ("addattempt", "0"), ("workflowstate", ""), ("applytoall", "0"),
        ]  # fmt: skip
        if self._comments:
            text, form = self._comment(there.account.id)
            field = "plugindata[assignfeedbackcomments_editor]"
            fields += [(f"{field}[text]", text), (f"{field}[format]", str(form))]
        self._call("mod_assign_save_grade", *fields)
        stands = self.now(there).mark
        if stands is None or abs(stands - mark) > 1e-4:  # a rubric goes before it
            raise SystemFault(
                M("{site}: it did not take the mark of {name}; look there", site=self._way.site,
                  name=self._way.said(there.account.name))
            )  # fmt: skip
        return stands

    def _comment(self, user: str) -> tuple[str, int]:
        """The comment that somebody wrote there, and its format."""
        for plugin in _list(self._feedback(user).get("plugins")):
            for field in (
                _list(plugin.get("editorfields")) if plugin.get("type") == "comments" else ()
            ):
                return str(field.get("text", "")), int(field.get("format") or _HTML)
        return "", _HTML

    def _feedback(self, user: str) -> dict[str, Any]:
        told = self._call(
            "mod_assign_get_submission_status", ("assignid", str(self._id)), ("userid", user)
        )
        return _dict(_dict(told).get("feedback"))

    def _participants(self) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        for page in range(_MOST_PAGES):
            told = self._call(
                "mod_assign_list_participants", ("assignid", str(self._id)), ("groupid", "0"),
                ("filter", ""), ("skip", str(page * _PAGE)), ("limit", str(_PAGE)),
                ("includeenrolments", "0"),
            )  # fmt: skip
            new = [one for one in _list(told) if str(one.get("id", "")) not in seen]
            seen.update(str(one.get("id", "")) for one in new)
            yield from new
            if len(_list(told)) < _PAGE or not new:
                return

    def _call(self, function: str, *fields: tuple[str, str]) -> Any:
        answer = self._way.ask(
            "POST", f"{self._way.site}/webservice/rest/server.php",
            [("wstoken", self._token), ("wsfunction", function), ("moodlewsrestformat", "json"), *fields],
        )  # fmt: skip
        told = answer.data
        if not isinstance(told, dict) or not told.get("exception"):
            return told
        code = str(told.get("errorcode", ""))
        if code in _NO_TOKEN:
            raise SystemFault(
                M("{site}: the token is not accepted; make a new one there and put it into {where}",
                  site=self._way.site, where=self._where), 401
            )  # fmt: skip
        if code in _NO_FUNCTION:
            raise SystemFault(
                M("{site}: the token's service does not offer {function}; an administrator adds it under "
                  "Server > Web services > External services", site=self._way.site, function=function), 403
            )  # fmt: skip
        raise SystemFault(
            M("{site}: {function} is refused ({why})", site=self._way.site, function=function,
              why=self._way.said(told.get("message") or code))
        )  # fmt: skip


def _dict(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _list(told: Any) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _mark(text: Any) -> float | None:
    """Moodle writes 12.00000, and -1.00000 for none."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if value >= 0 else None
