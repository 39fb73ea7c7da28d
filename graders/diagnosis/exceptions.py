"""What an exception says about the mistake behind it."""

from __future__ import annotations

import re
from dataclasses import replace

from graders.diagnosis.lessons import general
from graders.messages import M
from graders.misconceptions import Lesson, Name
from graders.sandbox.session import CellError, Session

_KNOWN: tuple[tuple[str, str, str, Lesson], ...] = (
    ("undefined-name", r"NameError|UnboundLocalError", r".", general.UNDEFINED_NAME),
    ("not-written", r"NotImplementedError", r"", general.NOT_WRITTEN),
    ("not-handed-in", r"ImportError", r".* is not installed where this .*", general.NOT_HANDED_IN),
    ("does-not-compile", r"SyntaxError|IndentationError|TabError", r".", general.DOES_NOT_COMPILE),
    ("still-none", r"\w+Error", r"'?NoneType'? .*", general.STILL_NONE),
    ("still-none", r"TypeError", r".*'NoneType'.*", general.STILL_NONE),
    (
        "still-a-number",
        r"AttributeError",
        r"'(int|float|numpy\.\w+)' object has no attribute '(shape|T|reshape|dot|sum|ndim|size|copy|transpose)'.*",
        general.STILL_A_NUMBER,
    ),
    (
        "still-a-number",
        r"TypeError|IndexError",
        r"('(int|float|numpy\.\w+)' object (is not subscriptable|does not support item assignment)|invalid index to scalar variable).*",
        general.STILL_A_NUMBER,
    ),
    ("missing-attribute", r"AttributeError", r"'\w+' object has no attribute .*", general.MISSING_ATTRIBUTE),
    ("not-callable", r"TypeError", r"'[\w.]+' object is not callable.*", general.NOT_CALLABLE),
    ("no-such-axis", r"IndexError|\w*AxisError", r"(tuple index out of range|too many indices for array|axis -?\d+ is out of bounds).*", general.NO_SUCH_AXIS),
    ("beyond-end", r"IndexError", r".*out of (bounds|range).*", general.BEYOND_END),
    ("reshape-misfit", r"ValueError", r"cannot reshape array .*", general.RESHAPE_MISFIT),
    (
        "shapes-misfit",
        r"ValueError",
        r".*(could not be broadcast|could not broadcast|non-broadcastable|not aligned|mismatch in its core dimension|must match exactly|array dimensions|all the input array).*",
        general.SHAPES_MISFIT,
    ),
    (
        "no-integer",
        r"IndexError|TypeError",
        r"(arrays used as indices must be of integer|only integers, slices|'float' object cannot be interpreted as an integer|slice indices must be integers).*",
        general.NO_INTEGER,
    ),
    ("sizes-apart", r"ValueError", r"(too many|not enough) values to unpack.*", general.SIZES_APART),
    ("empty-window", r"ValueError", r"(zero-size array to reduction operation|attempt to get arg(max|min) of an empty).*", general.EMPTY_WINDOW),
    ("uneven-rows", r"ValueError", r".*inhomogeneous shape.*", general.UNEVEN_ROWS),
    ("one-truth", r"ValueError", r"The truth value of an array .*", general.ONE_TRUTH),
    ("other-arguments", r"TypeError", r".*(positional argument|keyword argument).*", general.OTHER_ARGUMENTS),
)  # fmt: skip
_OF_SHAPE = re.compile(r"\.shape\b|axis|\[.*,")
_BUILT_IN = re.compile(r"'(list|tuple|dict|str|int|float|bool|module|numpy\.\w+)' object")
# What is told of exceptions alone; a method that nobody wrote may raise, or return nothing.
IDS = frozenset(id_ for id_, *_ in _KNOWN if id_ != "not-written") | {"written-size"}
VAGUE = frozenset({
    "beyond-end", "reshape-misfit", "shapes-misfit", "no-such-axis", "empty-window", "uneven-rows",
})  # fmt: skip
"""What goes wrong is clear, but not why: another explanation comes first."""
STILL = frozenset({"still-none", "still-a-number"})
"""A value is not what it should have become: where it was set says more."""


def name_of(error: CellError | None, session: Session | None = None) -> Name | None:
    """The mistake that an exception tells of; None if it does not say.

    A name that a cell would have defined, had it run through, is not the mistake.
    """
    if error is None or not error.type or (session and _of_broken_cell(error, session)):
        return None
    for id_, types, message, lesson in _KNOWN:
        if re.fullmatch(types, error.type) and re.match(message, error.message, re.DOTALL):
            if id_ == "missing-attribute" and _BUILT_IN.match(error.message):
                continue
            if id_ in ("sizes-apart", "no-such-axis") and not _OF_SHAPE.search(error.text):
                continue
            return Name(id_, lesson)
    return None


def says_little(error: CellError) -> bool:
    """True for an exception that says what goes wrong, but not why."""
    name = name_of(error)
    return name is not None and name.id in VAGUE | STILL


def is_still_set(error: CellError) -> bool:
    """True for an exception of a value that is not what it should have become."""
    name = name_of(error)
    return name is not None and name.id in STILL


def _of_broken_cell(error: CellError, session: Session) -> bool:
    missing = re.match(r"name '(\w+)' is not defined", error.message)
    if missing is None:
        return False
    name = re.escape(missing.group(1))
    binds = re.compile(rf"^(\s*(def|class)\s+{name}\b|.*\bimport\b.*\b{name}\b|{name}\b.*=)", re.M)
    return any(
        run.status != "ok" and binds.search(session.submission.cell(index).source)
        for index, run in session.runs.items()
    )


def written_size(errors: list[CellError]) -> Name | None:
    """A reshape to the same fixed numbers for inputs of different sizes."""
    shapes = set()
    for error in errors:
        found = re.match(r"cannot reshape array of size (\d+) into shape (\(.*?\))", error.message)
        if found is None:
            return None
        shapes.add((found.group(1), found.group(2)))
    fixed = {shape for _, shape in shapes}
    several = len({size for size, _ in shapes}) > 1
    if several and len(fixed) == 1 and "-1" not in next(iter(fixed)):
        hint = M(
            "The numbers {shape} fit the example only: from which array's shape do they come? Use that, such as self.W.shape.",
            shape=next(iter(fixed)).strip("()").replace(",", ", "),
        )
        return Name("written-size", replace(general.WRITTEN_SIZE, hint=hint))
    return None
