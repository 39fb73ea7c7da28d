"""What every benchmark says of the machine, and of many measurements."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence

import numpy as np


def described() -> dict[str, object]:
    """The machine as a reader of a figure needs to know it; nothing that names its owner."""
    return {
        "platform": platform.platform(terse=True),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def medians(samples: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The median of each."""
    return {name: statistics.median(values) for name, values in samples.items()}
