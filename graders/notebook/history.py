"""What a kernel has run: IPython's history of this session, with what its events tell of each run."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

MAGICS = ("check", "hint", "problem", "solution")
_OURS = re.compile(
    r"(?:[\w., \t]+=[ \t]*)?%(?:" + "|".join(MAGICS) + r"|(?:re|un)?load_ext[ \t]+scratchgrade)\b"
)
_VSCODE = "vscode-notebook-cell"


class History:
    """The cells that were run in an IPython shell, in their order."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._names: dict[int, str] = {}
        self._failed: set[int] = set()

    def before(self, info: Any) -> None:
        """IPython's ``pre_run_cell``: the front-end's name of a cell, where it tells one."""
        number = self._shell.execution_count
        self._names.pop(number, None)  # after %reset numbers begin again
        self._failed.discard(number)
        name = getattr(info, "cell_id", None)
        if isinstance(name, str):
            self._names[number] = name

    def after(self, result: Any) -> None:
        """IPython's ``post_run_cell``: whether it came through."""
        if not result.success and isinstance(result.execution_count, int):
            self._failed.add(result.execution_count)

    def runs(self) -> list[dict[str, Any]]:
        """All runs but those that have nothing in them but ours."""
        sources = list(self._shell.history_manager.input_hist_raw)
        return [
            {"prompt": number, "source": source, "id": self._names.get(number, ""),
             "failed": number in self._failed}
            for number, source in enumerate(sources)
            if not _is_ours(source)
        ]  # fmt: skip

    def notebook(self) -> str:
        """The path of the notebook's file, where a front-end tells it; "" elsewhere."""
        told = self._shell.user_ns.get("__vsc_ipynb_file__")
        for name in reversed(self._names.values()):
            parts = urlsplit(name)
            if parts.scheme == _VSCODE and not isinstance(told, str):
                told = unquote(parts.path)
        for path in (told, os.environ.get("JPY_SESSION_NAME")):
            if isinstance(path, str) and path.endswith(".ipynb") and Path(path).is_file():
                return str(Path(path).absolute())
        return ""


def _is_ours(source: str) -> bool:
    """True for a cell that asks us something and does nothing else."""
    lines = [line.strip() for line in source.splitlines()]
    said = [line for line in lines if line and not line.startswith("#")]
    return all(_OURS.match(line) for line in said)
