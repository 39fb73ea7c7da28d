"""`scratchgrade review`: what is served to whom, what is shown, and that decisions are those of `mark`."""

from __future__ import annotations

import argparse
import base64
import importlib.util
import json
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.batch.model import Student
from graders.batch.store import FILE, Row, Store
from graders.course import marking, opening
from graders.course.marking import Wish
from graders.errors import GraderError, UsageError
from graders.ledger.model import Graded, ItemMark, Marks
from graders.messages import Bilingual
from graders.review import command, handed
from graders.review.blind import HIDDEN, Names
from graders.review.desk import Desk, Said
from graders.review.door import Keys
from graders.review.handed import Kind, Passage, Work, printable, split
from graders.review.numbers import measured
from graders.review.writer import Writer
from tests.class_copies import copied
from tests.reviewing import Client, field, must_be_accessible, pressing, served
from tests.test_course import ours, table

EVIL = "<script>alert(1)<b>"
PICTURE = "<img src=x onerror=alert(1)>"
FLATTEN = """\
# Problem 4
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, d):
        return d.reshape(self.shape)
"""
COPIED = """
def report_of(values, width):
    lines, longest = [], max(len(str(value)) for value in values)
    for number, value in enumerate(values):
        if number % width == 0:
            lines.append([])
        lines[-1].append(str(value).rjust(longest))
    total = sum(value * value for value in values) ** 0.5
    for line in lines:
        while len(line) < width:
            line.append(" " * longest)
    return [" ".join(line) for line in lines], total / max(len(values), 1)


def smoothed(values, width, weight=0.5):
    found, before = [], None
    for at, value in enumerate(values):
        around = values[max(at - width, 0) : at + width + 1]
        middle = sorted(around)[len(around) // 2]
        now = weight * value + (1 - weight) * middle
        if before is not None and abs(now - before) > 3 * weight:
            now = before + (now - before) / 2
        found.append(round(now, 6))
        before = now
    best = max(range(len(found)), key=lambda n: found[n])
    return {"values": found, "best": best, "worst": min(found), "mean": sum(found) / len(found)}
"""
WRONG = FLATTEN.replace("return d.reshape(self.shape)", "return d")
OTHERS = "class MaxPool2D: ...\nclass Conv2d: ...\n"


def png(width: int, height: int) -> str:
    """A picture of that size, as a notebook has it; only its head is true."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    data = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    return base64.b64encode(data).decode()


def notebook(name: str, flatten: str) -> str:
    """A notebook with a class, its output, a survey, and attacks in each."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": [f"\x1b[31mred\x1b[0m {PICTURE}\n"]},
        {"output_type": "display_data", "data": {"text/html": "<script>alert(2)</script>"}},
        {"output_type": "display_data", "data": {"image/png": png(2, 2)}},
        {"output_type": "error", "ename": "ValueError", "evalue": "<svg onload=alert(3)>", "traceback": []},
    ]  # fmt: skip
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1}
    cells = [
        {**code, "source": OTHERS, "outputs": []},
        {**code, "source": flatten + f"\n# by {name} {EVIL}", "outputs": outputs},
        {"cell_type": "markdown", "metadata": {}, "source": f"## Problem 8\nLeNet by {name} {PICTURE}"},
        {**code, "source": "# Problem 7\n1 + 1", "outputs": []},
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in Canvas's layout: three with a survey, one of whom is an attacker, and a pdf."""
    base = tmp_path_factory.mktemp("review")
    folder = base / "class"
    folder.mkdir()
    for number, (name, flatten) in enumerate(
        (("aokiaiko", FLATTEN + COPIED), ("benoit", WRONG), (EVIL, COPIED + FLATTEN)), 11
    ):
        file = folder / f"{name.replace('/', '')}_{number}_{number + 10}_a.ipynb"
        file.write_text(notebook(name, flatten), encoding="utf-8")
    (folder / "cid_19_29_a.pdf").write_text("on paper")
    done = ours("batch", folder, "--out", base / "out", "--lang", "en", "--sprint", "cnn2",
                "--workers", 1)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert ours("mark", base / "out", "--worth", "model_survey=5", "--by", "kenta").returncode == 0
    return base


@pytest.fixture
def out(graded: Path, tmp_path: Path) -> Path:
    """A copy of the class and of its results, for a test to change; the latter's folder."""
    return copied(graded, tmp_path) / "out"


@pytest.fixture(scope="module")
def shown(graded: Path) -> Iterator[Client]:
    """The class as it was graded, for tests that only look."""
    with served(graded / "out", "--lang", "en") as address:
        yield Client(address)


def item_of(client: Client, title: str) -> str:
    """The place of a problem."""
    text = client.ask("/").text
    found = re.search(rf'href="(/item/[0-9a-f]+)">{re.escape(title)}', text)
    assert found is not None, text
    return found[1]


def places(client: Client, item: str) -> list[str]:
    """The places of a problem's students, in the order of the pages."""
    first = client.ask(item).headers["location"].partition("?")[0]
    found = [first]
    for key in ("p", "n"):
        place = first
        while step := re.search(rf'href="(/item/[^"?]+)" data-key="{key}"', client.ask(place).text):
            place = step[1]
            found = [*found, place] if key == "n" else [place, *found]
    return found


def form_of(text: str, action: str = "save", **fields: str) -> dict[str, str]:
    """What a page's form would send."""
    return {"form": field("form", text), "seen": field("seen", text), "action": action, **fields}


def decisions(out: Path) -> list[Any]:
    """All that was decided."""
    store = Store(out)
    try:
        return store.ledger.decisions()
    finally:
        store.close()


# -- who comes in ------------------------------------------------------------------------------------


@pytest.mark.xdist_group("test_review")
def test_only_who_has_the_token_comes_in_and_only_from_our_own_pages(shown: Client) -> None:
    stranger = shown.stranger()
    assert stranger.ask("/").status == 403
    assert "with its token" in stranger.ask("/").text
    assert stranger.ask("/?token=x").status == 403
    assert stranger.ask("/static/review.js").status == 403
    stranger.cookie = shown.cookie + "x"
    assert stranger.ask("/").status == 403
    text = shown.ask(places(shown, item_of(shown, "Flatten"))[0]).text
    place = item_of(shown, "Flatten") + "/0"
    form = form_of(text, points="1", reason="r")
    assert shown.ask(place, form, Origin="http://evil.example").status == 403
    assert shown.ask(place, form, Origin="null").status == 403
    assert shown.ask(place, form, Sec_Fetch_Site="cross-site").status == 403
    assert shown.ask(place, {**form, "form": "guessed"}).status == 403
    assert shown.ask(place, {k: v for k, v in form.items() if k != "form"}).status == 403
    assert shown.ask(place, form, Content_Type="text/plain").status == 415
    assert shown.ask(place, {**form, "comment": "x" * 70_000}).status == 413
    assert shown.ask(place, {**form, **{f"a{n}": "1" for n in range(200)}}).status == 400
    assert shown.ask("/", Host="evil.example").status == 400
    assert shown.ask(place, form).status == 404, "all is well but the student"


@pytest.mark.xdist_group("test_review")
def test_the_cookie_is_for_this_server_alone_and_the_token_in_no_address(shown: Client) -> None:
    given = shown.ask("/?token=wrong").headers
    assert "set-cookie" not in given
    assert re.fullmatch(r"scratchgrade-\d+=[\w-]{40,}", shown.cookie)
    text = shown.ask("/").text
    assert "token" not in text and shown.cookie.partition("=")[2] not in text


@pytest.mark.xdist_group("test_review")
def test_every_answer_keeps_the_browser_to_what_is_ours(shown: Client) -> None:
    item = item_of(shown, "Flatten")
    student = re.findall(r'href="(/student/[0-9a-f]+)"', shown.ask("/students").text)[0]
    nothing = ("/no", "/item/0", f"{item}/0", "/student/0", "/student/..%2f..%2fetc%2fpasswd",
               "/student/aokiaiko_11", "/static/../../setup", "/item/0/worth")  # fmt: skip
    for place in ("/", "/students", "/copies", "/publish", places(shown, item)[0], item, student,
                  f"{student}/history", "/static/review.css", "/static/review.js", *nothing):  # fmt: skip
        answer = shown.ask(place)
        assert (answer.status in (404, 405)) == (place in nothing), (place, answer.status)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        scripts = re.search(r"script-src ([^;]*)", policy)
        assert scripts is None or scripts[1] == "'self'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?! src=\"/static/review.js\")", answer.text), place
        assert not re.search(r"\son\w+=(?!alert)", answer.text), place
    assert "sandbox" in shown.ask(student).headers["content-security-policy"]


# -- what is shown -----------------------------------------------------------------------------------


@pytest.mark.xdist_group("test_review")
def test_the_class_says_how_it_went_who_waits_and_who_has_which_mistake(
    shown: Client, graded: Path
) -> None:
    text = shown.ask("/").text
    assert "Students: 4, Not graded: 1" in text
    assert re.search(r"A survey of well-known image models.*?: 3 <a", text, re.DOTALL)
    assert "not said yet what it is worth" in text  # filter_size_survey
    assert "<svg" in text and "only a.pdf" in text
    data = json.loads((graded / "out" / "reports" / "benoit_12.json").read_text("utf-8"))
    mistakes = [m["title"] for i in data["items"] for m in i["misconceptions"]]
    found = re.findall(r'<td>([^<]+)</td><td class="number"><a href="(/students\?[^"]+)">1<', text)
    assert [title for title, _ in found] == mistakes
    for _, place in found:
        who = shown.ask(place.replace("&amp;", "&")).text
        assert "benoit_12" in who and "aokiaiko_11" not in who
    all_ = shown.ask("/students").text
    for id_ in ("aokiaiko_11", "benoit_12", "cid_19"):
        assert id_ in all_
    assert "Overlap" in shown.ask("/copies").text  # two have the same Flatten


@pytest.mark.xdist_group("test_review")
def test_names_are_hidden_until_they_are_asked_for(shown: Client) -> None:
    for title in ("Flatten", "A survey of well-known image models"):
        all_ = places(shown, item_of(shown, title))
        assert len(all_) == 3 and len(set(all_)) == 3
        blind = "".join(shown.ask(place).text for place in all_)
        for name in ("aokiaiko", "benoit", "11", "cid"):
            assert not re.search(rf"(?<![\w.]){name}(?![\w.])", blind.replace("11</", "")), name
        assert HIDDEN in blind
        named = "".join(shown.ask(f"{place}?names=1").text for place in all_)
        for name in ("aokiaiko", "benoit"):
            assert re.search(rf"<strong>{name} <code>{name}_", named)
        assert '?names=1" data-key="n"' in named, "the next one's, too"


@pytest.mark.xdist_group("test_review")
def test_code_output_and_report_are_beside_each_other(shown: Client) -> None:
    texts = [shown.ask(place).text for place in places(shown, item_of(shown, "Flatten"))]
    for text in texts:
        assert "class Flatten:" in text and "red &lt;img src=x" in text
        assert "ValueError: &lt;svg onload=" in text and "\x1b" not in text
        assert "data:image/png;base64," in text and "alert(2)" not in text
    (wrong,) = (text for text in texts if "return d\n" in text)
    assert re.search(r'class="badge partial"', wrong) and "gradient of the input" in wrong
    surveys = [shown.ask(p).text for p in places(shown, item_of(shown, "A survey of well-known"))]
    for text in surveys:
        above = text.partition("All else that was handed in")[0]
        assert "LeNet by" in above and "class Flatten" not in above


@pytest.mark.xdist_group("test_review")
def test_what_is_a_students_is_text(shown: Client) -> None:
    item = item_of(shown, "Flatten")
    students = re.findall(r'href="(/student/[0-9a-f]+)"', shown.ask("/students").text)
    pages = ["/", "/students", "/copies", *students, *(f"{s}/history" for s in students)]
    pages += [f"{p}{n}" for p in places(shown, item) for n in ("", "?names=1")]
    for place in pages:
        text = shown.ask(place).text
        assert not re.search("<script>alert|<img src=x|<b>|<svg onload", text), place


@pytest.mark.xdist_group("test_review")
def test_a_students_page_is_what_batch_writes(shown: Client, graded: Path) -> None:
    text = shown.ask("/students").text
    for id_ in ("benoit_12", "cid_19"):
        found = re.search(rf'<code>{id_}</code>.*?href="(/student/[0-9a-f]+)"', text)
        assert found is not None
        page = (graded / "out" / "pages" / f"{id_}.html").read_text("utf-8")
        assert shown.ask(found[1]).text == page


# -- decisions -----------------------------------------------------------------------------------------


@pytest.mark.xdist_group("test_review")
def test_a_decision_is_that_of_mark_and_why_tells_it(out: Path) -> None:
    with served(out, "--lang", "en", "--by", "aiko") as address:
        client = Client(address)
        item = item_of(client, "Flatten")
        (place,) = (p for p in places(client, item) if "return d\n" in client.ask(p).text)
        text = client.ask(place).text
        for fields, words in (
            ({"points": "2"}, "say why they change"), ({"points": "x", "reason": "r"}, "no number"),
            ({"points": "-1", "reason": "r"}, "no number"), ({"points": "nan", "reason": "r"}, "no number"),
            ({"points": "99", "reason": "r"}, "more than the 4"), ({}, "nothing was changed"),
            ({"bank": "no"}, "not among them any more"), ({"reason": "r" * 5000, "points": "1"}, "at most"),
        ):  # fmt: skip
            answer = client.ask(place, form_of(text, **fields))
            assert answer.status == 409 and words in answer.text, (fields, words)
        assert len(decisions(out)) == 1
        kept = client.ask(place, form_of(text, points="99", reason="typed", comment="before")).text
        assert 'value="typed"' in kept and ">before</textarea>" in kept, "what was typed stays"
        chosen = re.findall(r'name="bank" value="([0-9a-f]+)"', text)
        assert chosen, "the grader's own diagnosis is in the bank"
        answer = client.ask(place, form_of(text, points="1,5", reason=f"nearly {EVIL}", bank=chosen[0],
                                           comment=f"see me {PICTURE}"))  # fmt: skip
        assert answer.status == 303, answer.text
        after = client.ask(answer.headers["location"]).text
        assert "1.5 / 4" in after and "#2 " in after and "&lt;script&gt;" in after
        assert "<script>alert" not in after and "<img src=x" not in after
        again = client.ask(place, form_of(client.ask(place).text, points="1.5", reason="r"))
        assert again.status == 409 and len(decisions(out)) == 2, "it has these points already"
    told = ours("why", out, "benoit", "flatten", "--lang", "en").stdout
    assert re.search(r"#2 .* aiko: flatten: 1.5 points \(sha256 ", told)
    assert f"Reason: nearly {EVIL}" in told and "see me" in told
    row = table(out / "gradebook.csv")["benoit_12"]
    assert row["flatten"] == "1.5", "tables are written when it ends"
    page = (out / "pages" / "benoit_12.html").read_text("utf-8")
    assert (
        "decided by a person: 1.5 / 4" in page and "see me &lt;img" in page and "aiko" not in page
    )


@pytest.mark.xdist_group("test_review")
def test_what_was_saved_is_taken_back_by_a_further_decision(out: Path) -> None:
    with served(out, "--lang", "en", "--by", "aiko") as address:
        client = Client(address)
        place = places(client, item_of(client, "Flatten"))[0]
        for points in ("1", "2"):
            text = client.ask(place).text
            answer = client.ask(place, form_of(text, points=points, reason="r", comment=points))
            assert answer.status == 303
        where = answer.headers["location"]
        form = {"form": field("form", text), "action": "undo", "number": "2"}
        assert client.ask(place, form).status == 409, "it is not the last one"
        assert "Take it back" in client.ask(where).text
        done = client.ask(place, {**form, "number": field("number", client.ask(where).text)})
        text = client.ask(done.headers["location"]).text
        assert done.status == 303 and "takes #3 back" in text and 'value="1"' in text
        client.ask(place, {**form, "number": field("number", text)})
        text = client.ask(place).text
        assert re.search('name="points"[^>]* value="[34]"', text), "as it was graded"
        assert "Take the last decision back (#" not in text
        back = client.ask(place, form_of(text, "back"))
        assert back.status == 409 and "grader" in back.text
    kinds = [(d.kind, d.takes_back) for d in decisions(out)]
    assert kinds[1:] == [("points", 0), ("points", 0), ("undo", 3), ("undo", 2)]


@pytest.mark.xdist_group("test_review")
def test_what_was_decided_elsewhere_meanwhile_is_seen_before_more_is(out: Path) -> None:
    with served(out, "--lang", "en") as address:
        client = Client(address)
        all_ = places(client, item_of(client, "Flatten"))
        texts = {place: client.ask(place).text for place in all_}
        assert (
            ours("mark", out, "aokiaiko", "flatten", "--points", 1, "--reason", "r").returncode == 0
        )
        answers = {
            place: client.ask(place, form_of(text, points="0", reason="read", comment="mine"))
            for place, text in texts.items()
        }  # fmt: skip
        refused = [place for place, answer in answers.items() if answer.status == 409]
        assert len(refused) == 1 and sorted(a.status for a in answers.values()) == [303, 303, 409]
        shown = answers[refused[0]].text
        assert "meanwhile" in shown and ">mine</textarea>" in shown and "flatten: 1 points" in shown
        answer = client.ask(refused[0], form_of(shown, points="0", reason="read"))
        assert answer.status == 303, "having seen it"
    assert len(decisions(out)) == 5
    rows = table(out / "gradebook.csv")
    assert [rows[i]["flatten"] for i in ("aokiaiko_11", "benoit_12")] == ["0", "0"]


@pytest.mark.xdist_group("test_review")
def test_two_programs_on_one_class_lose_nothing(out: Path) -> None:
    rounds = 6
    marked: list[subprocess.CompletedProcess[str]] = []

    def mark() -> None:
        for number in range(rounds):
            marked.append(
                ours("mark", out, "aokiaiko", "--comment", f"shell {number}", "--by", "shell")
            )

    with served(out, "--lang", "en") as address:
        client = Client(address)
        place = places(client, item_of(client, "A survey of well-known"))[0]
        other = threading.Thread(target=mark)
        other.start()
        for number in range(rounds):
            text = client.ask(place).text
            answer = client.ask(place, form_of(text, comment=f"page {number}"))
            assert answer.status == 303, answer.text
        other.join()
        assert client.ask("/students").status == 200
    assert [done.returncode for done in marked] == [0] * rounds, [d.stderr for d in marked]
    said = [d.comment for d in decisions(out) if d.comment]
    assert sorted(said) == sorted([f"{w} {n}" for w in ("page", "shell") for n in range(rounds)])
    row = table(out / "gradebook.csv")["aokiaiko_11"]
    assert all(f"shell {n}" in row["comment"] for n in range(rounds))


@pytest.mark.xdist_group("test_review")
def test_who_was_given_points_for_what_can_not_be_read_is_among_them(out: Path) -> None:
    done = ours("mark", out, "cid", "flatten", "--points", 2, "--reason", "on paper")
    assert done.returncode == 0, done.stderr
    with served(out, "--lang", "en") as address:
        client = Client(address)
        all_ = places(client, item_of(client, "Flatten"))
        texts = {place: client.ask(place).text for place in all_}
        (mine,) = (place for place, text in texts.items() if "on paper" in text)
        assert len(all_) == 4 and "There is nothing to show." in texts[mine]
        answer = client.ask(mine, form_of(texts[mine], points="3", reason="read again"))
        assert answer.status == 303
    assert table(out / "gradebook.csv")["cid_19"]["flatten"] == "3"


@pytest.mark.xdist_group("test_review")
def test_an_item_without_points_is_given_some_for_the_class(out: Path) -> None:
    with served(out, "--lang", "en") as address:
        client = Client(address)
        item = item_of(client, "A survey about filter sizes")
        text = client.ask(client.ask(item).headers["location"]).text
        assert "What is it worth for the class?" in text and 'name="reason"' not in text
        form = {"form": field("form", text), "points": "many"}
        assert client.ask(f"{item}/worth", form).status == 409
        assert client.ask(f"{item}/worth", {**form, "points": "3"}).status == 303
        assert "waits for a person, – / 3" in client.ask(places(client, item)[0]).text
    assert table(out / "gradebook.csv")["benoit_12"]["waits_for_a_person"] == (
        "model_survey filter_size_survey"
    )


@pytest.mark.xdist_group("test_review")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_end_writes_what_was_decided(out: Path, end: int) -> None:
    with served(out, "--lang", "ja", end=end) as address:
        client = Client(address)
        place = places(client, item_of(client, "平滑化"))[0]
        client.ask(place, form_of(client.ask(place).text, points="0", reason="r"))
        assert {r["flatten"] for r in table(out / "gradebook.csv").values()} != {"0", ""}
    assert "0" in [r["flatten"] for r in table(out / "gradebook.csv").values()]
    assert len(decisions(out)) == 2


def test_tables_are_written_while_nobody_decides_and_again_after_a_fault(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Bilingual] = []
    book = out / "gradebook.csv"
    store = Store(out)
    desk = Desk(out, store, Keys(), "en", "aiko")
    problem = next(p for p in desk.seen().problems.values() if p.id == "flatten")
    place = desk.seen().place(problem, desk.seen().first(problem))
    seen = desk.seen_of(place.row, "flatten")
    (out / "class.md").unlink()
    (out / "class.md").mkdir()
    writer = Writer(out, said.append, quiet=0.05)
    desk.decide(place, problem, Said(points="1", reason="r", seen=seen))
    writer.ask()
    deadline = time.monotonic() + 60
    while not said and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "could not be renewed" in str(said[0]) and "class.md" in str(said[0])
    with pytest.raises(GraderError, match="kept, but the tables"):
        writer.finish()
    (out / "class.md").rmdir()
    writer = Writer(out, said.append, quiet=0.05)
    writer.ask()
    while "1" not in [r["flatten"] for r in table(book).values()] and time.monotonic() < deadline:
        time.sleep(0.05)
    writer.finish()
    store.close()
    assert "1" in [r["flatten"] for r in table(book).values()]


# -- bad input ------------------------------------------------------------------------------------------


@pytest.mark.xdist_group("test_review")
def test_what_can_not_be_served_is_one_sentence(graded: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        wrong = [
            ((tmp_path / "none",), "no such folder"), ((tmp_path / "empty",), "no graded class in it"),
            ((graded / "out", "--port", port), f"port {port} at 127.0.0.1 can't be used"),
            ((graded / "out", "--port", 70_000), "must be from 0 to 65535"),
            ((graded / "out", "--host", "nowhere.invalid"), "no address of this machine"),
        ]  # fmt: skip
        for arguments, words in wrong:
            done = ours("review", *arguments, "--lang", "en")
            assert done.returncode == 2 and words in done.stderr, done.stderr
            assert len(done.stderr.strip().splitlines()) == 1 and not done.stdout
        done = ours("review", tmp_path / "none", "--lang", "ja")
        assert "フォルダ" in done.stderr
    assert list((tmp_path / "empty").iterdir()) == []


def options(folder: Path) -> argparse.Namespace:
    """Of the command."""
    return argparse.Namespace(folder=folder, lang="en", port=0, host="127.0.0.1", by="")


@pytest.mark.xdist_group("test_review")
def test_a_store_that_another_program_holds_is_told(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.05)
    holder = sqlite3.connect(out / FILE, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("CREATE TABLE held (a)")
    holder.execute("COMMIT")
    with pytest.raises(GraderError, match="another program holds it"):
        command.run(options(out))
    holder.close()


@pytest.mark.xdist_group("test_review")
def test_a_decision_that_can_not_be_kept_is_told_and_what_was_typed_stays(out: Path) -> None:
    with served(out, "--lang", "en") as address:
        client = Client(address)
        place = places(client, item_of(client, "Flatten"))[0]
        text = client.ask(place).text
        holder = sqlite3.connect(out / FILE, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        answer = client.ask(place, form_of(text, comment="typed"))
        assert answer.status == 503 and ">typed</textarea>" in answer.text
        assert "another program holds it" in answer.text and "nothing was decided" in answer.text
        holder.execute("ROLLBACK")
        holder.close()
        assert client.ask(place, form_of(answer.text, comment="typed")).status == 303


def test_what_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "uvicorn" else real(name)
    )
    with pytest.raises(UsageError, match=r"needs uvicorn.*pip install 'scratchgrade\[review\]'"):
        command.run(options(tmp_path))


def test_another_address_than_loopback_is_warned_of(
    graded: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert (command._hosts("127.0.0.1", 80) or set()) == {
        "127.0.0.1:80",
        "localhost:80",
        "[::1]:80",
    }
    assert command._hosts("0.0.0.0", 80) is None
    said: list[Bilingual] = []
    command._tell("0.0.0.0", 80, Keys(), said.append)
    assert "nothing of it is encrypted" in str(said[0])
    command._tell("127.0.0.1", 80, Keys(), said.append)
    assert len(said) == 1


# -- parts ----------------------------------------------------------------------------------------------


def row_of(**shares: float | None) -> Row:
    """A student with shares of items of 10 points; None for what waits for a person."""
    items = {
        name: ItemMark(
            Graded(name, "manual" if share is None else "partial", 0.0, 10.0), 10 * (share or 0.0),
            10.0, True,
        )
        for name, share in shares.items()
    }  # fmt: skip
    score = sum(m.points for m in items.values())
    marks = Marks(items, score, 10.0 * len(items), True)
    return Row("x", "x.py", Student("x"), "graded", "", "s", 0, 0, 0, marks=marks)


def test_difficulty_and_discrimination_are_those_of_classical_test_theory() -> None:
    rng = np.random.default_rng(0)
    shares = rng.random((30, 3)).round(1)
    rows = [row_of(a=a, b=b, c=c) for a, b, c in shares.tolist()]
    found = measured(rows, ["a", "b", "c", "none"])
    for column, name in enumerate("abc"):
        rest = np.delete(shares, column, axis=1).mean(axis=1)
        by_hand = np.mean((shares[:, column] - shares[:, column].mean()) * (rest - rest.mean()))
        by_hand /= shares[:, column].std() * rest.std()
        assert found[name].difficulty == pytest.approx(shares[:, column].mean())
        assert found[name].discrimination == pytest.approx(by_hand)
    assert found["none"] == type(found["none"])(0, None, None)
    few = measured(rows[:4], ["a"])["a"]
    assert (few.students, few.discrimination) == (4, None) and few.difficulty is not None
    same = measured([row_of(a=0.1 * 3, b=n / 9) for n in range(9)], ["a", "b"])
    assert same["a"].discrimination is None and same["b"].discrimination is None
    waiting = measured([row_of(a=None, b=n / 9) for n in range(9)], ["a", "b"])
    assert (waiting["a"].students, waiting["b"].students) == (0, 9)
    alone = measured([row_of(a=n / 9) for n in range(9)], ["a"])["a"]
    assert alone.discrimination is None, "there is no other item"


@pytest.mark.xdist_group("test_review")
def test_the_class_is_as_the_store_says_after_every_decision(out: Path) -> None:
    store = Store(out)
    desk = Desk(out, store, Keys(), "en", "aiko")
    other = Store(out)  # what another program does

    def row(id_: str) -> Row:
        return other.row(id_)

    def decided(id_: str, **wish: Any) -> None:
        other.ledger.add([marking.decision(other, row(id_), Wish(**wish), "kenta")])

    def many(id_: str, number: int) -> None:
        for n in range(number):
            decided(id_, comment=str(n))

    steps: list[Callable[[], object]] = [
        lambda: decided("benoit_12", item="flatten", points=1, reason="r"),
        lambda: decided("cid_19", item="flatten", points=2, reason="on paper"),
        lambda: decided("benoit_12", comment="see me"),
        lambda: other.ledger.add([marking.undo(other, row("benoit_12"), "flatten", "kenta")]),
        lambda: other.ledger.add(marking.worth(other, "filter_size_survey", 3, "kenta")),
        lambda: many("aokiaiko_11", 30),
        lambda: other.enrol([one for one in other.roll().values() if one.handed.id != "cid_19"]),
        lambda: decided("aokiaiko_11", item="flatten", back=True),
    ]
    for step in steps:
        before = desk.seen()
        step()
        seen = desk.seen()
        assert seen is not before
        last = max(r.decisions for r in store.rows())
        assert [replace(r, decisions=last) for r in seen.rows] == list(store.rows())
    assert desk.seen() is seen, "nobody wrote anything"
    for one in (store, other):
        one.close()


def test_what_is_nobodys_name_is_not_hidden() -> None:
    row = Row(
        "conv", "work/conv.py", Student("Aoki Aiko", "4711", "a@e.org"), "graded", "", "s", 0, 0, 0
    )
    names = Names(row)
    code = "def conv(x):  # conv by AOKI AIKO\n    return x + 4711 + 47110  # a@e.org"
    hidden = names.in_code(code)
    assert hidden == (
        f"def conv(x):  # {HIDDEN} by {HIDDEN}\n    return x + {HIDDEN} + 47110  # {HIDDEN}"
    )
    told = names.in_report({"id": "conv", "place": "conv.py, line 3", "n": [1, "Aoki Aiko's"]})
    assert told == {"id": "conv", "place": f"{HIDDEN}, line 3", "n": [1, f"{HIDDEN}'s"]}
    nobody = Names(Row("a", "a.py", Student("a"), "graded", "", "s", 0, 0, 0))
    assert nobody.in_report("a.py has a") == f"{HIDDEN} has a"


def test_text_is_shown_without_what_hides_or_turns_it() -> None:
    assert printable("a\x1b[31mb\u202ec\x00\td\n") == "ab\ufffdc\ufffd   d\n"
    assert printable("x" * 50, 10) == "x" * 10 + "…"


@pytest.mark.parametrize(
    ("data", "is_shown"),
    [
        (png(2, 2), True), ([png(2, 2)[:20] + "\n", png(2, 2)[20:]], True), (png(0, 2), False),
        (png(60_000, 60_000), False), ("PHN2Zz48L3N2Zz4=", False), ("no base64!", False),
        (png(2, 2) + '"><script>', False), (None, False), ({"a": 1}, False), ("A" * 3_000_000, False),
        (base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), False),
    ],
)  # fmt: skip
def test_of_pictures_only_png_of_some_size_is_shown(data: object, is_shown: bool) -> None:
    found = handed._picture(data)
    assert bool(found) is is_shown
    assert re.fullmatch(r"(data:image/png;base64,[A-Za-z0-9+/=]+)?", found)


def test_what_is_an_items_is_told_by_its_cell_and_its_heading() -> None:
    cells = [Passage(n, Kind.CODE, "", "", frozenset(p)) for n, p in enumerate([{1}, {2}, {2}, ()])]
    work = Work(tuple(cells), True)
    mine, rest = split(work, 0, frozenset({2}))
    assert [p.index for p in mine] == [0, 1, 2] and [p.index for p in rest] == [3]
    assert split(work, None, frozenset({7})) == (work.passages, ())


@pytest.mark.xdist_group("test_review")
def test_a_file_that_is_another_one_now_is_not_shown_for_what_was_graded(out: Path) -> None:
    store = Store(out)
    row = store.row("benoit_12")
    shelf = handed.Shelf(store)
    assert shelf.work(row).whole
    file = next((out.parent / "class").glob("benoit*"))
    file.write_text(notebook("benoit", "# Problem 4\nnew = 1"))
    work = handed.Shelf(store).work(row)
    assert not work.whole and any("class Flatten" in p.source for p in work.passages)
    file.unlink()
    assert not handed.Shelf(store).work(row).whole
    assert handed.Shelf(store).work(store.row("cid_19")).passages == ()
    store.close()


# -- in a browser ------------------------------------------------------------------------------------------


def watched(page: Any) -> list[str]:
    """What the page complains of, or what comes up in it."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "dialog", lambda dialog: heard.append(dialog.message)
    )  # it stays open, and stops the test
    return heard


@pytest.mark.xdist_group("test_review")
def test_the_journey_grade_blind_change_undo_see_it_and_publish_by_keyboard_alone(
    out: Path, browser: Any
) -> None:
    with served(out, "--lang", "en", "--by", "aiko") as address:
        page = browser.new_page()
        heard = watched(page)
        page.goto(address.whole)
        assert "token" not in page.url
        pressing(page, "w")  # to the first who waits
        for number in (1, 2, 3):
            page.get_by_text(f"waits for a person: {4 - number}").wait_for()
            assert not re.search("aokiaiko|benoit", page.locator("main").inner_text())
            assert "LeNet by" in page.locator(".work").inner_text()
            pressing(page, "e")
            page.keyboard.type(str(number))
            if number == 3:
                pressing(page, "Escape")
                pressing(page, "c")
                page.keyboard.type("n and w are words here")
            pressing(page, "Control+Enter")
            page.get_by_text(f"model_survey: {number} points").first.wait_for()
        assert page.locator("[data-key=w]").count() == 0, "nobody waits any more"
        pressing(page, "f")  # all points
        pressing(page, "r")
        page.keyboard.type("read again")
        pressing(page, "Escape")
        pressing(page, "a")
        page.get_by_text("5 / 5").first.wait_for()
        pressing(page, "u")
        page.get_by_text("takes #5 back").first.wait_for()
        page.get_by_text("3 / 5").first.wait_for()
        pressing(page, "h")
        page.locator(".walk strong code").wait_for()
        name = page.locator(".walk strong code").inner_text()
        page.locator(".ways a", has_text="history").focus()
        pressing(page, "Enter")
        page.locator("pre.lines").wait_for()
        told = page.locator("pre.lines").inner_text()
        page.locator("nav a", has_text="Hand out").focus()
        pressing(page, "Enter")
        page.locator("#note").focus()
        page.keyboard.type("Canvas")
        pressing(page, "Enter")
        page.get_by_text(re.compile("published 20.*4 marks")).wait_for()
        assert "aiko, Canvas" in page.locator("main").inner_text()
        assert heard == []
    said = ours("why", out, name, "model_survey", "--lang", "en").stdout
    for line in (r"model_survey: 3 / 5, decided by a person \(#4\)", r"#5 .*model_survey: 5 points",
                 r"Reason: read again", r"#6 .* aiko: takes #5 back", r"aiko, Canvas",
                 r"Comment: n and w are words here"):  # fmt: skip
        assert re.search(line, said), (line, said)
    assert "takes #5 back" in told
    rows = table(out / "gradebook.csv")
    assert sorted(r["model_survey"] for r in rows.values()) == ["", "1", "2", "3"]
    assert rows[name]["published"] == rows[name]["score"]


@pytest.mark.xdist_group("test_review")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_axe_finds_no_fault_and_no_page_is_wider_than_the_window(
    graded: Path, browser: Any, language: str
) -> None:
    with served(graded / "out", "--lang", language) as address:
        client = Client(address)
        text = client.ask("/").text
        items = re.findall(r'<th scope="row"><a href="(/item/[0-9a-f]+)">', text)
        student = re.findall(r'href="(/student/[0-9a-f]+)"', client.ask("/students").text)[0]
        all_ = ["/", "/students", "/copies", "/publish", f"{student}/history", "/nothing",
                *(client.ask(item).headers["location"] for item in (items[4], items[8], items[9]))]  # fmt: skip
        for width in (390, 1400):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    color_scheme=scheme, viewport={"width": width, "height": 900}
                )
                page = context.new_page()
                page.goto(address.whole)
                heard = watched(page)
                for place in all_:
                    page.goto(address.base + place)
                    assert page.locator("html").get_attribute("lang") == language
                    must_be_accessible(page, (place, width, scheme))
                assert [h for h in heard if "404" not in h] == []
                context.close()


@pytest.mark.xdist_group("test_review")
def test_without_scripts_all_of_it_works(out: Path, browser: Any) -> None:
    with served(out, "--lang", "en") as address:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(address.whole)
        page.locator("a", has_text="Begin").first.click()
        assert page.locator(".scripted").first.is_hidden()
        page.locator("#points").fill("4")
        page.locator("button", has_text="Save, and on").click()
        page.get_by_text("model_survey: 4 points").wait_for()
        page.locator("button", has_text="Take it back").click()
        page.get_by_text("takes #2 back").first.wait_for()
    assert [d.kind for d in decisions(out)] == ["worth", "points", "undo"]


@pytest.mark.xdist_group("test_review")
def test_single_keys_can_be_put_off(graded: Path, browser: Any) -> None:
    with served(graded / "out", "--lang", "en") as address:
        page = browser.new_page()
        page.goto(address.whole)
        pressing(page, "w")
        page.locator("#decide").wait_for()
        pressing(page, "?")
        page.locator("#keys-on").uncheck()
        page.locator("h1").click()
        pressing(page, "e")
        assert page.evaluate("document.activeElement.id") != "points"
        page.locator("#keys-on").check()
        page.locator("h1").click()
        pressing(page, "e")
        assert page.evaluate("document.activeElement.id") == "points"
