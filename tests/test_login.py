"""The login of a university: who it says to be of the class comes in, and nobody else."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import RSAKey

from tests.handing_in import Place, Visitor, serving
from tests.reviewing import LONGEST, Answer
from tests.test_course import ours
from tests.test_handin import RIGHT_CODE, SETTINGS, course
from tests.university import CLIENT, SECRET, University, university


def free_port() -> int:
    """One that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def with_login(folder: Path, issuer: str, port: int, more: str = "") -> Path:
    """A class that logs in there."""
    course(folder, SETTINGS + f"address: http://127.0.0.1:{port}\nlogin:\n  issuer: {issuer}\n"
                              f"  client_id: {CLIENT}\n  secret_file: login.secret\n{more}")  # fmt: skip
    (folder / "login.secret").write_text(SECRET + "\n")
    (folder / "login.secret").chmod(0o600)
    return folder


class Browser(Visitor):
    """Follows the way to the login and back, with all its cookies."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._cookies: dict[str, str] = {}

    def follow(self, place: str, university: University) -> Answer:
        """An address of ours, by way of the university if it leads there; the last answer."""
        while True:
            self.cookie = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
            answer = self.ask(place)
            self._cookies |= dict(answer.cookies)
            if answer.status not in (302, 303):
                return answer
            target = answer.headers["location"]
            if target.startswith(university.issuer):
                parts = urlsplit(target)
                there = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=LONGEST)
                there.request("GET", f"{parts.path}?{parts.query}")
                target = there.getresponse().headers["Location"]
            place = target.partition(f":{self._port}")[2] or target


@pytest.fixture
def known() -> Any:
    """A university."""
    with university() as one:
        yield one


def test_who_the_login_says_to_be_of_the_class_comes_in_and_nobody_else(
    tmp_path: Path, known: University
) -> None:
    port = free_port()
    folder = with_login(tmp_path / "course", known.issuer, port)
    with serving(folder, "--workers", 1, "--port", port) as place:
        stranger = Visitor(place)
        assert 'href="/login"' in stranger.ask("/").text and stranger.ask("/").status == 403
        aiko = Browser(place)
        known.claims = {"email": "AIKO@e.org", "email_verified": True}
        page = aiko.follow("/login", known)
        assert page.status == 200 and "as <strong>Aoki Aiko" in page.text
        assert aiko.hand_in("w.py", RIGHT_CODE).status == 303
        other_key = RSAKey.generate_key(2048, {"kid": "k"})
        lies: list[tuple[dict[str, Any], RSAKey | None]] = [
            ({"email": "nobody@e.org"}, None), ({}, None), ({"email": ["aiko@e.org"]}, None),
            ({"email": "aiko@e.org", "email_verified": False}, None),
            ({"email": "aiko@e.org", "aud": "another"}, None), ({"email": "aiko@e.org", "exp": 1}, None),
            ({"email": "aiko@e.org", "iss": "https://evil.example"}, None),
            ({"email": "aiko@e.org", "nonce": "of another"}, None), ({"email": "aiko@e.org"}, other_key),
        ]  # fmt: skip
        for claims, key in lies:
            known.claims, known.signs_with = claims, key
            one = Browser(place)
            answer = one.follow("/login", known)
            assert answer.status == 403 and "does not lead to anybody" in answer.text, claims
            assert one.ask("/").status == 403, claims
        known.claims, known.signs_with = {"email": "aiko@e.org"}, None
        first = Browser(place)
        first.ask("/login")
        for address in ("/login/back", "/login/back?code=x&state=y", "/login/back?error=no"):
            assert first.ask(address).status == 403, address
        assert ours("serve", folder, "--revoke", "11", "--lang", "en").returncode == 0
        assert aiko.ask("/").status == 403
        assert Browser(place).follow("/login", known).status == 200, "it is the login that counts"


def test_another_claim_and_a_login_that_is_away(tmp_path: Path, known: University) -> None:
    port = free_port()
    folder = with_login(tmp_path / "course", known.issuer, port, "  claim: student_number\n")
    with serving(folder, "--workers", 1, "--port", port) as place:
        known.claims = {"student_number": "12", "email": "aiko@e.org"}
        page = Browser(place).follow("/login", known)
        assert page.status == 200 and "as <strong>Benoit" in page.text
    with_login(tmp_path / "course", f"http://127.0.0.1:{free_port()}", port)
    with serving(folder, "--workers", 1, "--port", port) as place:
        answer = Visitor(place).ask("/login")
        assert answer.status == 503 and "the login can&#39;t be reached" in answer.text


def test_without_a_login_there_is_none(tmp_path: Path) -> None:
    with serving(course(tmp_path / "course"), "--workers", 1) as place:
        stranger = Visitor(place)
        assert "/login" not in stranger.ask("/").text
        assert {stranger.ask(p).status for p in ("/login", "/login/back", "/login/x")} == {404}


@pytest.mark.parametrize(
    ("issuer", "mode", "secret", "words"),
    [
        ("http://login.example", 0o600, SECRET, "begins with https://"),
        ("https://login.example", 0o640, SECRET, "others can read it"),
        ("https://login.example", 0o600, "", "it is empty"),
    ],
)
def test_a_login_that_can_not_be_trusted_is_refused(
    tmp_path: Path, issuer: str, mode: int, secret: str, words: str
) -> None:
    folder = with_login(tmp_path / "course", issuer, 80)
    (folder / "login.secret").write_text(secret)
    (folder / "login.secret").chmod(mode)
    done = ours("serve", folder, "--lang", "en", "--port", 0)
    assert done.returncode == 2 and words in done.stderr, done.stderr


def test_a_login_has_to_lead_back(tmp_path: Path) -> None:
    folder = with_login(tmp_path / "course", "https://login.example", 80)
    text = (folder / "hand-in.yaml").read_text()
    (folder / "hand-in.yaml").write_text(text.replace("address: http://127.0.0.1:80\n", ""))
    done = ours("serve", folder, "--lang", "en", "--port", 0)
    assert done.returncode == 2 and "a login has to lead back" in done.stderr, done.stderr
