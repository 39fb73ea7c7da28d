"""Whatever lies in a class, each of it is in somebody's row or told; and nobody's row is lost by another's file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from graders.batch.discover import _named
from graders.batch.layouts import _NOBODYS, LAYOUTS, grouped
from graders.batch.listing import Kind, Listing, Other
from graders.batch.model import Part
from graders.errors import UsageError

STUDENTS = (
    "ann",
    "bob",
    "Ann A",
    "山田 太郎",
    "=cmd",
    "..",
    "a_b",
    "_",
    "x" * 120,
    "submission_7",
    "é",
)
ENDINGS = (".py", ".ipynb", ".PY", ".pdf", ".tar.gz", ".ipynb.txt", ".zip", "", ".yaml", ".csv")
INSIDE = ("work.py", "work.ipynb", "report.pdf", "overrides.yaml", "deep/er/work.py",
          "submission_metadata.yml", "x_1_2_y.py", "A_1_assignsubmission_file_/a.py")  # fmt: skip


def tops(draw: random.Random) -> list[str]:
    """Names at the top of a class: of one layout or of several."""
    who, n, m = draw.choice(STUDENTS), draw.randrange(1, 9), draw.randrange(1, 99)
    end = draw.choice(ENDINGS)
    kinds = (
        [f"{who}{end}"], [who + "/"], [f"{who}_{n}_{m}_work{end}"], [f"anon_{who}_{m}_work{end}"],
        [f"{who}_{n}_assignsubmission_file_/"], [f"{who}_{n}_assignsubmission_file_work{end}"],
        [f"{who}_{n}_assignsubmission_onlinetext_/"], [f"submission_{m}/"],
        ["README.md"], [".hidden/"], [f"s11-{who}/"], [f"{who}.py", f"{who}.ipynb", f"{who}.pdf"],
    )  # fmt: skip
    return draw.choice(kinds)


def listing(draw: random.Random) -> Listing:
    """A class made at random."""
    parts: dict[str, Part] = {}
    others: dict[str, Other] = {}
    for _ in range(draw.randrange(1, 7)):
        for name in tops(draw):
            if not name.endswith("/"):
                kind = draw.choice((None, None, None, Kind.LINK, Kind.SPECIAL))
                if name in parts or name in others:
                    continue
                if kind is None:
                    parts[name] = Part(name, Path("/class", name))
                else:
                    others[name] = Other(name, kind)
                continue
            inside = draw.sample(INSIDE, draw.randrange(0, 3))
            parts |= {name + i: Part(name + i, Path("/class", name + i)) for i in inside}
            if not inside:
                others[name[:-1]] = Other(name[:-1], Kind.EMPTY)
    return Listing(tuple(parts.values()), tuple(others.values()))


@pytest.mark.parametrize("seed", range(20))
def test_everything_is_in_a_row_or_told(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(100):
        made = listing(draw)
        layout = draw.choice(("auto", "auto", *LAYOUTS))
        clones = frozenset(t for t in made.tops if t.startswith("s11-"))
        try:
            found = grouped(made, layout, clones, packed=draw.random() < 0.5)
        except UsageError:
            if layout in ("auto", "plain"):
                raise  # only a layout that is asked for may not fit
            continue
        handed = _named(found.groups, Path("/class"))
        ids = [h.id.casefold() for h in handed]
        assert len(set(ids)) == len(ids)
        rows = sum(len(g.parts) + len(g.others) + g.typed for g in found.groups)
        told = len(found.notes)
        everything = len([p for p in made.parts if not p.name.startswith(".")]) + len(
            [o for o in made.others if not o.name.startswith(".")]
        )
        names = [p.name for p in made.parts] + [o.name for o in made.others]
        typed = sum("onlinetext" in name for name in names)
        used = sum(p.name.endswith("submission_metadata.yml") for p in made.parts)
        assert rows + told + typed + used >= everything, (made, found)


@pytest.mark.parametrize("seed", range(10))
def test_one_more_file_takes_nobodys_row_away(seed: int) -> None:
    """A class of one layout, and a file of each other kind: the others' ids and files stay."""
    draw = random.Random(seed)
    systems = {
        "moodle": [f"S{i}_{i}_assignsubmission_file_/work.py" for i in range(4)],
        "canvas": [f"s{i}_{i}_9{i}_work.py" for i in range(4)],
        "plain": [f"s{i}.py" for i in range(4)],
    }
    for name, files in systems.items():
        parts = tuple(Part(f, Path("/class", f)) for f in files)
        before = grouped(Listing(parts), "auto", frozenset())
        assert before.layout == name
        for _ in range(30):
            (strange, *_) = tops(draw)
            strange = strange + "work.py" if strange.endswith("/") else strange
            if strange.startswith("."):
                continue
            more = (*parts, Part(strange, Path("/class", strange)))
            after = grouped(Listing(more), "auto", frozenset())
            assert after.layout == name, strange
            kept = {(g.label, g.parts) for g in after.groups}
            assert {(g.label, g.parts) for g in before.groups} <= kept, strange
            new = len(after.groups) - len(before.groups)
            assert new == 1 or (new == 0 and _NOBODYS.fullmatch(strange) and after.notes), strange
