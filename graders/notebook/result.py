"""What `%check` returns: a verdict to look at, and to go on with in code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Result:
    """The verdict on one item, or on all that were asked for.

    passed: True if everything that is required is right.
    score, max_score: points.
    facets: what became of each part, by its name: passed, failed, error or skipped; of several
        items by "item/part".
    items: the results of the items, by id.
    report: the whole report as plain data, as ``--report`` writes it.
    """

    def __init__(
        self, data: Mapping[str, Any], text: str = "", html: str = "",
        run: Callable[[], int] | None = None,
    ) -> None:  # fmt: skip
        self.item: str | None = data["item"]
        self.status: str = data["status"]
        self.passed: bool = data["passed"]
        self.score: float = data["score"]
        self.max_score: float = data["max_score"]
        self.facets: dict[str, str] = dict(data["facets"])
        self.items: dict[str, Result] = {d["item"]: Result(d) for d in data["items"]}
        self.report: dict[str, Any] = data["report"]
        self._text, self._html = text, html
        self._run = run
        self._shown_in = run() if run is not None else -1  # by the magic itself

    def __repr__(self) -> str:
        what = f"{self.item}: " if self.item else ""
        return f"<{what}{self.status}, {self.score:g} of {self.max_score:g} points>"

    def _repr_html_(self) -> str | None:
        return self._html or None

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self._text if self._text and not cycle else repr(self))

    def bundle(self) -> dict[str, str]:
        """What a front-end shows, by MIME type."""
        shown = {"text/plain": self._text or repr(self)}
        if self._html:
            shown["text/html"] = self._html
        return shown

    def _ipython_display_(self) -> None:
        if self._run is not None and self._run() == self._shown_in:
            return  # the value of the cell that asked for it: it stands there already
        from IPython.display import display

        display(self.bundle(), raw=True)
