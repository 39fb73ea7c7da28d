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
    r"np\.(?P<name>float|int|bool|object|str|complex|long|unicode)": M(
        "np.{name} is no longer in NumPy; it was run as {name}"
    ),
    r"np\.(?P<name>\w+)": M("np.{name} is no longer in NumPy; what is called so today was used"),
    r"could not mend (?P<name>[\w.]+)": M("could not mend {name}"),
    r"cupy: NumPy in its place": M("cupy: NumPy in its place"),
    r"numba: functions as they are written": M(
        "numba is not installed here: its functions run as they are written"
    ),
    r"shell command": M("shell commands (!...) are not run here"),
    r"no such magic: (?P<name>%.*)": M("{name} is not known here and did nothing"),
    r"no such folder: (?P<folder>.*)": M("%cd: there is no folder {folder} here"),
    r"too long: cell (?P<cell>\d+)": M(
        "cell {cell} has too much code to be read; everything else is judged"
    ),
    r"too long: (?P<place>.*)": M("{place}: too much code to be read; everything else is judged"),
    r"too deep: cell (?P<cell>\d+)": M(
        "cell {cell} has statements that are nested too deeply to be read; everything else is judged"
    ),
    r"too deep: (?P<place>.*)": M(
        "{place}: nested too deeply to be read; everything else is judged"
    ),
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
_REASONS = {
    r"(?P<file>.+): not a notebook: no valid JSON \((?P<why>.*)\)": M(
        "{file}: not a notebook: no valid JSON ({why})"
    ),
    r"(?P<file>.+): not a notebook: it(?:s cells are no list| has no cells)": M(
        "{file}: not a notebook: it has no cells"
    ),
    r"(?P<file>.+): the file is empty; save the notebook .*": M(
        "{file}: the file is empty; save the notebook and hand it in again"
    ),
    r"(?P<file>.+): not text \(.*\)": M("{file}: not text; save it as UTF-8"),
    r"(?P<file>.+): larger than (?P<size>\d+) MiB; .*": M(
        "{file}: larger than {size} MiB; clear its outputs and hand it in again"
    ),
    r"(?P<file>.+): (?P<n>\d+) cells; at most (?P<most>\d+) are read": M(
        "{file}: {n} cells; at most {most} are read"
    ),
    r"(?P<file>.+): no notebook \(\.ipynb\) and no module \(\.py\) in this folder": M(
        "{file}: no notebook (.ipynb) and no module (.py) in it"
    ),
    r"(?P<file>.+): more than (?P<n>\d+) files or (?P<size>\d+) MiB; .*": M(
        "{file}: more than {n} files or {size} MiB in it; hand in only what the notebook needs"
    ),
    r"(?P<file>.+): can't be read: (?P<why>.*)": M("{file}: can't be read: {why}"),
}


def reason_of(text: str) -> Message:
    """Why a submission can't be read."""
    return _known(text, _REASONS)


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
