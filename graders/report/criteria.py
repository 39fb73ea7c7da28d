"""The criteria of a rubric that are met, as a student reads them."""

from __future__ import annotations

from typing import Any

from graders.messages import Language, M, clean

BY_HAND = M("by hand")
_MOST = 500


def criteria_said(mark: dict[str, Any], language: Language) -> list[str]:
    """A line for each criterion of a report's mark, with what it changes the points by; none where no rubric
    was applied.
    """
    lines = []
    for one in mark.get("criteria", ()):
        text = (one["ja"] or one["en"]) if language == "ja" else (one["en"] or one["ja"])
        lines.append(f"{signed(one['points'])} {clean(text, _MOST)}")
    if mark.get("adjusted"):
        lines.append(f"{signed(mark['adjusted'])} {BY_HAND.in_language(language)}")
    return lines


def signed(points: float) -> str:
    """Points with their sign."""
    return f"{points:+g}" if points else "±0"
