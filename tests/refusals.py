"""What every refusal of a spec or a policy has: the right place, a suggestion, and nothing executed."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import Any

# What tells the author what to write instead, or what stands in the way.
SUGGESTS = re.compile(
    r"did you mean|expected|there is |there are only|the nearest are|its facets are|it has |"
    r"is missing|needs |is none of|at most|rounds down|are allowed|does not allow|leave it out|"
    r"widen|twice|is also|before itself|extends itself|by way of|belongs|kinds that have|"
    r"looked at by a person|takes no|names an axis that is not in|but \w+ has|has shape .* but|gives|"
    r"can't be called with|says nothing of|is no facet of|aliases that multiply|too deeply nested|"
    r"can't be graded|no valid YAML|of different lengths|not allowed|and no other"
)
_PLACE = re.compile(r"\.yaml, line (\d+)(?:, key ([^:]+))?: ")
_EVENTS = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect",
           "exec", "import", "os.remove", "os.rename", "os.mkdir", "shutil.rmtree")  # fmt: skip
_seen: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    if event in _EVENTS:
        _seen.append(f"{event} {arguments!r}"[:200])
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        _seen.append(f"writes {arguments[0]!r}")


sys.addaudithook(_hook)


@contextlib.contextmanager
def nothing_executed() -> Iterator[None]:
    """Fails if code is executed or imported, a program started, or a file written inside."""
    global _seen
    _seen = []
    try:
        yield
    finally:
        found, _seen = _seen, None
    assert found == [], found


def told_well(message: str, before: str, after: str) -> tuple[int, str]:
    """Line and key of a refusal, after a look at whether they are right.

    The line is where the text was changed, or where the key that is named stands.
    """
    assert "\n" not in message
    assert len(message) < 1000, "nobody reads this"
    place = _PLACE.search(message)
    assert place is not None, f"no file and line: {message}"
    line, key = int(place.group(1)), place.group(2) or ""
    assert SUGGESTS.search(message[place.end() :]), f"no suggestion: {message}"
    if not before:  # all of it is new; whoever asks knows the line
        return line, key
    old, new = before.splitlines(), after.splitlines()
    changed = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False), 1) if a != b), len(old)
    )
    words = [w for w in key.split(".") if not w.isdigit()]
    there = new[min(line, len(new)) - 1]
    stands = bool(words) and words[-1] in there
    # A part that is written over several lines begins where its own key stands.
    begun = bool(words) and any(w in there for w in words) and line <= changed
    assert line == changed or stands or begun or not key, f"line {line}, not {changed}: {message}"
    return line, key
