"""An exception's own text, and in plain words what it says: of those that students meet most."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from graders.messages import M, Message
from graders.sandbox.session import CellError

_PLACE = re.compile(r" \((?:<[^<>]*>|[^()]*), line (\d+)\)$")
_Words = Callable[[re.Match[str]], Message]


def in_words(error: CellError) -> Message | str:
    """Type and text of an exception, and what it means, where that is known."""
    text = _PLACE.sub("", str(error))
    meaning = meaning_of(error)
    return text if meaning is None else M("{error} ({meaning})", error=text, meaning=meaning)


def line_of(error: CellError) -> int | None:
    """The line of the cell where it was raised; of what does not compile, where the parser stopped."""
    if error.line is not None:
        return error.line
    found = _PLACE.search(error.message)
    return int(found[1]) if found is not None else None


def meaning_of(error: CellError) -> Message | None:
    """What an exception means; None where its text says it, or nobody knows."""
    for pattern, words in _MEANINGS.items():
        found = re.search(pattern, error.message)
        if found is not None:
            return words(found)
    return None


def _product(found: re.Match[str]) -> Message:
    return M(
        "left of the product are {left} columns, right of it {right} rows",
        left=found["left"],
        right=found["right"],
    )


_MEANINGS: Mapping[str, _Words] = {
    r"unindent does not match": lambda _: M("its indentation is that of no line before it"),
    r"^unexpected indent": lambda _: M("it is indented further than the line before it allows"),
    r"expected an indented block": lambda _: M("the lines after it must be indented"),
    r"U\+3000": lambda _: M("there is a full-width space in it; make it a plain one"),
    r"invalid character '(?P<sign>.)' \(U\+(FF|30|20)": lambda found: M(
        "{sign} is a full-width or typographic sign; type the plain one", sign=found["sign"]
    ),
    r"'(?P<sign>[(\[{])' was never closed": lambda found: M(
        "the bracket {sign} is opened and not closed", sign=found["sign"]
    ),
    r"^unmatched '(?P<sign>[)\]}])'": lambda found: M(
        "the bracket {sign} closes what was not opened", sign=found["sign"]
    ),
    r"unterminated (triple-quoted )?(f-)?string": lambda _: M("a text has no closing quote"),
    r"^expected ':'": lambda _: M("the colon at its end is missing"),
    r"mismatch in its core dimension 0.*\(size (?P<right>\d+) is different from (?P<left>\d+)\)": _product,
    r"not aligned: (?P<left>\d+) \(dim \d\) != (?P<right>\d+) \(dim \d\)": _product,
    r"could not be broadcast together with shapes (?P<one>\([\d,]*\)) (?P<other>\([\d,]*\))": lambda found: (
        M(
            "element by element, {one} and {other} don't go together",
            one=found["one"],
            other=found["other"],
        )
    ),
    r"could not broadcast input array from shape (?P<one>\([\d,]*\)) into shape (?P<other>\([\d,]*\))": lambda found: (
        M(
            "an array of shape {one} goes into a place of shape {other}",
            one=found["one"],
            other=found["other"],
        )
    ),
    r"cannot reshape array of size (?P<size>\d+) into shape \((?P<shape>\d+(,\d+)+)\)": lambda found: (
        M(
            "the array has {size} elements, and the shape takes {product}",
            size=found["size"],
            product=_elements(found["shape"]),
        )
    ),
    r"truth value of an array with more than one element": lambda _: M(
        "if asks for one yes or no, and an array has one for each element"
    ),
    r"cannot access local variable '(?P<name>\w+)'": lambda found: M(
        "{name} gets no value before it is used in this function", name=found["name"]
    ),
    r"index (?P<index>-?\d+) is out of bounds for axis (?P<axis>\d+) with size (?P<size>\d+)": lambda found: (
        M(
            "axis {axis} has {size} entries, which are counted from 0",
            axis=found["axis"],
            size=found["size"],
        )
    ),
    r"^(?P<module>[\w.]+) is not installed where this": lambda found: M(
        "{module} is not there where this is graded, and {file} was not handed in",
        module=found["module"],
        file=found["module"].split(".")[0] + ".py",
    ),
}


def _elements(shape: str) -> int:
    product = 1
    for side in shape.split(","):
        product *= int(side)
    return product
