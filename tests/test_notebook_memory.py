"""What a session of a notebook remembers, and what it lets go of; no kernel is needed for it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graders.notebook import extension, grader
from graders.notebook.asked import Memory
from graders.notebook.desk import Desk
from graders.notebook.history import History


def ask(desk: Desk, line: str) -> str:
    """What %problem answers to a line."""
    question = {"what": "problem", "line": line, "folder": ".", "notebook": "", "runs": []}
    return str(desk.answer(question, lambda *_: None)["text"])


@pytest.mark.parametrize(
    "wrong",
    [
        "conv1d --sprint cnn9",
        "conv1d --course nobodys",
        "conv1d --specs nowhere",
        "conv9 --sprint cnn1",
    ],
)
def test_what_was_asked_wrongly_is_forgotten(wrong: str) -> None:
    desk = Desk()
    right = ask(desk, "fc --sprint dnn --lang en")
    assert "(fc)" in right
    assert "(conv1d)" not in ask(desk, wrong)
    assert ask(desk, "fc") == right  # the sprint that it was asked for rightly


def test_a_sprint_that_was_found_is_none_of_other_specs() -> None:
    memory = Memory()

    def answered(line: str, found: str = "") -> dict[str, Any]:
        asked = memory.read("check", line)
        memory.found(found)
        memory.keep(asked)
        return dict(asked.fields)

    assert answered("conv1d", "cnn1") == {}
    assert answered("") == {"sprint": "cnn1"}
    assert answered("--plugin mine.py --lang en") == {"plugin": "mine.py", "language": "en"}
    assert "sprint" not in answered("")
    answered("x", "theirs")
    assert answered("")["sprint"] == "theirs"
    memory.read("check", "other")
    memory.found("wrong")  # and then it came to nothing
    assert answered("")["sprint"] == "theirs"


def test_after_a_reset_a_number_is_another_cells() -> None:
    shell = SimpleNamespace(execution_count=1, history_manager=None, user_ns={})
    history = History(shell)
    history.before(SimpleNamespace(cell_id="first"))
    history.after(SimpleNamespace(success=False, execution_count=1))
    shell.history_manager = SimpleNamespace(input_hist_raw=["", "x"])
    assert history.runs()[-1] == {"prompt": 1, "source": "x", "id": "first", "failed": True}
    history.before(SimpleNamespace(cell_id=None))  # %reset: numbers begin again
    assert history.runs()[-1] == {"prompt": 1, "source": "x", "id": "", "failed": False}


def test_the_thread_that_hears_the_grader_ends_with_it() -> None:
    one = grader.Grader()
    one.start()
    process, hearing = one._process, one._hearing
    assert process is not None and process.stdout is not None and hearing.is_alive()
    one.end()
    assert not hearing.is_alive() and process.stdout.closed and process.poll() is not None
    assert process.returncode == 0  # it ended itself: the kernel's patience is the longer one
    one.end()


def test_a_folder_that_is_gone_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shell = SimpleNamespace(
        user_ns={}, execution_count=1, history_manager=SimpleNamespace(input_hist_raw=[""])
    )

    def gone() -> str:
        raise FileNotFoundError(2, "No such file or directory")

    checking = extension.Checking(shell)
    monkeypatch.setattr(os, "getcwd", gone)
    monkeypatch.setenv("LANG", "C")
    assert checking.check("conv1d") is None
    assert "is gone: restart the kernel" in capsys.readouterr().out
