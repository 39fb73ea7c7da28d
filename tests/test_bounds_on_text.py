"""Strangers' text: bounds of size and depth, searched in a time that grows with its length alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from graders.binding.definitions import read_definitions
from graders.errors import SubmissionError
from graders.kinds.answers.checks import pool_of
from graders.report.words import note_of
from graders.submission import read_submission
from graders.submission.magics import python_of
from graders.submission.parsing import (
    MAX_DEPTH,
    MAX_TOKENS,
    compiled,
    deep_statements,
    expression,
    is_too_deep,
    parse,
    size_of,
)
from graders.submission.text import LONGEST_BLANKS, LONGEST_MARKS, tamed
from tests.built_in import built_in_sprints

GRADERS = Path(__file__).resolve().parent.parent / "graders"
SIZES = "def output_size(n_in, padding, filter_size, stride):\n    return 1\n"
DEEP = {
    "signs": "x = " + "-" * 100_000 + "1\n",
    "choices": "if a: pass\n" + "".join(f"elif a == {i}: pass\n" for i in range(2_500)),
    "attributes": "x = a" + ".b" * 3_000 + "\n",
    "calls": "x = f" + "()" * 3_000 + "\n",
    "sums": "x = " + "+".join("a" * 3_000) + "\n",
    "negations": "x = " + "not " * 5_000 + "a\n",
    "powers": "x = " + "**".join("a" * 3_000) + "\n",
    "functions": "x = " + "lambda: " * 1_000 + "1\n",
    "conditions": "x = " + "1 if a else " * 3_000 + "2\n",
    "lists": "x = " + "[" * 190 + "]" * 190 + "\n",
    "loops": "".join(" " * i + "for i in a:\n" for i in range(99)) + " " * 99 + "pass\n",
}


# -- code --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DEEP)
def test_what_is_nested_too_deeply_costs_itself_alone(kind: str, write_notebook: Any) -> None:
    path = write_notebook(SIZES, DEEP[kind])
    submission = read_submission(path)
    definitions, _ = read_definitions(submission)
    assert [d.name for d in definitions] == ["output_size"]
    told = [note_of(n).in_language("ja") for n in submission.notes]
    if kind != "loops":  # deep, and less than what is refused
        assert told and all("セル 1" in t and "入れ子" in t for t in told)
    beside = read_submission(write_notebook(SIZES + "x = " + "[" * 150 + "]" * 150))
    assert [d.name for d in read_definitions(beside)[0]] == ["output_size"]


def test_a_tree_may_be_walked_with_recursion() -> None:
    source = "x = " + "[" * (MAX_DEPTH - 4) + "]" * (MAX_DEPTH - 4)
    tree = parse(source)
    assert tree is not None and len(tree.body) == 1
    assert ast.unparse(tree) == source
    assert parse("x = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1) + "\ny = 1") is not None
    assert len(deep_statements("x = " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))) == 1


def test_a_module_is_cut_at_what_is_too_deep(tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text(SIZES + DEEP["choices"] + "def later(): return 2\n")
    submission = read_submission(path)
    assert [d.name for d in read_definitions(submission)[0]] == ["output_size", "later"]
    assert any("line 3" in note for note in submission.notes)


def test_too_much_code_is_refused_or_left_out(tmp_path: Path, write_notebook: Any) -> None:
    path = tmp_path / "names.py"
    path.write_text("a\n" * (MAX_TOKENS + 1))
    with pytest.raises(SubmissionError, match="too much code") as caught:
        read_submission(path)
    assert "コードが多すぎて" in caught.value.in_language("ja")
    much = "a;" * (MAX_TOKENS // 4)
    submission = read_submission(write_notebook(SIZES, much, much, "b = 1"))
    assert [bool(c.source) for c in submission.cells][0::3] == [True, True]
    assert sum(not c.source for c in submission.cells) == 1
    assert sum(size_of(c.source) for c in submission.cells) <= MAX_TOKENS


def test_a_companion_is_bounded_too(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(SIZES)
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("a\n" * (MAX_TOKENS + 1))
    (tmp_path / "deep.py").write_text(DEEP["signs"])
    submission = read_submission(tmp_path)
    assert [d.name for d in read_definitions(submission)[0]] == ["output_size"]
    assert len(submission.notes) >= 3


def test_marks_on_a_letter_are_not_sorted_for_an_hour(write_notebook: Any) -> None:
    letter = "a" + "\u0301\u0327" * 100_000
    assert size_of(letter) > MAX_TOKENS and parse(letter) is None
    assert len(tamed(letter, 10**6)) == 1 + LONGEST_MARKS
    assert "が" in pool_of(["か\u3099"], [], []).text  # what letters are made of stays
    assert read_submission(write_notebook(SIZES, letter + " = 1")).cells[1].source == ""


def test_parsing_raises_nothing() -> None:
    for source in ("x = (", "\0", "x = 1\n  y", "\ud800", "", "\x0c", *DEEP.values()):
        parse(source)
        expression(source)
        is_too_deep(source)


def test_nobody_else_parses_students_code() -> None:
    """`ast.parse` of our own texts (formulas, the audit's references) is not strangers' code."""
    rooms = (
        "submission", "binding", "judging", "kinds", "verdict", "checks", "diagnosis", "watch", "batch", "sandbox",
    )  # fmt: skip
    files = [f for room in rooms for f in (GRADERS / room).rglob("*.py")]
    for file in [*files, GRADERS / "engine.py"]:
        if file.name != "parsing.py" and "sgworker" not in file.parts:
            assert "ast.parse(" not in file.read_text(encoding="utf-8"), file


# -- magics ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install a\\\n  b\nx = 1", "pass\n\nx = 1"),
        ("x = !ls\ny = %pwd", "x = None\ny = None"),
        ("if a:\n    %cd b\n    !ls", "if a:\n    pass\n    pass"),
        ("print('%d'\n      % 3)\n%time x", "print('%d'\n      % 3)\npass"),
        ('t = """\n%not a magic\n"""\n%magic', 't = """\n%not a magic\n"""\npass'),
        ("x = [1 # (\n%2]\n%a", "x = [1 # (\n%2]\npass"),
        ("x = 'it\\'s' # \"\n%a", "x = 'it\\'s' # \"\npass"),
        ("np.dot?\n?np", "pass\npass"),
        ("%%time\nx = 1", "\nx = 1"),
        ("%%bash\nrm x", ""),
        ("  %a\n  x = 1", "pass\nx = 1"),
        (">>> x = 1\n>>> def f():\n...     return 2", "x = 1\ndef f():\n    return 2"),
    ],
)
def test_ipythons_own_syntax_is_taken_out(source: str, python: str) -> None:
    assert python_of(source) == python
    ast.parse(python)


def test_a_cell_of_many_magics_is_read_in_one_pass() -> None:
    many = "%a\n" * 20_000 + SIZES
    tree = compiled(read_cell(many))
    assert tree is not None and len(tree.body) == 20_001


def read_cell(source: str) -> Any:
    """A cell by itself."""
    from graders.submission import Cell, Section

    return Cell(0, source, Section())


# -- patterns ----------------------------------------------------------------------------------


def test_runs_are_bounded_before_anything_is_searched() -> None:
    text = tamed("162" + "\n" * 10**6 + "!" + "a" * 10**6, 10**6 * 3)
    assert len(text) < 1_000 and "\n" * LONGEST_BLANKS in text
    assert len(pool_of(["162" + "\n" * 10**6 + "!"], [], ["x" * 10**6]).text) < 1_000
    japanese = "これは長い文です" * 200
    assert tamed(japanese, 10**6) == japanese


Run = tuple[frozenset[Any], bool]


def runs_of(items: Any) -> Iterator[list[tuple[Any, bool]]]:
    """The ways through a pattern: what is matched one after the other, and whether without limit."""
    ways: list[list[tuple[Any, bool]]] = [[]]
    for op, value in items:
        more: list[list[tuple[Any, bool]]] = []
        if op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            low, high, inner = value
            endless = high is _constants.MAXREPEAT
            more = [[(w[0][0], endless)] if len(w) == 1 else w for w in runs_of(inner)]
            more += [[]] if low == 0 else []
        elif op is _constants.SUBPATTERN:
            more = list(runs_of(value[3]))
        elif op is _constants.BRANCH:
            more = [w for branch in value[1] for w in runs_of(branch)]
        elif op in (_constants.ASSERT, _constants.ASSERT_NOT, _constants.AT):
            more = [[]]
        else:
            more = [[((op, value), False)]]
        ways = [w + m for w in ways for m in more][:500]
    yield from ways


def matches(one: Any, text: str) -> bool:
    """Whether a single step of a pattern matches a character."""
    op, value = one
    if op is _constants.ANY:
        return text != "\n"
    if op is _constants.LITERAL:
        return bool(chr(value).lower() == text.lower())
    if op is _constants.NOT_LITERAL:
        return bool(chr(value) != text)
    if op is _constants.IN:
        inside = [item for item in value if item[0] is not _constants.NEGATE]
        found = any(matches(item, text) for item in inside)
        return found != (len(inside) < len(value))
    if op is _constants.RANGE:
        return bool(value[0] <= ord(text) <= value[1])
    if op is _constants.CATEGORY:
        letter = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[str(value).rsplit("_", 1)[-1]]
        return bool(re.match(letter, text)) != ("NOT" in str(value))
    return False


def is_squared(pattern: str, flags: int = 0) -> bool:
    """True for two runs without limit beside each other that can share their characters."""
    for way in runs_of(_parser.parse(pattern, flags)):
        for i, (first, endless) in enumerate(way):
            if not endless:
                continue
            for character in "\n \t0a_,":
                if not matches(first, character):
                    continue
                for second, again in way[i + 1 :]:
                    if not matches(second, character):
                        break
                    if again:
                        return True
    return False


def test_squared_patterns_are_seen() -> None:
    assert is_squared(r"162\s*(,|\n)\s*6") and is_squared(r"a+a+b") and is_squared(r"\s*\n\s*x")
    assert not is_squared(r"162(\s*,|[^\S\n]*\n)\s*6") and not is_squared(r"\d+\s+\d+")


def test_no_pattern_of_the_specs_takes_the_square_of_a_run() -> None:
    patterns = []
    for sprint in built_in_sprints().values():
        patterns += list(sprint.detect)
        for item in sprint.items:
            patterns += [p for a in item.answers for way in a.accept for p in way]
    assert len(patterns) > 30
    assert [p.pattern for p in patterns if is_squared(p.pattern)] == []
