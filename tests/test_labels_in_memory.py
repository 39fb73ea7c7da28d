"""The labels of the digits that are asked for are nowhere in the memory of the student's process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graders.data import digits
from tests.test_proved_networks import judged
from tests.test_training_step import LAYERS, NETWORK

# Differences of neighbouring bytes are looked for: what is looked for is no place where it is found,
# and neither is what the search itself leaves behind.
LOOK = '''
import ctypes, os


def copied(begin, end):
    """The bytes between two addresses; what is not there any more is left out."""
    reader, writer = os.pipe()
    parts = []
    for at in range(begin, end, 1 << 16):
        size = min(1 << 16, end - at)
        try:
            parts.append(os.read(reader, os.write(writer, (ctypes.c_uint8 * size).from_address(at))))
        except OSError:  # EFAULT, where a look of our own would end the process
            pass
    os.close(reader)
    os.close(writer)
    return b"".join(parts)


def places(patterns):
    """The names of the patterns that stand in this process's memory, whatever is added to each byte."""
    found = set()
    with open("/proc/self/maps") as maps:
        lines = maps.read().splitlines()
    for line in lines:
        span, rights = line.split()[:2]
        begin, end = (int(part, 16) for part in span.split("-"))
        if rights.startswith("rw"):
            steps = np.diff(np.frombuffer(copied(begin, end), np.uint8)).tobytes()
            found |= {name for name, pattern in patterns.items() if bytes(pattern) in steps}
    return found


WRITTEN = bytes(n * n % 251 for n in range(60))
PATTERNS = {patterns}
'''
ASKED = "    def predict(self, X):\n"
LOOKING = (
    ASKED
    + """        if len(X) >= 100:
            told = places(PATTERNS)
            if told != {"written"}:
                raise RuntimeError(f"in memory: {sorted(told)}")
"""
)


def patterns() -> dict[str, list[int]]:
    """The first labels as a process may keep them, and what the module itself has written."""
    labels = digits().held_out_labels[:60]
    ways = {name: labels.astype(name).tobytes() for name in ("uint8", "int32", "int64", "float64")}
    ways |= {
        "text": ", ".join(map(str, labels)).encode(),
        "digits": "".join(map(str, labels)).encode(),
    }
    ways["written"] = bytes(n * n % 251 for n in range(60))
    return {k: np.diff(np.frombuffer(v, np.uint8)).tolist() for k, v in ways.items()}


@pytest.mark.parametrize("told", [False, True])
def test_they_are_found_only_where_a_module_has_them(tmp_path: Path, told: bool) -> None:
    assert ASKED in NETWORK
    source = LAYERS + LOOK.replace("{patterns}", repr(patterns())) + NETWORK.replace(ASKED, LOOKING)
    if told:  # as if they had been sent
        labels = digits().held_out_labels[:200].tolist()
        source += f"\nTOLD = np.array({[n + 7 for n in labels]}, np.int64) - 7\n"
    result = judged(tmp_path / "work.py", source, 20.0)  # to look through all memory takes long
    if told:
        assert result.status == "error", result.message
        assert "in memory: ['int64', 'written']" in str(result.message)
    else:
        assert result.status == "passed", result.message
