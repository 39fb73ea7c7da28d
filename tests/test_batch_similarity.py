"""Near-identical code is found however it is dressed up, and other people's code is not."""

from __future__ import annotations

import ast
import io
import keyword
import random
import re
import tokenize
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.batch.similarity.groups import similar_groups
from graders.batch.similarity.showing import MAX_LINES, shared_parts
from graders.batch.similarity.tokens import Token, tokens_of
from graders.batch.similarity.winnowing import (
    LENGTH,
    WINDOW,
    Prints,
    _hashes,
    _winnowed,
    fingerprints,
)
from graders.submission import read_submission
from tests.batch_class import ROOT, batch, notebook
from tests.interface_sources import SOURCES

SAMPLES = [
    ROOT / "submissions" / "right" / name
    for name in ("channels_last.py", "initializer_ja.ipynb", "arguments_en.ipynb",
                 "functional_en.ipynb", "network_in_one_class.py", "procedural_ja.ipynb")
]  # fmt: skip
ORIGINAL = SAMPLES[0].read_text(encoding="utf-8")


def dressed_up(source: str, seed: int = 1) -> str:
    """The same code with other names, other comments and another format."""
    draw = random.Random(seed)
    names: dict[str, str] = {}
    attributes = {n.attr for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute)}
    tree = ast.parse(source)
    own = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    own -= {"self"} | attributes
    for name in sorted(own):
        names[name] = f"v{draw.randrange(10**6)}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names.get(node.arg, node.arg)
        elif isinstance(node, ast.keyword):
            node.arg = names.get(node.arg or "", node.arg or "") or None
    text = ast.unparse(tree)  # comments, blank lines and brackets are gone
    return re.sub(r"(?m)^(\s*)(\S.*)$", r"\1# my own work\n\1\2", text)


def prints_of(folder: Path, name: str, text: str) -> Prints:
    """The fingerprints of a module."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return fingerprints(read_submission(path))


def test_the_transformation_changes_most_lines_and_names() -> None:
    other = dressed_up(ORIGINAL)
    before = [line for line in ORIGINAL.splitlines() if line.strip()]
    kept = [line for line in before if line in other.splitlines()]
    assert len(kept) < len(before) / 2
    words = [t.string for t in tokenize.generate_tokens(io.StringIO(other).readline)
             if t.type == tokenize.NAME and not keyword.iskeyword(t.string)]  # fmt: skip
    assert sum(w.startswith("v") and w[1:].isdigit() for w in words) > 100


def test_a_copy_with_other_names_comments_and_format_is_found_among_others(tmp_path: Path) -> None:
    everyone = [(p.name, fingerprints(read_submission(p))) for p in SAMPLES]
    everyone.append(("copy", prints_of(tmp_path, "copy", dressed_up(ORIGINAL))))
    groups = similar_groups(everyone)
    assert [g.members for g in groups] == [("channels_last.py", "copy")]
    assert groups[0].pairs[0].overlap > 0.95


def test_an_added_part_and_a_changed_one_hide_nothing(tmp_path: Path) -> None:
    other = dressed_up(ORIGINAL, 2).replace("0.01", "0.1")
    padded = other + "\n\n" + SOURCES["softmax"][0]("softmax", lambda *o: o[0], "")
    everyone = [(p.name, fingerprints(read_submission(p))) for p in SAMPLES]
    everyone.append(("copy", prints_of(tmp_path, "copy", padded)))
    assert [g.members for g in similar_groups(everyone)] == [("channels_last.py", "copy")]


def test_what_most_have_counts_for_nothing(tmp_path: Path) -> None:
    """Everyone has the course's code and something short of their own; two have the same."""
    own = [SOURCES[i][0](i, lambda *o: o[-1], "")
           for i in ("conv1d", "conv2d", "fc", "max_pool2d", "adagrad", "softmax", "sgd")]  # fmt: skip
    everyone = [
        (f"s{n}", prints_of(tmp_path, f"s{n}", ORIGINAL + "\n" + text))
        for n, text in enumerate(own)
    ]
    assert similar_groups(everyone) == []
    copy = ORIGINAL + "\n" + dressed_up(own[3])
    everyone.append(("copy", prints_of(tmp_path, "copy", copy)))
    assert [g.members for g in similar_groups(everyone)] == [("copy", "s3")]


def test_starter_code_counts_for_nothing(tmp_path: Path) -> None:
    two = [(f"s{n}", prints_of(tmp_path, f"s{n}", f"x = {n}\n" + ORIGINAL)) for n in range(2)]
    assert [g.members for g in similar_groups(two)] == [("s0", "s1")]
    assert similar_groups(two, prints_of(tmp_path, "starter", ORIGINAL)) == []


def test_a_large_group_is_one_group(tmp_path: Path) -> None:
    many = [
        (f"s{n:02}", prints_of(tmp_path, f"s{n:02}", dressed_up(ORIGINAL, n))) for n in range(15)
    ]
    other = SAMPLES[1:]
    blank = Prints(np.zeros(0, "<u8"), np.zeros((0, 3), "<i4"))
    many += [(p.name, fingerprints(read_submission(p))) for p in other]
    many += [(f"empty{n}", blank) for n in range(20)]
    (group,) = similar_groups(many)
    assert len(group.members) == 15


def test_the_shared_part_is_shown_where_it_stands(tmp_path: Path) -> None:
    mine = SOURCES["conv2d"][0]("conv2d", lambda *o: o[0], "")
    theirs = SOURCES["softmax"][0]("softmax", lambda *o: o[0], "")
    one, other = tmp_path / "one.ipynb", tmp_path / "other.ipynb"
    one.write_text(notebook("import numpy as np", theirs, mine, "print('hidden \\u202e')"))
    other.write_text(notebook(dressed_up(mine)))
    left, right = read_submission(one), read_submission(other)
    prints = fingerprints(left)
    shared = set(prints.hashes.tolist()) & set(fingerprints(right).hashes.tolist())
    parts = shared_parts(prints, shared, [(c.index, c.source) for c in left.cells])
    text = "\n".join(line for part in parts for line in part.lines)
    assert "tensordot" in text and {part.cell for part in parts} == {2}
    assert sum(len(part.lines) for part in parts) <= MAX_LINES
    for part in parts:
        lines = left.cells[2].source.split("\n")[part.line - 1 :][: len(part.lines)]
        assert [line.rstrip() for line in part.lines] == [line.rstrip() for line in lines]


def test_code_that_python_can_not_read_is_compared_as_words(tmp_path: Path) -> None:
    broken = ORIGINAL.replace("\n", "\n", 1) + "\n\ndef f(:\n    pass\n"
    (_, tokens), *_ = tokens_of(read_submission(_written(tmp_path / "a.py", broken)))
    assert len(tokens) > 200
    groups = similar_groups(
        [("a", prints_of(tmp_path, "a", broken)),
         ("b", prints_of(tmp_path, "b", broken.replace("stride", "step")))]
    )  # fmt: skip
    assert [g.members for g in groups] == [("a", "b")]


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_nested_deeply_or_long_is_read_all_the_same(tmp_path: Path) -> None:
    nested = "x = " + "(" * 150 + "1" + ")" * 150 + "\ny = " + " + ".join(["x"] * 900)
    assert len(prints_of(tmp_path, "nested", nested).hashes)
    long = "\n".join(f"a{n} = np.dot(a{n - 1}, {n})" for n in range(1, 6_000))
    assert len(prints_of(tmp_path, "long", long).hashes) < 6_000


tokens = st.lists(st.sampled_from("abcdefgh"), min_size=0, max_size=60)


@settings(max_examples=200, deadline=None, database=None)
@given(tokens, tokens, tokens, tokens, st.integers(0, 2**32))
def test_what_is_long_enough_is_always_found(
    a: list[str], b: list[str], c: list[str], d: list[str], seed: int
) -> None:
    """The guarantee of winnowing: a shared run of WINDOW + LENGTH - 1 tokens has a fingerprint."""
    draw = random.Random(seed)
    run = [draw.choice("abcdefgh") for _ in range(WINDOW + LENGTH - 1)]

    def prints(words: list[str]) -> set[int]:
        hashes = _hashes([Token(w, 1) for w in words])
        return {int(hashes[i]) for i in _winnowed(hashes)}

    assert prints([*a, *run, *b]) & prints([*c, *run, *d])


def test_few_fingerprints_stay() -> None:
    draw = random.Random(0)
    hashes = _hashes([Token(draw.choice("abcdefghij"), 1) for _ in range(20_000)])
    kept = len(_winnowed(hashes)) / len(hashes)
    assert kept == pytest.approx(2 / (WINDOW + 1), rel=0.1)


def test_prints_come_back_from_their_bytes(tmp_path: Path) -> None:
    prints = prints_of(tmp_path, "a", ORIGINAL)
    again = Prints.unpacked(prints.packed())
    assert (again.hashes == prints.hashes).all() and (again.places == prints.places).all()
    assert len(Prints.unpacked(b"").hashes) == 0


def test_the_page_and_the_table_name_the_group_and_show_it(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    evil = ORIGINAL.replace('"""', '"""<b>', 1)
    marked = re.sub(r"(?m)^(\s+)def forward", r"\1# </pre><b>\n\1def forward", evil)
    (folder / "one.py").write_text(marked, encoding="utf-8")
    (folder / "two.py").write_text(dressed_up(ORIGINAL), encoding="utf-8")
    (folder / "three.py").write_text(SOURCES["conv1d"][0]("conv1d", lambda *o: o[0], ""))
    arguments = ["--sprint", "cnn1", "--lang", "en"]
    done = batch(folder, "--out", tmp_path / "out", *arguments)
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "out" / "similar.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 2 and table[1].startswith("1,one,two,")
    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert "<code>one</code> and <code>two</code>: Overlap" in page
    assert "self" in page and "<b>" not in page and "&lt;/pre&gt;&lt;b&gt;" in page
    starter = tmp_path / "starter.py"
    starter.write_text(ORIGINAL, encoding="utf-8")
    again = ["--resume", "--starter", starter]
    assert batch(folder, "--out", tmp_path / "out", *arguments, *again).returncode == 0
    table = (tmp_path / "out" / "similar.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 1
    refused = batch(folder, "--out", tmp_path / "out", "--resume", "--starter", tmp_path / "no.py")
    assert refused.returncode == 2 and "no such file" in refused.stderr
