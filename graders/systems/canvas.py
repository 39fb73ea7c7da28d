"""Canvas by its REST API: ``/api/v1/courses/:id/assignments/:id`` and its submissions.

A mark is put by ``PUT .../submissions/:user_id``, one after another: the bulk call ``update_grades`` works in the
background and could not be kept from a mark that somebody enters meanwhile.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from graders.errors import UsageError
from graders.messages import M
from graders.systems.model import Account, Assignment, There
from graders.systems.transport import SystemFault, Transport, site_of

VARIABLE = "SCRATCHGRADE_CANVAS_TOKEN"
_ADDRESS = r"/courses/(?P<course>\d+)/assignments/(?P<assignment>\d+)/?(?:[?#].*)?"
_EXAMPLE = "https://school.instructure.com/courses/12/assignments/34"
_NUMBERS = ("points", "percent", "letter_grade", "gpa_scale")  # a number is a number of points
_MOST_PAGES = 1_000


def _limited(status: int, body: str) -> bool:
    """Canvas says 403 for too many requests, too."""
    return status == 403 and "Rate Limit Exceeded" in body


class Canvas:
    """One assignment of Canvas. Raises `SystemFault`, in one sentence."""

    name = "Canvas"
    numbers_are_ids = frozenset(("canvas",))

    def __init__(
        self, address: str, token: str, where: str, wait: Callable[[float], None] = time.sleep
    ) -> None:
        found = site_of(address, _ADDRESS, _EXAMPLE)
        self.place = f"{found['site']}/courses/{found['course']}/assignments/{found['assignment']}"
        self._api = (
            f"{found['site']}/api/v1/courses/{found['course']}/assignments/{found['assignment']}"
        )
        self._way = Transport(
            found["site"], token, where, {"Authorization": f"Bearer {token}"}, wait
        )

    def assignment(self) -> Assignment:
        """What it is. Raises UsageError where marks can't be entered one by one."""
        told = _dict(self._ask("GET", self._api))
        title, kind = str(told.get("name", "")), told.get("grading_type")
        if kind not in _NUMBERS:
            raise UsageError(
                M(
                    "Canvas, {title}: it is graded by {kind}, not by points",
                    title=title,
                    kind=str(kind),
                )
            )
        if told.get("group_category_id") and not told.get("grade_group_students_individually"):
            raise UsageError(
                M("Canvas, {title}: groups share one mark there; enter them there, or have it grade students "
                  "individually", title=title)
            )  # fmt: skip
        return Assignment(title, float(told.get("points_possible") or 0.0))

    def all(self) -> list[There]:
        """Everybody's submission."""
        return [self._there(one) for one in self._pages(f"{self._api}/submissions")]

    def now(self, there: There) -> There:
        """One submission, as it is now."""
        told = _dict(self._ask("GET", f"{self._api}/submissions/{there.account.id}"))
        return There(there.account, _mark(told), _alone(told))

    def put(self, there: There, mark: float) -> float | None:
        """Enter a mark; what counts then, Canvas's own late policy and all."""
        url = f"{self._api}/submissions/{there.account.id}"
        told = _dict(self._ask("PUT", url, [("submission[posted_grade]", f"{mark:.10g}")]))
        entered = _mark(told)
        if entered is None or abs(entered - mark) > 1e-4:
            raise SystemFault(
                M("{site}: it did not take the mark of {name}; look there", site=self._way.site,
                  name=self._way.said(there.account.name))
            )  # fmt: skip
        score = told.get("score")
        return float(score) if isinstance(score, int | float) else entered

    def _ask(self, method: str, url: str, fields: Any = ()) -> Any:
        return self._way.ask(method, url, fields, _limited).data

    def _pages(self, url: str) -> Iterator[dict[str, Any]]:
        """All of a list, page by page, by the addresses that Canvas gives."""
        following = f"{url}?per_page=100&include[]=user"
        for _ in range(_MOST_PAGES):
            answer = self._way.ask("GET", following, (), _limited)
            if not isinstance(answer.data, list):
                raise self._strange()
            yield from map(_dict, answer.data)
            links = ",".join(answer.headers.get_all("Link", []))
            more = re.search(r'<([^<>]+)>\s*;\s*rel="?next"?', links)
            if more is None:
                return
            following = more[1]
        raise self._strange()

    def _strange(self) -> SystemFault:
        return SystemFault(M("{site}: it answers otherwise than Canvas does", site=self._way.site))

    def _there(self, told: dict[str, Any]) -> There:
        user = told.get("user")
        who = user if isinstance(user, dict) else {}
        login = str(who.get("login_id") or "")
        email = str(who.get("email") or (login if "@" in login else ""))
        known = tuple(str(who[k]) for k in ("login_id", "sis_user_id") if who.get(k))
        account = Account(str(told.get("user_id", "")), str(who.get("name") or ""), email, known)
        return There(account, _mark(told), _alone(told))


def _dict(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _mark(told: dict[str, Any]) -> float | None:
    """As it was entered: Canvas takes off for being late by itself."""
    mark = told.get("entered_score", told.get("score"))
    return float(mark) if isinstance(mark, int | float) else None


def _alone(told: dict[str, Any]) -> Any:
    return M("excused there") if told.get("excused") else None
