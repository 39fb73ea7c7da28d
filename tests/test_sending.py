"""Marks to Canvas and Moodle by their APIs: shown first, resumed, and never over what a person entered there."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders.batch.model import Handed, Student
from graders.batch.store import Enrolled, Store
from graders.course.history import history
from graders.course.sending import Sending, Step, Wanted
from graders.errors import GraderError, UsageError
from graders.ledger.model import Sent
from graders.systems.canvas import Canvas
from graders.systems.moodle import Moodle
from graders.systems.tokens import token_for
from tests import fake_systems, warm
from tests.batch_class import ROOT, batch
from tests.class_copies import copied
from tests.fake_systems import TOKEN, Fake, Reply, User, served
from tests.test_course import ENGLISH, table
from tests.test_ledger import decide, result

SPEAKS: dict[str, Callable[..., Reply]] = {
    "canvas": fake_systems.canvas,
    "moodle": fake_systems.moodle,
}
PATHS = {"canvas": "/courses/12/assignments/34", "moodle": "/mod/assign/view.php?id=34"}
PUT = {"canvas": "PUT", "moodle": "mod_assign_save_grade"}
both = pytest.mark.parametrize("name", sorted(SPEAKS))


def users() -> list[User]:
    """The class of a store, and one who is in no class."""
    return [
        User(1, "Ann", "ann@e.org"), User(2, "Bob", "BOB@E.org"), User(3, "Cid", "", "s3"),
        User(4, "Dan", "dan@e.org"), User(9, "Zoe", "zoe@e.org"),
    ]  # fmt: skip


def store_of(folder: Path) -> Store:
    """Ann, Bob, Cid and Dan, who earned 6, 7, 8 and 9 of 10."""
    folder.mkdir(exist_ok=True)
    store = Store(folder)
    who = {
        "ann": ("", "ann@e.org"),
        "bob": ("", "bob@e.org"),
        "cid": ("s3", ""),
        "dan": ("", "dan@e.org"),
    }
    store.enrol([
        Enrolled(Handed(n, f"{n}.py", Student(n.title(), *one)), "k", f"f{n}", "s")
        for n, one in who.items()
    ])  # fmt: skip
    for number, name in enumerate(who, 6):
        store.keep(name, result(number))
    return store


def system(name: str, fake: Fake, token: str = TOKEN, waited: list[float] | None = None) -> Any:
    """Our side of it, which waits for nothing."""
    wait = (waited if waited is not None else []).append
    kind = Canvas if name == "canvas" else Moodle
    return kind(fake.url + PATHS[name], token, "TOKEN_FILE", wait)


@contextmanager
def school(name: str, **more: Any) -> Iterator[Fake]:
    """The system with its users, where the assignment is worth what ours is."""
    with served(SPEAKS[name], Fake(**{"users": users(), "points": 10.0, **more})) as fake:
        yield fake


def sent(sending: Sending) -> list[str]:
    """Send it; whose marks stand there then."""
    return [row.id for row in sending.send("kenta", lambda plan, more: None)]


def puts(name: str, fake: Fake) -> int:
    """How many marks were entered by us."""
    return sum(PUT[name] in one for one in fake.asked)


# -- what is sent ----------------------------------------------------------------------------------


@both
def test_what_would_be_sent_is_shown_and_then_sent_over_all_pages(
    tmp_path: Path, name: str
) -> None:
    store = store_of(tmp_path)
    with school(name) as fake:
        sending = Sending(store, system(name, fake), Wanted())
        assert [one.told("en") for one in sending.plans] == [
            "ann: - -> 6", "bob: - -> 7", "cid: - -> 8", "dan: - -> 9",
        ]  # fmt: skip
        assert "4 to send, 0 there already, 0 stay as somebody entered them there" in str(
            sending.whole()
        )
        assert puts(name, fake) == 0 and set(fake.marks().values()) == {None}
        if name == "canvas":
            assert [p for _, p in fake.asked].count(
                "/api/v1/courses/12/assignments/34/submissions"
            ) == 3
        assert sent(sending) == ["ann", "bob", "cid", "dan"]
        assert fake.marks() == {"Ann": 6, "Bob": 7, "Cid": 8, "Dan": 9, "Zoe": None}
        again = Sending(store, system(name, fake), Wanted())
        assert again.count(Step.THERE) == 4 and sent(again) == ["ann", "bob", "cid", "dan"]
        assert puts(name, fake) == 4, "what is there is not sent once more"
        decide(store, "ann", item="conv1d", points=9, reason="r")
        again = Sending(store, system(name, fake), Wanted())
        assert [p.told("en") for p in again.plans if p.step is Step.SEND] == ["ann: 6 -> 9"]
        sent(again)
        assert fake.marks()["Ann"] == 9 and puts(name, fake) == 5
    lines = list(history(store, store.row("ann"), "", "en"))
    assert re.search(rf"20.*Z, kenta, http://127.*{re.escape(PATHS[name])}: 9$", lines[-1])


@both
def test_pages_of_moodle_and_canvas_end(tmp_path: Path, name: str) -> None:
    many = [*users(), *(User(n, f"Other {n}", f"o{n}@e.org") for n in range(100, 350))]
    with school(name, users=many[::-1], per_page=100) as fake:
        sending = Sending(store_of(tmp_path), system(name, fake), Wanted())
        assert sending.count(Step.SEND) == 4
        listed = [
            what for _, what in fake.asked if what.endswith(("submissions", "list_participants"))
        ]
        assert len(listed) == 3


@both
def test_never_over_what_a_person_entered_there(tmp_path: Path, name: str) -> None:
    store = store_of(tmp_path)
    with school(name) as fake:
        fake.users[0].mark = 3.0  # by a person, before us
        fake.users[1].mark = 7.0  # by a person, and the same as ours
        sending = Sending(store, system(name, fake), Wanted())
        assert sending.plans[0].told("en") == "ann: stays 3: somebody entered it there; ours is 6"
        assert "3は" in sending.plans[0].told("ja") or "3のまま" in sending.plans[0].told("ja")
        assert sent(sending) == ["bob", "cid", "dan"]
        fake.users[2].mark = 5.0  # changed after us
        fake.users[3].mark = None  # taken away after us
        decide(store, "bob", item="conv1d", points=9, reason="r")
        sending = Sending(store, system(name, fake), Wanted())
        assert [one.step for one in sending.plans] == [Step.KEPT] * 4
        assert "somebody took ours away there; ours is 9" in sending.plans[3].told("en")
        assert sent(sending) == [] and fake.marks()["Bob"] == 7, (
            "nobody knows that it was not a person"
        )
        assert fake.marks() == {"Ann": 3, "Bob": 7, "Cid": 5, "Dan": None, "Zoe": None}


@both
def test_a_mark_that_a_person_enters_between_the_look_and_the_sending_stays(
    tmp_path: Path, name: str
) -> None:
    store = store_of(tmp_path)
    with school(name) as fake:
        sending = Sending(store, system(name, fake), Wanted())
        fake.users[0].mark = 1.0  # after the dry run

        def meanwhile(fake: Fake, method: str, what: str) -> Reply | None:
            if puts(name, fake) == 1 and fake.users[2].mark is None:
                fake.users[2].mark = 2.0  # while others are sent
            return None

        fake.before = meanwhile
        said: list[str] = []
        stand = [row.id for row in sending.send("kenta", lambda p, m: said.append(p.told("en")))]
        assert (
            stand == ["bob", "dan"]
            and said[0] == "ann: stays 1: somebody entered it there; ours is 6"
        )
        assert fake.marks() == {"Ann": 1, "Bob": 7, "Cid": 2, "Dan": 9, "Zoe": None}


@both
def test_it_goes_on_where_it_was_broken_off(tmp_path: Path, name: str) -> None:
    store = store_of(tmp_path)
    with school(name) as fake:

        def fails(fake: Fake, method: str, what: str) -> Reply | None:
            return (
                (500, {}, "down") if PUT[name] in (method, what) and puts(name, fake) > 2 else None
            )

        fake.before = fails
        sending, waited = Sending(store, system(name, fake), Wanted()), []  # type: ignore[var-annotated]
        sending._system = system(name, fake, waited=waited)
        sending._system.assignment()
        stand: list[str] = []
        again_asked = r"it fails \(500\), also when asked again; what was sent"
        with pytest.raises(GraderError, match=again_asked):
            stand.extend(row.id for row in sending.send("kenta", lambda plan, more: None))
        assert stand == ["ann", "bob"] and waited == [1, 2, 4, 8]
        fake.before = lambda fake, method, what: None
        asked = puts(name, fake)
        again = Sending(store, system(name, fake), Wanted())
        assert again.count(Step.THERE) == 2
        assert sent(again) == ["ann", "bob", "cid", "dan"] and puts(name, fake) == asked + 2


@both
def test_what_was_entered_when_we_were_killed_before_we_knew_is_ours(
    tmp_path: Path, name: str
) -> None:
    store = store_of(tmp_path)
    with school(name) as fake:
        place = system(name, fake).place
        store.ledger.send(Sent(place, "1", store.row("ann").who, 5.0, "kenta"))  # about to be
        fake.users[0].mark = 5.0
        store.ledger.send(Sent(place + "0", "2", store.row("bob").who, 4.0, "kenta", done=True))
        fake.users[1].mark = 4.0  # ours in another assignment, here a person's
        sending = Sending(store, system(name, fake), Wanted())
        assert [one.step for one in sending.plans[:2]] == [Step.SEND, Step.KEPT]
    other = sqlite3.connect(tmp_path / "results.sqlite")
    with pytest.raises(Exception, match="never changed"):
        other.execute("DELETE FROM sent")
    other.close()


def test_what_is_excused_in_canvas_and_what_its_late_policy_takes_is_told(tmp_path: Path) -> None:
    with school("canvas", taken_off=1.0) as fake:
        fake.users[0].excused = True
        sending = Sending(store_of(tmp_path), system("canvas", fake), Wanted())
        said: list[tuple[str, str]] = []
        list(sending.send("kenta", lambda p, m: said.append((p.row.id, str(m or "")))))
        assert said[0] == ("bob", "Canvas makes 6 of it by rules of its own (late?)")
        assert sending.plans[0].told("en") == "ann: stays as it is: excused there"
        again = Sending(store_of(tmp_path), system("canvas", fake), Wanted())
        assert again.count(Step.THERE) == 3, "what was entered is compared, not what is left of it"


def test_a_comment_that_a_person_wrote_in_moodle_is_still_there(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    with school("moodle") as fake:
        sent(Sending(store, system("moodle", fake), Wanted()))
        fake.users[0].comment = "<p>Well & good</p>"
        decide(store, "ann", item="conv1d", points=9, reason="r")
        sent(Sending(store, system("moodle", fake), Wanted()))
        assert (fake.users[0].mark, fake.users[0].comment) == (9, "<p>Well & good</p>")


# -- who is who ------------------------------------------------------------------------------------


def found(
    tmp_path: Path, fake: Fake, who: Student, layout: str = "plain", name: str = "canvas"
) -> str:
    """To whom a student's mark would go, or why it goes to nobody."""
    store = Store(tmp_path)
    store.note("layout", layout)
    store.enrol([Enrolled(Handed("x", "x.py", who), "k", "f", "s")])
    store.keep("x", result(6))
    (plan,) = Sending(store, system(name, fake), Wanted()).plans
    assert (plan.step is Step.SEND) == (plan.why is None)
    there = plan.there.account.name if plan.there is not None else ""
    store.close()
    return str(plan.why) if plan.why is not None else there


def test_a_mark_goes_to_nobody_who_is_not_the_student_beyond_doubt(tmp_path: Path) -> None:
    with school("canvas") as fake:
        fake.users += [
            User(21, "Jane Doe"),
            User(22, "Yu Ki"),
            User(23, "Yu Ki"),
            User(24, "Eve", "s3"),
        ]
        nobody = "not sent: nobody there has this number or e-mail"
        several = "not sent: several there have this number or e-mail"
        for who, layout, expected in (
            (Student("?", "", "ANN@e.org"), "plain", "Ann"),
            (Student("?", "2", ""), "canvas", "Bob"),
            (Student("?", "2", ""), "plain", nobody),  # some other number
            (Student("?", "2", "ann@e.org"), "canvas", "not sent: its e-mail is Ann's there, its number Bob's"),
            (Student("?", "s3", ""), "plain", several),
            (Student("Doe, Jane", "", ""), "plain", "Jane Doe"),
            (Student("Doe, Jane", "", "jane@e.org"), "plain", nobody),
            (Student("Yu Ki", "", ""), "plain", nobody),
            (Student("ann", "", ""), "plain", nobody),  # the name of a file
        ):  # fmt: skip
            assert found(tmp_path, fake, who, layout) == expected, who
    with school("moodle") as fake:
        told = found(tmp_path, fake, Student("?", "2", ""), "moodle", "moodle")
        assert told == nobody, "the number in Moodle's names is the participant's"


def test_two_of_the_class_who_are_one_there_are_not_sent(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    twice = Enrolled(Handed("ann2", "b.py", Student("Ann", "", "ann@e.org")), "k", "f", "s")
    store.enrol([*store.roll().values(), twice])
    store.keep("ann2", result(2))
    with school("canvas") as fake:
        sending = Sending(store, system("canvas", fake), Wanted())
        assert [p.row.id for p in sending.plans if p.step is Step.LEFT] == ["ann", "ann2"]
        assert "several of the class are Ann there" in sending.plans[0].told("en")
        assert sent(sending) == ["bob", "cid", "dan"]


# -- what does not fit -----------------------------------------------------------------------------


@both
def test_another_maximum_is_told_and_scaled_where_it_is_asked_for(
    tmp_path: Path, name: str
) -> None:
    store = store_of(tmp_path)
    with school(name, points=100.0) as fake:
        with pytest.raises(
            UsageError, match=r"is worth 100 points, the class's marks are of 10.*--scale"
        ):
            Sending(store, system(name, fake), Wanted())
        assert sent(Sending(store, system(name, fake), Wanted(scale=True)))
        assert fake.marks()["Ann"] == 60
    with school(name, points=3.0) as fake:
        assert sent(Sending(store, system(name, fake), Wanted(scale=True)))
        assert fake.marks()["Bob"] == pytest.approx(2.1)


REFUSED = [
    ("canvas", {"grading_type": "pass_fail"}, "graded by pass_fail, not by points"),
    ("canvas", {"group_category_id": 3}, "groups share one mark there"),
    ("moodle", {"grade": -2}, "graded by a scale"),
    ("moodle", {"teamsubmission": 1}, "groups share one mark"),
    ("moodle", {"blindmarking": 1}, "identities are hidden"),
    ("moodle", {"markingworkflow": 1}, "a workflow there; import moodle.csv"),
    ("moodle", {"cmid": 99}, "no such course or assignment"),
    (
        "moodle",
        {"without": ["mod_assign_list_participants"]},
        "does not offer mod_assign_list_participants",
    ),
]


@pytest.mark.parametrize(("name", "more", "words"), REFUSED)
def test_what_an_assignment_does_not_allow_is_one_sentence(
    tmp_path: Path, name: str, more: dict[str, Any], words: str
) -> None:
    with school(name, more=more) as fake, pytest.raises(GraderError, match=words):
        Sending(store_of(tmp_path), system(name, fake), Wanted())


def test_a_mark_that_moodle_does_not_take_is_told(tmp_path: Path) -> None:
    with school("moodle", more={"rubric": True}) as fake:
        sending = Sending(store_of(tmp_path), system("moodle", fake), Wanted())
        with pytest.raises(GraderError, match="did not take the mark of Ann; look there"):
            sent(sending)


# -- the way there ---------------------------------------------------------------------------------


@both
def test_a_token_that_is_not_accepted_is_told_and_never_shown(tmp_path: Path, name: str) -> None:
    with school(name) as fake:
        with pytest.raises(GraderError) as caught:
            Sending(store_of(tmp_path), system(name, fake, "a-token-of-nobody"), Wanted())
        said = caught.value.in_language("en")
        assert "the token is not accepted; make a new one there and put it into TOKEN_FILE" in said
        assert "トークン" in caught.value.in_language("ja")
        fake.before = lambda fake, method, what: (422, {}, {"message": f"no {TOKEN}"})
        with pytest.raises(GraderError) as caught:
            Sending(store_of(tmp_path), system(name, fake), Wanted())
        assert "(422: no ***)" in str(caught.value) and TOKEN not in str(caught.value)


def once(fake: Fake, *replies: Reply) -> None:
    """Give these answers first."""
    left = list(replies)
    fake.before = lambda fake, method, what: left.pop(0) if left else None


@both
def test_too_many_requests_are_waited_for_as_long_as_is_asked(tmp_path: Path, name: str) -> None:
    waited: list[float] = []
    with school(name) as fake:
        once(fake, (429, {"Retry-After": "7"}, ""), (429, {}, ""), (503, {"Retry-After": "9999999"}, ""),
             (502, {"Retry-After": "Thu, 01 Jan 2015 00:00:00 GMT"}, ""))  # fmt: skip
        assert (
            Sending(store_of(tmp_path), system(name, fake, waited=waited), Wanted()).count(
                Step.SEND
            )
            == 4
        )
        assert waited == [7, 2, 4, 0]
        fake.before = lambda fake, method, what: (429, {"Retry-After": "500"}, "")
        with pytest.raises(GraderError, match="too many requests, also after waiting"):
            Sending(store_of(tmp_path), system(name, fake, waited=waited), Wanted())
        assert waited[4:] == [120] * 4


def test_canvas_says_403_for_too_many_requests_too(tmp_path: Path) -> None:
    waited: list[float] = []
    with school("canvas") as fake:
        once(fake, (403, {}, "403 Forbidden (Rate Limit Exceeded)"))
        assert Sending(store_of(tmp_path), system("canvas", fake, waited=waited), Wanted()).plans
        assert waited == [1]
        once(fake, (403, {}, {"errors": [{"message": "user not authorized"}]}))
        with pytest.raises(GraderError, match=r"may not do this there \(user not authorized\)"):
            Sending(store_of(tmp_path), system("canvas", fake, waited=waited), Wanted())
        assert waited == [1]


@both
def test_the_token_goes_nowhere_else(tmp_path: Path, name: str) -> None:
    with school(name) as other, school(name) as fake:
        once(fake, (302, {"Location": f"{other.url}/login"}, ""))
        with pytest.raises(
            GraderError, match=r"sends us elsewhere \(302\), where the token must not go"
        ):
            Sending(store_of(tmp_path), system(name, fake), Wanted())
        assert other.asked == []
    if name == "canvas":
        with school(name) as other, school(name) as fake:
            once(fake, (200, {}, {"name": "x", "grading_type": "points", "points_possible": 10}),
                 (200, {"Link": f'<{other.url}/api/v1/x>; rel="next"'}, []))  # fmt: skip
            with pytest.raises(GraderError, match="sends us to another site"):
                Sending(store_of(tmp_path), system(name, fake), Wanted())
            assert other.asked == []


@both
def test_what_is_no_such_system_is_told(tmp_path: Path, name: str) -> None:
    with school(name) as fake:
        replies: dict[str, Reply] = {
            "no JSON; is this its address": (200, {}, "<html>"),
            "no such course or assignment": (404, {}, ""),
            r"it refuses \(418: ": (418, {}, "{}"),
        }
        for words, reply in replies.items():
            once(fake, reply)
            with pytest.raises(GraderError, match=words):
                Sending(store_of(tmp_path), system(name, fake), Wanted())
        gone = system(name, fake)
    with pytest.raises(GraderError, match=r"can't be reached .*the same command goes on"):
        gone.assignment()


ADDRESSES = [
    ("canvas", "https://school.instructure.com/courses/12/assignments/34?module_item_id=5", True),
    ("canvas", "https://school.instructure.com/courses/12", False),
    ("canvas", "http://school.instructure.com/courses/12/assignments/34", False),
    ("canvas", "https://user@school.instructure.com/courses/12/assignments/34", False),
    ("canvas", "https://127.0.0.1.evil.org/courses/12/assignments/34", True),
    ("canvas", "http://127.0.0.1.evil.org/courses/12/assignments/34", False),
    ("canvas", "file:///courses/12/assignments/34", False),
    ("moodle", "https://school.jp/moodle/mod/assign/view.php?id=34&action=grading", True),
    ("moodle", "https://school.jp/mod/assign/view.php?action=grading&id=34", True),
    ("moodle", "https://school.jp/mod/quiz/view.php?id=34", False),
    ("moodle", "http://school.jp/mod/assign/view.php?id=34", False),
]


@pytest.mark.parametrize(("name", "address", "taken"), ADDRESSES)
def test_only_an_encrypted_address_of_an_assignment_is_taken(
    name: str, address: str, taken: bool
) -> None:
    kind: Any = Canvas if name == "canvas" else Moodle
    if taken:
        assert kind(address, TOKEN, "x").place.startswith("https://")
    else:
        with pytest.raises(UsageError, match="--at "):
            kind(address, TOKEN, "x")


def test_a_token_is_taken_from_where_nobody_else_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    assert token_for("X_TOKEN", file) == (TOKEN, str(file))
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(UsageError, match="others can read it or it is not yours; chmod 600 it"):
            token_for("X_TOKEN", file)
    for text in ("", "two words of it", "short", "ключ-ключ-ключ", "a\r\nHost: evil.org"):
        file.write_text(text)
        file.chmod(0o600)
        with pytest.raises(UsageError, match="that is no token"):
            token_for("X_TOKEN", file)
    with pytest.raises(UsageError, match="no regular file"):
        token_for("X_TOKEN", tmp_path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UsageError, match="no regular file"):
        token_for("X_TOKEN", tmp_path / "pipe")
    with pytest.raises(UsageError, match="can't be read"):
        token_for("X_TOKEN", tmp_path / "none")
    monkeypatch.delenv("X_TOKEN", raising=False)
    with pytest.raises(UsageError, match="no token: put it into the environment as X_TOKEN"):
        token_for("X_TOKEN", None)
    monkeypatch.setenv("X_TOKEN", TOKEN)
    assert token_for("X_TOKEN", None) == (TOKEN, "X_TOKEN")


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ann, Bob and Cid by a manifest, each with 2 of 28."""
    base = tmp_path_factory.mktemp("sending")
    (base / "class").mkdir()
    rows = ["path,id,name,email"]
    for name in ("ann", "bob", "cid"):
        (base / "class" / f"{name}.py").write_text(f"{ENGLISH}\n# {name}\n")
        rows.append(f"{name}.py,{name},{name.title()},{name}@e.org")
    (base / "class" / "list.csv").write_text("\n".join(rows))
    done = batch(base / "class" / "list.csv", "--out", base / "out", "--lang", "en")
    assert done.returncode == 0, done.stderr
    return base


@pytest.fixture
def a_class(graded_class: Path, tmp_path: Path) -> Path:
    """A copy of its results, for a test to change."""
    return copied(graded_class, tmp_path) / "out"


def line(out: Path, name: str, fake: Fake, *more: object) -> list[str]:
    """The command that sends."""
    given = ("publish", out, "--to", name, "--at", fake.url + PATHS[name], "--lang", "en", *more)
    return [sys.executable, "-m", "graders.cli", *map(str, given)]


def environment() -> dict[str, str]:
    """With the token in it."""
    return {**os.environ, "SCRATCHGRADE_CANVAS_TOKEN": TOKEN, "SCRATCHGRADE_MOODLE_TOKEN": TOKEN}


@pytest.mark.xdist_group("test_sending")
@both
def test_publish_shows_first_then_sends_and_notes_it(a_class: Path, name: str) -> None:
    everybody = [u for u in users() if u.name != "Cid"]
    everybody[1].mark = 20.0
    with school(name, users=everybody, points=28.0) as fake:
        done = warm.run(line(a_class, name, fake), env=environment())
        assert done.returncode == 1, done.stderr
        for words in (
            "Sprint 1 (28 points): 1 to send, 0 there already, 1 stay as somebody entered them there, 1 can't",
            "ann: - -> 2", "bob: stays 20: somebody entered it there; ours is 2",
            "cid: not sent: nobody there has this number or e-mail", "nothing is sent yet: --apply sends it",
        ):  # fmt: skip
            assert words in done.stdout, words
        assert fake.marks()["Ann"] is None
        assert [row["published"] for row in table(a_class / "gradebook.csv").values()] == [""] * 3
        done = warm.run(line(a_class, name, fake, "--apply", "--by", "kenta"), env=environment())
        assert done.returncode == 0, done.stderr
        assert "published: 1 marks of the class stand in" in done.stdout
        assert (fake.marks()["Ann"], fake.marks()["Bob"]) == (2, 20)
        assert [row["published"] for row in table(a_class / "gradebook.csv").values()] == [
            "2",
            "",
            "",
        ]
        done = warm.run(line(a_class, name, fake), env=environment())
        assert done.returncode == 0 and "0 to send, 1 there already" in done.stdout
        assert TOKEN not in done.stdout + done.stderr
    said = warm.run(
        [sys.executable, "-m", "graders.cli", "why", str(a_class), "ann", "--lang", "en"]
    )
    assert "kenta, http://127" in said.stdout
    said = warm.run(
        [sys.executable, "-m", "graders.cli", "why", str(a_class), "bob", "--lang", "en"]
    )
    assert "published" not in said.stdout


@pytest.mark.xdist_group("test_sending")
def test_bad_input_of_publish_is_one_sentence(a_class: Path) -> None:
    with school("canvas") as fake:
        at = fake.url + PATHS["canvas"]
        for more, words in (
            (("--apply",), "go with --to canvas or moodle"),
            (("--to", "canvas"), "say with --at the assignment's address"),
            (("--to", "canvas", "--at", "school"), "no address of an assignment"),
            (("--to", "canvas", "--at", at, "--token-file", "/nowhere"), "/nowhere: can't be read"),
            (("--to", "canvas", "--at", at), "no token: put it into the environment"),
            (("--to", "moodle", "--at", at), "no address of an assignment"),
        ):  # fmt: skip
            clean = {k: v for k, v in os.environ.items() if not k.endswith("_TOKEN")}
            given = {**clean, "SCRATCHGRADE_CANVAS_TOKEN": TOKEN} if "school" in more else clean
            given |= {"SCRATCHGRADE_MOODLE_TOKEN": TOKEN} if "moodle" in more else {}
            done = warm.run(
                [sys.executable, "-m", "graders.cli", "publish", str(a_class), *more], env=given
            )
            assert done.returncode == 2 and words in done.stderr, (more, done.stderr)
            assert len(done.stderr.strip().splitlines()) == 1
        done = warm.run(line(a_class, "canvas", fake, "--sprint", "dnn"), env=environment())
        assert done.returncode == 2 and "--sprint dnn: nobody of this class" in done.stderr
        assert fake.asked


@pytest.mark.xdist_group("test_sending")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_while_it_sends_the_same_command_goes_on(a_class: Path, how: int) -> None:
    with school("canvas", points=28.0) as fake:
        fake.users[2].email = "cid@e.org"
        held: list[str] = []

        def hold(fake: Fake, method: str, what: str) -> Reply | None:
            if method == "PUT" and puts("canvas", fake) == 2 and not held:
                held.append(what)
                time.sleep(1.5)  # it is killed meanwhile, and its mark is entered all the same
            return None

        fake.before = hold
        process = subprocess.Popen(
            line(a_class, "canvas", fake, "--apply"), cwd=ROOT, env=environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in a job behind &
        )  # fmt: skip
        until = time.monotonic() + 120
        while not held and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(how)
        out, err = process.communicate(timeout=120)
        if how != signal.SIGKILL:
            assert process.returncode == 3 and "the same command goes on" in err, out + err
            published = [row["published"] for row in table(a_class / "gradebook.csv").values()]
            assert published == ["2", "", ""], "what was told is noted, however it ended"
        until = time.monotonic() + 60
        while fake.marks()["Bob"] is None and time.monotonic() < until:
            time.sleep(0.02)
        done = warm.run(line(a_class, "canvas", fake, "--apply"), env=environment())
        assert done.returncode == 0, done.stderr
        assert fake.marks() | {"Dan": 0} == {"Ann": 2, "Bob": 2, "Cid": 2, "Dan": 0, "Zoe": None}
        assert puts("canvas", fake) == 3
        assert [row["published"] for row in table(a_class / "gradebook.csv").values()] == ["2"] * 3


def test_what_was_told_last_is_told_by_whichever_publication(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    rows = list(store.rows())
    told = [(row.who, row.files, row.marks) for row in rows]
    store.ledger.publish("kenta", "all", told)
    store.ledger.publish("kenta", "one", [(told[0][0], "f", replace(told[0][2], earned=9.0))])
    assert {one.who.id: one.score for one in store.ledger.published()} == {
        "ann": 9, "bob": 7, "cid": 8, "dan": 9,
    }  # fmt: skip
    assert [p.note for p in store.ledger.publications(rows[0].who)] == ["all", "one"]
    assert [p.note for p in store.ledger.publications(rows[1].who)] == ["all"]
