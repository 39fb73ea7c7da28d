"""Mutated notebooks for the reader and mutated replies for the wire: refused or read, never worse.

    python benchmarks/fuzz.py [--notebooks 100000] [--replies 100000] [--seed 0]

A notebook must be read or refused with a `SubmissionError`, and what is read must go through
sprint detection, definitions and call sites. A reply must be decoded or refused with a
`WireError`, and a decoded one must become an `Outcome`. Anything else, or more than
`SLOWEST` seconds for one input, is printed with the input and ends the run with status 1.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # beside this file lies a reference.py of another kind

import numpy as np  # noqa: E402

from graders.binding.callsites import read_call_sites  # noqa: E402
from graders.binding.definitions import read_definitions  # noqa: E402
from graders.engine import detect_sprint  # noqa: E402
from graders.errors import SubmissionError  # noqa: E402
from graders.sandbox.session import _error, _outcome, _strings  # noqa: E402
from graders.sandbox.sgworker import wire  # noqa: E402
from graders.specs import load_sprints  # noqa: E402
from graders.submission import read_submission  # noqa: E402

SLOWEST = 5.0
