"""The Japanese catalogue: whole, in step with the sources, and what a Japanese notebook gets.

``python -P tests/test_catalogue.py`` renews the template, the entries of the .po and the .mo;
what it can't do is translate.
"""

import ast
import datetime
import functools
import io
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from graders.checks import model
from graders.engine import Loaded
from graders.grading import Grading, Request
from graders.kinds.answers.checks import Pool, check_answers
from graders.messages import M, Message, clean
from graders.report.report import Report
from graders.report.terminal import summary
from graders.sandbox.isolation import NOT_STARTED
from graders.sandbox.session import CellError, CellRun
from graders.submission import Cell, Section, Submission
from tests.built_in import built_in_sprints

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "graders"
TEMPLATE = SOURCES / "locale" / "scratchgrade.pot"
JAPANESE = SOURCES / "locale" / "ja" / "LC_MESSAGES"
NEVER = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)  # dates would change with every run
HEADER = """\
# Sentences of Scratch Grader for students.
# Renew after a change of the sources: python tests/test_catalogue.py"""
# Names and frames, the same in both languages.
AS_THEY_ARE = {
    "W", "B", "{path}: {reason}", "{one} {two}", "{title}. {hint}", "{item}: {status}: {message}",
    "{name}, {place}", "{title}. {repair}", "{error} ({meaning})", "{due}; {rule}", "{sprint}: {due}; {rule}", "{id}: {late}",
    "{one}", "{one}, {more}", "{one}, {other}", "{one} × {other}", "{size} - 1", "{size} + 1",
}  # fmt: skip
JAPANESE_LETTER = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z][a-z']*(?: [a-z']+){2,}")


@functools.cache
def extracted() -> Catalog:
    """The messages that stand in the sources."""
    catalog = Catalog(
        project="scratchgrade", version="0.1", domain="scratchgrade", fuzzy=False,
        header_comment=HEADER, msgid_bugs_address="none", last_translator="Scratch Grader",
        language_team="none", creation_date=NEVER, revision_date=NEVER,
    )  # fmt: skip
    for file, line, message, comments, context in extract_from_dir(SOURCES, keywords={"M": (1,)}):
        place = f"graders/{Path(file).as_posix()}"
        catalog.add(message, None, [(place, line)], auto_comments=comments, context=context)
    return catalog


def written(catalog: Catalog) -> bytes:
    """A catalogue as its file has it: without line numbers, which change all the time."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=98, include_lineno=False)
    return buffer.getvalue()


def translated() -> Catalog:
    """The .po."""
    with (JAPANESE / "scratchgrade.po").open("rb") as file:
        return read_po(file, "ja", "scratchgrade")


def texts(catalog: Catalog) -> dict[str, str]:
    """Translations by id, without the header."""
    return {str(m.id): str(m.string) for m in catalog if m.id}


def compiled(catalog: Catalog) -> bytes:
    """What gettext reads."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def parameters(text: str) -> set[str | None]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def faults(catalog: Catalog) -> list[str]:
    """All that is wrong with a .po for the sources as they are."""
    wanted, found = texts(extracted()), texts(catalog)
    wrong = [f"not in the .po: {i}" for i in wanted if i not in found]
    wrong += [f"not in the sources: {i}" for i in found if i not in wanted]
    wrong += [f"obsolete: {m.id}" for m in catalog.obsolete.values()]
    wrong += [f"fuzzy: {m.id}" for m in catalog if m.id and m.fuzzy]
    for id_, text in found.items():
        if not text:
            wrong.append(f"not translated: {id_}")
        elif parameters(id_) != parameters(text):
            wrong.append(f"other parameters: {id_}")
        elif id_ not in AS_THEY_ARE and not JAPANESE_LETTER.search(text):
            wrong.append(f"not Japanese: {id_}")
        elif ENGLISH.search(text):
            wrong.append(f"English left in it: {id_}")
    return wrong


# -- the files --------------------------------------------------------------------------------


def test_every_message_has_its_translation() -> None:
    assert faults(translated()) == []


def test_faults_are_seen() -> None:
    def changed(id_: str, text: str, *flags: str) -> list[str]:
        catalog = translated()
        catalog.delete(id_)
        catalog.add(id_, text, flags=flags)
        return faults(catalog)

    assert changed("missing", "") == ["not translated: missing"]
    assert changed("missing", "未回答", "fuzzy") == ["fuzzy: missing"]
    assert changed("No such message.", "ありません。") == ["not in the sources: No such message."]
    assert changed("{what} is empty.", "{that}が空です。") == ["other parameters: {what} is empty."]
    assert changed("missing", "missing") == ["not Japanese: missing"]
    shorter = translated()
    shorter.delete("missing")
    assert faults(shorter) == ["not in the .po: missing"]


def test_the_template_has_the_messages_of_the_sources() -> None:
    with TEMPLATE.open("rb") as file:
        assert set(texts(read_po(file))) == set(texts(extracted()))


def test_the_mo_is_the_compiled_po() -> None:
    with (JAPANESE / "scratchgrade.mo").open("rb") as file:
        assert texts(read_mo(file)) == texts(translated())


def calls_of_m() -> Iterator[tuple[str, ast.Call]]:
    """Every call of M() with its place."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "M"
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_every_message_is_a_literal_with_its_parameters() -> None:
    """Babel can't see another id, and a missing parameter would leave its braces in a sentence."""
    wrong = []
    for place, call in calls_of_m():
        first = call.args[0]
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            wrong.append(f"{place}: no literal")
            continue
        given = {k.arg for k in call.keywords}
        apart = "report/words.py" in place  # templates, filled in later
        if None not in given and not apart and given != parameters(first.value):
            wrong.append(f"{place}: {sorted(map(str, given ^ parameters(first.value)))}")
    assert wrong == []


# -- what a student reads ---------------------------------------------------------------------


def english_in(text: str) -> bool:
    """True for a text that is not a Japanese sentence."""
    return not JAPANESE_LETTER.search(text) or ENGLISH.search(text) is not None


@pytest.mark.parametrize("sample", ["db_wrong_axis.py", "f_minus_one_outputs.ipynb"])
def test_a_japanese_report_has_no_english_sentence(sample: str) -> None:
    grading = Grading(Request(ROOT / "submissions" / "wrong" / sample, language="ja"))
    for _ in grading.events():
        pass
    grading.finish()
    data: dict[str, Any] = grading.report.as_dict()
    assert data["language"] == "ja"
    said = [item["message"] for item in data["items"]]
    said += [check["message"] for item in data["items"] for check in item["checks"]]
    said += [note for item in data["items"] if item["binding"] for note in item["binding"]["notes"]]
    said += data["load"]["notes"]
    said += [line for line, _ in summary(grading.report) if line]
    assert len(said) > 30
    assert [text for text in said if english_in(text)] == []


def test_a_stopped_run_and_broken_cells_are_told_in_japanese() -> None:
    cells = tuple(Cell(i, "x = 1", Section("")) for i in range(4))
    submission = Submission(Path("a.ipynb"), "notebook", "", cells, "", "ja")
    report = Report(Path("a.ipynb"), "ja", submission, built_in_sprints()["cnn1"])
    ends = ["it was ended by SIGKILL", "it ended by itself with exit status 3"]
    runs = [CellRun(i, "died", 0.1, CellError("", end)) for i, end in enumerate(ends)]
    runs += [CellRun(2, "timeout", 9.0), CellRun(3, "error", 0.1)]
    notes = (
        "MNIST: a subset of real digits, repeated to the usual sizes",
        "notebook of format 3, converted",
        "absent: torch",
    )
    report.take(Loaded(tuple(runs), notes, "3.12", "2.3", NOT_STARTED))
    lines = [line for line, _ in summary(report) if line]
    assert len(lines) > len(runs) + len(notes)
    assert [line for line in lines if english_in(line)] == []
    assert any("SIGKILL" in line for line in lines)
    assert any("torch" in line for line in lines)
    assert all(not english_in(i["message"]) for i in report.as_dict()["items"])


def test_the_questions_of_written_answers_are_asked_in_both_languages() -> None:
    spec = built_in_sprints()["cnn2"].item("conv2d_answers")
    for text, status in (("", model.FAILED), (spec.canonical, model.PASSED)):
        for answer, check in zip(spec.answers, check_answers(spec, Pool(text)), strict=True):
            assert check.status == status
            assert answer.question.en in check.message.in_language("en")
            assert answer.question.ja in check.message.in_language("ja")
            assert not english_in(check.message.in_language("ja"))


def test_parameters_are_rendered_in_the_language_of_the_sentence() -> None:
    class Both:
        def in_language(self, language: str, /) -> str:
            return f"::{language}\n" + "x" * 1_000

    inner = M("{what} is empty.", what="dX")
    outer = M("In a second pass: {reason}", reason=inner)
    assert outer.in_language("ja").endswith(inner.in_language("ja"))
    text = Message("{both}", {"both": Both()}).in_language("ja")
    assert text == clean("ja " + "x" * 1_000)


def renew() -> None:
    """Write the template, bring the .po up to date, compile it."""
    JAPANESE.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_bytes(written(extracted()))
    catalog = translated()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.revision_date, catalog.header_comment = NEVER, HEADER
    (JAPANESE / "scratchgrade.po").write_bytes(written(catalog))
    (JAPANESE / "scratchgrade.mo").write_bytes(compiled(catalog))
    for fault in faults(translated()):
        print(fault)


if __name__ == "__main__":
    renew()
