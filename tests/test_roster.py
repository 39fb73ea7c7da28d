"""A roster beside the submissions: whole names, e-mails, who is late, and who handed in nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.discover import discover
from graders.batch.model import Found
from graders.batch.roster import with_roster
from graders.errors import UsageError

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Sprint 11 (77)
    Points Possible,,,,,28
"Doe, Jane",11,s1,jane@e.org,A,
"Roe, John",12,s2,johnroe,A,
"Nobody, Ann",13,s3,ann@e.org,A,
"Student, Test",99,,,A,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade
Participant 1,Ann Ashe,ann@e.org,Submitted for grading - 2 hours late,
Participant 2,Bob Bo,bob@e.org,Submitted for grading,
参加者 3,山田太郎,taro@e.org,No submission,
"""


def lay(folder: Path, *names: str) -> Found:
    """A class with these files."""
    for name in names:
        (folder / "class" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "class" / name).write_text("x = 1")
    return discover(str(folder / "class"))


def taken(folder: Path, found: Found, text: str) -> dict[str, tuple[str, str, str, bool, str]]:
    """Id -> (name, number, e-mail, late, why it can't be graded) with this roster."""
    (folder / "roster.csv").write_text(text, encoding="utf-8-sig")
    found = with_roster(found, folder / "roster.csv")
    return {
        one.id: (one.student.name, one.student.number, one.student.email, one.late,
                 str(one.refused or ""))
        for one in found.handed
    }  # fmt: skip


def test_canvas_gradebook(tmp_path: Path) -> None:
    found = lay(tmp_path, "doejane_LATE_11_1_a.py", "roejohn_12_2_a.py", "stranger_55_3_a.py")
    rows = taken(tmp_path, found, CANVAS)
    assert rows == {
        "doejane_11": ("Doe, Jane", "11", "jane@e.org", True, ""),
        "roejohn_12": ("Roe, John", "12", "", False, ""),
        "stranger_55": ("stranger", "55", "", False, ""),
        "Nobody_Ann_13": ("Nobody, Ann", "13", "ann@e.org", False, "nothing was handed in"),
    }
    assert "not in roster.csv: stranger_55" in with_roster(found, tmp_path / "roster.csv").notes


def test_moodle_worksheet(tmp_path: Path) -> None:
    found = lay(
        tmp_path, "Ann A_1_assignsubmission_file_/a.py", "Bob B_2_assignsubmission_file_/a.py"
    )
    rows = taken(tmp_path, found, MOODLE.replace(",", ";"))
    assert [row[:4] for row in rows.values()] == [
        ("Ann Ashe", "1", "ann@e.org", True), ("Bob Bo", "2", "bob@e.org", False),
        ("山田太郎", "3", "taro@e.org", False),
    ]  # fmt: skip


def test_a_table_of_ones_own_by_name(tmp_path: Path) -> None:
    rows = taken(
        tmp_path,
        lay(tmp_path, "ann.py", "bob.py"),
        "name,email\nAnn,a@e.org\nBob,b@e.org\nbob,c@e.org\n=x(),x@e.org\n",
    )
    assert rows["ann"][:3] == ("Ann", "", "a@e.org") and rows["bob"][2] == ""
    assert rows["x"][0] == "=x()" and rows["x"][4]


def test_a_number_goes_before_a_name(tmp_path: Path) -> None:
    """Two of one name: neither gets the other's e-mail."""
    found = lay(tmp_path, "yuki_1_11_a.py", "yuki_2_12_a.py", "ann_3_13_a.py")
    rows = taken(tmp_path, found, "Student,ID,SIS Login ID\nyuki,2,b@e.org\nyuki,1,a@e.org\n")
    assert (rows["yuki_1"][2], rows["yuki_2"][2], rows["ann_3"][2]) == ("a@e.org", "b@e.org", "")


@pytest.mark.parametrize(
    ("column", "late"),
    [("late", {"yes": True, "1": True, "LATE": True, "no": False, "not late": False, "": False, "0": False}),
     ("status", {"2 hours late": True, "遅延提出": True, "Submitted": False, "1": False, "": False})],
)  # fmt: skip
def test_who_is_late_by_the_column(tmp_path: Path, column: str, late: dict[str, bool]) -> None:
    names = [f"s{n}" for n in range(len(late))]
    found = lay(tmp_path, *(f"{name}.py" for name in names))
    rows = "".join(f"{name},{text}\n" for name, text in zip(names, late, strict=True))
    assert [row[3] for row in taken(tmp_path, found, f"name,{column}\n{rows}").values()] == [
        *late.values()
    ]


def test_a_cell_may_have_several_lines_and_any_letter(tmp_path: Path) -> None:
    found = lay(tmp_path, "a_1_11_x.py", "b_2_12_x.py", "c_3_13_x.py")
    text = 'ID,Student,Notes\n1,"Ann\nAshe",x\n2,Bob\u2028Bo,"a\n\nb"\n3,Cid\x0bC,\x85\n'
    rows = taken(tmp_path, found, text)
    assert [row[:2] for row in rows.values()] == [
        ("Ann Ashe", "1"),
        ("Bob Bo", "2"),
        ("Cid C", "3"),
    ]


def test_what_is_no_roster_is_one_sentence(tmp_path: Path) -> None:
    found = lay(tmp_path, "ann.py", "bob.py")
    with pytest.raises(UsageError, match="line 1: no column Student"):
        taken(tmp_path, found, "a,b\n1,2\n")
    (tmp_path / "bad.csv").write_bytes("name\n山田".encode("shift_jis"))
    for name in ("bad.csv", "none.csv"):
        with pytest.raises(UsageError, match=f"--roster .*{name}: can't be read as UTF-8"):
            with_roster(found, tmp_path / name)
