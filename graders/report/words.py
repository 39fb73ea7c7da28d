"""Plain texts of the rooms below (notes on loading, ends of a process) as messages.

They come as strings, some of them from the student's process; what is not known here is shown
as it came.
"""

from __future__ import annotations

import re

from graders.messages import M, Message

STATUS = {
    "passed": M("passed"),
    "partial": M("partly right"),
    "failed": M("wrong"),
    "missing": M("missing"),
    "error": M("can't be run"),
    "manual": M("for a person to grade"),
    "skipped": M("not checked"),
}
"""What a status is called, in every rendering."""

_NOTES = {
    r"notebook of format 3, converted": M("notebook of format 3, converted"),
    r"MNIST: a subset of real digits, repeated to the usual sizes": M(
        "MNIST: a subset of real digits, repeated to the usual sizes"
    ),
    r"could not mend (?P<name>[\w.]+)": M("could not mend {name}"),
    r"cupy: NumPy in its place": M("cupy: NumPy in its place"),
    r"absent: (?P<name>[\w.]+)": M("absent: {name}"),
    r"looks like (?P<other>\S+), graded as (?P<asked>\S+)": M(
        "this looks like {other}; it was graded as {asked}, as was asked for"
    ),
    r"overrides ignored: overrides\.yaml: in a class only --overrides counts": M(
        "the overrides.yaml in it does not count: in a class only --overrides does"
    ),
    r"overrides ignored: overrides\.yaml: a link, which is not followed": M(
        "the overrides beside it are a link, which is not followed"
    ),
    r"secret of this run: no home folder": M(
        "the random inputs are of this run alone, for there is no home folder to keep a secret in; --seed with the report's seed draws them again"
    ),
    r"secret of this run: (?P<file>.*): no secret": M(
        "the random inputs are of this run alone, for {file} holds no secret (remove it, and a new one is made); --seed with the report's seed draws them again"
    ),
    r"secret of this run: (?P<reason>.*)": M(
        "the random inputs are of this run alone, for no secret can be kept ({reason}); --seed with the report's seed draws them again"
    ),
    r"overrides ignored: (?P<reason>.*)": M("the overrides beside it do not count: {reason}"),
}
_ENDS = {
    r"it was never started": M("it was never started"),
    r"it closed its connection": M("it closed its connection"),
    r"it ended by itself with exit status (?P<code>\d+)": M(
        "it ended by itself with exit status {code}"
    ),
    r"it was ended by (?P<signal>[\w ]+)": M("it was ended by {signal}"),
    r"it started too many threads": M("it started too many threads"),
    r"it filled its scratch folder": M("it filled its scratch folder"),
    r"it answered another request than the one that was sent": M(
        "it answered another request than the one that was sent"
    ),
    r"the process sent what is no reply \(.*\)": M("it sent what is no reply"),
    r"it sent a malformed reply": M("it sent a malformed reply"),
    r"the process does not read what it is sent": M("it does not read what it is sent"),
}


def note_of(text: str) -> Message:
    """A note on how the submission was loaded."""
    return _known(text, _NOTES)


def end_of(text: str) -> Message:
    """How the student's process ended."""
    return _known(text, _ENDS)


def _known(text: str, table: dict[str, Message]) -> Message:
    for pattern, message in table.items():
        found = re.fullmatch(pattern, text)
        if found:
            return Message(message.id, found.groupdict())
    return Message("{text}", {"text": text})
