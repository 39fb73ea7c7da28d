"""The words of the pages."""

from __future__ import annotations

from graders.messages import Language, M

_WORDS = {
    "title": M("Hand in"),
    "skip": M("To the content"),
    "sections": M("Pages"),
    "you": M("You are here as"),
    "leave": M("Leave"),
    "login": M("By the university's login"),
    "class": M("Class"),
    "mine": M("My hand-ins"),
    "due": M("Due"),
    "closes": M("Closes"),
    "left": M("Attempts left"),
    "file": M("Notebook, module or zip file"),
    "send": M("Hand in"),
    "counts": M("The last one that you hand in counts."),
    "late_now": M("The due date is over: what you hand in now is late."),
    "attempts": M("Attempts"),
    "attempt": M("Attempt"),
    "came": M("Came in"),
    "name": M("File"),
    "state": M("Result"),
    "late": M("late"),
    "in_time": M("in time"),
    "nothing": M("Nothing was handed in yet."),
    "again": M("Look again"),
    "download": M("The file as it was handed in"),
    "back": M("Back"),
    "student": M("Student"),
    "students": M("Students"),
    "points": M("points"),
    "marks_later": M("This is what the grader found. What people decide comes with the marks."),
    "error": M("That did not work"),
    "submission": M("SHA-256 of the file"),
}  # fmt: skip


def words(language: Language) -> dict[str, str]:
    """The words by what they are for."""
    return {name: message.in_language(language) for name, message in _WORDS.items()}
