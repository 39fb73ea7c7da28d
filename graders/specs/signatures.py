"""A canonical signature in its parts: a class with its methods, or functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graders.specs.model import ItemSpec

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(([^()]*)\)\s*(?:->\s*(.+?))?\s*", re.DOTALL)


@dataclass(frozen=True)
class Call:
    """A class, method or function: its parameters as they are written, and what it gives."""

    name: str
    parameters: tuple[tuple[str, str], ...]  # name, default ("" for none)
    gives: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(name for name, _ in self.parameters)

    def head(self, *before: str) -> str:
        """``name(parameters)``; what stands `before` them is put in."""
        return f"{self.name}({self.listed(*before)})"

    def listed(self, *before: str) -> str:
        """The parameters as they stand in a definition; those with a default come last."""
        ordered = sorted(self.parameters, key=lambda p: bool(p[1]))
        return ", ".join([*before, *(f"{n}={d}" if d else n for n, d in ordered)])


@dataclass(frozen=True)
class Signature:
    """``FC(n_nodes1, n_nodes2); forward(X); backward(dA) -> dZ; dW, dB`` in its parts.

    `calls` are the class and its methods, or functions; `kept` are attributes that are there in the end.
    """

    calls: tuple[Call, ...]
    kept: tuple[str, ...] = ()

    @property
    def is_class(self) -> bool:
        """True for a class: its name begins with a capital letter."""
        return self.calls[0].name.lstrip("_")[:1].isupper()

    @property
    def name(self) -> str:
        """The name of the class, or of the first function."""
        return self.calls[0].name

    def method(self, name: str) -> Call | None:
        """The method, or function, with that name."""
        return next((c for c in self.calls[1:] if c.name == name), None)


def read_signature(text: str) -> Signature | None:
    """The parts of a signature; None for a text that is none (``142x142x6 and 168``)."""
    calls: list[Call] = []
    kept: list[str] = []
    for part in filter(str.strip, text.split(";")):
        match = _CALL.fullmatch(part)
        if match is not None:
            pairs = [p.partition("=") for p in match[2].split(",") if p.strip()]
            parameters = tuple((n.strip(), d.strip()) for n, _, d in pairs)
            if not all(n.isidentifier() for n, _ in parameters):
                return None
            calls.append(Call(match[1], parameters, (match[3] or "").strip()))
            continue
        names = [n.strip() for n in part.split(",")]
        if not calls or not all(n.isidentifier() for n in names):
            return None
        kept += names
    return Signature(tuple(calls), tuple(kept)) if calls else None


def signature_of(spec: ItemSpec) -> Signature | None:
    """The signature of what students fill in; None where the spec has none."""
    return read_signature(spec.handout.template or spec.canonical)
