"""`scratchgrade review`: rubrics and grading again on its pages, and an instructor's whole journey."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graders.batch.store import Store
from graders.course import regrading, rubrics
from graders.errors import UsageError
from graders.ledger.rubric import Criterion, Rubric, Way
from tests.reviewing import (
    LONGEST,
    Address,
    Client,
    field,
    line_of,
    must_be_accessible,
    pressing,
    served,
    started,
)
from tests.test_course import ours, table
from tests.test_ledger import ROOT
from tests.test_ledger import graded as two_graded
from tests.test_review import (
    EVIL,
    decisions,
    form_of,
    item_of,
    places,
    watched,
)
from tests.test_review import graded as graded
from tests.test_review import out as out

SURVEY = "A survey of well-known image models"
POLICY = "name: Autumn\nitems:\n  flatten: {points: {forward: 6}}\n"
pytestmark = pytest.mark.xdist_group("test_review_rubrics")


def rubric_form(client: Client, item: str, what: str, **fields: str) -> dict[str, str]:
    """What a form of a rubric's page would send."""
    text = client.ask(f"{item}/rubric").text
    return {"form": field("form", text), "seen": field("seen", text), "what": what, **fields}


def with_criteria(client: Client, item: str, *criteria: tuple[str, str]) -> None:
    """Make a rubric on its page: (points, text) of each criterion."""
    for points, text in criteria:
        answer = client.ask(
            f"{item}/rubric", rubric_form(client, item, "add", points=points, en=text)
        )
        assert answer.status == 303, answer.text


def pressed(client: Client, place: str, **fields: str) -> Any:
    """Send a work's form as a button does."""
    text = client.ask(place).text
    adjusted = re.search(r'name="adjusted"[^>]* value="([^"]*)"', text)
    form = {**form_of(text, ""), "adjusted": adjusted[1] if adjusted else "", **fields}
    return client.ask(place, form)


def confirm(client: Client, at: str, form: dict[str, str], text: str) -> Any:
    """Send a form again from the page that showed what comes of it."""
    return client.ask(at, {**form, "shown": field("shown", text)})


# -- who may ------------------------------------------------------------------------------------------


def test_nobody_changes_a_rubric_or_the_gradings_but_from_our_own_pages(out: Path) -> None:
    with served(out, "--lang", "en") as address:
        client = Client(address)
        item = item_of(client, SURVEY)
        form = rubric_form(client, item, "add", points="1", en="x")
        stranger = client.stranger()
        again = {"form": form["form"], "shown": ""}
        for place, sent in ((f"{item}/rubric", form), ("/regrade", again)):
            assert stranger.ask(place).status == 403 and stranger.ask(place, sent).status == 403
            assert client.ask(place, {**sent, "form": "guessed"}).status == 403
            assert client.ask(place, {k: v for k, v in sent.items() if k != "form"}).status == 403
            for headers in ({"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
                assert client.ask(place, sent, **headers).status == 403
            assert client.ask(place, sent, Content_Type="text/plain").status == 415
            page = client.ask(place)
            assert page.status == 200 and page.headers["cache-control"] == "no-store"
            assert "script-src 'self'" in page.headers["content-security-policy"]
            assert client.send("DELETE", place, None, {}).status == 405
        assert client.ask("/item/0/rubric").status == 404
        assert client.ask("/item/0/rubric", form).status == 404
        assert client.ask("/regrade", again).status == 409, "nothing is proposed"
        place = places(client, item)[0]
        for more in ({"toggle": "c1"}, {"action": "none"}, {"nth": "1"}):
            assert stranger.ask(place, {**form, **more}).status == 403
    assert len(decisions(out)) == 1


# -- criteria -----------------------------------------------------------------------------------------


def test_one_click_applies_a_criterion_and_another_removes_it(out: Path) -> None:
    with served(out, "--lang", "en", "--by", "aiko") as address:
        client = Client(address)
        item = item_of(client, SURVEY)
        place = places(client, item)[0]
        assert "Make a rubric" in client.ask(place).text
        with_criteria(
            client, item, ("2", "Names three models"), ("1.5", f"Says why {EVIL}"), ("-1", "Copied")
        )
        text = client.ask(place).text
        assert "<script>alert" not in text and "&lt;script&gt;alert" in text
        assert re.findall(r'value="(c\d)" aria-pressed="(\w+)"', text) == [
            ("c1", "false"), ("c2", "false"), ("c3", "false"),
        ]  # fmt: skip
        after = client.ask(pressed(client, place, toggle="c1").headers["location"]).text
        assert "2 / 5" in after and 'value="c1" aria-pressed="true"' in after
        after = client.ask(pressed(client, place, nth="2").headers["location"]).text
        assert "3.5 / 5" in after and "Names three models" in after
        pressed(client, place, toggle="c3")
        assert "2.5 / 5" in client.ask(place).text
        assert pressed(client, place, adjusted="0.5").status == 409, "nobody says why"
        assert pressed(client, place, adjusted="x", comment="c").status == 409
        assert pressed(client, place, adjusted="0.5", comment="good", action="save").status == 303
        assert "3 / 5" in client.ask(place).text
        pressed(client, place, toggle="c3")
        assert "4 / 5" in client.ask(place).text, "what was adjusted stays"
        text = client.ask(place).text
        client.ask(
            place, {"form": field("form", text), "action": "undo", "number": field("number", text)}
        )
        assert "3 / 5" in client.ask(place).text
        pressed(client, place, adjusted="99", comment="more than all", action="save")
        assert "5 / 5" in client.ask(place).text, "never above what it is worth"
        pressed(client, place, adjusted="-99", comment="less than nothing", action="save")
        assert "0 / 5" in client.ask(place).text
        other = places(client, item)[1]
        assert pressed(client, other, action="next").status == 303, (
            "nothing to keep: on to the next"
        )
        for which in ("c9", "0", "4", "99999", "<b>"):
            assert pressed(client, other, toggle=which).status == 409, which
        pressed(client, other, toggle="c1")
        pressed(client, other, toggle="c1")
        assert "waits for a person, – / 5" in client.ask(other).text, (
            "a slip leaves nobody with nothing"
        )
        pressed(client, other, action="none")
        assert "0 / 5" in client.ask(other).text, "that none is met was decided"
    told = [
        ours("why", out, name, "model_survey", "--lang", "en").stdout
        for name in table(out / "gradebook.csv")
    ]
    assert any("by its rubric, 3.5 points" in text and "+0.5 by hand" in text for text in told), (
        told
    )


def test_a_change_of_points_is_shown_with_whom_it_changes_before_it_counts(out: Path) -> None:
    with served(out, "--lang", "en", "--by", "aiko") as address:
        client = Client(address)
        item = item_of(client, SURVEY)
        with_criteria(client, item, ("2", "first"), ("1", "second"))
        all_ = places(client, item)
        for place in all_[:2]:
            pressed(client, place, toggle="c1")
        kept = len(decisions(out))
        at = f"{item}/rubric"
        assert (
            client.ask(at, rubric_form(client, item, "change", id="c2", points="3", en="x")).status
            == 303
        )
        form = rubric_form(client, item, "change", id="c1", points="4", en="first")
        shown = client.ask(at, form)
        assert shown.status == 200 and "2 gain, 0 lose" in shown.text
        assert not re.search("aokiaiko|benoit", shown.text), "blind"
        assert len(decisions(out)) == kept + 1 and "2 / 5" in client.ask(all_[0]).text
        pressed(client, all_[2], toggle="c1")  # in another tab
        again = confirm(client, at, form, shown.text)
        assert (
            again.status == 409
            and "3 gain" in again.text
            and "other marks than were shown" in again.text
        )
        assert confirm(client, at, form, again.text).status == 303
        assert all("4 / 5" in client.ask(place).text for place in all_)
        assert client.ask(at, form).status == 409, "that was another rubric"
        gone = rubric_form(client, item, "delete", id="c1")
        shown = client.ask(at, gone)
        assert "waits for a person" in shown.text and "0 gain, 3 lose" in shown.text
        assert confirm(client, at, gone, shown.text).status == 303
        assert "waits for a person: 3" in client.ask(all_[0]).text
        before = rubric_form(client, item, "before")
        assert confirm(client, at, before, client.ask(at, before).text).status == 303
        assert "4 / 5" in client.ask(all_[0]).text, "nothing was lost"
        way = rubric_form(client, item, "way", way="subtract")
        shown = client.ask(at, way)
        assert "1" in shown.text and confirm(client, at, way, shown.text).status == 303
        assert "1 / 5" in client.ask(all_[0]).text
        for what, words in (
            ({"points": "nan", "en": "x"}, "no number"), ({"points": "", "en": "x"}, "how many points"),
            ({"points": "1"}, "in a few words"), ({"points": "1", "en": "x" * 501}, "at most 500"),
        ):  # fmt: skip
            answer = client.ask(at, rubric_form(client, item, "add", **what))
            assert answer.status == 409 and words in answer.text, what
        for sent in ({"what": "change", "id": "c9", "points": "1", "en": "x"}, {"what": "no"},
                     {"what": "way", "way": "up"}):  # fmt: skip
            assert client.ask(at, {**rubric_form(client, item, ""), **sent}).status == 409


def test_a_criterion_that_was_changed_in_another_tab_is_seen_before_it_is_applied(
    out: Path,
) -> None:
    with served(out, "--lang", "en") as address:
        client = Client(address)
        item = item_of(client, SURVEY)
        with_criteria(client, item, ("2", "first"))
        place = places(client, item)[0]
        text = client.ask(place).text
        with_criteria(client, item, ("1", "second"))
        answer = client.ask(place, form_of(text, "", toggle="c1", comment="mine"))
        assert (
            answer.status == 409
            and "meanwhile" in answer.text
            and ">mine</textarea>" in answer.text
        )
        assert client.ask(place, form_of(answer.text, "", toggle="c1")).status == 303
        old = rubric_form(client, item, "add", points="1", en="x")
        with_criteria(client, item, ("1", "third"))
        assert client.ask(f"{item}/rubric", old).status == 409


def test_a_rubric_is_for_what_the_grader_graded_too(out: Path) -> None:
    with served(out, "--lang", "en") as address:
        client = Client(address)
        item = item_of(client, "Flatten")
        assert (
            client.ask(f"{item}/rubric", rubric_form(client, item, "way", way="subtract")).status
            == 303
        )
        with_criteria(client, item, ("1", "The gradient has another shape"))
        place = places(client, item)[0]
        pressed(client, place, toggle="c1")
        assert "3 / 4" in client.ask(place).text
        pressed(client, place, action="back")
        assert "decided by a person" not in client.ask(place).text.partition("Decisions")[0]


def test_a_rubric_of_eighty_criteria_is_gone_through_by_number(out: Path) -> None:
    store = Store(out)
    many = tuple(Criterion(f"c{n}", 0.05, "", "x" * 500) for n in range(1, 81))
    store.ledger.add([rubrics.revised("cnn2", "model_survey", Rubric(Way.ADD, many), "aiko")])
    store.close()
    with served(out, "--lang", "en") as address:
        client = Client(address)
        item = item_of(client, SURVEY)
        place = places(client, item)[0]
        assert pressed(client, place, nth="80").status == 303
        assert 'value="c80" aria-pressed="true"' in client.ask(place).text
        answer = client.ask(f"{item}/rubric", rubric_form(client, item, "add", points="1", en="x"))
        assert answer.status == 409 and "at most 80" in answer.text


# -- grading again ------------------------------------------------------------------------------------


def regraded(out: Path, *more: object, policy_text: str = POLICY) -> Any:
    """Another grading is proposed, by a policy."""
    policy = out.parent / "policy.yaml"
    policy.write_text(policy_text)
    return ours("regrade", out, "--policy", policy, "--workers", 1, *more)


def test_another_grading_counts_when_what_was_shown_of_it_is_let_count(out: Path) -> None:
    with served(out, "--lang", "en", "--by", "aiko") as address:
        client = Client(address)
        assert "nothing is proposed" in client.ask("/regrade").text
        assert regraded(out).returncode == 1
        text = client.ask("/regrade").text
        assert re.search(r"3 of 4 would change: \d gain", text) and "changed: the policy" in text
        form = {"form": field("form", text), "shown": field("shown", text), "never_lower": ""}
        place = places(client, item_of(client, "Flatten"))[0]
        said = client.ask(place, form_of(client.ask(place).text, points="0", reason="r"))
        assert said.status == 303
        refused = client.ask("/regrade", form)
        assert refused.status == 409 and "other marks than were shown" in refused.text
        form["shown"] = field("shown", refused.text)
        done = client.ask("/regrade", form)
        assert done.status == 200 and "applied: 3 changed" in done.text
        assert "nothing is proposed" in client.ask("/regrade").text
        assert client.ask("/regrade", form).status == 409
        assert "/ 9" in client.ask(place).text, "three points of backward are as they were"
    store = Store(out)
    assert regrading.standing(store) is None
    with pytest.raises(UsageError, match="nothing is proposed"):
        regrading.applied(store, "aiko", False, "")
    store.close()


def test_nobody_loses_points_where_that_was_asked_for(out: Path) -> None:
    cheap = POLICY.replace("forward: 6", "forward: 0.5")
    assert regraded(out, policy_text=cheap).returncode == 1
    with served(out, "--lang", "en", "--by", "aiko") as address:
        client = Client(address)
        texts = [client.ask(f"/regrade{never}").text for never in ("", "?never_lower=1")]
        assert "3 lose" in texts[0] and "kept: it would be lower" in texts[1]
        forms = [
            {"form": field("form", t), "shown": field("shown", t), "never_lower": field("never_lower", t)}
            for t in texts
        ]  # fmt: skip
        mixed = {**forms[0], "never_lower": "1"}
        assert client.ask("/regrade", mixed).status == 409, "that was not shown"
        assert client.ask("/regrade", forms[1]).status == 200
    store = Store(out)
    marks = {row.id: row.marks.items["flatten"].points for row in store.rows() if row.marks.items}
    assert marks["benoit_12"] == 3 and set(marks.values()) == {3, 3.5}
    store.close()


def test_what_was_handed_in_again_since_is_left_out_and_a_grading_that_is_not_done_counts_nothing(
    out: Path,
) -> None:
    assert regraded(out).returncode == 1
    store = Store(out)
    with store.transaction() as db:
        db.execute("UPDATE class SET files = 'new' WHERE id = 'benoit_12'")
    found = regrading.standing(store)
    assert found is not None and "benoit_12" in str(found.left[0])
    assert "benoit_12" not in found.current
    with store.transaction() as db:
        db.execute(
            "DELETE FROM results WHERE id = 'aokiaiko_11' AND key IN (SELECT key FROM proposed)"
        )
    with pytest.raises(UsageError, match=r"3 of 4 are graded again|2 of 3 are graded again"):
        regrading.applied(store, "aiko", False, "")
    store.close()
    with served(out, "--lang", "en") as address:
        text = Client(address).ask("/regrade").text
        assert "are graded again" in text and 'name="shown"' not in text


# -- a kill -------------------------------------------------------------------------------------------

CHANGES = """
import sys
from pathlib import Path
from graders.batch.store import Store
from graders.course import rubrics
from graders.ledger.rubric import Criterion, Rubric, Way
store = Store(Path(sys.argv[1]))
for n in range(10_000):
    rubric = Rubric(Way.ADD, (Criterion("c1", n, "", "x"),))
    items = ("conv1d", "bonus", "survey")
    kept = store.ledger.add([rubrics.revised("cnn1", item, rubric, "aiko") for item in items])
    print(kept[-1].number, flush=True)
"""


def test_a_kill_in_the_middle_leaves_all_of_a_change_or_nothing(tmp_path: Path) -> None:
    two_graded(tmp_path).close()
    process = subprocess.Popen(
        [sys.executable, "-c", CHANGES, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    told += map(int, process.stdout.read().split())
    process.wait()
    kept = Store(tmp_path).ledger.decisions()
    assert len(kept) % 3 == 0 and len(kept) >= told[-1]
    assert all(len({d.terms for d in kept[n : n + 3]}) == 1 for n in range(0, len(kept), 3))


def test_what_was_answered_is_there_after_the_server_was_killed(out: Path) -> None:
    with started(line_of(out, "--lang", "en"), ("",)) as (process, printed):
        found = re.match(r"http://([^:/]+):(\d+)/\?token=(\S+)", printed)
        assert found is not None
        client = Client(Address(found[1], int(found[2]), found[3]))
        item = item_of(client, SURVEY)
        with_criteria(client, item, ("2", "first"))
        assert pressed(client, places(client, item)[0], toggle="c1").status == 303
        process.kill()
        process.wait(LONGEST)
    assert [d.kind for d in decisions(out)] == ["worth", "rubric", "criteria"]
    with served(out, "--lang", "en") as address:
        assert Client(address).ask("/").status == 200
    assert "2" in [row["model_survey"] for row in table(out / "gradebook.csv").values()]


# -- in a browser -------------------------------------------------------------------------------------


def test_an_instructors_journey(out: Path, browser: Any) -> None:
    """Grades a class by a rubric that grows, changes a mark, grades again by another policy with its impact,
    hands out; a student's page says all of it. By keyboard alone.
    """
    with served(out, "--lang", "en", "--by", "aiko") as address:
        page = browser.new_page()
        heard = watched(page)
        page.goto(address.whole)
        pressing(page, "w")
        page.locator("#decide").wait_for()
        for points, ja, en in (
            ("3", "三つのモデルを挙げている", "Names three models"),
            ("2", "", "Says why"),
        ):
            pressing(page, "m")  # the rubric
            page.locator("#new-points").wait_for()
            pressing(page, "e")
            page.keyboard.type(points)
            page.keyboard.press("Tab")
            page.keyboard.type(ja)
            page.keyboard.press("Tab")
            page.keyboard.type(en)
            pressing(page, "Control+Enter")
            page.get_by_role("button", name=en).wait_for()  # back at the work that one came from
        pressing(page, "1")
        page.get_by_text("3 / 5").first.wait_for()
        assert not re.search("aokiaiko|benoit", page.locator("main").inner_text())
        pressing(page, "2")
        page.get_by_text("5 / 5").first.wait_for()
        pressing(page, "u")
        page.get_by_text("3 / 5").first.wait_for()
        pressing(page, "e")
        page.keyboard.type("0.5")
        page.keyboard.press("Escape")
        pressing(page, "c")
        page.keyboard.type("a fine drawing")
        pressing(page, "Control+Enter")
        page.get_by_text("waits for a person: 2").wait_for()
        pressing(page, "1")
        page.get_by_text("3 / 5").first.wait_for()
        pressing(page, "w")
        page.get_by_text("waits for a person: 1").wait_for()
        pressing(page, "0")
        page.get_by_text("0 / 5").first.wait_for()
        assert page.locator("[data-key=w]").count() == 0, "nobody waits any more"
        # The first criterion is worth less after all.
        pressing(page, "m")
        page.locator("#new-points").wait_for()
        page.locator("summary", has_text="Names three models").focus()
        page.keyboard.press("Enter")
        page.locator("#c1-points").focus()
        page.keyboard.press("Control+a")
        page.keyboard.type("2.5")
        page.keyboard.press("Enter")
        page.get_by_text("2 of 4 would change: 0 gain, 2 lose").wait_for()
        pressing(page, "a")
        page.locator("#decide").wait_for()
        # A mark that the grader gave is changed.
        page.locator("nav a", has_text="Class").focus()
        page.keyboard.press("Enter")
        page.locator("th a", has_text="Flatten").focus()
        page.keyboard.press("Enter")
        page.locator("#decide").wait_for()
        while "return d\n" not in page.locator(".work").inner_text():
            number = page.locator(".walk .quiet").first.inner_text()
            pressing(page, "n")
            page.wait_for_function(
                "was => document.querySelector('.walk .quiet').innerText !== was", arg=number
            )
        pressing(page, "e")
        page.keyboard.type("1.5")
        page.keyboard.press("Escape")
        pressing(page, "r")
        page.keyboard.type("the idea is right")
        page.keyboard.press("Escape")
        pressing(page, "a")
        page.get_by_text("1.5 / 4").first.wait_for()
        # Another policy.
        assert regraded(out).returncode == 1
        page.locator("nav a", has_text="Grade again").focus()
        page.keyboard.press("Enter")
        page.get_by_text("3 of 4 would change: 2 gain, 0 lose, 1 keep").wait_for()
        text = page.locator("main").inner_text()
        assert "changed: the policy" in text and "decided by a person: it stays" in text
        pressing(page, "l")
        page.locator("strong", has_text="Nobody loses points").wait_for()
        pressing(page, "a")
        page.get_by_text("applied: 3 changed").wait_for()
        page.locator("nav a", has_text="Hand out").focus()
        page.keyboard.press("Enter")
        page.locator("#note").focus()
        page.keyboard.type("Canvas")
        page.keyboard.press("Enter")
        page.get_by_text(re.compile("published 20.*4 marks")).wait_for()
        assert heard == []
        # What the students are told.
        page.locator("nav a", has_text="Students").focus()
        page.keyboard.press("Enter")
        page.locator("tr", has_text="benoit_12").get_by_role("link", name="their page").focus()
        page.keyboard.press("Enter")
        page.locator("#flatten").wait_for()
        told = page.locator("#flatten").inner_text()
        assert "decided by a person: 1.5 / 9" in told and "the idea is right" in told
    store = Store(out)
    surveys = {row.id: row.marks.items["model_survey"] for row in store.rows() if row.marks.items}
    store.close()
    assert sorted(mark.points for mark in surveys.values()) == [0, 2.5, 3]
    for id_, mark in surveys.items():
        text = (out / "pages" / f"{id_}.html").read_text("utf-8")
        assert (">+2.5 Names three models<" in text) == bool(mark.met)
        assert (">+0.5 by hand<" in text and "a fine drawing" in text) == bool(mark.adjusted)
        assert "aiko" not in text.replace("aokiaiko", "")
    rows = table(out / "gradebook.csv")
    assert all(row["published"] == row["score"] for row in rows.values())
    why = ours("why", out, "benoit", "flatten", "--lang", "en").stdout
    for line in (
        "1.5 / 9, decided by a person",
        "policy Autumn",
        "(regrade, aiko)",
        "aiko, Canvas",
    ):
        assert line in why, (line, why)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_axe_finds_no_fault_in_the_pages_of_rubrics_and_of_grading_again(
    out: Path, browser: Any, language: str
) -> None:
    assert regraded(out, "--lang", language).returncode == 1
    title = SURVEY if language == "en" else None
    store = Store(out)
    many = tuple(Criterion(f"c{n}", n - 3, "長い評価項目" * 20, "words" * 40) for n in range(1, 13))
    store.ledger.add([rubrics.revised("cnn2", "model_survey", Rubric(Way.ADD, many), "aiko")])
    store.close()
    with served(out, "--lang", language) as address:
        client = Client(address)
        text = client.ask("/").text
        items = re.findall(r'<th scope="row"><a href="(/item/[0-9a-f]+)">', text)
        (item,) = (i for i in items if "wordswords" in client.ask(f"{i}/rubric").text)
        assert title is None or item == item_of(client, title)
        place = places(client, item)[0]
        for number in ("4", "5"):
            pressed(client, place, nth=number)
        for width in (390, 1400):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    color_scheme=scheme, viewport={"width": width, "height": 900}
                )
                page = context.new_page()
                page.goto(address.whole)
                heard = watched(page)
                for where in (place, f"{item}/rubric", "/regrade", "/regrade?never_lower=1"):
                    page.goto(address.base + where)
                    assert page.locator("html").get_attribute("lang") == language
                    must_be_accessible(page, (where, width, scheme))
                page.goto(f"{address.base}{item}/rubric")
                page.locator("summary").nth(3).click()
                must_be_accessible(page, ("open", width, scheme))
                page.locator("#c4-points").fill("2")
                page.locator("#c4-points").press("Enter")
                page.locator("input[name=shown]").wait_for(state="attached")
                must_be_accessible(page, ("impact", width, scheme))
                assert heard == []
                context.close()
