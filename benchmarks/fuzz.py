"""Mutated notebooks for the reader and mutated replies for the wire: refused or read, never worse.

    python benchmarks/fuzz.py [--notebooks 100000] [--replies 100000] [--seed 0]

A notebook must be read or refused with a `SubmissionError`, and what is read must go through
sprint detection, definitions and call sites. A reply must be decoded or refused with a
`WireError`, and a decoded one must become an `Outcome`. Anything else, or more than
`SLOWEST` seconds for one input, is printed with the input and ends the run with status 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # beside this file lies a reference.py of another kind


SLOWEST = 5.0
