"""Sentences for students: a message id in English, its parameters, and gettext catalogues.

Rooms below the report build `Message` objects and know no language; the report renders them.
Parameters may hold student-controlled text: it is cut and stripped of control characters here,
and never formatted with code of the student's.
"""

from __future__ import annotations

import gettext
import os
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from graders import own

Language = Literal["ja", "en"]
_PARAMETER = re.compile(r"\{(\w+)\}")
_LIMIT = 400
# What CI runners obey, wherever in a line: ``::error file=...::``, ``##[group]``, ``##vso[...]``.
_LEADING = ("::", "##[", "##vso[")
_COMMANDS = re.compile(r"::(?=[A-Za-z][\w-]{0,40}(?: [^:]{0,400})?::)|##(?=\w{0,40}\[)")


def clean(value: object, limit: int = _LIMIT) -> str:
    """One line of plain text: no control characters, no workflow commands, not too long."""
    text = str(value) if isinstance(value, str | int | float | Message) else repr(value)
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: limit * 4])
    text = re.sub(r"\s+", " ", text).strip()
    while text.startswith(_LEADING):
        text = text[2:].lstrip()
    text = _COMMANDS.sub(lambda m: f"{m.group()[0]} {m.group()[1]}", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def language_here() -> Language:
    """The language of the environment."""
    return "ja" if os.environ.get("LANG", "").startswith("ja") else "en"


@runtime_checkable
class Bilingual(Protocol):
    """What says itself in each language: a `Message`, or a ready text such as `specs.Text`."""

    def in_language(self, language: Language, /) -> str:
        """The text in that language."""
        ...


@dataclass(frozen=True)
class Message:
    """A sentence with its parameters; `str()` gives it in English.

    `ja` is its Japanese where no catalogue of ours has it: a plugin brings both.
    """

    id: str
    parameters: dict[str, Any] = field(default_factory=dict)
    ja: str = ""

    def in_language(self, language: Language) -> str:
        """The sentence in that language; a parameter may itself be bilingual."""
        text = translation(language).gettext(self.id) if self.id else ""
        if language == "ja" and self.ja:
            text = self.ja

        def fill(match: re.Match[str]) -> str:
            value = self.parameters.get(match.group(1), match.group(0))
            if isinstance(value, Message):
                return value.in_language(language)  # its own parameters are cleaned
            if isinstance(value, Bilingual):
                return clean(value.in_language(language))
            return clean(value)

        return _PARAMETER.sub(fill, text)

    def __str__(self) -> str:
        return self.in_language("en")


def M(text: str, /, **parameters: Any) -> Message:
    """A message. `text` is what Babel extracts, with {parameters}."""
    return Message(text, parameters)


def both(en: str, ja: str, /, **parameters: Any) -> Message:
    """A message that brings its own Japanese; both texts have the same {parameters}."""
    return Message(en, parameters, ja)


_translations: dict[str, gettext.NullTranslations] = {}


def translation(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language; English is the language of the ids."""
    if language not in _translations:
        folder = os.path.join(own.folder_of("graders"), "locale")
        _translations[language] = gettext.translation(
            "scratchgrade", folder, [language], fallback=True
        )
    return _translations[language]
