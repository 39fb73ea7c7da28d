"""`scratchgrade serve`: who comes in and sees what, that nothing that was handed in is lost, and what is told."""

from __future__ import annotations

import csv
import hashlib
import http.client
import io
import json
import os
import re
import signal
import sqlite3
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.processes import children, descendants
from graders.batch.discover import discover
from graders.batch.executor import Died, Done, Outcome
from graders.batch.model import Found, Handed, Student
from graders.batch.run import Class, Queue
from graders.batch.staging import fingerprint
from graders.batch.store import FILE, Enrolled, Store
from graders.errors import GraderError, UsageError
from graders.grading import Request
from graders.handin.desk import Uploaded
from graders.handin.keeping import Kept, kind_of, shown_name
from graders.handin.people import Directory, Role, key_of, named, people_of
from graders.handin.rates import Rates
from graders.handin.settings import read_settings
from graders.ledger.model import Who
from graders.ledger.uploads import Upload
from graders.review.handed import Shelf
from tests.handing_in import Place, Visitor, links, serving, written_course
from tests.reviewing import LONGEST, field, must_be_accessible
from tests.test_course import ours, table
from tests.test_review import FLATTEN, OTHERS, WRONG, notebook, watched

SETTINGS = """\
title: Sprint 11 <b>
roster: roster.csv
due: 2100-01-15T23:59:00+09:00
attempts: 6
size_mib: 0.25
instructors: [Kenta]
grading: {sprint: cnn2}
"""
EVIL = "<script>alert(1)</script>"
STUDENTS = [
    ("11", "Aoki Aiko", "aiko@e.org"),
    ("12", f"Benoit {EVIL}", "ben@e.org"),
    ("", "Cid", "cid@e.org"),
]
OTHER_STUDENTS = [(f"z{n}", f"Zoe{n}", "") for n in range(20)]
RIGHT_CODE, WRONG_CODE = (f"{OTHERS}{code}".encode() for code in (FLATTEN, WRONG))


def course(folder: Path, settings: str = SETTINGS) -> Path:
    """A class's folder."""
    return written_course(folder, settings, STUDENTS)


def uploads(place: Path) -> list[Upload]:
    """All that the store has."""
    store = Store(place / "results")
    try:
        return store.uploads.all()
    finally:
        store.close()


@dataclass(frozen=True)
class At:
    """A class that is served: Aiko and Ben have handed in, an instructor looks on."""

    place: Place
    aiko: Visitor
    ben: Visitor
    kenta: Visitor
    links: dict[str, str]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[At]:
    """For tests that only look, or hand in what has to be refused."""
    folder = tmp_path_factory.mktemp("serve") / "course"
    written_course(folder, SETTINGS, [*STUDENTS, *OTHER_STUDENTS])
    with serving(folder, "--workers", 1) as place:
        known = links(folder)
        visitors = [Visitor(place, known[who]) for who in ("11", "12", "kenta")]
        at = At(place, visitors[0], visitors[1], visitors[2], known)
        for one, code in ((at.aiko, RIGHT_CODE), (at.ben, WRONG_CODE + f"# {EVIL}".encode())):
            assert one.hand_in(f"..\\..\\{EVIL}/../work {EVIL}.py", code).status == 303
        for one in (at.aiko, at.ben):
            assert one.graded(1).startswith("graded")
        yield at


# -- the journey -------------------------------------------------------------------------------------


def test_who_hands_in_is_told_and_hands_in_again(tmp_path: Path) -> None:
    folder = course(tmp_path / "course", SETTINGS.replace("attempts: 6", "attempts: 2"))
    with serving(folder, "--workers", 1) as place:
        aiko = Visitor(place, links(folder)["11"])
        assert "Nothing was handed in yet" in aiko.ask("/").text
        first = aiko.hand_in("work.py", WRONG_CODE)
        assert (first.status, first.headers["location"]) == (303, "/attempt/1")
        assert aiko.graded(1) == "graded: 3 of 36 points"
        page = aiko.ask("/attempt/1").text
        assert "gradient of the input" in page and "in time" in page and "data-state" not in page
        assert aiko.hand_in("again.py", WRONG_CODE).headers["location"] == "/attempt/1", (
            "sent twice"
        )
        assert aiko.hand_in("right.ipynb", notebook("aiko", FLATTEN).encode()).status == 303
        assert aiko.graded(2) == "graded: 4 of 36 points"
        page = aiko.ask("/").text
        assert "0 / 2" in page and "all 2 attempts are used" in page and 'type="file"' not in page
        form = field("form", page)
        refused = aiko.hand_in("more.py", RIGHT_CODE, form)
        assert refused.status == 409 and "all 2 attempts are used" in refused.text
        assert aiko.ask("/attempt/1/file").text.encode() == WRONG_CODE
    out = folder / "results"
    rows = table(out / "gradebook.csv")
    mine = rows["Aoki_Aiko_11"]
    assert (mine["flatten"], mine["attempt"], mine["late"], mine["submission"]) == (
        "4",
        "2",
        "",
        "right.ipynb",
    )
    assert rows["Cid"]["reason"] == "nothing was handed in", rows.keys()
    told = ours("why", out, "11", "--lang", "en").stdout
    assert "work.py" in told and "right.ipynb" in told and "(serve, " in told
    assert [one.name for one in uploads(folder)] == ["work.py", "right.ipynb"]


def test_other_commands_find_what_was_handed_in_and_by_the_same_keys(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine/work.py", RIGHT_CODE)
    with serving(folder, "--workers", 1) as place:
        known = links(folder)
        for who, name, content in (
            ("11", "a.py", RIGHT_CODE), ("12", "b.zip", packed.getvalue()),
            ("cid@e.org", "c.ipynb", notebook("cid", WRONG).encode()),
        ):  # fmt: skip
            visitor = Visitor(place, known[who])
            assert visitor.hand_in(name, content).status == 303
            assert visitor.graded(1).startswith("graded"), name
        busy = ours("publish", folder / "results")
        assert busy.returncode == 2 and "another run is at work" in busy.stderr
        assert (
            ours(
                "mark", folder / "results", "12", "flatten", "--points", 1, "--reason", "r"
            ).returncode
            == 0
        )
    store = Store(folder / "results")
    found = {one.id: one for one in discover(str(folder / "submissions.csv")).handed}
    rows = {row.id: row for row in store.rows()}
    assert found.keys() == rows.keys() and len(rows) == 3
    for id_, row in rows.items():
        assert fingerprint(found[id_]) == row.files
        assert Shelf(store).work(row).whole
        assert found[id_].student.email == row.student.email
    assert {r.student.number for r in rows.values()} == {"11", "12", ""}
    store.close()
    again = ours("regrade", folder / "results", "--lang", "en")
    assert again.returncode == 0, again.stderr + again.stdout
    book = table(folder / "results" / "gradebook.csv").values()
    assert [r["flatten"] for r in book if r["number"] == "12"] == ["1"], "a person's mark counts"
    assert ours("publish", folder / "results").returncode == 0


# -- who sees what -----------------------------------------------------------------------------------


@pytest.mark.xdist_group("test_handin")
def test_every_address_as_everybody(at: At) -> None:
    """Who may not see something is told the same as of what there is not."""
    handles = re.findall(r'href="/class/([\w-]+)"', at.kenta.ask("/class").text)
    assert len(handles) == len(STUDENTS) + len(OTHER_STUDENTS)
    hers, his, nobodys = handles[:3]
    stranger = Visitor(at.place)
    forged = Visitor(at.place)
    name, _, value = at.aiko.cookie.partition("=")
    forged.cookie = f"{name}={his}.{value.partition('.')[2]}"
    own = ["", "/state", "/file"]
    student_only = [f"/attempt/1{end}" for end in own]
    of_class = [
        "/class",
        f"/class/{hers}",
        f"/class/{his}",
        *(f"/class/{hers}/attempt/1{e}" for e in own),
    ]
    there = {  # address: what (stranger, student, instructor) are answered
        "/": (403, 200, 303), **dict.fromkeys(student_only, (403, 200, 404)),
        **dict.fromkeys(of_class, (403, 404, 200)),
        "/static/hand-in.css": (200, 200, 200), "/static/hand-in.js": (200, 200, 200),
        "/language/ja": (303, 303, 303), "/language/fr": (404, 404, 404), "/in/": (404, 404, 404),
        "/in/x": (403, 403, 403), "/out": (403, 405, 405),
    }  # fmt: skip
    nowhere = [
        "/attempt/0", "/attempt/2", "/attempt/1x", "/attempt/-1", "/attempt/99999999", "/attempt/%32",
        "/attempt/1/", "/class/", f"/class/{nobodys}/attempt/1", "/class/x", "/class/Aoki_Aiko_11",
        f"/class/{hers}/attempt/2", "/class/../attempt/1", "/static/../../links.key", "/uploads",
        "/static/..%2f..%2flinks.key", "/admin", f"/class/{hers}/attempt/1/other", "//class",
    ]  # fmt: skip
    there |= dict.fromkeys(nowhere, (403, 404, 404))
    there["/static/../../links.key"] = there["/static/..%2f..%2flinks.key"] = (404, 404, 404)
    for address, expected in there.items():
        for who, status in zip((stranger, at.ben, at.kenta), expected, strict=True):
            answer = who.ask(address)
            assert answer.status == status, (address, who.cookie[:40], answer.status)
        assert forged.ask(address).status == expected[0], address
        assert at.aiko.ask(address, Host="evil.example").status == 400, address
        for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"):
            assert at.ben.send(method, address, b"", {}).status in (403, 404, 405), (
                method,
                address,
            )
    his_own = at.ben.ask("/attempt/1/file").text
    assert EVIL in his_own and his_own != at.aiko.ask("/attempt/1/file").text
    assert "Aoki" not in at.ben.ask("/").text + at.ben.ask("/attempt/1").text
    for address in (f"/class/{hers}/attempt/1/file", f"/class/{his}/attempt/1/file"):
        assert at.kenta.ask(address).status == 200
    assert at.kenta.ask(f"/class/{his}/attempt/1/file").text == his_own


@pytest.mark.xdist_group("test_handin")
def test_what_changes_something_comes_from_an_own_form_of_our_own_pages(at: At) -> None:
    before = len(uploads(at.place.course))
    mine, other = at.ben.form(), at.aiko.form()
    assert mine != other
    for form in ("", "guessed", other):
        assert at.ben.hand_in("w.py", RIGHT_CODE, form).status == 403
    assert at.ben.post({}, "w.py", RIGHT_CODE).status == 403
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"},
                    {"Origin": f"https://{at.place.host}:{at.place.port}"}, {"Sec_Fetch_Site": "same-site"}):  # fmt: skip
        assert at.ben.hand_in("w.py", RIGHT_CODE, mine, **headers).status == 403, headers
        assert at.ben.ask("/out", {"form": mine}, **headers).status == 403
    assert at.ben.ask("/out", {"form": other}).status == 403
    assert at.ben.hand_in("w.py", RIGHT_CODE, mine, Host="evil.example").status == 400
    assert at.ben.ask("/", {"form": mine}).status == 415
    assert Visitor(at.place).hand_in("w.py", RIGHT_CODE, mine).status == 403
    kentas = at.kenta.ask("/class").text
    assert at.kenta.hand_in("w.py", RIGHT_CODE, field("form", kentas)).status == 404
    assert len(uploads(at.place.course)) == before
    good = at.ben.ask("/", Origin=at.place.base)
    assert good.status == 200


@pytest.mark.xdist_group("test_handin")
def test_every_answer_keeps_the_browser_to_what_is_ours(at: At) -> None:
    pages = [
        "/",
        "/attempt/1",
        "/attempt/1/state",
        "/attempt/1/file",
        "/nothing",
        "/static/hand-in.css",
    ]
    asked = [(at.ben, page) for page in pages] + [(at.kenta, "/class"), (Visitor(at.place), "/")]
    for who, page in asked:
        answer = who.ask(page)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        if page != "/attempt/1/file":
            assert EVIL not in answer.text and "<script>" not in answer.text, page
        assert not re.search(
            r"<script(?! src=\"/static/hand-in.js\")", answer.text
        ) or page.endswith("file")
    kept = at.ben.ask("/attempt/1/file")
    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"] == 'attachment; filename="attempt-1.py"'
    assert "&lt;script&gt;" in at.ben.ask("/").text, "what he calls his file, and himself"
    cookie = Visitor(at.place).ask(at.links["12"]).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert at.links["12"].rpartition("/")[2] not in at.ben.ask("/").text


@pytest.mark.xdist_group("test_handin")
def test_no_name_that_was_uploaded_leads_to_a_file(at: At) -> None:
    folder = at.place.course / "uploads"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        digest, _, kind = file.name.partition(".")
        assert kind == "py" and digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert {one.name for one in uploads(at.place.course)} == {f"work {EVIL}.py".rpartition("/")[2]}
    assert shown_name("../../etc/\x00passwd\n") == "passwd" and shown_name("a\\b\\") == "-"


REFUSED = [
    ("w.exe", RIGHT_CODE, "hand in a notebook"), ("", RIGHT_CODE, "choose a file first"),
    ("w", RIGHT_CODE, "hand in a notebook"), ("w.py", b"", "w.py is empty"),
    ("w.py", b" \n\n", "w.py is empty"), ("w.ipynb", b"%PDF-1.7", "a PDF file"),
    ("w.ipynb", b"<!doctype html><p>", "a web page"), ("w.ipynb", b"x = 1", "no notebook"),
    ("w.zip", b"PK\x03\x04 and no more", "no zip file, or a damaged one"),
    ("w.ipynb", b"PK\x03\x04", "name it .zip"), ("w.py", b"x" * 300_000, "larger than 0.25 MiB"),
    ("w.py", b"x" * 1_000_000, "larger than 0.25 MiB"),
]  # fmt: skip


@pytest.mark.xdist_group("test_handin")
@pytest.mark.parametrize(("number", "case"), list(enumerate(REFUSED)))
def test_what_can_not_be_graded_is_told_at_once_and_costs_no_attempt(
    at: At, number: int, case: tuple[str, bytes, str]
) -> None:
    name, content, words = case
    one = Visitor(at.place, at.links[f"z{number}"])
    answer = one.hand_in(name, content)
    assert answer.status in (413, 422), answer
    assert words in answer.text, re.findall("<p>.*", answer.text)
    assert "6 / 6" in one.ask("/").text


@pytest.mark.xdist_group("test_handin")
def test_what_turns_out_not_to_be_readable_is_told_in_the_language_of_who_asks(at: At) -> None:
    one = Visitor(at.place, at.links["z18"])
    assert one.hand_in("w.ipynb", b"{ no notebook").status == 303
    assert one.graded(1).startswith("not graded: w.ipynb")
    page = one.ask("/attempt/1", Accept_Language="ja,en;q=0.5").text
    assert 'class="state wrong"' in page and "採点できませんでした：w.ipynb" in page
    assert str(at.place.course) not in page and "uploads/" not in page


@pytest.mark.xdist_group("test_handin")
def test_a_body_without_a_length_is_counted_as_it_comes(at: At) -> None:
    cid = Visitor(at.place, at.links["z19"])
    connection = http.client.HTTPConnection(at.place.host, at.place.port, timeout=LONGEST)
    headers = {"Cookie": cid.cookie, "Content-Type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="w.py"\r\n\r\n'
    pieces = [head, *[b"x" * 65536] * 8]
    try:
        connection.request("POST", "/", iter(pieces), headers, encode_chunked=True)
        assert connection.getresponse().status in (413, 429)
    except ConnectionError:
        pass  # it was ended while it was sent
    assert cid.ask("/").status == 200 and cid.ask("/attempt/1").status == 404


# -- links and logins ----------------------------------------------------------------------------------


def test_a_revoked_link_counts_no_more_at_once_and_its_sessions_neither(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    with serving(folder, "--workers", 1) as place:
        before = links(folder)
        aiko, ben = Visitor(place, before["11"]), Visitor(place, before["12"])
        assert aiko.hand_in("w.py", RIGHT_CODE).status == 303
        done = ours("serve", folder, "--revoke", "AIKO@e.org", "--lang", "en")
        assert done.returncode == 0 and "counts no more" in done.stdout, done.stderr
        assert aiko.ask("/").status == 403 and ben.ask("/").status == 200
        assert Visitor(place).ask(before["11"]).status == 403
        after = links(folder)
        assert after["11"] != before["11"] and after["12"] == before["12"]
        assert done.stdout.split()[-1].endswith(after["11"])
        again = Visitor(place, after["11"])
        assert again.ask("/attempt/1").status == 200, "what she handed in is hers"
        left = again.ask("/out", {"form": again.form()})
        assert left.status == 200 and "Max-Age=0" in left.headers["set-cookie"]
    nobody = ours("serve", folder, "--revoke", "aikoo", "--lang", "en")
    assert nobody.returncode == 2 and "nobody in this class" in nobody.stderr
    with serving(folder, "--workers", 1) as place:  # another start, the same links
        assert links(folder) == after
        assert Visitor(place, after["11"]).ask("/attempt/1").status == 200


def test_a_proxys_header_counts_from_its_address_alone(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    options = ("--workers", 1, "--proxy-header", "X-Remote-User")
    with serving(folder, *options, "--proxy-address", "127.0.0.1") as place:
        one = Visitor(place)
        for told, name in (
            ("aiko@e.org", "Aoki"),
            ("11", "Aoki"),
            ("CID@E.ORG", "Cid"),
            ("kenta", None),
        ):
            answer = one.ask("/", X_Remote_User=told)
            assert answer.status == (200 if name else 303), told
            assert name is None or f"as <strong>{name}" in answer.text
        for told in ("nobody", "", "Aoki Aiko", "Cid_"):
            assert one.ask("/", X_Remote_User=told).status == 403, told
        assert one.ask("/").status == 403
        answer = one.send("GET", "/", None, {"X-Remote-User": "11", "x-remote-user ": "12"})
        assert answer.status in (400, 403)
        known = links(folder)
        other = Visitor(place, known["12"])
        assert other.ask("/", X_Remote_User="nobody").status == 403, "the proxy knows better"
        form = field("form", one.ask("/", X_Remote_User="11").text)
        assert one.hand_in("w.py", RIGHT_CODE, form, X_Remote_User="11").status == 303
        assert one.hand_in("w.py", RIGHT_CODE, form, X_Remote_User="12").status == 403
    with serving(folder, *options, "--proxy-address", "192.0.2.7") as place:
        assert Visitor(place).ask("/", X_Remote_User="11").status == 403
        assert Visitor(place, known["11"]).ask("/", X_Remote_User="12").status == 200


def test_two_headers_of_a_login_are_nobodys(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    with serving(
        folder, "--workers", 1, "--proxy-header", "X-User", "--proxy-address", "127.0.0.1"
    ) as place:
        connection = http.client.HTTPConnection(place.host, place.port, timeout=LONGEST)
        for names in (["11"], ["11", "12"]):
            connection.putrequest("GET", "/")
            for name in names:
                connection.putheader("X-User", name)
            connection.endheaders()
            answer = connection.getresponse()
            answer.read()
            assert answer.status == (200 if len(names) == 1 else 403)


def test_links_are_for_the_owner_alone_and_of_a_key_that_nobody_else_reads(tmp_path: Path) -> None:
    folder = written_course(tmp_path / "course", SETTINGS, [("7", "=cmd()", ""), *STUDENTS])
    done = ours("serve", folder, "--links", tmp_path / "links.csv", "--port", 8123)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert stat.S_IMODE((tmp_path / "links.csv").stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO((tmp_path / "links.csv").read_text("utf-8-sig"))))
    assert [r["role"] for r in rows] == ["student"] * 4 + ["instructor"]
    assert {"'=cmd()"} < {r["name"] for r in rows}
    assert all(re.fullmatch(r"http://127\.0\.0\.1:8123/in/[\w-]{43}", r["link"]) for r in rows)
    assert len({r["link"] for r in rows}) == 5
    key = folder / "links.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o640)
    with pytest.raises(UsageError, match="others can read it"):
        key_of(folder)
    key.chmod(0o600)
    key.write_text("short")
    with pytest.raises(UsageError, match="no key of a class"):
        key_of(folder)
    key.unlink()
    key_of(folder)
    again = ours("serve", folder, "--links", "--port", 8123).stdout
    assert not {r["link"] for r in rows} & {r["link"] for r in csv.DictReader(io.StringIO(again))}


def test_links_follow_the_number_and_not_the_name(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    key = key_of(folder)

    def directory(*students: tuple[str, str, str]) -> Directory:
        written_course(folder, SETTINGS, list(students))
        return Directory(people_of(folder / "roster.csv", ()), key, {})

    before = directory(*STUDENTS)
    after = directory(("11", "Aoki-Sato Aiko", "a@other.org"), ("13", "New", ""), *STUDENTS[1:])
    link = {one.key: before.link(one) for one in before.people}
    assert {one.key: after.link(one) for one in after.people}.items() >= link.items()
    found = after.by_link(link["11"])
    assert found is not None and found.name == "Aoki-Sato Aiko"
    handles = {after.handle(one) for one in after.people}
    assert not handles & set(link.values()) and after.by_link(next(iter(handles))) is None
    teacher = Directory(people_of(folder / "roster.csv", ["11"]), key, {}).people[-1]
    assert teacher.role is Role.INSTRUCTOR and after.link(teacher) not in link.values()
    with pytest.raises(UsageError, match="say which"):
        named(people_of(folder / "roster.csv", ["11"]), "11")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("", "is nothing"), ("title: x", "'roster' is missing"), ("roster: other.csv", "no such file"),
        ("roster: roster.csv\nduee: 1", "unknown key 'duee'; did you mean 'due'?"),
        ("roster: roster.csv\ndue: 2027-01-15", "line 2, key due: '2027-01-15' is no day and time with its zone"),
        ("roster: roster.csv\ndue: 2027-01-15T23:59", "with its zone"),
        ("roster: roster.csv\ndue: soon", "with its zone"),
        ("roster: roster.csv\ndue: 2027-01-15T00:00Z\ncloses: 2027-01-14T00:00Z", "line 3, key closes"),
        ("roster: roster.csv\nattempts: 0", "attempts"), ("roster: roster.csv\nattempts: many", "a whole number"),
        ("roster: roster.csv\nsize_mib: 1000", "size_mib"), ("roster: roster.csv\nsize_mib: .nan", "size_mib"),
        ("roster: roster.csv\naddress: ftp://a", "no address such as"),
        ("roster: roster.csv\naddress: https://a/b", "without a path"),
        ("roster: roster.csv\naddress: https://u@a", "no address"),
        ("roster: roster.csv\ngrading: {sprnt: cnn1}", "unknown key 'sprnt'; did you mean 'sprint'?"),
        ("roster: roster.csv\ngrading: {feedback: all}", "none of full, hint, score"),
        ("roster: roster.csv\ngrading: {policy: none.yaml}", "no such file or folder"),
        ("roster: roster.csv\ngrading: {report: r.json}", "unknown key 'report'"),
        ("roster: roster.csv\ngrading: {sprint: cnn9}", "cnn9"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_sentence_that_says_where(
    tmp_path: Path, settings: str, words: str
) -> None:
    folder = course(tmp_path / "course", settings)
    done = ours("serve", folder, "--lang", "en", "--port", 0)
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and not done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--proxy-header", "X-User"), "only together"), (("--proxy-address", "127.0.0.1"), "only together"),
        (("--proxy-header", "X User", "--proxy-address", "127.0.0.1"), "no name of a header"),
        (("--proxy-header", "X-User", "--proxy-address", "proxy"), "no IP address"),
        (("--host", "0.0.0.0"), "say in hand-in.yaml under `address`"), (("--port", 70_000), "from 0 to 65535"),
        (("--workers", 0), "must be from 1"), (("--executor", "dask"), "--scheduler"),
    ],
)  # fmt: skip
def test_options_by_half_are_refused(
    tmp_path: Path, options: tuple[object, ...], words: str
) -> None:
    done = ours("serve", course(tmp_path / "course"), "--lang", "en", *options)
    assert done.returncode == 2 and words in done.stderr, done.stderr


def test_a_folder_or_a_roster_that_can_not_be_used_is_told(tmp_path: Path) -> None:
    assert "no such folder" in ours("serve", tmp_path / "none", "--lang", "en").stderr
    (tmp_path / "empty").mkdir()
    assert "no hand-in.yaml in it" in ours("serve", tmp_path / "empty", "--lang", "en").stderr
    assert "フォルダ" in ours("serve", tmp_path / "none", "--lang", "ja").stderr
    folder = written_course(tmp_path / "twice", SETTINGS, [("1", "A", ""), ("1", "B", "")])
    assert "2 students have the number" in ours("serve", folder, "--lang", "en").stderr
    folder = written_course(tmp_path / "nobody", SETTINGS, [])
    assert "nobody is in it" in ours("serve", folder, "--lang", "en").stderr


# -- due dates, attempts, rates -------------------------------------------------------------------------


def test_what_comes_after_the_due_date_is_late_and_after_the_close_nothing_comes(
    tmp_path: Path,
) -> None:
    folder = course(tmp_path / "course", SETTINGS.replace("2100", "2020"))
    with serving(folder, "--workers", 1) as place:
        aiko = Visitor(place, links(folder)["11"])
        assert "what you hand in now is late" in aiko.ask("/").text
        assert aiko.hand_in("w.py", RIGHT_CODE).status == 303
        aiko.graded(1)
        assert 'class="late">(late)' in aiko.ask("/attempt/1").text
        form = aiko.form()
    assert table(folder / "results" / "gradebook.csv")["Aoki_Aiko_11"]["late"] == "LATE"
    course(folder, SETTINGS.replace("2100", "2020") + "closes: 2020-02-01T00:00+09:00\n")
    with serving(folder, "--workers", 1) as place:
        aiko = Visitor(place, links(folder)["11"])
        text = aiko.ask("/").text
        assert "handing in is closed" in text and 'type="file"' not in text
        assert aiko.hand_in("x.py", WRONG_CODE, form).status == 409
        assert len(uploads(folder)) == 1
    course(folder)  # the due date was put off
    with serving(folder, "--workers", 1) as place:
        aiko = Visitor(place, links(folder)["11"])
        assert "in time" in aiko.ask("/attempt/1").text
    assert table(folder / "results" / "gradebook.csv")["Aoki_Aiko_11"]["late"] == ""
    due = ("late", folder / "results", "--due", "2020-01-15T23:59+09:00", "--per-day", 10)
    costs = ours(*due, "--apply", "--lang", "en").stdout
    assert re.search(r"Late: handed in 20\d\d-.*days begun: .*points taken off: 4", costs), costs


def test_who_hands_in_too_often_is_asked_to_wait(tmp_path: Path) -> None:
    folder = course(tmp_path / "course", SETTINGS.replace("attempts: 6", "attempts: 100"))
    with serving(folder, "--workers", 1) as place:
        known = links(folder)
        aiko, ben = Visitor(place, known["11"]), Visitor(place, known["12"])
        form = aiko.form()
        answers = [aiko.hand_in("w.py", RIGHT_CODE + b"#" * n, form) for n in range(8)]
        assert [a.status for a in answers] == [303] * 6 + [429] * 2
        assert (
            0 < int(answers[-1].headers["retry-after"]) <= 60
            and "Nothing was kept" in answers[-1].text
        )
        assert ben.hand_in("w.py", RIGHT_CODE).status == 303
        assert len(uploads(folder)) == 7
        assert aiko.graded(6).startswith("graded")
        states = [aiko.state(n)["text"] for n in range(1, 7)]
        assert states[-1].startswith("graded")
        assert all(s.startswith(("graded", "replaced by a later one")) for s in states), states


def test_rates_count_each_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    rates = Rates(2, 10.0)
    assert [rates.wait("a") for _ in range(3)] == [0, 0, 10]
    assert rates.wait("b") == 0
    now[0] = 9.5
    assert rates.wait("a") == 1
    now[0] = 10.0
    assert [rates.wait("a") for _ in range(3)] == [0, 0, 10]


# -- nothing is lost ----------------------------------------------------------------------------------------


def test_a_kill_of_the_server_loses_nothing_that_was_told_to_be_kept(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    with serving(folder, "--workers", 1) as place:
        known = links(folder)
        students = {who: Visitor(place, known[who]) for who in ("11", "12", "cid@e.org")}
        for number, one in enumerate(students.values()):
            assert one.hand_in(f"{number}.py", RIGHT_CODE + b"#" * number).status == 303
        family = descendants(place.process.pid)
        place.process.send_signal(signal.SIGKILL)
        place.process.wait()
    kept = uploads(folder)
    assert [one.name for one in kept] == ["0.py", "1.py", "2.py"]
    for number, upload in enumerate(kept):
        assert (folder / "uploads" / upload.content).read_bytes() == RIGHT_CODE + b"#" * number
    (folder / "uploads" / ".part-left").write_bytes(b"of one that was on its way")
    deadline = time.monotonic() + LONGEST
    while (
        any(Path(f"/proc/{pid}/cmdline").exists() for pid in family) and time.monotonic() < deadline
    ):
        time.sleep(0.1)
    with serving(folder, "--workers", 1) as place:
        for who in students:
            one = Visitor(place, links(folder)[who])
            assert one.graded(1) == "graded: 4 of 36 points"
        assert not list((folder / "uploads").glob(".part-*"))
    rows = table(folder / "results" / "gradebook.csv")
    assert [r["flatten"] for r in rows.values()] == ["4", "4", "4"]


def test_a_kill_of_the_workers_costs_nobody_anything(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    with serving(folder, "--workers", 1) as place:
        aiko = Visitor(place, links(folder)["11"])
        assert aiko.hand_in("w.py", RIGHT_CODE).status == 303
        for pid in children(place.process.pid):
            os.kill(pid, signal.SIGKILL)
        assert aiko.graded(1) == "graded: 4 of 36 points"


def test_what_can_not_be_kept_is_told_and_costs_no_attempt(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    with serving(folder, "--workers", 1) as place:
        aiko = Visitor(place, links(folder)["11"])
        form = aiko.form()
        holder = sqlite3.connect(folder / "results" / FILE, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        answer = aiko.hand_in("w.py", RIGHT_CODE, form)
        holder.execute("ROLLBACK")
        holder.close()
        assert answer.status == 503 and "nothing was kept" in answer.text
        assert "6 / 6" in aiko.ask("/").text and uploads(folder) == []
        assert aiko.hand_in("w.py", RIGHT_CODE, form).headers["location"] == "/attempt/1"


def test_a_folder_that_can_not_be_written_keeps_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for file in (kept.folder, tmp_path / "uploads-away"):
        if file.is_dir():
            file.rename(tmp_path / "uploads-away")
    with pytest.raises(GraderError, match="nothing was kept, hand it in again"):
        kept.keep(io.BytesIO(b"x"), ".py")


def test_uploads_and_revocations_are_only_added_to(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = Enrolled(Handed("a", "w.py", Student("A", "1")), "k", "f", "s")
    store.enrol([Enrolled(Handed("a", "", Student("A", "1")), "k0", "f0", "s")])
    kept = store.hand_in(
        one, Upload(0, "2026-01-01T00:00:00Z", Who("a", "1"), "f", "c.py", "w.py", 3)
    )
    store.uploads.revoke("student:1", "kenta")
    assert store.uploads.all() == [kept] and kept.number == 1
    assert store.uploads.revocations() == {"student:1": 1}
    assert [(one.key, one.handed.shown) for one in store.roll().values()] == [("k", "w.py")]
    assert [a.seen_at for a in store.attempts(Who("a", "1"))] == ["2026-01-01T00:00:00Z"]
    store.close()
    with sqlite3.connect(tmp_path / FILE) as db:
        for line in ("UPDATE uploads SET at = ''", "DELETE FROM uploads",
                     "UPDATE revocations SET person = ''", "DELETE FROM revocations"):  # fmt: skip
            with pytest.raises(sqlite3.IntegrityError, match="added to, never changed"):
                db.execute(line)


def test_uploads_follow_their_student(tmp_path: Path) -> None:
    course(tmp_path)
    people = people_of(tmp_path / "roster.csv", ["Kenta"])

    def upload(number: int, who: Who) -> Upload:
        return Upload(number, "2026-01-01T00:00:00Z", who, "f", "c.py", "w.py", 3)

    given = [
        upload(1, Who("other_name", "11", "old@e.org")), upload(2, Who("x", "", "CID@e.org")),
        upload(3, Who("Aoki_Aiko_11", "99", "aiko@e.org")), upload(4, Who("Cid", "", "")),
    ]  # fmt: skip
    found = Uploaded(people, given)
    numbers = {one.name: [u.number for u in found.of(one)] for one in people[:3]}
    assert numbers == {"Aoki Aiko": [1], STUDENTS[1][1]: [], "Cid": [2, 4]}
    settings = read_settings(tmp_path)
    counting = found.counting(Kept(tmp_path), settings)
    assert [(one.id, one.attempt, last.number) for one, last in counting] == [
        ("Aoki_Aiko_11", 1, 1), ("Cid", 2, 4),
    ]  # fmt: skip


# -- the queue --------------------------------------------------------------------------------------------


class ByHand:
    """An executor whose tasks end when a test says so."""

    def __init__(self) -> None:
        self.tasks: list[dict[str, Any]] = []
        self.ended: list[Outcome] = []
        self.free = 1

    def __enter__(self) -> ByHand:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, task: dict[str, Any]) -> None:
        """Note it."""
        self.tasks.append(task)
        self.free -= 1

    def outcome(self, seconds: float) -> Outcome | None:
        """What a test has ended."""
        if not self.ended:
            return None
        self.free += 1
        return self.ended.pop(0)


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def begin(self, total: int, done: int) -> None:
        """Nothing."""

    def finished(self, id_: str, result: object) -> None:
        """One is done."""
        self.done.append(id_)

    def again(self, id_: str, reason: str) -> None:
        """One is tried again."""
        self.done.append(f"{id_} again")

    def wait(self) -> None:
        """Nothing."""


def enrolled_as(id_: str, files: str) -> Enrolled:
    """What a student has handed in."""
    return Enrolled(
        Handed(id_, f"{files}.py", Student(id_, id_), Path(f"{files}.py")), f"k{files}", files, "s"
    )


RESULT = {"status": "graded", "score": 1.0, "max_score": 2.0, "report": "{}", "summary": {}}


def test_what_is_handed_in_while_an_earlier_one_is_graded_is_graded_next(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.enrol([enrolled_as("a", "1"), enrolled_as("b", "1")])
    handed = {id_: one.handed for id_, one in store.roll().items()}
    executor, heard = ByHand(), Heard()
    queue = Queue(Class(tmp_path, store, handed, Request(Path()), shown=False), executor, heard)
    queue.step(0)
    assert [t["id"] for t in executor.tasks] == ["a"]
    for files in ("2", "3"):  # she hands in twice while her first is graded
        one = enrolled_as("a", files)
        store.hand_in(one, Upload(0, "t", Who("a", "a"), files, files, f"{files}.py", 1))
        queue.add(one)
    assert [(o.handed.id, o.files) for o in queue.waiting] == [("b", "1"), ("a", "3")]
    executor.ended.append(Done("a", RESULT))
    queue.step(0)
    told = store.graded("a", "1")
    assert told is not None and told.key == "k1", "the earlier one's result is its own"
    assert store.graded("a", "3") is None
    assert [t["shown"] for t in executor.tasks] == ["1.py", "1.py"]
    executor.ended.append(Done("b", RESULT))
    queue.step(0)
    executor.free = 5
    queue.step(0)
    assert executor.tasks[-1]["shown"] == "3.py"
    one = enrolled_as("a", "4")
    store.hand_in(one, Upload(0, "t", Who("a", "a"), "4", "4", "4.py", 1))
    queue.add(one)
    queue.step(0)
    assert len(executor.tasks) == 3, "one of a student at a time"
    executor.ended.append(Died("a", "it died"))
    queue.step(0)
    queue.step(0)
    assert executor.tasks[-1]["shown"] == "4.py" and heard.done == ["a", "b"], "3 is replaced"
    executor.ended.append(Died("a", "it died"))
    queue.step(0)
    queue.step(0)
    assert heard.done[-1] == "a again" and executor.tasks[-1]["shown"] == "4.py"
    executor.ended.append(Done("a", RESULT))
    queue.step(0)
    assert queue.is_empty and list(store.waiting()) == []
    again = enrolled_as("a", "1")  # what was graded already
    store.hand_in(again, Upload(0, "t", Who("a", "a"), "1", "1", "1.py", 1))
    queue.add(again)
    assert queue.is_empty and store.row("a").files == "1"
    store.close()


def test_a_name_says_the_kind_if_the_bytes_do_not_say_otherwise() -> None:
    assert kind_of("a.b.PY", io.BytesIO(b"x = 1")) == ".py"
    assert kind_of("n.IPYNB", io.BytesIO(b'\xef\xbb\xbf {"cells": []}')) == ".ipynb"


def test_nobody_waits_for_another_who_hands_in_at_once(tmp_path: Path) -> None:
    folder = written_course(
        tmp_path / "course", SETTINGS, [(str(n), f"S{n}", "") for n in range(12)]
    )
    with serving(folder, "--workers", 1) as place:
        known = links(folder)
        statuses: list[int] = []

        def hand_in(number: int) -> None:
            one = Visitor(place, known[str(number)])
            statuses.append(one.hand_in("w.py", RIGHT_CODE + b"#" * number).status)
            one.graded(1)

        threads = [threading.Thread(target=hand_in, args=(n,)) for n in range(12)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert statuses == [303] * 12
    assert len({upload.content for upload in uploads(folder)}) == 12
    assert {r["flatten"] for r in table(folder / "results" / "gradebook.csv").values()} == {"4"}


# -- in a browser -----------------------------------------------------------------------------------------


def test_the_journey_in_a_browser_by_keyboard_alone(tmp_path: Path, browser: Any) -> None:
    folder = course(tmp_path / "course")
    files = {}
    for name, code in (
        ("first.py", WRONG_CODE),
        ("second.py", RIGHT_CODE),
        ("large.py", b"x" * 300_000),
    ):
        files[name] = tmp_path / name
        files[name].write_bytes(code)
    with serving(folder, "--workers", 1) as place:
        known = links(folder)
        stranger = browser.new_page()
        assert stranger.goto(place.base + "/attempt/1").status == 403
        assert "personal link" in stranger.locator("main").inner_text()
        page = browser.new_context(locale="ja-JP").new_page()
        heard = watched(page)
        page.goto(place.base + known["11"])
        assert page.url == place.base + "/" and page.locator("html").get_attribute("lang") == "ja"
        for _ in range(10):  # to the other language
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.lang") == "en":
                break
        page.keyboard.press("Enter")
        page.get_by_text("You are here as").wait_for()
        page.locator("#file").set_input_files(files["large.py"])
        page.locator("button.main").focus()
        page.keyboard.press("Enter")
        assert page.url == place.base + "/" and page.evaluate("!document.forms[1].checkValidity()")
        for number, (name, points) in enumerate((("first.py", 3), ("second.py", 4)), 1):
            page.locator("#file").set_input_files(files[name])
            page.locator("button.main").focus()
            page.keyboard.press("Enter")
            page.wait_for_url(f"**/attempt/{number}")
            page.locator(".total").wait_for()
            assert page.locator(".total").inner_text() == f"{points} / 36 points"
            told = "gradient of the input" in page.locator("main").inner_text()
            page.locator("nav a", has_text="My hand-ins").focus()
            page.keyboard.press("Enter")
            page.locator("#file").wait_for()
            assert told or number == 2
        assert heard == []
        other = browser.new_page()
        other.goto(place.base + known["12"])
        assert other.goto(place.base + "/attempt/1").status == 404, "another's"
        kenta = browser.new_page()
        kenta.goto(place.base + known["kenta"])
        kenta.locator("a", has_text="Aoki Aiko").focus()
        kenta.keyboard.press("Enter")
        kenta.locator("a", has_text="Attempt 1").focus()
        kenta.keyboard.press("Enter")
        kenta.locator(".total").wait_for()
        assert kenta.locator(".total").inner_text() == "3 / 36 points"
        page.locator("button", has_text="Leave").focus()
        page.keyboard.press("Enter")
        page.get_by_text("You have left").wait_for()
        assert page.goto(place.base + "/attempt/1").status == 403


@pytest.mark.xdist_group("test_handin")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_axe_finds_no_fault_and_no_page_is_wider_than_the_window(
    at: At, browser: Any, language: str
) -> None:
    handle = re.findall(r'href="(/class/[\w-]+)"', at.kenta.ask("/class").text)[1]
    pages = {"12": ["/", "/attempt/1", "/nothing"], "cid@e.org": ["/"],
             "kenta": ["/class", handle, f"{handle}/attempt/1"], "": ["/"]}  # fmt: skip
    for width in (390, 1400):
        for scheme in ("light", "dark"):
            for who, places in pages.items():
                context = browser.new_context(
                    color_scheme=scheme, viewport={"width": width, "height": 900},
                    locale="ja-JP" if language == "ja" else "en-GB",
                )  # fmt: skip
                page = context.new_page()
                if who:
                    page.goto(at.place.base + at.links[who])
                for place in places:
                    page.goto(at.place.base + place)
                    assert page.locator("html").get_attribute("lang") == language
                    must_be_accessible(page, (place, width, scheme))
                context.close()


def test_a_page_that_waits_is_told_its_place_and_without_scripts_is_looked_at_again(
    tmp_path: Path, browser: Any
) -> None:
    students = [(str(n), f"S{n}", "") for n in range(8)]
    folder = written_course(tmp_path / "course", SETTINGS, students)
    slow = OTHERS.encode() + b"import time\ntime.sleep(4)\n" + FLATTEN.encode()
    with serving(folder, "--workers", 1) as place:
        known = links(folder)
        visitors = [Visitor(place, known[str(n)]) for n in range(8)]
        for number, one in enumerate(visitors[:4]):
            assert one.hand_in("w.py", slow + b"#" * number).status == 303
        state = visitors[3].state(1)
        assert not state["done"] and re.search(r"before it: [1-3]$", state["text"]), state
        assert state["after"] > 1
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(place.base + known["3"])
        page.locator("a", has_text="Attempt 1").click()
        assert "waits to be graded" in page.locator("[role=status]").inner_text()
        scripted = browser.new_page()
        scripted.goto(place.base + known["3"])
        scripted.goto(place.base + "/attempt/1")
        must_be_accessible(scripted, "a page that waits")
        assert json.loads(visitors[3].ask("/attempt/1/state", Accept_Language="ja").text)[
            "text"
        ].startswith("採点待ち")
        visitors[3].graded(1)
        page.locator("a", has_text="Look again").click()
        page.locator(".total").wait_for()
        scripted.locator(".total").wait_for()


def test_a_class_of_another_folder_is_not_taken_over(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    (folder / "results").mkdir()
    (folder / "results" / "notes.txt").write_text("mine")
    (folder / "results" / "results.sqlite").write_text("no database")
    done = ours("serve", folder, "--lang", "en", "--port", 0)
    assert done.returncode == 2 and "damaged" in done.stderr, done.stderr
    assert (folder / "results" / "notes.txt").read_text() == "mine"


def test_only_one_server_is_at_work_on_a_class(tmp_path: Path) -> None:
    folder = course(tmp_path / "course")
    with serving(folder, "--workers", 1):
        other = ours("serve", folder, "--lang", "en", "--port", 0)
        assert other.returncode == 2 and "another run is at work" in other.stderr


def test_the_class_as_it_is_found_has_everybody(tmp_path: Path) -> None:
    course(tmp_path)
    people = people_of(tmp_path / "roster.csv", ())
    one = Upload(1, "2026-01-01T00:00:00Z", people[0].who, "f", "c.zip", "w.zip", 3)
    found: Found = Uploaded(people, [one]).found(Kept(tmp_path), read_settings(tmp_path))
    assert [h.refused is None for h in found.handed] == [True, False, False]
    first = found.handed[0]
    assert first.whole is None and [p.name for p in first.parts] == ["c.zip"]
    assert replace(first, shown="") != people[0].student
