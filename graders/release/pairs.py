"""Documented pairs as code cells: what goes in, and what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from graders.binding.lexicon import lexicon
from graders.messages import Language
from graders.release import words
from graders.specs import ItemSpec, Pair
from graders.specs.signatures import signature_of
from graders.traits import Trait

_COUNTED = 12  # from so many elements on, 0, 1, 2, ... is written as a range
_WIDTH = 96
_BLANK_LINES = re.compile(r"\n\s*\n")


def pair_cell(spec: ItemSpec, pair: Pair, language: Language) -> str:
    """The source of the cell. Nothing in it calls what students write: it runs from the beginning."""
    example = f"# {words.EXAMPLE.in_language(language)}"
    comes_out = f"# {words.COMES_OUT.in_language(language)}"
    if spec.value:
        return f"{example}\n# {_call(spec, pair)}\n{comes_out}\n# {_values(pair.expected)}"
    lines = [example, *(_assigned(name, a) for name, a in _given(spec, pair))]
    if pair.upstream is not None:
        note = words.COMES_IN.in_language(language)
        name = _first_of(spec, "backward") or "upstream"
        lines += [f"# {note}", _assigned(name, pair.upstream)]
    lines.append(comes_out)
    for facet, array in pair.expected.items():
        lines += _expected(f"expected_{facet}", array)
    return "\n".join(lines)


def _given(spec: ItemSpec, pair: Pair) -> Iterator[tuple[str, np.ndarray]]:
    """Arrays and sizes by the names that the signature has for their roles."""
    signature = signature_of(spec)
    names = {} if signature is None else _names(spec, signature.calls[0].names)
    if Trait.LAYER in spec.traits:
        names["x"] = _first_of(spec, "forward") or "x"
    for name, array in pair.given.items():
        yield names.get(name, name), array


def _first_of(spec: ItemSpec, method: str) -> str:
    """What a method takes first; "" where the signature has no such method."""
    signature = signature_of(spec)
    call = signature.method(method) if signature is not None else None
    return call.names[0] if call is not None and call.names else ""


def _names(spec: ItemSpec, parameters: tuple[str, ...]) -> dict[str, str]:
    """The parameter of a role that an array has, or of a size."""
    found: dict[str, str] = {}
    for name in parameters:
        for role in lexicon().roles(name):
            if role in spec.arguments:
                found.setdefault(role, name)
                break
            if role in spec.roles:
                found.setdefault(spec.roles[role].text, name)
                break
    return found


def _call(spec: ItemSpec, pair: Pair) -> str:
    signature = signature_of(spec)
    if signature is None:
        return ", ".join(f"{k} = {_number(v)}" for k, v in pair.given.items())
    names = _names(spec, signature.calls[0].names)
    given = ", ".join(f"{names.get(k, k)}={_number(v)}" for k, v in pair.given.items())
    return f"{signature.name}({given})"


def _values(expected: Mapping[str, np.ndarray]) -> str:
    return "; ".join(", ".join(f"{v:g}" for v in np.ravel(a)) for a in expected.values())


def _number(value: np.ndarray) -> str:
    return f"{float(value):g}"


def _assigned(name: str, array: np.ndarray) -> str:
    before = f"{name} = "
    return before + written(array, before)


def written(array: np.ndarray, before: str = "") -> str:
    """An array as source, which stands behind what is `before` it in its line."""
    array = np.asarray(array)
    if array.ndim == 0:
        return f"{float(array):g}"
    flat = array.ravel()
    if array.size >= _COUNTED and np.array_equal(flat, np.arange(array.size)):
        ranged = f"np.arange({array.size}.0)"
        return (
            ranged if array.ndim == 1 else f"{ranged}.reshape({', '.join(map(str, array.shape))})"
        )
    whole = bool(np.all(flat == np.round(flat)))
    shown = array.astype(np.int64) if whole else array
    if len(str(shown.tolist())) <= _WIDTH - len(before):
        return f"np.array({shown.tolist()})"
    text = np.array2string(
        shown, separator=", ", threshold=1_000_000, max_line_width=_WIDTH,
        prefix=f"{before}np.array(",
    )  # fmt: skip
    text = _BLANK_LINES.sub("\n", text)
    return f"np.array({text})"


def _expected(name: str, array: np.ndarray) -> Iterator[str]:
    """What comes out; of a matrix that is told in part, the columns that are."""
    if not np.isnan(array).any():
        yield _assigned(name, array)
        return
    yield f"# {name}: {array.shape}"
    for i in np.flatnonzero(~np.isnan(array).any(axis=0)):
        column = ", ".join(f"{v:g}" for v in array[:, i])
        yield f"# {name}[:, {i}]: [{column}]"
