"""A spec file: its data with the line of each key, and its validation against the schema."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from graders import own
from graders.errors import SpecError
from graders.specs.saying import what_is_wrong

__all__ = ["BUILTIN", "Document", "valid", "validate"]

BUILTIN = Path(own.folder_of("specs"))


# ten times as fast, where PyYAML was built with libyaml
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = yaml.constructor.SafeConstructor()
MAX_BYTES = 2**20
MAX_DEPTH = 20
MAX_VALUES = 20_000  # the longest spec of ours has 700; aliases that multiply have billions


class Document:
    """A YAML file: its data and the line of each key. A stranger's may have no `aliases`; `times` stay text,
    where a file may have any.
    """

    def __init__(self, file: Path, aliases: bool = True, times: bool = False) -> None:
        self.file = file
        self._aliases, self._times = aliases, times
        self.prefix: tuple[str | int, ...] = ()
        self._values = 0
        try:
            if file.stat().st_size > MAX_BYTES:
                raise SpecError(f"{file}: larger than {MAX_BYTES // 2**20} MB")
            text = file.read_text(encoding="utf-8")
            self._check_depth(text)
            node = yaml.compose(text, Loader=_LOADER)
        except OSError as error:
            raise SpecError(f"{file}: can't be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SpecError(f"{file}: not UTF-8 text") from error
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            line = f", line {mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or "too deeply nested"
            if isinstance(error, yaml.reader.ReaderError):
                line = f", line {text[: error.position].count(chr(10)) + 1}"
                problem = f"the character {error.character!r} is not allowed"
            raise SpecError(f"{file}{line}: no valid YAML: {problem}") from error
        self.lines: dict[tuple[str | int, ...], int] = {}
        data = self._data(node, ()) if node is not None else None
        if not isinstance(data, dict):
            line = f", line {node.start_mark.line + 1}" if node is not None else ""
            found = "a list" if isinstance(data, list) else "text" if data else "nothing"
            raise SpecError(f"{file}{line}: is {found}; expected keys and values (key: value)")
        self.data: dict[str, Any] = data

    def _check_depth(self, text: str) -> None:
        """Refuse deep nesting before anything recurs over it: libyaml would crash."""
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) and not self._aliases:
                at = event.start_mark
                line = at.line + 1 if at else 1
                raise SpecError(
                    f"{self.file}, line {line}: an alias (*{event.anchor}); write it out"
                )
            if depth > MAX_DEPTH:
                at = event.start_mark
                line = at.line + 1 if at else 1
                raise SpecError(f"{self.file}, line {line}: too deeply nested")

    def _data(self, node: yaml.Node, path: tuple[str | int, ...], depth: int = 0) -> Any:
        if depth > MAX_DEPTH:  # by way of aliases
            raise SpecError(f"{self.file}, line {node.start_mark.line + 1}: too deeply nested")
        self._values += 1
        if self._values > MAX_VALUES:
            raise SpecError(
                f"{self.file}, line {node.start_mark.line + 1}: more than {MAX_VALUES} values "
                "(aliases that multiply?)"
            )
        self.lines.setdefault(path, node.start_mark.line + 1)
        if self._times and node.tag == _TIME:
            return str(node.value)
        if node.tag not in _TAGS:
            line = node.start_mark.line + 1
            raise SpecError(
                f"{self.file}, line {line}: the tag {node.tag!r} is not allowed; expected plain text, numbers, lists and keys"
            )
        if isinstance(node, yaml.MappingNode):
            data: dict[str, Any] = {}
            for key_node, value_node in node.value:
                line = key_node.start_mark.line + 1
                if not isinstance(key_node, yaml.ScalarNode):
                    raise SpecError(
                        f"{self.file}, line {line}: a list or mapping as a key; expected a word"
                    )
                key = str(key_node.value)
                if key in data:
                    raise SpecError(f"{self.file}, line {line}: the key {key!r} stands here twice")
                self.lines[(*path, key)] = line
                data[key] = self._data(value_node, (*path, key), depth + 1)
            return data
        if isinstance(node, yaml.SequenceNode):
            return [self._data(n, (*path, i), depth + 1) for i, n in enumerate(node.value)]
        try:
            return _SCALARS.construct_object(node)
        except (ValueError, KeyError, yaml.YAMLError) as error:
            line = node.start_mark.line + 1
            raise SpecError(
                f"{self.file}, line {line}: {node.value!r} does not fit its tag {node.tag!r}; leave it out"
            ) from error

    def within(self, *prefix: str | int) -> Document:
        """The same file, for what is built of a part of it: paths start at the part."""
        part = copy.copy(self)
        part.prefix = (*self.prefix, *prefix)
        return part

    def _way(self, path: Iterable[str | int]) -> tuple[str | int, ...]:
        """A path from the top; what the part does not have stands at the top itself."""
        way = tuple(path)
        inner = (*self.prefix, *way)
        return inner if not way or (*self.prefix, way[0]) in self.lines else way

    def line(self, path: Iterable[str | int]) -> int:
        """The line of the nearest key on the path."""
        way = self._way(path)
        while way and way not in self.lines:
            way = way[:-1]
        return self.lines.get(way, 1)

    def error(self, path: Iterable[str | int], problem: str) -> SpecError:
        """An error that names file, line and key."""
        path = tuple(path)
        way = self._way(path)
        key = ".".join(str(p) for p in way)
        at = f", key {key}" if key else ""
        return SpecError(f"{self.file}, line {self.line(path)}{at}: {problem}")


_TIME = "tag:yaml.org,2002:timestamp"
_TAGS = frozenset(f"tag:yaml.org,2002:{t}" for t in "str int float bool null map seq".split())


@functools.cache
def _schema(part: str) -> dict[str, Any]:
    whole = json.loads((BUILTIN / "spec.schema.json").read_text(encoding="utf-8"))
    return {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]}


def valid(file: Path, part: str) -> Document:
    """A file that fits a part of the schema. What has the same content is read once in a process: a
    front-end, its engine and each course ask for the same ones. What it holds is not to be changed.

    Raises:
        SpecError: it is not valid; the message has file, line, key and what was expected.
    """
    try:
        content = file.read_bytes() if file.stat().st_size <= MAX_BYTES else b""
    except OSError:
        content = b""
    read = _read(part, content)
    if not read:
        document = Document(file)
        validate(document, part)
        read.append(document)
    if read[0].file == file:
        return read[0]
    same = copy.copy(read[0])
    same.file = file
    return same


@functools.lru_cache(256)
def _read(part: str, content: bytes) -> list[Document]:
    """Where what is read of a content is kept: a copy of a file is read no more than the file."""
    return []


def validate(document: Document, part: str) -> None:
    """Hold a file against a part of the schema.

    Raises:
        SpecError: it is not valid; the message has file, line, key and what was expected.
    """
    _held(document, _validator(part), _schema(part), document.data, ())


@functools.cache
def _validator(part: str) -> jsonschema_rs.Draft202012Validator:
    """A part's rules, compiled once in a process: that takes longer than to hold a file against them."""
    return jsonschema_rs.Draft202012Validator(_schema(part))


def validate_with(
    document: Document,
    schema: dict[str, Any],
    data: Any,
    prefix: tuple[str | int, ...] = (),
) -> None:
    """Refuse data that a schema does not allow; `prefix` is where it stands in the document.

    Raises:
        SpecError: with file, line, key and what was expected.
    """
    _held(document, jsonschema_rs.Draft202012Validator(schema), schema, data, prefix)


def _held(
    document: Document,
    rules: jsonschema_rs.Draft202012Validator,
    schema: dict[str, Any],
    data: Any,
    prefix: tuple[str | int, ...],
) -> None:
    """Hold data against compiled rules; what is wrong is told by the schema that they were made of."""
    try:
        if rules.is_valid(data):
            return
    except ValueError:  # keys that are no strings: what is wrong is told below
        pass
    import jsonschema  # it says what is wrong; nearly all files are right, and need none of it

    wrong = what_is_wrong(jsonschema.Draft202012Validator(schema).iter_errors(data))
    if wrong is not None:
        path, said = wrong
        raise document.error((*prefix, *path), said)
